//! Two kiosks of one venue in their real windows, over a real broker, without a server.

use std::time::Instant;

use walkthrough::mosquitto::Mosquitto;

use crate::retention::database;
use crate::support::{Kiosk, Setup, codes, expect_refusal, expect_success};
use crate::visits::{SOON, open, picture, scan, sign_in, wait_text};

/// A kiosk that has joined the others.
fn joined(broker: &Mosquitto, name: &str, key: &str) -> Kiosk {
    let config = broker.configuration();
    let kiosk = Kiosk::with("obama2.jpg", &Setup { config: &config, ..Setup::default() });
    join(&kiosk, name, key);
    kiosk
}

/// A kiosk joins the others.
pub(crate) fn join(kiosk: &Kiosk, name: &str, key: &str) {
    let typed = format!("{key}\n{}\n", Mosquitto::password(name));
    expect_success(&kiosk.run_typing(["relay", "join", "--kiosk", name], &typed));
}

/// As if this kiosk and another one had admitted a badge before either could hear of the other.
fn admitted_twice(kiosk: &Kiosk) {
    let insert =
        "INSERT INTO announced VALUES (zeroblob(32), ?1, 'used', ?2, ?2, ?2, ?2 + 86400000)";
    let now = jiff::Timestamp::now().as_millisecond();
    for (name, at) in [("", now - 120_000), ("gate-7", now - 60_000)] {
        database(kiosk).execute(insert, (name, at)).unwrap();
    }
}

pub(crate) fn drawn_key() -> String {
    let output = Kiosk::new("obama2.jpg").run(["relay", "key"]);
    expect_success(&output);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_badge_admitted_at_one_gate_is_a_used_one_at_the_next_and_staff_see_both_kiosks() {
    let broker = Mosquitto::start(&["gate-1", "gate-2"]).await.unwrap();
    let key = drawn_key();
    let (first, second) = (joined(&broker, "gate-1", &key), joined(&broker, "gate-2", &key));
    admitted_twice(&second);
    let (one, two) = (open(&first).await, open(&second).await);

    // Admitted by a person at the first gate.
    scan(&one, codes::B, "consent").await;
    one.click("other-way").await.unwrap();
    one.wait_screen("staff", SOON).await.unwrap();
    sign_in(&one).await;
    let deadline = Instant::now() + SOON;
    while !one.offers("kiosks").await.unwrap() {
        assert!(Instant::now() < deadline, "the kiosks are not offered");
    }
    one.click("admit").await.unwrap();
    one.wait_screen("admit", SOON).await.unwrap();
    one.wait_screen("attract", SOON).await.unwrap();

    // Scanned once more at the second one.
    scan(&two, codes::B, "code_problem").await;
    wait_text(&two, "已签到入场").await;
    two.click("call-staff").await.unwrap();
    two.wait_screen("staff", SOON).await.unwrap();
    sign_in(&two).await;
    wait_text(&two, "gate-1").await;
    assert!(!two.offers("admit").await.unwrap(), "admitted twice");
    picture(&two, "relay", "used-elsewhere").await;
    two.click("kiosks").await.unwrap();
    wait_text(&two, "所有自助机工作正常").await;
    for words in ["gate-1", "gate-2", "本机", "正常服务", "都已签到：1", "gate-7"] {
        wait_text(&two, words).await;
    }
    picture(&two, "relay", "kiosks").await;
    two.click("language").await.unwrap();
    wait_text(&two, "All kiosks serve").await;

    // The first one is switched off.
    one.close().await.unwrap();
    wait_text(&two, "Look after these: 1").await;
    wait_text(&two, "Disconnected").await;
    picture(&two, "relay", "kiosks-english").await;
    two.close().await.unwrap();

    // Nothing of anybody has been said.
    let kept = broker.kept().unwrap();
    assert_eq!(kept.iter().filter(|(topic, _)| topic.contains("/used/gate-1/")).count(), 1);
    for (topic, said) in kept {
        let said = format!("{topic} {}", String::from_utf8_lossy(&said));
        assert!(!said.contains(codes::B) && !said.contains("Visitor"), "{said}");
    }
}

#[tokio::test]
async fn c29_a_relay_is_joined_with_a_key_and_a_broker_that_is_allowed_and_left_again() {
    let broker = Mosquitto::start(&["gate-1"]).await.unwrap();
    let key = drawn_key();
    let plain = Kiosk::new("obama2.jpg");
    let typed = format!("{key}\nword\n");
    let join = |kiosk: &Kiosk, typed: &str| {
        let output = kiosk.run_typing(["relay", "join", "--kiosk", "gate-1"], typed);
        expect_refusal(&output)
    };
    assert!(join(&plain, &typed).contains("the configuration has no [relay]"));
    let forbidden = broker.configuration().replace("allow = ['mqtts:", "allow = ['https:");
    let forbidden = Kiosk::bare(&Setup { config: &forbidden, ..Setup::default() });
    assert!(join(&forbidden, &typed).contains("relay.broker is not in network.allow"));

    let config = broker.configuration();
    let kiosk = Kiosk::with("obama2.jpg", &Setup { config: &config, ..Setup::default() });
    assert!(join(&kiosk, "").contains("64 hexadecimal digits"));
    let said = join(&kiosk, &format!("{}\nword\n", &key[1..]));
    assert!(said.contains("64 hexadecimal digits") && !said.contains(&key[1..]), "{said}");
    assert!(join(&kiosk, &format!("{key}\n")).contains("no password"));
    let output = kiosk.run_typing(["relay", "join", "--kiosk", "gate-1"], &typed);
    expect_success(&output);
    assert!(join(&kiosk, &typed).contains("joined a relay already"));
    let status = kiosk.run(["relay", "status"]);
    expect_success(&status);
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(status.contains("gate-1, venue ") && status.contains("yet to hear: 0"), "{status}");
    assert!(!status.contains(&key) && !status.contains("word"), "{status}");
    expect_success(&kiosk.run(["relay", "leave"]));
    assert!(expect_refusal(&kiosk.run(["relay", "leave"])).contains("joined no relay"));
}
