//! What the worker may ask the kernel for (seccomp): what computing, waiting, reading its files
//! and driving a camera take. Everything else fails with "not permitted": sockets, programs,
//! processes, other processes' memory, mounting, memory that is made executable.

use std::io;

use libc::c_long;
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// Allowed with any arguments.
const FREE: &[c_long] = &[
    // Memory
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_munlock,
    // Files that are open, and where files are
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    // Threads and time
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_membarrier,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_getrandom,
    libc::SYS_restart_syscall,
    // Answered with "not implemented" by the filter before this one
    libc::SYS_clone3,
    // Signals, and the end
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Who this is, and what the system is
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
    libc::SYS_sysinfo,
];

/// The older names of some of them.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// The magic letter of V4L2 in a request of `ioctl`, and where it is.
const VIDEO: u64 = (b'V' as u64) << 8;
const MAGIC: u64 = 0xff00;

/// Keeps to this list from now on.
pub(super) fn restrict() -> io::Result<()> {
    // A thread is asked for with `clone3`, whose arguments no filter can see; told that there is
    // none, the C library takes `clone`.
    install(
        [(libc::SYS_clone3, Vec::new())],
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
    )?;
    let not = |argument, flags| condition(argument, SeccompCmpOp::MaskedEq(flags as u64), 0);
    let is = |argument, value: i32| condition(argument, SeccompCmpOp::Eq, value as u64);
    // What `O_TMPFILE` has beside the bit of a folder.
    let unnamed = libc::O_TMPFILE & !libc::O_DIRECTORY;
    let changing = libc::O_CREAT | libc::O_TRUNC | unnamed;
    let thread = libc::CLONE_THREAD as u64;
    let mut rules: Vec<(c_long, Vec<SeccompRule>)> =
        FREE.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    rules.extend([
        (libc::SYS_openat, vec![rule(vec![not(2, changing)?])?]),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, vec![rule(vec![not(1, changing)?])?]),
        (libc::SYS_mmap, vec![rule(vec![not(2, libc::PROT_EXEC)?])?]),
        (libc::SYS_mprotect, vec![rule(vec![not(2, libc::PROT_EXEC)?])?]),
        // A thread, never a process.
        (libc::SYS_clone, vec![rule(vec![condition(0, SeccompCmpOp::MaskedEq(thread), thread)?])?]),
        (libc::SYS_ioctl, vec![rule(vec![condition(1, SeccompCmpOp::MaskedEq(MAGIC), VIDEO)?])?]),
        (
            libc::SYS_prctl,
            vec![
                rule(vec![is(0, libc::PR_SET_NAME)?])?,
                rule(vec![is(0, libc::PR_GET_NAME)?])?,
                // Names a mapping of memory.
                rule(vec![is(0, libc::PR_SET_VMA)?])?,
            ],
        ),
        // Asks for a limit of this process; a new one would be where the third argument points.
        (libc::SYS_prlimit64, vec![rule(vec![is(0, 0)?, null(2)?])?]),
    ]);
    install(rules, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
}

fn install(
    rules: impl IntoIterator<Item = (c_long, Vec<SeccompRule>)>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> io::Result<()> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let rules = rules.into_iter().collect();
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(io::Error::other)?;
    let program: seccompiler::BpfProgram = filter.try_into().map_err(io::Error::other)?;
    apply_filter(&program).map_err(io::Error::other)
}

/// Of an argument of 32 bits: what is above them is whatever was in the register.
fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> io::Result<SeccompCondition> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
        .map_err(io::Error::other)
}

/// That a pointer is none.
fn null(argument: u8) -> io::Result<SeccompCondition> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
        .map_err(io::Error::other)
}

fn rule(conditions: Vec<SeccompCondition>) -> io::Result<SeccompRule> {
    SeccompRule::new(conditions).map_err(io::Error::other)
}
