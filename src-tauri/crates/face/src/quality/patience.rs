//! How long a judgement of the person, and not of the picture, may hold up a visit.

use std::time::Duration;

use crate::{QualityLimits, ReferenceProblem};

/// Longer than a blink, and than it takes to read the word on the screen and open the eyes.
const EYES: Duration = Duration::from_millis(1_500);
/// Time to take off a mask, for whoever wishes to.
const COVER: Duration = Duration::from_secs(4);

/// Eyes that are closed open again, and a mask comes off. What stays is how somebody looks: the
/// two judgements come from models that may be wrong about narrow eyes, a squint or a beard, and
/// nobody is to be sent away for those. So after a time the face is compared all the same, and
/// the threshold decides.
#[derive(Default)]
pub struct Patience {
    eyes: Wait,
    cover: Wait,
}

#[derive(Clone, Copy, Default)]
enum Wait {
    #[default]
    Idle,
    Since(Duration),
    Over,
}

impl Wait {
    fn note(self, seen: bool, usable: bool, at: Duration, limit: Duration) -> Self {
        match self {
            Self::Over => Self::Over,
            Self::Since(since) if seen && at.saturating_sub(since) >= limit => Self::Over,
            Self::Idle if seen => Self::Since(at),
            // Other problems say nothing of this one.
            Self::Since(_) if usable => Self::Idle,
            wait => wait,
        }
    }

    fn limit(self, usual: f32) -> f32 {
        if matches!(self, Self::Over) { 1.0 } else { usual }
    }
}

impl Patience {
    /// The limits for the next frame.
    pub(crate) fn limits(&self, usual: &QualityLimits) -> QualityLimits {
        QualityLimits {
            eyes_closed_max: self.eyes.limit(usual.eyes_closed_max),
            cover_max: self.cover.limit(usual.cover_max),
            ..*usual
        }
    }

    /// Takes in what is wrong with a frame, if anything.
    pub(crate) fn note(&mut self, at: Duration, problem: Option<ReferenceProblem>) {
        let usable = problem.is_none();
        self.eyes = self.eyes.note(problem == Some(ReferenceProblem::EyesClosed), usable, at, EYES);
        self.cover = self.cover.note(problem == Some(ReferenceProblem::Covered), usable, at, COVER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: QualityLimits = QualityLimits::PROBE;

    fn after(frames: &[(u64, Option<ReferenceProblem>)]) -> [bool; 2] {
        let mut patience = Patience::default();
        for (at, problem) in frames {
            patience.note(Duration::from_millis(*at), *problem);
        }
        let limits = patience.limits(&USUAL);
        [limits.eyes_closed_max > USUAL.eyes_closed_max, limits.cover_max > USUAL.cover_max]
    }

    #[test]
    fn c05_eyes_and_covers_hold_up_a_visit_for_a_time_and_not_for_good() {
        let (eyes, cover) = (Some(ReferenceProblem::EyesClosed), Some(ReferenceProblem::Covered));
        let cases: [(&str, &[_], [bool; 2]); 9] = [
            ("nothing", &[(0, None), (9_000, None)], [false, false]),
            ("a blink", &[(0, eyes), (300, None), (2_000, eyes)], [false, false]),
            ("closed all the time", &[(100, eyes), (900, eyes), (1_600, eyes)], [true, false]),
            ("not yet", &[(100, eyes), (1_599, eyes)], [false, false]),
            (
                "with a blurred frame between",
                &[(0, eyes), (700, Some(ReferenceProblem::Blurred)), (1_500, eyes)],
                [true, false],
            ),
            (
                "once waited for, no more",
                &[(0, eyes), (1_500, eyes), (1_600, None), (1_700, eyes)],
                [true, false],
            ),
            ("a mask", &[(0, cover), (1_500, cover), (3_999, cover)], [false, false]),
            ("a mask that stays", &[(0, cover), (4_000, cover)], [false, true]),
            (
                "dark and blurred for long",
                &[(0, Some(ReferenceProblem::TooDark)), (9_000, Some(ReferenceProblem::TooDark))],
                [false, false],
            ),
        ];
        for (name, frames, expected) in cases {
            assert_eq!(after(frames), expected, "{name}");
        }
    }

    #[test]
    fn the_other_limits_stay() {
        let mut patience = Patience::default();
        for at in [0, 2_000, 9_000] {
            patience.note(Duration::from_millis(at), Some(ReferenceProblem::EyesClosed));
            patience.note(Duration::from_millis(at), Some(ReferenceProblem::Covered));
        }
        let expected = QualityLimits { eyes_closed_max: 1.0, cover_max: 1.0, ..USUAL };
        assert_eq!(patience.limits(&USUAL), expected);
    }
}
