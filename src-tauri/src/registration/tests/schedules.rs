//! Random schedules of visits, faults and power cuts: in the end the platform and the kiosks agree.
//!
//! `POSTERN_CASES` sets how many (8), `POSTERN_SEED` the first of their seeds.

use std::collections::BTreeMap;
use std::time::Instant;

use fastrand::Rng;
use walkthrough::pretix;

use super::*;

const CASES: u64 = 8;
const GATES: usize = 2;
const BADGES: usize = 3;
const STEPS: usize = 14;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A visitor comes; `online`: the kiosk believes that the platform is there.
    Visit {
        gate: usize,
        badge: usize,
        online: bool,
        passes: bool,
    },
    /// The same, and the power goes while the platform is asked.
    VisitCutOff {
        gate: usize,
        badge: usize,
        after: u64,
    },
    /// The kiosk is told that the connection is lost, and the request arrives all the same, so many
    /// milliseconds later. Nobody passes; all that is told before the request is there.
    VisitLate {
        gate: usize,
        badge: usize,
        late: u64,
    },
    /// What waits is told, and cut off after so many milliseconds.
    Tell {
        gate: usize,
        most: u64,
    },
    PowerCut {
        gate: usize,
    },
    /// From now on so many of ten requests meet a fault.
    Faults {
        gate: usize,
        of_ten: u32,
        seed: u64,
    },
    Pause {
        time: u64,
    },
}

impl Step {
    fn draw(rng: &mut Rng) -> Self {
        let (gate, badge) = (rng.usize(..GATES), rng.usize(..BADGES));
        match rng.u32(..20) {
            0..6 => Self::Visit { gate, badge, online: rng.bool(), passes: rng.u32(..3) > 0 },
            6..8 => Self::VisitLate { gate, badge, late: rng.u64(200..1500) },
            8..10 => Self::VisitCutOff { gate, badge, after: rng.u64(..120) },
            10..14 => Self::Tell { gate, most: rng.u64(20..900) },
            14..16 => Self::PowerCut { gate },
            16..19 => Self::Faults { gate, of_ten: rng.u32(3..10), seed: rng.u64(..) },
            _ => Self::Pause { time: rng.u64(..200) },
        }
    }
}

/// The seeds of the schedules.
pub(super) fn seeds(usual: u64) -> std::ops::Range<u64> {
    let first = setting("POSTERN_SEED").unwrap_or(1);
    first..first + setting("POSTERN_CASES").unwrap_or(usual)
}

/// What becomes of a request.
pub(super) fn fault(rng: &mut Rng, of_ten: u32) -> Fault {
    if rng.u32(..10) >= of_ten {
        return Fault::None;
    }
    let time = Duration::from_millis(rng.u64(20..500));
    match rng.u32(..9) {
        0 => Fault::Latency(time),
        1 => Fault::Reset,
        2 | 3 => Fault::AnswerLost,
        // So late that it may come when all is told.
        4 | 5 => Fault::Late(time * 6),
        6 => Fault::HalfAnswer,
        7 => Fault::ServerError,
        _ => {
            if rng.bool() {
                Fault::BlackHole
            } else {
                Fault::Slow(Duration::from_millis(2))
            }
        }
    }
}

/// What a kiosk in the end holds of a badge, and where it came from.
struct Outcome {
    seed: u64,
    position: u64,
    device: u64,
    stands: bool,
}

/// Runs one schedule, and lets everything be told.
async fn run(platform: &Platform, tickets: &[Ticket], seed: u64) -> Vec<Outcome> {
    let mut rng = Rng::with_seed(seed);
    let mut gates = Vec::new();
    for _ in 0..GATES {
        gates.push(Gate::new(platform, tickets).await);
    }
    let steps: Vec<_> = std::iter::repeat_with(|| Step::draw(&mut rng)).take(STEPS).collect();
    // Whoever passed, by the gate and the badge.
    let mut passed = [[false; BADGES]; GATES];
    for step in &steps {
        let mut visit = [0; 16];
        rng.fill(&mut visit);
        match *step {
            Step::Visit { gate, badge, online, passes } => {
                let now = Timestamp::now();
                let recorded = if online {
                    gates[gate].admit(badge, visit).await == Recording::Recorded
                } else {
                    gates[gate].admit_alone(badge, visit, now).await
                };
                if recorded && passes {
                    passed[gate][badge] = true;
                } else if recorded {
                    gates[gate].annul(visit, now + SignedDuration::from_secs(8)).await;
                }
            }
            Step::VisitCutOff { gate, badge, after } => {
                let after = Duration::from_millis(after);
                let cut_off = tokio::time::timeout(after, gates[gate].admit(badge, visit));
                if cut_off.await == Ok(Recording::Recorded) {
                    passed[gate][badge] = true;
                }
                gates[gate].power_cut();
            }
            Step::VisitLate { gate, badge, late } => {
                gates[gate].wire.fail(once("/redeem/", Fault::Late(Duration::from_millis(late))));
                if gates[gate].admit(badge, visit).await == Recording::Recorded {
                    gates[gate].annul(visit, Timestamp::now()).await;
                }
                gates[gate].tell(LONG).await;
            }
            Step::Tell { gate, most } => {
                gates[gate].tell(Duration::from_millis(most)).await;
            }
            Step::PowerCut { gate } => gates[gate].power_cut(),
            Step::Faults { gate, of_ten, seed } => {
                let mut rng = Rng::with_seed(seed);
                gates[gate].wire.fail(move |_| fault(&mut rng, of_ten));
            }
            Step::Pause { time } => tokio::time::sleep(Duration::from_millis(time)).await,
        }
    }
    let mut outcomes = Vec::new();
    for (gate, passed) in gates.iter_mut().zip(passed) {
        gate.wire.heal();
        gate.drain().await;
        gate.wire.settle().await;
        let standing = gate.standing().await;
        for ((ticket, stands), passed) in tickets.iter().zip(standing).zip(passed) {
            assert!(stands || !passed, "seed {seed}: a check-in was lost here: {steps:?}");
            let (position, device) = (ticket.position, gate.device);
            outcomes.push(Outcome { seed, position, device, stands });
        }
        for word in gate.refused().await {
            assert_eq!(word, "already_redeemed", "seed {seed}: {steps:?}");
        }
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how long it took, for the report")]
async fn whatever_fails_between_them_the_platform_and_the_kiosks_agree_in_the_end() {
    let platform = pretix::fresh().await.unwrap();
    let begun = Instant::now();
    let (mut outcomes, seeds) = (Vec::new(), seeds(CASES));
    for seed in seeds.clone() {
        let tickets = register(&platform, BADGES).await;
        outcomes.extend(run(&platform, &tickets, seed).await);
    }
    let mut counted = BTreeMap::new();
    for scan in platform.check_ins(&platform.world().random).await.unwrap() {
        if let (true, Some(position), Some(device)) =
            (scan.successful, scan.position, scan.device_id)
        {
            *counted.entry((position, device)).or_insert(0_u32) += 1;
        }
    }
    let admitted = outcomes.iter().filter(|outcome| outcome.stands).count();
    println!("{} schedules, {admitted} admissions, {:.0?}", seeds.count(), begun.elapsed());
    for Outcome { seed, position, device, stands } in outcomes {
        let there = counted.get(&(position, device)).copied().unwrap_or_default();
        assert_eq!(there, u32::from(stands), "seed {seed}, position {position}, device {device}");
    }
    assert!(admitted > 0);
}
