//! System packages.
//!
//! The starting point is a machine that has Rust, Node and Python. Everything else that building,
//! fetching and testing need is listed here with its reason, and installed where that is possible.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::run::{answers, npm, program, python, quietly, run, step};

/// Something that the machine must have.
struct Need {
    /// Debian package.
    package: &'static str,
    /// What it is for.
    reason: &'static str,
    /// How to see that it is there in another way than as this package.
    otherwise: Option<fn() -> bool>,
}

const NEEDS: &[Need] = &[
    Need {
        package: "gcc",
        reason: "links programs; compiles SQLCipher and OpenSSL",
        otherwise: Some(|| has("cc", "--version")),
    },
    Need {
        package: "libc6-dev",
        reason: "headers of the C library, and of V4L2 for the camera",
        otherwise: None,
    },
    Need {
        package: "make",
        reason: "builds OpenSSL, which SQLCipher uses",
        otherwise: Some(|| has("make", "--version")),
    },
    Need { package: "perl", reason: "configures OpenSSL", otherwise: None },
    Need {
        package: "pkg-config",
        reason: "finds WebKitGTK",
        otherwise: Some(|| has("pkg-config", "--version")),
    },
    Need {
        package: "libclang-dev",
        reason: "reads the camera's C headers for its bindings",
        otherwise: None,
    },
    Need { package: "libwebkit2gtk-4.1-dev", reason: "the window", otherwise: None },
    Need { package: "fonts-noto-cjk", reason: "Chinese letters", otherwise: None },
    Need { package: "iproute2", reason: "gives a test a network of its own", otherwise: None },
    Need { package: "mount", reason: "gives a test a small disk of its own", otherwise: None },
    Need { package: "xvfb", reason: "a display where there is none", otherwise: None },
    Need { package: "webkit2gtk-driver", reason: "drives the window in tests", otherwise: None },
    Need {
        package: "qemu-system-x86",
        reason: "the machine in which tests meet real camera drivers",
        otherwise: None,
    },
    Need { package: "busybox-static", reason: "starts that machine", otherwise: None },
    Need { package: "v4l-utils", reason: "tells that machine's cameras to fail", otherwise: None },
    Need {
        package: "postgresql",
        reason: "keeps the data of the registration server that tests speak to",
        otherwise: None,
    },
    Need {
        package: "mosquitto",
        reason: "the broker over which kiosks speak to each other in tests",
        otherwise: None,
    },
    Need {
        package: "mosquitto-clients",
        reason: "speaks to that broker as a stranger does",
        otherwise: Some(|| has("mosquitto_pub", "--help")),
    },
    Need {
        package: "age",
        reason: "opens sealed evidence in tests, as whoever holds the key does",
        otherwise: Some(|| has("age", "--version")),
    },
    Need {
        package: "python3-pip",
        reason: "fetches packages from the Python index",
        otherwise: Some(has_pip),
    },
];

/// Oldest Node that builds the screens.
const NODE: (u32, u32) = (20, 19);

/// Installs what is missing.
pub(crate) fn setup() -> Result<()> {
    step("system packages", || {
        languages()?;
        if !cfg!(target_os = "linux") {
            return elsewhere();
        }
        if !has("dpkg-query", "--version") {
            println!("    not a Debian system: make sure that it has");
            for need in NEEDS {
                println!("      {:<24} {}", need.package, need.reason);
            }
            return Ok(());
        }
        let missing: Vec<&Need> = NEEDS.iter().filter(|need| !need.is_met()).collect();
        if !missing.is_empty() {
            install(&missing)?;
        }
        ensure!(
            has_pip(),
            "python3 has no pip: the python3 in PATH is not the one that Debian's python3-pip serves"
        );
        Ok(())
    })
}

impl Need {
    fn is_met(&self) -> bool {
        self.otherwise.is_some_and(|look| look()) || is_installed(self.package)
    }
}

/// Node, npm and Python are the user's choice and are not installed.
fn languages() -> Result<()> {
    let node = quietly(program("node", here()).arg("--version"))
        .context("Node is missing: install Node 20.19 or newer, with npm (nodejs.org)")?;
    let node = String::from_utf8_lossy(&node).trim().to_owned();
    ensure!(
        node_version(&node).is_some_and(|version| version >= NODE),
        "Node {node} is too old: the screens need {}.{} or newer (nodejs.org)",
        NODE.0,
        NODE.1,
    );
    ensure!(
        answers(npm(here()).arg("--version")),
        "npm is missing: it comes with Node (nodejs.org)"
    );
    ensure!(answers(python(here()).arg("--version")), "Python 3 is missing (python.org)");
    Ok(())
}

/// Major and minor version from `v20.19.1`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn elsewhere() -> Result<()> {
    ensure!(has_pip(), "Python has no pip: run `python -m ensurepip`");
    if cfg!(target_os = "macos") {
        println!("    macOS: needs the Xcode command line tools (`xcode-select --install`)");
    } else {
        println!(
            "    Windows: needs the Visual Studio build tools (C++), LLVM (libclang), Strawberry Perl and WebView2"
        );
    }
    println!("    the tests in the real window run on Linux only");
    Ok(())
}

/// Asks apt for the packages: as root, or by sudo.
fn install(missing: &[&Need]) -> Result<()> {
    println!("    missing:");
    for need in missing {
        println!("      {:<24} {}", need.package, need.reason);
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let apt = |arguments: &[&str]| -> Result<()> {
        let mut command = match authority()? {
            Authority::Root => program("apt-get", here()),
            Authority::Sudo => {
                let mut command = program("sudo", here());
                command.stdin(std::process::Stdio::inherit()).arg("apt-get");
                command
            }
        };
        run(command.arg("--quiet").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let result = apt(&["update"]).and_then(|()| {
        apt(&[&["install", "--yes", "--no-install-recommends"], names.as_slice()].concat())
    });
    result.with_context(|| {
        format!("as root, run: apt-get install --no-install-recommends {}", names.join(" "))
    })
}

/// In whose name packages are installed.
enum Authority {
    Root,
    Sudo,
}

fn authority() -> Result<Authority> {
    let user = quietly(program("id", here()).arg("--user"))?;
    if user.trim_ascii() == b"0" {
        return Ok(Authority::Root);
    }
    if has("sudo", "--version") {
        return Ok(Authority::Sudo);
    }
    bail!("packages are missing, and this user is not root and has no sudo")
}

fn is_installed(package: &str) -> bool {
    let query = quietly(program("dpkg-query", here()).args([
        "--show",
        "--showformat=${db:Status-Status}",
        package,
    ]));
    query.is_ok_and(|status| status == b"installed")
}

fn has(name: &str, argument: &str) -> bool {
    answers(program(name, here()).arg(argument))
}

fn has_pip() -> bool {
    answers(python(here()).args(["-m", "pip", "--version"]))
}

fn here() -> &'static Path {
    Path::new(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(node_version("v20.19.1"), Some((20, 19)));
        assert!(node_version("v20.9.0") < Some(NODE));
        assert!(node_version("v22.1.0") >= Some(NODE));
        assert_eq!(node_version("20.19.1"), None);
    }

    #[test]
    fn every_package_is_listed_once_and_with_its_reason() {
        let mut names: Vec<&str> = NEEDS.iter().map(|need| need.package).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NEEDS.len());
        assert!(NEEDS.iter().all(|need| !need.reason.is_empty()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_package_that_does_not_exist_is_not_installed() {
        assert!(!is_installed("no-such-package-as-this"));
    }
}
