//! `postern platform`: this kiosk's account at the registration platform.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, ensure};
use audit::Actor;
use clap::Subcommand;
use data_encoding::HEXLOWER;
use platform::pretix::{self, Account, Handshake, Place, Server, Software};
use serde::Serialize;
use store::{OutboxKind, Store};
use transport::Transport;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::config::Config;
use crate::registration::begin_roll;

/// The registration platform: connect this kiosk, choose its check-in list, see what waits.
#[derive(Subcommand)]
pub(crate) enum Platform {
    /// Connect this kiosk with a device's one-time token of pretix. Standard input: the token, or
    /// the text of the QR code, which has the address as well.
    Connect {
        /// Address of the server, as `network.allow` has it.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Choose the event and the check-in list. Without both: show which there are.
    Choose {
        /// Short name of the event.
        #[arg(requires = "list")]
        event: Option<String>,
        /// Number of the check-in list.
        list: Option<u64>,
        /// Give up telling what waits for another list, which is gone for good.
        #[arg(long, requires = "list")]
        give_up: bool,
    },
    /// Show the account, and what the platform has not heard or not accepted.
    Status,
    /// Write what the platform has not heard to standard output, each entry a signed note, for an
    /// organiser whose kiosks have no network. The entries stay, and may be written out again: a
    /// nonce counts once.
    Export,
    /// Print the head of the audit log that the platform had last, for `postern audit verify
    /// --heads`. Standard input: an API token of a team of the organiser that may see devices; the
    /// kiosk's own account may not.
    Heads {
        /// Number of the device at the platform; without it, this kiosk's.
        #[arg(long)]
        device: Option<u64>,
    },
    /// Get a new key for the account; the old one counts no more.
    Roll,
    /// Revoke the account at the platform, and forget it and its key here.
    Disconnect,
}

/// An entry that was told so often without an answer is worth a line.
const OFTEN: u32 = 4;

impl Platform {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        match self {
            Self::Connect { url } => connect(config, &mut store, url.as_deref()),
            Self::Choose { event, list, give_up } => {
                choose(config, &mut store, event.as_deref().zip(*list), *give_up)
            }
            Self::Status => status(&store),
            Self::Export => export(&store),
            Self::Heads { device } => heads(config, &store, *device),
            Self::Roll => roll(config, &mut store),
            Self::Disconnect => disconnect(config, &mut store),
        }
    }
}

fn connect(config: &Config, store: &mut Store, url: Option<&str>) -> anyhow::Result<()> {
    ensure!(
        store.registration()?.is_none() || store.revoked_at()?.is_some(),
        "this kiosk is connected already: see `postern platform status` and `disconnect`"
    );
    let text = ask("one-time token, or the QR code's text (not shown): ")?;
    let Handshake { server, token } = Handshake::read(&text, url)?;
    let (transport, now) = (Transport::new(&config.network)?, Clock::of(store)?.now());
    let account = wait(pretix::connect(&transport, &server, &token, Software::THIS, now))?
        .context("this kiosk was not connected")?;
    // The token is used up: the account is kept before anything else can go wrong.
    keep(store, &account)?;
    say(&format!("Connected as {}.", account.name));
    choose_of(&transport, store, account, None, false)
}

fn choose(
    config: &Config,
    store: &mut Store,
    wanted: Option<(&str, u64)>,
    give_up: bool,
) -> anyhow::Result<()> {
    let account = standing_account(store)?;
    let transport = Transport::new(&config.network)?;
    choose_of(&transport, store, account, wanted, give_up)
}

/// Keeps the wanted place, or the only one there is.
fn choose_of(
    transport: &Transport,
    store: &mut Store,
    mut account: Account,
    wanted: Option<(&str, u64)>,
    give_up: bool,
) -> anyhow::Result<()> {
    let places = wait(pretix::places(transport, &account))??;
    let found = match (wanted, places.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some((event, list)), _) => {
            places.iter().find(|place| place.event == event && place.list == list)
        }
    };
    let Some(place) = found else {
        say("Check-in lists of this account, for `postern platform choose EVENT LIST`:");
        for Place { event, list, list_name } in &places {
            say(&format!("{event} {list}  {list_name}"));
        }
        ensure!(wanted.is_none(), "there is no such check-in list");
        return Ok(());
    };
    if give_up {
        let entries = store.outbox_give_up(Clock::of(store)?.now())?;
        say(&format!("Given up: {entries}. They are on the list of what was not accepted."));
    }
    ensure!(
        store.outbox_list(&account.list_id(place)?)?,
        "check-ins of another list wait here: choose that list once more, until `postern platform \
         status` says that none waits. Where it is gone for good: `postern platform export`, and \
         then choose this one with --give-up"
    );
    say(&format!("Checks in to {}, list {} ({}).", place.event, place.list, place.list_name));
    account.place = Some(place.clone());
    keep(store, &account)
}

fn roll(config: &Config, store: &mut Store) -> anyhow::Result<()> {
    standing_account(store)?;
    let now = Clock::of(store)?.now();
    // Kept before it is sent: an answer that is lost is fetched again by the same name.
    begin_roll(store, Actor::Console, now)?;
    let transport = Transport::new(&config.network)?;
    let account = account(store)?;
    let account = wait(pretix::roll(&transport, &account, now))?.context(
        "there is no new key yet; the kiosk goes on asking for it when it is started, and this \
         command too",
    )?;
    store.keep_account(&account.to_bytes()?, None, now)?;
    say("The account has a new key.");
    Ok(())
}

fn disconnect(config: &Config, store: &mut Store) -> anyhow::Result<()> {
    let account = standing_account(store)?;
    let waiting = store.outbox_counts()?.waiting;
    // The platform first: afterwards nothing here could tell it.
    let revoked = match Transport::new(&config.network) {
        Ok(transport) => wait(pretix::revoke(&transport, &account))?.is_ok(),
        Err(_) => false,
    };
    ensure!(store.disconnect(Clock::of(store)?.now())?, "this kiosk is not connected");
    say("The account and its key are deleted.");
    say(if revoked {
        "The platform has revoked the device."
    } else {
        "The platform could not be told: revoke the device there."
    });
    if waiting > 0 {
        say(&format!("{waiting} entries wait; they are told after the next connection."));
    }
    Ok(())
}

fn status(store: &Store) -> anyhow::Result<()> {
    let account = account(store)?;
    if let Some(at) = store.revoked_at()? {
        say(&format!("REVOKED by the platform, known since {at:.0}: the kiosk is locked"));
    }
    say(&format!("{} at {}, organiser {}", account.name, account.origin()?, account.organizer));
    match &account.place {
        Some(place) => {
            say(&format!(
                "checks in to {}, list {} ({})",
                place.event, place.list, place.list_name
            ));
        }
        None => say("no check-in list is chosen: see `postern platform choose`"),
    }
    match account.key_since {
        _ if account.is_rolling() => say("a new key was asked for and has not come yet"),
        Some(since) => say(&format!("the key is of {}", since.strftime("%Y-%m-%d"))),
        None => say("it is not known how old the key is"),
    }
    let counts = store.outbox_counts()?;
    say(&format!("waiting: {}", counts.waiting));
    for entry in store.outbox_pending()?.iter().filter(|entry| entry.begun >= OFTEN) {
        let position = entry.position.unwrap_or_default();
        say(&format!("  position {position}, tried {} times", entry.begun));
    }
    say(&format!("in quarantine: {}", counts.quarantined));
    match store.asked_until()? {
        Some(until) => say(&format!("changes are known up to {until:.0}")),
        None => say("changes are asked for once there is a policy pack"),
    }
    let progress = store.progress()?;
    if let Some((read, of)) = progress.reading {
        say(&format!("reading: {read} of {of} orders"));
    }
    say(&format!("photos to come: {}", progress.photos_due));
    say(&format!(
        "left out: {} with a code that cannot be read, {} whose code another ticket has too",
        progress.unreadable, progress.ambiguous
    ));
    for (position, why) in store.left_out()? {
        say(&format!("  position {position}: {why}"));
    }
    let refused = store.outbox_refused()?;
    say(&format!("not accepted: {}", refused.len()));
    for (entry, reason) in refused {
        let kind = kind(entry.kind);
        let position = entry.position.unwrap_or_default();
        let also =
            if reason == "already_redeemed" { " (admitted at another gate as well)" } else { "" };
        say(&format!("  {kind} of position {position} at {:.0}: {reason}{also}", entry.at));
    }
    Ok(())
}

/// An entry of the outbox as the platform's people read it.
#[derive(Serialize)]
struct Exported {
    kind: &'static str,
    nonce: String,
    at: String,
    /// The badge, as the platform can compute it from its code and the roster's salt.
    locator: String,
    position: Option<i64>,
}

fn export(store: &Store) -> anyhow::Result<()> {
    let key = crate::db::kiosk_key(store)?;
    let waiting = store.outbox_pending()?;
    ensure!(!waiting.is_empty(), "nothing waits to be told");
    for entry in &waiting {
        let exported = serde_json::to_string(&Exported {
            kind: kind(entry.kind),
            nonce: HEXLOWER.encode(&entry.nonce),
            at: entry.at.to_string(),
            locator: HEXLOWER.encode(&entry.locator.0),
            position: entry.position,
        })?;
        let title = format!("{}/check-in\n", key.verifier().name());
        say(&note::sign(&format!("{title}{exported}\n"), &key));
    }
    Ok(())
}

fn kind(kind: OutboxKind) -> &'static str {
    match kind {
        OutboxKind::Checkin => "check-in",
        OutboxKind::Annulment => "annulment",
    }
}

fn heads(config: &Config, store: &Store, device: Option<u64>) -> anyhow::Result<()> {
    let account = account(store)?;
    let transport = Transport::new(&config.network)?;
    let token = ask("API token of the organiser (not shown): ")?;
    let ask = async {
        let device = match device {
            Some(device) => device,
            None => Server { transport: &transport, account: &account }.number().await?,
        };
        pretix::kept_head(&transport, &account, token.trim(), device).await
    };
    let asked = wait(ask)?.context("is this the token of a team that may see devices?")?;
    let head = asked.context("the platform has no head of this kiosk's log")?;
    say(head.trim_end());
    Ok(())
}

fn keep(store: &mut Store, account: &Account) -> anyhow::Result<()> {
    let now = Clock::of(store)?.now();
    Ok(store.connect(&account.to_bytes()?, now)?)
}

fn account(store: &Store) -> anyhow::Result<Account> {
    let account = store.registration()?;
    let account = account.context("this kiosk is not connected: see `postern platform connect`")?;
    Ok(Account::from_bytes(&account)?)
}

/// The account, unless the platform has revoked it.
fn standing_account(store: &Store) -> anyhow::Result<Account> {
    ensure!(
        store.revoked_at()?.is_none(),
        "the platform has revoked this kiosk: only `postern platform connect` goes on"
    );
    account(store)
}

/// One line of standard input.
fn ask(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let line = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(prompt).map(Zeroizing::new)
    } else {
        let mut line = Zeroizing::new(String::with_capacity(1024));
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    };
    line.context("no token could be read")
}

/// Waits for the network.
fn wait<T>(asked: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(asked))
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}
