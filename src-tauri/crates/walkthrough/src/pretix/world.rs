//! What a server begins with: an organiser with two events, and nobody registered.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use jiff::{Timestamp, ToSpan as _};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    cluster::{Cluster, DATABASE},
    rest::{Rest, number},
};

/// Short name of the organiser.
pub(super) const ORGANISER: &str = "expo";
/// Its file beside the database.
const FILE: &str = "world.json";

/// Names and numbers of what is there. Every event has the same products, lists and questions.
#[derive(Deserialize, Serialize)]
pub struct World {
    /// Short name of the organiser, as addresses have it.
    pub organiser: String,
    token: String,
    /// An event whose tickets carry random secrets.
    pub random: Event,
    /// An event whose tickets carry signed secrets (`pretix_sig1`).
    pub signed: Event,
}

/// An event.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Event {
    /// Short name, as addresses have it.
    pub slug: String,
    /// The product that `entrance` admits.
    pub visitor: u64,
    /// A product that `entrance` does not admit.
    pub catering: u64,
    /// A list that admits each paid visitor once.
    pub entrance: u64,
    /// A list that admits everyone, unpaid orders included, and each as often as they like.
    pub hall: u64,
    /// A question for a file, the certificate photo; its identifier is `photo`.
    pub photo: u64,
    /// A question for a date, the birthday; its identifier is `birthday`.
    pub birthday: u64,
}

impl World {
    /// API token of a team that may do everything.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Makes it on an empty server.
    pub(super) async fn make(rest: &Rest, token: String, cluster: &Cluster) -> Result<World> {
        let random = Event::make(rest, "random").await?;
        let signed = Event::make(rest, "signed").await?;
        // A setting that the interface does not offer.
        cluster.sql_in(
            DATABASE,
            "insert into pretixbase_event_settingsstore (object_id, key, value) \
             select id, 'ticket_secret_generator', 'pretix_sig1' \
             from pretixbase_event where slug = 'signed'",
        )?;
        Ok(World { organiser: ORGANISER.to_owned(), token, random, signed })
    }

    pub(super) fn read(folder: &Path) -> Result<World> {
        let text = fs::read(folder.join(FILE)).context("reading the world")?;
        Ok(serde_json::from_slice(&text)?)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        Ok(fs::write(folder.join(FILE), serde_json::to_vec(self)?)?)
    }
}

impl Event {
    /// Path of the event below `/api/v1`.
    pub fn path(&self) -> String {
        path(&self.slug)
    }

    async fn make(rest: &Rest, slug: &str) -> Result<Event> {
        let now = Timestamp::now();
        let event = json!({
            "name": {"en": slug}, "slug": slug, "live": false, "testmode": false, "currency": "CNY",
            "date_from": (now - 1.hour()).to_string(), "date_to": (now + 20000.hours()).to_string(),
            "is_public": false, "has_subevents": false, "timezone": "Asia/Shanghai", "plugins": [],
        });
        post(rest, &format!("/organizers/{ORGANISER}/events/"), event).await?;
        let below = |part: &str| format!("{}{part}/", path(slug));
        let asked = json!({"attendee_names_asked": true, "ticket_download": false});
        rest.call(Method::PATCH, &below("settings"), Some(&asked)).await?;
        let mut products = Vec::new();
        for name in ["Visitor", "Catering"] {
            let product = json!({
                "name": {"en": name}, "default_price": "0.00", "admission": true,
                "personalized": true, "category": null, "tax_rule": null, "active": true,
            });
            products.push(number(&post(rest, &below("items"), product).await?, "id")?);
        }
        let quota = json!({"name": "all", "size": null, "items": products, "variations": []});
        post(rest, &below("quotas"), quota).await?;
        let mut questions = Vec::new();
        for (identifier, kind) in [("photo", "F"), ("birthday", "D")] {
            let question = json!({
                "question": {"en": identifier}, "identifier": identifier, "type": kind,
                "required": false, "items": products, "position": questions.len(),
                "ask_during_checkin": false, "show_during_checkin": kind == "D", "hidden": false,
                "print_on_invoice": false, "options": [], "dependency_question": null,
                "dependency_values": [],
            });
            questions.push(number(&post(rest, &below("questions"), question).await?, "id")?);
        }
        let mut lists = Vec::new();
        for (name, all) in [("Entrance", false), ("Hall", true)] {
            let list = json!({
                "name": name, "all_products": all,
                "limit_products": if all { &[][..] } else { &products[..1] },
                "include_pending": all, "allow_multiple_entries": all,
                "allow_entry_after_exit": true,
            });
            lists.push(number(&post(rest, &below("checkinlists"), list).await?, "id")?);
        }
        rest.call(Method::PATCH, &path(slug), Some(&json!({"live": true}))).await?;
        Ok(Event {
            slug: slug.to_owned(),
            visitor: products[0],
            catering: products[1],
            entrance: lists[0],
            hall: lists[1],
            photo: questions[0],
            birthday: questions[1],
        })
    }
}

/// Path of an event below `/api/v1`.
fn path(slug: &str) -> String {
    format!("/organizers/{ORGANISER}/events/{slug}/")
}

async fn post(rest: &Rest, path: &str, body: Value) -> Result<Value> {
    rest.call(Method::POST, path, Some(&body)).await
}
