//! `cargo xtask demo`: from a fresh checkout to a running kiosk.

use std::{
    env,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Deserialize;

use crate::{
    fetch, packages,
    places::Places,
    run::{WORKSPACE, cargo, program, run, step},
    screens,
    stamp::Stamped,
};

/// The member of staff of the demonstration.
const STAFF: &str = "7";
/// Their PIN. It opens the demonstration's database and nothing else.
const PIN: &str = "246810";
/// The photograph on the visitor's badge, and the one that the replayed camera sees.
pub(crate) const REFERENCE: &str = "obama.jpg";
const SEEN: &str = "obama2.jpg";

/// How the demonstration is run.
#[derive(Args)]
pub(crate) struct Options {
    /// Walk the visits by `WebDriver` even where there is a display.
    #[arg(long)]
    headless: bool,
    /// Replay frames even where there is a camera.
    #[arg(long)]
    replay: bool,
}

/// Prepares everything and starts the kiosk.
pub(crate) fn demo(places: &Places, options: &Options) -> Result<()> {
    packages::setup()?;
    fetch::fetch(places)?;
    screens::install(places)?;
    screens::build(places)?;
    let display = env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some();
    let walk = options.headless || !display;
    build(places, "debug", &[])?;
    let kiosk = Prepared::provide(places, "debug")?;
    if walk {
        return step("walking the visits", || {
            let out = places.output().join("demo");
            let arguments = ["--staff", STAFF, "--pin", PIN];
            run(kiosk.walkthrough(places, "demo", &out).args(arguments))?;
            println!("\nPictures of every screen are in {}", out.display());
            Ok(())
        });
    }
    kiosk.open(places, has_camera() && !options.replay)
}

/// Builds the kiosk, what drives it, and some examples. Always with the features of the whole
/// workspace: for fewer packages cargo would choose other features of their dependencies
/// and build those a second time.
pub(crate) fn build(places: &Places, profile: &str, examples: &[&str]) -> Result<()> {
    step("the app (a first build takes some minutes)", || {
        let mut command = cargo(places);
        command.arg("build").args(WORKSPACE);
        command.args(["--bin", "postern", "--bin", "walkthrough"]);
        command.args(examples.iter().flat_map(|example| ["--example", *example]));
        if profile == "release" {
            command.arg("--release");
        }
        run(&mut command)
    })
}

/// A kiosk with the sample roster and a member of staff, whose badges nobody has used.
pub(crate) struct Prepared {
    binary: PathBuf,
    folder: PathBuf,
}

impl Prepared {
    /// Makes it, unless nothing has changed since it was last made.
    pub(crate) fn provide(places: &Places, profile: &str) -> Result<Prepared> {
        let binary = places.program(profile, "postern");
        let folder = places.output().join("demo/prepared");
        let kiosk = Prepared { binary, folder };
        step("the sample roster", || {
            let stamped = Stamped {
                name: "sample-roster",
                inputs: vec![
                    roster_folder(places),
                    policy_folder(places),
                    places.pictures(),
                    places.models(),
                    kiosk.binary.clone(),
                ],
                without: &[],
                salt: format!("{STAFF} {PIN}"),
                outputs: vec![kiosk.folder.clone()],
            };
            stamped.unless_current(places, || kiosk.make(places))?;
            Ok(())
        })?;
        Ok(kiosk)
    }

    /// As an organiser and a technician would: key, bundle, import, staff.
    fn make(&self, places: &Places) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).context("removing the old kiosk")?;
        }
        fs::create_dir_all(&self.folder)?;
        let (key, bundle) = (self.folder.join("organiser.key"), self.folder.join("roster.bundle"));
        run(self.postern(places).arg("keygen").arg("--out").arg(&key).stdout(Stdio::null()))?;
        let public = fs::read_to_string(self.folder.join("organiser.key.pub"))
            .context("reading the public key")?;
        run(self
            .postern(places)
            .arg("bundle")
            .arg("--csv")
            .arg(attendees(places))
            .arg("--photos")
            .arg(places.pictures())
            .arg("--policy")
            .arg(policy_folder(places))
            .arg("--key")
            .arg(&key)
            .arg("--out")
            .arg(&bundle))?;
        write_config(
            &self.config(),
            &self.folder.join("data"),
            places,
            public.trim(),
            Camera::Device,
        )?;
        run(self.postern(places).arg("import").arg(&bundle))?;
        let mut command = self.postern(places);
        command.args(["staff", "add", "--number", STAFF, "--role", "supervisor"]);
        let mut child = command.stdin(Stdio::piped()).spawn().context("adding staff")?;
        child.stdin.take().context("no input pipe")?.write_all(PIN.as_bytes())?;
        ensure!(child.wait()?.success(), "the member of staff was not added");
        Ok(())
    }

    fn config(&self) -> PathBuf {
        self.folder.join("kiosk.toml")
    }

    fn postern(&self, places: &Places) -> Command {
        let mut command = program(&self.binary, &places.root);
        command.env("POSTERN_CONFIG", self.config()).env("POSTERN_MODELS", places.models());
        command
    }

    /// The program that drives the window, built beside the kiosk.
    fn driver(&self) -> PathBuf {
        self.binary.with_file_name(format!("walkthrough{}", env::consts::EXE_SUFFIX))
    }

    /// Makes a replay camera that sees the visitor.
    pub(crate) fn replay(&self, places: &Places, folder: &Path) -> Result<()> {
        let mut command = program(self.driver(), &places.root);
        run(command.arg("replay").arg(places.pictures().join(SEEN)).arg(folder))
    }

    /// `walkthrough TASK` for this kiosk.
    pub(crate) fn walkthrough(&self, places: &Places, task: &str, out: &Path) -> Command {
        let mut command = program(self.driver(), &places.root);
        command.arg(task);
        for (option, path) in [
            ("--binary", self.binary.as_path()),
            ("--config", &self.config()),
            ("--roster", &attendees(places)),
            ("--pictures", &places.pictures()),
            ("--out", out),
        ] {
            command.arg(option).arg(path);
        }
        command
    }

    /// Opens a copy of the kiosk on this display, so that each demonstration starts with unused
    /// badges.
    fn open(&self, places: &Places, camera: bool) -> Result<()> {
        let folder = places.output().join("demo/kiosk");
        let data = folder.join("data");
        if folder.exists() {
            fs::remove_dir_all(&folder).context("removing the last kiosk")?;
        }
        fs::create_dir_all(&data)?;
        for entry in fs::read_dir(self.folder.join("data"))? {
            let entry = entry?;
            fs::copy(entry.path(), data.join(entry.file_name()))?;
        }
        let replay = folder.join("camera");
        self.replay(places, &replay)?;
        let public = fs::read_to_string(self.folder.join("organiser.key.pub"))?;
        let config = folder.join("kiosk.toml");
        let choice = if camera { Camera::Device } else { Camera::Replay(&replay) };
        write_config(&config, &data, places, public.trim(), choice)?;
        explain(places, camera)?;
        let mut command = program(&self.binary, &places.root);
        // Without a GPU, software compositing costs more than the kiosk itself.
        if !Path::new("/dev/dri").exists() {
            command.env("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
        }
        step(
            "the kiosk (close the window to end it)",
            || run(command.env("POSTERN_CONFIG", config)),
        )
    }
}

/// Where frames come from.
#[derive(Clone, Copy)]
enum Camera<'a> {
    /// The camera of this machine.
    Device,
    /// A folder of pictures.
    Replay(&'a Path),
}

/// The kiosk's configuration file.
#[derive(serde::Serialize)]
struct Config<'a> {
    data_dir: &'a Path,
    models_dir: PathBuf,
    trusted_keys: [&'a str; 1],
    demonstration: bool,
    camera: CameraTable<'a>,
    window: WindowTable,
}

#[derive(serde::Serialize)]
struct CameraTable<'a> {
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Path>,
}

#[derive(serde::Serialize)]
struct WindowTable {
    fullscreen: bool,
}

fn write_config(
    file: &Path,
    data: &Path,
    places: &Places,
    public: &str,
    camera: Camera<'_>,
) -> Result<()> {
    let table = match camera {
        Camera::Device => CameraTable { source: "device", path: None },
        Camera::Replay(path) => CameraTable { source: "replay", path: Some(path) },
    };
    let config = Config {
        data_dir: data,
        models_dir: places.models(),
        trusted_keys: [public],
        // The sample roster is no real event, and the screens say so.
        demonstration: true,
        camera: table,
        window: WindowTable { fullscreen: matches!(camera, Camera::Device) },
    };
    fs::write(file, toml::to_string(&config)?)
        .with_context(|| format!("writing {}", file.display()))
}

/// Says which badges there are to try.
fn explain(places: &Places, camera: bool) -> Result<()> {
    println!("\nType a code with Enter as a scanner would, or on the pad of the screen:");
    for badge in badges(&attendees(places))? {
        let expected = match (badge.photo.as_str(), camera) {
            (_, true) => "the camera decides: whoever is not on the photo is sent to staff",
            (REFERENCE, false) => "the person in the replayed frames: admitted",
            _ => "someone else: sent to staff",
        };
        println!("  {:<24} photo {:<16} {expected}", badge.code, badge.photo);
    }
    println!("Staff sign in with number {STAFF} and PIN {PIN}.\n");
    Ok(())
}

/// A line of the sample roster, as far as it is shown.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Badge {
    code: String,
    photo: String,
}

/// The badges with a photo; those without stand for what goes wrong (expired, blocked, …).
fn badges(csv: &Path) -> Result<Vec<Badge>> {
    let file = File::open(csv).with_context(|| format!("opening {}", csv.display()))?;
    let mut lines = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let badges: Result<Vec<Badge>, csv::Error> = lines.deserialize().collect();
    let mut badges = badges.with_context(|| format!("in {}", csv.display()))?;
    badges.retain(|badge| !badge.photo.is_empty());
    Ok(badges)
}

fn roster_folder(places: &Places) -> PathBuf {
    places.root.join("assets/roster")
}

fn attendees(places: &Places) -> PathBuf {
    roster_folder(places).join("attendees.csv")
}

pub(crate) fn policy_folder(places: &Places) -> PathBuf {
    places.root.join("assets/policy/ciie-sample")
}

/// On systems other than Linux the kiosk itself finds out.
fn has_camera() -> bool {
    !cfg!(target_os = "linux")
        || fs::read_dir("/dev").is_ok_and(|mut devices| {
            devices.any(|device| {
                device.is_ok_and(|device| device.file_name().to_string_lossy().starts_with("video"))
            })
        })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_what_the_kiosk_reads() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kiosk.toml");
        let places = Places { root: "/r".into(), cache: "/c".into(), target: "/t".into() };
        write_config(&file, Path::new("/d"), &places, "ab", Camera::Replay(Path::new("/f")))
            .unwrap();
        let config: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        assert_eq!(config["data_dir"].as_str(), Some("/d"));
        assert_eq!(config["models_dir"].as_str(), Some("/c/models"));
        assert_eq!(config["trusted_keys"][0].as_str(), Some("ab"));
        assert_eq!(config["demonstration"].as_bool(), Some(true));
        assert_eq!(config["camera"]["source"].as_str(), Some("replay"));
        assert_eq!(config["camera"]["path"].as_str(), Some("/f"));
        write_config(&file, Path::new("/d"), &places, "ab", Camera::Device).unwrap();
        let config: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        assert_eq!(config["camera"].as_table().unwrap().len(), 1);
        assert_eq!(config["window"]["fullscreen"].as_bool(), Some(true));
    }

    #[test]
    fn the_sample_roster_has_badges_of_the_replayed_person_and_of_someone_else() {
        let badges = badges(&attendees(&Places::find().unwrap())).unwrap();
        let replayed = badges.iter().filter(|badge| badge.photo == REFERENCE).count();
        assert!(replayed >= 2 && replayed < badges.len());
    }
}
