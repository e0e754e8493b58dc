//! One boot of the guest, with the script that runs in it.

use std::{
    collections::HashMap,
    env, fs,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use tempfile::TempDir;

use super::{initramfs::Initramfs, kernel, webcam};

/// How much of the console a failure shows.
const TAIL: usize = 60;

const INIT: &str = include_str!("init.sh");
const PRELUDE: &str = include_str!("prelude.sh");

/// A machine to be booted.
pub(super) struct Guest<'a> {
    /// What its console is kept as.
    pub(super) name: &'static str,
    /// What runs in it, after `prelude.sh`.
    pub(super) script: &'static str,
    /// Further variables for the script; it also gets those of the host that name its caches.
    pub(super) environment: &'a [(&'a str, &'a Path)],
    /// MiB.
    pub(super) memory: u32,
    /// From power on to power off; several times what an idle machine needs.
    pub(super) limit: Duration,
}

/// What a program said and did in one case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) status: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Wall-clock time in the guest.
    pub(super) took: Duration,
}

impl Guest<'_> {
    /// Boots it, runs its script and collects what the cases left.
    pub(super) fn run(&self) -> Result<HashMap<String, Case>> {
        // Two emulated machines at once would each be too slow for what is timed in them.
        static MACHINE: Mutex<()> = Mutex::new(());
        let _alone = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
        let kernel = kernel::kernel()?;
        let work = tempfile::tempdir()?;
        let report = work.path().join("report");
        fs::create_dir(&report)?;
        let initrd = work.path().join("initrd");
        fs::write(&initrd, self.initramfs(&kernel)?)?;
        let console = work.path().join("console");
        let socket = work.path().join("webcam");
        let mut machine = Machine(
            Command::new("qemu-system-x86_64")
                // Emulated, never KVM: a machine that is itself a guest may offer a KVM that hangs.
                // And without fused multiplications, which are emulated number by number.
                .args(["-accel", "tcg,thread=multi", "-cpu", "max,-fma,-avx2", "-smp", "2"])
                .args(["-m", &self.memory.to_string()])
                .args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"])
                .arg("-kernel")
                .arg(&kernel.image)
                .arg("-initrd")
                .arg(&initrd)
                .args(["-append", "console=ttyS0 quiet panic=-1"])
                .args(["-serial", &format!("file:{}", console.display())])
                .args(share("host", Path::new("/"), "readonly=on,multidevs=remap"))
                .args(share("report", &report, "readonly=off"))
                .arg("-chardev")
                .arg(format!("socket,id=webcam,server=on,wait=off,path={}", socket.display()))
                .args(["-device", "qemu-xhci", "-device", "usb-redir,chardev=webcam"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(work.path().join("qemu"))?)
                .spawn()
                .context("qemu-system-x86_64 (Debian: qemu-system-x86)")?,
        );
        let wish = report.join("webcam");
        let webcams = thread::spawn(move || webcam::serve(&socket, wish));
        let ended = machine.wait(self.limit)?;
        drop(machine);
        // For whoever wants to see what a passing run said and showed.
        keep(&console, &report, self.name).ok();
        let outcome = match ended {
            None => Err(anyhow!("the guest did not end within {:?}", self.limit)),
            Some(status) if !status.success() => Err(anyhow!("QEMU failed: {status}")),
            Some(_) => collect(&report),
        };
        let webcams = webcams.join().unwrap_or_else(|_| Err(anyhow!("a panic")));
        let outcome = webcams.context("serving webcams").and(outcome);
        outcome.with_context(|| failure(&work))
    }

    fn initramfs(&self, kernel: &kernel::Kernel) -> Result<Vec<u8>> {
        let program = Path::new(env!("CARGO_BIN_EXE_postern"));
        let folder = program.parent().context("the program lies in a folder")?;
        let mut files = Initramfs::default();
        for folder in ["bin", "dev", "proc", "sys", "host", "report", "env", "early", "late"] {
            files.folder(folder);
        }
        let busybox = fs::read("/bin/busybox").context("/bin/busybox (Debian: busybox-static)")?;
        files.file("bin/busybox", &busybox);
        for (list, modules) in [("early", &kernel.early), ("late", &kernel.late)] {
            for (number, module) in modules.iter().enumerate() {
                // Numbered: they are loaded in the order of their names.
                let name = module.file_name().unwrap_or_default().to_string_lossy();
                files.file(&format!("{list}/{number:02}-{name}"), &fs::read(module)?);
            }
        }
        files.file("init", INIT.as_bytes());
        files.file("prelude", PRELUDE.as_bytes());
        files.file("script", self.script.as_bytes());
        files.file("folder", folder.as_os_str().as_encoded_bytes());
        files.file("tests", env::current_exe()?.as_os_str().as_encoded_bytes());
        for name in ["HOME", "XDG_CACHE_HOME"] {
            let value = env::var_os(name).unwrap_or_default();
            files.file(&format!("env/{name}"), value.as_encoded_bytes());
        }
        for (name, value) in self.environment {
            files.file(&format!("env/{name}"), value.as_os_str().as_encoded_bytes());
        }
        Ok(files.finish())
    }
}

/// Arguments that share a folder of the host with the guest.
fn share(tag: &str, folder: &Path, options: &str) -> [String; 4] {
    let path = folder.display();
    [
        "-fsdev".into(),
        format!("local,id={tag},path={path},security_model=none,{options}"),
        "-device".into(),
        format!("virtio-9p-pci,fsdev={tag},mount_tag={tag}"),
    ]
}

/// Reads the files that the cases left: `NAME.out`, `NAME.err`, and `NAME.status` with the exit
/// code and the times of start and end in seconds.
fn collect(report: &Path) -> Result<HashMap<String, Case>> {
    ensure!(report.join("complete").exists(), "the cases did not run to their end");
    let mut cases = HashMap::new();
    for entry in fs::read_dir(report)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "status") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [status, start, end] = fields[..] else { bail!("{}: {text}", path.display()) };
        let took = end.parse::<f64>()? - start.parse::<f64>()?;
        let case = Case {
            status: status.parse()?,
            stdout: fs::read_to_string(path.with_extension("out"))?,
            stderr: fs::read_to_string(path.with_extension("err"))?,
            took: Duration::try_from_secs_f64(took)?,
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        cases.insert(name.into_owned(), case);
    }
    Ok(cases)
}

/// Copies the console and the pictures that the guest took to where a later look finds them.
fn keep(console: &Path, report: &Path, name: &str) -> Result<()> {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vm").join(name);
    fs::create_dir_all(&kept)?;
    fs::copy(console, kept.join("console.txt"))?;
    for entry in fs::read_dir(report)? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default();
        if ["png", "out", "err"].iter().any(|kind| extension == *kind) {
            fs::copy(&path, kept.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// What QEMU and the end of the console say.
fn failure(work: &TempDir) -> String {
    let read = |name| fs::read(work.path().join(name)).unwrap_or_default();
    let (qemu, console) = (read("qemu"), read("console"));
    let console = String::from_utf8_lossy(&console);
    let lines: Vec<&str> = console.lines().collect();
    let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
    format!("{}console:\n{tail}\n", String::from_utf8_lossy(&qemu))
}

/// A running QEMU. Ends with its owner.
struct Machine(Child);

impl Machine {
    /// Waits for its end; `None` when it takes longer than `limit`.
    fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait()? {
                return Ok(Some(status));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(None)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
