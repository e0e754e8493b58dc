//! `postern clock`: the kiosk's time, beside the machine's.

use anyhow::ensure;
use clap::Args;
use jiff::Timestamp;
use store::Jump;

use super::pin;
use super::signing_in::sign_in;
use crate::clock::Clock;
use crate::config::Config;
use crate::rights::Action;

/// Show the kiosk's time beside the machine's, and accept the machine's after a mistake.
#[derive(Args)]
pub(crate) struct ShowClock {
    /// Take the machine's time as the true one. Only if it is: what should have been deleted by
    /// now, by the kiosk's own count, is kept for longer. NUMBER is a technician's, who types the
    /// PIN.
    #[arg(long, value_name = "NUMBER")]
    accept: Option<u32>,
}

impl ShowClock {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        let machine = Timestamp::now();
        if let Some(number) = self.accept {
            let before = Clock::of(&store)?.now();
            let by = sign_in(&mut store, number, Action::AcceptClock, before, &mut pin::ask)?;
            store.accept_time(machine, before, by)?;
        }
        let clock = Clock::of(&store)?;
        println!("machine  {machine:.0}");
        println!("kiosk    {:.0}", clock.now());
        if let (_, Some(Jump::Behind(days))) = clock.advance() {
            ensure!(
                self.accept.is_some(),
                "the machine's clock is {days} days behind: set it; if the kiosk's count is the \
                 wrong one, a technician runs `postern clock --accept NUMBER`"
            );
        }
        Ok(())
    }
}
