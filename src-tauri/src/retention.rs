//! Evidence that a law wants kept of visits (POLICY.md C07): whether this kiosk keeps it, and what
//! becomes of it. It cannot open any.

use biometrics::{BiometricsError, EvidenceOrder, Sealed};
use checkin::{Event, FaultCode, VisitNonce};
use platform::{PolicyPack, Retained};
use store::{Evidence, Store, StoreError};

use crate::controller::{Controller, Input};
use crate::effects::failed;
use crate::roster::Roster;
use crate::view::RetentionStatus;

/// For the technician, when what two people agreed to is no longer what the pack says.
pub(crate) const LAPSED: &str = "evidence is no longer kept: the policy pack has other terms than \
     those that were agreed to; see `postern retention status`";

/// Whether evidence is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Nobody switched it on.
    Off,
    /// Two members of staff switched it on, for the terms of the present pack.
    On,
    /// They did, but for other terms: it is off until two do again.
    Lapsed,
}

impl Keeping {
    /// What the switch in the database means under this pack.
    pub(crate) fn of(store: &Store, policy: &PolicyPack) -> Result<Self, StoreError> {
        let terms = policy.retained_sha256();
        Ok(match store.retention()? {
            None => Self::Off,
            Some(switch) if terms == Some(switch.terms_sha256) => Self::On,
            Some(_) => Self::Lapsed,
        })
    }

    /// What a visit leaves, and which notice tells of it.
    pub(crate) fn retained(self) -> Retained {
        match self {
            Self::On => Retained::Evidence,
            Self::Off | Self::Lapsed => Retained::Nothing,
        }
    }
}

impl From<Keeping> for RetentionStatus {
    fn from(keeping: Keeping) -> Self {
        match keeping {
            Keeping::Off => Self::Off,
            Keeping::On => Self::On,
            Keeping::Lapsed => Self::Lapsed,
        }
    }
}

/// True when evidence was kept, or would have been, until this roster came.
pub(crate) fn lapses(before: Option<&Roster>, now: Option<&Roster>) -> bool {
    let lapsed = |roster: Option<&Roster>| roster.is_some_and(|r| r.keeping == Keeping::Lapsed);
    lapsed(now) && !lapsed(before)
}

impl Controller {
    /// Whether evidence is kept.
    pub(crate) fn keeping(&self) -> Keeping {
        self.roster.as_ref().map_or(Keeping::Off, |roster| roster.keeping)
    }

    /// The order for the worker of a visit that begins now. `None` unless evidence is kept.
    pub(crate) fn evidence_order(&self) -> Result<Option<EvidenceOrder>, BiometricsError> {
        let terms = self.roster.as_ref().and_then(|r| r.policy.facts.retained_evidence.as_ref());
        match (self.keeping(), terms) {
            (Keeping::On, Some(terms)) => {
                let at = format!("{:.0}", self.clock.now());
                EvidenceOrder::new(&terms.recipient, at).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Writes what the worker sealed. It comes before the visit's check-in, which the database
    /// writes afterwards; where it cannot be written, a person takes over.
    pub(crate) fn keep_evidence(&mut self, visit: VisitNonce, sealed: Sealed) {
        let terms = self.roster.as_ref().and_then(|r| r.policy.facts.retained_evidence.as_ref());
        let Some(days) = terms.map(|terms| terms.days) else { return };
        let at = self.clock.now();
        self.held.sealed = true;
        self.with_store(move |store| {
            let sealed = sealed.as_bytes();
            match store.record_evidence(&Evidence { nonce: visit.0, sealed, at, days }) {
                Ok(()) => vec![held(store)],
                Err(error) => vec![
                    failed("evidence", &error),
                    Input::Visit(visit, Event::Faulted(FaultCode::Store)),
                ],
            }
        });
    }
}

/// How much evidence is held, for the technician.
pub(crate) fn held(store: &mut Store) -> Input {
    match store.evidence_held() {
        Ok(held) => Input::Evidence(held.records),
        Err(error) => failed("evidence", &error),
    }
}
