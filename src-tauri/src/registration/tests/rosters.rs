//! Random schedules of changes at the platform while a kiosk reads its roster over a wire that
//! fails: in the end the kiosk holds what a kiosk holds that reads it in peace.
//!
//! `POSTERN_CASES` sets how many (4), `POSTERN_SEED` the first of their seeds.

use std::time::Instant;

use fastrand::Rng;
use platform::AttendeeRecord;
use seal::Kind;
use walkthrough::pretix;

use super::schedules::{fault, seeds};
use super::*;

const CASES: u64 = 4;
/// Two pages and a half.
const VISITORS: usize = 120;
const STEPS: usize = 24;
/// Who is changed is one of these: some on the first page, some on the last.
const CHANGED: [usize; 6] = [0, 1, 2, 60, 118, 119];

#[derive(Clone, Copy, Debug)]
enum Step {
    /// At the platform.
    Change {
        ticket: usize,
        change: Change,
    },
    Add,
    /// Changes are read, and cut off after so many milliseconds.
    Read {
        most: u64,
    },
    /// Photos are fetched, and cut off.
    Photos {
        most: u64,
    },
    PowerCut,
    /// From now on so many of ten requests meet a fault.
    Faults {
        of_ten: u32,
        seed: u64,
    },
    Heal,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Rename,
    Block,
    Unblock,
    Cancel,
    Unpaid,
    NewCode,
    Photo,
    NoPhoto,
}

impl Step {
    fn draw(rng: &mut Rng) -> Self {
        let changes = [
            Change::Rename,
            Change::Block,
            Change::Unblock,
            Change::Cancel,
            Change::Unpaid,
            Change::NewCode,
            Change::Photo,
            Change::Photo,
            Change::NoPhoto,
        ];
        match rng.u32(..20) {
            0..5 => Self::Change {
                ticket: CHANGED[rng.usize(..CHANGED.len())],
                change: changes[rng.usize(..changes.len())],
            },
            5 => Self::Add,
            6..11 => Self::Read { most: rng.u64(50..1500) },
            11..14 => Self::Photos { most: rng.u64(50..900) },
            14..16 => Self::PowerCut,
            16..19 => Self::Faults { of_ten: rng.u32(2..8), seed: rng.u64(..) },
            _ => Self::Heal,
        }
    }
}

impl Change {
    /// Does it at the platform. What cannot be done to this ticket any more, is not.
    async fn make(self, platform: &Platform, ticket: &mut Ticket, photo: &[u8]) {
        let event = &platform.world().random;
        let made = match self {
            Self::Rename => platform.rename(ticket, "爱新觉罗 Ω\u{202e}🎟").await,
            Self::Block => platform.block(ticket).await,
            Self::Unblock => platform.unblock(ticket).await,
            Self::Cancel => platform.cancel(ticket).await,
            Self::Unpaid => platform.mark_unpaid(ticket).await,
            Self::NewCode => platform.regenerate(ticket).await.map(|new| *ticket = new),
            Self::Photo => platform.set_photo(event, ticket, Some(photo)).await,
            Self::NoPhoto => platform.set_photo(event, ticket, None).await,
        };
        made.ok();
    }
}

/// What a kiosk holds of one ticket, without times of its own. Codes that do not count come with the
/// list, every ten minutes: of a badge that is known its state tells the same.
#[derive(PartialEq, Eq)]
struct Held {
    name: String,
    /// Ticket, state and validity.
    rules: String,
    photo: Option<Vec<u8>>,
    problem: Option<String>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, rules, photo, problem } = self;
        write!(f, "{name}, {rules}, {problem:?}, {:?} bytes", photo.as_ref().map(Vec::len))
    }
}

async fn all_held(gate: &Gate, tickets: &[Ticket]) -> Vec<Option<Held>> {
    let tickets = tickets.to_vec();
    gate.store(move |store| {
        let held = |ticket: &Ticket| {
            let keys = keys(ticket);
            let entry = store.badge(&keys.locator).unwrap()?;
            let record =
                AttendeeRecord::open(entry.sealed_record.as_ref().unwrap(), &keys).unwrap();
            let sealed = store.reference(&keys.locator).unwrap();
            let open = |sealed: Vec<u8>| {
                keys.reference.open(&sealed, &keys.locator, Kind::Reference).unwrap().to_vec()
            };
            let (ticket, state) = (&entry.ticket, entry.state);
            Some(Held {
                name: record.name.clone(),
                rules: format!("{:?} {ticket:?} {state:?}", entry.position),
                photo: sealed.map(open),
                problem: entry.reference_problem,
            })
        };
        tickets.iter().map(held).collect()
    })
    .await
}

/// Reads until all is read and all photos are here.
async fn read_all(gate: &mut Gate) {
    let (Online { registration, desk, .. }, begun) = (gate.online.clone(), Instant::now());
    loop {
        let more = registration.read_changes(&desk).await;
        let photos = registration.fetch_photos(&desk).await;
        gate.hear();
        let due = gate.store(|store| store.photos_due(1).unwrap()).await;
        let reading = gate.store(|store| store.progress().unwrap().reading).await;
        let ended = matches!((more, photos), (Ok(false), Ok(false)));
        if ended && due.is_empty() && reading.is_none() {
            return;
        }
        assert!(begun.elapsed() < LONG, "{due:?}, {reading:?}");
    }
}

async fn run(platform: &Platform, seed: u64, photo: &[u8]) {
    let event = &platform.world().random;
    let mut rng = Rng::with_seed(seed);
    let mut tickets = platform.add_crowd(event, VISITORS).await.unwrap();
    platform.set_photo(event, &tickets[1], Some(photo)).await.unwrap();
    let mut gate = Gate::new(platform, &[]).await;
    let mut steps = Vec::new();
    for _ in 0..STEPS {
        let step = Step::draw(&mut rng);
        steps.push(step);
        let Online { registration, desk, .. } = gate.online.clone();
        match step {
            Step::Change { ticket, change } => {
                change.make(platform, &mut tickets[ticket], photo).await;
            }
            Step::Add => {
                let new = Attendee { name: "New", photo: Some(photo), ..Attendee::default() };
                tickets.push(platform.add(event, &new).await.unwrap());
            }
            Step::Read { most } => {
                let most = Duration::from_millis(most);
                tokio::time::timeout(most, registration.read_changes(&desk)).await.ok();
            }
            Step::Photos { most } => {
                let most = Duration::from_millis(most);
                tokio::time::timeout(most, registration.fetch_photos(&desk)).await.ok();
            }
            Step::PowerCut => {
                // Whatever the database does just now is done, or was never begun.
                gate.store(|_| ()).await;
                gate.power_cut();
            }
            Step::Faults { of_ten, seed } => {
                let mut rng = Rng::with_seed(seed);
                gate.wire.fail(move |_| match rng.u32(..10) {
                    0 => Fault::BareList,
                    _ => fault(&mut rng, of_ten),
                });
            }
            Step::Heal => gate.wire.heal(),
        }
        gate.hear();
    }
    gate.wire.heal();
    read_all(&mut gate).await;
    let mut peaceful = Gate::new(platform, &[]).await;
    read_all(&mut peaceful).await;
    let (there, here) = (all_held(&peaceful, &tickets).await, all_held(&gate, &tickets).await);
    for ((there, here), ticket) in there.iter().zip(&here).zip(&tickets) {
        assert!(there == here, "seed {seed}, {ticket:?}, {there:?}, {here:?}: {steps:?}");
    }
    let counts = async |gate: &Gate| {
        gate.store(|store| store.roster().unwrap().map(|head| (head.attendees, head.references)))
            .await
    };
    assert_eq!(counts(&gate).await, counts(&peaceful).await, "seed {seed}: {steps:?}");
    assert!(here.iter().flatten().any(|held| held.photo.is_some()), "no photo at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn c16_c35_whatever_fails_while_it_is_read_the_roster_is_the_platforms_in_the_end() {
    let platform = pretix::fresh().await.unwrap();
    let photo =
        image::RgbImage::from_fn(480, 640, |x, y| image::Rgb([(x / 2) as u8, (y / 3) as u8, 120]));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    photo.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    for seed in seeds(CASES) {
        platform.reset().unwrap();
        run(&platform, seed, jpeg.get_ref()).await;
    }
}
