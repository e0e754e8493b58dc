//! A morning rush: many kiosks, one real pretix, as their gates ask it and as they read its changes.
//! Prints figures as one line of JSON.
//!
//! `venue_rush [KIOSKS [MINUTES [VISITS]]] [--eager]`; visits: per minute and kiosk. `--eager`: the
//! kiosks read changes each minute however busy the server is, to see what [`Pace`] is good for.
//!
//! A kiosk is here its adapter with the account and connections of its own. Its database takes no
//! part: what it writes costs the server nothing, and 200 of them would take the server's processor.
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]
#![expect(clippy::print_stdout, reason = "the figures")]
#![expect(clippy::print_stderr, reason = "how far it is")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use platform::pretix::{self as adapter, Place, Pretix, QuestionNames, Software};
use platform::{Heard, Loaded, Pace, Pulled, Registration as _, Terms};
use seal::{CodeFormat, Locator};
use serde_json::{Map, Value, json};
use store::{Lane, OutboxEntry, OutboxKind};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use transport::{Settings, Transport, Url};
use walkthrough::pretix::{self, Ticket};
use zeroize::Zeroizing;

/// As long as a visitor waits at the gate (`[platform] wait`).
const WAIT: Duration = Duration::from_millis(1500);
/// Changes of so long before a time are told from that time on.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);
/// Between two turns of a kiosk that reads eagerly.
const MINUTE: Duration = Duration::from_mins(1);
/// How long the server's limit is looked for, of each kind of request.
const LIMIT: Duration = Duration::from_secs(20);
/// So many ask at once then: more than the server has processes, few enough for its database.
const AT_ONCE: usize = 8;
/// How soon a kiosk notices that the rush is over.
const TICK: Duration = Duration::from_millis(500);
/// Visitors for that.
const SPARE: usize = 2_000;

#[derive(Clone, Copy)]
struct Plan {
    kiosks: usize,
    time: Duration,
    /// Visits of a kiosk in a minute.
    visits: f64,
    eager: bool,
}

/// What all kiosks do together.
#[derive(Default)]
struct Venue {
    tickets: Vec<Ticket>,
    next: AtomicUsize,
    closed: AtomicBool,
}

impl Venue {
    fn ticket(&self) -> Option<&Ticket> {
        self.tickets.get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// What one kiosk saw.
#[derive(Default)]
struct Seen {
    /// Milliseconds until the platform's word, within the time that a visitor waits.
    answers: Vec<f64>,
    /// Visits that went on without it.
    unheard: usize,
    /// Milliseconds until a page of changes, and of how many orders.
    pages: Vec<f64>,
    orders: u64,
    /// How far behind the changes it was in the end, in seconds.
    behind: f64,
    failed: usize,
}

#[tokio::main]
async fn main() {
    let (flags, numbers): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let number = |n: usize, usual: f64| numbers.get(n).map_or(usual, |text| text.parse().unwrap());
    let plan = Plan {
        kiosks: number(0, 200.0) as usize,
        time: Duration::from_secs_f64(number(1, 10.0) * 60.0),
        visits: number(2, 2.0),
        eager: flags.iter().any(|flag| flag == "--eager"),
    };
    let server = pretix::start().await.unwrap();
    let minutes = plan.time.as_secs_f64() / 60.0;
    // Half as many again: how many come is drawn.
    let expected = (plan.kiosks as f64 * minutes * plan.visits * 1.5) as usize + SPARE;
    let event = server.world().random.clone();
    eprintln!("{expected} visitors");
    let tickets = server.add_crowd(&event, expected).await.unwrap();
    let mut kiosks = Vec::new();
    eprintln!("{} kiosks", plan.kiosks);
    for _ in 0..plan.kiosks.max(AT_ONCE) {
        kiosks.push(Arc::new(kiosk(&server).await));
    }
    let venue = Arc::new(Venue { tickets, ..Venue::default() });
    let mut figures = limits(&kiosks, &venue).await;
    eprintln!("{figures:?}");
    // The limit's own changes are of the past.
    sleep(Duration::from_secs(2)).await;
    let before = venue.next.load(Ordering::Relaxed);
    let (begun, cpu) = (Instant::now(), own_cpu());
    let mut open = JoinSet::new();
    for (n, kiosk) in kiosks.iter().take(plan.kiosks).enumerate() {
        open.spawn(morning(Arc::clone(kiosk), Arc::clone(&venue), plan, n as u64));
    }
    sleep(plan.time).await;
    venue.closed.store(true, Ordering::Relaxed);
    let closed = begun.elapsed();
    let cpu = (own_cpu() - cpu) / closed.as_secs_f64();
    let seen: Vec<Seen> = open.join_all().await;
    let drained = begun.elapsed().saturating_sub(closed);
    let visits = venue.next.load(Ordering::Relaxed) - before;
    figures.extend(rush(&seen, visits, closed));
    figures.insert("rush_kiosks".to_owned(), json!(plan.kiosks));
    figures.insert("rush_minutes".to_owned(), json!(minutes));
    figures.insert("rush_drained_s".to_owned(), json!(drained.as_secs_f64()));
    figures.insert("rush_kiosks_processor_share".to_owned(), json!(cpu));
    // Nothing lost and nothing counted twice.
    let mut counted = HashMap::<u64, usize>::new();
    for scan in server.check_ins(&event).await.unwrap() {
        assert!(scan.successful, "{scan:?}");
        *counted.entry(scan.position.unwrap()).or_default() += 1;
    }
    let told = venue.next.load(Ordering::Relaxed).min(venue.tickets.len());
    for ticket in &venue.tickets[..told] {
        assert_eq!(counted.get(&ticket.position), Some(&1), "position {}", ticket.position);
    }
    assert_eq!(counted.len(), told);
    println!("{}", Value::Object(figures));
}

/// A kiosk that was just connected.
async fn kiosk(server: &pretix::Pretix) -> Pretix {
    let device = server.add_device("pretixscan").await.unwrap();
    let settings = Settings { allow: vec![server.base().parse().unwrap()], ..Settings::default() };
    let transport = Transport::new(&settings).unwrap();
    let url = Url::parse(server.base()).unwrap();
    let token = Zeroizing::new(device.initialization_token);
    let now = Timestamp::now();
    let account = adapter::connect(&transport, &url, &token, Software::THIS, now).await.unwrap();
    let event = &server.world().random;
    let (event, list) = (event.slug.clone(), event.entrance);
    let place = Place { event, list, list_name: "entrance".to_owned() };
    Pretix { transport, account, place, questions: QuestionNames::default() }
}

/// What the server bears of each kind of request, asked by a few at once without a pause.
async fn limits(kiosks: &[Arc<Pretix>], venue: &Arc<Venue>) -> Map<String, Value> {
    let mut figures = Map::new();
    let mut insert = |name: &str, per_second: f64| {
        figures.insert(format!("limit_{name}_per_s"), json!(per_second));
    };
    insert("greetings", {
        per_second(kiosks, venue, async |kiosk, _| kiosk.greet().await.map(drop).is_ok()).await
    });
    let pages = per_second(kiosks, venue, async |kiosk, _| {
        let long_ago = Timestamp::now() - SignedDuration::from_hours(1);
        page(&kiosk, &kiosk.since(long_ago)).await.is_some()
    });
    insert("pages", pages.await);
    let check_ins = per_second(kiosks, venue, async |kiosk, venue| {
        let Some(ticket) = venue.ticket() else { return false };
        matches!(kiosk.push(&entry(ticket)).await, Ok(Heard::Accepted))
    });
    insert("check_ins", check_ins.await);
    figures
}

async fn per_second<F>(
    kiosks: &[Arc<Pretix>],
    venue: &Arc<Venue>,
    ask: impl Fn(Arc<Pretix>, Arc<Venue>) -> F + Copy + Send + 'static,
) -> f64
where
    F: Future<Output = bool> + Send + 'static,
{
    let begun = Instant::now();
    let mut all = JoinSet::new();
    for kiosk in &kiosks[..AT_ONCE] {
        let (kiosk, venue) = (Arc::clone(kiosk), Arc::clone(venue));
        all.spawn(async move {
            let mut answers = 0_u32;
            while begun.elapsed() < LIMIT {
                if ask(Arc::clone(&kiosk), Arc::clone(&venue)).await {
                    answers += 1;
                }
            }
            answers
        });
    }
    let answers: u32 = all.join_all().await.into_iter().sum();
    f64::from(answers) / begun.elapsed().as_secs_f64()
}

/// One kiosk: its gate, and what it does in the background.
async fn morning(kiosk: Arc<Pretix>, venue: Arc<Venue>, plan: Plan, number: u64) -> Seen {
    let (missed, waiting) = mpsc::unbounded_channel();
    let gate = tokio::spawn(gate(Arc::clone(&kiosk), Arc::clone(&venue), plan, number, missed));
    let behind = tokio::spawn(background(kiosk, venue, plan, number, waiting));
    let (gate, behind) = (gate.await.unwrap(), behind.await.unwrap());
    Seen { answers: gate.answers, unheard: gate.unheard, ..behind }
}

/// Visitors come at random.
async fn gate(
    kiosk: Arc<Pretix>,
    venue: Arc<Venue>,
    plan: Plan,
    number: u64,
    missed: mpsc::UnboundedSender<OutboxEntry>,
) -> Seen {
    let (mut rng, mut seen) = (Rng::with_seed(number), Seen::default());
    loop {
        let next = Duration::from_secs_f64(-rng.f64().max(1e-9).ln() * 60.0 / plan.visits);
        let begun = Instant::now();
        while begun.elapsed() < next {
            sleep((next.saturating_sub(begun.elapsed())).min(TICK)).await;
            if venue.closed.load(Ordering::Relaxed) {
                return seen;
            }
        }
        let Some(ticket) = venue.ticket() else { return seen };
        let (entry, begun) = (entry(ticket), Instant::now());
        if let Ok(Ok(heard)) = timeout(WAIT, kiosk.push(&entry)).await {
            assert_eq!(heard, Heard::Accepted);
            seen.answers.push(begun.elapsed().as_secs_f64() * 1e3);
        } else {
            seen.unheard += 1;
            missed.send(entry).unwrap();
        }
    }
}

/// Tells what waits and reads changes, as the kiosk does.
async fn background(
    kiosk: Arc<Pretix>,
    venue: Arc<Venue>,
    plan: Plan,
    number: u64,
    mut waiting: mpsc::UnboundedReceiver<OutboxEntry>,
) -> Seen {
    let (mut rng, mut seen) = (Rng::with_seed(!number), Seen::default());
    // What was before is known: no change is read again that is older than the rush.
    let mut cursor = kiosk.since(Timestamp::now() + OVERLAP);
    let mut pace = Pace::default();
    // They were not switched on at the same moment.
    let mut next = Instant::now() + MINUTE.mul_f64(rng.f64());
    let mut left = Vec::new();
    loop {
        let closed = venue.closed.load(Ordering::Relaxed);
        while let Ok(entry) = waiting.try_recv() {
            left.push(entry);
        }
        while let Some(entry) = left.first() {
            let Ok(heard) = kiosk.push(entry).await else {
                seen.failed += 1;
                break;
            };
            assert_eq!(heard, Heard::Accepted);
            left.remove(0);
        }
        if closed && waiting.is_closed() && waiting.is_empty() && left.is_empty() {
            return seen;
        }
        if !closed && next <= Instant::now() {
            let more = loop {
                let begun = Instant::now();
                if kiosk.greet().await.is_err() {
                    seen.failed += 1;
                    break true;
                }
                if !(pace.greeted(begun.elapsed(), Instant::now()) || plan.eager) {
                    break true;
                }
                let begun = Instant::now();
                let Some(changes) = page(&kiosk, &cursor).await else {
                    seen.failed += 1;
                    break true;
                };
                seen.pages.push(begun.elapsed().as_secs_f64() * 1e3);
                seen.orders += changes.read;
                let (until, more) = (changes.until, changes.more);
                seen.behind =
                    if more { Timestamp::now().duration_since(until).as_secs_f64() } else { 0.0 };
                cursor = platform::Cursor(changes.next);
                let go_on = more && (plan.eager || pace.is_free());
                if !go_on || venue.closed.load(Ordering::Relaxed) {
                    break more;
                }
            };
            let pause = if plan.eager {
                MINUTE
            } else {
                pace.pause().max(if more { Duration::ZERO } else { MINUTE })
            };
            next = Instant::now() + pause.mul_f64(0.75 + rng.f64() / 2.0);
        }
        sleep(TICK).await;
    }
}

async fn page(kiosk: &Pretix, from: &platform::Cursor) -> Option<store::Changes> {
    let terms = Terms { salt: kiosk.salt().ok()??, code_format: CodeFormat::Opaque };
    let loaded = Loaded { id: "rush".to_owned(), sequence: 0, terms };
    match kiosk.pull(from, Some(&loaded), Timestamp::now()).await {
        Ok(Pulled::Changes(changes)) => Some(*changes),
        _ => None,
    }
}

fn entry(ticket: &Ticket) -> OutboxEntry {
    OutboxEntry {
        id: 1,
        kind: OutboxKind::Checkin,
        nonce: u128::from(ticket.position).to_be_bytes(),
        locator: Locator([0; 32]),
        position: Some(i64::try_from(ticket.position).unwrap()),
        lane: Lane::Face,
        staff: None,
        at: Timestamp::now(),
        forced: false,
        annulled: false,
        begun: 1,
        answers: None,
    }
}

fn rush(seen: &[Seen], visits: usize, time: Duration) -> Map<String, Value> {
    let all = |of: fn(&Seen) -> &[f64]| {
        let mut all: Vec<f64> = seen.iter().flat_map(|seen| of(seen).iter().copied()).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let at = |all: &[f64], percent: usize| {
        all.get((all.len() * percent / 100).min(all.len().saturating_sub(1))).copied()
    };
    let (answers, pages) = (all(|seen| &seen.answers), all(|seen| &seen.pages));
    let behind = all(|seen| std::slice::from_ref(&seen.behind));
    let sum = |of: fn(&Seen) -> usize| seen.iter().map(of).sum::<usize>();
    let unheard = sum(|seen| seen.unheard);
    let orders: u64 = seen.iter().map(|seen| seen.orders).sum();
    let figures = [
        ("rush_visits", json!(visits)),
        ("rush_visits_per_s", json!(visits as f64 / time.as_secs_f64())),
        ("rush_word_ms_p50", json!(at(&answers, 50))),
        ("rush_word_ms_p99", json!(at(&answers, 99))),
        ("rush_unheard_percent", json!(100.0 * unheard as f64 / visits.max(1) as f64)),
        ("rush_pages_per_s", json!(pages.len() as f64 / time.as_secs_f64())),
        ("rush_page_ms_p50", json!(at(&pages, 50))),
        ("rush_page_ms_p99", json!(at(&pages, 99))),
        ("rush_orders_read", json!(orders)),
        ("rush_behind_s_p50", json!(at(&behind, 50))),
        ("rush_behind_s_p99", json!(at(&behind, 99))),
        ("rush_failed", json!(sum(|seen| seen.failed))),
    ];
    figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Seconds of processor time that this process has used; 0 where the system does not tell.
fn own_cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: Vec<f64> =
        after.split(' ').skip(11).take(2).filter_map(|text| text.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}
