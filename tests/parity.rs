//! Each rule of an entrance, judged by a kiosk from what it has read, and by the real pretix: the
//! outcomes are the same, but for the differences that stand in the table with their reason.

mod questions;
mod rules;
mod series;

use std::collections::BTreeMap;

use admission::{Answer, Answers, Doubt, Refusal, Verdict, judge_stranger};
use jiff::{SignedDuration, Timestamp};
use platform::{Heard, Registration as _};
use reqwest::{Client, Method};
use seal::Locator;
use serde_json::{Value, json};
use store::{Checkin, Lane, OutboxEntry, OutboxKind};
use tokio::sync::MutexGuard;
use walkthrough::pretix::{self, Attendee, Event, Pretix, Ticket};

use crate::sync::Gate;

/// What became of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It may pass.
    Passes,
    /// Refused, with the platform's word.
    Refused(Refusal),
    /// Something is asked first.
    Asked,
    /// The kiosk leaves it to a person.
    Person(Doubt),
}

use Outcome::{Asked, Passes, Person, Refused};

/// The real server.
struct Server {
    pretix: MutexGuard<'static, Pretix>,
    client: Client,
}

impl Server {
    async fn fresh() -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        Self { pretix: pretix::fresh().await.unwrap(), client }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.pretix.call(Method::POST, path, Some(body)).await.unwrap()
    }

    /// What it says to a scan at that time, without keeping it.
    async fn says(&self, list: u64, code: &str, more: &Value, at: Timestamp) -> Outcome {
        let mut scan = json!({
            "lists": [list], "secret": code, "source_type": "barcode", "type": "entry",
            "force": false, "simulate": true, "questions_supported": true,
            "canceled_supported": true, "datetime": at.to_string(),
        });
        for (name, value) in more.as_object().unwrap() {
            scan[name] = value.clone();
        }
        let url = format!("{}/api/v1/organizers/expo/checkinrpc/redeem/", self.pretix.base());
        let token = format!("Token {}", self.pretix.world().token());
        let request = self.client.post(url).header("Authorization", token).json(&scan);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        match (answer["status"].as_str(), answer["reason"].as_str()) {
            (Some("ok"), _) => Passes,
            (Some("incomplete"), _) => Asked,
            (_, Some(reason)) => Refused(Refusal::of(reason)),
            _ => panic!("{answer}"),
        }
    }

    /// A scan that counts.
    async fn scans(&self, list: u64, ticket: &Ticket, kind: &str) {
        self.scans_by(list, ticket, kind, false).await;
    }

    /// The same; with `force` whatever is said against it.
    async fn scans_by(&self, list: u64, ticket: &Ticket, kind: &str, force: bool) {
        let scan = json!({"lists": [list], "secret": ticket.secret, "source_type": "barcode",
                          "type": kind, "force": force});
        let answer = self.post("/organizers/expo/checkinrpc/redeem/", &scan).await;
        assert_eq!(answer["status"], "ok", "{answer}");
    }

    async fn add(&self, event: &Event, attendee: Attendee<'_>) -> Ticket {
        self.pretix.add(event, &attendee).await.unwrap()
    }

    async fn of_order(&self, ticket: &Ticket, act: &str) {
        let path =
            format!("/organizers/expo/events/{}/orders/{}/{act}/", ticket.event, ticket.order);
        self.post(&path, &json!({"send_email": false})).await;
    }

    /// A check-in list like that of the entrance, with something else.
    async fn list(&self, event: &Event, more: &Value) -> u64 {
        let mut list = json!({"name": "Another", "all_products": true, "limit_products": []});
        for (name, value) in more.as_object().unwrap() {
            list[name] = value.clone();
        }
        self.post(&format!("{}checkinlists/", event.path()), &list).await["id"].as_u64().unwrap()
    }
}

/// What the kiosk says.
fn kiosk(gate: &Gate, code: &str, answers: &Answers, at: Timestamp) -> Outcome {
    let list = gate.store.checkin_list().unwrap().unwrap();
    let locator = gate.keys(code).locator;
    let verdict = match gate.store.badge(&locator).unwrap() {
        Some(entry) => entry.judge(Some(&list), answers, at).unwrap(),
        None => judge_stranger(&list, code, gate.store.void_code(&locator).unwrap(), at),
    };
    match verdict {
        Verdict::Pass => Passes,
        Verdict::Refused(refusal) => Refused(refusal),
        Verdict::Asks(_) => Asked,
        Verdict::Person(doubt) => Person(doubt),
    }
}

/// One scan, and what both say.
struct Case<'a> {
    what: &'a str,
    code: &'a str,
    /// Whose code it is.
    position: Option<u64>,
    at: Timestamp,
    /// The server's word, and the kiosk's where it is another.
    expected: (Outcome, Option<Outcome>),
}

/// Asks both about each case, and tells of all differences at once.
async fn compare(server: &Server, gate: &Gate, list: u64, cases: &[Case<'_>]) {
    let mut wrong = Vec::new();
    for Case { what, code, at, expected: (there, here), .. } in cases {
        let server_says = server.says(list, code, &json!({}), *at).await;
        let kiosk_says = kiosk(gate, code, &Answers::default(), *at);
        if server_says != *there || kiosk_says != *here.as_ref().unwrap_or(there) {
            wrong.push(format!("{what}: pretix {server_says:?}, kiosk {kiosk_says:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tells the platform of a check-in as the kiosk does.
async fn tell(gate: &Gate, position: u64, at: Timestamp, answers: Option<String>) -> Heard {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).unwrap();
    let entry = OutboxEntry {
        id: 1,
        kind: OutboxKind::Checkin,
        nonce,
        locator: Locator([0; 32]),
        position: Some(i64::try_from(position).unwrap()),
        lane: Lane::Face,
        staff: None,
        at,
        forced: false,
        annulled: false,
        begun: 1,
        answers,
    };
    gate.pretix.push(&entry).await.unwrap()
}

/// The kiosk's adapter tells of each case for real, as if the kiosk had let everybody in, and hears
/// what the server says of the code.
async fn tell_all(gate: &Gate, cases: &[Case<'_>]) {
    let mut wrong = Vec::new();
    for Case { what, position, at, expected: (there, _), .. } in cases {
        let Some(position) = position else { continue };
        let heard = tell(gate, *position, *at, None).await;
        let expected = match there {
            Passes => Heard::Accepted,
            Refused(refusal) => Heard::Refused(*refusal),
            other => panic!("{other:?} is not told"),
        };
        if heard != expected {
            wrong.push(format!("{what}: expected {expected:?}, heard {heard:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn case<'a>(what: &'a str, ticket: &'a Ticket, at: Timestamp, says: Outcome) -> Case<'a> {
    let position = Some(ticket.position);
    Case { what, code: &ticket.secret, position, at, expected: (says, None) }
}

/// A cancelled badge is gone from the kiosk, keys and all (C35): there it is an unknown one.
fn gone<'a>(what: &'a str, ticket: &'a Ticket, at: Timestamp) -> Case<'a> {
    let here = Some(Refused(Refusal::Unknown));
    Case { expected: (Refused(Refusal::Canceled), here), ..case(what, ticket, at, Passes) }
}

fn named(name: &str) -> Attendee<'_> {
    Attendee { name, ..Attendee::default() }
}

#[tokio::test]
async fn the_kiosk_says_of_each_ticket_what_pretix_says() {
    let server = &Server::fresh().await;
    let pretix = &*server.pretix;
    let event = &pretix.world().random;
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let (hour, milli) = (SignedDuration::from_hours(1), SignedDuration::from_millis(1));

    let paid = server.add(event, named("Paid")).await;
    let unpaid = server.add(event, Attendee { unpaid: true, ..named("Unpaid") }).await;
    let trusted = server.add(event, Attendee { unpaid: true, ..named("Trusted") }).await;
    let order = format!("{}orders/{}/", event.path(), trusted.order);
    let valid = json!({"valid_if_pending": true});
    pretix.call(Method::PATCH, &order, Some(&valid)).await.unwrap();
    let unapproved = server.add(event, Attendee { unapproved: true, ..named("Unapproved") }).await;
    let cancelled = server.add(event, named("Cancelled")).await;
    pretix.cancel(&cancelled).await.unwrap();
    let expired = server.add(event, Attendee { unpaid: true, ..named("Expired order") }).await;
    server.of_order(&expired, "mark_expired").await;
    let (stays, leaves) = two_positions(server, event).await;
    let blocked = server.add(event, named("Blocked")).await;
    pretix.block(&blocked).await.unwrap();
    let unblocked = server.add(event, named("Unblocked")).await;
    pretix.block(&unblocked).await.unwrap();
    pretix.unblock(&unblocked).await.unwrap();
    let catering = Some(event.catering);
    let other = server.add(event, Attendee { product: catering, ..named("Catering") }).await;
    let early = server.add(event, Attendee { valid_from: Some(now), ..named("From") }).await;
    let late = server.add(event, named("Until")).await;
    pretix.set_validity(&late, None, Some(now)).await.unwrap();
    let elsewhere = server.add(event, named("Used elsewhere")).await;
    server.scans(event.entrance, &elsewhere, "entry").await;
    let here = server.add(event, named("Used here")).await;
    let back = server.add(event, named("Left")).await;
    server.scans(event.entrance, &back, "entry").await;
    server.scans(event.entrance, &back, "exit").await;
    let only_exit = server.add(event, named("Only left")).await;
    server.scans(event.entrance, &only_exit, "exit").await;
    let old = server.add(event, named("Renewed")).await;
    let new = pretix.regenerate(&old).await.unwrap();

    let mut gate = Gate::entrance(pretix).await;
    gate.read().await;
    // The kiosk has admitted this one, and the platform has heard of it after the last page.
    let badge = gate.badge(&here).unwrap().id;
    let admitted = Checkin {
        nonce: [1; 16],
        badge,
        lane: Lane::Face,
        staff: None,
        role: None,
        reason: None,
        overrides: false,
        answers: None,
        at: Timestamp::now(),
    };
    gate.store.record_checkin(&admitted).unwrap();
    server.scans(event.entrance, &here, "entry").await;

    let later = now + hour;
    let refused = |refusal| Refused(refusal);
    let cases = [
        case("paid", &paid, later, Passes),
        case("unpaid", &unpaid, later, refused(Refusal::Unpaid)),
        case("unpaid and valid all the same", &trusted, later, Passes),
        case("unapproved", &unapproved, later, refused(Refusal::Unapproved)),
        gone("cancelled", &cancelled, later),
        gone("expired order", &expired, later),
        // The server does not look among cancelled positions.
        case("cancelled position", &leaves, later, refused(Refusal::Unknown)),
        case("the other position", &stays, later, Passes),
        case("blocked", &blocked, later, refused(Refusal::Blocked)),
        case("unblocked", &unblocked, later, Passes),
        case("wrong product", &other, later, refused(Refusal::Product)),
        case("before its time", &early, now - milli, refused(Refusal::InvalidTime)),
        case("from its time on", &early, now, Passes),
        case("until its time", &late, now, Passes),
        case("after its time", &late, now + milli, refused(Refusal::InvalidTime)),
        case("used at another kiosk", &elsewhere, later, refused(Refusal::AlreadyRedeemed)),
        case("used here", &here, later, refused(Refusal::AlreadyRedeemed)),
        case("back after leaving", &back, later, Passes),
        case("never came, but left", &only_exit, later, Passes),
        // A kiosk tells of positions, not of codes: this one has another code now.
        Case { position: None, ..case("replaced code", &old, later, refused(Refusal::Unknown)) },
        case("new code", &new, later, Passes),
        Case {
            what: "unknown",
            code: "nobody-has-this-code",
            position: None,
            at: later,
            expected: (refused(Refusal::Unknown), None),
        },
    ];
    compare(server, &gate, event.entrance, &cases).await;
    at_the_hall(server, event, [&other, &elsewhere, &unpaid], later).await;
    tell_all(&gate, &cases).await;
}

/// A list for everybody, as often as they like, where a person may admit the unpaid.
async fn at_the_hall(
    server: &Server,
    event: &Event,
    [other, elsewhere, unpaid]: [&Ticket; 3],
    later: Timestamp,
) {
    let mut hall = Gate::at(&server.pretix, event, event.hall).await;
    hall.read().await;
    let person = |doubt, there| (there, Some(Person(doubt)));
    let cases = [
        case("another product", other, later, Passes),
        case("used at the entrance", elsewhere, later, Passes),
        Case {
            expected: person(Doubt::Unpaid, Refused(Refusal::Unpaid)),
            ..case("unpaid, a person may admit", unpaid, later, Passes)
        },
    ];
    compare(server, &hall, event.hall, &cases).await;
    let decided = json!({"ignore_unpaid": true});
    assert_eq!(server.says(event.hall, &unpaid.secret, &decided, later).await, Passes);
    server.scans(event.hall, other, "entry").await;
    hall.read().await;
    compare(server, &hall, event.hall, &[case("a second time", other, later, Passes)]).await;
}

/// Two tickets of one order, the second of them cancelled.
async fn two_positions(server: &Server, event: &Event) -> (Ticket, Ticket) {
    let position = |name: &str| {
        json!({"item": event.visitor, "price": "0.00", "answers": [],
               "attendee_name_parts": {"_scheme": "full", "full_name": name}})
    };
    let order = json!({
        "email": "a@example.org", "locale": "en", "sales_channel": "web", "status": "p",
        "positions": [position("Stays"), position("Leaves")], "fees": [], "send_email": false,
        "force": true,
    });
    let order = server.post(&format!("{}orders/", event.path()), &order).await;
    let ticket = |n: usize| {
        let position = &order["positions"][n];
        Ticket {
            event: event.slug.clone(),
            order: order["code"].as_str().unwrap().to_owned(),
            position: position["id"].as_u64().unwrap(),
            secret: position["secret"].as_str().unwrap().to_owned(),
        }
    };
    let (stays, leaves) = (ticket(0), ticket(1));
    let path = format!("{}orders/{}/change/", event.path(), stays.order);
    let change = json!({
        "cancel_positions": [{"position": leaves.position}], "send_email": false,
        "reissue_invoice": false, "recalculate_taxes": "keep_gross",
    });
    server.post(&path, &change).await;
    (stays, leaves)
}

#[tokio::test]
async fn the_kiosk_says_of_signed_codes_what_pretix_says_or_fetches_a_person() {
    let server = &Server::fresh().await;
    let pretix = &*server.pretix;
    let event = &pretix.world().signed;
    let at = Timestamp::now() + SignedDuration::from_hours(1);

    let good = server.add(event, named("Good")).await;
    let old = server.add(event, named("Old")).await;
    let new = pretix.regenerate(&old).await.unwrap();
    let blocked = server.add(event, named("Blocked")).await;
    pretix.block(&blocked).await.unwrap();
    let mut gate = Gate::at(pretix, event, event.entrance).await;
    gate.read().await;
    // Sold since.
    let sold = server.add(event, named("Sold")).await;
    let catering = Attendee { product: Some(event.catering), ..named("Catering") };
    let other = server.add(event, catering).await;
    let over = Attendee { valid_until: Some(at - SignedDuration::from_mins(1)), ..named("Over") };
    let over = server.add(event, over).await;
    let mut forged: Vec<char> = sold.secret.chars().collect();
    // In the seed, which is near the end of the code that is written backwards.
    let place = forged.len() - 14;
    forged[place] = if forged[place] == 'A' { 'B' } else { 'A' };
    let forged: String = forged.into_iter().collect();

    let cases = [
        case("signed", &good, at, Passes),
        Case { position: None, ..case("revoked", &old, at, Refused(Refusal::Revoked)) },
        case("its new code", &new, at, Passes),
        case("blocked", &blocked, at, Refused(Refusal::Blocked)),
        // The roster does not have it yet: of a stranger a person looks at a document.
        Case {
            expected: (Passes, Some(Person(Doubt::NotInRoster))),
            ..case("sold since", &sold, at, Passes)
        },
        case("sold since, for another entrance", &other, at, Refused(Refusal::Product)),
        case("sold since, and over", &over, at, Refused(Refusal::InvalidTime)),
        Case {
            code: &forged,
            position: None,
            ..case("forged", &sold, at, Refused(Refusal::Unknown))
        },
    ];
    compare(server, &gate, event.entrance, &cases).await;
    tell_all(&gate, &cases).await;
}

fn word(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The event's.
fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()
}
