//! `postern retention`: evidence that a law wants kept (POLICY.md C07).

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use audit::{Record, What};
use clap::Subcommand;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use platform::{PolicyPack, Retained, RetainedEvidence};
use store::{Store, StoreError};

use super::pin;
use super::signing_in::{Ask, local, sign_in};
use crate::clock::Clock;
use crate::config::Config;
use crate::retention::Keeping;
use crate::rights::Action;
use crate::roster::Roster;

/// Evidence that a law wants kept. Off until two members of staff switch it on, for the terms of
/// the operator's policy pack. End the kiosk first.
#[derive(Subcommand)]
pub(crate) enum Retention {
    /// Switch it on for the terms that are shown. A guard and a technician each type their PIN.
    On {
        /// Number of the guard.
        #[arg(long)]
        guard: u32,
        /// Number of the technician.
        #[arg(long)]
        technician: u32,
    },
    /// Switch it off. What is held stays until its time has come.
    Off {
        /// Number of the member of staff who does so and types the PIN.
        #[arg(long)]
        number: u32,
    },
    /// Say whether it is on, for which terms and by whom, and how much is held until when.
    Status,
    /// Write every sealed record to a folder, as NONCE.age, for whoever holds the key.
    Export {
        /// The folder. It is made if it is not there.
        folder: PathBuf,
        /// Number of the data-protection officer who does so and types the PIN.
        #[arg(long)]
        number: u32,
    },
}

impl Retention {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        match self {
            Self::On { guard, technician } => {
                let policy = policy(&store)?;
                let terms = terms(&policy)?;
                say(&shown(&policy, terms));
                let numbers = Numbers { guard: *guard, technician: *technician };
                switch_on(&mut store, &policy, &numbers, now, &mut pin::ask)?;
                say("Evidence is kept from now on. Visitors read the notice above.");
            }
            Self::Off { number } => {
                let was_on = switch_off(&mut store, *number, now, &mut pin::ask)?;
                say(if was_on { "Evidence is no longer kept." } else { "It was off already." });
                say(&held(&store)?);
            }
            Self::Status => {
                say(&status(&store)?);
                say(&held(&store)?);
            }
            Self::Export { folder, number } => {
                let officer =
                    sign_in(&mut store, *number, Action::ExportEvidence, now, &mut pin::ask)?;
                // Before the first file is written: no export without its entry.
                let what = What::EvidenceExported { records: store.evidence_held()?.records };
                store.record(&Record::new(now, officer.into(), what))?;
                let written = export(&store, folder)?;
                say(&format!("{written} sealed records in {}", folder.display()));
            }
        }
        Ok(())
    }
}

/// Who switches it on.
struct Numbers {
    guard: u32,
    technician: u32,
}

fn policy(store: &Store) -> anyhow::Result<PolicyPack> {
    Ok(Roster::load(store)?.context("no roster was imported")?.policy)
}

fn terms(policy: &PolicyPack) -> anyhow::Result<&RetainedEvidence> {
    policy.facts.retained_evidence.as_ref().context(
        "the policy pack has no [retained_evidence]: without a legal basis, a period and a public \
         key nothing is kept",
    )
}

fn switch_on(
    store: &mut Store,
    policy: &PolicyPack,
    numbers: &Numbers,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<()> {
    let terms = policy.retained_sha256().context("the policy pack has no [retained_evidence]")?;
    ensure!(Keeping::of(store, policy)? != Keeping::On, "it is on already, for these terms");
    ensure!(
        numbers.guard != numbers.technician,
        "a guard and a technician, each with a number of their own, switch this on together"
    );
    let guard = sign_in(store, numbers.guard, Action::SwitchRetentionOnAsGuard, now, ask)?;
    let technician =
        sign_in(store, numbers.technician, Action::SwitchRetentionOnAsTechnician, now, ask)?;
    store.switch_retention_on(terms, guard, technician, now)?;
    Ok(())
}

fn switch_off(
    store: &mut Store,
    number: u32,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<bool> {
    let member = sign_in(store, number, Action::SwitchRetentionOff, now, ask)?;
    Ok(store.switch_retention_off(member, now)?)
}

/// The terms as they are agreed to.
fn shown(policy: &PolicyPack, terms: &RetainedEvidence) -> String {
    let text = |texts: &platform::Texts| {
        let notice = texts.face_notice.as_ref();
        notice.map(|notice| notice.retention(Retained::Evidence).plain()).unwrap_or_default()
    };
    format!(
        "Policy pack {}\nLegal basis  {}\nKept for     {} days\nOpened by    {}\nNotice (zh)  {}\n\
         Notice (en)  {}",
        policy.facts.version,
        terms.legal_basis,
        terms.days,
        terms.recipient,
        text(&policy.zh),
        text(&policy.en),
    )
}

fn status(store: &Store) -> anyhow::Result<String> {
    let Some(roster) = Roster::load(store)? else {
        return Ok("Evidence is not kept: no roster was imported.".to_owned());
    };
    let Some(terms) = &roster.policy.facts.retained_evidence else {
        let lapsed = matches!(roster.keeping, Keeping::Lapsed);
        let also = if lapsed { " It was switched on for an earlier pack." } else { "" };
        return Ok(format!("Evidence is not kept: the policy pack has no terms for it.{also}"));
    };
    let by = |switch: store::RetentionSwitch| {
        format!(
            "by guard {} and technician {}, {}",
            switch.guard,
            switch.technician,
            local(switch.at)
        )
    };
    let word = match (roster.keeping, store.retention()?) {
        (Keeping::On, Some(switch)) => format!("Evidence is kept. Switched on {}.", by(switch)),
        (Keeping::Lapsed, Some(switch)) => format!(
            "Evidence is not kept: it was switched on {}, but for other terms than these. Two \
             members of staff have to switch it on again.",
            by(switch)
        ),
        _ => "Evidence is not kept: nobody switched it on.".to_owned(),
    };
    Ok(format!("{}\n{word}", shown(&roster.policy, terms)))
}

fn held(store: &Store) -> anyhow::Result<String> {
    let held = store.evidence_held()?;
    Ok(match (held.next, held.last) {
        (Some(next), Some(last)) => format!(
            "{} sealed records are held; the next is deleted {}, the last {}.",
            held.records,
            local(next),
            local(last)
        ),
        _ => "No sealed records are held.".to_owned(),
    })
}

/// Writes every record to a file of its own, and returns how many there are. A file that is there
/// already with the same content is left alone.
fn export(store: &Store, folder: &Path) -> anyhow::Result<u32> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut written = 0;
    store.each_evidence(|nonce, sealed| {
        let path = folder.join(format!("{}.age", HEXLOWER.encode(&nonce)));
        write_new(&path, sealed).map_err(|error| Export::File(path, error))?;
        written += 1;
        Ok::<_, Export>(())
    })?;
    Ok(written)
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
enum Export {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write {0}")]
    File(PathBuf, #[source] std::io::Error),
}

fn write_new(path: &Path, sealed: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    seal::owner_only(&mut options);
    match options.open(path) {
        Ok(mut file) => file.write_all(sealed).and_then(|()| file.sync_all()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if std::fs::read(path)? == sealed { Ok(()) } else { Err(error) }
        }
        Err(error) => Err(error),
    }
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests;
