//! What a visit leaves where a law wants evidence kept (POLICY.md C07): one picture, sealed before
//! it leaves the worker to a key that the kiosk does not have.

use std::sync::Arc;

use camera::Frame;
use evidence::{EvidenceError, Head, Recipient, Sealed};
use face::{ModelHash, Outcome};
use serde::{Deserialize, Serialize};

use crate::{BiometricsError, Picture};

/// That a visit leaves evidence. Without an order nothing is kept and nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceOrder {
    recipient: Recipient,
    at: String,
}

impl EvidenceOrder {
    /// Evidence for this age recipient (`age1…`), of a visit at this time (RFC 3339).
    pub fn new(recipient: &str, at: String) -> Result<Self, BiometricsError> {
        Ok(Self { recipient: recipient.parse()?, at })
    }
}

/// The one frame of a visit that evidence would show, held until the outcome is known.
pub(crate) struct Kept {
    wanted: bool,
    frame: Option<Arc<Frame>>,
}

impl Kept {
    /// Holds frames only if there is an order.
    pub(crate) fn for_order(order: Option<&EvidenceOrder>) -> Self {
        Self { wanted: order.is_some(), frame: None }
    }

    /// Takes a frame in place of the one before, which is wiped when nothing else shows it.
    pub(crate) fn take(&mut self, frame: &Arc<Frame>) {
        if self.wanted {
            self.frame = Some(Arc::clone(frame));
        }
    }
}

/// Whether an outcome leaves evidence: a comparison that was not made does not.
pub(crate) fn leaves_evidence(outcome: Outcome) -> bool {
    word(outcome).is_some()
}

fn word(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Match => Some("match"),
        Outcome::NonMatch => Some("non_match"),
        Outcome::SuspectedAttack => Some("suspected_attack"),
        Outcome::PoorSamples => None,
    }
}

/// Why there is no evidence although it was ordered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RetainError {
    #[error("there is no frame to keep")]
    NoFrame,
    #[error("the picture could not be encoded")]
    Encode(#[source] image::ImageError),
    #[error("the record could not be sealed")]
    Seal(#[from] EvidenceError),
}

/// Seals the evidence of a visit. `None` where the outcome leaves none.
pub(crate) fn seal(
    order: &EvidenceOrder,
    outcome: Outcome,
    model: ModelHash,
    kept: Kept,
) -> Result<Option<Sealed>, RetainError> {
    let Some(outcome) = word(outcome) else { return Ok(None) };
    let frame = kept.frame.ok_or(RetainError::NoFrame)?;
    let picture = Picture::of_frame(frame.image());
    drop(frame);
    let jpeg = picture.to_jpeg().map_err(RetainError::Encode)?;
    let model = model.to_string();
    let head = Head { outcome, at: &order.at, model: &model };
    Ok(Some(evidence::seal(&head, &jpeg, &order.recipient)?))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use age::x25519::Identity;
    use image::{Rgb, RgbImage};

    use super::*;

    const AT: &str = "2026-11-23T08:15:02Z";
    const MODEL: ModelHash = ModelHash([7; 32]);

    fn order(identity: &Identity) -> EvidenceOrder {
        EvidenceOrder::new(&identity.to_public().to_string(), AT.to_owned()).unwrap()
    }

    fn frame(image: RgbImage) -> Arc<Frame> {
        Arc::new(Frame::from_rgb(image))
    }

    fn kept(order: &EvidenceOrder, frame: &Arc<Frame>) -> Kept {
        let mut kept = Kept::for_order(Some(order));
        kept.take(frame);
        kept
    }

    /// Head and picture of a record.
    fn opened(identity: &Identity, sealed: &Sealed) -> (String, RgbImage) {
        let opened = age::decrypt(identity, sealed.as_bytes()).unwrap();
        let end = opened.iter().position(|byte| *byte == b'\n').unwrap();
        let picture = image::load_from_memory(&opened[end + 1..]).unwrap();
        (String::from_utf8(opened[..end].to_vec()).unwrap(), picture.into_rgb8())
    }

    #[test]
    fn c07_match_non_match_and_attack_leave_evidence_and_no_other_outcome() {
        let identity = Identity::generate();
        let order = order(&identity);
        let frame = frame(RgbImage::from_pixel(64, 48, Rgb([200, 20, 30])));
        for (outcome, word) in [
            (Outcome::Match, "match"),
            (Outcome::NonMatch, "non_match"),
            (Outcome::SuspectedAttack, "suspected_attack"),
        ] {
            let sealed = seal(&order, outcome, MODEL, kept(&order, &frame)).unwrap().unwrap();
            let (head, picture) = opened(&identity, &sealed);
            let model = "07".repeat(32);
            assert_eq!(
                head,
                format!(
                    r#"{{"postern_evidence":1,"outcome":"{word}","at":"{AT}","model":"{model}","picture":"jpeg"}}"#
                )
            );
            assert_eq!(picture.dimensions(), (64, 48));
            assert!(picture.get_pixel(30, 20).0[0].abs_diff(200) < 8);
        }
        let none = seal(&order, Outcome::PoorSamples, MODEL, kept(&order, &frame)).unwrap();
        assert!(none.is_none());
    }

    #[test]
    fn a_picture_of_pure_noise_still_fits() {
        let identity = Identity::generate();
        let order = order(&identity);
        let mut state = 1_u32;
        let noise = RgbImage::from_fn(1280, 1280, |_, _| {
            Rgb([(); 3].map(|()| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            }))
        });
        let kept = kept(&order, &frame(noise));
        let sealed = seal(&order, Outcome::Match, MODEL, kept).unwrap().unwrap();
        assert_eq!(opened(&identity, &sealed).1.dimensions(), (640, 640));
    }

    #[test]
    fn c07_without_an_order_no_frame_is_held() {
        let mut kept = Kept::for_order(None);
        let frame = frame(RgbImage::new(4, 4));
        kept.take(&frame);
        assert_eq!(Arc::strong_count(&frame), 1);
        let order = order(&Identity::generate());
        let error = seal(&order, Outcome::Match, MODEL, kept);
        assert!(matches!(error, Err(RetainError::NoFrame)));
    }

    #[test]
    fn a_better_frame_replaces_the_one_before() {
        let order = order(&Identity::generate());
        let (first, second) = (frame(RgbImage::new(4, 4)), frame(RgbImage::new(4, 4)));
        let mut kept = kept(&order, &first);
        kept.take(&second);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 2));
    }

    #[test]
    fn what_is_no_recipient_makes_no_order() {
        assert!(EvidenceOrder::new("age1nobody", AT.to_owned()).is_err());
        let json = r#"{"recipient":"age1nobody","at":""}"#;
        assert!(serde_json::from_str::<EvidenceOrder>(json).is_err());
    }
}
