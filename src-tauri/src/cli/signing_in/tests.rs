//! Every right of the command line with every role, with a real database.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use audit::Actor;

use super::*;

const ROLES: [(u32, &str, Role); 4] = [
    (7, "246810", Role::Guard),
    (8, "135791", Role::Supervisor),
    (9, "864209", Role::Technician),
    (10, "975318", Role::DataProtectionOfficer),
];

#[test]
fn c31_every_command_of_the_command_line_with_every_role() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_folder(folder.path()).unwrap();
    let now = Timestamp::now();
    for (number, pin, role) in ROLES {
        store.add_staff(number, &Pin::new(pin.to_owned()), role, Actor::Console, now).unwrap();
    }
    for (action, guard, supervisor, technician, officer) in [
        (Action::SwitchRetentionOnAsGuard, true, false, false, false),
        (Action::SwitchRetentionOnAsTechnician, false, false, true, false),
        (Action::SwitchRetentionOff, true, true, true, true),
        (Action::ExportEvidence, false, false, false, true),
        (Action::ExportLog, false, false, false, true),
        (Action::AcceptClock, false, false, true, false),
        (Action::ConnectPlatform, false, false, true, false),
        (Action::DisconnectPlatform, false, true, true, false),
        (Action::ManageStaff, false, true, false, false),
    ] {
        for ((number, pin, role), right) in
            ROLES.into_iter().zip([guard, supervisor, technician, officer])
        {
            let mut ask = |_: &str| Ok(Pin::new(pin.to_owned()));
            let member = sign_in(&mut store, number, action, now, &mut ask);
            assert_eq!(member.is_ok(), right, "{action:?} {role:?}");
        }
    }
}

#[test]
fn a_wrong_pin_is_refused_before_the_right_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_folder(folder.path()).unwrap();
    let now = Timestamp::now();
    let mut ask = |prompt: &str| {
        assert_eq!(prompt, "PIN of the technician, 9");
        Ok(Pin::new("000000".to_owned()))
    };
    let refused = sign_in(&mut store, 9, Action::AcceptClock, now, &mut ask).unwrap_err();
    assert!(refused.to_string().contains("4 attempts are left"), "{refused}");
}
