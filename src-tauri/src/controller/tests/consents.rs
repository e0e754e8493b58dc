//! What is asked and written when the policy changes, and for children.

use platform::policy;
use seal::BadgeCode;
use store::Age;

use super::*;
use crate::view::{AgeAnswer, StaffReason as Told};

/// A kiosk at which somebody with the organiser's first badge reads the notice. The test has no
/// worker, so the lane is opened by hand.
pub(super) async fn asked(kiosk: &mut Kiosk, organiser: &Organiser, lane: FaceLane) {
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;
    let Input::Found(visit, mut found) = kiosk.found(&organiser.codes[0]).await else {
        unreachable!("found returns nothing else")
    };
    found.lookup = Lookup::Admissible(lane);
    kiosk.controller.on_input(Input::Found(visit, found));
    kiosk.controller.settle();
}

/// Version 1.1 of the sample pack comes to the kiosk.
async fn newer_policy(kiosk: &Kiosk, organiser: &Organiser) {
    let folder = kiosk.folder.path().join("newer");
    std::fs::create_dir(&folder).unwrap();
    let sample = crate::policy::tests::sample_folder();
    for name in ["pack.toml", "zh.toml", "en.toml"] {
        let text = std::fs::read_to_string(sample.join(name)).unwrap();
        let text = text.replacen("version = \"1.0\"", "version = \"1.1\"", 1);
        std::fs::write(folder.join(name), text).unwrap();
    }
    let key = BundleKey::from_file(&kiosk.folder.path().join("key")).unwrap();
    let pack = kiosk.folder.path().join("policy.pack");
    policy::sign(&folder, &key, &pack).unwrap();
    let trusted = organiser.key.clone();
    let import = move |store: &mut Store| {
        policy::import(&pack, &[trusted], store, Timestamp::now()).unwrap();
    };
    kiosk.db.run(import).await.unwrap();
}

/// The kiosk reads the roster again.
async fn look(kiosk: &mut Kiosk) {
    kiosk.controller.read_roster();
    loop {
        let input = kiosk.answer().await;
        let done = matches!(input, Input::Roster(_));
        kiosk.controller.on_input(input);
        kiosk.controller.settle();
        if done {
            break;
        }
    }
}

fn screen(kiosk: &mut Kiosk) -> Screen {
    let mut last = None;
    while let Ok(view) = kiosk.views.try_recv() {
        last = Some(view.screen);
    }
    last.unwrap()
}

async fn consents(kiosk: &Kiosk) -> u32 {
    kiosk.db.run(|store| store.counts().unwrap().consents).await.unwrap()
}

#[tokio::test]
async fn c43_a_policy_that_changes_while_a_visitor_reads_is_noticed_and_the_old_one_not_agreed_to()
{
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    asked(&mut kiosk, &organiser, FaceLane::Open).await;
    assert!(
        matches!(screen(&mut kiosk), Screen::Consent { notice, .. } if notice.version == "1.0")
    );
    // To be looked at again is no change.
    look(&mut kiosk).await;
    assert!(matches!(kiosk.controller.state(), State::Consent(c) if !c.changed()));
    newer_policy(&kiosk, &organiser).await;
    look(&mut kiosk).await;
    // Without a worker the lane is not offered again: staff take over.
    let told = |screen| matches!(screen, Screen::Staff { reason: Told::FaceLaneClosed, .. });
    assert!(told(screen(&mut kiosk)));
    kiosk.ask(Request::Consent);
    assert_eq!(consents(&kiosk).await, 0);
}

#[tokio::test]
async fn c43_a_refusal_names_the_version_that_was_shown() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    newer_policy(&kiosk, &organiser).await;
    asked(&mut kiosk, &organiser, FaceLane::Open).await;
    assert!(
        matches!(screen(&mut kiosk), Screen::Consent { notice, .. } if notice.version == "1.1")
    );
    kiosk.controller.shown -= READ;
    kiosk.ask(Request::OtherWay);
    assert_eq!(consents(&kiosk).await, 1);
}

#[tokio::test]
async fn c40_a_visitor_who_says_to_be_a_child_is_kept_apart_at_once() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    asked(&mut kiosk, &organiser, FaceLane::AskAge).await;
    assert!(matches!(screen(&mut kiosk), Screen::Age));
    let answer = || Request::Age(AgeAnswer::Under14);
    kiosk.ask(answer());
    assert!(matches!(kiosk.controller.state(), State::Age(_)), "a tap meant for the last screen");
    kiosk.controller.shown -= READ;
    kiosk.ask(answer());
    assert!(
        matches!(kiosk.controller.state(), State::Staff(s) if s.reason() == StaffReason::UnderAge)
    );
    let attendees = kiosk.db.run(|store| store.counts().unwrap().attendees).await.unwrap();
    assert_eq!(attendees, 1, "the other badge only");
    kiosk.ask(Request::Stop);
    kiosk.ask(Request::SubmitCode(BadgeCode::new(organiser.codes[0].clone())));
    kiosk
        .until(|state| matches!(state, State::Staff(s) if s.reason() == StaffReason::UnderAge))
        .await;
    let held = kiosk.controller.held.badge.as_ref().unwrap();
    assert_eq!(held.entry.age, Age::Under14);
}
