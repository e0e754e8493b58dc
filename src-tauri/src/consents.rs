//! What visitors and guardians agree to, from the visit to the database.

use checkin::{Choice, Event, GuardianProof, State, VisitNonce};
use platform::Shown;
use store::{Age, BadgeId, ConsentRecord, GuardianConsent, Purpose};

use crate::controller::Controller;
use crate::controller::Input;
use crate::effects::failed;
use crate::rights::Action;
use crate::view::{self, Guardian, Language};

/// What is asked at the moment: hashes of the notice and of the terms of a transfer.
pub(crate) type Asked = (Option<[u8; 32]>, Option<[u8; 32]>);

impl Controller {
    /// The form of the notice that the present visitor is shown.
    pub(crate) fn shown_notice(&self) -> Shown {
        Shown { retained: self.keeping().retained(), eea: self.held.eea }
    }

    /// What the present visitor is asked.
    pub(crate) fn asked(&self) -> Asked {
        self.roster.as_ref().map_or((None, None), |roster| {
            (roster.policy.notice_sha256(self.shown_notice()), roster.policy.transfer_sha256())
        })
    }

    /// Asks again where the visitor was asked something else before (C43).
    pub(crate) fn ask_again(&mut self, before: Asked) {
        let now = self.asked();
        let asked = match self.state() {
            State::Rights(rights) => rights.from(),
            state => state,
        };
        if now == before || !matches!(asked, State::Consent(_) | State::Prepare(_)) {
            return;
        }
        // A guardian agreed to the other text.
        let child = self.held.badge.as_ref().is_some_and(|badge| badge.entry.age == Age::Under14);
        let offered = now.0.is_some() && self.lane_closed().is_none() && !child;
        self.note("the policy changed during a visit: the visitor is asked again");
        self.on(Event::NoticeChanged { offered });
        self.show_anew();
    }

    pub(crate) fn record_consent(&mut self, nonce: VisitNonce, choice: Choice) {
        let answer = move |written| Input::Visit(nonce, Event::ConsentRecorded(written));
        let given = match choice {
            Choice::Face => store::Choice::Given,
            Choice::OtherWay => store::Choice::Refused,
            Choice::Withdrawn => store::Choice::Withdrawn,
        };
        let Some(record) = self.consent(nonce, Purpose::FaceComparison, given) else {
            return self.answer(nonce, Event::ConsentRecorded(false));
        };
        self.with_store(move |store| match store.record_consent(&record) {
            Ok(()) if choice == Choice::Face => vec![answer(true)],
            Ok(()) => Vec::new(),
            Err(error) => vec![failed("consent", &error), answer(false)],
        });
    }

    /// Writes that the visitor agreed to a transfer abroad, or took it back.
    pub(crate) fn record_transfer(&mut self, nonce: VisitNonce, on: bool) {
        let choice = if on { store::Choice::Given } else { store::Choice::Withdrawn };
        let Some(record) = self.consent(nonce, Purpose::CrossBorderTransfer, choice) else {
            return;
        };
        self.with_store(move |store| match store.record_consent(&record) {
            Ok(()) => Vec::new(),
            Err(error) => vec![failed("consent to a transfer", &error)],
        });
    }

    /// A record of the present visitor's choice; none without a badge or without such a text.
    fn consent(
        &self,
        nonce: VisitNonce,
        purpose: Purpose,
        choice: store::Choice,
    ) -> Option<ConsentRecord> {
        let (notice, transfer) = self.asked();
        Some(ConsentRecord {
            nonce: nonce.0,
            badge: self.badge()?,
            purpose,
            choice,
            policy_version: self.roster.as_ref()?.policy.facts.version.to_string(),
            notice_sha256: match purpose {
                Purpose::FaceComparison => notice,
                Purpose::CrossBorderTransfer => transfer,
            }?,
            language: self.read_in(),
            at: self.clock.now(),
        })
    }

    /// Keeps the badge apart: its holder says that they are below 14.
    pub(crate) fn note_child(&mut self) {
        let at = self.clock.now();
        let Some(badge) = &mut self.held.badge else { return };
        badge.entry.age = Age::Under14;
        let badge = badge.entry.id;
        self.with_store(move |store| match store.note_child(badge, at) {
            Ok(()) => Vec::new(),
            Err(error) => vec![failed("age", &error)],
        });
    }

    pub(crate) fn record_guardian(&mut self, nonce: VisitNonce, staff: u32, proof: GuardianProof) {
        let roster = self.roster.as_ref();
        let policy = roster.map(|roster| &roster.policy).filter(|_| self.guardian_opens());
        let notice = policy.and_then(|p| Some((p, p.notice_sha256(self.keeping().retained())?)));
        let member = self.held.member.filter(|member| member.number == staff);
        let (Some(badge), Some((policy, notice_sha256)), Some(staff)) =
            (self.badge(), notice, member)
        else {
            return self.answer(nonce, Event::GuardianRecorded(false));
        };
        let consent = GuardianConsent {
            nonce: nonce.0,
            badge,
            proof: stored(proof),
            staff,
            policy_version: policy.facts.version.to_string(),
            notice_sha256,
            language: self.read_in(),
            at: self.clock.now(),
        };
        if let Some(badge) = &mut self.held.badge {
            badge.entry.guardian_notice = Some(notice_sha256);
        }
        self.with_store(move |store| {
            let answer = |written| Input::Visit(nonce, Event::GuardianRecorded(written));
            match store.record_guardian_consent(&consent) {
                Ok(()) => vec![answer(true)],
                Err(error) => vec![failed("guardian's consent", &error), answer(false)],
            }
        });
    }

    pub(crate) fn revoke_guardian(&mut self, nonce: VisitNonce, staff: u32) {
        let at = self.clock.now();
        let member = self.held.member.filter(|member| member.number == staff);
        let (Some(badge), Some(staff)) = (&mut self.held.badge, member) else { return };
        badge.entry.guardian_notice = None;
        let badge = badge.entry.id;
        self.with_store(move |store| {
            match store.revoke_guardian_consent(badge, nonce.0, staff, at) {
                Ok(_) => Vec::new(),
                Err(error) => vec![failed("guardian's revocation", &error)],
            }
        });
    }

    /// What staff may do for the present visitor with a guardian; none for whoever is no child.
    pub(crate) fn guardian(&self) -> Option<Guardian> {
        if !self.may(Action::ServeGuardian) {
            return None;
        }
        let badge = self.held.badge.as_ref().filter(|badge| badge.child())?;
        let opens = matches!(self.state(), State::Staff(s) if s.guardian_may_agree());
        let proofs = if opens && self.guardian_opens() {
            view::GuardianProof::ALL.to_vec()
        } else {
            Vec::new()
        };
        let agreed = badge.entry.guardian_notice.is_some();
        (agreed || !proofs.is_empty()).then_some(Guardian { proofs, agreed })
    }

    /// True where a guardian's consent is all that the face lane waits for.
    fn guardian_opens(&self) -> bool {
        let photo = self.held.badge.as_ref().is_some_and(|b| b.entry.has_reference());
        photo && self.lane_closed().is_none()
    }

    fn badge(&self) -> Option<BadgeId> {
        self.held.badge.as_ref().map(|badge| badge.entry.id)
    }

    fn read_in(&self) -> store::Language {
        match self.language {
            Language::Zh => store::Language::Zh,
            Language::En => store::Language::En,
        }
    }
}

fn stored(proof: GuardianProof) -> store::GuardianProof {
    match proof {
        GuardianProof::IdentityCard => store::GuardianProof::IdentityCard,
        GuardianProof::Passport => store::GuardianProof::Passport,
        GuardianProof::HouseholdRegister => store::GuardianProof::HouseholdRegister,
        GuardianProof::BirthCertificate => store::GuardianProof::BirthCertificate,
        GuardianProof::GuardianshipOrder => store::GuardianProof::GuardianshipOrder,
    }
}
