//! What app and worker say to each other. This is the whole list: no message carries a score, a
//! template or a photo out of the worker, nor a picture that is kept, unless it is sealed to a key
//! that the app does not have.

use camera::CameraProblem;
use evidence::{LARGEST, Sealed};
use face::{FaceError, Guidance, Limits, Outcome, ReferenceProblem};
use seal::{BadgeCode, Locator, SealingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    BiometricsError, EvidenceOrder, Picture, Protection,
    host::Begin,
    wire::{self, Received, WireError},
};

const BEGIN: u8 = 0x01;
const READ_CODES: u8 = 0x02;
const STOP: u8 = 0x03;
const REPORT: u8 = 0x81;
const PREVIEW: u8 = 0x82;
const CODE: u8 = 0x83;
const EVIDENCE: u8 = 0x84;

/// Largest control text (JSON), either way.
const CONTROL: usize = 16 << 10;
/// Largest badge code: the longest text of a QR code.
const LONGEST_CODE: usize = 7089;

/// What the app says to the worker.
pub(crate) enum ToWorker {
    /// Compare the face in front of the camera with this reference.
    Begin(Box<Begin>),
    /// Read one QR code.
    ReadCodes,
    /// End at once.
    Stop,
}

/// The part of [`Begin`] that travels as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<EvidenceOrder>,
}

impl ToWorker {
    /// The frame for the pipe; it holds the key and wipes itself.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, BiometricsError> {
        match self {
            Self::Begin(begin) => {
                let control = Control { limits: begin.limits, evidence: begin.evidence.clone() };
                let control = serde_json::to_vec(&control)
                    .map_err(|_| BiometricsError::Unsendable("the limits"))?;
                let fixed = 4 + control.len() + 64;
                if begin.sealed_reference.len() > wire::TO_WORKER - fixed {
                    return Err(BiometricsError::Unsendable("the sealed reference"));
                }
                Ok(wire::frame(
                    BEGIN,
                    &[
                        &(control.len() as u32).to_le_bytes(),
                        &control,
                        begin.key.as_bytes(),
                        &begin.locator.0,
                        &begin.sealed_reference,
                    ],
                ))
            }
            Self::ReadCodes => Ok(wire::frame(READ_CODES, &[])),
            Self::Stop => Ok(wire::frame(STOP, &[])),
        }
    }

    /// Reads a received frame.
    pub(crate) fn decode(received: &Received) -> Result<Self, WireError> {
        let payload = received.payload.as_slice();
        match received.tag {
            BEGIN => begin(payload).map(|begin| Self::Begin(Box::new(begin))),
            READ_CODES if payload.is_empty() => Ok(Self::ReadCodes),
            STOP if payload.is_empty() => Ok(Self::Stop),
            _ => Err(WireError::Unreadable),
        }
    }
}

fn begin(payload: &[u8]) -> Result<Begin, WireError> {
    let unreadable = WireError::Unreadable;
    let (length, rest) = payload.split_first_chunk().ok_or(unreadable)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (text, rest) = rest.split_at_checked(length).ok_or(WireError::Unreadable)?;
    let Control { limits, evidence } = control(text)?;
    let (key, rest) = rest.split_first_chunk().ok_or(WireError::Unreadable)?;
    let (locator, sealed) = rest.split_first_chunk().ok_or(WireError::Unreadable)?;
    Ok(Begin {
        sealed_reference: sealed.to_vec(),
        key: SealingKey::from_bytes(Zeroizing::new(*key)),
        locator: Locator(*locator),
        limits,
        evidence,
    })
}

fn control<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, WireError> {
    if text.len() > CONTROL {
        return Err(WireError::TooLarge);
    }
    serde_json::from_slice(text).map_err(|_| WireError::Unreadable)
}

/// What the worker says to the app.
pub(crate) enum FromWorker {
    /// News of the visit.
    Report(Report),
    /// A preview picture. Only the visitor's own screen gets it.
    Preview(Picture),
    /// The text of a QR code.
    Code(BadgeCode),
    /// What a law wants kept of the visit. Only a worker that was ordered to sends it, before the
    /// outcome.
    Evidence(Sealed),
}

/// News of the visit, without anything that describes a face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", content = "detail", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Report {
    Ready(Protection),
    ModelsRefused { file: String, reason: ModelRefusal },
    CameraOpened,
    CameraFailed { problem: CameraProblem, reason: String },
    Guidance(Guidance),
    Captured,
    ReferenceUnusable(ReferenceProblem),
    Outcome(Outcome),
}

/// Why the face lane stays closed for want of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRefusal {
    /// The file is not there.
    Missing,
    /// The file's SHA-256 is not the listed one.
    WrongHash,
    /// The file is there but cannot be read or loaded.
    Unusable,
    /// The kiosk's threshold was calibrated for another template model.
    ForeignThreshold,
}

impl Report {
    pub(crate) fn models_refused(error: &FaceError) -> Self {
        let (file, reason) = match error {
            FaceError::MissingModel { file } => (file.as_str(), ModelRefusal::Missing),
            FaceError::WrongModelHash { file } => (file.as_str(), ModelRefusal::WrongHash),
            FaceError::ReadModel { file, .. }
            | FaceError::LoadModel { file, .. }
            | FaceError::Run { file, .. } => (file.as_str(), ModelRefusal::Unusable),
            FaceError::ForeignThreshold { file, .. } => {
                (file.as_str(), ModelRefusal::ForeignThreshold)
            }
            FaceError::Manifest(_) | FaceError::ForeignTemplate | FaceError::Threads(_) => {
                ("manifest.toml", ModelRefusal::Unusable)
            }
        };
        Self::ModelsRefused { file: file.to_owned(), reason }
    }
}

impl FromWorker {
    /// Tag and payload for the pipe. `None` if it exceeds what the app takes.
    pub(crate) fn encode(&self) -> Option<(u8, Zeroizing<Vec<u8>>)> {
        let (tag, limit, payload) = match self {
            Self::Report(report) => {
                (REPORT, CONTROL, Zeroizing::new(serde_json::to_vec(report).ok()?))
            }
            Self::Preview(picture) => (PREVIEW, wire::FROM_WORKER, picture.encode()),
            Self::Code(code) => {
                (CODE, LONGEST_CODE, Zeroizing::new(code.as_str().as_bytes().to_vec()))
            }
            Self::Evidence(sealed) => {
                (EVIDENCE, LARGEST, Zeroizing::new(sealed.as_bytes().to_vec()))
            }
        };
        (payload.len() <= limit).then_some((tag, payload))
    }

    /// Reads a received frame.
    pub(crate) fn decode(received: &Received) -> Result<Self, WireError> {
        match received.tag {
            REPORT => control(&received.payload).map(Self::Report),
            PREVIEW => Picture::decode(&received.payload).map(Self::Preview),
            CODE if received.payload.len() <= LONGEST_CODE => {
                let text = str::from_utf8(&received.payload).map_err(|_| WireError::Unreadable)?;
                Ok(Self::Code(BadgeCode::new(text.to_owned())))
            }
            EVIDENCE => Sealed::from_bytes(received.payload.to_vec())
                .map(Self::Evidence)
                .ok_or(WireError::Unreadable),
            _ => Err(WireError::Unreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
    use std::time::Duration;

    use image::{Rgb, RgbImage};
    use proptest::prelude::*;

    use super::*;
    use crate::Memory;

    fn received(bytes: &[u8]) -> Received {
        wire::read(&mut &*bytes, wire::TO_WORKER).unwrap()
    }

    fn begin(sealed: &[u8], key: [u8; 32], locator: [u8; 32]) -> Begin {
        Begin {
            sealed_reference: sealed.to_vec(),
            key: SealingKey::from_bytes(Zeroizing::new(key)),
            locator: Locator(locator),
            limits: Limits { time_limit: Duration::from_millis(2500), ..Limits::default() },
            evidence: None,
        }
    }

    /// Everything that a worker can ever say besides preview, code and sealed evidence, as it
    /// stands on the wire.
    #[test]
    fn c05_c12_m50_reports_are_a_closed_list_without_score_template_or_attribute() {
        use Report::{
            CameraFailed, CameraOpened, Captured, ModelsRefused, Ready, ReferenceUnusable,
        };
        let mut list = vec![
            (
                Ready(Protection { memory: Memory::Locked, files: true }),
                r#"{"report":"ready","detail":{"memory":"locked","files":true}}"#.to_owned(),
            ),
            (CameraOpened, r#"{"report":"camera_opened"}"#.into()),
            (Captured, r#"{"report":"captured"}"#.into()),
            (
                ModelsRefused { file: "a.onnx".into(), reason: ModelRefusal::WrongHash },
                r#"{"report":"models_refused","detail":{"file":"a.onnx","reason":"wrong_hash"}}"#
                    .into(),
            ),
            (
                CameraFailed { problem: CameraProblem::Busy, reason: "in use".into() },
                r#"{"report":"camera_failed","detail":{"problem":"busy","reason":"in use"}}"#
                    .into(),
            ),
            (
                ReferenceUnusable(ReferenceProblem::TooLarge { width: 20_000, height: 3 }),
                r#"{"report":"reference_unusable","detail":{"too_large":{"width":20000,"height":3}}}"#
                    .into(),
            ),
            (
                ReferenceUnusable(ReferenceProblem::NoFace),
                r#"{"report":"reference_unusable","detail":"no_face"}"#.into(),
            ),
        ];
        let outcomes = [
            (Outcome::Match, "match"),
            (Outcome::NonMatch, "non_match"),
            (Outcome::PoorSamples, "poor_samples"),
            (Outcome::SuspectedAttack, "suspected_attack"),
        ];
        for (outcome, word) in outcomes {
            let text = format!(r#"{{"report":"outcome","detail":"{word}"}}"#);
            list.push((Report::Outcome(outcome), text));
        }
        let guidance = [
            (Guidance::NoFace, "no_face"),
            (Guidance::SeveralFaces, "several_faces"),
            (Guidance::ComeCloser, "come_closer"),
            (Guidance::MoveBack, "move_back"),
            (Guidance::CentreFace, "centre_face"),
            (Guidance::TooDark, "too_dark"),
            (Guidance::TooBright, "too_bright"),
            (Guidance::UnevenLight, "uneven_light"),
            (Guidance::HoldStill, "hold_still"),
            (Guidance::LookAtCamera, "look_at_camera"),
            (Guidance::OpenEyes, "open_eyes"),
            (Guidance::Uncover, "uncover"),
            (Guidance::TurnLeft, "turn_left"),
            (Guidance::TurnRight, "turn_right"),
            (Guidance::Nod, "nod"),
            (Guidance::Blink, "blink"),
            (Guidance::KeepStill, "keep_still"),
        ];
        for (guidance, word) in guidance {
            let text = format!(r#"{{"report":"guidance","detail":"{word}"}}"#);
            list.push((Report::Guidance(guidance), text));
        }
        for (report, text) in list {
            let (tag, payload) = FromWorker::Report(report.clone()).encode().unwrap();
            assert_eq!(str::from_utf8(&payload).unwrap(), text);
            let FromWorker::Report(back) = FromWorker::decode(&Received { tag, payload }).unwrap()
            else {
                panic!("{text} came back as something else");
            };
            assert_eq!(back, report);
        }
    }

    #[test]
    fn c12_a_report_with_any_further_field_is_refused() {
        let texts = [
            r#"{"report":"outcome","detail":"match","score":0.7}"#,
            r#"{"report":"ready","template":[0.1]}"#,
            r#"{"report":"outcome","detail":{"match":0.7}}"#,
            r#"{"report":"outcome"}"#,
            r#"{"report":"score","detail":0.7}"#,
            r#"{"report":"outcome","detail":"match"} "#,
            "",
            "[]",
        ];
        for text in texts {
            let payload = Zeroizing::new(text.as_bytes().to_vec());
            let decoded = FromWorker::decode(&Received { tag: REPORT, payload });
            // Blanks behind the text are the one thing that JSON lets pass.
            assert_eq!(decoded.is_ok(), text.ends_with(' '), "{text}");
        }
    }

    #[test]
    fn previews_and_codes_travel_as_they_are() {
        let frame = RgbImage::from_pixel(3, 2, Rgb([7, 8, 9]));
        let (tag, payload) = FromWorker::Preview(Picture::of_frame(&frame)).encode().unwrap();
        let FromWorker::Preview(picture) = FromWorker::decode(&Received { tag, payload }).unwrap()
        else {
            panic!("no preview");
        };
        assert_eq!(*picture.encode(), *Picture::of_frame(&frame).encode());
        let code = BadgeCode::new("ABCD-ü".into());
        let (tag, payload) = FromWorker::Code(code).encode().unwrap();
        let FromWorker::Code(code) = FromWorker::decode(&Received { tag, payload }).unwrap() else {
            panic!("no code");
        };
        assert_eq!(code.as_str(), "ABCD-ü");
    }

    /// The tags of what a worker may say; whatever has another one is refused.
    #[test]
    fn c05_c12_a_worker_says_reports_previews_codes_and_sealed_evidence_and_nothing_else() {
        let payloads = [
            br#"{"report":"captured"}"#.to_vec(),
            Picture::of_frame(&RgbImage::new(1, 1)).encode().to_vec(),
            b"CODE".to_vec(),
            sealed().as_bytes().to_vec(),
        ];
        let taken = |tag| {
            payloads.iter().any(|payload| {
                let payload = Zeroizing::new(payload.clone());
                FromWorker::decode(&Received { tag, payload }).is_ok()
            })
        };
        let tags: Vec<u8> = (0..=u8::MAX).filter(|tag| taken(*tag)).collect();
        assert_eq!(tags, [REPORT, PREVIEW, CODE, EVIDENCE]);
    }

    fn sealed() -> Sealed {
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        let head = evidence::Head { outcome: "match", at: "", model: "" };
        evidence::seal(&head, b"picture", &recipient.parse().unwrap()).unwrap()
    }

    #[test]
    fn c07_evidence_travels_as_ciphertext_and_in_no_other_form() {
        let (tag, payload) = FromWorker::Evidence(sealed()).encode().unwrap();
        let sent = payload.to_vec();
        let FromWorker::Evidence(back) = FromWorker::decode(&Received { tag, payload }).unwrap()
        else {
            panic!("no evidence");
        };
        assert_eq!(back.as_bytes(), sent);
        let jpeg = [0xff, 0xd8, 0xff, 0xe0].repeat(100);
        let long = [sent, vec![0; LARGEST]].concat();
        for payload in [jpeg, long, Vec::new()].map(Zeroizing::new) {
            assert!(FromWorker::decode(&Received { tag: EVIDENCE, payload }).is_err());
        }
    }

    #[test]
    fn c07_an_order_for_evidence_travels_with_the_task_and_a_task_has_none_by_itself() {
        let frame = ToWorker::Begin(Box::new(begin(b"", [1; 32], [2; 32]))).encode().unwrap();
        assert!(!frame.windows(8).any(|word| word == b"evidence"));
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        let order = EvidenceOrder::new(&recipient, "2026-11-23T08:15:02Z".into()).unwrap();
        let task = Begin { evidence: Some(order.clone()), ..begin(b"", [1; 32], [2; 32]) };
        let frame = ToWorker::Begin(Box::new(task)).encode().unwrap();
        let Ok(ToWorker::Begin(back)) = ToWorker::decode(&received(&frame)) else {
            panic!("no visit");
        };
        assert_eq!(back.evidence, Some(order));
        // A recipient that is none ends the worker before it sees anybody.
        let spoilt = String::from_utf8_lossy(&frame).find("age1").unwrap();
        let mut frame = frame.to_vec();
        frame[spoilt + 10] ^= 1;
        assert!(ToWorker::decode(&received(&frame)).is_err());
    }

    #[test]
    fn what_is_too_large_is_not_sent_and_not_taken() {
        let long = Zeroizing::new(vec![b'1'; LONGEST_CODE + 1]);
        assert!(FromWorker::decode(&Received { tag: CODE, payload: long }).is_err());
        let long = Zeroizing::new(vec![b' '; CONTROL + 1]);
        assert!(FromWorker::decode(&Received { tag: REPORT, payload: long }).is_err());
        let reference = begin(&vec![0; wire::TO_WORKER], [0; 32], [0; 32]);
        assert!(matches!(
            ToWorker::Begin(Box::new(reference)).encode(),
            Err(BiometricsError::Unsendable("the sealed reference"))
        ));
    }

    #[test]
    fn stop_and_read_codes_come_back() {
        let stop = ToWorker::Stop.encode().unwrap();
        assert!(matches!(ToWorker::decode(&received(&stop)), Ok(ToWorker::Stop)));
        let read = ToWorker::ReadCodes.encode().unwrap();
        assert!(matches!(ToWorker::decode(&received(&read)), Ok(ToWorker::ReadCodes)));
    }

    proptest! {
        #[test]
        fn a_visit_comes_back_as_it_was(
            sealed: Vec<u8>,
            key: [u8; 32],
            locator: [u8; 32],
        ) {
            let frame = ToWorker::Begin(Box::new(begin(&sealed, key, locator))).encode().unwrap();
            let Ok(ToWorker::Begin(back)) = ToWorker::decode(&received(&frame)) else {
                return Err(TestCaseError::fail("no visit"));
            };
            prop_assert_eq!(back.sealed_reference, sealed);
            prop_assert_eq!(back.key.as_bytes(), &key);
            prop_assert_eq!(back.locator.0, locator);
            prop_assert_eq!(back.limits.time_limit, Duration::from_millis(2500));
        }

        #[test]
        fn garbage_is_refused_without_a_panic(tag: u8, payload: Vec<u8>) {
            let sent = Received { tag, payload: Zeroizing::new(payload.clone()) };
            let to_worker = ToWorker::decode(&sent);
            prop_assert_eq!(to_worker.is_ok(), tag == STOP && payload.is_empty());
            let from_worker = FromWorker::decode(&sent);
            let readable = match tag {
                PREVIEW => Picture::decode(&payload).is_ok(),
                CODE => str::from_utf8(&payload).is_ok(),
                _ => false,
            };
            prop_assert_eq!(from_worker.is_ok(), readable);
        }
    }
}
