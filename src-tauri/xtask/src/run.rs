//! Steps, and the programs that they run.

use std::{
    env,
    ffi::OsStr,
    fmt,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::places::Places;

/// Announces a step, does it, and says how long it took when anyone had to wait.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {name}");
    let start = Instant::now();
    let result = work();
    let took = start.elapsed();
    if result.is_ok() && took >= Duration::from_secs(1) {
        println!("    {name}: {}", Seconds(took));
    }
    result.with_context(|| format!("step \"{name}\" failed"))
}

/// A duration for people.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.as_secs();
        if whole < 60 {
            write!(out, "{:.1} s", self.0.as_secs_f64())
        } else {
            write!(out, "{} min {:02} s", whole / 60, whole % 60)
        }
    }
}

/// A program in the folder `at`.
pub(crate) fn program(name: impl AsRef<OsStr>, at: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(at).stdin(Stdio::null());
    command
}

/// The whole workspace, with the app as it is shipped: the built screens inside.
pub(crate) const WORKSPACE: [&str; 3] = ["--workspace", "--features", "postern/custom-protocol"];

/// Cargo in the checkout, building in the shared target folder.
pub(crate) fn cargo(places: &Places) -> Command {
    let mut command = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), &places.root);
    command.env("CARGO_TARGET_DIR", &places.target);
    // `cargo xtask` is itself run by cargo, which describes this package in the environment. A
    // build script that looks at these variables would run again at each change of hands.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    match library_path(env::var_os("LD_LIBRARY_PATH").as_deref(), &places.output()) {
        Some(path) => command.env("LD_LIBRARY_PATH", path),
        None => command.env_remove("LD_LIBRARY_PATH"),
    };
    command
}

/// `LD_LIBRARY_PATH` without what cargo has put in front of it.
fn library_path(path: Option<&OsStr>, output: &Path) -> Option<std::ffi::OsString> {
    let toolchain = OsStr::new("rustlib");
    let folders: Vec<PathBuf> = env::split_paths(path?)
        .filter(|folder| {
            !folder.starts_with(output) && !folder.iter().any(|part| part == toolchain)
        })
        .collect();
    (!folders.is_empty()).then(|| env::join_paths(folders).ok()).flatten()
}

/// npm, which is a script on Windows.
pub(crate) fn npm(at: &Path) -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }, at)
}

/// Python 3, by whichever name the system has it.
pub(crate) fn python(at: &Path) -> Command {
    program(if cfg!(windows) { "python" } else { "python3" }, at)
}

/// Runs to the end with the output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs to the end; the output is shown only on failure. Returns standard output.
pub(crate) fn quietly(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!(
            "`{}` ended with {}\n{}{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }
    Ok(output.stdout)
}

/// Runs to the end, shows each line of standard output as it comes and hands it to `each`.
pub(crate) fn follow(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| not_started(command))?;
    if let Some(output) = child.stdout.take() {
        for text in BufReader::new(output).lines() {
            let text = text?;
            println!("{text}");
            each(&text);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// What a program says, without the line's end; nothing if it fails.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.stderr(Stdio::null()).output();
    let said = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    String::from_utf8_lossy(&said.unwrap_or_default()).trim().to_owned()
}

/// True when the program answers with success; false also when it does not exist.
pub(crate) fn answers(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn not_started(command: &Command) -> String {
    format!("cannot start `{}`", command.get_program().display())
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(Seconds(Duration::from_millis(1250)).to_string(), "1.2 s");
        assert_eq!(Seconds(Duration::from_secs(185)).to_string(), "3 min 05 s");
    }

    #[cfg(unix)]
    #[test]
    fn what_cargo_puts_into_the_library_path_is_taken_out() {
        let output = Path::new("/c/target");
        let path = OsStr::new("/c/target/debug/deps:/t/lib/rustlib/x/lib:/own");
        assert_eq!(library_path(Some(path), output).unwrap(), "/own");
        assert_eq!(library_path(Some(OsStr::new("/c/target/debug")), output), None);
        assert_eq!(library_path(None, output), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_names_the_command_and_shows_its_output() {
        let here = Path::new("/");
        let error = quietly(program("sh", here).args(["-c", "echo why; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("sh -c") && text.contains("why") && text.contains('3'), "{text}");
        let error = run(&mut program("no-such-program", here)).unwrap_err();
        assert!(format!("{error:#}").contains("cannot start `no-such-program`"));
        assert!(!answers(&mut program("no-such-program", here)));
    }

    #[cfg(unix)]
    #[test]
    fn followed_lines_arrive_in_order() {
        let mut lines = Vec::new();
        let mut command = program("sh", Path::new("/"));
        follow(command.args(["-c", "echo a; echo b"]), |text| lines.push(text.to_owned())).unwrap();
        assert_eq!(lines, ["a", "b"]);
    }
}
