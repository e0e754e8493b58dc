//! Clocks that are set, and a year with them.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use tempfile::TempDir;

use super::*;
use crate::testing::{self, AT, DAY, attendee, consent, face};
use crate::{Checkin, Choice, ConsentRecord, NewRoster, pages};

fn reading(wall: Timestamp, hours: u64) -> Reading {
    Reading { wall, steady: Duration::from_secs(hours * 3600) }
}

#[test]
fn the_time_is_kept_over_a_restart_and_may_be_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_folder(folder.path()).unwrap();
    assert_eq!(store.kept_time().unwrap(), None);
    for at in [AT, AT + DAY, AT - DAY * 400] {
        store.keep_time(at).unwrap();
        drop(store);
        store = Store::open_folder(folder.path()).unwrap();
        assert_eq!(store.kept_time().unwrap(), Some(at));
    }
}

#[test]
fn the_machines_clock_is_believed_unless_it_is_more_than_a_day_behind() {
    let hour = SignedDuration::from_hours(1);
    // Behind, ahead: wall clock against the kiosk's own count, ten hours after the last look.
    for (off, now, jump) in [
        (SignedDuration::ZERO, SignedDuration::ZERO, None),
        (-hour, -hour, None),
        (hour * -24, hour * -24, None),
        (hour * -25, SignedDuration::ZERO, Some(Jump::Behind(1))),
        (DAY * -365, SignedDuration::ZERO, Some(Jump::Behind(365))),
        (hour * 24, hour * 24, None),
        (DAY * 40, DAY * 40, Some(Jump::Ahead(40))),
    ] {
        let mut count = Count::resume(Some(AT), reading(AT, 5));
        let then = AT + hour * 10;
        let machine = reading(then + off, 15);
        assert_eq!(count.now(machine), then + now, "{off}");
        assert_eq!(count.advance(machine), ((then + off).max(then), jump), "{off}");
    }
}

#[test]
fn small_corrections_never_add_up_to_more_than_a_day() {
    let mut count = Count::resume(None, reading(AT, 0));
    for hours in 1..200 {
        // Each hour the clock is set back by two.
        let wall = AT - SignedDuration::from_hours(hours);
        let machine = reading(wall, hours.unsigned_abs());
        let now = count.now(machine);
        let counted = AT + SignedDuration::from_hours(hours);
        assert!(counted.duration_since(now) <= TOLERANCE);
        count.advance(machine);
    }
}

#[test]
fn a_restart_with_a_clock_that_was_set_back_goes_on_from_the_kept_time() {
    let count = Count::resume(Some(AT), reading(AT - DAY * 365, 0));
    assert_eq!(count.now(reading(AT - DAY * 365, 3)), AT + SignedDuration::from_hours(3));
    let count = Count::resume(Some(AT), reading(AT + DAY * 90, 0));
    assert_eq!(count.now(reading(AT + DAY * 90, 0)), AT + DAY * 90, "it was switched off");
}

/// How long records are kept in the simulated year.
const RETENTION: i32 = 10;

/// A kiosk in a world whose true time it can only guess.
struct World {
    folder: TempDir,
    store: Option<Store>,
    count: Count,
    /// True time, and the error of the machine's wall clock.
    now: Timestamp,
    error: SignedDuration,
    started: Timestamp,
    random: fastrand::Rng,
}

impl World {
    fn reading(&self) -> Reading {
        let steady = Duration::try_from(self.now.duration_since(self.started)).unwrap();
        Reading { wall: self.now + self.error, steady }
    }

    fn time(&self) -> Timestamp {
        self.count.now(self.reading())
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    fn restart(&mut self) {
        drop(self.store.take());
        self.now += SignedDuration::from_secs(30);
        let store = Store::open_folder(self.folder.path()).unwrap();
        self.started = self.now;
        self.count = Count::resume(store.kept_time().unwrap(), self.reading());
        self.store = Some(store);
    }

    /// What the kiosk does every ten minutes.
    fn keep_house(&mut self) {
        let (kept, _) = self.count.advance(self.reading());
        let now = self.time();
        let store = self.store();
        store.purge_expired(now).unwrap();
        store.keep_time(kept).unwrap();
    }
}

/// Something that was stored, and when it must be gone, in true time.
struct Trace {
    bytes: [u8; 16],
    gone: Timestamp,
}

#[test]
fn c08_in_a_year_of_restarts_and_wrong_clocks_nothing_is_kept_a_day_too_long() {
    let (folder, store) = testing::store();
    let mut world = World {
        folder,
        store: Some(store),
        count: Count::resume(None, reading(AT, 0)),
        now: AT,
        error: SignedDuration::ZERO,
        started: AT,
        random: fastrand::Rng::with_seed(20_261_123),
    };
    let hour = SignedDuration::from_hours(1);
    let (mut traces, mut written, mut behind, mut restarts) = (Vec::<Trace>::new(), 0, 0, 0);
    for step in 0..365_i32 * 2 {
        world.now += hour * 12;
        if step % 60 == 0 {
            let (edition, now) = (step / 60 + 1, world.time());
            let roster = NewRoster {
                ends_at: now + DAY * 30,
                retention_days: u16::try_from(RETENTION).unwrap(),
                ..testing::roster(edition.unsigned_abs())
            };
            testing::import(world.store(), &roster, &[attendee(testing::locator(1))]);
        }
        match world.random.u8(..) {
            0..=9 => world.error = -DAY * world.random.i32(1..500),
            10..=29 => world.error = SignedDuration::ZERO,
            30..=39 => {
                world.restart();
                restarts += 1;
            }
            _ => {}
        }
        behind += i32::from(world.error < -TOLERANCE);
        let (at, mut nonce) = (world.time(), [0; 16]);
        world.random.fill(&mut nonce);
        let badge = world.store().badge(&testing::locator(1)).unwrap().unwrap().id;
        let record = ConsentRecord { nonce, at, ..consent(0, badge, Choice::Given) };
        world.store().record_consent(&record).unwrap();
        world.random.fill(&mut nonce);
        let checkin = Checkin { nonce, at, ..face(0, badge) };
        world.store().record_checkin(&checkin).unwrap();
        world.store().annul_checkin(&nonce, at).unwrap();
        for bytes in [record.nonce, nonce] {
            traces.push(Trace { bytes, gone: world.now + DAY * RETENTION });
            written += 1;
        }
        world.keep_house();
        assert!(
            world.now.duration_since(world.time()) <= TOLERANCE + hour,
            "the kiosk's time stays true"
        );
        if step % 14 != 0 {
            continue;
        }
        // Check-ins stay as long as the roster; consents go at their time.
        let all = pages::pages(world.folder.path()).concat();
        let holds = |trace: &Trace| memchr::memmem::find(&all, &trace.bytes).is_some();
        let (over, rest): (Vec<_>, Vec<_>) =
            traces.into_iter().partition(|t| t.gone + TOLERANCE + hour <= world.now);
        traces = rest;
        let late = over.iter().step_by(2).filter(|t| holds(t)).count();
        assert_eq!(late, 0, "day {}", step / 2);
        let lost = traces.iter().filter(|t| t.gone - TOLERANCE > world.now && !holds(t)).count();
        assert_eq!(lost, 0, "day {}: deleted too early", step / 2);
    }
    assert!(written > 1450 && behind > 100 && restarts > 15, "{written} {behind} {restarts}");
    // Nobody comes any more.
    world.now += DAY * 60;
    world.keep_house();
    let counts = world.store().counts().unwrap();
    assert_eq!((counts.attendees, counts.consents, counts.outbox), (0, 0, 0));
}
