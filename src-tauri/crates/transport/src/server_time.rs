//! What time it is at the server, as its answers tell.

use std::time::{Duration, Instant};

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};

/// The time that one answer told. The server wrote it somewhere between the request and the
/// answer: the middle is taken, and `took` says how far off that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    /// The server's time in the middle of the request. The header has whole seconds, so that this
    /// is right to half a second, and half of `took`.
    pub at: Timestamp,
    /// The middle of the request.
    pub middle: Instant,
    /// How long the answer took to begin.
    pub took: Duration,
}

impl ServerTime {
    /// Half of the header's resolution.
    const HALF: SignedDuration = SignedDuration::from_millis(500);

    pub(crate) fn of(headers: &HeaderMap, begun: Instant, answered: Instant) -> Option<Self> {
        const DATES: DateTimeParser = DateTimeParser::new();
        let date = DATES.parse_timestamp(headers.get(DATE)?.as_bytes()).ok()?;
        let took = answered.saturating_duration_since(begun);
        Some(Self { at: date.checked_add(Self::HALF).ok()?, middle: begun + took / 2, took })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_time_of_an_answer_is_that_of_the_middle_of_its_request() {
        let begun = Instant::now();
        let headers = |date| HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]);
        let of = |date| ServerTime::of(&headers(date), begun, begun + Duration::from_secs(1));
        let time = of("Thu, 05 Nov 2026 09:00:00 GMT").unwrap();
        assert_eq!(time.at, "2026-11-05T09:00:00.5Z".parse().unwrap());
        assert_eq!(time.middle, begun + Duration::from_millis(500));
        assert_eq!(time.took, Duration::from_secs(1));
        for garbage in ["", "yesterday", "2026-11-05T09:00:00Z", "Thu, 99 Nov 2026 09:00:00 GMT"] {
            assert_eq!(of(garbage), None, "{garbage}");
        }
    }
}
