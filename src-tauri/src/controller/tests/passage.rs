//! What the gate's sensor and the platform's clock change.

use super::*;

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
