//! Asks the platform what has changed.

use platform::RegistrationError;
use platform::pretix::Asked;

use super::Registration;
use super::desk::{Desk, Stopped};
use crate::controller::Input;

impl Registration {
    /// Removes whoever is gone at the platform since it was asked last (C35, C36). Between two
    /// answers check-ins go first.
    pub(super) async fn ask_who_is_gone(&self, desk: &Desk) -> Result<(), Stopped> {
        let mut asked = desk.asked_until().await?.map(Asked::from);
        while let Some(here) = asked {
            let gone = match self.pretix.gone(here, desk.clock.now()).await {
                Err(RegistrationError::Unexpected { status: 403 }) => {
                    let what = "the platform does not tell this kiosk who is gone: give the \
                                device the profile pretixSCAN, or load signed lists";
                    return desk.tell(Input::Incident(what.to_owned())).await;
                }
                gone => gone?,
            };
            asked = gone.next;
            desk.bury(gone).await?;
            self.tell_all(desk).await?;
        }
        Ok(())
    }
}
