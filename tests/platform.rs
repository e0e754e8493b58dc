//! A day at a gate that is connected to the registration platform, a real pretix, through a wire
//! that records: what the platform hears is the check-ins, and nothing else leaves (POLICY.md
//! C12, C29).
//!
//! `POSTERN_VISITS` sets the number of visits (100 for docs/forgetting.md).

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use walkthrough::pretix::{self, Attendee, Pretix, Ticket};
use walkthrough::traces::{Sign, Trace};

use crate::forgetting::{before_the_wall, forgotten, planted};
use crate::support::{Kiosk, Setup, expect_refusal, expect_success, kiosk_of, seal_code};
use crate::visits::{SOON, kept, open, scan, sign_in, to_desk};

/// How many when nobody says.
const VISITS: usize = 5;

/// A wire to the server that keeps what goes over it, in both directions.
pub(crate) struct Wire {
    address: SocketAddr,
    /// By the kiosk.
    sent: Arc<Mutex<Vec<u8>>>,
    /// By the server.
    answered: Arc<Mutex<Vec<u8>>>,
    connections: Arc<Mutex<usize>>,
}

impl Wire {
    pub(crate) async fn to(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let [sent, answered] = [0, 1].map(|_| Arc::<Mutex<Vec<u8>>>::default());
        let connections = Arc::<Mutex<usize>>::default();
        let (to_server, from_server) = (Arc::clone(&sent), Arc::clone(&answered));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                let far = TcpStream::connect(&server).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, Arc::clone(&to_server)));
                tokio::spawn(carry(far_in, near_out, Arc::clone(&from_server)));
            }
        });
        Self { address, sent, answered, connections }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn sent(&self) -> Vec<u8> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn answered(&self) -> Vec<u8> {
        self.answered.lock().unwrap().clone()
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    record: Arc<Mutex<Vec<u8>>>,
) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        record.lock().unwrap().extend_from_slice(&piece[..length]);
        if to.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
    to.shutdown().await.ok();
}

/// Connects the kiosk as a technician does, with the QR code of a new device.
pub(crate) async fn connect(kiosk: &Kiosk, pretix: &Pretix, url: &str) {
    let device = pretix.add_device("pretixscan").await.unwrap();
    let qr = serde_json::json!({
        "handshake_version": 1, "url": url, "token": device.initialization_token,
    });
    let connected = on_the_side(kiosk, &["platform", "connect"], &qr.to_string()).await;
    expect_success(&connected);
    // Two events with two lists each: nobody guesses.
    let listed = String::from_utf8_lossy(&connected.stdout).into_owned();
    let list = pretix.world().random.entrance.to_string();
    assert!(listed.contains(&format!("random {list}")), "{listed}");
    expect_success(&on_the_side(kiosk, &["platform", "choose", "random", &list], "").await);
}

/// A command that speaks to the wire, which this thread carries.
pub(crate) async fn on_the_side(
    kiosk: &Kiosk,
    arguments: &[&str],
    typed: &str,
) -> std::process::Output {
    let arguments: Vec<_> = arguments.iter().map(|a| (*a).to_owned()).collect();
    let (config, typed) = (kiosk.folder().to_owned(), typed.to_owned());
    let run = move || Kiosk::in_folder(config).run_typing(arguments, &typed);
    tokio::task::spawn_blocking(run).await.unwrap()
}

pub(crate) fn badge(visit: usize) -> String {
    format!("P7KD92MX40T{visit:05}")
}

/// Registers as many visitors as there are visits; each badge carries the platform's code.
pub(crate) async fn register(pretix: &Pretix, visits: usize) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for visit in 0..visits {
        let code = seal_code(&badge(visit));
        let attendee =
            Attendee { name: "Visitor Alpha", secret: Some(&code), ..Attendee::default() };
        tickets.push(pretix.add(&pretix.world().random, &attendee).await.unwrap());
    }
    tickets
}

pub(crate) fn roster(tickets: &[Ticket]) -> String {
    let mut csv = String::from("code,name,photo,under_14,position\n");
    for ticket in tickets {
        let position = ticket.position.to_string();
        csv += &[&ticket.secret, ",Visitor Alpha,obama.jpg,no,", &position, "\n"].concat();
    }
    csv
}

fn found<'a>(traces: &'a [Trace], bytes: &[u8]) -> Vec<&'a str> {
    // Numbers and pixels of four bytes may begin anywhere.
    let is_in = |trace: &&Trace| (0..4).any(|skip| trace.is_in(&bytes[skip..]));
    let found = traces.iter().filter(is_in);
    found.map(|trace| trace.name).collect()
}

/// What must not be on the wire: what is looked for in memory, the badges, and numbers.
fn forbidden(planted: &[Trace], visits: usize) -> Vec<Trace> {
    let mut traces = planted.to_vec();
    for trace in planted {
        if let Sign::Bytes(bytes) = &trace.sign {
            // However the bytes fall into groups of three.
            for skip in 0..3 {
                let text = data_encoding::BASE64.encode(&bytes[skip..]);
                traces.push(Trace::bytes("in base64", text.as_bytes()[..12].to_vec()));
            }
        }
    }
    for visit in 0..visits {
        traces.push(Trace::bytes("badge", badge(visit).into_bytes()));
    }
    for word in ["score", "similarity", "template", "threshold", "embedding"] {
        traces.push(Trace::bytes("a word about scores", word.into()));
    }
    traces
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures of docs/forgetting.md")]
async fn c10_c12_c29_the_platform_hears_of_check_ins_and_of_nothing_else() {
    let visits =
        std::env::var("POSTERN_VISITS").ok().and_then(|n| n.parse().ok()).unwrap_or(VISITS);
    let pretix = pretix::fresh().await.unwrap();
    let wire = Wire::to(pretix.base()).await;
    let tickets = register(&pretix, visits).await;
    let config = format!("[limits]\ncapture = 4\n[network]\nallow = ['{}']\n", wire.url());
    let kiosk = kiosk_of(&Setup { config: &config, ..Setup::default() }, &roster(&tickets));
    let planted = planted(&kiosk, &badge(0));
    let forbidden = forbidden(&planted, visits);
    connect(&kiosk, &pretix, &wire.url()).await;

    let person = before_the_wall("obama2.jpg", kiosk.folder());
    let other = before_the_wall("biden.jpg", kiosk.folder());
    let session = open(&kiosk).await;
    let mut admitted = Vec::new();
    for (visit, ticket) in tickets.iter().enumerate() {
        let kind = visit % 5;
        kiosk.replay(if kind == 1 { &other } else { &person }.to_str().unwrap(), "");
        scan(&session, &badge(visit), "consent").await;
        match kind {
            // A match.
            0 | 4 => session.click("use-face").await.unwrap(),
            // Another person, who is refused.
            1 => {
                session.click("use-face").await.unwrap();
                session.wait_screen("staff", SOON).await.unwrap();
                sign_in(&session).await;
                session.deny("not_the_holder").await.unwrap();
                session.wait_screen("denied", SOON).await.unwrap();
                session.click("done").await.unwrap();
            }
            // The other way.
            2 => {
                session.click("other-way").await.unwrap();
                session.wait_screen("staff", SOON).await.unwrap();
                sign_in(&session).await;
                session.click("admit").await.unwrap();
            }
            // Somebody who changes their mind.
            _ => session.click("stop").await.unwrap(),
        }
        if matches!(kind, 0 | 2 | 4) {
            admitted.push(ticket.position);
        }
        session.wait_screen("attract", SOON).await.unwrap();
    }
    let begun = Instant::now();
    let held = loop {
        let held = pretix.check_ins(&pretix.world().random).await.unwrap();
        if held.len() >= admitted.len() {
            break held;
        }
        assert!(begun.elapsed() < SOON, "{} of {}", held.len(), admitted.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    println!("heard of the last check-in {:.1?} after the last visit", begun.elapsed());
    forgotten(&kiosk, &session, &planted, "a day at a connected gate").await;
    session.close().await.unwrap();

    let mut positions: Vec<_> = held.iter().filter_map(|check_in| check_in.position).collect();
    positions.sort_unstable();
    assert_eq!(positions, admitted, "each visitor who was admitted, once");
    assert!(held.iter().all(|check_in| check_in.successful && check_in.kind == "entry"));
    let counts = kiosk.store().counts().unwrap();
    assert_eq!((counts.outbox, counts.refused), (0, 0));

    let (sent, answered) = (wire.sent(), wire.answered());
    println!(
        "{visits} visits: {} bytes sent, {} answered, {} connections",
        sent.len(),
        answered.len(),
        wire.connections.lock().unwrap()
    );
    assert_eq!(found(&forbidden, &sent), Vec::<&str>::new());
    // pretix answers with the whole registration, which is its own; the kiosk keeps none of it.
    let mut answered = found(&forbidden, &answered);
    answered.retain(|name| !["name", "badge"].contains(name));
    assert_eq!(answered, Vec::<&str>::new());
    requests_are_expected(&sent);
    // The same search finds each of them where it is.
    for trace in &forbidden {
        let bytes = [b"{\"x\": \"", trace.example().as_slice(), b"\"}"].concat();
        assert!(found(&forbidden, &bytes).contains(&trace.name), "{}", trace.name);
    }
}

/// Every request is one of those that SECURITY.md lists.
fn requests_are_expected(sent: &[u8]) {
    let text = String::from_utf8_lossy(sent);
    let lines = text.lines().filter(|line| line.ends_with("HTTP/1.1"));
    let mut number = 0;
    for line in lines {
        let expected = [
            "POST /api/v1/device/initialize ",
            "GET /api/v1/device/info ",
            "GET /api/v1/organizers/expo/events/",
            "POST /api/v1/organizers/expo/events/random/checkinlists/",
            "POST /api/v1/organizers/expo/checkinrpc/annul/ ",
            "POST /api/v1/device/update ",
        ];
        assert!(expected.iter().any(|start| line.contains(start)), "{line}");
        number += 1;
    }
    assert!(number > 4, "{number} requests");
}

#[tokio::test]
async fn c29_a_platform_outside_the_list_is_refused_before_a_connection_is_made() {
    let wire = Wire::to("127.0.0.1:9").await;
    let setup = Setup {
        config: "[network]\nallow = ['https://tickets.sample-expo.test']\n",
        ..Setup::default()
    };
    let kiosk = Kiosk::bare(&setup);
    let typed = format!(r#"{{"handshake_version": 1, "url": "{}", "token": "t0ken"}}"#, wire.url());
    let word = expect_refusal(&on_the_side(&kiosk, &["platform", "connect"], &typed).await);
    assert!(word.contains("network.allow") && !word.contains("t0ken"), "{word}");
    assert_eq!((*wire.connections.lock().unwrap(), wire.sent().len()), (0, 0));
    let word = expect_refusal(&on_the_side(&kiosk, &["platform", "status"], "").await);
    assert!(word.contains("not connected"), "{word}");
}

#[tokio::test]
async fn what_the_platform_would_not_have_admitted_is_kept_for_staff_and_the_rest_goes_on() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 4).await;
    let config = format!("[platform]\nevery = 3\n[network]\nallow = ['{}']\n", pretix.base());
    let kiosk = kiosk_of(&Setup { config: &config, ..Setup::default() }, &roster(&tickets));
    connect(&kiosk, &pretix, pretix.base()).await;
    // What happens at the gate while the platform cannot be reached.
    let mut store = kiosk.store();
    let head = store.roster().unwrap().unwrap();
    for (n, ticket) in (0_u8..).zip(&tickets) {
        let code = seal::BadgeCode::new(ticket.secret.clone());
        let secret = seal::BadgeSecret::parse(&code, head.code_format).unwrap();
        let locator = secret.derive(&head.salt).unwrap().locator;
        let badge = store.badge(&locator).unwrap().unwrap().id;
        let checkin = store::Checkin {
            nonce: [n; 16],
            badge,
            lane: store::Lane::Face,
            staff: None,
            role: None,
            reason: None,
            overrides: false,
            answers: None,
            at: jiff::Timestamp::now(),
        };
        store.record_checkin(&checkin).unwrap();
    }
    // The platform may have heard of this one.
    let told = store.outbox_pending().unwrap().pop().unwrap();
    assert!(told.nonce == [3; 16] && store.outbox_begin(told.id).unwrap());
    store.annul_checkin(&[3; 16], jiff::Timestamp::now()).unwrap();
    drop(store);
    // And meanwhile there.
    pretix.cancel(&tickets[1]).await.unwrap();
    pretix.block(&tickets[2]).await.unwrap();

    let session = open(&kiosk).await;
    let begun = Instant::now();
    while !session.log().contains("was asked who is gone") {
        assert!(begun.elapsed() < SOON, "{}", session.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Staff see it, by the number at the platform.
    to_desk(&session, &badge(3)).await;
    session.click("not-accepted").await.unwrap();
    let text = session.text().await.unwrap();
    let number = tickets[2].position.to_string();
    assert!(text.contains("已冻结") && text.contains(&number), "{text}");
    session.screenshot(&kept("outbox").join("not-accepted.png")).await.unwrap();
    session.close().await.unwrap();
    let refused: Vec<_> = kiosk.store().outbox_refused().unwrap();
    let words: Vec<_> = refused.iter().rev().map(|(e, word)| (e.nonce[0], word.as_str())).collect();
    // Of who was cancelled nothing stays here, once the platform has heard of the check-in.
    assert_eq!(words, [(2, "blocked")]);
    let told = pretix.check_ins(&pretix.world().random).await.unwrap();
    assert!(told.iter().any(|c| c.error_reason.as_deref() == Some("annulled")));
    assert!(told.iter().any(|c| c.position == Some(tickets[1].position)));
    let status = on_the_side(&kiosk, &["platform", "status"], "").await;
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    for line in ["waiting: 0", "not accepted: 1", ": blocked", "in quarantine: 0"] {
        assert!(status.contains(line), "{line}: {status}");
    }
    assert_eq!(kiosk.store().counts().unwrap().outbox, 0);
}
