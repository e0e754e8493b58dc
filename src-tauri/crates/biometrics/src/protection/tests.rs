//! What an attacker could do who runs code of their own in the worker.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    env,
    fs::{self, File, OpenOptions},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::{UnixDatagram, UnixListener},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use camera::CameraChoice;
use memmap2::MmapMut;

use super::{Memory, Protection, protect};

const FOLDER: &str = "POSTERN_TEST_SEALED";

/// Runs [`inside`] in a process of its own, for it never gets its rights back.
#[test]
fn c04_c12_a_sealed_worker_reads_models_and_camera_and_can_do_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["models", "camera", "elsewhere"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("file"), name).unwrap();
    }
    let mut listener = UnixListenerIn(UnixListener::bind(folder.path().join("socket")).unwrap());
    let output = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "protection::tests::inside", "--nocapture"])
        .args(["--test-threads", "1"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    listener.assert_nobody_came();
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}\n{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "a file was made");
}

struct UnixListenerIn(UnixListener);

impl UnixListenerIn {
    fn assert_nobody_came(&mut self) {
        self.0.set_nonblocking(true).unwrap();
        assert!(self.0.accept().is_err());
    }
}

#[test]
#[ignore = "run by c04_c12_a_sealed_worker_reads_models_and_camera_and_can_do_nothing_else"]
fn inside() {
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap());
    let file = |name: &str| folder.join(name).join("file");
    let open = File::open(file("elsewhere")).unwrap();
    let camera = CameraChoice::Replay { path: folder.join("camera") };

    let Protection { memory, files } = protect(&folder.join("models"), &camera).unwrap();

    if rustix::process::geteuid().is_root() {
        assert_eq!(memory, Memory::Locked);
    }
    // What it needs.
    assert_eq!(fs::read_to_string(file("models")).unwrap(), "models");
    assert_eq!(fs::read_to_string(file("camera")).unwrap(), "camera");
    assert_eq!(fs::read_dir(folder.join("models")).unwrap().count(), 1);
    let summed = thread::spawn(|| (0..1_000_000_u64).sum::<u64>()).join().unwrap();
    assert_eq!(summed, 499_999_500_000);
    let large = vec![1_u8; 64 << 20];
    assert_eq!(large.iter().map(|byte| usize::from(*byte)).sum::<usize>(), 64 << 20);
    drop(open);

    // Files: neither to be read nor to be made, changed or removed.
    if files {
        for path in [file("elsewhere"), "/etc/passwd".into(), "/proc/self/environ".into()] {
            assert!(File::open(&path).is_err(), "{}", path.display());
        }
        assert!(fs::read_dir("/").is_err());
        assert!(OpenOptions::new().write(true).open(file("models")).is_err());
    }
    assert!(File::create(folder.join("models/new")).is_err());
    assert!(fs::write(file("camera"), "changed").is_err());
    assert!(fs::remove_file(file("camera")).is_err());
    assert!(fs::rename(file("camera"), folder.join("camera/other")).is_err());
    assert!(fs::create_dir(folder.join("camera/new")).is_err());
    assert!(std::os::unix::fs::symlink("a", folder.join("b")).is_err());

    // Nobody to talk to.
    assert!(TcpStream::connect("127.0.0.1:9").is_err_and(|error| is_forbidden(&error)));
    assert!(TcpListener::bind("127.0.0.1:0").is_err_and(|error| is_forbidden(&error)));
    assert!(UdpSocket::bind("127.0.0.1:0").is_err_and(|error| is_forbidden(&error)));
    assert!(UnixDatagram::unbound().is_err_and(|error| is_forbidden(&error)));
    assert!(
        std::os::unix::net::UnixStream::connect(folder.join("socket"))
            .is_err_and(|error| is_forbidden(&error))
    );

    // No programs, no other processes.
    assert!(Command::new("/bin/true").spawn().is_err());
    assert!(fs::read(Path::new("/proc/1/environ")).is_err());

    // No code but its own.
    assert!(MmapMut::map_anon(4096).unwrap().make_exec().is_err());
}

fn is_forbidden(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(libc::EPERM)
}
