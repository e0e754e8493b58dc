//! Names of attendees: whatever people are called, within bounds.

use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroizing;

/// Longest name in characters.
const LONGEST: usize = 200;

/// Whether a name can be kept as it is.
pub(crate) fn fits(name: &str) -> bool {
    name.chars().count() <= LONGEST && !name.contains(char::is_control)
}

/// The name as it is kept: without characters that steer a screen, and cut between two letters
/// where it is too long. No name is refused.
pub(crate) fn fit(name: &str) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(name.len()));
    kept.extend(name.chars().filter(|letter| !steers(*letter)));
    if kept.chars().count() > LONGEST {
        let end = kept.char_indices().nth(LONGEST).map_or(kept.len(), |(at, _)| at);
        // One letter may be made of more characters than a name has: then it is cut itself.
        let cut = kept
            .grapheme_indices(true)
            .map(|(at, letter)| at + letter.len())
            .take_while(|to| *to <= end)
            .last();
        kept.truncate(cut.unwrap_or(end));
    }
    kept
}

/// Control characters, and those that turn the direction of what stands beside a name. The marks
/// that a name itself may need (joiners, directional marks) stay.
fn steers(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_world_are_kept_as_they_are() {
        for name in ["欧阳示例", "עברית", "محمد بن عبد الله", "Ñandú O’Brien", "👩‍👩‍👧‍👦", ""]
        {
            assert!(fits(name));
            assert_eq!(fit(name).as_str(), name);
        }
    }

    #[test]
    fn a_long_name_is_cut_between_two_letters() {
        let family = "👩‍👩‍👧‍👦";
        let name = format!("{}{family}", "x".repeat(198));
        assert!(!fits(&name));
        assert_eq!(fit(&name).as_str(), "x".repeat(198));
        assert_eq!(fit(&"观".repeat(300)).as_str(), "观".repeat(200));
        let marks = format!("e{}", "\u{301}".repeat(400));
        assert_eq!(fit(&marks).chars().count(), LONGEST);
    }

    #[test]
    fn what_steers_a_screen_is_dropped() {
        assert_eq!(fit("a\u{202e}b\nc\u{7}").as_str(), "abc");
    }

    proptest! {
        #[test]
        fn every_name_fits_then(name in ".{0,400}") {
            prop_assert!(fits(&fit(&name)));
        }
    }
}
