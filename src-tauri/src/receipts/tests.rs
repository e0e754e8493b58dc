#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use checkin::{Event, FaceLane, Limits, Lookup, Moment, Visit, VisitNonce};
use image::{GrayImage, Luma};
use note::KioskKey;

use super::*;

/// What a telephone reads from the rows, drawn as the screen draws them.
pub(crate) fn scanned(rows: &[String]) -> String {
    const SCALE: u32 = 4;
    let side = (u32::try_from(rows.len()).unwrap() + 8) * SCALE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let place = |at: u32| (at / SCALE).checked_sub(4).map(|at| at as usize);
        let dark = place(y)
            .zip(place(x))
            .and_then(|(y, x)| rows.get(y)?.as_bytes().get(x))
            .is_some_and(|&module| module == b'1');
        Luma([if dark { 0 } else { 255 }])
    });
    let mut picture = rqrr::PreparedImage::prepare(picture);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn a_telephone_reads_chinese_and_the_dash_as_they_were_written() {
    let key = KioskKey::from_seed(&[7; 32]);
    for (outcome, face_data) in [
        (Outcome::Admitted, FaceData::Discarded("2026-11-23T09:41:07Z".parse().unwrap())),
        (Outcome::NoResult, FaceData::NotTaken),
    ] {
        let receipt = Receipt {
            policy_version: "2026-11 第二版".into(),
            notice_sha256: Some([0xab; 32]),
            lane: receipt::Lane::Face,
            outcome,
            face_data,
        };
        let note = receipt.sign(&key).unwrap();
        let start = bits(&note).unwrap().into_bytes();
        let [mode, high, low] =
            [start[0] >> 4, start[0] << 4 | start[1] >> 4, start[1] << 4 | start[2] >> 4];
        assert_eq!(mode, 0b0100, "bytes");
        assert_eq!(usize::from(u16::from_be_bytes([high, low])), note.len(), "all of them");
        let rows = code(&note).unwrap();
        assert!(rows.iter().all(|row| row.len() == rows.len()), "square");
        // Version 15. More would be too small for the smallest screen.
        assert!(rows.len() <= 77, "{} modules for {} bytes", rows.len(), note.len());
        assert_eq!(scanned(&rows), note);
    }
}

#[test]
fn a_text_that_no_code_can_hold_gives_none() {
    assert!(code(&"x".repeat(2953)).is_some());
    assert_eq!(code(&"x".repeat(2954)), None);
}

fn policy() -> PolicyPack {
    crate::policy::tests::sample()
}

fn face(discarded: Timestamp) -> Face {
    Face { notice: Shown::default(), discarded: Some(discarded), sealed: false }
}

/// The receipt of a visit whose comparison came out so.
fn receipt_after(comparison: checkin::Comparison, discarded: Timestamp) -> Receipt {
    use std::os::unix::process::ExitStatusExt as _;
    let nonce = VisitNonce([7; 16]);
    let exit = std::process::ExitStatus::from_raw(0);
    let mut visit = Visit::new(Limits::default(), Moment(0));
    for event in [
        Event::Started { nonce },
        Event::CodeSubmitted,
        Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open)),
        Event::ConsentGiven,
        Event::ConsentRecorded(true),
        Event::CameraOpened,
        Event::Captured,
        Event::Compared(comparison),
        Event::WorkerExited(checkin::DiscardToken::from_exit(nonce, exit)),
        Event::CheckinRecorded(checkin::Recording::Recorded),
        Event::GateAnswered(true),
    ] {
        assert_eq!(receipt_of(visit.state(), &policy(), face(discarded)), None);
        visit = visit.on(event, Moment(1)).0;
        if visit.state().receipt().is_some() {
            break;
        }
    }
    receipt_of(visit.state(), &policy(), face(discarded)).unwrap()
}

#[test]
fn c38_the_receipt_says_the_same_of_a_non_match_a_suspected_attack_and_poor_pictures() {
    use checkin::Comparison as C;
    let at: Timestamp = "2026-11-23T09:41:07Z".parse().unwrap();
    let [one, two, three] =
        [C::NonMatch, C::SuspectedAttack, C::PoorSamples].map(|it| receipt_after(it, at));
    assert_eq!((&one, &one), (&two, &three));
    assert_eq!(one.outcome, Outcome::NoResult);
    assert_eq!((one.lane, one.face_data), (receipt::Lane::Staff, FaceData::Discarded(at)));

    let matched = receipt_after(C::Match, at);
    assert_eq!((matched.lane, matched.outcome), (receipt::Lane::Face, Outcome::Admitted));
    assert_eq!(matched.notice_sha256, policy().notice_sha256(Shown::default()));
    assert_eq!(matched.policy_version, policy().facts.version.as_str());
}
