//! `postern staff`: who may sign in at this kiosk.

use anyhow::{Context as _, ensure};
use audit::Actor;
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use store::{Role, Store};

use super::pin;
use super::signing_in::{Ask, sign_in};
use crate::clock::Clock;
use crate::config::Config;
use crate::rights::Action;

/// Members of staff. Once the kiosk has a supervisor, it takes one to change them. End the kiosk
/// first.
#[derive(Subcommand)]
pub(crate) enum Staff {
    /// Add a member of staff. The PIN is read from standard input, after the supervisor's.
    Add {
        /// Number that the member of staff types, 1 to 99999.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=99_999))]
        number: u32,
        /// What the member of staff may do.
        #[arg(long, value_enum, default_value = "guard")]
        role: RoleArgument,
        /// Number of the supervisor who adds.
        #[arg(long, value_name = "SUPERVISOR")]
        by: Option<u32>,
    },
    /// Remove a member of staff, who cannot sign in from then on.
    Remove {
        /// Number of the member of staff.
        #[arg(long)]
        number: u32,
        /// Number of the supervisor who removes.
        #[arg(long, value_name = "SUPERVISOR")]
        by: Option<u32>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArgument {
    /// Admits and denies.
    Guard,
    /// As a guard; adds and removes staff, and sees the kiosk's state.
    Supervisor,
    /// Looks after the kiosk; sees nothing of visitors.
    Technician,
    /// Reads the audit log, and hands over sealed evidence.
    DataProtectionOfficer,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Guard => Self::Guard,
            RoleArgument::Supervisor => Self::Supervisor,
            RoleArgument::Technician => Self::Technician,
            RoleArgument::DataProtectionOfficer => Self::DataProtectionOfficer,
        }
    }
}

impl Staff {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        match *self {
            Self::Add { number, role, by } => {
                let by = changes(&mut store, by, now, &mut pin::ask)?;
                store.add_staff(number, &pin::ask("PIN")?, role.into(), by, now)?;
                say(&format!("Staff {number} may sign in at this kiosk."));
            }
            Self::Remove { number, by } => {
                let by = changes(&mut store, by, now, &mut pin::ask)?;
                let removed = store.remove_staff(number, by, now)?;
                ensure!(removed, "there is no staff {number}");
                say(&format!("Staff {number} can no longer sign in."));
            }
        }
        Ok(())
    }
}

/// Who changes the staff: a supervisor, or the console as long as there is none.
pub(super) fn changes(
    store: &mut Store,
    by: Option<u32>,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<Actor> {
    if by.is_none() && !store.has_staff(Role::Supervisor, now)? {
        return Ok(Actor::Console);
    }
    let by = by.context("this kiosk has a supervisor, who has to do this: give --by NUMBER")?;
    Ok(sign_in(store, by, Action::ManageStaff, now, ask)?.into())
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}
