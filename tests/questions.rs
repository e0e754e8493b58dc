//! The organiser's questions in the real window, asked by a kiosk that has them from a real pretix.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};
use walkthrough::pretix::{self, Event, Pretix};
use walkthrough::{Session, SessionSpec};

use crate::platform::{badge, connect, register, roster};
use crate::support::{Kiosk, POSTERN, Setup, kiosk_of, seal_code};
use crate::visits::{SOON, picture, sign_in};

/// In the words of an organiser who has much to say.
const LONG: [(&str, &str); 8] = [
    ("智能制造与工业自动化展区", "Intelligent industry and automation"),
    ("消费电子", "Consumer electronics"),
    ("汽车", "Automobiles"),
    ("食品及农产品", "Food and agricultural products"),
    ("医疗器械及医药保健", "Medical equipment and healthcare products"),
    ("服务贸易", "Trade in services"),
    ("创新孵化专区", "Innovation incubation"),
    ("其他尚未列出的展区，到现场再咨询", "Another area that is not in this list"),
];

/// Asks whoever has a visitor's ticket, at every entrance.
async fn ask(pretix: &Pretix, event: &Event, kind: &str, required: bool, words: [&str; 2]) {
    let options: Vec<Value> = LONG
        .iter()
        .enumerate()
        .map(|(n, (zh, en))| {
            json!({"answer": {"zh-hans": zh, "en": en}, "identifier": format!("{kind}{n}"),
                   "position": n})
        })
        .collect();
    let options = match kind {
        "B" => json!([]),
        "C" => json!(options[1..4]),
        _ => json!(options),
    };
    let question = json!({
        "question": {"zh-hans": words[0], "en": words[1]}, "type": kind, "required": required,
        "identifier": kind,
        "items": [event.visitor], "ask_during_checkin": true, "hidden": false, "options": options,
        "dependency_question": null, "dependency_values": [],
    });
    let path = format!("{}questions/", event.path());
    pretix.call(Method::POST, &path, Some(&question)).await.unwrap();
}

/// A kiosk that has read what pretix asks.
async fn at(kiosk: &Kiosk, size: (u32, u32)) -> Session {
    let spec = SessionSpec { binary: POSTERN.into(), config: kiosk.config(), size };
    Session::start(&spec).await.unwrap()
}

/// Scans until the kiosk has heard of the questions.
async fn asked(session: &Session, code: &str) {
    let begun = Instant::now();
    loop {
        let screens = ["question", "consent", "staff"];
        match session.scan(&seal_code(code), &screens, SOON).await.unwrap().as_str() {
            "question" => return,
            _ if begun.elapsed() > SOON => panic!("no question"),
            _ => session.click("stop").await.unwrap(),
        }
        session.wait_screen("attract", SOON).await.unwrap();
    }
}

/// Nothing is cut off or too small to be touched, in neither language.
async fn fits(session: &Session, name: &str) {
    for language in ["zh", "en"] {
        speaks(session, language).await;
        picture(session, "questions", &format!("{name}-{language}")).await;
        let script = "const small = [...document.querySelectorAll('button')].filter((b) => {
                const box = b.getBoundingClientRect()
                return Math.min(box.width, box.height) < 75.5 || box.bottom > innerHeight + 0.5
                    || box.right > innerWidth + 0.5
            })
            const cut = [...document.querySelectorAll('.words, .label, .options, .question')]
                .filter((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
            return [small, cut].map((all) => all.map((e) => `${e.dataset.action ?? ''} ${e.className}
                ${e.scrollWidth}x${e.scrollHeight} in ${e.clientWidth}x${e.clientHeight}`))";
        let wrong = session.script(script).await.unwrap();
        assert_eq!(wrong, json!([[], []]), "{name} in {language}");
        session.click("language").await.unwrap();
    }
}

/// Waits until the screen is in that language.
async fn speaks(session: &Session, language: &str) {
    let begun = Instant::now();
    let script = "return document.documentElement.lang.slice(0, 2)";
    while session.script(script).await.unwrap() != json!(language) {
        assert!(begun.elapsed() < SOON, "not in {language}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Waits until the screen shows these words.
async fn shows(session: &Session, words: &str) {
    let begun = Instant::now();
    while !session.text().await.unwrap().contains(words) {
        assert!(begun.elapsed() < SOON, "no {words}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // What is touched sooner was not meant for this screen.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
}

#[tokio::test]
async fn l7_the_organiser_asks_in_both_languages_and_a_visitor_answers_by_touch() {
    let pretix = pretix::fresh().await.unwrap();
    let event = &pretix.world().random;
    let bags =
        ["您是否携带了需要安检的大型设备或液体？", "Are you carrying large equipment or liquids?"];
    let lunch = ["请选择您今天的午餐", "What would you like for lunch today?"];
    let areas = [
        "您今天打算参观哪些展区？可以告诉我们，以便在高峰时段安排各展馆的接待人员和班车。",
        "Which areas do you intend to visit today? It helps us to plan staff and shuttle buses.",
    ];
    ask(&pretix, event, "B", false, bags).await;
    ask(&pretix, event, "C", true, lunch).await;
    ask(&pretix, event, "M", false, areas).await;
    let tickets = register(&pretix, 3).await;
    let config = format!("[platform]\nevery = 3\n[network]\nallow = ['{}']\n", pretix.base());
    let kiosk = kiosk_of(&Setup { config: &config, ..Setup::default() }, &roster(&tickets));
    connect(&kiosk, &pretix, pretix.base()).await;

    for (n, size) in [(1280, 800), (1080, 1920)].into_iter().enumerate() {
        let name = ["landscape", "portrait"][n];
        let session = at(&kiosk, size).await;
        asked(&session, &badge(n)).await;
        shows(&session, bags[0]).await;
        fits(&session, &format!("{name}-boolean")).await;
        assert!(
            session
                .script("return document.querySelector('[data-action=answer]').disabled")
                .await
                .unwrap()
                == json!(true)
        );
        session.click("choose-1").await.unwrap();
        session.click("answer").await.unwrap();
        shows(&session, lunch[0]).await;
        session.click("choose-0").await.unwrap();
        session.click("choose-2").await.unwrap();
        fits(&session, &format!("{name}-choice")).await;
        session.click("answer").await.unwrap();
        shows(&session, areas[0]).await;
        session.click("choose-0").await.unwrap();
        session.click("choose-7").await.unwrap();
        fits(&session, &format!("{name}-choices")).await;
        session.click("answer").await.unwrap();
        session.wait_any_screen(&["consent", "staff", "age"], SOON).await.unwrap();
        session.click("stop").await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
        session.close().await.unwrap();
    }

    // Whoever would rather talk to somebody is admitted without answers.
    let session = at(&kiosk, (1280, 800)).await;
    asked(&session, &badge(2)).await;
    session.click("call-staff").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    session.click("admit").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(kiosk.store().counts().unwrap().checkins_staff, 1);
}
