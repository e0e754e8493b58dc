#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use seal::{CodeFormat, RosterSalt};
use serde_json::{Value, json};

use super::*;

const SALT: RosterSalt = RosterSalt([7; 32]);
const TERMS: Terms = Terms { salt: SALT, code_format: CodeFormat::Opaque };

/// A page with one order as pretix tells it.
fn page(change: impl FnOnce(&mut Value)) -> Value {
    let mut order = json!({
        "status": "p", "require_approval": false, "valid_if_pending": false,
        "last_modified": "2026-11-05T08:30:00.5Z", "email": "someone@example.org",
        "positions": [{
            "id": 7, "secret": "z3fsn8jyufm5kpk768q69gkbyr5f4h6w", "item": 1, "variation": null,
            "subevent": null, "attendee_name": "观众", "country": "DE",
            "valid_from": null, "valid_until": null,
            "blocked": null, "canceled": false, "checkins": [], "company": "Corp",
            "answers": [
                {"question": 3, "question_identifier": "photo", "answer": "https://a/b",
                 "options": []},
                {"question": 4, "question_identifier": "birthday", "answer": "2012-11-05",
                 "options": []},
                {"question": 5, "question_identifier": "diet", "answer": "none", "options": []},
            ],
        }],
    });
    change(&mut order);
    json!({"count": 1, "next": null, "previous": null, "results": [order]})
}

fn read_at(page: &Value, day: &str, terms: &Terms) -> Read {
    let orders: Orders = serde_json::from_value(page.clone()).unwrap();
    let questions = QuestionNames::default();
    let day = day.parse().unwrap();
    let reading = Reading { terms, questions: &questions, list: 2, day };
    reading.read(orders.results).unwrap()
}

fn read(page: &Value) -> Read {
    read_at(page, "2026-11-05", &TERMS)
}

fn arrival(change: impl FnOnce(&mut Value)) -> Arrival {
    read(&page(change)).arrivals.pop().unwrap()
}

#[test]
fn an_order_becomes_attendees_whose_record_only_the_badge_opens() {
    let arrival = arrival(|_| ());
    let code = BadgeCode::new("z3fsn8jyufm5kpk768q69gkbyr5f4h6w".to_owned());
    let keys = BadgeSecret::parse(&code, CodeFormat::Opaque).unwrap().derive(&SALT).unwrap();
    assert_eq!((arrival.position, arrival.locator), (7, keys.locator));
    let record = AttendeeRecord::open(&arrival.sealed_record, &keys).unwrap();
    assert_eq!((record.name.as_str(), record.eea), ("观众", true));
    assert_eq!(arrival.ticket.answered, [3, 4, 5]);
    assert_eq!(arrival.age, Age::From14, "14 today");
    assert_eq!(arrival.photo, PhotoNews::Named("2026-11-05T08:30:00.5Z".to_owned()));
}

#[test]
fn c35_cancelled_and_expired_orders_and_cancelled_positions_are_gone() {
    for (status, canceled, gone) in [
        ("p", false, false),
        ("n", false, false),
        ("c", false, true),
        ("e", false, true),
        ("p", true, true),
    ] {
        let read = read(&page(|order| {
            order["status"] = json!(status);
            order["positions"][0]["canceled"] = json!(canceled);
        }));
        assert_eq!(!read.gone.is_empty(), gone, "{status} {canceled}");
        assert_eq!(read.arrivals.is_empty(), gone, "{status} {canceled}");
    }
}

#[test]
fn a_status_of_another_version_is_named_and_nobody_is_gone() {
    let page = page(|order| order["status"] = json!("on hold"));
    let orders: Orders = serde_json::from_value(page).unwrap();
    let (questions, day) = (QuestionNames::default(), "2026-11-05".parse().unwrap());
    let reading = Reading { terms: &TERMS, questions: &questions, list: 2, day };
    let error = reading.read(orders.results).err().unwrap();
    assert!(error.to_string().contains("orders: status"), "{error}");
}

#[test]
fn an_order_is_as_far_as_the_platform_says() {
    for (status, approval, valid, state) in [
        ("p", false, false, OrderState::Paid),
        ("n", false, false, OrderState::Pending),
        ("n", false, true, OrderState::ValidPending),
        ("n", true, true, OrderState::Unapproved),
    ] {
        let arrival = arrival(|order| {
            order["status"] = json!(status);
            order["require_approval"] = json!(approval);
            order["valid_if_pending"] = json!(valid);
        });
        assert_eq!(arrival.ticket.order, state);
    }
}

#[test]
fn c17_c40_of_a_birthday_the_side_of_14_is_kept() {
    for (birthday, day, age) in [
        (json!("2012-11-05"), "2026-11-05", Age::From14),
        (json!("2012-11-06"), "2026-11-05", Age::Under14),
        (json!("2012-11-06"), "2026-11-06", Age::From14),
        (json!("2012-02-29"), "2026-02-28", Age::From14),
        (json!("soon"), "2026-11-05", Age::Unknown),
        (json!("0000-00-00"), "2026-11-05", Age::Unknown),
    ] {
        let page = page(|order| order["positions"][0]["answers"][1]["answer"] = birthday.clone());
        let read = read_at(&page, day, &TERMS);
        assert_eq!(read.arrivals[0].age, age, "{birthday} {day}");
    }
    let unasked = arrival(|order| order["positions"][0]["answers"] = json!([]));
    assert_eq!((unasked.age, unasked.photo), (Age::Unknown, PhotoNews::Absent));
}

#[test]
fn the_scans_of_this_list_say_where_a_badge_is() {
    let scan = |minute: u32, list: u64, kind: &str| {
        json!({"id": 1, "datetime": format!("2026-11-05T08:{minute:02}:00Z"), "list": list,
               "type": kind})
    };
    let at = |minute: u32| format!("2026-11-05T08:{minute:02}:00Z").parse().unwrap();
    for (scans, scanned) in [
        (vec![], None),
        (vec![scan(1, 9, "entry")], None),
        (vec![scan(1, 2, "entry")], Some(Scanned::Inside(at(1)))),
        (vec![scan(5, 2, "exit"), scan(1, 2, "entry")], Some(Scanned::Left(at(5)))),
        (vec![scan(1, 2, "entry"), scan(5, 9, "exit")], Some(Scanned::Inside(at(1)))),
        (vec![scan(5, 2, "exit")], None),
    ] {
        let arrival = arrival(|order| order["positions"][0]["checkins"] = json!(scans));
        assert_eq!(arrival.ticket.scanned, scanned);
    }
}

#[test]
fn a_change_that_a_scan_explains_is_none_of_the_photo() {
    for (at, news) in [
        ("2026-11-05T08:29:55Z", PhotoNews::Same),
        ("2026-11-05T08:29:40Z", PhotoNews::Named("2026-11-05T08:30:00.5Z".to_owned())),
    ] {
        let scan = json!([{"id": 1, "datetime": at, "list": 9, "type": "entry"}]);
        let arrival = arrival(|order| order["positions"][0]["checkins"] = scan);
        assert_eq!(arrival.photo, news, "{at}");
    }
}

#[test]
fn a_code_that_no_kiosk_could_read_leaves_its_attendee_out() {
    for (code, format, readable) in [
        ("12345678", CodeFormat::Opaque, true),
        ("short", CodeFormat::Opaque, false),
        ("", CodeFormat::Opaque, false),
        ("z3fsn8jyufm5kpk768q69gkbyr5f4h6w", CodeFormat::Crockford, false),
        ("0123-4567-89AB-CDEF-K", CodeFormat::Crockford, true),
        ("ümläut-ümläut", CodeFormat::Opaque, false),
    ] {
        let page = page(|order| order["positions"][0]["secret"] = json!(code));
        let terms = Terms { salt: SALT, code_format: format };
        let read = read_at(&page, "2026-11-05", &terms);
        assert_eq!((read.arrivals.len() == 1, read.unreadable.is_empty()), (readable, readable));
    }
}

#[test]
fn m57_of_a_country_is_kept_whether_it_is_in_the_eea() {
    for (country, eea) in
        [("NO", true), ("FR", true), ("CN", false), ("GB", false), ("CH", false), ("", false)]
    {
        assert_eq!(is_in_eea(country), eea, "{country}");
    }
}

#[test]
fn names_of_any_length_and_script_are_sealed() {
    for name in [
        json!("👩‍👩‍👧‍👦".repeat(300)),
        json!("\u{202e}עברית\u{0}"),
        json!("欧".repeat(5000)),
        json!(""),
        Value::Null,
    ] {
        let record = arrival(|order| order["positions"][0]["attendee_name"] = name).sealed_record;
        assert!(record.len() < 16 << 10);
    }
}

#[test]
fn answers_of_the_wrong_shape_are_refused() {
    for change in [
        |order: &mut Value| order["status"] = json!(3),
        |order: &mut Value| order["last_modified"] = json!("x"),
        |order: &mut Value| order["positions"] = json!({}),
        |order: &mut Value| order["positions"][0]["id"] = json!("7"),
        |order: &mut Value| order["positions"][0]["secret"] = Value::Null,
        |order: &mut Value| order["positions"][0]["answers"][0] = json!([]),
        |order: &mut Value| drop(order.as_object_mut().unwrap().remove("require_approval")),
    ] {
        let page = page(change);
        assert!(serde_json::from_value::<Orders>(page.clone()).is_err(), "{page}");
    }
    for garbage in ["", "[]", "<html>", "{}"] {
        assert!(serde_json::from_str::<Orders>(garbage).is_err(), "{garbage}");
    }
}
