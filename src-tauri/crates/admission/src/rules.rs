//! The organiser's own rules: the part of JSON Logic that pretix lets organisers use, with
//! pretix's operators (checked against pretix 2026.8).
//!
//! A general evaluator of JSON Logic would answer where pretix answers otherwise, and know none of
//! the operators on time. This one answers what it is certain of, and nothing else.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::Scanned;

/// Rules deeper than this are nobody's.
const DEEPEST: u8 = 16;

/// What rules may ask for.
pub(crate) struct Known {
    pub(crate) item: i64,
    pub(crate) variation: Option<i64>,
    /// The last scan.
    pub(crate) last: Option<Scanned>,
    pub(crate) now: Timestamp,
    /// The event's time zone; none, if it is not known here.
    pub(crate) zone: Option<TimeZone>,
}

/// Whether the rules let the badge pass; nothing where that is not certain.
pub(crate) fn allow(rules: &Json, known: &Known) -> Option<bool> {
    match rules {
        // No rules, in pretix's words.
        Json::Null => Some(true),
        Json::Object(none) if none.is_empty() => Some(true),
        rules => truth(rules, known, 0),
    }
}

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(Range),
    Text(String),
    Time(Timestamp),
    List(Vec<Value>),
    Null,
}

/// A number of which the least is known, and perhaps the greatest: of the entries of a badge the
/// kiosk knows the last.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    least: f64,
    most: f64,
}

impl Range {
    fn exactly(number: f64) -> Self {
        Self { least: number, most: number }
    }

    fn at_least(number: f64) -> Self {
        Self { least: number, most: f64::INFINITY }
    }

    fn less(self, other: Self) -> Option<bool> {
        match (self.most < other.least, self.least >= other.most) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    #[expect(clippy::float_cmp, reason = "whole numbers, or written the same in the same rule")]
    fn equals(self, other: Self) -> Option<bool> {
        if self.least == self.most && other.least == other.most {
            return Some(self.least == other.least);
        }
        let apart = self.most < other.least || other.most < self.least;
        apart.then_some(false)
    }
}

fn truth(rule: &Json, known: &Known, depth: u8) -> Option<bool> {
    let (operator, values) = operation(rule).filter(|_| depth < DEEPEST)?;
    let each = || values.iter().map(|rule| truth(rule, known, depth + 1));
    match (operator, values) {
        ("and", _) => every(each()),
        ("or", _) => every(each().map(not)).map(|none| !none),
        ("==", [a, b]) => equal(a, b, known),
        ("!=", [a, b]) => not(equal(a, b, known)),
        ("<", [a, b]) | (">", [b, a]) => compare(a, b, known, Range::less),
        ("<=", [a, b]) | (">=", [b, a]) => compare(a, b, known, |a, b| not(b.less(a))),
        ("inList", [a, b]) => {
            let (value, Value::List(list)) = (value(a, known)?, value(b, known)?) else {
                return None;
            };
            every(list.iter().map(|other| not(same(&value, other)))).map(|none| !none)
        }
        ("isBefore", [a, b, tolerance @ ..]) | ("isAfter", [b, a, tolerance @ ..]) => {
            let (Value::Time(a), Value::Time(b)) = (value(a, known)?, value(b, known)?) else {
                return None;
            };
            let tolerance = SignedDuration::try_from_secs_f64(minutes(tolerance)? * 60.0).ok()?;
            Some(a < b.checked_add(tolerance).ok()?)
        }
        _ => None,
    }
}

/// The operator of an expression with what it is applied to; one value may stand without a list.
fn operation(rule: &Json) -> Option<(&str, &[Json])> {
    let Json::Object(rule) = rule else { return None };
    let mut entries = rule.iter();
    let (Some((operator, values)), None) = (entries.next(), entries.next()) else { return None };
    Some((operator, values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice)))
}

/// True if all are, false if one is not, and nothing if that depends on one that is not known.
fn every(mut all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let known = all.try_fold(Some(true), |so_far, one| match one {
        Some(false) => Err(()),
        Some(true) => Ok(so_far),
        None => Ok(None),
    });
    known.unwrap_or(Some(false))
}

fn not(known: Option<bool>) -> Option<bool> {
    known.map(|known| !known)
}

fn equal(a: &Json, b: &Json, known: &Known) -> Option<bool> {
    same(&value(a, known)?, &value(b, known)?)
}

fn same(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.equals(*b),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, Value::Number(_)) | (Value::Number(_), Value::Null) => Some(false),
        _ => None,
    }
}

fn compare(
    a: &Json,
    b: &Json,
    known: &Known,
    holds: impl Fn(Range, Range) -> Option<bool>,
) -> Option<bool> {
    match (value(a, known)?, value(b, known)?) {
        (Value::Number(a), Value::Number(b)) => holds(a, b),
        // As in pretix, whichever way round.
        (Value::Null, Value::Number(_)) | (Value::Number(_), Value::Null) => Some(false),
        _ => None,
    }
}

fn value(expression: &Json, known: &Known) -> Option<Value> {
    match expression {
        Json::Null => return Some(Value::Null),
        Json::Number(number) => return number.as_f64().map(Range::exactly).map(Value::Number),
        Json::String(text) => return Some(Value::Text(text.clone())),
        _ => {}
    }
    match operation(expression)? {
        ("var", [Json::String(name)]) => variable(name, known),
        ("objectList", objects) => objects
            .iter()
            .map(|object| value(object, known))
            .collect::<Option<_>>()
            .map(Value::List),
        // Kind, number and, for a reader of the rule, name.
        ("lookup", [_, number, ..]) => {
            let number = number.as_i64().or_else(|| number.as_str()?.parse().ok())?;
            Some(whole(number))
        }
        ("buildTime", [Json::String(kind), Json::String(time)]) => built(kind, time, known),
        ("entries_since" | "entries_days_since", [since]) => {
            let Value::Time(since) = value(since, known)? else { return None };
            Some(Value::Number(entries_since(since, known)))
        }
        ("entries_before" | "entries_days_before", [before]) => {
            let Value::Time(before) = value(before, known)? else { return None };
            Some(Value::Number(match known.last {
                None => Range::exactly(0.0),
                Some(Scanned::Inside(at)) if at < before => Range::at_least(1.0),
                Some(_) => Range::at_least(0.0),
            }))
        }
        _ => None,
    }
}

fn whole(number: i64) -> Value {
    Value::Number(Range::exactly(number as f64))
}

fn variable(name: &str, known: &Known) -> Option<Value> {
    let zoned = || Some(known.now.to_zoned(known.zone.clone()?));
    Some(match name {
        "now" => Value::Time(known.now),
        "now_isoweekday" => whole(zoned()?.weekday().to_monday_one_offset().into()),
        "product" => whole(known.item),
        "variation" => known.variation.map_or(Value::Null, whole),
        "entry_status" => Value::Text(
            match known.last {
                Some(Scanned::Inside(_)) => "present",
                Some(Scanned::Left(_)) | None => "absent",
            }
            .to_owned(),
        ),
        "entries_number" | "entries_days" => Value::Number(match known.last {
            None => Range::exactly(0.0),
            Some(_) => Range::at_least(1.0),
        }),
        "entries_today" => {
            let midnight = zoned()?.start_of_day().ok()?.timestamp();
            Value::Number(entries_since(midnight, known))
        }
        "minutes_since_last_entry" => Value::Number(match known.last {
            None => Range::exactly(-1.0),
            Some(Scanned::Inside(at)) => Range::exactly(minutes_since(at, known.now)),
            Some(Scanned::Left(at)) => Range::at_least(minutes_since(at, known.now)),
        }),
        "minutes_since_first_entry" => Value::Number(match known.last {
            None => Range::exactly(-1.0),
            Some(last) => Range::at_least(minutes_since(last.at(), known.now)),
        }),
        _ => return None,
    })
}

fn minutes_since(at: Timestamp, now: Timestamp) -> f64 {
    (now.duration_since(at).as_secs_f64() / 60.0).floor()
}

/// How often, or on how many days, a badge came in from then on. Before its last scan it may have
/// done so more often.
fn entries_since(since: Timestamp, known: &Known) -> Range {
    match known.last {
        Some(Scanned::Inside(at)) if at >= since => Range::at_least(1.0),
        Some(Scanned::Left(at)) if at >= since => Range::at_least(0.0),
        _ => Range::exactly(0.0),
    }
}

/// A time that stands in the rule. Those of the event itself are not known here.
fn built(kind: &str, time: &str, known: &Known) -> Option<Value> {
    let time = match kind {
        "custom" => time.parse().ok()?,
        "customtime" => {
            let time: Time = time.parse().ok()?;
            let day = known.now.to_zoned(known.zone.clone()?);
            day.with().time(time).build().ok()?.timestamp()
        }
        _ => return None,
    };
    Some(Value::Time(time))
}

/// A tolerance in minutes; none is none.
fn minutes(tolerance: &[Json]) -> Option<f64> {
    match tolerance {
        [] | [Json::Null] => Some(0.0),
        [Json::Number(minutes)] => minutes.as_f64(),
        [Json::String(minutes)] if minutes.is_empty() => Some(0.0),
        [Json::String(minutes)] => minutes.parse().ok().filter(|minutes: &f64| minutes.is_finite()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::NOW;

    fn known(last: Option<Scanned>) -> Known {
        let zone = TimeZone::get("Asia/Shanghai").ok();
        Known { item: 23, variation: None, last, now: NOW, zone }
    }

    fn hours_ago(hours: i64) -> Timestamp {
        NOW - SignedDuration::from_hours(hours)
    }

    #[test]
    fn rules_are_evaluated_as_the_platform_does_or_not_at_all() {
        let product = |list: &[&str]| {
            let lookups: Vec<_> =
                list.iter().map(|id| json!({"lookup": ["product", id, "Name"]})).collect();
            json!({"inList": [{"var": "product"}, {"objectList": lookups}]})
        };
        let at = |time: &str| json!({"buildTime": ["customtime", time]});
        let moment = |time: &str| json!({"buildTime": ["custom", time]});
        let now = json!({"var": "now"});
        let unknown = json!({"==": [{"var": "gate"}, 1]});
        for (rules, expected) in [
            (json!({}), Some(true)),
            (product(&["22", "23"]), Some(true)),
            (product(&["22"]), Some(false)),
            (product(&[]), Some(false)),
            // 17:00 in Shanghai, a Thursday.
            (json!({"isBefore": [now, at("17:30")]}), Some(true)),
            (json!({"isBefore": [now, at("17:00")]}), Some(false)),
            (json!({"isBefore": [now, at("16:55"), 10]}), Some(true)),
            (json!({"isAfter": [now, at("17:05"), "10"]}), Some(true)),
            (json!({"isAfter": [now, at("17:05:00"), null]}), Some(false)),
            (json!({"isAfter": [now, moment("2026-11-05T08:59:59Z")]}), Some(true)),
            (json!({"isAfter": [now, moment("2026-11-05T17:00:00+08:00")]}), Some(false)),
            (json!({"==": [{"var": "now_isoweekday"}, 4]}), Some(true)),
            (json!({"!=": [{"var": ["now_isoweekday"]}, 4]}), Some(false)),
            (json!({">=": [{"var": "now_isoweekday"}, 5]}), Some(false)),
            (json!({"<": [{"var": "entries_today"}, 1]}), Some(true)),
            (json!({"==": [{"var": "entry_status"}, "absent"]}), Some(true)),
            (json!({"==": [{"var": "variation"}, 3]}), Some(false)),
            (json!({"<": [{"var": "minutes_since_last_entry"}, 0]}), Some(true)),
            (json!({"and": [unknown, product(&["22"])]}), Some(false)),
            (json!({"and": [unknown, product(&["23"])]}), None),
            (json!({"or": [unknown, product(&["23"])]}), Some(true)),
            (json!({"or": [unknown, product(&["22"])]}), None),
            (json!({"or": []}), Some(false)),
            // What is not known here, or not of these rules.
            (unknown, None),
            (json!({"isAfter": [now, {"buildTime": ["date_from"]}]}), None),
            (json!({"isAfter": [now, moment("2026-11-05T08:00:00")]}), None),
            (json!({"isAfter": [now, at("a quarter to nine")]}), None),
            (json!({"==": [{"var": "now_isoweekday"}, "4"]}), None),
            (json!({"<": [now, 4]}), None),
            (json!({"cat": ["a", "b"]}), None),
            (json!({"==": [1, 1], "and": []}), None),
            (json!({"==": [1]}), None),
            (json!(true), None),
            (json!([]), None),
        ] {
            assert_eq!(allow(&rules, &known(None)), expected, "{rules}");
        }
    }

    #[test]
    fn of_earlier_entries_only_what_is_certain_counts() {
        let today = Some(Scanned::Inside(hours_ago(1)));
        let yesterday = Some(Scanned::Inside(hours_ago(18)));
        let left = Some(Scanned::Left(hours_ago(1)));
        let today_none = json!({"<": [{"var": "entries_today"}, 1]});
        let today_below_two = json!({"<": [{"var": "entries_today"}, 2]});
        let ever = json!({">": [{"var": "entries_number"}, 0]});
        let days = json!({"<=": [{"var": "entries_days"}, 3]});
        let since = |operator: &str, hours| {
            let time = hours_ago(hours).to_string();
            json!({">=": [{operator: [{"buildTime": ["custom", time]}]}, 1]})
        };
        let rest = json!({">": [{"var": "minutes_since_last_entry"}, 30]});
        let present = json!({"==": [{"var": "entry_status"}, "present"]});
        for (rules, last, expected) in [
            (&today_none, today, Some(false)),
            (&today_none, yesterday, Some(true)),
            (&today_none, left, None),
            (&today_below_two, today, None),
            (&today_below_two, yesterday, Some(true)),
            (&ever, None, Some(false)),
            (&ever, left, Some(true)),
            (&days, today, None),
            (&since("entries_since", 2), today, Some(true)),
            (&since("entries_since", 2), yesterday, Some(false)),
            (&since("entries_days_before", 2), today, None),
            (&since("entries_before", 2), yesterday, Some(true)),
            (&since("entries_before", 2), None, Some(false)),
            (&rest, today, Some(true)),
            (&rest, left, Some(true)),
            (&present, today, Some(true)),
            (&present, left, Some(false)),
        ] {
            assert_eq!(allow(rules, &known(last)), expected, "{rules} {last:?}");
        }
    }

    #[test]
    fn a_time_zone_that_is_not_known_decides_nothing() {
        let known = Known { zone: None, ..known(None) };
        for rules in [
            json!({"==": [{"var": "now_isoweekday"}, 4]}),
            json!({"<": [{"var": "entries_today"}, 1]}),
            json!({"isBefore": [{"var": "now"}, {"buildTime": ["customtime", "17:30"]}]}),
        ] {
            assert_eq!(allow(&rules, &known), None, "{rules}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_rule_makes_it_panic(text in r#"[\[\]{}",:0-9a-z"]{0,60}"#, deep in 0_usize..200) {
            if let Ok(rules) = serde_json::from_str::<Json>(&text) {
                allow(&rules, &known(None));
            }
            let deep = (0..deep).fold(json!({"==": [1, 1]}), |rule, _| json!({"and": [rule]}));
            allow(&deep, &known(None)).unwrap_or_default();
        }
    }
}
