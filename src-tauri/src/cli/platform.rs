//! `postern platform`: this kiosk's account at the registration platform.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use data_encoding::HEXLOWER;
use platform::pretix::{self, Account, Place, Server, Software};
use serde::{Deserialize, Serialize};
use store::{OutboxKind, Store};
use transport::{Transport, Url};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::clock::Clock;
use crate::config::Config;

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
    /// Forget the account and its key. Revoke the device at the platform besides.
    Disconnect,
}

/// An entry that was told so often without an answer is worth a line.
const OFTEN: u32 = 4;

/// What pretix's QR code for a new device says.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Handshake {
    url: String,
    token: String,
}

impl Platform {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        match self {
            Self::Connect { url } => connect(config, &mut store, url.as_deref()),
            Self::Choose { event, list } => choose(config, &mut store, event.as_deref().zip(*list)),
            Self::Status => status(&store),
            Self::Export => export(&store),
            Self::Heads { device } => heads(config, &store, *device),
            Self::Disconnect => {
                ensure!(store.disconnect(Clock::of(&store)?.now())?, "this kiosk is not connected");
                say("The account and its key are deleted. Revoke the device at the platform.");
                Ok(())
            }
        }
    }
}

fn connect(config: &Config, store: &mut Store, url: Option<&str>) -> anyhow::Result<()> {
    ensure!(
        store.registration()?.is_none(),
        "this kiosk is connected already: see `postern platform status` and `disconnect`"
    );
    let Handshake { url, token } =
        &handshake(&ask("one-time token, or the QR code's text (not shown): ")?, url)?;
    let url = Url::parse(url).context("the platform's address")?;
    let transport = Transport::new(&config.network)?;
    let token = Zeroizing::new(token.clone());
    let account = wait(pretix::connect(&transport, &url, &token, Software::THIS))?
        .context("this kiosk was not connected")?;
    // The token is used up: the account is kept before anything else can go wrong.
    keep(store, &account)?;
    say(&format!("Connected as {}.", account.name));
    choose_of(&transport, store, account, None)
}

fn choose(config: &Config, store: &mut Store, wanted: Option<(&str, u64)>) -> anyhow::Result<()> {
    let account = account(store)?;
    let transport = Transport::new(&config.network)?;
    choose_of(&transport, store, account, wanted)
}

/// Keeps the wanted place, or the only one there is.
fn choose_of(
    transport: &Transport,
    store: &mut Store,
    mut account: Account,
    wanted: Option<(&str, u64)>,
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
    say(&format!("Checks in to {}, list {} ({}).", place.event, place.list, place.list_name));
    account.place = Some(place.clone());
    keep(store, &account)
}

fn status(store: &Store) -> anyhow::Result<()> {
    let account = account(store)?;
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
    let counts = store.counts()?;
    say(&format!("waiting: {}", counts.outbox));
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

fn handshake(text: &str, url: Option<&str>) -> anyhow::Result<Handshake> {
    let text = text.trim();
    if text.starts_with('{') {
        // The parser's own words could quote the token.
        let Ok(handshake) = serde_json::from_str::<Handshake>(text) else {
            bail!("this is not the QR code of a new device: url or token is missing");
        };
        return Ok(handshake);
    }
    ensure!(!text.is_empty(), "no token was given");
    let url = url.context("a token alone needs --url")?;
    Ok(Handshake { url: url.to_owned(), token: text.to_owned() })
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn a_token_is_typed_or_comes_with_its_address_from_the_qr_code() {
        let qr = r#"{"handshake_version": 1, "url": "https://a.test", "token": "abc"}"#;
        for (text, url) in [(qr, None), (" abc\n", Some("https://a.test"))] {
            let handshake = handshake(text, url).unwrap();
            assert_eq!(
                (handshake.url.as_str(), handshake.token.as_str()),
                ("https://a.test", "abc")
            );
        }
        for (text, url, word) in [
            ("abc", None, "--url"),
            ("", Some("https://a.test"), "no token"),
            ("{\"token\": \"s3cret\"}", None, "url or token"),
            ("{", None, "url or token"),
        ] {
            let error = handshake(text, url).err().unwrap().to_string();
            assert!(error.contains(word) && !error.contains("s3cret"), "{text}: {error}");
        }
    }
}
