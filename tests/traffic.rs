//! What leaves the machine while visitors come: nothing (POLICY.md C12, C29), and to the relay of
//! the venue, which is joined, nothing but hashes.
//!
//! The kiosk, its window and the test itself run in a network of their own, whose only way out
//! is a wire that counts. Loopback belongs to the driver of the window.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use walkthrough::mosquitto::Mosquitto;

use crate::relay::{drawn_key, join};
use crate::support::{Kiosk, Setup, codes, expect_success};
use crate::visits::{SOON, capture, grey_picture, open, scan, sign_in, to_desk};

/// The name of the wire.
const WIRE: &str = "wire0";

/// Packets that were sent over the wire.
fn sent() -> u64 {
    let counter = format!("/sys/class/net/{WIRE}/statistics/tx_packets");
    if let Ok(text) = fs::read_to_string(counter) {
        return text.trim().parse().unwrap();
    }
    // Another network's /sys: the counters of this one are in /proc.
    let table = fs::read_to_string("/proc/net/dev").unwrap();
    let line = table.lines().find_map(|line| line.trim().strip_prefix("wire0:")).unwrap();
    line.split_whitespace().nth(9).unwrap().parse().unwrap()
}

fn ip(arguments: &str) {
    expect_success(&Command::new("ip").args(arguments.split(' ')).output().unwrap());
}

#[test]
fn c12_c29_nothing_leaves_the_machine_during_visits_of_every_kind() {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let inside = Command::new("unshare")
        .args(if root { &["--net"][..] } else { &["--user", "--map-root-user", "--net"] })
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "traffic::inside", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    expect_success(&inside);
    let said = String::from_utf8_lossy(&inside.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by c12_c29_nothing_leaves_the_machine_during_visits_of_every_kind"]
async fn inside() {
    ip("link set lo up");
    ip(&format!("link add {WIRE} type veth peer name end0"));
    // The kernel itself would look for other machines.
    fs::write(format!("/proc/sys/net/ipv6/conf/{WIRE}/disable_ipv6"), "1").ok();
    ip(&format!("addr add 10.77.0.2/24 dev {WIRE}"));
    ip("link set end0 up");
    ip(&format!("link set {WIRE} up"));
    ip(&format!("neigh add 10.77.0.1 lladdr 02:00:00:00:00:01 dev {WIRE} nud permanent"));
    ip("route add default via 10.77.0.1");
    let before = sent();
    UdpSocket::bind("0.0.0.0:0").unwrap().send_to(b"?", "192.0.2.1:53").unwrap();
    assert_eq!(sent(), before + 1, "what leaves is counted");
    let before = sent();

    let broker = Mosquitto::start(&["gate-1"]).await.unwrap();
    let config = broker.configuration();
    let kiosk = Kiosk::with("obama2.jpg", &Setup { config: &config, ..Setup::default() });
    join(&kiosk, "gate-1", &drawn_key());
    let session = open(&kiosk).await;
    // Another person, who asks for a receipt and is refused.
    scan(&session, codes::B, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("receipt").await.unwrap();
    sign_in(&session).await;
    session.deny("not_the_holder").await.unwrap();
    session.wait_screen("denied", SOON).await.unwrap();
    session.click("done").await.unwrap();
    // The other way, admitted by staff.
    to_desk(&session, codes::A_AGAIN).await;
    session.click("admit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    // A badge that is not known, and a match.
    scan(&session, codes::UNKNOWN, "code_problem").await;
    session.click("stop").await.unwrap();
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    // Somebody who stops.
    kiosk.replay(&grey_picture(&kiosk), "");
    capture(&session, codes::B).await;
    session.click("stop").await.unwrap();
    session.wait_screen("farewell", SOON).await.unwrap();
    session.close().await.unwrap();

    assert_eq!(sent() - before, 0, "packets left the machine");
    let kept = broker.kept().unwrap();
    let used = kept.iter().filter(|(topic, _)| topic.contains("/used/gate-1/"));
    assert_eq!(used.count(), 2, "the two who were admitted");
    for (topic, said) in &kept {
        let about_badge = topic.contains("/used/gate-1/");
        assert!(about_badge || topic.ends_with("/kiosk/gate-1"), "{topic}");
        let most = if about_badge { 200 } else { 500 };
        assert!(said.len() < most, "{topic}: {} bytes", said.len());
        let said = format!("{topic} {}", String::from_utf8_lossy(said));
        for code in [codes::A, codes::A_AGAIN, codes::B, "Visitor"] {
            assert!(!said.contains(code), "{said}");
        }
    }
}
