//! `postern requests`: what visitors asked for under their rights (POLICY.md C39).

use std::io::Write as _;

use anyhow::{Context as _, bail, ensure};
use clap::{Subcommand, ValueEnum};
use data_encoding::HEXLOWER;
use due::{Outcome, Refusal};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use store::{Answered, FiledRequest, Store};

use super::pin;
use super::signing_in::{Ask, local, sign_in};
use crate::clock::Clock;
use crate::config::Config;
use crate::rights::Action;

/// Requests that visitors filed under their rights. End the kiosk first.
#[derive(Subcommand)]
pub(crate) enum Requests {
    /// List them, the first due first, with the attendee's position at the registration platform.
    List {
        /// Number of the member of staff, who types the PIN.
        #[arg(long)]
        number: u32,
    },
    /// Record what became of a request. It is recorded once.
    Answer {
        /// The request's number, as the visitor has it; its last part is enough.
        request: String,
        /// What became of it.
        #[arg(long, value_enum)]
        outcome: OutcomeArgument,
        /// Why it was refused.
        #[arg(long, value_enum, required_if_eq("outcome", "refused"))]
        reason: Option<ReasonArgument>,
        /// Number of the member of staff who answers and types the PIN.
        #[arg(long)]
        number: u32,
    },
    /// Write those that were not carried to the registration platform yet to standard output, each
    /// a signed note, and note that they were.
    Export {
        /// Number of the member of staff who carries them there and types the PIN.
        #[arg(long)]
        number: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutcomeArgument {
    /// Done as it was asked for.
    Granted,
    /// Done in part.
    Partly,
    /// Not done: give the reason.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReasonArgument {
    /// Whoever asked could not show who they are.
    IdentityNotShown,
    /// Nothing of the kind is held.
    NothingHeld,
    /// A law demands the opposite.
    RequiredByLaw,
    /// Somebody else's rights stand against it.
    RightsOfOthers,
    /// The same was asked again and again without a reason.
    Excessive,
}

impl From<ReasonArgument> for Refusal {
    fn from(reason: ReasonArgument) -> Self {
        match reason {
            ReasonArgument::IdentityNotShown => Self::IdentityNotShown,
            ReasonArgument::NothingHeld => Self::NothingHeld,
            ReasonArgument::RequiredByLaw => Self::RequiredByLaw,
            ReasonArgument::RightsOfOthers => Self::RightsOfOthers,
            ReasonArgument::Excessive => Self::Excessive,
        }
    }
}

impl Requests {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        match self {
            Self::List { number } => say(&list(&mut store, *number, now, &mut pin::ask)?),
            Self::Answer { request, outcome, reason, number } => {
                let outcome = outcome_of(*outcome, *reason)?;
                answer(&mut store, request, outcome, *number, now, &mut pin::ask)?;
                say("The answer is recorded. Tell the visitor.\n")
            }
            Self::Export { number } => say(&export(&mut store, *number, now, &mut pin::ask)?),
        }
    }
}

/// Only a refusal has a reason.
fn outcome_of(outcome: OutcomeArgument, reason: Option<ReasonArgument>) -> anyhow::Result<Outcome> {
    Ok(match (outcome, reason) {
        (OutcomeArgument::Granted, None) => Outcome::Granted,
        (OutcomeArgument::Partly, None) => Outcome::Partly,
        (OutcomeArgument::Refused, Some(reason)) => Outcome::Refused(reason.into()),
        (OutcomeArgument::Refused, None) => bail!("a refusal needs its --reason"),
        (_, Some(_)) => bail!("only a refusal has a --reason"),
    })
}

fn list(
    store: &mut Store,
    number: u32,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<String> {
    sign_in(store, number, Action::SeeRequests, now, ask)?;
    let today = due::today(now);
    let requests = store.requests()?;
    let open = requests.iter().filter(|request| request.answer.is_none()).count();
    let mut text = format!("{open} to answer, {} in all.\n", requests.len());
    for request in &requests {
        text += &line(request, today);
    }
    Ok(text)
}

fn line(request: &FiledRequest, today: Date) -> String {
    let state = match request.answer {
        Some((outcome, at)) => {
            let reason = outcome.refusal().map(|reason| format!(": {}", reason.word()));
            format!("{}{} on {}", outcome.word(), reason.unwrap_or_default(), local(at))
        }
        None if request.is_overdue(today) => "OVERDUE".to_owned(),
        None => "open".to_owned(),
    };
    let position = request.position.map_or_else(|| "none".to_owned(), |n| n.to_string());
    let carried = if request.carried_at.is_some() { "carried" } else { "not carried" };
    format!(
        "{}  {:<11}  due {}  filed {}  position {position}  {carried}  {state}\n",
        request.number,
        request.kind.word(),
        request.due,
        local(request.filed_at),
    )
}

fn answer(
    store: &mut Store,
    request: &str,
    outcome: Outcome,
    number: u32,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<()> {
    let member = sign_in(store, number, Action::AnswerRequests, now, ask)?;
    match store.answer_request(request, outcome, member, now)? {
        Answered::Now => Ok(()),
        Answered::Before => bail!("this request was answered before; nothing was changed"),
        Answered::Unknown => bail!("this kiosk has no request with this number"),
    }
}

/// One request as the platform's people read it.
#[derive(Serialize)]
struct Carried<'a> {
    number: &'a str,
    kind: &'a str,
    filed_at: String,
    due_on: String,
    /// The badge, as the platform can compute it from its code and the roster's salt.
    locator: String,
    position: Option<i64>,
    answer: Option<&'a str>,
}

fn export(
    store: &mut Store,
    number: u32,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<String> {
    let member = sign_in(store, number, Action::AnswerRequests, now, ask)?;
    let key = crate::db::kiosk_key(store)?;
    let mut waiting = store.requests()?;
    waiting.retain(|request| request.carried_at.is_none());
    ensure!(!waiting.is_empty(), "no request waits to be carried to the platform");
    let mut text = String::new();
    for request in &waiting {
        let carried = serde_json::to_string(&Carried {
            number: &request.number,
            kind: request.kind.word(),
            filed_at: request.filed_at.to_string(),
            due_on: request.due.to_string(),
            locator: HEXLOWER.encode(&request.locator.0),
            position: request.position,
            answer: request.answer.map(|(outcome, _)| outcome.word()),
        })?;
        let title = format!("{}/request\n", key.verifier().name());
        text += &note::sign(&format!("{title}{carried}\n"), &key);
        text.push('\n');
    }
    store.requests_carried(&waiting, member, now)?;
    Ok(text)
}

fn say(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("standard output")
}

#[cfg(test)]
mod tests;
