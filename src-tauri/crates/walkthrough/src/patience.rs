//! Time limits on machines that are slower than those of people.

use std::{env, sync::LazyLock, time::Duration};

/// How many times longer everything may take: `POSTERN_PATIENCE`, 1 when it is not set. For
/// emulated machines.
static FACTOR: LazyLock<u32> = LazyLock::new(|| {
    env::var("POSTERN_PATIENCE").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1)
});

/// A time limit, or a pause, on this machine.
pub(crate) fn patient(time: Duration) -> Duration {
    time * *FACTOR
}
