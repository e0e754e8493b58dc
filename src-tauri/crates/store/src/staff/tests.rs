//! Accounts and sign-ins, with a real database.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Instant;

use jiff::SignedDuration;

use super::*;
use crate::LOCK_AFTER_FAILURES;
use crate::testing::{self, AT, DAY};

fn pin(text: &str) -> Pin {
    Pin::new(text.into())
}

#[test]
fn c31_number_and_pin_sign_in_and_five_wrong_ones_lock_across_a_restart() {
    let (folder, mut store) = testing::store();
    store.add_staff(7, &pin("482913"), Role::Technician, Actor::Console, AT).unwrap();
    let member = StaffMember { number: 7, role: Role::Technician };
    let until = AT + SignedDuration::from_mins(5);
    assert_eq!(store.sign_in(7, &pin("482914"), None, AT).unwrap(), SignIn::Refused { left: 4 });
    assert_eq!(store.sign_in(7, &pin("482913"), None, AT).unwrap(), SignIn::Accepted(member));
    for left in [4, 3, 2, 1] {
        drop(store);
        store = Store::open_folder(folder.path()).unwrap();
        assert_eq!(store.sign_in(7, &pin("482914"), None, AT).unwrap(), SignIn::Refused { left });
    }
    assert_eq!(store.sign_in(7, &pin(""), None, AT).unwrap(), SignIn::Locked { until });
    drop(store);
    store = Store::open_folder(folder.path()).unwrap();
    assert_eq!(store.sign_in(7, &pin("482913"), None, AT).unwrap(), SignIn::Locked { until });
    assert_eq!(store.sign_in(7, &pin("482913"), None, until).unwrap(), SignIn::Accepted(member));
}

#[test]
fn c31_an_unknown_number_answers_and_takes_time_like_a_wrong_pin() {
    let (_folder, mut store) = testing::store();
    store.add_staff(7, &pin("482913"), Role::Guard, Actor::Console, AT).unwrap();
    let mut spent = [std::time::Duration::ZERO; 2];
    for left in [4, 3, 2, 1] {
        for (number, spent) in [7, 8].into_iter().zip(&mut spent) {
            let begun = Instant::now();
            let answer = store.sign_in(number, &pin("482914"), None, AT).unwrap();
            *spent += begun.elapsed();
            assert_eq!(answer, SignIn::Refused { left });
        }
    }
    let ratio = spent[1].as_secs_f64() / spent[0].as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
    for number in [7, 8] {
        let answer = store.sign_in(number, &pin("482914"), None, AT).unwrap();
        assert!(matches!(answer, SignIn::Locked { .. }));
    }
}

#[test]
fn a_number_without_an_account_never_signs_in() {
    let (_folder, mut store) = testing::store();
    for number in 1..=3 {
        let answer = store.sign_in(number, &pin("000000"), None, AT).unwrap();
        assert_eq!(answer, SignIn::Refused { left: 4 });
    }
}

#[test]
fn an_account_is_made_once_and_ends_by_itself() {
    let (_folder, mut store) = testing::store();
    store.add_staff(7, &pin("482913"), Role::Guard, Actor::Console, AT).unwrap();
    let again = store.add_staff(7, &pin("739158"), Role::Technician, Actor::Console, AT);
    assert!(matches!(again, Err(StoreError::StaffExists)));
    let end = AT + DAY * i32::from(STAFF_ACCOUNT_DAYS);
    let accepted = SignIn::Accepted(StaffMember { number: 7, role: Role::Guard });
    assert_eq!(store.sign_in(7, &pin("482913"), None, AT).unwrap(), accepted);
    assert_eq!(store.sign_in(7, &pin("482913"), None, end).unwrap(), SignIn::Refused { left: 4 });
    assert!(store.remove_staff(7, Actor::Console, AT).unwrap());
    assert!(!store.remove_staff(7, Actor::Console, AT).unwrap());
}

#[test]
fn pins_that_are_easy_to_guess_are_refused() {
    for (text, fit) in [
        ("482913", true),
        ("112233445566", true),
        ("", false),
        ("12345", false),
        ("123456", false),
        ("987654", false),
        ("111111", false),
        ("48291a", false),
        ("4829134829134", false),
        ("４８２９１３", false),
    ] {
        assert_eq!(pin(text).is_fit(), fit, "{text}");
    }
}

#[test]
fn staff_sign_in_when_the_disk_takes_nothing_and_wrong_pins_still_lock() {
    let (_folder, mut store) = testing::store();
    store.add_staff(7, &pin("135790"), Role::Guard, Actor::Console, AT).unwrap();
    store.db.pragma_update(None, "query_only", true).unwrap();
    let accepted = SignIn::Accepted(StaffMember { number: 7, role: Role::Guard });
    assert_eq!(store.sign_in(7, &pin("135790"), None, AT).unwrap(), accepted);
    for left in (1..LOCK_AFTER_FAILURES).rev() {
        let refused = store.sign_in(7, &pin("000000"), None, AT).unwrap();
        assert_eq!(refused, SignIn::Refused { left });
    }
    let until = AT + SignedDuration::from_mins(5);
    for digits in ["000000", "135790"] {
        assert_eq!(store.sign_in(7, &pin(digits), None, AT).unwrap(), SignIn::Locked { until });
    }
    assert_eq!(store.sign_in(7, &pin("135790"), None, until).unwrap(), accepted);
}
