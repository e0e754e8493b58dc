//! The registration server of the tests is a real one: what a kiosk will ask of pretix, asked of
//! it here in plain HTTP.

use std::time::Instant;

use reqwest::Client;
use serde_json::{Value, json};
use walkthrough::pretix::{self, Attendee, Pretix, Ticket};

/// A device, as the server knows it after its token was used.
struct Device<'a> {
    client: Client,
    pretix: &'a Pretix,
    authorization: String,
}

impl Device<'_> {
    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self
            .client
            .post(format!("{}/api/v1/{path}", self.pretix.base()))
            .header("Authorization", &self.authorization)
            .json(body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Status and reason of a scan at the entrance of the event with random secrets.
    async fn scan(&self, secret: &str, nonce: &str) -> (u16, Option<String>) {
        self.scan_for(self.pretix.world().random.entrance, secret, nonce).await
    }

    async fn scan_for(&self, list: u64, secret: &str, nonce: &str) -> (u16, Option<String>) {
        let (status, answer) = self
            .post(
                "organizers/expo/checkinrpc/redeem/",
                &json!({
                    "lists": [list], "secret": secret,
                    "source_type": "barcode", "type": "entry", "nonce": nonce, "force": false,
                }),
            )
            .await;
        (status, answer["reason"].as_str().map(str::to_owned))
    }

    async fn annul(&self, nonce: &str) -> u16 {
        let lists = [self.pretix.world().random.entrance];
        let body = json!({"lists": lists, "nonce": nonce, "error_explanation": "test"});
        self.post("organizers/expo/checkinrpc/annul/", &body).await.0
    }

    /// Status of a change to the ticket's order.
    async fn change_order(&self, ticket: &Ticket, body: &Value) -> u16 {
        let path = format!("organizers/expo/events/{}/orders/{}/", ticket.event, ticket.order);
        let url = format!("{}/api/v1/{path}", self.pretix.base());
        let change = self.client.patch(url).header("Authorization", &self.authorization);
        change.json(body).send().await.unwrap().status().as_u16()
    }
}

async fn initialize<'a>(pretix: &'a Pretix, token: &str) -> Result<Device<'a>, u16> {
    let client = Client::builder().no_proxy().build().unwrap();
    let description = json!({
        "token": token, "hardware_brand": "Test", "hardware_model": "Test",
        "software_brand": "Test", "software_version": "1",
    });
    let answer = client
        .post(format!("{}/api/v1/device/initialize", pretix.base()))
        .json(&description)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    if !status.is_success() {
        return Err(status.as_u16());
    }
    let answer: Value = answer.json().await.unwrap();
    let authorization = format!("Device {}", answer["api_token"].as_str().unwrap());
    Ok(Device { client, pretix, authorization })
}

async fn device(pretix: &Pretix) -> Device<'_> {
    let device = pretix.add_device("pretixscan").await.unwrap();
    initialize(pretix, &device.initialization_token).await.ok().unwrap()
}

fn refused(reason: &str) -> (u16, Option<String>) {
    (if reason == "invalid" { 404 } else { 400 }, Some(reason.to_owned()))
}

const ADMITTED: (u16, Option<String>) = (201, None);

fn named(name: &str) -> Attendee<'_> {
    Attendee { name, ..Attendee::default() }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures of docs/pretix.md")]
async fn a_server_of_our_own_comes_up_and_its_devices_redeem_each_ticket_once() {
    let begin = Instant::now();
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    println!("pretix came up in {:.1} s", begin.elapsed().as_secs_f64());
    let event = &pretix.world().random;

    let new = pretix.add_device("pretixscan").await.unwrap();
    let device = initialize(pretix, &new.initialization_token).await.ok().unwrap();
    let again = initialize(pretix, &new.initialization_token).await.err();
    assert_eq!(again, Some(400), "the token is good once");

    let ticket = pretix.add(event, &named("One")).await.unwrap();
    assert_eq!(device.scan(&ticket.secret, "1").await, ADMITTED);
    assert_eq!(device.scan(&ticket.secret, "1").await, ADMITTED, "the same scan, sent again");
    assert_eq!(device.scan(&ticket.secret, "2").await, refused("already_redeemed"));
    assert_eq!(device.annul("1").await, 200);
    assert_eq!(device.scan(&ticket.secret, "3").await, ADMITTED, "annulled, so not used");
    assert_eq!(device.scan("nobody-has-this", "4").await, refused("invalid"));

    let held = pretix.check_ins(event).await.unwrap();
    let held: Vec<_> =
        held.iter().map(|scan| (scan.position, scan.error_reason.as_deref())).collect();
    let of = Some(ticket.position);
    assert_eq!(
        held,
        [
            (of, Some("annulled")),
            (of, Some("already_redeemed")),
            (of, None),
            (None, Some("invalid"))
        ]
    );

    pretix.revoke_device(new.device_id).unwrap();
    let (status, _) = device.post("device/update", &json!({})).await;
    assert_eq!(status, 401, "a device whose access was revoked");
}

#[tokio::test]
async fn each_reason_to_refuse_is_the_servers_own() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let event = &pretix.world().random;
    let device = device(pretix).await;
    let now = jiff::Timestamp::now();
    let hour = jiff::SignedDuration::from_hours(1);
    let add = async |attendee: Attendee<'static>| pretix.add(event, &attendee).await.unwrap();

    let cancelled = add(named("Cancelled")).await;
    pretix.cancel(&cancelled).await.unwrap();
    let refunded = add(named("Refunded")).await;
    pretix.refund(&refunded).await.unwrap();
    let blocked = add(named("Blocked")).await;
    pretix.block(&blocked).await.unwrap();
    let unpaid = add(Attendee { unpaid: true, ..named("Unpaid") }).await;
    let unapproved = add(Attendee { unapproved: true, ..named("Unapproved") }).await;
    let other = add(Attendee { product: Some(event.catering), ..named("Other") }).await;
    let early = add(Attendee { valid_from: Some(now + hour), ..named("Early") }).await;
    let late = add(named("Late")).await;
    pretix.set_validity(&late, None, Some(now - hour)).await.unwrap();
    let renewed = add(Attendee { secret: Some("A7KD92MX40TRV8QE"), ..named("Renewed") }).await;
    assert_eq!(renewed.secret, "A7KD92MX40TRV8QE");
    let fresh = pretix.regenerate(&renewed).await.unwrap();

    for (ticket, reason) in [
        (&cancelled, "canceled"),
        (&refunded, "canceled"),
        (&blocked, "blocked"),
        (&unpaid, "unpaid"),
        (&unapproved, "unapproved"),
        (&other, "product"),
        (&early, "invalid_time"),
        (&late, "invalid_time"),
        // Only signed codes are revoked; of random ones the server knows the present one.
        (&renewed, "invalid"),
    ] {
        assert_eq!(device.scan(&ticket.secret, reason).await, refused(reason), "{reason}");
    }
    assert_eq!(device.scan(&fresh.secret, "fresh").await, ADMITTED);
    pretix.unblock(&blocked).await.unwrap();
    assert_eq!(device.scan(&blocked.secret, "unblocked").await, ADMITTED);
}

#[tokio::test]
async fn photos_come_back_and_signed_codes_are_signed() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let event = &pretix.world().signed;
    let mut photo = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(300, 400, image::Rgb([90, 120, 150]))
        .write_to(&mut photo, image::ImageFormat::Jpeg)
        .unwrap();
    let photo = photo.into_inner();
    let attendee = Attendee { photo: Some(&photo), birthday: Some("1990-02-03"), ..named("Ann") };
    let ticket = pretix.add(event, &attendee).await.unwrap();
    let device = device(pretix).await;
    let picture = async || {
        let path =
            format!("{}orderpositions/{}/pdf_image/question_photo/", event.path(), ticket.position);
        let request = device.client.get(format!("{}/api/v1{path}", pretix.base()));
        let answer = request.header("Authorization", &device.authorization).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
    };
    assert_eq!(picture().await, (200, photo.clone()));
    pretix.set_photo(event, &ticket, None).await.unwrap();
    assert_eq!(picture().await.0, 404);

    // The secret is reversed base64 of a version, two lengths, the content and its signature.
    let reversed: String = ticket.secret.chars().rev().collect();
    let bytes = data_encoding::BASE64.decode(reversed.as_bytes()).unwrap();
    assert_eq!(bytes[0], 1);
    let content = usize::from(u16::from_be_bytes([bytes[1], bytes[2]]));
    let signature = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
    assert_eq!((bytes.len(), signature), (5 + content + signature, 64));

    let renewed = pretix.regenerate(&ticket).await.unwrap();
    let old = device.scan_for(event.entrance, &ticket.secret, "1").await;
    assert_eq!(old, refused("revoked"));
    assert_eq!(device.scan_for(event.entrance, &renewed.secret, "2").await, ADMITTED);
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures of docs/pretix.md")]
async fn a_reset_brings_everything_back() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let event = &pretix.world().random;
    let before = device(pretix).await;
    let ticket = pretix.add(event, &named("Gone")).await.unwrap();
    assert_eq!(before.scan(&ticket.secret, "1").await, ADMITTED);

    let begin = Instant::now();
    pretix.reset().unwrap();
    println!("pretix was reset in {:.2} s", begin.elapsed().as_secs_f64());

    assert_eq!(pretix.check_ins(event).await.unwrap(), []);
    let (status, _) = before.post("device/update", &json!({})).await;
    assert_eq!(status, 401, "the device is gone");
    assert_eq!(device(pretix).await.scan(&ticket.secret, "1").await, refused("invalid"));
}

/// Why a person carries visitors' requests to the platform (docs/decisions/0014-rights.md).
#[tokio::test]
async fn a_device_that_may_check_in_may_not_write_to_an_order_and_one_that_may_can_do_anything() {
    let shared = pretix::fresh().await.unwrap();
    let pretix = &*shared;
    let ticket = pretix.add(&pretix.world().random, &named("One")).await.unwrap();
    let note = json!({"comment": "deletion, due", "custom_followup_at": "2026-12-14"});
    for (profile, status) in [
        ("pretixscan", 403),
        ("pretixscan_online_noorders", 403),
        ("pretixscan_online_kiosk", 403),
        ("full", 200),
    ] {
        let device = pretix.add_device(profile).await.unwrap();
        let device = initialize(pretix, &device.initialization_token).await.ok().unwrap();
        assert_eq!(device.change_order(&ticket, &note).await, status, "{profile}");
    }
}
