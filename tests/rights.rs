//! The visitor's rights in the real window: what is held, requests with a number and a due date,
//! and staff who answer them.

use std::time::Duration;

use audit::{Actor, What};
use due::{Calendar, RequestKind};
use walkthrough::Session;

use crate::receipts::{facts, key, take};
use crate::support::{GUARD, Kiosk, codes, expect_refusal, expect_success};
use crate::visits::{SOON, open, scan, sign_in, wait_text};

const OFFICER: (u32, &str) = (10, "975318");
const TECHNICIAN: (u32, &str) = (8, "864209");

/// Opens the visitor's rights and waits for what is held.
async fn rights(session: &Session) -> String {
    session.click("rights").await.unwrap();
    session.wait_screen("rights", SOON).await.unwrap();
    wait_text(session, "本机操作日志").await;
    session.text().await.unwrap()
}

/// Files a request; gives its number and due date as they stand on the screen.
async fn file(session: &Session, kind: &str) -> (String, String) {
    session.click(&format!("request-{kind}")).await.unwrap();
    let shown = "const filed = document.querySelector('[data-filed]');
        return filed && ['number', 'due'].map(part => filed.querySelector(`[data-${part}]`).innerText);";
    let begun = std::time::Instant::now();
    loop {
        assert!(begun.elapsed() < SOON, "no number for {kind}");
        let filed = session.script(shown).await.unwrap();
        if let [number, due] = filed.as_array().map_or(&[][..], Vec::as_slice) {
            return (number.as_str().unwrap().to_owned(), due.as_str().unwrap().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn back_to(session: &Session, screen: &str) {
    session.click("done").await.unwrap();
    session.wait_screen(screen, SOON).await.unwrap();
}

#[tokio::test]
async fn c33_c34_c37_m55_whoever_was_admitted_comes_back_sees_what_is_held_and_asks() {
    let kiosk = Kiosk::new("obama2.jpg");
    let key = key(&kiosk);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.type_code_like_scanner(&crate::support::seal_code(codes::A)).await.unwrap();
    session.wait_screen("code_problem", SOON).await.unwrap();
    assert_eq!(session.problem().as_deref(), Some("already_used"));
    let text = rights(&session).await;
    for word in ["姓名，已密封", "证件照，已密封", "同意人脸核验", "人脸签到", "未保存", "保存至"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    for word in ["Visitor Alpha", codes::A] {
        assert!(!text.contains(word), "the screen says {word}");
    }
    let today = due::today(jiff::Timestamp::now());
    let (number, due) = file(&session, "deletion").await;
    assert_eq!(due, Calendar::mainland_china().due(today).to_string());
    assert!(number.ends_with("-0001"), "{number}");
    session.click("done").await.unwrap();
    wait_text(&session, &format!("请求 {number}，等待答复")).await;
    let (second, _) = file(&session, "correction").await;
    assert!(second.ends_with("-0002"), "{second}");
    session.click("done").await.unwrap();
    assert_eq!(file(&session, "deletion").await.0, number, "the same kind in the same visit");
    let copy = facts(&take(&kiosk, &session, "rights").await, &key);
    for word in [&number, &second, &due, "deletion", "check-in by face", "name, sealed ≤"] {
        assert!(copy.contains(word), "{word}: {copy}");
    }
    assert!(!copy.contains("Alpha") && !copy.contains(codes::A), "{copy}");
    session.click("done").await.unwrap();
    session.click("done").await.unwrap();
    back_to(&session, "code_problem").await;
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    let log = session.log();
    assert!(!log.contains(&number), "the log says {number}");
    session.close().await.unwrap();

    let store = kiosk.store();
    let kinds: Vec<_> = store.requests().unwrap().into_iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [RequestKind::Deletion, RequestKind::Correction]);
    drop(store);
    let filed = kiosk.log().into_iter().filter(|e| matches!(e.what, What::RequestFiled { .. }));
    let filed: Vec<_> = filed.collect();
    assert_eq!(filed.len(), 2);
    assert!(filed.iter().all(|entry| entry.by == Actor::Visitor && entry.badge.is_none()));
}

#[tokio::test]
async fn c15_c26_l2_rights_beside_the_choice_lead_back_to_it_and_a_withdrawal_ends_it() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    rights(&session).await;
    back_to(&session, "consent").await;
    rights(&session).await;
    file(&session, "withdrawal").await;
    assert!(session.text().await.unwrap().contains("您的同意自现在起撤回"));
    assert_eq!(session.frames().await.unwrap(), 0, "the camera stayed closed");
    session.click("done").await.unwrap();
    // The choice is not offered a second time.
    back_to(&session, "staff").await;
    sign_in(&session).await;
    session.click("admit").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
    let withdrawn =
        kiosk.log().into_iter().filter(|e| format!("{:?}", e.what).contains("Withdrawn"));
    assert_eq!(withdrawn.count(), 1);
}

#[tokio::test]
async fn c38_after_a_comparison_without_a_result_the_screens_explain_and_name_a_person() {
    let kiosk = Kiosk::new("biden.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    let waiting = session.text().await.unwrap();
    let page = rights(&session).await;
    for text in [waiting, page] {
        for word in ["没有得出结果", "工作人员", "privacy@sample-expo.test"] {
            assert!(text.contains(word), "{word}: {text}");
        }
        for word in ["0.", "分数", "相似", "攻击", "不匹配"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    let (number, _) = file(&session, "explanation").await;
    session.click("done").await.unwrap();
    back_to(&session, "staff").await;
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(kiosk.store().requests().unwrap()[0].number, number);
}

#[tokio::test]
async fn c31_c39_staff_see_what_is_due_and_those_who_may_answer_it() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("data-protection-officer", OFFICER);
    kiosk.add_staff("technician", TECHNICIAN);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    rights(&session).await;
    let (number, due) = file(&session, "complaint").await;
    session.click("done").await.unwrap();
    back_to(&session, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    for (n, pin) in [OFFICER, TECHNICIAN, GUARD] {
        session.click("staff-open").await.unwrap();
        session.wait_screen("staff_sign_in", SOON).await.unwrap();
        session.sign_in(n, pin).await.unwrap();
        session.wait_screen("staff_review", SOON).await.unwrap();
        session.click("requests").await.unwrap();
        wait_text(&session, &number).await;
        let text = session.text().await.unwrap();
        assert!(text.contains(&due) && text.contains("待答复的请求：1"), "{text}");
        session.click("sign-out").await.unwrap();
        session.wait_screen("staff", SOON).await.unwrap();
    }
    session.click("stop").await.unwrap();
    session.close().await.unwrap();

    let run = |arguments: &[&str], (n, pin): (u32, &str)| {
        let n = n.to_string();
        let arguments = [&["requests"], arguments, &["--number", &n]].concat();
        kiosk.run_typing(arguments, pin)
    };
    let listed = run(&["list"], TECHNICIAN);
    expect_success(&listed);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(
        listed.contains(&number) && listed.contains(&due) && listed.contains("open"),
        "{listed}"
    );
    let answer = ["answer", number.as_str(), "--outcome", "granted"];
    assert!(expect_refusal(&run(&answer, TECHNICIAN)).contains("may not"));
    expect_success(&run(&["export"], OFFICER));
    expect_success(&run(&answer, OFFICER));
    assert!(expect_refusal(&run(&answer, OFFICER)).contains("answered before"));
    let log = kiosk.log();
    let officer = |e: &&audit::Entry| {
        e.by == Actor::Staff { number: OFFICER.0, role: Some(audit::Role::DataProtectionOfficer) }
    };
    let acts: Vec<_> = log.iter().filter(officer).map(|entry| &entry.what).collect();
    let answered = What::RequestAnswered { number: 1, kind: RequestKind::Complaint };
    assert!(acts.contains(&&answered) && acts.contains(&&What::RequestsExported { requests: 1 }));
}
