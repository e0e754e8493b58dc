//! Rules that the compiler does not know. Each has its reason beside it.

mod dependencies;
pub(crate) mod sources;
mod words;

use anyhow::{Result, bail};

use crate::{places::Places, policy, run::step};
use dependencies::Dependencies;
use sources::Sources;

/// Everything that the rules look at.
struct Checkout {
    sources: Sources,
    dependencies: Dependencies,
}

/// A rule that the checkout keeps.
struct Rule {
    /// What is promised.
    promise: &'static str,
    /// Why.
    reason: &'static str,
    /// The places that break it.
    breaches: fn(&Checkout) -> Result<Vec<String>>,
}

const RULES: &[Rule] = &[
    Rule {
        promise: "checkin depends on nothing that acts",
        reason: "the visit must be replayable: no I/O, no window, no network",
        breaches: |checkout| Ok(checkout.dependencies.banned("checkin", dependencies::NO_ACTION)),
    },
    Rule {
        promise: "biometrics depends on nothing that speaks to a network",
        reason: "probes, templates and scores never leave the device (C12)",
        breaches: |checkout| {
            Ok(checkout.dependencies.banned("biometrics", dependencies::NO_NETWORK))
        },
    },
    Rule {
        promise: "each crate uses only the crates that ARCHITECTURE.md allows it",
        reason: "the promises of the whole rest on who can reach what",
        breaches: |checkout| Ok(checkout.dependencies.forbidden_edges()),
    },
    Rule {
        promise: "the app names neither face nor camera",
        reason: "frames, templates and scores exist in the worker only",
        breaches: |checkout| Ok(words::app_names_biometrics(&checkout.sources)),
    },
    Rule {
        promise: "in the screens only ui/src/ipc imports @tauri-apps/api",
        reason: "one place to see what the screens can ask for",
        breaches: |checkout| Ok(words::tauri_outside_ipc(&checkout.sources)),
    },
    Rule {
        promise: "no source file is longer than 600 lines",
        reason: "a file holds one subject",
        breaches: |checkout| Ok(words::long_files(&checkout.sources)),
    },
    Rule {
        promise: "no weights and no photographs are committed",
        reason: "they are fetched and verified; pictures of people do not belong in history",
        breaches: |checkout| Ok(words::committed_data(&checkout.sources)),
    },
    Rule {
        promise: "nothing is left to do and no test is skipped",
        reason: "what is not done is written in an issue, not in the code",
        breaches: |checkout| Ok(words::unfinished(&checkout.sources)),
    },
    Rule {
        promise: "every policy id in a test's name exists",
        reason: "a mistyped id would be missing from the coverage page without a word",
        breaches: |checkout| {
            let clauses = policy::clauses()?;
            Ok(words::unknown_ids(&policy::proofs(&checkout.sources), &clauses))
        },
    },
];

/// Checks all rules and names every breach.
pub(crate) fn tidy(places: &Places) -> Result<()> {
    step("tidy", || {
        let checkout =
            Checkout { sources: Sources::read(places)?, dependencies: Dependencies::read(places)? };
        let mut broken = 0;
        for rule in RULES {
            let breaches = (rule.breaches)(&checkout)?;
            if breaches.is_empty() {
                continue;
            }
            broken += 1;
            println!("    broken: {} ({})", rule.promise, rule.reason);
            for breach in breaches {
                println!("      {breach}");
            }
        }
        if broken > 0 {
            bail!("{broken} of {} rules are broken", RULES.len());
        }
        Ok(())
    })
}
