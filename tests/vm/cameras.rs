//! The camera path alone: `vivid`, the kernel's virtual V4L2 devices, which can be told to fail in
//! many ways, and USB webcams, so that the driver of real webcams runs too. All cases share one
//! boot; `cameras.sh` is what happens in the guest.

use std::{collections::HashMap, ops::Range, sync::OnceLock, time::Duration};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::guest::{Case, Guest};

const FIRST: &str = "vivid-000-vid-cap";
const SECOND: &str = "vivid-001-vid-cap";
const WEBCAM: &str = "Postern Test Webcam";

const ABSENT: &str = "no camera is attached, or none of the configured name";
const BUSY: &str = "the camera is in use by another program";
const VIRTUAL: &str = "a virtual camera is refused unless `allow_virtual` names it";
const DENIED: &str = "no permission to open the camera";
const LOST: &str = "the camera was disconnected";
const STALLED: &str = "the camera delivers no frames";

/// Seconds that are soon for a program in an emulated machine; it may take ten to be loaded.
const SOON: Range<f64> = 0.0..20.0;

/// The outcome of a case. The first caller boots the guest, the others wait for it.
fn case(name: &str) -> Result<Case> {
    static CASES: OnceLock<Result<HashMap<String, Case>, String>> = OnceLock::new();
    let guest = Guest {
        name: "cameras",
        script: include_str!("cameras.sh"),
        environment: &[],
        memory: 1024,
        limit: Duration::from_mins(3),
    };
    let cases = CASES.get_or_init(|| guest.run().map_err(|error| format!("{error:#}")));
    let cases = cases.as_ref().map_err(|error| anyhow!("{error}"))?;
    cases.get(name).cloned().with_context(|| format!("the guest ran no case \"{name}\""))
}

/// Expects frames of 640 × 480 from that camera in that format; gives their rate.
fn delivers(name: &str, camera: &str, format: &str) -> Result<f64> {
    let case = case(name)?;
    let line = case.stdout.lines().last().unwrap_or_default();
    let rate = line
        .strip_prefix(&format!("{camera}: {format} 640x480, "))
        .and_then(|rest| rest.split_once(" frames a second over "))
        .with_context(|| format!("{case:?}"))?
        .0;
    ensure!(case.status == 0, "{case:?}");
    Ok(rate.parse()?)
}

/// Expects that the program ends with these words, after so many seconds.
fn fails(name: &str, words: &str, seconds: Range<f64>) -> Result<()> {
    let case = case(name)?;
    ensure!(case.status == 1, "{case:?}");
    ensure!(case.stderr.trim_end().ends_with(words), "{case:?}");
    ensure!(!case.stdout.contains("frames a second"), "{case:?}");
    ensure!(seconds.contains(&case.took.as_secs_f64()), "{case:?}");
    Ok(())
}

#[test]
fn cameras_are_listed_by_name() -> Result<()> {
    let case = case("delivers")?;
    for line in [format!("0: {FIRST} (virtual)"), format!("2: {SECOND} (virtual)")] {
        ensure!(case.stdout.lines().any(|found| found == line), "{case:?}");
    }
    Ok(())
}

#[test]
fn frames_arrive_as_fast_as_the_camera_takes_them() -> Result<()> {
    // vivid has 25 frames a second at this size; the emulated machine may lose many of them.
    let rate = delivers("delivers", FIRST, "YUYV")?;
    ensure!((1.0..30.0).contains(&rate), "{rate} frames a second");
    Ok(())
}

#[test]
fn webcams_deliver_in_each_kind_of_format() -> Result<()> {
    // The usual one offers YUYV too. Its MJPEG pictures have no Huffman tables, and the first three
    // are cut off.
    for (name, format) in [("usual", "MJPEG"), ("range", "NV12"), ("bgr", "RAWBGR")] {
        let rate = delivers(name, WEBCAM, format)?;
        ensure!((1.0..40.0).contains(&rate), "{name}: {rate} frames a second");
    }
    Ok(())
}

#[test]
fn a_webcam_with_a_range_of_rates_delivers() -> Result<()> {
    delivers("range", WEBCAM, "NV12").map(drop)
}

#[test]
fn a_camera_is_chosen_by_part_of_its_name_and_works_as_other_programs_left_it() -> Result<()> {
    delivers("as_left", SECOND, "YUYV").map(drop)
}

#[test]
fn a_busy_camera_and_nodes_that_are_no_cameras_are_passed_by() -> Result<()> {
    delivers("next", SECOND, "YUYV").map(drop)
}

#[test]
fn a_camera_works_for_any_user_who_may_open_it_when_it_is_free_again() -> Result<()> {
    // There is also a second file for it, `/dev/video-front`.
    delivers("free", FIRST, "YUYV").map(drop)
}

#[test]
fn c21_no_camera_is_told_as_such() -> Result<()> {
    fails("none", ABSENT, SOON)
}

#[test]
fn a_virtual_camera_is_refused_unless_it_is_allowed_by_name() -> Result<()> {
    fails("virtual", VIRTUAL, SOON)
}

#[test]
fn c21_a_camera_in_use_is_told_as_such() -> Result<()> {
    fails("busy", BUSY, SOON)
}

#[test]
fn c21_a_camera_without_permission_is_told_as_such() -> Result<()> {
    fails("denied", DENIED, SOON)
}

#[test]
fn c21_a_camera_that_goes_away_during_capture_is_told_as_such() -> Result<()> {
    fails("disconnected", LOST, SOON)?;
    fails("pulled", LOST, SOON)
}

#[test]
fn c21_a_camera_that_breaks_down_during_capture_is_lost() -> Result<()> {
    fails("broke_down", LOST, SOON)
}

#[test]
fn c21_a_camera_that_stops_sending_is_noticed_after_two_seconds() -> Result<()> {
    fails("stalled", STALLED, 1.5..SOON.end)
}

#[test]
fn c21_a_camera_that_never_sends_is_noticed_after_four_seconds() -> Result<()> {
    fails("silent", STALLED, 4.0..4.0 + SOON.end)
}

#[test]
fn c21_a_camera_that_cannot_start_is_told_with_the_drivers_words() -> Result<()> {
    let case = case("refused")?;
    ensure!(case.stderr.contains("the camera could not be opened: "), "{case:?}");
    fails("refused", "(os error 22)", SOON)
}

#[test]
fn c21_pictures_that_cannot_be_decoded_are_told_as_such() -> Result<()> {
    let case = case("garbled")?;
    ensure!(case.stderr.contains("frames cannot be decoded: "), "{case:?}");
    fails("garbled", "not a JPEG", SOON)
}
