//! `cargo xtask test`: all checks and tests, and nothing that is not one.

use std::{collections::BTreeSet, time::Instant};

use anyhow::Result;

use crate::{
    fetch, packages, pip,
    places::Places,
    policy,
    results::Results,
    run::{Seconds, WORKSPACE, cargo, follow, run, step},
    screens, tidy,
};

/// Runs everything; the first failure ends it.
pub(crate) fn test(places: &Places) -> Result<()> {
    let start = Instant::now();
    packages::setup()?;
    fetch::fetch(places)?;
    pip::pretix(places)?;
    screens::install(places)?;
    screens::check(places)?;
    screens::test(places)?;
    screens::build(places)?;
    step("format", || run(cargo(places).args(["fmt", "--all", "--check"])))?;
    tidy::tidy(places)?;
    policy::policy(places, true)?;
    step("lints", || {
        run(cargo(places).arg("clippy").args(WORKSPACE).args([
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    })?;
    let tally = step("tests", || tests(places))?;
    let passed = policy::titles_of_screen_tests(places)?.into_iter().chain(tally.names);
    Results::of(places, passed.collect()).keep(places)?;
    println!(
        "\nAll passed: {} tests in {} suites; {} in all.",
        tally.passed,
        tally.suites,
        Seconds(start.elapsed())
    );
    Ok(())
}

fn tests(places: &Places) -> Result<Tally> {
    let mut tally = Tally::default();
    follow(
        cargo(places)
            .arg("test")
            .args(WORKSPACE)
            .arg("--no-fail-fast")
            // A failure's own words say where and what; backtraces of its executor hide them.
            .env("RUST_BACKTRACE", "0")
            .env("POSTERN_MODELS", places.models())
            .env("POSTERN_EXAMPLES", places.examples())
            .env("POSTERN_PICTURES", places.pictures()),
        |line| tally.count(line),
    )?;
    Ok(tally)
}

/// What the tests' own summaries add up to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u32,
    suites: u32,
    /// Of those that passed and name a clause, without their modules.
    names: BTreeSet<String>,
}

impl Tally {
    /// Takes a line such as `test a::c04_b ... ok` or `test result: ok. 12 passed; 0 failed; …`.
    fn count(&mut self, line: &str) {
        let test = line.trim().strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... ok"));
        if let Some(name) = test.and_then(|path| path.rsplit("::").next())
            && policy::names_a_clause(name)
        {
            self.names.insert(name.to_owned());
        }
        let Some(rest) = line.trim().strip_prefix("test result: ok. ") else { return };
        let Some(passed) = rest.split(' ').next().and_then(|number| number.parse::<u32>().ok())
        else {
            return;
        };
        self.passed += passed;
        self.suites += u32::from(passed > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_add_up_and_empty_suites_do_not_count() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test a ... ok",
            "test store::tests::c04_b ... ok",
            "test store::tests::c05_b ... FAILED",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
            "test result: ok. 0 passed; 0 failed; 0 ignored",
            "test result: FAILED. 1 passed; 1 failed",
            "test result: ok. 3 passed; 0 failed",
        ] {
            tally.count(line);
        }
        assert_eq!(tally, Tally { passed: 15, suites: 2, names: ["c04_b".to_owned()].into() });
    }
}
