//! Every command of the screens with every role, and signing out.

use std::collections::BTreeSet;

use tokio::sync::oneshot;

use super::*;
use crate::platform_desk::PlatformAct;
use crate::policy::Page;
use crate::rights::Action;
use crate::view::{AgeAnswer, DenialReason, GuardianProof, IncidentDraft, Language, RequestKind};

const ROLES: [Option<Role>; 5] = [
    None,
    Some(Role::Guard),
    Some(Role::Supervisor),
    Some(Role::Technician),
    Some(Role::DataProtectionOfficer),
];

/// What each may ask for: whoever has not signed in, then the roles in their order.
const TABLE: [(&str, [bool; 5]); 38] = [
    ("current_view", [true; 5]),
    ("start", [true; 5]),
    ("submit_code", [true; 5]),
    ("read_policy", [true; 5]),
    ("read_inventory", [true; 5]),
    ("choose", [true; 5]),
    ("answer", [true; 5]),
    ("age", [true; 5]),
    ("set_transfer", [true; 5]),
    ("consent", [true; 5]),
    ("other_way", [true; 5]),
    ("stop", [true; 5]),
    ("call_staff", [true; 5]),
    ("open_rights", [true; 5]),
    ("file_request", [true; 5]),
    ("receipt", [true; 5]),
    ("done", [true; 5]),
    ("set_language", [true; 5]),
    ("staff_open", [true; 5]),
    ("staff_sign_in", [true; 5]),
    ("staff_sign_out", [true; 5]),
    ("staff_photo", [false, true, true, false, false]),
    ("staff_admit", [false, true, true, false, false]),
    ("staff_deny", [false, true, true, false, false]),
    ("staff_guardian", [false, true, true, false, false]),
    ("staff_revoke_guardian", [false, true, true, false, false]),
    ("staff_incidents", [false, true, true, true, true]),
    ("staff_incident_draft", [false, true, true, true, true]),
    ("staff_record_incident", [false, true, true, true, true]),
    ("technician_status", [false, false, true, true, false]),
    ("platform", [false, false, true, true, false]),
    ("platform_connect", [false, false, false, true, false]),
    ("platform_lists", [false, false, false, true, false]),
    ("platform_choose", [false, false, false, true, false]),
    ("platform_roll", [false, false, false, true, false]),
    ("platform_disconnect", [false, false, true, true, false]),
    ("statistics", [false, false, true, true, true]),
    ("kiosks", [false, true, true, true, false]),
];

/// Last, for it ends the visit.
const END_VISIT: (&str, [bool; 5]) = ("staff_end_visit", [false, true, true, true, true]);

/// Commands that ask the controller for nothing: frames, and what a window tells of itself.
const NO_REQUEST: [&str; 3] = ["next_frame", "painted", "shown"];

/// Is told whether an answer came.
type Answered = Box<dyn FnMut() -> bool>;

fn answer<T: 'static>(request: impl FnOnce(oneshot::Sender<T>) -> Request) -> (Request, Answered) {
    let (reply, mut answer) = oneshot::channel();
    (request(reply), Box::new(move || answer.try_recv().is_ok()))
}

fn draft() -> IncidentDraft {
    IncidentDraft {
        kind: "other".to_owned(),
        major: false,
        discovered_ago: 0,
        since_ago: 0,
        measures: Vec::new(),
        advice: Vec::new(),
    }
}

fn at_platform(act: PlatformAct) -> (Request, Answered) {
    answer(|reply| Request::Platform { act, reply })
}

/// Waits for an answer that takes more than one step.
async fn comes(answered: &mut Answered) -> bool {
    let begun = Instant::now();
    loop {
        if answered() || begun.elapsed() > SOON {
            return begun.elapsed() <= SOON;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn request(command: &str) -> (Request, Option<Answered>) {
    let asks = |(request, answered)| (request, Some(answered));
    let pin = || Pin::new(GUARD.1.to_owned());
    match command {
        "current_view" => asks(answer(Request::CurrentView)),
        "staff_photo" => asks(answer(Request::StaffPhoto)),
        "technician_status" => asks(answer(Request::TechnicianStatus)),
        "platform" => asks(at_platform(PlatformAct::Look)),
        "platform_connect" => {
            let text = zeroize::Zeroizing::new(String::new());
            asks(at_platform(PlatformAct::Connect { text, address: None }))
        }
        "platform_lists" => asks(at_platform(PlatformAct::Lists)),
        "platform_choose" => {
            asks(at_platform(PlatformAct::Choose { event: "expo".to_owned(), list: 1 }))
        }
        "platform_roll" => asks(at_platform(PlatformAct::Roll)),
        "platform_disconnect" => asks(at_platform(PlatformAct::Disconnect)),
        "kiosks" => asks(answer(Request::Kiosks)),
        "staff_incidents" => asks(answer(Request::StaffIncidents)),
        "staff_incident_draft" => {
            asks(answer(|reply| Request::StaffIncidentDraft { draft: draft(), reply }))
        }
        "staff_record_incident" => {
            asks(answer(|reply| Request::StaffRecordIncident { draft: draft(), reply }))
        }
        "statistics" => asks(answer(|reply| Request::Statistics { day: 0, reply })),
        "start" => (Request::Start, None),
        "submit_code" => (Request::SubmitCode(BadgeCode::new(String::new())), None),
        "read_policy" => (Request::ReadPolicy(Page::default()), None),
        "read_inventory" => (Request::ReadPolicy(Page::Inventory), None),
        "choose" => (Request::Choose(0), None),
        "answer" => (Request::Answer, None),
        "age" => (Request::Age(AgeAnswer::From14), None),
        "set_transfer" => (Request::SetTransfer(true), None),
        "staff_guardian" => (Request::StaffGuardian(GuardianProof::Passport), None),
        "staff_revoke_guardian" => (Request::StaffRevokeGuardian, None),
        "consent" => (Request::Consent, None),
        "other_way" => (Request::OtherWay, None),
        "stop" => (Request::Stop, None),
        "call_staff" => (Request::CallStaff, None),
        "open_rights" => (Request::OpenRights, None),
        "file_request" => (Request::AskFor(RequestKind::Deletion), None),
        "receipt" => (Request::Receipt, None),
        "done" => (Request::Done, None),
        "set_language" => (Request::SetLanguage(Language::En), None),
        "staff_open" => (Request::StaffOpen, None),
        "staff_sign_in" => (Request::StaffSignIn { number: GUARD.0, pin: pin() }, None),
        "staff_admit" => (Request::StaffAdmit, None),
        "staff_deny" => (Request::StaffDeny(DenialReason::HouseRules), None),
        "staff_end_visit" => (Request::StaffEndVisit, None),
        "staff_sign_out" => (Request::StaffSignOut, None),
        other => panic!("the table does not know {other}"),
    }
}

impl Kiosk {
    /// A visit that waits for staff, with somebody of this role at the desk, or nobody.
    async fn at_the_desk(&mut self, code: &str, role: Option<Role>) {
        if self.controller.nonce().is_none() {
            self.ask(Request::SubmitCode(BadgeCode::new(code.to_owned())));
        }
        self.until(|state| matches!(state, State::Staff(_))).await;
        if role.is_some() && self.controller.signed_in().is_none() {
            self.ask(Request::StaffOpen);
            let pin = Pin::new(GUARD.1.to_owned());
            self.ask(Request::StaffSignIn { number: GUARD.0, pin });
            self.until(|state| matches!(state, State::Staff(s) if matches!(s.desk(), Desk::Reviewing { .. })))
                .await;
        }
        self.controller.shown -= READ;
    }
}

async fn kiosk_of(role: Option<Role>) -> (Kiosk, Organiser) {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    let role = role.unwrap_or(Role::Guard);
    let account = move |store: &mut Store| {
        let (pin, now) = (Pin::new(GUARD.1.to_owned()), Timestamp::now());
        store.remove_staff(GUARD.0, Actor::Console, now).unwrap();
        store.add_staff(GUARD.0, &pin, role, Actor::Console, now).unwrap();
    };
    kiosk.db.run(account).await.unwrap();
    kiosk.controller.load().await;
    (kiosk, organiser)
}

#[test]
fn c31_the_table_has_every_command_that_a_screen_may_call() {
    let mut commands = BTreeSet::new();
    for file in ["visitor", "staff", "technician"] {
        let path = format!(
            "{}/src-tauri/permissions/{file}.toml",
            std::env::var("CARGO_MANIFEST_DIR").unwrap()
        );
        let permissions: toml::Value =
            toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let allowed = &permissions["permission"][0]["commands"]["allow"];
        commands.extend(allowed.as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()));
    }
    let known = TABLE.iter().chain([&END_VISIT]).map(|(command, _)| *command).chain(NO_REQUEST);
    assert_eq!(commands, known.map(str::to_owned).collect());
}

#[tokio::test]
async fn c18_c31_every_command_of_the_screens_with_every_role() {
    for (column, role) in ROLES.into_iter().enumerate() {
        let (mut kiosk, organiser) = kiosk_of(role).await;
        for (command, rights) in TABLE.iter().chain([&END_VISIT]) {
            let right = rights[column];
            kiosk.at_the_desk(&organiser.codes[0], role).await;
            let (asked, answered) = request(command);
            assert_eq!(kiosk.controller.may(asked.action()), right, "{command} {role:?}");
            // What a right lets happen is tried where it ends no visit that the next row needs.
            let decides = ["staff_admit", "staff_deny", "staff_end_visit"].contains(command);
            if right && !decides && answered.is_none() {
                continue;
            }
            let before = format!("{:?}", kiosk.controller.state());
            kiosk.ask(asked);
            let after = format!("{:?}", kiosk.controller.state());
            // What the database answers is there when it has done what comes after.
            kiosk.db.run(|_| ()).await.unwrap();
            match answered {
                Some(mut answered) if right => {
                    assert!(comes(&mut answered).await, "{command} {role:?}");
                }
                Some(mut answered) => assert!(!answered(), "{command} {role:?}"),
                None => assert_eq!(before != after, right, "{command} {role:?}"),
            }
            if right && decides {
                kiosk.until(|state| !matches!(state, State::Admit(s) if s.step() == GateStep::Recording)).await;
                kiosk.controller.on(Event::StaffCalled);
                kiosk.controller.on(Event::Stopped);
                kiosk.controller.on(Event::Done);
                // An admission before the gate has opened is taken back: the badge serves again.
                assert!(kiosk.controller.nonce().is_none(), "{command}");
            }
        }
    }
}

#[tokio::test]
async fn c18_whoever_does_not_serve_visitors_sees_nothing_of_them() {
    for (role, serves) in [
        (Role::Guard, true),
        (Role::Supervisor, true),
        (Role::Technician, false),
        (Role::DataProtectionOfficer, false),
    ] {
        let (mut kiosk, organiser) = kiosk_of(Some(role)).await;
        kiosk.at_the_desk(&organiser.codes[0], Some(role)).await;
        let Screen::StaffReview {
            registered_name, may_admit, denial_reasons, serves: shown, ..
        } = kiosk.controller.view().screen
        else {
            panic!("no review")
        };
        assert_eq!((registered_name.is_some(), may_admit, shown), (serves, serves, serves));
        assert_eq!(denial_reasons.is_empty(), !serves);
    }
}

#[tokio::test]
async fn c31_a_member_of_staff_who_does_nothing_is_signed_out_and_the_log_tells() {
    let (mut kiosk, organiser) = kiosk_of(Some(Role::Guard)).await;
    kiosk.at_the_desk(&organiser.codes[0], Some(Role::Guard)).await;
    assert!(kiosk.controller.may(Action::Admit));
    kiosk.controller.started -= Duration::from_secs(91);
    kiosk.controller.on(Event::Elapsed);
    assert!(!kiosk.controller.may(Action::Admit));
    kiosk.ask(Request::StaffAdmit);
    assert!(matches!(kiosk.controller.state(), State::Staff(s) if s.desk() == Desk::Waiting));
    let last = |store: &mut Store| {
        let mut last = String::new();
        let keep = |line: &str| {
            last = line.to_owned();
            Ok::<_, store::StoreError>(())
        };
        store.each_audit_line(keep).unwrap();
        last
    };
    let last = kiosk.db.run(last).await.unwrap();
    assert!(last.contains("session_timed_out") && last.contains("guard"), "{last}");
}
