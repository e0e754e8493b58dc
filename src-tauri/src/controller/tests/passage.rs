//! What the gate's sensor and the platform's clock change.

use walkthrough::pretix::{self, Attendee};

use super::*;
use crate::registration::Registration;
use crate::registration::tests::{account, allowing};

/// A gate with a sensor, through which nobody goes.
struct Unused {
    closes: std::sync::mpsc::Receiver<()>,
}

impl Gate for Unused {
    fn open(&mut self, _: [u8; 16]) -> Result<(), GateError> {
        Ok(())
    }

    fn turned(&mut self, _: Duration) -> Result<Passage, GateError> {
        self.closes.recv().ok();
        Ok(Passage::NotTurned)
    }
}

/// Whether the badge of this code counts as used.
async fn used(kiosk: &Kiosk, code: &str) -> bool {
    let roster = kiosk.controller.roster.clone().unwrap();
    let code = BadgeCode::new(code.to_owned());
    let locator = BadgeSecret::parse(&code, roster.head.code_format).unwrap();
    let locator = locator.derive(&roster.head.salt).unwrap().locator;
    let used = move |store: &mut Store| store.badge(&locator).unwrap().unwrap().admitted_at;
    kiosk.db.run(used).await.unwrap().is_some()
}

#[tokio::test]
async fn a_badge_whose_visitor_did_not_pass_may_come_again_also_when_the_visit_is_over() {
    let (close, closes) = std::sync::mpsc::channel();
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(Unused { closes }));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;
    let open = |state: &State| matches!(state, State::Admit(s) if s.step() == GateStep::Open);
    for over in [false, true] {
        let code = &organiser.codes[usize::from(over)];
        kiosk.admit(code).await;
        kiosk.until(open).await;
        assert!(used(&kiosk, code).await);
        if over {
            kiosk.ask(Request::Done);
            assert!(matches!(kiosk.controller.state(), State::Attract));
        }
        close.send(()).unwrap();
        loop {
            let input = kiosk.answer().await;
            let told = matches!(input, Input::NotTurned(_));
            kiosk.controller.on_input(input);
            if told {
                break;
            }
        }
        assert!(matches!(kiosk.controller.state(), State::Attract));
        assert!(!used(&kiosk, code).await, "visit over: {over}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_did_not_pass_is_not_counted_by_the_platform_either() {
    let platform = pretix::fresh().await.unwrap();
    let event = &platform.world().random;
    let (close, closes) = std::sync::mpsc::channel();
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(Unused { closes }));
    let codes = [(); 2].map(|()| BadgeSecret::issue().unwrap().0.as_str().to_owned());
    let mut positions = [None; 2];
    for (code, position) in codes.iter().zip(&mut positions) {
        let attendee =
            Attendee { name: "Visitor", secret: Some(code.as_str()), ..Attendee::default() };
        *position = Some(platform.add(event, &attendee).await.unwrap().position);
    }
    let organiser = Organiser::of(kiosk.folder.path(), codes, positions);
    organiser.import(&kiosk.db).await;
    let network = allowing(platform.base());
    let (account, _) = account(&platform, &network, platform.base()).await;
    let found = kiosk.db.run(move |store| {
        store.connect(&account, Timestamp::now()).unwrap();
        Registration::of(&network, store)
    });
    let found = found.await.unwrap();
    kiosk.controller.load().await;
    kiosk.controller.connect(found, kiosk.db.clone());
    while kiosk.controller.telling.link != Link::Connected {
        let input = kiosk.answer().await;
        kiosk.controller.on_input(input);
    }
    kiosk.admit(&organiser.codes[0]).await;
    kiosk.until(|state| matches!(state, State::Admit(s) if s.step() == GateStep::Open)).await;
    close.send(()).unwrap();
    let begun = Instant::now();
    let held = loop {
        while let Ok(input) = kiosk.answers.inputs.try_recv() {
            kiosk.controller.on_input(input);
            kiosk.controller.settle();
        }
        let held = platform.check_ins(event).await.unwrap();
        if held.iter().any(|scan| !scan.successful) {
            break held;
        }
        assert!(begun.elapsed() < SOON, "{held:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let words: Vec<_> =
        held.iter().map(|scan| (scan.position, scan.error_reason.as_deref())).collect();
    assert_eq!(words, [(positions[0], Some("annulled"))]);
    assert!(!used(&kiosk, &organiser.codes[0]).await);
}

#[tokio::test]
async fn a_clock_that_differs_from_the_platforms_is_on_the_technicians_list_until_it_is_right() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    kiosk.controller.load().await;
    for (seconds, off) in [(120, false), (121, true), (-500, true), (3, false), (-121, true)] {
        kiosk.controller.clock_compared(SignedDuration::from_secs(seconds));
        let status = kiosk.controller.status();
        assert_eq!(status.troubles.contains(&Trouble::ClockOff), off, "{seconds}");
    }
    let lines = kiosk.controller.status().incidents;
    let told: Vec<_> = lines.iter().filter(|line| line.contains("of the platform's")).collect();
    assert_eq!(told.len(), 2, "once for each time that it was off: {told:?}");
    assert!(told[0].contains("121 seconds ahead") && told[1].contains("121 seconds behind"));
}
