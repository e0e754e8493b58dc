//! `postern staff`: who may sign in at this kiosk.

use clap::{Subcommand, ValueEnum};
use store::Role;

use super::pin;
use crate::clock::Clock;
use crate::config::Config;

/// Members of staff.
#[derive(Subcommand)]
pub(crate) enum Staff {
    /// Add a member of staff. The PIN is read from standard input.
    Add {
        /// Number that the member of staff types, 1 to 99999.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=99_999))]
        number: u32,
        /// What the member of staff may do.
        #[arg(long, value_enum, default_value = "guard")]
        role: RoleArgument,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArgument {
    /// Admits and denies.
    Guard,
    /// As a guard; also looks after the kiosk.
    Technician,
}

impl Staff {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let Self::Add { number, role } = self;
        let pin = pin::ask("PIN")?;
        let role = match role {
            RoleArgument::Guard => Role::Guard,
            RoleArgument::Technician => Role::Technician,
        };
        let mut store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        store.add_staff(*number, &pin, role, now)?;
        say(&format!("Staff {number} may sign in at this kiosk."));
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}
