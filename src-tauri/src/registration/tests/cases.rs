//! One trap at a time.

use audit::What;
use platform::bundle::SignedFolder;
use transport::ServerTime;
use walkthrough::pretix;

use super::*;
use crate::controller::tests::Organiser;

const ACCEPTED: (bool, Option<&str>) = (true, None);
const ANNULLED: (bool, Option<&str>) = (false, Some("annulled"));
const USED: (bool, Option<&str>) = (false, Some("already_redeemed"));

/// Two kiosks and some visitors.
async fn two(platform: &Platform, visitors: usize) -> (Vec<Ticket>, Gate, Gate) {
    let tickets = register(platform, visitors).await;
    let one = Gate::new(platform, &tickets).await;
    let other = Gate::new(platform, &tickets).await;
    (tickets, one, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_that_arrives_after_its_annulment_admits_nobody() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 1).await;
    let now = Timestamp::now();
    gate.wire.fail(once("/redeem/", Fault::Late(Duration::from_millis(1500))));
    assert!(gate.admit_alone(0, [1; 16], now).await);
    assert!(!gate.tell(LONG).await, "the connection is lost");
    // It is told again, and accepted; then nobody passes.
    gate.drain().await;
    gate.annul([1; 16], now + SignedDuration::from_secs(8)).await;
    gate.drain().await;
    assert_eq!(words(&held(&platform, &tickets[0]).await), [ANNULLED]);
    gate.wire.settle().await;
    assert_eq!(words(&held(&platform, &tickets[0]).await), [ANNULLED], "the late one did nothing");
    // The badge is free, here and there.
    assert_eq!(gate.admit(0, [2; 16]).await, Recording::Recorded);
    gate.drain().await;
    assert_eq!(words(&held(&platform, &tickets[0]).await), [ANNULLED, ACCEPTED]);
    assert!(gate.refused().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_count_nothing_twice_and_leave_no_annulment_undone() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, mut other) = two(&platform, 2).await;
    let now = Timestamp::now();
    // The answer to the check-in, then the one to the annulment.
    for (part, visit) in [("/redeem/", 1), ("/annul/", 2)] {
        let badge = usize::from(visit) - 1;
        gate.admit_alone(badge, [visit; 16], now).await;
        if part == "/annul/" {
            gate.drain().await;
        }
        gate.wire.fail(once(part, Fault::AnswerLost));
        if part == "/redeem/" {
            assert!(!gate.tell(LONG).await);
        }
        gate.annul([visit; 16], now + SignedDuration::from_secs(8)).await;
        gate.power_cut();
        gate.drain().await;
        assert_eq!(words(&held(&platform, &tickets[badge]).await), [ANNULLED], "{part}");
    }
    assert!(gate.refused().await.is_empty());
    // Of a badge that another kiosk had first: what was told with force is annulled as well.
    assert_eq!(other.admit(0, [3; 16]).await, Recording::Recorded);
    gate.admit_alone(0, [4; 16], now).await;
    gate.wire.fail(once("/redeem/", Fault::AnswerLost));
    gate.drain().await;
    assert_eq!(gate.refused().await, ["already_redeemed"]);
    gate.annul([4; 16], now + SignedDuration::from_secs(8)).await;
    gate.drain().await;
    let held = held(&platform, &tickets[0]).await;
    assert_eq!(words(&held), [ANNULLED, ACCEPTED, USED, ANNULLED]);
    assert_eq!(gate.refused().await, ["already_redeemed"], "nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_that_is_connected_as_another_device_counts_nothing_twice() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 2).await;
    // The platform has heard of the first, and the answer is lost; it has not heard of the second.
    gate.admit_alone(0, [1; 16], Timestamp::now()).await;
    gate.wire.fail(once("/redeem/", Fault::AnswerLost));
    assert!(!gate.tell(LONG).await);
    gate.admit_alone(1, [2; 16], Timestamp::now()).await;
    let before = gate.device;
    gate.connect_anew(&platform).await;
    gate.drain().await;
    for (ticket, device) in tickets.iter().zip([before, gate.device]) {
        let held = held(&platform, ticket).await;
        assert_eq!(words(&held), [ACCEPTED]);
        assert_eq!(held[0].device_id, Some(device));
    }
    assert!(gate.refused().await.is_empty());
    // Only the device that told of a check-in may take it back: the other one's word stays for
    // staff.
    gate.annul([1; 16], Timestamp::now()).await;
    gate.drain().await;
    assert_eq!(gate.refused().await, ["not_annulled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_annulment_after_a_quarter_of_an_hour_stays_for_staff() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 1).await;
    let then = Timestamp::now() - SignedDuration::from_mins(30);
    gate.admit_alone(0, [1; 16], then).await;
    gate.drain().await;
    gate.annul([1; 16], then + SignedDuration::from_mins(16)).await;
    gate.drain().await;
    assert_eq!(gate.refused().await, ["not_annulled"]);
    assert_eq!(words(&held(&platform, &tickets[0]).await), [ACCEPTED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_annulment_that_was_in_time_counts_however_late_it_is_told() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 2).await;
    let then = Timestamp::now() - SignedDuration::from_hours(1);
    // The platform hears of the first check-in alone, and of the second with its annulment: its
    // answer was lost, so that it may have heard of that one too.
    gate.admit_alone(0, [1; 16], then).await;
    gate.drain().await;
    gate.admit_alone(1, [2; 16], then).await;
    gate.wire.fail(once("/redeem/", Fault::AnswerLost));
    assert!(!gate.tell(LONG).await);
    for visit in [[1; 16], [2; 16]] {
        gate.annul(visit, then + SignedDuration::from_mins(14)).await;
    }
    gate.drain().await;
    for ticket in &tickets {
        assert_eq!(words(&held(&platform, ticket).await), [ANNULLED]);
    }
    assert!(gate.refused().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn c25_the_platform_has_the_last_word_and_a_person_may_decide_against_it() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, mut other) = two(&platform, 3).await;
    for gate in [&mut gate, &mut other] {
        gate.online.wait = LONG;
    }
    assert_eq!(other.admit(0, [1; 16]).await, Recording::Recorded);
    platform.block(&tickets[1]).await.unwrap();
    let refused = |problem| Recording::Refused(StaffReason::Code(problem));
    assert_eq!(gate.admit(0, [2; 16]).await, refused(CodeProblem::AlreadyUsed));
    assert_eq!(gate.admit(1, [3; 16]).await, refused(CodeProblem::Blocked));
    // A rule that the kiosk has not heard of: no word for a visitor, a person looks.
    let rules = serde_json::json!({"rules": {"==": [{"var": "entry_status"}, "present"]}});
    let event = &platform.world().random;
    let list = format!("{}checkinlists/{}/", event.path(), event.entrance);
    platform.call(reqwest::Method::PATCH, &list, Some(&rules)).await.unwrap();
    let by_rule = gate.admit(2, [4; 16]).await;
    assert_eq!(by_rule, Recording::Refused(StaffReason::Rules));
    platform
        .call(reqwest::Method::PATCH, &list, Some(&serde_json::json!({"rules": {}})))
        .await
        .unwrap();
    // Nothing stands here, nothing waits, and the log tells why.
    assert_eq!(gate.standing().await, [false; 3]);
    assert!(gate.waiting().await.is_empty() && gate.refused().await.is_empty());
    let log = gate.store(|store| {
        let mut words = Vec::new();
        let read = store.each_audit_line(|line| {
            let entry = audit::Entry::read(line.as_bytes()).unwrap();
            if let What::RefusedByPlatform { refusal } = entry.what {
                words.push(refusal.word());
            }
            Ok::<_, StoreError>(())
        });
        read.unwrap();
        words
    });
    assert_eq!(log.await, ["already_redeemed", "blocked", "rules"]);
    // A member of staff admits all the same, in the same visit.
    let mut by_staff = gate.store(gate.checkin(0, [2; 16], Timestamp::now())).await;
    (by_staff.lane, by_staff.staff, by_staff.overrides) = (Lane::Staff, Some(7), true);
    assert_eq!(gate.online.decide(by_staff, false).await, Recording::Recorded);
    gate.drain().await;
    assert_eq!(words(&held(&platform, &tickets[0]).await), [ACCEPTED, USED, ACCEPTED]);
    assert_eq!(gate.standing().await, [true, false, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_the_kiosk_decides_within_the_time_and_tells_later() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 4).await;
    let slow = Fault::Slow(Duration::from_millis(100));
    for (badge, fault) in
        [Fault::BlackHole, slow, Fault::ServerError, Fault::Reset].into_iter().enumerate()
    {
        gate.wire.fail(move |_| fault);
        let begun = std::time::Instant::now();
        let visit = [u8::try_from(badge).unwrap(); 16];
        assert_eq!(gate.admit(badge, visit).await, Recording::Recorded, "{fault:?}");
        assert!(begun.elapsed() < WAIT + Duration::from_millis(600), "{:?}", begun.elapsed());
    }
    assert_eq!(gate.waiting().await.len(), 4);
    gate.wire.heal();
    gate.drain().await;
    for ticket in &tickets {
        assert_eq!(words(&held(&platform, ticket).await), [ACCEPTED]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_cannot_answer_holds_up_nobody_else_and_is_tried_again() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 3).await;
    for badge in 0..3 {
        let visit = [u8::try_from(badge).unwrap(); 16];
        gate.admit_alone(badge, visit, Timestamp::now()).await;
    }
    let first = format!("/positions/{}/", tickets[0].position);
    let failing = first.clone();
    gate.wire
        .fail(move |line| if line.contains(&failing) { Fault::ServerError } else { Fault::None });
    let Online { registration, desk, .. } = gate.online.clone();
    assert!(registration.tell_all(&desk).await.is_err(), "it may be the network");
    assert!(registration.tell_all(&desk).await.is_ok(), "it is the entry");
    let incidents = gate.hear();
    assert!(
        incidents.iter().any(|what| what.contains("is kept, and tried again")),
        "{incidents:?}"
    );
    let waiting: Vec<_> = gate.waiting().await.iter().map(|entry| entry.nonce[0]).collect();
    assert_eq!(waiting, [0], "the others are told");
    // A list of words is an answer: it is kept for staff, and does not come again.
    gate.wire.fail(move |line| if line.contains(&first) { Fault::BareList } else { Fault::None });
    gate.drain().await;
    assert_eq!(gate.refused().await, ["other"]);
    assert_eq!(words(&held(&platform, &tickets[0]).await), []);
    assert_eq!(words(&held(&platform, &tickets[2]).await), [ACCEPTED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_hears_of_a_badge_that_was_refused_here_and_of_no_code() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 1).await;
    let locator = gate.locators[0];
    gate.store(move |store| {
        let badge = store.badge(&locator).unwrap().unwrap().id;
        assert!(store.refuse_scan([1; 16], badge, "blocked", Timestamp::now()).unwrap());
    })
    .await;
    gate.wire.fail(once("/failed_checkins/", Fault::AnswerLost));
    assert!(!gate.tell(LONG).await);
    assert!(gate.tell(LONG).await);
    let held = held(&platform, &tickets[0]).await;
    assert_eq!(words(&held), [(false, Some("blocked"))]);
    assert_eq!(held[0].device_id, Some(gate.device));
    assert_eq!(gate.store(|store| store.refused_scan_next().unwrap()).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_go_up_in_the_platforms_time() {
    let platform = pretix::fresh().await.unwrap();
    let (tickets, mut gate, _) = two(&platform, 1).await;
    let at = Timestamp::now();
    gate.admit_alone(0, [1; 16], at).await;
    // By these answers the platform's clock is ten minutes behind this kiosk's.
    let ten = SignedDuration::from_mins(10);
    for seconds in (1..=5).rev() {
        let ago = Duration::from_secs(seconds);
        let middle = std::time::Instant::now().checked_sub(ago).unwrap();
        let took = Duration::from_millis(10);
        gate.online.desk.hear_time(Some(ServerTime {
            at: Timestamp::now() - ago - ten,
            middle,
            took,
        }));
    }
    let off = gate.online.desk.offset().unwrap();
    assert!((off + ten).abs() < SignedDuration::from_secs(1), "{off}");
    gate.drain().await;
    let told = held(&platform, &tickets[0]).await[0].datetime;
    assert!((told.duration_since(at) + ten).abs() < SignedDuration::from_secs(1), "{told}");
}

#[tokio::test]
async fn a_platform_that_sends_whole_rosters_fills_an_empty_kiosk_with_them() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [of_organiser, stick, of_kiosk] = folders.each_ref().map(TempDir::path);
    let organiser = Organiser::new(of_organiser);
    fs::copy(&organiser.bundle, stick.join("1.bundle")).unwrap();
    let store = Store::open_folder(of_kiosk).unwrap();
    let clock = Clock::of(&store).unwrap();
    let (inputs, _told) = mpsc::channel(64);
    let (db, settings) = (Db::new(store), PlatformSettings::default());
    let trusted = vec![organiser.key];
    let adapter = SignedFolder::new(stick.to_owned(), trusted.clone());
    let desk = Desk::new(db, clock, inputs, Arc::default(), settings, trusted);
    let registration = Registration { platform: Box::new(adapter) };
    for _ in 0..2 {
        assert!(registration.read_changes(&desk).await.is_ok_and(|more| !more));
        let roster = desk.db.run(|store| store.roster().unwrap().unwrap()).await.unwrap();
        assert_eq!((roster.attendees, roster.sequence), (2, 1));
    }
}
