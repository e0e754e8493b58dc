//! What an organiser does, and what the server then holds.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Event, Pretix,
    cluster::DATABASE,
    rest::{answer, number, text},
};

/// Somebody to register. The default is a paid visitor without photo and birthday, valid at any
/// time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attendee<'a> {
    /// The name on the badge.
    pub name: &'a str,
    /// The certificate photo, a JPEG.
    pub photo: Option<&'a [u8]>,
    /// Birthday as `YYYY-MM-DD`.
    pub birthday: Option<&'a str>,
    /// The product; the event's `visitor` when it is not told.
    pub product: Option<u64>,
    /// True when the order is not paid.
    pub unpaid: bool,
    /// True when the order waits for a person's approval; it is then unpaid too.
    pub unapproved: bool,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Not valid from then on.
    pub valid_until: Option<Timestamp>,
    /// The code of the badge; the server draws one when it is not told. Codes of signed events
    /// are always drawn.
    pub secret: Option<&'a str>,
}

/// A ticket of an attendee.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Short name of its event.
    pub event: String,
    /// Code of its order.
    pub order: String,
    /// Number of its position.
    pub position: u64,
    /// The code that the badge carries.
    pub secret: String,
}

/// A device that has been made and not yet initialised.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Its number in the organiser.
    pub device_id: u64,
    /// The token for `POST /api/v1/device/initialize`, good once.
    pub initialization_token: String,
}

/// A scan that the server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// Number of the ticket's position; none when the code was not known.
    pub position: Option<u64>,
    /// The list.
    pub list: u64,
    /// When it happened, as the device said.
    pub datetime: Timestamp,
    /// When the server heard of it.
    pub created: Timestamp,
    /// False when it was refused or annulled.
    pub successful: bool,
    /// Why it was refused; `annulled` when it was taken back.
    pub error_reason: Option<String>,
    /// `entry` or `exit`.
    pub kind: String,
    /// Number of the device.
    pub device_id: Option<u64>,
}

impl Pretix {
    /// Calls the REST interface as the organiser; the path begins after `/api/v1`. The answer must
    /// be a success.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        self.rest.call(method, path, body).await
    }

    /// Registers somebody, with an order of their own.
    pub async fn add(&self, event: &Event, attendee: &Attendee<'_>) -> Result<Ticket> {
        let mut answers = Vec::new();
        if let Some(photo) = attendee.photo {
            let file = self.upload(photo).await?;
            answers.push(json!({"question": event.photo, "answer": file, "options": []}));
        }
        if let Some(birthday) = attendee.birthday {
            answers.push(json!({"question": event.birthday, "answer": birthday, "options": []}));
        }
        let unpaid = attendee.unpaid || attendee.unapproved;
        let mut position = json!({
            "item": attendee.product.unwrap_or(event.visitor), "variation": null,
            "price": if unpaid { "50.00" } else { "0.00" },
            "attendee_name_parts": {"_scheme": "full", "full_name": attendee.name},
            "answers": answers,
        });
        if let Some(secret) = attendee.secret {
            position["secret"] = json!(secret);
        }
        for (name, time) in
            [("valid_from", attendee.valid_from), ("valid_until", attendee.valid_until)]
        {
            if let Some(time) = time {
                position[name] = json!(time.to_string());
            }
        }
        let order = json!({
            "email": "attendee@example.org", "locale": "en", "sales_channel": "web",
            "status": if unpaid { "n" } else { "p" }, "require_approval": attendee.unapproved,
            "payment_provider": if attendee.unpaid { json!("manual") } else { Value::Null },
            "positions": [position], "fees": [], "send_email": false, "force": true,
        });
        let path = format!("{}orders/", event.path());
        let order = self.call(Method::POST, &path, Some(&order)).await?;
        let position = &order["positions"][0];
        Ok(Ticket {
            event: event.slug.clone(),
            order: text(&order, "code")?,
            position: number(position, "id")?,
            secret: text(position, "secret")?,
        })
    }

    /// Uploads a picture, or the PDF that somebody takes for one; returns the name by which an
    /// answer can use it.
    async fn upload(&self, file: &[u8]) -> Result<String> {
        let (kind, name) = if file.starts_with(b"%PDF") {
            ("application/pdf", "photo.pdf")
        } else {
            ("image/jpeg", "photo.jpg")
        };
        let request = self
            .rest
            .request(Method::POST, "/upload")
            .header("Content-Type", kind)
            .header("Content-Disposition", format!("attachment; filename=\"{name}\""))
            .body(file.to_vec());
        text(&answer(request).await.context("uploading a photo")?, "id")
    }

    /// Replaces the certificate photo, or removes it.
    pub async fn set_photo(
        &self,
        event: &Event,
        ticket: &Ticket,
        photo: Option<&[u8]>,
    ) -> Result<()> {
        let path = position(ticket);
        let now = self.call(Method::GET, &path, None).await?;
        let mut answers: Vec<Value> = now["answers"].as_array().cloned().unwrap_or_default();
        answers.retain(|answer| answer["question"].as_u64() != Some(event.photo));
        if let Some(photo) = photo {
            let file = self.upload(photo).await?;
            answers.push(json!({"question": event.photo, "answer": file, "options": []}));
        }
        self.change(ticket, &json!({"answers": answers})).await
    }

    /// Changes the ticket's validity; none: at any time.
    pub async fn set_validity(
        &self,
        ticket: &Ticket,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<()> {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        self.change(ticket, &json!({"valid_from": time(from), "valid_until": time(until)})).await
    }

    /// Gives the badge another name.
    pub async fn rename(&self, ticket: &Ticket, name: &str) -> Result<()> {
        let parts = json!({"_scheme": "full", "full_name": name});
        self.change(ticket, &json!({"attendee_name_parts": parts})).await
    }

    async fn change(&self, ticket: &Ticket, change: &Value) -> Result<()> {
        self.call(Method::PATCH, &position(ticket), Some(change)).await.map(drop)
    }

    /// Cancels the ticket's order.
    pub async fn cancel(&self, ticket: &Ticket) -> Result<()> {
        self.mark(ticket, "mark_canceled").await
    }

    /// Marks the ticket's order as refunded, which cancels it.
    pub async fn refund(&self, ticket: &Ticket) -> Result<()> {
        self.mark(ticket, "mark_refunded").await
    }

    /// Marks the ticket's order as not paid.
    pub async fn mark_unpaid(&self, ticket: &Ticket) -> Result<()> {
        self.mark(ticket, "mark_pending").await
    }

    async fn mark(&self, ticket: &Ticket, act: &str) -> Result<()> {
        let path = format!(
            "/organizers/{}/events/{}/orders/{}/{act}/",
            self.world.organiser, ticket.event, ticket.order
        );
        self.call(Method::POST, &path, Some(&json!({"send_email": false}))).await.map(drop)
    }

    /// Blocks the ticket's code.
    pub async fn block(&self, ticket: &Ticket) -> Result<()> {
        self.on_position(ticket, "add_block", &json!({"name": "admin"})).await
    }

    /// Lifts the block.
    pub async fn unblock(&self, ticket: &Ticket) -> Result<()> {
        self.on_position(ticket, "remove_block", &json!({"name": "admin"})).await
    }

    /// Gives the ticket a new code; returns the ticket as it is then. The server remembers an old
    /// code as revoked only if it is a signed one.
    pub async fn regenerate(&self, ticket: &Ticket) -> Result<Ticket> {
        self.on_position(ticket, "regenerate_secrets", &json!({})).await?;
        let now = self.call(Method::GET, &position(ticket), None).await?;
        Ok(Ticket { secret: text(&now, "secret")?, ..ticket.clone() })
    }

    async fn on_position(&self, ticket: &Ticket, act: &str, body: &Value) -> Result<()> {
        let path = format!("{}{act}/", position(ticket));
        self.call(Method::POST, &path, Some(body)).await.map(drop)
    }

    /// Makes a device for all events. Profiles are pretix's: `full`, `pretixscan`,
    /// `pretixscan_online_kiosk`, `pretixscan_online_noorders`.
    pub async fn add_device(&self, profile: &str) -> Result<NewDevice> {
        let device = json!({
            "name": "kiosk", "all_events": true, "limit_events": [], "security_profile": profile,
        });
        let path = format!("/organizers/{}/devices/", self.world.organiser);
        let device = self.call(Method::POST, &path, Some(&device)).await?;
        Ok(NewDevice {
            device_id: number(&device, "device_id")?,
            initialization_token: text(&device, "initialization_token")?,
        })
    }

    /// Revokes a device's access. People do that on a page; the interface has no such call.
    pub fn revoke_device(&self, device_id: u64) -> Result<()> {
        let change =
            format!("update pretixbase_device set revoked = true where device_id = {device_id}");
        self.cluster.sql_in(DATABASE, &change)
    }

    /// What devices have said of their systems, by the server's own log, the oldest first. People
    /// read it on a page.
    pub fn device_updates(&self) -> Result<Vec<String>> {
        let question = "select data::json ->> 'os_version' from pretixbase_logentry \
                        where action_type = 'pretix.device.updated' order by id";
        self.cluster.ask_in(DATABASE, question)
    }

    /// How often devices were given another key, by the server's own log.
    pub fn key_rolls(&self) -> Result<usize> {
        let question = "select id from pretixbase_logentry \
                        where action_type = 'pretix.device.keyroll'";
        Ok(self.cluster.ask_in(DATABASE, question)?.len())
    }

    /// All scans of an event that the server holds, refused ones included, in the order in which
    /// it heard of them.
    pub async fn check_ins(&self, event: &Event) -> Result<Vec<CheckIn>> {
        let entries = self.rest.list(&format!("{}checkins/", event.path())).await?;
        entries.iter().map(CheckIn::read).collect()
    }
}

impl CheckIn {
    fn read(entry: &Value) -> Result<CheckIn> {
        Ok(CheckIn {
            position: entry["position"].as_u64(),
            list: number(entry, "list")?,
            datetime: text(entry, "datetime")?.parse()?,
            created: text(entry, "created")?.parse()?,
            successful: entry["successful"].as_bool().context("no `successful` in the answer")?,
            error_reason: entry["error_reason"].as_str().map(str::to_owned),
            kind: text(entry, "type")?,
            device_id: entry["device_id"].as_u64(),
        })
    }
}

/// Path of the ticket's position.
fn position(ticket: &Ticket) -> String {
    format!(
        "/organizers/{}/events/{}/orderpositions/{}/",
        super::world::ORGANISER,
        ticket.event,
        ticket.position
    )
}
