//! Each rule of an entrance, judged by a kiosk from what it has read, and by the real pretix: the
//! outcomes are the same, but for the differences that stand in the table with their reason.

use admission::{Answer, Answers, Doubt, Refusal, Verdict, judge_stranger};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use store::{Checkin, Lane};
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
struct Server<'a> {
    pretix: &'a Pretix,
    client: Client,
}

impl Server<'_> {
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
        let scan = json!({"lists": [list], "secret": ticket.secret, "source_type": "barcode",
                          "type": kind, "force": false});
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
    at: Timestamp,
    /// The server's word, and the kiosk's where it is another.
    expected: (Outcome, Option<Outcome>),
}

/// Asks both about each case, and tells of all differences at once.
async fn compare(server: &Server<'_>, gate: &Gate, list: u64, cases: &[Case<'_>]) {
    let mut wrong = Vec::new();
    for Case { what, code, at, expected: (there, here) } in cases {
        let server_says = server.says(list, code, &json!({}), *at).await;
        let kiosk_says = kiosk(gate, code, &Answers::default(), *at);
        if server_says != *there || kiosk_says != *here.as_ref().unwrap_or(there) {
            wrong.push(format!("{what}: pretix {server_says:?}, kiosk {kiosk_says:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn case<'a>(what: &'a str, ticket: &'a Ticket, at: Timestamp, says: Outcome) -> Case<'a> {
    Case { what, code: &ticket.secret, at, expected: (says, None) }
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
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let server = &Server { pretix, client: Client::builder().no_proxy().build().unwrap() };
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
        case("replaced code", &old, later, refused(Refusal::Unknown)),
        case("new code", &new, later, Passes),
        Case {
            what: "unknown",
            code: "nobody-has-this-code",
            at: later,
            expected: (refused(Refusal::Unknown), None),
        },
    ];
    compare(server, &gate, event.entrance, &cases).await;

    at_the_hall(server, event, [&other, &elsewhere, &unpaid], later).await;
}

/// A list for everybody, as often as they like, where a person may admit the unpaid.
async fn at_the_hall(
    server: &Server<'_>,
    event: &Event,
    [other, elsewhere, unpaid]: [&Ticket; 3],
    later: Timestamp,
) {
    let mut hall = Gate::at(server.pretix, event, event.hall).await;
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
async fn two_positions(server: &Server<'_>, event: &Event) -> (Ticket, Ticket) {
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
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let server = &Server { pretix, client: Client::builder().no_proxy().build().unwrap() };
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
        case("revoked", &old, at, Refused(Refusal::Revoked)),
        case("its new code", &new, at, Passes),
        case("blocked", &blocked, at, Refused(Refusal::Blocked)),
        // The roster does not have it yet: of a stranger a person looks at a document.
        Case {
            expected: (Passes, Some(Person(Doubt::NotInRoster))),
            ..case("sold since", &sold, at, Passes)
        },
        case("sold since, for another entrance", &other, at, Refused(Refusal::Product)),
        case("sold since, and over", &over, at, Refused(Refusal::InvalidTime)),
        Case { code: &forged, ..case("forged", &sold, at, Refused(Refusal::Unknown)) },
    ];
    compare(server, &gate, event.entrance, &cases).await;
}

#[tokio::test]
async fn the_kiosk_asks_what_pretix_asks_and_takes_the_same_answers() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let server = &Server { pretix, client: Client::builder().no_proxy().build().unwrap() };
    let event = &pretix.world().random;
    let at = Timestamp::now() + SignedDuration::from_hours(1);
    let ask = async |kind: &str, required: bool, options: Value| {
        let question = json!({
            "question": {"en": kind}, "type": kind, "required": required, "identifier": kind,
            "items": [event.visitor], "ask_during_checkin": true, "hidden": false,
            "options": options, "dependency_question": null, "dependency_values": [],
        });
        server.post(&format!("{}questions/", event.path()), &question).await
    };
    let option = |id: &str| json!({"answer": {"en": id}, "identifier": id, "position": 0});
    let meals = ask("C", true, json!([option("MEAT"), option("NONE")])).await;
    let halls = ask("M", false, json!([option("H1"), option("H2")])).await;
    let nuts = ask("B", false, json!([])).await;
    let number = |question: &Value| question["id"].as_i64().unwrap();
    let chosen = |question: &Value, n: usize| question["options"][n]["id"].as_i64().unwrap();

    let open = server.add(event, named("Open")).await;
    let answered = server.add(event, named("Answered")).await;
    let path = format!("/organizers/expo/events/random/orderpositions/{}/", answered.position);
    let answers = json!({"answers": [
        {"question": number(&meals), "answer": "NONE", "options": [chosen(&meals, 1)]},
        {"question": number(&halls), "answer": "H1", "options": [chosen(&halls, 0)]},
        {"question": number(&nuts), "answer": "False", "options": []},
    ]});
    pretix.call(Method::PATCH, &path, Some(&answers)).await.unwrap();
    let catering = Some(event.catering);
    let other = server.add(event, Attendee { product: catering, ..named("Not asked") }).await;
    let mut gate = Gate::at(pretix, event, event.hall).await;
    gate.read().await;
    let cases = [
        case("not answered", &open, at, Asked),
        case("answered before", &answered, at, Passes),
        case("a product without questions", &other, at, Passes),
    ];
    compare(server, &gate, event.hall, &cases).await;

    // Answered at the kiosk, in the order in which it asks.
    let list = gate.store.checkin_list().unwrap().unwrap();
    let ticket = gate.badge(&open).unwrap().ticket.unwrap();
    let question = |of: &Value| list.questions.iter().find(|q| q.id == number(of)).unwrap();
    let meal = |n: usize| (&meals, Answer::Chosen(vec![chosen(&meals, n)]));
    let no_hall = (&halls, Answer::Chosen(Vec::new()));
    let both = (&halls, Answer::Chosen(vec![chosen(&halls, 0), chosen(&halls, 1)]));
    for given in [
        [meal(1), both, (&nuts, Answer::Boolean(false))],
        [meal(0), no_hall, (&nuts, Answer::Boolean(true))],
    ] {
        let mut answers = Answers::default();
        for (of, answer) in given {
            assert_eq!(kiosk(&gate, &open.secret, &answers, at), Asked);
            assert!(answers.give(question(of), answer));
        }
        assert_eq!(kiosk(&gate, &open.secret, &answers, at), Passes);
        let told = json!({"answers": answers.told(&list, &ticket)});
        assert_eq!(server.says(event.hall, &open.secret, &told, at).await, Passes, "{told}");
    }
}

#[tokio::test]
async fn the_kiosk_evaluates_an_organisers_rules_as_pretix_does_or_fetches_a_person() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let server = &Server { pretix, client: Client::builder().no_proxy().build().unwrap() };
    let event = &pretix.world().random;
    let fresh = server.add(event, named("Fresh")).await;
    let catering = Some(event.catering);
    let other = server.add(event, Attendee { product: catering, ..named("Other") }).await;
    let at = Timestamp::now();
    let in_zone = |minutes: i64| {
        let then = (at + SignedDuration::from_mins(minutes)).to_zoned(zone());
        // Not over midnight, where the time of day begins anew.
        then.strftime("%H:%M:%S").to_string()
    };
    let quiet = at.to_zoned(zone()).hour() > 0 && at.to_zoned(zone()).hour() < 23;
    let weekday = at.to_zoned(zone()).weekday().to_monday_one_offset();
    let now = json!({"var": "now"});
    let time = |minutes| json!({"buildTime": ["customtime", in_zone(minutes)]});
    let product = |item: u64| {
        let lookup = json!({"lookup": ["product", item.to_string(), "Name"]});
        json!({"inList": [{"var": "product"}, {"objectList": [lookup]}]})
    };
    let entries = |operator: &str, name: &str, n: u32| json!({operator: [{"var": name}, n]});
    let mut rules = vec![
        (product(event.visitor), true),
        (product(event.catering), true),
        (json!({"and": [product(event.visitor), entries("<", "entries_number", 1)]}), true),
        (
            json!({"or": [product(event.catering), entries("==", "now_isoweekday", weekday as u32)]}),
            true,
        ),
        (entries("!=", "now_isoweekday", weekday as u32), true),
        (entries("<", "entries_today", 1), true),
        (entries(">", "entries_days", 0), true),
        (json!({"==": [{"var": "entry_status"}, "absent"]}), true),
        (json!({"isAfter": [now, {"buildTime": ["custom", "2020-01-01T00:00:00Z"]}]}), true),
        (entries("<", "minutes_since_last_entry", 5), true),
        // What the kiosk does not know.
        (json!({"isAfter": [now, {"buildTime": ["date_from"]}]}), false),
        (json!({"==": [{"var": "gate"}, 1]}), false),
    ];
    if quiet {
        rules.push((json!({"isBefore": [now, time(30)]}), true));
        rules.push((json!({"isAfter": [now, time(5), 10]}), true));
        rules.push((json!({"isAfter": [now, time(5)]}), true));
    }
    let mut wrong = Vec::new();
    for (rules, certain) in rules {
        let list = server.list(event, &json!({"rules": rules})).await;
        let mut gate = Gate::at(pretix, event, list).await;
        gate.read().await;
        for ticket in [&fresh, &other] {
            let there = server.says(list, &ticket.secret, &json!({}), at).await;
            let here = kiosk(&gate, &ticket.secret, &Answers::default(), at);
            let expected = if certain { there.clone() } else { Person(Doubt::Rules) };
            if here != expected {
                wrong.push(format!("{rules}: pretix {there:?}, kiosk {here:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_kiosk_says_of_a_series_of_dates_what_pretix_says() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let server = &Server { pretix, client: Client::builder().no_proxy().build().unwrap() };
    let (now, hour) = (Timestamp::now(), SignedDuration::from_hours(1));
    let series = json!({
        "name": {"en": "Series"}, "slug": "series", "live": false, "testmode": false,
        "currency": "CNY", "date_from": (now - hour).to_string(), "is_public": false,
        "has_subevents": true, "timezone": "Asia/Shanghai", "plugins": [],
    });
    server.post("/organizers/expo/events/", &series).await;
    let path = "/organizers/expo/events/series/";
    let product = json!({
        "name": {"en": "Visitor"}, "default_price": "0.00", "admission": true,
        "personalized": true, "category": null, "tax_rule": null, "active": true,
    });
    let number = |of: &Value| of["id"].as_u64().unwrap();
    let visitor = number(&server.post(&format!("{path}items/"), &product).await);
    let mut days = Vec::new();
    for day in 0..2 {
        let date = now + 24 * day * hour;
        let subevent = json!({
            "name": {"en": "Day"}, "active": true, "date_from": date.to_string(),
            "date_to": null, "location": null, "seating_plan": null, "meta_data": {},
            "item_price_overrides": [], "variation_price_overrides": [],
        });
        let day = number(&server.post(&format!("{path}subevents/"), &subevent).await);
        let quota = json!({"name": "all", "size": null, "items": [visitor], "variations": [],
                           "subevent": day});
        server.post(&format!("{path}quotas/"), &quota).await;
        days.push(day);
    }
    pretix.call(Method::PATCH, path, Some(&json!({"live": true}))).await.unwrap();
    let list = async |of: Option<u64>| {
        let list = json!({"name": "Day", "all_products": true, "limit_products": [],
                          "subevent": of, "include_pending": false});
        number(&server.post(&format!("{path}checkinlists/"), &list).await)
    };
    let (first, both) = (list(Some(days[0])).await, list(None).await);
    let ticket = async |day: u64| {
        let order = json!({
            "email": "a@example.org", "locale": "en", "sales_channel": "web", "status": "p",
            "fees": [], "send_email": false, "force": true,
            "positions": [{
                "item": visitor, "price": "0.00", "answers": [], "subevent": day,
                "attendee_name_parts": {"_scheme": "full", "full_name": "A"},
            }],
        });
        let order = server.post(&format!("{path}orders/"), &order).await;
        let position = &order["positions"][0];
        Ticket {
            event: "series".to_owned(),
            order: order["code"].as_str().unwrap().to_owned(),
            position: number(position),
            secret: position["secret"].as_str().unwrap().to_owned(),
        }
    };
    let (today, tomorrow) = (ticket(days[0]).await, ticket(days[1]).await);
    let event = Event { slug: "series".to_owned(), ..pretix.world().random.clone() };
    let at = now + hour;
    // The server does not look among the tickets of other dates. The kiosk knows the badge, and its
    // holder is better served by hearing that it is for another entrance.
    let other = (Refused(Refusal::Unknown), Some(Refused(Refusal::Product)));
    for (list, other_day) in [(first, other), (both, (Passes, None))] {
        let mut gate = Gate::at(pretix, &event, list).await;
        gate.read().await;
        let cases = [
            case("its day", &today, at, Passes),
            Case { expected: other_day, ..case("another day", &tomorrow, at, Passes) },
        ];
        compare(server, &gate, list, &cases).await;
    }
}

/// The event's.
fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()
}
