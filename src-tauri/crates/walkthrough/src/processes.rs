//! Processes that belong to one session, and their certain end.
//!
//! `WebKitWebDriver` starts the kiosk and the kiosk starts its web processes and its worker.
//! Killing the driver alone leaves all of them behind, so the driver leads a process group, and
//! ending the group also ends whoever left it for a group of its own.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long the system may take to remove killed processes before [`ProcessGroup::end`] returns.
const REMOVAL: Duration = Duration::from_secs(5);

/// One line of the process table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Process id of the parent.
    pub parent: u32,
    /// Process group.
    pub group: u32,
    /// True when it has ended and only waits to be collected.
    pub ended: bool,
}

impl Process {
    /// Reads a line of `/proc/PID/stat`; `None` when it is no such line.
    fn parse(stat: &str) -> Option<Process> {
        // The command stands in parentheses and may itself hold spaces and parentheses.
        let (head, tail) = stat.rsplit_once(')')?;
        let pid = head.split_once(' ')?.0.parse().ok()?;
        let mut fields = tail.split_ascii_whitespace();
        let state = fields.next()?;
        Some(Process {
            pid,
            ended: matches!(state, "Z" | "X"),
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    }

    /// The executable file, if the system still knows it.
    pub fn executable(&self) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{}/exe", self.pid)).ok()
    }

    /// The arguments, the program's name first.
    pub fn arguments(&self) -> Vec<String> {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        bytes
            .split(|byte| *byte == 0)
            .filter(|argument| !argument.is_empty())
            .map(|argument| String::from_utf8_lossy(argument).into_owned())
            .collect()
    }
}

/// The process table as it is now.
fn table() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
        .filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok())
        .filter_map(|stat| Process::parse(&stat))
        .collect()
}

/// The living processes of `table` that satisfy `root`, with all their descendants.
fn family(table: &[Process], root: impl Fn(&Process) -> bool) -> Vec<Process> {
    let mut inside: BTreeSet<u32> =
        table.iter().filter(|process| root(process)).map(|process| process.pid).collect();
    loop {
        let before = inside.len();
        let children: Vec<u32> = table
            .iter()
            .filter(|process| inside.contains(&process.parent))
            .map(|process| process.pid)
            .collect();
        inside.extend(children);
        if inside.len() == before {
            break;
        }
    }
    table
        .iter()
        .filter(|process| inside.contains(&process.pid) && !process.ended)
        .cloned()
        .collect()
}

/// The living processes of the group with this number, and their descendants.
pub fn living(group: u32) -> Vec<Process> {
    family(&table(), |process| process.group == group)
}

/// The living process with this id and its living descendants.
pub fn descendants(pid: u32) -> Vec<Process> {
    family(&table(), |process| process.pid == pid)
}

/// The group's leader: starts the program and kills the group when its own standard input is
/// closed. The system closes it when this process ends in any way, also by a signal, so that an
/// interrupted test leaves no window behind.
const LEADER: &str = r#""$@" & read -r _; kill -KILL 0"#;

/// A program in a process group of its own; dropped, the whole group is killed.
#[derive(Debug)]
pub struct ProcessGroup {
    leader: Child,
}

impl ProcessGroup {
    /// Starts `program` in a new group. `prepare` sets its arguments, environment and outputs;
    /// its input is empty.
    pub fn spawn(program: &str, prepare: impl FnOnce(&mut Command)) -> Result<ProcessGroup> {
        // The shell that leads the group could tell it only in its log.
        ensure!(is_installed(program), "the program {program} is not installed");
        let mut command = Command::new("sh");
        command.args(["-c", LEADER, "leader", program]);
        prepare(&mut command);
        let leader = command
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        Ok(ProcessGroup { leader })
    }

    /// The group's number, which is the leader's process id.
    pub fn id(&self) -> u32 {
        self.leader.id()
    }

    /// The leader, for its pipes.
    pub fn leader(&mut self) -> &mut Child {
        &mut self.leader
    }

    /// The living processes of the group and their descendants.
    pub fn members(&self) -> Vec<Process> {
        living(self.id())
    }

    /// Kills all members and waits until the system has removed them.
    pub fn end(&mut self) {
        let group = self.id();
        let family = self.members();
        if let Some(group) = pid(group) {
            // Fails only when nobody is left in the group.
            _ = kill_process_group(group, Signal::KILL);
        }
        for outsider in family.iter().filter(|process| process.group != group) {
            signal(outsider.pid, Signal::KILL);
        }
        // Collected or not, it is dead.
        drop(self.leader.wait());
        let deadline = Instant::now() + REMOVAL;
        let left = |table: &[Process]| {
            table.iter().any(|now| {
                !now.ended
                    && family.iter().any(|then| then.pid == now.pid && then.group == now.group)
            })
        };
        while left(&table()) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends a signal to one process, if it still exists.
pub(crate) fn signal(number: u32, signal: Signal) {
    if let Some(pid) = pid(number) {
        _ = kill_process(pid, signal);
    }
}

/// True when `program` is a file or is found in `PATH`.
fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    Path::new(program).is_file()
        || env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A process id as the system calls take it.
fn pid(number: u32) -> Option<Pid> {
    i32::try_from(number).ok().and_then(Pid::from_raw)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_spaces_and_parentheses_is_read() {
        let process = Process::parse("42 (Web (1) x) S 7 40 40 0 -1").unwrap();
        assert_eq!(process, Process { pid: 42, parent: 7, group: 40, ended: false });
        assert!(Process::parse("42 (gone) Z 7 40 40").unwrap().ended);
        assert_eq!(Process::parse("nonsense"), None);
    }

    #[test]
    fn descendants_in_other_groups_belong_to_the_family() {
        let process = |pid, parent, group| Process { pid, parent, group, ended: false };
        let table =
            [process(10, 1, 10), process(11, 10, 10), process(12, 11, 12), process(20, 1, 20)];
        let family: Vec<u32> = family(&table, |process| process.group == 10)
            .iter()
            .map(|process| process.pid)
            .collect();
        assert_eq!(family, [10, 11, 12]);
    }

    #[test]
    fn the_end_of_a_group_ends_children_in_groups_of_their_own() {
        // `set -m` gives each background job its own group, as a worker may have.
        let script = "set -m 2>/dev/null; sleep 600 & sleep 600 & wait";
        let mut group = ProcessGroup::spawn("sh", |command| {
            command.args(["-c", script]);
        })
        .unwrap();
        let members = wait_for_members(&group, 4);
        group.end();
        let alive: Vec<_> = table()
            .into_iter()
            .filter(|now| !now.ended && members.iter().any(|then| then.pid == now.pid))
            .collect();
        assert_eq!(alive, []);
    }

    #[test]
    fn a_group_ends_with_the_process_that_started_it() {
        let mut group = ProcessGroup::spawn("sleep", |command| {
            command.arg("600");
        })
        .unwrap();
        wait_for_members(&group, 2);
        // What the system does when the starter dies.
        drop(group.leader().stdin.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while !group.members().is_empty() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(group.members(), []);
    }

    #[test]
    fn a_program_that_is_not_installed_is_named() {
        let error = ProcessGroup::spawn("no-such-program", |_| ()).unwrap_err();
        assert!(error.to_string().contains("no-such-program"));
    }

    fn wait_for_members(group: &ProcessGroup, count: usize) -> Vec<Process> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while group.members().len() < count && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        let members = group.members();
        assert!(members.len() >= count, "only {members:?}");
        members
    }
}
