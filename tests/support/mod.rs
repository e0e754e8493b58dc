//! A kiosk in a temporary folder, made with the same commands that a technician uses.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The program under test.
pub(crate) const POSTERN: &str = env!("CARGO_BIN_EXE_postern");

/// Number and PIN of the supervisor who serves as the guard at every test kiosk.
pub(crate) const GUARD: (u32, &str) = (7, "246810");

/// Codes of the test roster. They are made up.
pub(crate) mod codes {
    /// Reference: the first picture of person A.
    pub(crate) const A: &str = "A7KD92MX40TRV8QE";
    /// Reference: the same picture, another badge.
    pub(crate) const A_AGAIN: &str = "B7KD92MX40TRV8QE";
    /// Reference: person B.
    pub(crate) const B: &str = "C7KD92MX40TRV8QE";
    /// Expired.
    pub(crate) const EXPIRED: &str = "D7KD92MX40TRV8QE";
    /// Valid from next year on.
    pub(crate) const EARLY: &str = "E7KD92MX40TRV8QE";
    /// Blocked.
    pub(crate) const BLOCKED: &str = "F7KD92MX40TRV8QE";
    /// Below 14.
    pub(crate) const CHILD: &str = "G7KD92MX40TRV8QE";
    /// The photo shows nobody.
    pub(crate) const NO_FACE: &str = "H7KD92MX40TRV8QE";
    /// The registration does not say how old the holder is.
    pub(crate) const AGELESS: &str = "J7KD92MX40TRV8QE";
    /// Lives in the European Economic Area.
    pub(crate) const EUROPE: &str = "K7KD92MX40TRV8QE";
    /// Not in the roster.
    pub(crate) const UNKNOWN: &str = "Z7KD92MX40TRV8QE";
}

/// A kiosk's folder with its configuration.
pub(crate) struct Kiosk {
    folder: PathBuf,
    _owned: Option<TempDir>,
}

/// What differs from kiosk to kiosk.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    /// Another folder of models.
    pub(crate) models: Option<&'a Path>,
    /// Lines for the configuration, after the camera's section.
    pub(crate) config: &'a str,
    /// What it sees with.
    pub(crate) camera: Camera,
    /// Seconds after which a silent window is replaced.
    pub(crate) window_silence: Option<u64>,
}

/// A kiosk's camera.
#[derive(Clone, Copy, Default)]
pub(crate) enum Camera {
    /// Recorded frames.
    #[default]
    Replay,
    /// The first one in the system.
    Device,
}

impl Kiosk {
    /// A kiosk with the test roster and one guard, replaying `picture`.
    pub(crate) fn new(picture: &str) -> Self {
        Self::with(picture, &Setup::default())
    }

    pub(crate) fn with(picture: &str, setup: &Setup<'_>) -> Self {
        let kiosk = Self::bare(setup);
        if matches!(setup.camera, Camera::Replay) {
            kiosk.replay(picture, "");
        }
        kiosk.staffed(&bundle())
    }

    /// With that roster and one guard.
    pub(crate) fn staffed(self, bundle: &Path) -> Self {
        expect_success(&self.run(["import".as_ref(), bundle.as_os_str()]));
        self.add_guard();
        self
    }

    /// A kiosk with a configuration and nothing else.
    pub(crate) fn bare(setup: &Setup<'_>) -> Self {
        let owned = tempfile::tempdir().unwrap();
        let kiosk = Self { folder: owned.path().to_owned(), _owned: Some(owned) };
        let key = fs::read_to_string(organiser_key().with_extension("key.pub")).unwrap();
        let (camera, silence_max) = match setup.camera {
            Camera::Replay => {
                (format!("source = 'replay'\npath = '{}'", kiosk.replay_folder().display()), 20)
            }
            // An emulated machine is slow.
            Camera::Device => ("source = 'device'\nsilence_max = 60".to_owned(), 120),
        };
        let silence_max = setup.window_silence.unwrap_or(silence_max);
        let config = format!(
            "data_dir = '{}'\nmodels_dir = '{}'\ntrusted_keys = ['{}']\ndemonstration = true\n\
             [window]\nfullscreen = false\nsilence_max = {silence_max}\n[camera]\n{camera}\n{}",
            kiosk.data_folder().display(),
            setup.models.map_or_else(models, Path::to_owned).display(),
            key.trim(),
            setup.config,
        );
        fs::write(kiosk.config(), config).unwrap();
        kiosk
    }

    /// A kiosk that was made before, elsewhere.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder, _owned: None }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn add_guard(&self) {
        let number = GUARD.0.to_string();
        let arguments = ["staff", "add", "--role", "supervisor", "--number", &number];
        expect_success(&self.run_typing(arguments, GUARD.1));
    }

    /// Adds a member of staff, by the word of the one who is there.
    pub(crate) fn add_staff(&self, role: &str, (number, pin): (u32, &str)) {
        let (number, by) = (number.to_string(), GUARD.0.to_string());
        let arguments = ["staff", "add", "--role", role, "--number", &number, "--by", &by];
        expect_success(&self.run_typing(arguments, &format!("{}\n{pin}\n", GUARD.1)));
    }

    /// The entries of its audit log. The kiosk must have ended.
    pub(crate) fn log(&self) -> Vec<audit::Entry> {
        let mut entries = Vec::new();
        let read = |line: &str| {
            entries.push(audit::Entry::read(line.as_bytes()).unwrap());
            Ok::<_, store::StoreError>(())
        };
        self.store().each_audit_line(read).unwrap();
        entries
    }

    /// Runs a technician's command that asks for something, with these lines for an answer.
    pub(crate) fn run_typing<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        typed: &str,
    ) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses before it asks does not read.
        child.stdin.take().unwrap().write_all(typed.as_bytes()).ok();
        child.wait_with_output().unwrap()
    }

    /// Replays a picture from now on; `more`: further lines of `replay.toml`.
    pub(crate) fn replay(&self, picture: &str, more: &str) {
        let source = if Path::new(picture).is_absolute() {
            PathBuf::from(picture)
        } else {
            pictures().join(picture)
        };
        let replay = walkthrough::replay::Replay::in_folder(&self.replay_folder()).unwrap();
        replay.show_with(&source, more).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("kiosk.toml")
    }

    pub(crate) fn data_folder(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn replay_folder(&self) -> PathBuf {
        self.folder.join("replay")
    }

    /// The kiosk's database, to look at what a visit left. The kiosk must have ended.
    pub(crate) fn store(&self) -> store::Store {
        store::Store::open_folder(&self.data_folder()).unwrap()
    }

    fn command<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(POSTERN);
        command.args(arguments).env("POSTERN_CONFIG", self.config());
        command
    }

    /// Runs a technician's command.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Output {
        self.command(arguments).output().unwrap()
    }
}

/// Runs the program without a kiosk.
pub(crate) fn postern<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    Command::new(POSTERN).args(arguments).env_remove("POSTERN_CONFIG").output().unwrap()
}

pub(crate) fn expect_success(output: &Output) {
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Standard error of a command that failed.
pub(crate) fn expect_refusal(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Folder of the model files.
pub(crate) fn models() -> PathBuf {
    cached("POSTERN_MODELS", "models")
}

/// Folder of an example of a venue's model.
pub(crate) fn example(name: &str) -> PathBuf {
    cached("POSTERN_EXAMPLES", "examples").join(name)
}

/// Folder of the demonstration pictures.
pub(crate) fn pictures() -> PathBuf {
    cached("POSTERN_PICTURES", "pictures")
}

fn cached(variable: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
        PathBuf::from,
    );
    cache.join("postern").join(name)
}

/// The sample policy pack.
pub(crate) fn policy() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("assets/policy/ciie-sample")
}

/// A folder for what all tests share; it goes with the test process's temporary folder.
fn shared() -> &'static Path {
    static SHARED: OnceLock<TempDir> = OnceLock::new();
    SHARED.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

/// The organiser's key of the test roster.
pub(crate) fn organiser_key() -> PathBuf {
    static KEY: OnceLock<PathBuf> = OnceLock::new();
    KEY.get_or_init(|| {
        let path = shared().join("organiser.key");
        expect_success(&postern(["keygen".as_ref(), "--out".as_ref(), path.as_os_str()]));
        path
    })
    .clone()
}

/// The test roster as a signed bundle.
pub(crate) fn bundle() -> PathBuf {
    static BUNDLE: OnceLock<PathBuf> = OnceLock::new();
    BUNDLE.get_or_init(|| bundle_with(&policy(), &shared().join("roster.bundle"))).clone()
}

/// The test roster as a signed bundle with that policy pack.
pub(crate) fn bundle_with(policy: &Path, out: &Path) -> PathBuf {
    let photos = photos();
    expect_success(&make_bundle_with(policy, &rows(), &photos, out));
    out.to_owned()
}

/// A kiosk with the roster of this list, whose photos are those of the test roster.
pub(crate) fn kiosk_of(setup: &Setup<'_>, csv: &str) -> Kiosk {
    let folder = tempfile::tempdir().unwrap();
    Kiosk::bare(setup).staffed(&bundle_of(csv, &folder.path().join("roster.bundle")))
}

/// The roster of this list as a signed bundle.
pub(crate) fn bundle_of(csv: &str, out: &Path) -> PathBuf {
    expect_success(&making_bundle_of(csv, out));
    out.to_owned()
}

/// Makes that bundle, and gives what the program says.
pub(crate) fn making_bundle_of(csv: &str, out: &Path) -> Output {
    make_bundle(csv, &photos(), out)
}

/// The photos of the test roster.
fn photos() -> PathBuf {
    static PHOTOS: OnceLock<PathBuf> = OnceLock::new();
    PHOTOS
        .get_or_init(|| {
            let photos = shared().join("photos");
            fs::create_dir(&photos).unwrap();
            for picture in ["obama.jpg", "biden.jpg"] {
                fs::copy(pictures().join(picture), photos.join(picture)).unwrap();
            }
            image::RgbImage::from_pixel(400, 500, image::Rgb([90, 120, 150]))
                .save(photos.join("wall.png"))
                .unwrap();
            photos
        })
        .clone()
}

/// Attendees of the test roster. Codes are written as printed on a badge.
fn rows() -> String {
    let code = |plain: &str| seal_code(plain);
    let mut csv = String::from("code,name,photo,valid_from,valid_until,blocked,under_14,eea\n");
    for (plain, name, photo, rest) in [
        (codes::A, "Visitor Alpha", "obama.jpg", ",,,no"),
        (codes::A_AGAIN, "Visitor Again", "obama.jpg", ",,,no"),
        (codes::B, "Visitor Beta", "biden.jpg", ",,,no"),
        (codes::EXPIRED, "Visitor Late", "obama.jpg", ",2025-01-01T00:00:00Z,,no"),
        (codes::EARLY, "Visitor Early", "obama.jpg", "2090-01-01T00:00:00Z,,,no"),
        (codes::BLOCKED, "Visitor Blocked", "obama.jpg", ",,yes,no"),
        (codes::CHILD, "Visitor Child", "obama.jpg", ",,,yes"),
        (codes::NO_FACE, "Visitor Wall", "wall.png", ",,,no"),
        (codes::AGELESS, "Visitor Ageless", "obama.jpg", ",,,"),
        (codes::EUROPE, "Visitor Europe", "obama.jpg", ",,,no,yes"),
    ] {
        csv += &[&code(plain), name, photo, rest].join(",");
        csv.push('\n');
    }
    csv
}

/// A plain 16-symbol code with its check symbol.
pub(crate) fn seal_code(plain: &str) -> String {
    const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
    let value = plain.bytes().fold(0_u32, |rest, symbol| {
        let digit = SYMBOLS.iter().position(|&s| s == symbol).unwrap();
        (rest * 32 + u32::try_from(digit).unwrap()) % 37
    });
    format!("{plain}{}", char::from(SYMBOLS[value as usize]))
}

/// Runs `postern bundle` with the sample policy pack.
pub(crate) fn make_bundle(csv: &str, photos: &Path, out: &Path) -> Output {
    make_bundle_with(&policy(), csv, photos, out)
}

fn make_bundle_with(policy: &Path, csv: &str, photos: &Path, out: &Path) -> Output {
    let list = out.with_extension("csv");
    fs::write(&list, csv).unwrap();
    postern([
        "bundle".as_ref(),
        "--csv".as_ref(),
        list.as_os_str(),
        "--photos".as_ref(),
        photos.as_os_str(),
        "--policy".as_ref(),
        policy.as_os_str(),
        "--key".as_ref(),
        organiser_key().as_os_str(),
        "--models".as_ref(),
        models().as_os_str(),
        "--out".as_ref(),
        out.as_os_str(),
    ])
}
