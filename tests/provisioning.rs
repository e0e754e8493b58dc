//! The kiosk's account at a real pretix: made at the screen, given new keys, revoked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use audit::{Actor, Role, What};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use walkthrough::pretix::{self, NewDevice, Pretix, Ticket};
use walkthrough::{Session, SessionSpec};

use crate::platform::{badge, connect, on_the_side, register, roster};
use crate::retention::database;
use crate::support::{
    GUARD, Kiosk, POSTERN, Setup, bundle_of, expect_refusal, expect_success, kiosk_of,
};
use crate::visits::{SOON, admit_at_desk, grey_picture, open, picture, sign_in, wait_text};

const TECHNICIAN: (u32, &str) = (8, "135790");

/// The kiosk asks every few seconds, and this machine may be busy.
const ROUND: Duration = Duration::from_secs(100);

/// A wire to the server on which the answer to a request can be lost, after the server has done
/// what was asked.
struct Wire {
    url: String,
    /// Loses the answer to the next request for another key.
    loses: Arc<AtomicBool>,
}

impl Wire {
    async fn to(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let loses = Arc::<AtomicBool>::default();
        let lost = Arc::clone(&loses);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&server).await else { continue };
                tokio::spawn(carry(near, far, Arc::clone(&lost)));
            }
        });
        Self { url, loses }
    }

    fn lose(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    fn has_lost(&self) -> bool {
        !self.loses.load(Ordering::SeqCst)
    }
}

/// Carries both ways until a side ends, or the answer that is to be lost has come.
async fn carry(mut near: TcpStream, mut far: TcpStream, loses: Arc<AtomicBool>) {
    let (mut asked, mut answered) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut losing = false;
    loop {
        tokio::select! {
            read = near.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let text = String::from_utf8_lossy(&asked[..length]);
                losing |= text.contains("/device/roll") && loses.swap(false, Ordering::SeqCst);
                if far.write_all(&asked[..length]).await.is_err() { return }
            }
            read = far.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if losing || near.write_all(&answered[..length]).await.is_err() { return }
            }
        }
    }
}

fn qr(url: &str, token: &str) -> String {
    json!({ "handshake_version": 1, "url": url, "token": token }).to_string()
}

/// What the panel says: whether the platform answers, and what went wrong.
async fn panel(session: &Session) -> (String, String) {
    let script = "const p = document.querySelector('[data-panel=platform]'); \
                  return [p?.dataset.link ?? '', p?.dataset.problem ?? ''];";
    let said = session.script(script).await.unwrap();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (word(&said[0]), word(&said[1]))
}

async fn wait_link(session: &Session, link: &str) {
    let begun = Instant::now();
    while panel(session).await.0 != link {
        assert!(begun.elapsed() < ROUND, "{link}: {}", session.text().await.unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Scans the code until the panel says that. Keys that come late on a busy machine are no scan.
async fn scan_until(session: &Session, code: &str, problem: &str) {
    let begun = Instant::now();
    loop {
        session.type_code_like_scanner(code).await.unwrap();
        let typed = Instant::now();
        while typed.elapsed() < Duration::from_secs(6) {
            if panel(session).await.1 == problem {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(begun.elapsed() < ROUND, "{problem}: {}", session.text().await.unwrap());
    }
}

/// Scans the code of a new device until the panel shows the lists.
async fn scan_device(session: &Session, code: &str) {
    let begun = Instant::now();
    let lists = "return document.querySelectorAll('[data-list]').length > 0";
    loop {
        session.type_code_like_scanner(code).await.unwrap();
        let typed = Instant::now();
        while typed.elapsed() < Duration::from_secs(6) {
            if session.script(lists).await.unwrap() == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let problem = panel(session).await.1;
        let again = problem.is_empty() || problem == "code";
        assert!(again && begun.elapsed() < ROUND, "{}", session.text().await.unwrap());
    }
}

async fn press(session: &Session, selector: &str) {
    let tap = format!(
        "const e = document.querySelector('{selector}'); \
         if (e && !e.disabled) {{ e.click(); return true }} return false"
    );
    let begun = Instant::now();
    while session.script(&tap).await.unwrap() != true {
        assert!(begun.elapsed() < SOON, "no {selector} on the screen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Somebody signs in and opens the panel.
async fn open_panel(session: &Session, (number, pin): (u32, &str)) {
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(number, pin).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    session.click("technician").await.unwrap();
    session.click("platform").await.unwrap();
}

/// Waits until the server knows these check-ins, each once, and no others.
async fn heard(pretix: &Pretix, tickets: &[&Ticket]) {
    let begun = Instant::now();
    loop {
        let held = pretix.check_ins(&pretix.world().random).await.unwrap();
        let mut positions: Vec<_> = held.iter().filter_map(|c| c.position).collect();
        positions.sort_unstable();
        let expected: Vec<_> = tickets.iter().map(|ticket| ticket.position).collect();
        if positions == expected && held.iter().all(|c| c.successful) {
            return;
        }
        assert!(begun.elapsed() < ROUND, "{positions:?}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn wait_log(session: &Session, word: &str, times: usize) {
    let begun = Instant::now();
    while session.log().matches(word).count() < times {
        assert!(begun.elapsed() < ROUND, "{}", session.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The kiosk has been through everything with the platform.
async fn told_all(session: &Session, times: usize) {
    wait_log(session, "was asked who is gone", times).await;
}

fn kiosk(url: &str, tickets: &[Ticket], more: &str) -> Kiosk {
    let config = format!("[platform]\nevery = 3\n[network]\nallow = ['{url}']\n{more}");
    let kiosk = kiosk_of(&Setup { config: &config, ..Setup::default() }, &roster(tickets));
    kiosk.add_staff("technician", TECHNICIAN);
    kiosk
}

async fn is_revoked(pretix: &Pretix, device: &NewDevice) -> bool {
    let path = format!("/organizers/expo/devices/{}/", device.device_id);
    pretix.call(Method::GET, &path, None).await.unwrap()["revoked"] == true
}

#[tokio::test]
async fn c29_c31_a_technician_scans_the_code_picks_a_list_and_the_next_check_in_arrives() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 1).await;
    let kiosk = kiosk(pretix.base(), &tickets, "");
    let (used, device) = (
        pretix.add_device("pretixscan").await.unwrap(),
        pretix.add_device("pretixscan").await.unwrap(),
    );
    let first = json!({
        "token": used.initialization_token, "hardware_brand": "a", "hardware_model": "b",
        "software_brand": "c", "software_version": "d",
    });
    pretix.call(Method::POST, "/device/initialize", Some(&first)).await.unwrap();
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}", elsewhere.local_addr().unwrap());

    let session = open(&kiosk).await;
    open_panel(&session, TECHNICIAN).await;
    wait_text(&session, pretix.base()).await;
    picture(&session, "provisioning", "connect").await;
    // An address that is not allowed: the words name the key of the configuration, and nobody is
    // connected to.
    scan_until(&session, &qr(&other, &device.initialization_token), "not_allowed").await;
    let text = session.text().await.unwrap();
    assert!(text.contains("network.allow") && text.contains(&other), "{text}");
    let nobody = tokio::time::timeout(Duration::from_millis(100), elsewhere.accept()).await;
    assert!(nobody.is_err(), "the kiosk has connected to what is not allowed");
    picture(&session, "provisioning", "not-allowed").await;
    // A token that was used, and a text that is no code of a device.
    scan_until(&session, &qr(pretix.base(), &used.initialization_token), "token").await;
    scan_until(&session, "{\"url\":\"https://a.test\"}", "code").await;

    scan_device(&session, &qr(pretix.base(), &device.initialization_token)).await;
    picture(&session, "provisioning", "lists").await;
    let text = session.text().await.unwrap();
    assert!(!text.contains(&device.initialization_token), "{text}");
    let list = format!("random {}", pretix.world().random.entrance);
    press(&session, &format!("[data-list=\"{list}\"]")).await;
    wait_link(&session, "connected").await;
    picture(&session, "provisioning", "connected").await;
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();

    admit_at_desk(&session, &badge(0)).await;
    heard(&pretix, &[&tickets[0]]).await;
    assert!(!session.log().contains(&device.initialization_token));
    session.close().await.unwrap();
    let technician = Actor::Staff { number: TECHNICIAN.0, role: Some(Role::Technician) };
    let connected = |entry: &&audit::Entry| entry.what == What::PlatformConnected;
    let log = kiosk.log();
    let by: Vec<_> = log.iter().filter(connected).map(|entry| entry.by).collect();
    assert_eq!(by, [technician, technician], "the account, and its list");
}

#[tokio::test]
async fn c31_a_token_is_typed_and_a_supervisor_may_only_disconnect() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 1).await;
    let kiosk = kiosk(pretix.base(), &tickets, "");
    let device = pretix.add_device("pretixscan").await.unwrap();
    let session = open(&kiosk).await;
    open_panel(&session, GUARD).await;
    wait_text(&session, "由技术人员连接").await;
    assert!(!session.offers("platform-connect").await.unwrap());
    // Whatever the page sends: the table of rights is asked in Rust.
    let refused = "return window.__TAURI_INTERNALS__\
                   .invoke('platform_connect', { text: 'abc', address: null })\
                   .then(() => 'done', (error) => error.code)";
    assert_eq!(session.script(refused).await.unwrap(), "not_now");
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();

    open_panel(&session, TECHNICIAN).await;
    for symbol in device.initialization_token.chars() {
        press(&session, &format!("[data-key=\"{symbol}\"]")).await;
    }
    let shown = "return document.querySelector('[data-field=token]').type";
    assert_eq!(session.script(shown).await.unwrap(), "password");
    session.click("platform-connect").await.unwrap();
    let list = format!("random {}", pretix.world().random.entrance);
    press(&session, &format!("[data-list=\"{list}\"]")).await;
    wait_link(&session, "connected").await;
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();

    // Two touches, and the device is revoked at the platform too.
    open_panel(&session, GUARD).await;
    session.click("platform-disconnect").await.unwrap();
    wait_text(&session, "确认断开").await;
    picture(&session, "provisioning", "disconnect").await;
    assert!(!is_revoked(&pretix, &device).await);
    session.click("platform-disconnect").await.unwrap();
    wait_link(&session, "none").await;
    session.close().await.unwrap();
    assert!(is_revoked(&pretix, &device).await);
    assert!(kiosk.store().registration().unwrap().is_none());
    assert!(kiosk.log().iter().any(|entry| entry.what == What::PlatformDisconnected));
}

#[tokio::test]
async fn c31_new_keys_while_check_ins_flow_and_an_answer_that_is_lost_locks_nobody_out() {
    let pretix = pretix::fresh().await.unwrap();
    let wire = Wire::to(pretix.base()).await;
    let tickets = register(&pretix, 4).await;
    let kiosk = kiosk(&wire.url, &tickets, "");
    connect(&kiosk, &pretix, &wire.url).await;
    let key = |kiosk: &Kiosk| {
        let account = kiosk.store().registration().unwrap().unwrap();
        serde_json::from_slice::<Value>(&account).unwrap()["api_token"].as_str().unwrap().to_owned()
    };
    let first = key(&kiosk);
    // At the command line.
    expect_success(&on_the_side(&kiosk, &["platform", "roll"], "").await);
    let second = key(&kiosk);
    wire.lose();
    let word = expect_refusal(&on_the_side(&kiosk, &["platform", "roll"], "").await);
    assert!(wire.has_lost() && word.contains("no new key yet"), "{word}");
    let status = on_the_side(&kiosk, &["platform", "status"], "").await;
    assert!(String::from_utf8_lossy(&status.stdout).contains("has not come yet"));
    assert_eq!(key(&kiosk), second);
    // The kiosk fetches the lost answer itself.
    let session = open(&kiosk).await;
    told_all(&session, 1).await;
    admit_at_desk(&session, &badge(0)).await;
    heard(&pretix, &[&tickets[0]]).await;

    // At the screen, between check-ins, with the answer lost as well.
    wire.lose();
    open_panel(&session, TECHNICIAN).await;
    wait_link(&session, "connected").await;
    session.click("platform-roll").await.unwrap();
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    admit_at_desk(&session, &badge(1)).await;
    admit_at_desk(&session, &badge(2)).await;
    heard(&pretix, &[&tickets[0], &tickets[1], &tickets[2]]).await;
    assert!(wire.has_lost());
    session.close().await.unwrap();
    let fourth = key(&kiosk);
    assert_eq!(pretix.key_rolls().unwrap(), 3, "each was done once");

    // By itself, when the key is old.
    let mut store = kiosk.store();
    let account = store.registration().unwrap().unwrap();
    let mut account: Value = serde_json::from_slice(&account).unwrap();
    let old = Timestamp::now() - SignedDuration::from_hours(24 * 30);
    account["key_since"] = json!(old.to_string());
    store.keep_account(account.to_string().as_bytes(), None, Timestamp::now()).unwrap();
    drop(store);
    let session = open(&kiosk).await;
    admit_at_desk(&session, &badge(3)).await;
    heard(&pretix, &tickets.iter().collect::<Vec<_>>()).await;
    told_all(&session, 1).await;
    session.close().await.unwrap();
    let keys = [first, second, fourth, key(&kiosk)];
    assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), keys.len());
    assert_eq!(pretix.key_rolls().unwrap(), 4);
    let by: Vec<_> = kiosk
        .log()
        .iter()
        .filter(|entry| entry.what == What::PlatformKeyRolled)
        .map(|entry| entry.by)
        .collect();
    let technician = Actor::Staff { number: TECHNICIAN.0, role: Some(Role::Technician) };
    assert_eq!(by, [Actor::Console, Actor::Console, technician, Actor::Kiosk]);
}

#[tokio::test]
async fn a_key_that_the_platform_does_not_know_deletes_nothing_and_is_told_to_the_technician() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 1).await;
    let kiosk = kiosk(pretix.base(), &tickets, "");
    connect(&kiosk, &pretix, pretix.base()).await;
    let mut store = kiosk.store();
    let account = store.registration().unwrap().unwrap();
    let mut account: Value = serde_json::from_slice(&account).unwrap();
    account["api_token"] = json!("somebody else has another");
    store.keep_account(account.to_string().as_bytes(), None, Timestamp::now()).unwrap();
    drop(store);
    let session = open(&kiosk).await;
    wait_log(&session, "does not know this kiosk's key", 1).await;
    admit_at_desk(&session, &badge(0)).await;
    open_panel(&session, TECHNICIAN).await;
    wait_link(&session, "key_unknown").await;
    picture(&session, "provisioning", "key-unknown").await;
    session.close().await.unwrap();
    assert_eq!(held(&kiosk), (1, 1), "the key and the photo are there");
    assert_eq!(kiosk.store().counts().unwrap().outbox, 1);
}

/// Keys of contents, and sealed photos.
fn held(kiosk: &Kiosk) -> (u32, u32) {
    let db = database(kiosk);
    let count = |sql: &str| db.query_row(sql, [], |row| row.get(0)).unwrap();
    (count("SELECT count(*) FROM erasure_key"), count("SELECT count(*) FROM reference"))
}

/// A check-in of which the platform has not heard.
fn record_check_in(kiosk: &Kiosk, ticket: &Ticket) {
    let mut store = kiosk.store();
    let head = store.roster().unwrap().unwrap();
    let code = seal::BadgeCode::new(ticket.secret.clone());
    let secret = seal::BadgeSecret::parse(&code, head.code_format).unwrap();
    let locator = secret.derive(&head.salt).unwrap().locator;
    let checkin = store::Checkin {
        nonce: [9; 16],
        badge: store.badge(&locator).unwrap().unwrap().id,
        lane: store::Lane::Face,
        staff: None,
        role: None,
        reason: None,
        overrides: false,
        answers: None,
        at: Timestamp::now(),
    };
    store.record_checkin(&checkin).unwrap();
}

#[tokio::test]
async fn c18_c35_l3_a_revoked_kiosk_forgets_the_face_and_locks_until_it_is_connected_anew() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 2).await;
    let kiosk = kiosk(pretix.base(), &tickets, "[limits]\ncapture = 120\n");
    connect(&kiosk, &pretix, pretix.base()).await;
    assert_eq!(held(&kiosk), (2, 2));
    // The camera shows nobody: the visit stays where it is until the kiosk hears of it.
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    told_all(&session, 1).await;
    pretix.revoke_device(1).unwrap();
    let worker = crate::visits::capture(&session, &badge(0)).await;
    session.wait_screen("staff", ROUND).await.unwrap();
    assert!(session.worker_pids().iter().all(|pid| !worker.contains(pid)), "it has ended");
    sign_in(&session).await;
    wait_text(&session, "报名平台已撤销本机").await;
    assert!(!session.offers("admit").await.unwrap() && !session.offers("deny").await.unwrap());
    picture(&session, "provisioning", "revoked-review").await;
    session.click("end-visit").await.unwrap();
    session.wait_screen("fault", SOON).await.unwrap();
    wait_text(&session, "请前往其他通道").await;
    // Nobody begins here.
    session.type_code_like_scanner(&crate::support::seal_code(&badge(1))).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(session.screen().unwrap(), "fault");
    session.close().await.unwrap();
    assert_eq!(held(&kiosk), (0, 0), "no key and no photo");
    assert!(kiosk.log().iter().any(|entry| entry.what == What::PlatformRevoked));

    // Neither a restart unlocks it nor a disconnection.
    expect_refusal(&on_the_side(&kiosk, &["platform", "disconnect"], "").await);
    expect_refusal(&on_the_side(&kiosk, &["platform", "choose"], "").await);
    record_check_in(&kiosk, &tickets[0]);
    let session = open(&kiosk).await;
    session.wait_screen("fault", SOON).await.unwrap();
    // A guard cannot connect it, a technician can.
    open_panel(&session, GUARD).await;
    assert!(!session.offers("platform-disconnect").await.unwrap());
    session.click("end-visit").await.unwrap();
    session.wait_screen("fault", SOON).await.unwrap();
    let device = pretix.add_device("pretixscan").await.unwrap();
    open_panel(&session, TECHNICIAN).await;
    scan_device(&session, &qr(pretix.base(), &device.initialization_token)).await;
    let list = format!("random {}", pretix.world().random.entrance);
    press(&session, &format!("[data-list=\"{list}\"]")).await;
    wait_link(&session, "connected").await;
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    heard(&pretix, &[&tickets[0]]).await;
    session.close().await.unwrap();
    // The same roster brings names and photos back.
    let again = kiosk.folder().join("again.bundle");
    bundle_of(&roster(&tickets), &again);
    expect_success(&kiosk.run(["import".as_ref(), again.as_os_str()]));
    assert_eq!(held(&kiosk), (2, 2));
}

#[tokio::test]
async fn a_kiosk_that_is_revoked_while_it_is_idle_shows_visitors_where_to_go() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 1).await;
    let kiosk = kiosk(pretix.base(), &tickets, "");
    connect(&kiosk, &pretix, pretix.base()).await;
    let session = open(&kiosk).await;
    told_all(&session, 1).await;
    pretix.revoke_device(1).unwrap();
    session.wait_screen("fault", ROUND).await.unwrap();
    session.close().await.unwrap();
    // What they see, on both kinds of display and in both languages.
    for (size, name) in [((1280, 800), "landscape"), ((1080, 1920), "portrait")] {
        let spec = SessionSpec { binary: POSTERN.into(), config: kiosk.config(), size };
        let session = Session::start(&spec).await.unwrap();
        session.wait_screen("fault", SOON).await.unwrap();
        wait_text(&session, "此通道暂停使用").await;
        picture(&session, "provisioning", &format!("revoked-{name}")).await;
        open_panel(&session, TECHNICIAN).await;
        wait_text(&session, "一次性令牌").await;
        picture(&session, "provisioning", &format!("revoked-panel-{name}")).await;
        session.click("language").await.unwrap();
        wait_text(&session, "Scan the QR code").await;
        picture(&session, "provisioning", &format!("revoked-panel-{name}-english")).await;
        session.click("end-visit").await.unwrap();
        session.wait_screen("fault", SOON).await.unwrap();
        session.click("language").await.unwrap();
        wait_text(&session, "This gate is out of service").await;
        picture(&session, "provisioning", &format!("revoked-{name}-english")).await;
        session.close().await.unwrap();
    }
}
