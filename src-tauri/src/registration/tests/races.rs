//! Several kiosks and one badge at the same moment.

use tokio::task::JoinSet;
use walkthrough::pretix;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn of_several_kiosks_that_ask_about_one_badge_at_once_exactly_one_admits() {
    let platform = pretix::fresh().await.unwrap();
    let tickets = register(&platform, 4).await;
    let mut gates = Vec::new();
    for _ in 0..4 {
        let mut gate = Gate::new(&platform, &tickets).await;
        // On a busy machine the platform needs its time, and here its answer is what counts.
        gate.online.wait = LONG;
        gates.push(gate);
    }
    for badge in 0..tickets.len() {
        let mut asked = JoinSet::new();
        for (n, gate) in gates.iter().enumerate() {
            let visit = [u8::try_from(badge * 16 + n).unwrap(); 16];
            let checkin = gate.store(gate.checkin(badge, visit, Timestamp::now())).await;
            let online = gate.online.clone();
            asked.spawn(async move { online.decide(checkin, false).await });
        }
        let mut answers = asked.join_all().await;
        answers.retain(|answer| {
            *answer != Recording::Refused(StaffReason::Code(CodeProblem::AlreadyUsed))
        });
        assert_eq!(answers, [Recording::Recorded]);
    }
    let mut admitted = vec![0; tickets.len()];
    for gate in &mut gates {
        gate.drain().await;
        for (count, stands) in admitted.iter_mut().zip(gate.standing().await) {
            *count += u32::from(stands);
        }
    }
    assert_eq!(admitted, vec![1; tickets.len()], "here");
    for ticket in &tickets {
        let held = held(&platform, ticket).await;
        assert_eq!(held.iter().filter(|scan| scan.successful).count(), 1, "there");
    }
}
