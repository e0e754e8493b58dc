//! Attack detection on recorded presentations, which cannot answer a challenge.

use std::borrow::Borrow;
use std::time::Duration;

use image::RgbImage;

use crate::attack::presentation::{Presentation, PresentationDecision, Standing};
use crate::{Engine, FaceError, Limits};

/// Time between the frames of a picture that stands still: the kiosk's 15 frames a second.
const STILL_INTERVAL: Duration = Duration::from_micros(1_000_000 / 15);

impl Engine {
    /// The decision of a visit's attack detection at the moment when it would ask for a movement,
    /// or at the end of the recording. The times count from the first frame.
    ///
    /// A single picture stays before the camera until the last look. What would be asked for a
    /// movement is [`PresentationDecision::NeedsChallenge`]: a non-response in the sense of
    /// ISO/IEC 30107-3 (APNRR, BPNRR), neither accepted nor rejected.
    ///
    /// # Errors
    /// [`FaceError::Run`] if a network fails.
    pub fn present<F: Borrow<RgbImage>>(
        &self,
        limits: &Limits,
        frames: impl Iterator<Item = (F, Duration)>,
    ) -> Result<PresentationDecision, FaceError> {
        // The seed does not matter: the first challenge ends the recording.
        let mut presentation = Presentation::new(limits.attack, limits.attack_threshold, 0);
        let (mut count, mut only) = (0, None);
        for (frame, at) in frames {
            let sight = self.watch(frame.borrow(), &limits.quality, at)?;
            count += 1;
            presentation.see(at, sight.as_ref());
            only = sight.filter(|_| count == 1);
            if let Some(decision) = decided(&presentation) {
                return Ok(decision);
            }
        }
        if let (1, Some(mut sight)) = (count, only) {
            let more = limits.attack.last_look.as_micros() / STILL_INTERVAL.as_micros() + 2;
            for index in 1..=more {
                let at = STILL_INTERVAL * index as u32;
                sight.set_time(at);
                presentation.see(at, Some(&sight));
                if let Some(decision) = decided(&presentation) {
                    return Ok(decision);
                }
            }
        }
        Ok(presentation.passive())
    }
}

fn decided(presentation: &Presentation) -> Option<PresentationDecision> {
    match presentation.standing() {
        Standing::Watching => None,
        Standing::Asked(_) => Some(PresentationDecision::NeedsChallenge),
        Standing::BonaFide => Some(PresentationDecision::BonaFide),
        Standing::Suspected => Some(PresentationDecision::Suspected),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::testing::{camera_frame, engine, moved};
    use PresentationDecision::{NeedsChallenge, NotAcquired, Suspected};

    fn decide(limits: &Limits, frames: &[RgbImage]) -> PresentationDecision {
        let timed = frames.iter().enumerate().map(|(i, frame)| (frame, STILL_INTERVAL * i as u32));
        engine().present(limits, timed).unwrap()
    }

    #[test]
    fn a_picture_shows_no_sign_of_life_whether_it_stands_or_sways() {
        let limits = Limits::default();
        let frame = camera_frame("obama2.jpg");
        assert_eq!(decide(&limits, std::slice::from_ref(&frame)), NeedsChallenge);
        let swaying: Vec<RgbImage> =
            (0..30).map(|i| moved(&frame, i % 7 - 3, (i % 5) - 2)).collect();
        assert_eq!(decide(&limits, &swaying), NeedsChallenge);
    }

    #[test]
    fn what_the_network_rejects_is_suspected_and_nobody_is_not_acquired() {
        let limits = Limits { attack_threshold: 1.1, ..Limits::default() };
        assert_eq!(decide(&limits, &[camera_frame("obama2.jpg")]), Suspected);
        let nobody = RgbImage::from_pixel(640, 480, image::Rgb([90; 3]));
        assert_eq!(decide(&limits, &[nobody]), NotAcquired);
        assert_eq!(decide(&limits, &[]), NotAcquired);
    }
}
