//! `postern clock`: the kiosk's time, beside the machine's.

use anyhow::ensure;
use clap::Args;
use jiff::Timestamp;
use store::Jump;

use crate::clock::Clock;
use crate::config::Config;

/// Show the kiosk's time beside the machine's, and accept the machine's after a mistake.
#[derive(Args)]
pub(crate) struct ShowClock {
    /// Take the machine's time as the true one. Only if it is: what should have been deleted by
    /// now, by the kiosk's own count, is kept for longer.
    #[arg(long)]
    accept: bool,
}

impl ShowClock {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        let machine = Timestamp::now();
        if self.accept {
            store.keep_time(machine)?;
        }
        let mut clock = Clock::of(&store)?;
        println!("machine  {machine:.0}");
        println!("kiosk    {:.0}", clock.now());
        if let (_, Some(Jump::Behind(days))) = clock.advance() {
            ensure!(
                self.accept,
                "the machine's clock is {days} days behind: set it; if the kiosk's count is the \
                 wrong one, run `postern clock --accept`"
            );
        }
        Ok(())
    }
}
