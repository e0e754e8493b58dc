//! Switching, with a real database.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use audit::Actor;
use jiff::SignedDuration;
use platform::Text;
use seal::{CodeFormat, RosterSalt};
use store::{Evidence, NewPolicy, NewRoster, Pin, Role};
use tempfile::TempDir;

use super::*;

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const NUMBERS: Numbers = Numbers { guard: 7, technician: 8 };
const PINS: [&str; 2] = ["246810", "135791"];

fn sample() -> PolicyPack {
    crate::policy::tests::sample()
}

/// A pack with terms for so many days.
fn obliged(days: u16) -> PolicyPack {
    let mut pack = sample();
    pack.facts.retained_evidence = Some(RetainedEvidence {
        legal_basis: "Act on Public Events, article 12".to_owned(),
        days,
        recipient: RECIPIENT.to_owned(),
    });
    for texts in [&mut pack.zh, &mut pack.en] {
        let notice = texts.face_notice.as_mut().unwrap();
        notice.retention_kept = Some(Text::new(format!("A **picture** is kept {days} days.")));
    }
    pack
}

/// A kiosk's database with a guard (7) and a technician (8).
struct Kiosk {
    _folder: TempDir,
    store: Store,
    sequence: u32,
    now: Timestamp,
}

impl Kiosk {
    fn new(policy: &PolicyPack) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        let now = Timestamp::now();
        for (number, pin, role) in [(7, PINS[0], Role::Guard), (8, PINS[1], Role::Technician)] {
            store.add_staff(number, &Pin::new(pin.to_owned()), role, Actor::Console, now).unwrap();
        }
        let mut kiosk = Self { _folder: folder, store, sequence: 0, now };
        kiosk.import(policy);
        kiosk
    }

    /// The next edition of the roster, with this pack.
    fn import(&mut self, policy: &PolicyPack) {
        self.sequence += 1;
        let roster = NewRoster {
            id: "roster",
            sequence: self.sequence,
            salt: RosterSalt([1; 32]),
            code_format: CodeFormat::Crockford,
            policy: NewPolicy {
                id: &policy.facts.id,
                rank: i64::from(self.sequence),
                pack: &policy.to_json().unwrap(),
            },
            made_at: self.now,
            ends_at: self.now + SignedDuration::from_hours(24),
            retention_days: 10,
        };
        self.store.begin_roster_import(&roster, self.now).unwrap().commit().unwrap();
    }

    /// Switches on with these PINs, guard's first.
    fn on(&mut self, numbers: &Numbers, pins: [&str; 2]) -> Result<(), String> {
        let policy = policy(&self.store).unwrap();
        let mut pins = pins.into_iter();
        let mut ask = |_: &str| Ok(Pin::new(pins.next().unwrap().to_owned()));
        switch_on(&mut self.store, &policy, numbers, self.now, &mut ask)
            .map_err(|error| format!("{error:#}"))
    }

    fn off(&mut self, number: u32, pin: &str) -> Result<bool, String> {
        let mut ask = |_: &str| Ok(Pin::new(pin.to_owned()));
        switch_off(&mut self.store, number, self.now, &mut ask)
            .map_err(|error| format!("{error:#}"))
    }

    fn keeping(&self) -> Keeping {
        Roster::load(&self.store).unwrap().unwrap().keeping
    }

    fn acts(&self) -> u32 {
        let mut switches = 0;
        let count = |line: &str| {
            switches += u32::from(line.contains("\"retention_o"));
            Ok::<_, StoreError>(())
        };
        self.store.each_audit_line(count).unwrap();
        switches
    }
}

#[test]
fn c07_a_guard_and_a_technician_switch_it_on_together_and_either_switches_it_off() {
    for (number, pin) in [(7, PINS[0]), (8, PINS[1])] {
        let mut kiosk = Kiosk::new(&obliged(30));
        assert_eq!(kiosk.keeping(), Keeping::Off);
        kiosk.on(&NUMBERS, PINS).unwrap();
        assert_eq!((kiosk.keeping(), kiosk.acts()), (Keeping::On, 2));
        assert!(kiosk.on(&NUMBERS, PINS).unwrap_err().contains("on already"));
        assert!(kiosk.off(number, pin).unwrap());
        assert!(!kiosk.off(number, pin).unwrap());
        assert_eq!((kiosk.keeping(), kiosk.acts()), (Keeping::Off, 3));
    }
}

#[test]
fn c07_c31_one_person_a_wrong_pin_or_the_same_role_twice_changes_nothing() {
    let mut kiosk = Kiosk::new(&obliged(30));
    let other = [(9, Role::Guard), (10, Role::Technician)];
    for (number, role) in other {
        kiosk
            .store
            .add_staff(number, &Pin::new(PINS[0].to_owned()), role, Actor::Console, kiosk.now)
            .unwrap();
    }
    let numbers = |guard, technician| Numbers { guard, technician };
    for (numbers, pins, word) in [
        (numbers(8, 8), [PINS[1]; 2], "number of their own"),
        (numbers(7, 7), [PINS[0]; 2], "number of their own"),
        (numbers(7, 9), [PINS[0]; 2], "9 is not a technician"),
        (numbers(10, 8), PINS, "10 is not a guard"),
        (numbers(8, 7), [PINS[1], PINS[0]], "8 is not a guard"),
        (numbers(7, 8), [PINS[0]; 2], "4 attempts are left"),
        (numbers(7, 8), [PINS[1]; 2], "4 attempts are left"),
        (numbers(7, 99), PINS, "4 attempts are left"),
    ] {
        let error = kiosk.on(&numbers, pins).unwrap_err();
        assert!(error.contains(word), "{error}");
        assert!(!error.contains(PINS[0]) && !error.contains(PINS[1]), "{error}");
    }
    assert_eq!((kiosk.keeping(), kiosk.acts()), (Keeping::Off, 0));
    assert_eq!(kiosk.store.retention().unwrap(), None);
    kiosk.on(&NUMBERS, PINS).unwrap();
    assert!(kiosk.off(8, PINS[0]).unwrap_err().contains("attempts are left"));
    assert_eq!((kiosk.keeping(), kiosk.acts()), (Keeping::On, 2));
}

#[test]
fn c31_a_locked_account_switches_nothing() {
    let mut kiosk = Kiosk::new(&obliged(30));
    for _ in 0..store::LOCK_AFTER_FAILURES {
        kiosk.on(&NUMBERS, [PINS[0], "975310"]).unwrap_err();
    }
    assert!(kiosk.on(&NUMBERS, PINS).unwrap_err().contains("8 is locked until"));
    assert_eq!((kiosk.keeping(), kiosk.acts()), (Keeping::Off, 0));
}

#[test]
fn c07_without_terms_in_the_pack_nobody_is_asked_for_a_pin() {
    let mut kiosk = Kiosk::new(&sample());
    assert!(terms(&policy(&kiosk.store).unwrap()).is_err());
    let error = kiosk.on(&NUMBERS, PINS).unwrap_err();
    assert!(error.contains("retained_evidence"), "{error}");
    assert_eq!((kiosk.keeping(), kiosk.acts()), (Keeping::Off, 0));
}

#[test]
fn c07_other_terms_switch_it_off_until_two_agree_again() {
    let mut kiosk = Kiosk::new(&obliged(30));
    kiosk.on(&NUMBERS, PINS).unwrap();
    // The next edition of the roster with the same terms changes nothing.
    kiosk.import(&obliged(30));
    assert_eq!(kiosk.keeping(), Keeping::On);
    kiosk.import(&obliged(60));
    assert_eq!(kiosk.keeping(), Keeping::Lapsed);
    assert_eq!(kiosk.keeping().retained(), Retained::Nothing);
    assert!(status(&kiosk.store).unwrap().contains("for other terms than these"));
    kiosk.import(&sample());
    assert_eq!(kiosk.keeping(), Keeping::Lapsed);
    assert!(status(&kiosk.store).unwrap().contains("no terms for it"));
    kiosk.import(&obliged(60));
    kiosk.on(&NUMBERS, PINS).unwrap();
    assert_eq!(kiosk.keeping(), Keeping::On);
}

#[test]
fn the_status_says_terms_people_and_how_much_is_held() {
    let mut kiosk = Kiosk::new(&obliged(30));
    kiosk.on(&NUMBERS, PINS).unwrap();
    let text = status(&kiosk.store).unwrap();
    for word in ["Act on Public Events", "30 days", RECIPIENT, "A picture is kept", "guard 7"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(held(&kiosk.store).unwrap().contains("No sealed records"));
    let at = kiosk.now;
    let record = Evidence { nonce: [1; 16], sealed: b"sealed", at, days: 30 };
    kiosk.store.record_evidence(&record).unwrap();
    let text = held(&kiosk.store).unwrap();
    assert!(text.contains("1 sealed records"), "{text}");
    assert!(text.contains(&local(at + SignedDuration::from_hours(24 * 30))), "{text}");
}

#[test]
fn an_export_overwrites_nothing_and_can_be_repeated() {
    let mut kiosk = Kiosk::new(&obliged(30));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("for the authority");
    assert_eq!(export(&kiosk.store, &out).unwrap(), 0);
    for (nonce, sealed) in [(0xab, b"first"), (0xcd, b"other")] {
        let record = Evidence { nonce: [nonce; 16], sealed, at: kiosk.now, days: 30 };
        kiosk.store.record_evidence(&record).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(export(&kiosk.store, &out).unwrap(), 2);
    }
    let file = out.join(format!("{}.age", "ab".repeat(16)));
    assert_eq!(std::fs::read(&file).unwrap(), b"first");
    std::fs::write(&file, "something else").unwrap();
    let error = format!("{:#}", export(&kiosk.store, &out).unwrap_err());
    assert!(error.contains("cannot write"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"something else");
}
