//! Many attendees, many changes, and a day without a network, at a real platform.
//!
//! `POSTERN_SCALE_VISITORS` sets how many are registered (300) and then changed all at once,
//! `POSTERN_SCALE_VISITS` how many of them come while there is no network (100). The last line is
//! JSON, for `cargo xtask bench`.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::json;
use walkthrough::pretix;

use super::*;

/// How long the network is away.
const DAY: SignedDuration = SignedDuration::from_hours(12);

/// Reads until there is no more, as one round after the other does. Returns how long it took.
async fn read_all(gate: &Gate) -> Duration {
    let (Online { registration, desk, .. }, begun) = (&gate.online, Instant::now());
    while registration.read_changes(desk).await.is_ok_and(|more| more) {
        let wait = desk.reading().wait(Instant::now());
        tokio::time::sleep(wait).await;
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the figures, for the report")]
async fn a_day_without_a_network_is_told_whole_in_order_and_at_its_own_times() {
    let visitors = setting("POSTERN_SCALE_VISITORS").unwrap_or(300);
    let visits = setting("POSTERN_SCALE_VISITS").unwrap_or(100).min(visitors);
    let platform = pretix::fresh().await.unwrap();
    let event = &platform.world().random;
    let tickets = platform.add_crowd(event, visitors).await.unwrap();
    let mut gate = Gate::new(&platform, &[]).await;
    let first = read_all(&gate).await;
    let attendees = async |gate: &Gate| {
        gate.store(|store| store.roster().unwrap().unwrap().attendees as usize).await
    };
    assert_eq!(attendees(&gate).await, visitors);
    platform.touch_all(event).unwrap();
    let changes = read_all(&gate).await;
    assert_eq!(attendees(&gate).await, visitors);
    assert!(gate.store(|store| store.progress().unwrap().reading).await.is_none());

    gate.locators = tickets.iter().take(visits).map(|ticket| keys(ticket).locator).collect();
    let begun = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap() - DAY;
    let part = DAY / i32::try_from(visits).unwrap();
    let at = |visit: usize| begun + part * i32::try_from(visit).unwrap();
    for visit in 0..visits {
        let nonce = (visit as u128 + 1).to_be_bytes();
        assert!(gate.admit_alone(visit, nonce, at(visit)).await);
    }
    assert_eq!(gate.waiting().await.len(), visits);
    let back = Instant::now();
    assert!(gate.tell(Duration::from_hours(1)).await);
    let drained = back.elapsed();
    assert!(gate.waiting().await.is_empty() && gate.refused().await.is_empty());

    let mut held = HashMap::<u64, Vec<CheckIn>>::new();
    for scan in platform.check_ins(event).await.unwrap() {
        held.entry(scan.position.unwrap()).or_default().push(scan);
    }
    assert_eq!(held.len(), visits);
    let mut heard = Vec::new();
    for (visit, ticket) in tickets.iter().take(visits).enumerate() {
        let [scan] = held[&ticket.position].as_slice() else { panic!("visit {visit}: {held:?}") };
        assert!(scan.successful);
        let off = scan.datetime.duration_since(at(visit)).abs();
        assert!(off <= SignedDuration::from_secs(2), "visit {visit}: {off}");
        heard.push(scan.created);
    }
    assert!(heard.is_sorted(), "the first visit was told first");
    println!(
        "{}",
        json!({
            "roster_changes": visitors,
            "roster_first_load_s": first.as_secs_f64(),
            "roster_changes_s": changes.as_secs_f64(),
            "offline_visits": visits,
            "offline_drained_s": drained.as_secs_f64(),
            "offline_drained_per_s": visits as f64 / drained.as_secs_f64(),
        })
    );
}
