//! Whole visits in the real window, on real faces.

use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::{Actor, Choice, Denial, Purpose, Reason, Role, What};
use walkthrough::{Session, SessionSpec};

use crate::support::{GUARD, Kiosk, POSTERN, codes, seal_code};

/// Long enough for a shared machine without a graphics card.
pub(crate) const SOON: Duration = Duration::from_secs(25);

pub(crate) async fn open(kiosk: &Kiosk) -> Session {
    let spec = SessionSpec { binary: POSTERN.into(), config: kiosk.config(), size: (1280, 800) };
    Session::start(&spec).await.unwrap()
}

/// Where pictures and pages of a subject are kept, for whoever wants to look.
pub(crate) fn kept(subject: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(subject);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Keeps a picture of the screen.
pub(crate) async fn picture(session: &Session, subject: &str, name: &str) {
    session.settle(&session.screen().unwrap()).await.unwrap();
    session.screenshot(&kept(subject).join(name).with_extension("png")).await.unwrap();
}

/// Scans a badge at the attract screen and waits for this screen.
pub(crate) async fn scan(session: &Session, code: &str, screen: &str) {
    scan_for(session, code, &[screen]).await;
}

/// Scans a badge at the attract screen, waits for one of these screens, and says which.
pub(crate) async fn scan_for(session: &Session, code: &str, screens: &[&str]) -> String {
    session.scan(&seal_code(code), screens, SOON).await.unwrap()
}

/// Scans a badge, agrees, and waits for the open camera; gives the worker that has it.
pub(crate) async fn capture(session: &Session, code: &str) -> Vec<u32> {
    scan(session, code, "consent").await;
    let worker = session.worker_pids();
    session.click("use-face").await.unwrap();
    session.wait_screen("capture", SOON).await.unwrap();
    worker
}

/// The guard signs in at the staff screen.
pub(crate) async fn sign_in(session: &Session) {
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(GUARD.0, GUARD.1).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
}

/// Scans a badge and goes the other way, to a guard who signs in.
pub(crate) async fn to_desk(session: &Session, code: &str) {
    scan(session, code, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(session).await;
}

/// The same, and the guard admits.
pub(crate) async fn admit_at_desk(session: &Session, code: &str) {
    to_desk(session, code).await;
    session.click("admit").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
}

#[tokio::test]
async fn c03_c06_c07_a_match_admits_after_consent_and_discard() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    assert_eq!(session.frames().await.unwrap(), 0, "no frame before consent");
    let text = session.text().await.unwrap();
    for word in ["用途", "方式", "保存", "影响"] {
        assert!(text.contains(word), "the notice says {word}: {text}");
    }
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    let screens = session.timeline();
    let screens: Vec<&str> = screens.screens();
    let order: Vec<_> = ["consent", "prepare", "capture", "discard", "admit", "attract"]
        .iter()
        .map(|name| screens.iter().rposition(|screen| screen == name))
        .collect();
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{screens:?}");
    session.close().await.unwrap();

    let store = kiosk.store();
    let counts = store.counts().unwrap();
    assert_eq!((counts.checkins_face, counts.checkins_staff), (1, 0));
    assert_eq!(counts.consents, 1);
    assert_eq!(counts.evidence, 0, "nothing of the face is kept");
    assert_eq!(counts.outbox, 1, "the check-in waits for the platform");
}

#[tokio::test]
async fn c06_c09_another_person_with_the_badge_meets_a_person_who_decides() {
    let kiosk = Kiosk::new("biden.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    let text = session.text().await.unwrap().to_lowercase();
    for word in ["alpha", "攻击", "attack", "0."] {
        assert!(!text.contains(word), "the visitor's screen says {word}: {text}");
    }
    // A wrong PIN first.
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(GUARD.0, "000000").await.unwrap();
    wait_text(&session, "4").await;
    session.sign_in(GUARD.0, GUARD.1).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    assert!(session.text().await.unwrap().contains("Visitor Alpha"), "staff see the name");
    session
        .script("document.querySelector('[data-reason=\"not_the_holder\"]').click()")
        .await
        .unwrap();
    session.click("deny").await.unwrap();
    session.wait_screen("denied", SOON).await.unwrap();
    session.close().await.unwrap();

    let counts = kiosk.store().counts().unwrap();
    assert_eq!((counts.checkins_face, counts.checkins_staff, counts.outbox), (0, 0, 0));
    // The whole visit is in the audit log, with closed reasons and no name.
    let (staff, unknown) = (
        Actor::Staff { number: GUARD.0, role: Some(Role::Supervisor) },
        Actor::Staff { number: GUARD.0, role: None },
    );
    let consent = What::Consent { purpose: Purpose::FaceComparison, choice: Choice::Given };
    let mut log = kiosk.log();
    let visit = log.last().unwrap().visit;
    log.retain(|entry| entry.visit == visit && visit.is_some());
    let told: Vec<_> = log.into_iter().map(|entry| (entry.by, entry.what)).collect();
    let expected = [
        (Actor::Visitor, consent),
        (Actor::Kiosk, What::FaceDataDiscarded),
        (Actor::Kiosk, What::PassedToStaff { reason: Reason::NonMatch }),
        (unknown, What::SignInRefused),
        (staff, What::SignedIn),
        (staff, What::Denied { reason: Denial::NotTheHolder }),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn after_a_comparison_that_did_not_match_a_person_looks_before_the_next() {
    let kiosk = Kiosk::new("biden.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    // Whoever walks away and tries again meets staff, and is not asked for the face again.
    scan(&session, codes::A, "staff").await;
    sign_in(&session).await;
    session.click("end-visit").await.unwrap();
    scan(&session, codes::A, "consent").await;
    session.close().await.unwrap();
}

#[tokio::test]
async fn c03_a_tap_before_the_notice_can_have_been_read_decides_nothing() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    // The page itself taps as soon as the buttons are there, whatever the machine is doing.
    let tap = "const observer = new MutationObserver(() => {
            const buttons = ['use-face', 'other-way']
                .map(action => document.querySelector(`[data-action='${action}']`));
            if (buttons.includes(null)) return;
            observer.disconnect();
            document.body.dataset.tapped = 'yes';
            buttons.forEach(button => button.click());
        });
        observer.observe(document.body, { subtree: true, childList: true });";
    session.script(tap).await.unwrap();
    scan(&session, codes::A, "consent").await;
    let tapped = session.script("return document.body.dataset.tapped ?? 'no';").await.unwrap();
    assert_eq!(tapped, "yes");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(session.screen().unwrap(), "consent");
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn c13_c14_c15_the_other_way_is_as_large_and_ends_as_well() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::B, "consent").await;
    let sizes = session
        .script(
            "return ['use-face', 'other-way'].map(action => {
                const box = document.querySelector(`[data-action='${action}']`)
                    .getBoundingClientRect();
                return [Math.round(box.width), Math.round(box.height), Math.round(box.top)];
            });",
        )
        .await
        .unwrap();
    assert_eq!(sizes[0], sizes[1], "both ways are equally large, side by side");
    assert!(sizes[0][0].as_u64().unwrap() > 200);
    let text = session.text().await.unwrap();
    assert_eq!(
        text.matches("多花一点时间").count(),
        1,
        "the other way may be slower, said once: {text}"
    );
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    session.click("admit").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();

    let counts = kiosk.store().counts().unwrap();
    assert_eq!((counts.checkins_face, counts.checkins_staff), (0, 1));
}

#[tokio::test]
async fn c13_the_other_way_stays_open_during_capture() {
    let kiosk = Kiosk::new("biden.jpg");
    // Nobody is in front of the camera, so that capture lasts.
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    capture(&session, codes::B).await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn every_code_problem_has_its_own_screen() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    let mut texts = Vec::new();
    for (code, problem) in [
        (seal_code(codes::UNKNOWN), "unknown"),
        ("HELLO".to_owned(), "malformed"),
        (seal_code(codes::EXPIRED), "expired"),
        (seal_code(codes::EARLY), "not_yet_valid"),
        (seal_code(codes::BLOCKED), "blocked"),
    ] {
        if problem == "malformed" {
            session.type_code_like_scanner(&code).await.unwrap();
            session.wait_screen("code_problem", SOON).await.unwrap();
        } else {
            session.scan(&code, &["code_problem"], SOON).await.unwrap();
        }
        assert_eq!(session.problem().as_deref(), Some(problem));
        texts.push(session.text().await.unwrap());
        session.click("stop").await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
    }
    // Used: admitted by staff, scanned again; this time typed on the screen's pad.
    admit_at_desk(&session, codes::B).await;
    session.click("start").await.unwrap();
    session.wait_screen("identify", SOON).await.unwrap();
    session.pad_code(&seal_code(codes::B)).await.unwrap();
    session.wait_screen("code_problem", SOON).await.unwrap();
    assert_eq!(session.problem().as_deref(), Some("already_used"));
    texts.push(session.text().await.unwrap());
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 6, "no two problems read the same");
    session.close().await.unwrap();
}

#[tokio::test]
async fn c26_stopping_during_capture_ends_the_worker_within_a_second() {
    let kiosk = Kiosk::new("biden.jpg");
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    let worker = capture(&session, codes::A).await;
    session.click("stop").await.unwrap();
    let stopped = std::time::Instant::now();
    while session.worker_pids().iter().any(|pid| worker.contains(pid)) {
        assert!(stopped.elapsed() < Duration::from_secs(1), "the worker lives on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    session.wait_screen("farewell", SOON).await.unwrap();
    // Nobody waits for whoever has stopped.
    session.type_code_like_scanner(&seal_code(codes::B)).await.unwrap();
    let next = session.wait_any_screen(&["consent", "code_problem"], SOON).await.unwrap();
    // On a busy machine keys come late, and are taken for a person's.
    assert!(next == "consent" || session.problem().as_deref() == Some("malformed"));
    session.close().await.unwrap();
    let counts = kiosk.store().counts().unwrap();
    assert_eq!(counts.consents, 2, "the consent and its withdrawal");
}

#[tokio::test]
async fn c28_nothing_of_a_visit_is_left_on_the_attract_screen() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    to_desk(&session, codes::A).await;
    assert!(session.text().await.unwrap().contains("Visitor Alpha"));
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    let page = session.script("return document.documentElement.outerHTML").await.unwrap();
    let page = page.as_str().unwrap();
    assert!(!page.contains("Alpha") && !page.contains(codes::A));
    session.close().await.unwrap();
}

#[tokio::test]
async fn c40_a_child_is_served_by_staff_without_being_asked() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::CHILD, "staff").await;
    session.close().await.unwrap();
    assert_eq!(kiosk.store().counts().unwrap().consents, 0);
}

#[tokio::test]
async fn c16_an_unusable_certificate_photo_leads_to_staff() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::NO_FACE, "staff").await;
    session.close().await.unwrap();
}

#[tokio::test]
async fn l1_c46_the_sign_and_the_contact_are_shown() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    assert!(session.text().await.unwrap().contains("人脸"), "the sign");
    scan(&session, codes::A, "consent").await;
    assert!(session.text().await.unwrap().contains("+86"), "whom to call");
    session.close().await.unwrap();
}

/// A picture with nobody in it.
pub(crate) fn grey_picture(kiosk: &Kiosk) -> String {
    let path = kiosk.config().with_file_name("nobody.png");
    image::RgbImage::from_fn(640, 480, |x, y| {
        let shade = u8::try_from((x / 5 + y / 7) % 160 + 40).unwrap();
        image::Rgb([shade, shade, shade])
    })
    .save(&path)
    .unwrap();
    path.to_str().unwrap().to_owned()
}

/// Waits until the screen's text holds a word.
pub(crate) async fn wait_text(session: &Session, word: &str) {
    let started = std::time::Instant::now();
    while !session.text().await.unwrap().contains(word) {
        assert!(started.elapsed() < SOON, "no {word} on the screen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The smaller side of the smallest button, in CSS pixels, and the buttons without a name.
async fn buttons(session: &Session) -> (f64, u64) {
    const SCRIPT: &str = "
        const shown = [...document.querySelectorAll('button, [role=radio]')].filter((b) => b.checkVisibility());
        const sides = shown.map((b) => b.getBoundingClientRect()).map((r) => Math.min(r.width, r.height));
        const nameless = shown.filter((b) => !(b.ariaLabel ?? b.textContent).trim() && !b.querySelector('[aria-label], title'));
        return [Math.min(...sides), nameless.length]";
    let answer = session.script(SCRIPT).await.unwrap();
    (answer[0].as_f64().unwrap(), answer[1].as_u64().unwrap())
}

#[tokio::test]
async fn l7_every_button_of_a_visitors_screens_has_a_name_and_is_large_enough_to_hit() {
    /// WCAG 2.2, 2.5.5.
    const TARGET: f64 = 44.0;
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    let looked = async |screen: &str| {
        session.wait_screen(screen, SOON).await.unwrap();
        session.settle(screen).await.unwrap();
        let (side, nameless) = buttons(&session).await;
        assert!(side >= TARGET, "{screen}: a button of {side} pixels");
        assert_eq!(nameless, 0, "{screen}: buttons without a name");
    };
    looked("attract").await;
    session.click("policy").await.unwrap();
    looked("policy").await;
    session.click("inventory").await.unwrap();
    looked("inventory").await;
    session.click("policy").await.unwrap();
    session.wait_screen("policy", SOON).await.unwrap();
    session.click("done").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.click("start").await.unwrap();
    looked("identify").await;
    session.click("pad-open").await.unwrap();
    looked("identify").await;
    session.click("stop").await.unwrap();
    scan(&session, codes::AGELESS, "age").await;
    looked("age").await;
    session.click("stop").await.unwrap();
    scan(&session, codes::A, "consent").await;
    looked("consent").await;
    session.click("other-way").await.unwrap();
    looked("staff").await;
    session.click("staff-open").await.unwrap();
    looked("staff_sign_in").await;
    session.close().await.unwrap();
}
