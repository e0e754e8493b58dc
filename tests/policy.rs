//! Policy packs, their versions, and what visitors and guardians agree to, through the real kiosk.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use walkthrough::Session;

use crate::support::{
    Kiosk, Setup, bundle_with, codes, expect_refusal, expect_success, kiosk_of, organiser_key,
    policy, postern, seal_code,
};
use crate::visits::{SOON, open, picture, scan, sign_in, wait_text};

/// A change to a pack's folder: file, words, other words.
type Change = (&'static str, &'static str, &'static str);

const NEWER: [Change; 4] = [
    ("pack.toml", "version = \"1.0\"", "version = \"1.1\""),
    ("pack.toml", "last_updated = \"2026-11-02\"", "last_updated = \"2026-11-05\""),
    ("zh.toml", "选择与签到记录保存30天后删除。", "选择与签到记录保存20天后删除。"),
    ("en.toml", "Choices and check-ins are kept 30 days", "Choices and check-ins are kept 20 days"),
];

/// Terms of a transfer abroad, which the sample does not have.
const TRANSFER: [Change; 2] = [
    (
        "zh.toml",
        "# 供来自欧洲经济区的访客阅读。",
        "[transfer]\nask = \"将您的**签到记录**发送给境外主办方。\"\nrecipient = \"接收方：示例境外主办方。\"\n\
         contact = \"联系方式：abroad@sample-expo.test。\"\npurpose = \"用于统计入场人次。\"\n",
    ),
    (
        "en.toml",
        "# For visitors from the European Economic Area.",
        "[transfer]\nask = \"Send your **check-in** to the organiser abroad.\"\n\
         recipient = \"Recipient: Sample Organiser Abroad.\"\n\
         contact = \"Contact: abroad@sample-expo.test.\"\npurpose = \"To count entries.\"\n",
    ),
];

/// A copy of a pack with other words in it.
fn pack(from: &Path, changes: &[Change]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pack.toml", "zh.toml", "en.toml"] {
        let mut text = fs::read_to_string(from.join(name)).unwrap();
        for (_, from, to) in changes.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(from), "{name}: {from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Signs a pack on its own, with that key.
fn signed(changes: &[Change], key: &Path, out: &Path) -> PathBuf {
    let folder = pack(&policy(), changes);
    let (folder, key) = (folder.path().as_os_str(), key.as_os_str());
    expect_success(&postern([
        "policy".as_ref(),
        "sign".as_ref(),
        "--policy".as_ref(),
        folder,
        "--key".as_ref(),
        key,
        "--out".as_ref(),
        out.as_os_str(),
    ]));
    out.to_owned()
}

/// Clicks what an attribute names.
async fn choose(session: &Session, attribute: &str, value: &str) {
    session
        .script(&format!("document.querySelector('[{attribute}=\"{value}\"]').click()"))
        .await
        .unwrap();
}

/// What the database holds of choices, for adults and for children.
fn choices(kiosk: &Kiosk) -> [Vec<String>; 2] {
    let db = crate::retention::database(kiosk);
    ["consent", "consent_under_14"].map(|table| {
        let sql = format!(
            "SELECT purpose || ' ' || choice || ' ' || policy_version FROM {table} ORDER BY id"
        );
        let mut statement = db.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    })
}

#[tokio::test]
async fn c43_c44_m56_a_newer_pack_is_in_force_and_older_versions_and_changes_are_read_offline() {
    let kiosk = Kiosk::new("obama2.jpg");
    let file = signed(&NEWER, &organiser_key(), &kiosk.folder().join("policy.pack"));
    let import = || kiosk.run(["policy".as_ref(), "import".as_ref(), file.as_os_str()]);
    let output = import();
    expect_success(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("version 1.1 is in force"));
    let again = import();
    expect_success(&again);
    assert!(String::from_utf8_lossy(&again.stdout).contains("known already"));
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    picture(&session, "policy", "attract").await;
    session.click("policy").await.unwrap();
    session.wait_screen("policy", SOON).await.unwrap();
    wait_text(&session, "2026-11-05").await;
    picture(&session, "policy", "policy").await;
    let text = session.text().await.unwrap();
    assert!(text.contains("保存20天") && !text.contains("保存30天后"), "{text}");
    session.click("changes").await.unwrap();
    wait_text(&session, "删去").await;
    let marked = "[...document.querySelectorAll('[data-subject=storage] del, [data-subject=storage] ins')]\
                  .map((e) => e.textContent).join(' ')";
    let marked = session.script(&format!("return {marked}")).await.unwrap();
    assert_eq!(marked.as_str(), Some("30 20"));
    session
        .script("document.querySelector('[data-subject=storage]').scrollIntoView()")
        .await
        .unwrap();
    picture(&session, "policy", "policy-changes").await;
    choose(&session, "data-version", "1.0").await;
    wait_text(&session, "保存30天后").await;
    session.click("language").await.unwrap();
    wait_text(&session, "kept 30 days").await;
    picture(&session, "policy", "policy-english").await;
    session.click("done").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    // From the choice, and back to it.
    scan(&session, codes::A, "consent").await;
    picture(&session, "policy", "consent").await;
    session.click("policy").await.unwrap();
    session.wait_screen("policy", SOON).await.unwrap();
    let text = session.text().await.unwrap();
    assert!(!text.contains("Visitor Alpha"), "nothing of the visit");
    session.click("done").await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
    assert!(session.text().await.unwrap().contains("1.1"));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(choices(&kiosk), [vec!["face_comparison refused 1.1".to_owned()], vec![]]);
}

#[test]
fn m60_bad_packs_are_refused_with_the_reason_and_the_old_texts_stay_in_force() {
    let kiosk = Kiosk::new("obama2.jpg");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("policy.pack");
    let import =
        || expect_refusal(&kiosk.run(["policy".as_ref(), "import".as_ref(), out.as_os_str()]));
    let versions = || {
        let db = crate::retention::database(&kiosk);
        let packs: u32 = db.query_row("SELECT count(*) FROM policy", [], |row| row.get(0)).unwrap();
        packs
    };
    let stranger = folder.path().join("stranger.key");
    expect_success(&postern(["keygen".as_ref(), "--out".as_ref(), stranger.as_os_str()]));
    signed(&NEWER, &stranger, &out);
    let word = import();
    assert!(
        word.contains("not signed by a trusted key") && word.contains("stay in force"),
        "{word}"
    );
    signed(&NEWER[2..], &organiser_key(), &out);
    assert!(import().contains("known with another text"));
    let future = [NEWER[0], ("pack.toml", "2026-11-02", "2098-11-02")];
    signed(&future, &organiser_key(), &out);
    assert!(import().contains("look at the clock"));
    fs::write(&out, "Dear organiser,").unwrap();
    assert!(import().contains("not a signed policy pack"));
    assert_eq!(versions(), 1);
    let missing = pack(&policy(), &[]);
    fs::remove_file(missing.path().join("en.toml")).unwrap();
    let word =
        expect_refusal(&postern(["policy".as_ref(), "check".as_ref(), missing.path().as_os_str()]));
    assert!(word.contains("en.toml"), "{word}");
}

#[tokio::test]
async fn m47_m60_the_second_sample_is_refused_until_its_contact_is_filled_in_and_opens_no_camera() {
    let blank = policy().with_file_name("cccme-sample");
    let check = |folder: &Path| postern(["policy".as_ref(), "check".as_ref(), folder.as_os_str()]);
    let word = expect_refusal(&check(&blank));
    assert!(word.contains("zh.contact.phone"), "{word}");
    let phone = |file| (file, "XXX", "+86-10-58280809");
    let mail = |file| (file, "mail = \"\"", "mail = \"privacy@sample-chamber.test\"");
    let filled =
        pack(&blank, &[phone("zh.toml"), mail("zh.toml"), phone("en.toml"), mail("en.toml")]);
    let output = check(filled.path());
    expect_success(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("the face lane stays closed"));
    let kiosk = Kiosk::bare(&Setup::default());
    kiosk.replay("obama2.jpg", "");
    let bundle = bundle_with(filled.path(), &kiosk.folder().join("cccme.bundle"));
    let kiosk = kiosk.staffed(&bundle);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "staff").await;
    assert_eq!(session.frames().await.unwrap(), 0);
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.click("policy").await.unwrap();
    session.wait_screen("policy", SOON).await.unwrap();
    wait_text(&session, "示例机电商会").await;
    session.close().await.unwrap();
    assert_eq!(choices(&kiosk), [Vec::<String>::new(), vec![]]);
}

#[tokio::test]
async fn m57_c41_visitors_from_the_eea_read_more_and_a_transfer_takes_its_own_switch() {
    let kiosk = Kiosk::bare(&Setup::default());
    kiosk.replay("obama2.jpg", "");
    let folder = pack(&policy(), &TRANSFER);
    let bundle = bundle_with(folder.path(), &kiosk.folder().join("transfer.bundle"));
    let kiosk = kiosk.staffed(&bundle);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    assert!(!session.text().await.unwrap().contains("数据控制者"));
    picture(&session, "policy", "consent-transfer").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    scan(&session, codes::EUROPE, "consent").await;
    let text = session.text().await.unwrap();
    for word in ["数据控制者", "存放在中国", "明示同意", "不是必须", "不提供时"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    session.click("transfer").await.unwrap();
    wait_text(&session, "同意发送").await;
    picture(&session, "policy", "consent-eea-transfer").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
    let adults = [
        "face_comparison refused 1.0",
        "cross_border_transfer given 1.0",
        "face_comparison given 1.0",
    ];
    let mut found = choices(&kiosk)[0].clone();
    found[1..].sort();
    assert_eq!(found, adults);
}

#[tokio::test]
async fn c40_the_age_is_asked_where_the_record_does_not_say() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::AGELESS, "age").await;
    picture(&session, "policy", "age").await;
    session.click("age-from_14").await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    scan(&session, codes::AGELESS, "age").await;
    session.click("age-under_14").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    assert_eq!(session.frames().await.unwrap(), 0);
    session.click("stop").await.unwrap();
    // Asked once: from now on the kiosk knows.
    scan(&session, codes::AGELESS, "staff").await;
    session.close().await.unwrap();
}

#[tokio::test]
async fn c40_a_guardian_agrees_before_staff_and_takes_it_back_and_no_statistic_knows() {
    let kiosk = Kiosk::new("obama2.jpg");
    let before = kiosk.store().counts().unwrap();
    let session = open(&kiosk).await;
    scan(&session, codes::CHILD, "staff").await;
    sign_in(&session).await;
    session.click("guardian").await.unwrap();
    choose(&session, "data-proof", "household_register").await;
    picture(&session, "policy", "guardian").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    session.click("guardian-agree").await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    // The consent holds for the next visit, and there the guardian takes it back.
    scan(&session, codes::CHILD, "consent").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.type_code_like_scanner(&crate::support::seal_code(codes::CHILD)).await.unwrap();
    session.wait_screen("code_problem", SOON).await.unwrap();
    session.click("call-staff").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    session.click("guardian").await.unwrap();
    picture(&session, "policy", "guardian-agreed").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    session.click("guardian-revoke").await.unwrap();
    wait_text(&session, "未满 14 周岁").await;
    session.close().await.unwrap();
    assert_eq!(choices(&kiosk), [Vec::<String>::new(), vec![]], "nothing is left of it");
    let after = kiosk.store().counts().unwrap();
    let statistics =
        |counts: store::Counts| (counts.attendees, counts.consents, counts.checkins_face);
    assert_eq!(statistics(after), statistics(before));
}

#[tokio::test]
async fn c01_a_registration_that_says_the_visitor_agreed_is_no_consent_and_opens_no_camera() {
    let columns = "code,name,photo,under_14,consent,face_recognition,agreed_at";
    let row = format!("{},Visitor Alpha,obama.jpg,no,yes,yes,2026-11-01", seal_code(codes::A));
    let csv = format!("{columns}\n{row}\n");
    let kiosk = kiosk_of(&Setup::default(), &csv);
    kiosk.replay("obama2.jpg", "");
    assert_eq!(kiosk.store().counts().unwrap().consents, 0);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    // Nobody touches anything.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(session.screen().unwrap(), "consent");
    assert_eq!(session.frames().await.unwrap(), 0);
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(choices(&kiosk), [vec![], vec![]] as [Vec<String>; 2]);
}

#[tokio::test]
async fn c11_c23_a_visitor_reads_offline_what_the_kiosk_is_made_of_and_who_receives_data() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    session.click("policy").await.unwrap();
    session.wait_screen("policy", SOON).await.unwrap();
    session.click("inventory").await.unwrap();
    session.wait_screen("inventory", SOON).await.unwrap();
    wait_text(&session, "不会发送给任何人").await;
    picture(&session, "policy", "inventory").await;
    session.click("language").await.unwrap();
    wait_text(&session, "connects to nobody").await;
    let text = session.text().await.unwrap();
    for word in ["fr_feature.onnx", "tract-onnx", "svelte", "Apache-2.0"] {
        assert!(text.contains(word), "{word}");
    }
    picture(&session, "policy", "inventory-english").await;
    session.click("policy").await.unwrap();
    session.wait_screen("policy", SOON).await.unwrap();
    session.click("done").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();
    // The same list as a document.
    let output = kiosk.run(["inventory"]);
    expect_success(&output);
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&list["bomFormat"], &list["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
}
