//! Many visitors at once.

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Event, Pretix, Ticket,
    rest::{number, text},
};

/// Tickets in one order: few enough for a request to be answered soon.
const TOGETHER: usize = 50;

impl Pretix {
    /// Registers so many paid visitors without photos, fifty to an order.
    pub async fn add_crowd(&self, event: &Event, visitors: usize) -> Result<Vec<Ticket>> {
        let mut tickets = Vec::with_capacity(visitors);
        while tickets.len() < visitors {
            let size = TOGETHER.min(visitors - tickets.len());
            let order = self.add_order(event, tickets.len(), size).await?;
            let positions = order["positions"].as_array().context("no positions in the answer")?;
            for position in positions {
                tickets.push(Ticket {
                    event: event.slug.clone(),
                    order: text(&order, "code")?,
                    position: number(position, "id")?,
                    secret: text(position, "secret")?,
                });
            }
        }
        Ok(tickets)
    }

    async fn add_order(&self, event: &Event, first: usize, size: usize) -> Result<Value> {
        let position = |n: usize| {
            json!({
                "item": event.visitor, "variation": null, "price": "0.00", "answers": [],
                "attendee_name_parts": {"_scheme": "full", "full_name": format!("Visitor {n}")},
            })
        };
        let order = json!({
            "email": "attendee@example.org", "locale": "en", "sales_channel": "web",
            "status": "p", "fees": [], "send_email": false, "force": true,
            "positions": (first..first + size).map(position).collect::<Vec<_>>(),
        });
        self.call(Method::POST, &format!("{}orders/", event.path()), Some(&order)).await
    }
}
