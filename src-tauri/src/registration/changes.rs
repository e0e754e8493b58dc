//! Reads the roster from the platform, and what has changed of it.

use platform::{Begun, Cursor, Pulled, RegistrationError};
use store::ReadFrom;

use super::Registration;
use super::desk::{Desk, Stopped};
use crate::controller::Input;

impl Registration {
    /// Brings the roster up to date: who is new, who has changed, and who is gone (C35, C36).
    /// Between two pages check-ins go first. True when there is more to read: the platform has no
    /// time for it now.
    pub(super) async fn read_changes(&self, desk: &Desk) -> Result<bool, Stopped> {
        if let Some(salt) = self.platform.salt()? {
            match desk.begin_roster(salt).await? {
                Begun::Before => {}
                Begun::Now => desk.show_roster().await?,
                Begun::NoPolicy => {
                    let what = "no roster: import the policy pack with `postern policy import`";
                    return desk.tell(Input::Incident(what.to_owned())).await.map(|()| false);
                }
            }
        }
        let (mut news, mut more) = (false, false);
        loop {
            let (loaded, from) = desk.read_from().await?;
            let from = match from {
                None => Cursor::default(),
                Some(ReadFrom::Change(at)) => self.platform.since(at),
                Some(ReadFrom::Cursor(cursor)) => Cursor(cursor),
            };
            let pulled = match self.platform.pull(&from, loaded.as_ref(), desk.clock.now()).await {
                Err(RegistrationError::Unexpected { status: 403 }) => {
                    let what = "the platform does not tell this kiosk of its attendees: give the \
                                device the profile pretixSCAN, or load signed lists";
                    return desk.tell(Input::Incident(what.to_owned())).await.map(|()| false);
                }
                Err(RegistrationError::Cursor) => {
                    desk.read_anew().await?;
                    continue;
                }
                pulled => pulled?,
            };
            let changes = match pulled {
                Pulled::Nothing => break,
                Pulled::Changes(changes) => changes,
                Pulled::Bundle(path) => {
                    desk.load(path).await?;
                    break;
                }
            };
            more = changes.more;
            news |= !changes.arrivals.is_empty() || !changes.gone.is_empty();
            desk.apply(changes).await?;
            if !(more && self.has_time(desk).await?) {
                break;
            }
        }
        if news {
            desk.show_roster().await?;
        }
        Ok(more)
    }
}
