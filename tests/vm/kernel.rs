//! The guest's kernel: Debian's own package, of which a dozen files are kept.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

/// What the guest needs before its first case: the way to the host's files, and the USB port.
const EARLY: [&str; 5] = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "xhci_pci"];
/// What it loads when a case asks for it.
const LATE: [&str; 2] = ["vivid", "uvcvideo"];

/// A kernel and the modules that the guest loads, each after those that it depends on.
pub(super) struct Kernel {
    pub(super) image: PathBuf,
    pub(super) early: Vec<PathBuf>,
    pub(super) late: Vec<PathBuf>,
}

/// The kernel in the cache; fetched by apt, which verifies it, when there is none.
pub(super) fn kernel() -> Result<Kernel> {
    let cache = cache()?;
    if let Some(folder) = newest(&cache)? {
        if complete(&folder) {
            return Kernel::read(&folder);
        }
        fs::remove_dir_all(&folder)?;
    }
    let package = package()?;
    let fetched = tempfile::tempdir_in(&cache)?;
    fetch(&package, fetched.path()).with_context(|| format!("fetching the package {package}"))?;
    // The folder gets its name when it is complete, so an interrupted run leaves none.
    let folder = cache.join(&package);
    if let Err(error) = fs::rename(fetched.path().join("kernel"), &folder) {
        ensure!(folder.is_dir(), error);
    }
    Kernel::read(&folder)
}

impl Kernel {
    fn read(folder: &Path) -> Result<Self> {
        let list = |name: &str| -> Result<Vec<PathBuf>> {
            let text = fs::read_to_string(folder.join(name))?;
            Ok(text.lines().map(|module| folder.join(module)).collect())
        };
        let kernel = || -> Result<Self> {
            let (early, late) = (list("early")?, list("late")?);
            Ok(Self { image: folder.join("vmlinuz"), early, late })
        };
        kernel().with_context(|| format!("reading {}; delete it to fetch anew", folder.display()))
    }
}

fn cache() -> Result<PathBuf> {
    let given = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = given("XDG_CACHE_HOME")
        .or_else(|| given("HOME").map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?
        .join("postern/vm");
    fs::create_dir_all(&cache)?;
    Ok(cache)
}

/// The newest kernel's folder. A full cache needs no network.
fn newest(cache: &Path) -> Result<Option<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(cache)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("linux-image-") {
            folders.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    Ok(folders.into_iter().max().map(|(_, path)| path))
}

/// True unless the folder was made when fewer modules were wanted.
fn complete(folder: &Path) -> bool {
    EARLY.iter().chain(&LATE).all(|module| folder.join(format!("{module}.ko")).exists())
}

/// The package behind `linux-image-amd64`.
fn package() -> Result<String> {
    let text = output(Command::new("apt-cache").args(["depends", "linux-image-amd64"]))?;
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with("linux-image-"))
        .map(str::to_owned)
        .context("apt knows no package linux-image-amd64: run `apt-get update`")
}

/// Puts the image and the modules of `package` into `work/kernel`.
fn fetch(package: &str, work: &Path) -> Result<()> {
    output(Command::new("apt-get").args(["download", package]).current_dir(work))?;
    let archive = only(work, "deb")?;
    let tree = work.join("tree");
    fs::create_dir(&tree)?;
    unpack(&archive, &tree)?;

    let kernel = work.join("kernel");
    fs::create_dir(&kernel)?;
    let version = package.trim_start_matches("linux-image-");
    fs::rename(tree.join("boot").join(format!("vmlinuz-{version}")), kernel.join("vmlinuz"))?;
    let mut modules = HashMap::new();
    collect(&tree.join("lib/modules"), &mut modules)?;
    let mut loaded = Vec::new();
    for (list, roots) in [("early", &EARLY[..]), ("late", &LATE)] {
        let before = loaded.len();
        for root in roots {
            order(root, &modules, &mut loaded)?;
        }
        let lines: Vec<String> =
            loaded[before..].iter().map(|module| format!("{module}.ko\n")).collect();
        fs::write(kernel.join(list), lines.concat())?;
    }
    for module in loaded {
        fs::rename(&modules[&module], kernel.join(format!("{module}.ko")))?;
    }
    Ok(())
}

fn unpack(archive: &Path, into: &Path) -> Result<()> {
    let mut packed = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(archive)
        .stdout(Stdio::piped())
        .spawn()
        .context("dpkg-deb")?;
    let stream = packed.stdout.take().context("dpkg-deb has an output")?;
    output(
        Command::new("tar")
            .args(["--extract", "./boot", "./lib/modules"])
            .current_dir(into)
            .stdin(stream),
    )?;
    ensure!(packed.wait()?.success(), "dpkg-deb failed");
    Ok(())
}

/// All modules below a folder, by name.
fn collect(folder: &Path, modules: &mut HashMap<String, PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, modules)?;
        } else if path.extension().is_some_and(|extension| extension == "ko")
            && let Some(name) = path.file_stem().and_then(|name| name.to_str())
        {
            modules.insert(name.replace('-', "_"), path);
        }
    }
    Ok(())
}

/// Adds a module to `loaded`, after those that it depends on.
fn order(name: &str, modules: &HashMap<String, PathBuf>, loaded: &mut Vec<String>) -> Result<()> {
    if loaded.iter().any(|module| module == name) {
        return Ok(());
    }
    let path = modules.get(name).with_context(|| format!("the kernel has no module {name}"))?;
    for needed in depends(&fs::read(path)?) {
        order(&needed.replace('-', "_"), modules, loaded)?;
    }
    loaded.push(name.to_owned());
    Ok(())
}

/// What a module says in its section `.modinfo` that it depends on.
fn depends(module: &[u8]) -> Vec<String> {
    const KEY: &[u8] = b"\0depends=";
    let Some(at) = module.windows(KEY.len()).position(|window| window == KEY) else {
        return Vec::new();
    };
    let value = module[at + KEY.len()..].split(|byte| *byte == 0).next().unwrap_or_default();
    let value = String::from_utf8_lossy(value);
    value.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            return Ok(path);
        }
    }
    bail!("no .{extension} file arrived")
}

/// Runs a program and gives its standard output.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let result = command.env("LC_ALL", "C").output().with_context(|| name.clone())?;
    ensure!(result.status.success(), "{name}: {}", String::from_utf8_lossy(&result.stderr));
    Ok(String::from_utf8_lossy(&result.stdout).into_owned())
}
