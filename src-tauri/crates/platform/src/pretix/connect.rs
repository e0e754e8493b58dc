//! How a kiosk gets its account, and which list it checks in to.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use transport::{Call, Transport, Url};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{Account, Server, ask, json, read};
use crate::RegistrationError;

/// What runs on this kiosk, for the organiser's list of devices.
#[derive(Clone, Copy, Debug)]
pub struct Software<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// Name of the operating system.
    pub os: &'a str,
}

impl Software<'static> {
    /// This program: all its crates have one version.
    pub const THIS: Self = Self { version: env!("CARGO_PKG_VERSION"), os: std::env::consts::OS };
}

/// Where a kiosk checks in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Short name of the event.
    pub event: String,
    /// Number of the check-in list.
    pub list: u64,
    /// Name of the check-in list.
    pub list_name: String,
}

#[derive(Serialize)]
struct Initialize<'a> {
    token: &'a str,
    hardware_brand: &'a str,
    hardware_model: &'a str,
    os_name: &'a str,
    software_brand: &'a str,
    software_version: &'a str,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Initialized {
    organizer: String,
    name: String,
    api_token: String,
}

#[derive(Deserialize)]
struct Event {
    slug: String,
}

#[derive(Deserialize)]
struct List {
    id: u64,
    name: String,
}

/// Takes the one-time token that the organiser made for this kiosk and returns the account. The
/// token is used up by it.
pub async fn connect(
    transport: &Transport,
    server: &Url,
    token: &Zeroizing<String>,
    software: Software<'_>,
    now: Timestamp,
) -> Result<Account, RegistrationError> {
    let server = server.as_str().trim_end_matches('/');
    let request = json(&Initialize {
        token,
        hardware_brand: "Postern",
        hardware_model: "Kiosk",
        os_name: software.os,
        software_brand: "Postern",
        software_version: software.version,
    })?;
    let call = Call::Post(&request);
    let answer = ask(transport, server, "/api/v1/device/initialize", call, None).await?;
    if answer.status == 400 {
        return Err(RegistrationError::Token);
    }
    let mut initialized: Initialized = read(&answer, "api_token")?;
    Ok(Account {
        url: server.to_owned(),
        organizer: std::mem::take(&mut initialized.organizer),
        name: std::mem::take(&mut initialized.name),
        api_token: std::mem::take(&mut initialized.api_token),
        place: None,
        key_since: Some(now),
        rolling: None,
    })
}

/// The lists of all events that this kiosk may check in to.
pub async fn places(
    transport: &Transport,
    account: &Account,
) -> Result<Vec<Place>, RegistrationError> {
    let server = Server { transport, account };
    let events = format!("/api/v1/organizers/{}/events/", account.organizer);
    let mut places = Vec::new();
    for Event { slug } in server.all::<Event>(&events, "events").await? {
        let path = format!("{events}{slug}/checkinlists/");
        let lists: Vec<List> = server.all(&path, "checkinlists").await?;
        places.extend(lists.into_iter().map(|list| Place {
            event: slug.clone(),
            list: list.id,
            list_name: list.name,
        }));
    }
    Ok(places)
}

/// Tells the server that this account's key shall not count any more, as an organiser does who
/// revokes the device.
pub async fn revoke(transport: &Transport, account: &Account) -> Result<(), RegistrationError> {
    let server = Server { transport, account };
    match server.call("/api/v1/device/revoke", Call::Post(b"{}")).await {
        Ok(answer) => read::<IgnoredAny>(&answer, "device").map(drop),
        // That is what was asked for.
        Err(RegistrationError::Revoked) => Ok(()),
        Err(error) => Err(error),
    }
}
