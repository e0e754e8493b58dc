//! The sealed reference photo. It is read when it is needed: for a comparison to which the visitor
//! has agreed, or for the member of staff who looks.

use biometrics::host::Begin;
use checkin::{Event, FaultCode, State, VisitNonce};
use seal::{Kind, SealingKey};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::controller::{Controller, Input};
use crate::effects::failed;
use crate::held::HeldBadge;

impl HeldBadge {
    /// The key of the photo, for whoever opens it.
    fn reference_key(&self) -> SealingKey {
        SealingKey::from_bytes(Zeroizing::new(*self.keys.reference.as_bytes()))
    }
}

impl Controller {
    /// Gives the visit its worker, and reads the photo that the face is to be compared with.
    pub(crate) fn begin_capture(&mut self, nonce: VisitNonce) {
        self.workers.begin_capture(nonce);
        let Some(locator) = self.held.badge.as_ref().map(|badge| badge.keys.locator) else {
            return self.answer(nonce, Event::Faulted(FaultCode::Internal));
        };
        if self.db.is_none() {
            return self.answer(nonce, Event::ReferenceRefused);
        }
        self.with_store(move |store| match store.reference(&locator) {
            Ok(sealed) => vec![Input::Reference(nonce, sealed)],
            Err(error) => {
                vec![failed("photo", &error), Input::Visit(nonce, Event::ReferenceRefused)]
            }
        });
    }

    /// Begins the comparison with that photo, if the visit still waits for it.
    pub(crate) fn compare(&mut self, nonce: VisitNonce, sealed: Option<Vec<u8>>) {
        if self.nonce() != Some(nonce) || !matches!(self.state(), State::Prepare(_)) {
            return;
        }
        let Some(sealed_reference) = sealed else {
            return self.answer(nonce, Event::ReferenceRefused);
        };
        let (Some(badge), Ok(evidence)) = (&self.held.badge, self.evidence_order()) else {
            return self.answer(nonce, Event::Faulted(FaultCode::Internal));
        };
        let begin = Begin {
            sealed_reference,
            key: badge.reference_key(),
            locator: badge.keys.locator,
            limits: self.config.face_limits(),
            evidence,
        };
        self.workers.compare(nonce, begin);
    }

    /// Answers with the registered photo, opened.
    pub(crate) fn show_reference(&self, reply: oneshot::Sender<Option<Zeroizing<Vec<u8>>>>) {
        let Some(badge) = &self.held.badge else {
            reply.send(None).ok();
            return;
        };
        let (key, locator) = (badge.reference_key(), badge.keys.locator);
        self.with_store(move |store| match store.reference(&locator) {
            Ok(sealed) => {
                let open = |sealed: Vec<u8>| key.open(&sealed, &locator, Kind::Reference).ok();
                reply.send(sealed.and_then(open)).ok();
                Vec::new()
            }
            Err(error) => {
                reply.send(None).ok();
                vec![failed("photo", &error)]
            }
        });
    }
}
