//! Signing in at the command line, for what not everybody with this machine may do.

use anyhow::bail;
use jiff::Timestamp;
use store::{Pin, Role, SignIn, StaffMember, Store};

use crate::rights::{self, Action};

/// Where a PIN comes from.
pub(super) type Ask<'a> = dyn FnMut(&str) -> anyhow::Result<Pin> + 'a;

/// Asks for the PIN of this number. Whoever signs in must have the right to `action`.
pub(super) fn sign_in(
    store: &mut Store,
    number: u32,
    action: Action,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<StaffMember> {
    let whose = wanted(action).map_or_else(String::new, |role| format!("the {role}, "));
    let pin = ask(&format!("PIN of {whose}{number}"))?;
    match store.sign_in(number, &pin, None, now)? {
        SignIn::Accepted(member) if rights::may(Some(member.role), action) => Ok(member),
        SignIn::Accepted(_) => match wanted(action) {
            Some(role) => bail!("{number} is not a {role}"),
            None => bail!("{number} may not do this"),
        },
        SignIn::Refused { left } => {
            bail!("number and PIN of {number} do not belong together; {left} attempts are left")
        }
        SignIn::Locked { until } => bail!("{number} is locked until {}", local(until)),
    }
}

/// The only role with this right, in words.
fn wanted(action: Action) -> Option<&'static str> {
    let mut roles = Role::ALL.into_iter().filter(|role| rights::may(Some(*role), action));
    let role = roles.next().filter(|_| roles.next().is_none())?;
    Some(words(role))
}

/// A role in words.
pub(super) fn words(role: Role) -> &'static str {
    match role {
        Role::Guard => "guard",
        Role::Supervisor => "supervisor",
        Role::Technician => "technician",
        Role::DataProtectionOfficer => "data-protection officer",
    }
}

/// A time as the machine's clock shows it.
pub(super) fn local(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests;
