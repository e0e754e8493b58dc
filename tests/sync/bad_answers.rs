//! Answers that are none: each is named, and nothing of it is applied.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use admission::Refusal;
use platform::pretix::{self as adapter, Pretix, QuestionNames};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use transport::{Settings, Transport};
use walkthrough::pretix::Ticket;

use super::Gate;

/// A server that answers as it was told, by the end of the path.
struct Canned {
    address: String,
    orders: Arc<Mutex<(u16, Vec<u8>, usize)>>,
    /// How much of answers without an end was sent.
    megabytes: Arc<AtomicU64>,
}

/// The length of an answer that goes on until the asker has had enough.
const ENDLESS: usize = usize::MAX;

impl Canned {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let orders = Arc::new(Mutex::new((200, Vec::new(), 0)));
        let (answers, pieces) = (Arc::clone(&orders), Arc::<AtomicU64>::default());
        let megabytes = Arc::clone(&pieces);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (answers, sent) = (Arc::clone(&answers), Arc::clone(&pieces));
                tokio::spawn(async move {
                    let mut asked = vec![0; 16 << 10];
                    while let Ok(length @ 1..) = near.read(&mut asked).await {
                        let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
                        let (status, body, length) = answer(&asked, &answers.lock().unwrap());
                        let length = match length {
                            ENDLESS => "Transfer-Encoding: chunked".to_owned(),
                            length => format!("Content-Length: {length}"),
                        };
                        let head = format!(
                            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\
                             {length}\r\n\r\n"
                        );
                        near.write_all(head.as_bytes()).await.unwrap();
                        near.write_all(&body).await.unwrap();
                        let endless = length.starts_with("Transfer");
                        let piece =
                            [b"100000\r\n", vec![b' '; 1 << 20].as_slice(), b"\r\n"].concat();
                        while endless && near.write_all(&piece).await.is_ok() {
                            sent.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        Self { address, orders, megabytes }
    }

    fn answers(&self, status: u16, body: &str) {
        *self.orders.lock().unwrap() = (status, body.as_bytes().to_vec(), body.len());
    }

    /// A gate that is connected to it.
    fn gate(&self) -> Gate {
        let place = json!({"event": "fair", "list": 2, "list_name": "Entrance"});
        let account = json!({"url": self.address, "organizer": "expo", "name": "kiosk",
                             "place": place, "api_token": "t0ken"});
        let account = adapter::Account::from_bytes(account.to_string().as_bytes()).unwrap();
        let place = account.place.clone().unwrap();
        let allow = vec![self.address.parse().unwrap()];
        let transport = Transport::new(&Settings { allow, ..Settings::default() }).unwrap();
        Gate::with(Pretix { transport, account, place, questions: QuestionNames::default() })
    }
}

/// What the server says besides orders is as it should be.
fn answer(asked: &str, orders: &(u16, Vec<u8>, usize)) -> (u16, Vec<u8>, usize) {
    let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
    let list = |entries: serde_json::Value| json!({"count": 1, "next": null, "results": entries});
    let body = if path.contains("/orders/") {
        return orders.clone();
    } else if path.contains("/checkinlists/") {
        list(json!([{"id": 2, "name": "Entrance", "all_products": true, "limit_products": [],
                     "subevent": null, "include_pending": false, "allow_multiple_entries": false,
                     "allow_entry_after_exit": false, "addon_match": false, "rules": {}}]))
    } else if path.contains("/events/fair/?") || path.ends_with("/events/fair/") {
        json!({"date_from": "2026-11-05T09:00:00+08:00", "timezone": "Asia/Shanghai",
               "valid_keys": {"pretix_sig1": []}})
    } else {
        list(json!([]))
    };
    let body = body.to_string().into_bytes();
    let length = body.len();
    (200, body, length)
}

/// One order with one position.
fn order(secret: &str) -> serde_json::Value {
    json!({
        "status": "p", "require_approval": false, "valid_if_pending": false,
        "last_modified": "2026-11-05T08:30:00Z",
        "positions": [{
            "id": 7, "secret": secret, "item": 1, "variation": null, "subevent": null,
            "attendee_name": "A", "country": null, "valid_from": null, "valid_until": null,
            "blocked": null, "canceled": false, "checkins": [], "answers": [],
        }],
    })
}

#[tokio::test]
async fn bad_answers_are_named_by_their_field_and_leave_the_roster_as_it_was() {
    let server = Canned::start().await;
    let mut gate = server.gate();
    let code = "z3fsn8jyufm5kpk768q69gkbyr5f4h6w";
    let page = |order: serde_json::Value| {
        json!({"count": 1, "next": null, "results": [order]}).to_string()
    };
    server.answers(200, &page(order(code)));
    gate.read().await;
    let ticket = Ticket {
        event: "fair".to_owned(),
        order: String::new(),
        position: 7,
        secret: code.to_owned(),
    };
    let changed = |change: fn(&mut serde_json::Value)| {
        let mut order = order("another-code-of-24-letters");
        change(&mut order);
        page(order)
    };
    let cursor = gate.cursor();
    // A server of another version: each field that is not there is named.
    let full = order(code);
    let of_order = ["status", "require_approval", "valid_if_pending", "last_modified", "positions"];
    let fields = of_order.iter().map(|name| (false, (*name).to_owned()));
    let of_position = full["positions"][0].as_object().unwrap().keys().cloned();
    for (of_position, name) in fields.chain(of_position.map(|name| (true, name))) {
        let mut order = full.clone();
        let of = if of_position { &mut order["positions"][0] } else { &mut order };
        of.as_object_mut().unwrap().remove(&name).unwrap();
        server.answers(200, &page(order));
        let error = gate.page().await.unwrap_err().to_string();
        let way = if of_position { "results[0].positions[0]" } else { "results[0]" };
        assert!(error.contains(&format!("{way}.{name} ")), "{name}: {error}");
        assert!(gate.badge(&ticket).is_some());
    }
    server.answers(200, &json!({"count": 1, "results": [full]}).to_string());
    let error = gate.page().await.unwrap_err().to_string();
    assert!(error.contains("next"), "{error}");
    for (status, body, expected) in [
        (200, changed(|o| o["positions"][0]["item"] = json!("x")), "results[0].positions[0].item"),
        (200, changed(|o| o["positions"][0]["id"] = json!(null)), "results[0].positions[0].id"),
        (200, changed(|o| o["last_modified"] = json!("today")), "results[0].last_modified"),
        (200, changed(|o| o["status"] = json!("on hold")), "orders: status"),
        (200, "[]".to_owned(), "orders"),
        (200, String::new(), "orders"),
        (200, "{\"results\": [".to_owned(), "orders"),
        (500, "<html>Internal error</html>".to_owned(), "answered 500"),
        (302, String::new(), "answered 302"),
        (404, "{\"detail\": \"Not found.\"}".to_owned(), "answered 404"),
        (429, String::new(), "busy"),
        (401, String::new(), "does not know this kiosk's key"),
        (401, "{\"detail\": \"Device access has been revoked.\"}".to_owned(), "revoked"),
    ] {
        server.answers(status, &body);
        let error = gate.page().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(!error.contains("another-code") && !error.contains("t0ken"), "{error}");
        assert!(gate.badge(&ticket).is_some());
        assert_eq!(
            (gate.cursor(), gate.store.roster().unwrap().unwrap().attendees),
            (cursor.clone(), 1)
        );
    }
    // Names of any length, script and direction arrive; what steers a screen is dropped.
    let (family, mut second) = ("👨‍👩‍👧‍👦", 0);
    for (given, kept) in [
        ("张".repeat(300), "张".repeat(200)),
        (family.repeat(60), family.repeat(28)),
        ("\u{202e}مريم بنت\u{0} عبد الله".to_owned(), "مريم بنت عبد الله".to_owned()),
    ] {
        let mut named = order(code);
        named["positions"][0]["attendee_name"] = json!(given);
        second += 1;
        named["last_modified"] = json!(format!("2026-11-05T08:30:{second:02}Z"));
        server.answers(200, &page(named));
        gate.read().await;
        assert_eq!(gate.name(&ticket), kept);
    }
    // One code on two tickets, which pretix itself does not allow: it goes to a person.
    let mut twice = order(code);
    let mut second = twice["positions"][0].clone();
    second["id"] = json!(8);
    twice["positions"].as_array_mut().unwrap().push(second);
    twice["last_modified"] = json!("2026-11-05T08:31:00Z");
    server.answers(200, &page(twice));
    gate.read().await;
    assert_eq!(gate.badge(&ticket).unwrap().void, Some(Refusal::Ambiguous));
    assert_eq!(gate.store.progress().unwrap().ambiguous, 1);
    // 100 MB are not even begun; of an answer that does not say how long it is, the kiosk has had
    // enough at its limit, for a large page and for a small one.
    for length in [100 << 20, ENDLESS] {
        *server.orders.lock().unwrap() = (200, Vec::new(), length);
        let error = gate.page().await.unwrap_err();
        assert!(error.to_string().contains("longer than"), "{error}");
        assert_eq!(gate.store.roster().unwrap().unwrap().attendees, 1);
    }
    let sent = server.megabytes.load(Ordering::Relaxed);
    assert!((64..100).contains(&sent), "{sent} MiB of 2 answers, 32 MiB each at most");
    let mut replaced = order("another-code-of-24-letters");
    replaced["last_modified"] = json!("2026-11-05T08:32:00Z");
    server.answers(200, &page(replaced));
    gate.read().await;
    assert!(gate.badge(&ticket).is_none());
}
