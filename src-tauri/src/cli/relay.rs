//! `postern relay`: this kiosk's place among the kiosks of its venue.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use relay::{Account, KioskName, VenueKey};
use store::Store;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::config::Config;

/// The relay: kiosks of one venue tell each other which badges were used.
#[derive(Subcommand)]
pub(crate) enum Relay {
    /// Draw a key for a venue. Its kiosks share it; keep it as you keep the organiser's key.
    Key,
    /// Join the other kiosks. Standard input: the venue's key, then, on a line of its own, this
    /// kiosk's password at the broker.
    Join {
        /// What this kiosk is called: its user at the broker. a-z, 0-9 and -, at most 32.
        #[arg(long, value_name = "NAME")]
        kiosk: KioskName,
    },
    /// Show the account, what the others have yet to hear, and badges that were admitted twice.
    Status,
    /// Forget the account, the venue's key and what other kiosks said. What this kiosk has announced
    /// stays at the broker until it expires, for those badges are used.
    Leave,
}

impl Relay {
    pub(crate) fn run(
        &self,
        config: impl FnOnce() -> anyhow::Result<Config>,
    ) -> anyhow::Result<()> {
        if matches!(self, Self::Key) {
            say(&VenueKey::draw()?.to_text());
            return Ok(());
        }
        let config = config()?;
        let mut store = crate::kiosk::open_database(&config)?;
        match self {
            Self::Key => Ok(()),
            Self::Join { kiosk } => join(&config, &mut store, kiosk),
            Self::Status => status(&store),
            Self::Leave => {
                let now = Clock::of(&store)?.now();
                ensure!(store.leave_relay(now)?, "this kiosk has joined no relay");
                say("The account, the venue's key and what other kiosks said are deleted.");
                Ok(())
            }
        }
    }
}

fn join(config: &Config, store: &mut Store, kiosk: &KioskName) -> anyhow::Result<()> {
    ensure!(
        store.relay()?.is_none(),
        "this kiosk has joined a relay already: see `postern relay status` and `leave`"
    );
    let settings = config.relay.as_ref().context("the configuration has no [relay]")?;
    settings.check(&config.network.allow)?;
    let key = VenueKey::parse(&ask("the venue's key (not shown): ")?)?;
    let password = ask("this kiosk's password at the broker (not shown): ")?;
    let password = password.trim();
    if password.is_empty() {
        bail!("no password was given: the second line of standard input");
    }
    let account = Account::new(kiosk.clone(), password, &key);
    let now = Clock::of(store)?.now();
    store.join_relay(&account.to_bytes()?, &key.badge_key(), now)?;
    say(&format!("Joined as {kiosk}, venue {}.", key.venue()));
    Ok(())
}

fn status(store: &Store) -> anyhow::Result<()> {
    let account = store.relay()?.context("this kiosk has joined no relay")?;
    let account = Account::from_bytes(&account)?;
    say(&format!("{}, venue {}", account.kiosk, account.venue_key()?.venue()));
    say(&format!("the others have yet to hear: {}", store.announced_due(usize::MAX)?.len()));
    let conflicts = store.conflicts()?;
    say(&format!("admitted here and elsewhere: {}", conflicts.len()));
    for conflict in conflicts {
        let (here, there) = (conflict.here, conflict.there);
        say(&format!("  here at {here:.0}, at {} at {there:.0}", conflict.kiosk));
    }
    Ok(())
}

/// One line of standard input.
fn ask(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let line = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(prompt).map(Zeroizing::new)
    } else {
        let mut line = Zeroizing::new(String::with_capacity(256));
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    };
    line.context("standard input could not be read")
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}
