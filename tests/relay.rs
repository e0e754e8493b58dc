//! Two kiosks of one venue in their real windows, over a real broker, without a server.

use std::time::{Duration, Instant};

use walkthrough::Session;
use walkthrough::mosquitto::Mosquitto;

use crate::retention::database;
use crate::support::{Kiosk, Setup, codes, expect_refusal, expect_success};
use crate::visits::{SOON, admit_at_desk, open, picture, scan, sign_in, to_desk, wait_text};

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

/// What the page says of one kiosk, column by column, once that is as wanted.
async fn wait_row(session: &Session, name: &str, wanted: impl Fn(&[String]) -> bool) {
    let cells = format!(
        "return [...document.querySelectorAll('tr[data-kiosk=\"{name}\"] td')]
            .map((cell) => cell.innerText.trim()).join('|')"
    );
    let deadline = Instant::now() + SOON;
    loop {
        let row = session.script(&cells).await.unwrap();
        let row: Vec<_> = row.as_str().unwrap().split('|').map(str::to_owned).collect();
        if wanted(&row) {
            return;
        }
        assert!(Instant::now() < deadline, "{name}: {row:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
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
    let (one, two) = (open(&first).await, open(&second).await);
    admit_at_desk(&one, codes::B).await;

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
    for words in ["gate-1", "gate-2", "本机", "正常服务"] {
        wait_text(&two, words).await;
    }
    // What waits for the platform at the first gate, what was not accepted, and its version.
    for (name, waiting) in [("gate-1", "1"), ("gate-2", "0")] {
        let told = [waiting, "0", env!("CARGO_PKG_VERSION")];
        wait_row(&two, name, |row| row.get(4..).is_some_and(|row| row == told)).await;
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
async fn a_badge_that_two_gates_admitted_while_the_broker_was_away_is_shown_to_staff_at_both() {
    let mut broker = Mosquitto::start(&["gate-1", "gate-2"]).await.unwrap();
    let key = drawn_key();
    let (first, second) = (joined(&broker, "gate-1", &key), joined(&broker, "gate-2", &key));
    let (one, two) = (open(&first).await, open(&second).await);
    broker.end();
    // Everything works as before.
    for session in [&one, &two] {
        admit_at_desk(session, codes::B).await;
    }
    broker.again().await.unwrap();
    for (session, other) in [(&one, "gate-2"), (&two, "gate-1")] {
        to_desk(session, codes::A).await;
        session.click("kiosks").await.unwrap();
        wait_text(session, "都已签到：1").await;
        wait_text(session, other).await;
        picture(session, "relay", &format!("admitted-twice-{other}")).await;
    }
    one.close().await.unwrap();
    two.close().await.unwrap();
    // Both records are kept.
    for kiosk in [&first, &second] {
        let sql = "SELECT count(*) FROM checkin WHERE annulled_at IS NULL";
        let kept: u32 = database(kiosk).query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
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
