//! Heads of the kiosk's audit log, kept at the server where nobody at the kiosk can take one back.
//!
//! The server has no field for them. It keeps what a device says of its system, shows the last of
//! it to the organiser's own programs, and writes each into its log of the device. A head in one
//! line fits there: name, size, hash, time and signature, with spaces between them.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use transport::{Call, Transport};
use zeroize::Zeroizing;

use super::{Account, Server, Software, ask, read};
use crate::RegistrationError;

/// Longest text in that field.
const FIELD: usize = 190;

#[derive(Serialize)]
struct Update<'a> {
    hardware_brand: &'a str,
    hardware_model: &'a str,
    os_name: &'a str,
    os_version: &'a str,
    software_brand: &'a str,
    software_version: &'a str,
}

#[derive(Deserialize)]
struct Info {
    device: Known,
}

#[derive(Deserialize)]
struct Known {
    device_id: u64,
}

#[derive(Deserialize)]
struct Device {
    os_version: Option<String>,
}

impl Server<'_> {
    /// Tells the head of the audit log, a signed note.
    pub(super) async fn tell_head(
        &self,
        head: &str,
        software: Software<'_>,
    ) -> Result<(), RegistrationError> {
        let line = line(head).ok_or(RegistrationError::field("the head"))?;
        let update = Update {
            hardware_brand: "Postern",
            hardware_model: "Kiosk",
            os_name: software.os,
            os_version: &line,
            software_brand: "Postern",
            software_version: software.version,
        };
        let answer = self.post("/api/v1/device/update", &update).await?;
        read::<serde::de::IgnoredAny>(&answer, "device").map(drop)
    }

    /// The number under which the server knows this device.
    pub async fn number(&self) -> Result<u64, RegistrationError> {
        let info: Info = self.get("/api/v1/device/info", "device").await?;
        Ok(info.device.device_id)
    }
}

/// The head that the server had last from a device, as a signed note; none if it never had one.
/// `token`: of a team of the organiser that may see devices. A device may not read it.
pub async fn kept_head(
    transport: &Transport,
    account: &Account,
    token: &str,
    device: u64,
) -> Result<Option<String>, RegistrationError> {
    let path = format!("/api/v1/organizers/{}/devices/{device}/", account.organizer);
    let authorization = Zeroizing::new(format!("Token {token}"));
    let answer = ask(transport, &account.url, &path, Call::Get, Some(&authorization)).await?;
    let device: Device = read(&answer, "device")?;
    Ok(device.os_version.as_deref().and_then(note))
}

/// A head as one line.
fn line(note: &str) -> Option<String> {
    let mut lines = note.lines();
    let name = lines.next()?.strip_suffix("/audit")?;
    let [size, hash, at] = [lines.next()?, lines.next()?, lines.next()?];
    let signature = lines.nth(1)?.rsplit(' ').next()?;
    let line = [name, size, hash, at, signature].join(" ");
    (line.len() <= FIELD).then_some(line)
}

/// The head of such a line. What is none gives none; whether it is signed is for others to ask.
fn note(line: &str) -> Option<String> {
    let parts: Vec<_> = line.split(' ').collect();
    let [name, size, hash, at, signature] = parts[..] else { return None };
    BASE64.decode(signature.as_bytes()).ok()?;
    Some(format!("{name}/audit\n{size}\n{hash}\n{at}\n\n— {name} {signature}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_the_same_again_after_its_way_through_one_line() {
        let signature = BASE64.encode(&[7; 68]);
        let hash = BASE64.encode(&[3; 32]);
        let head = format!(
            "postern-56475aa7/audit\n9999999999\n{hash}\n2026-11-05T09:00:00.123Z\n\n\
             — postern-56475aa7 {signature}\n"
        );
        let written = line(&head);
        assert!(written.as_ref().is_some_and(|line| line.len() <= FIELD));
        assert_eq!(written.as_deref().and_then(note), Some(head));
        for other in ["", "12", "Debian 12 (bookworm)", "a b c d e f"] {
            assert_eq!(note(other), None, "{other}");
        }
    }
}
