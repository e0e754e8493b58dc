//! The screens: npm, svelte-check, vitest, vite.

use anyhow::Result;

use crate::{
    places::Places,
    run::{npm, program, quietly, run, step},
    stamp::Stamped,
};

/// What npm and vite make themselves.
const MADE: &[&str] = &["node_modules", "dist"];

/// Installs the packages of the lock file.
pub(crate) fn install(places: &Places) -> Result<()> {
    step("screens: packages", || {
        let ui = places.ui();
        let node = quietly(program("node", &ui).arg("--version"))?;
        let packages = Stamped {
            name: "screens-packages",
            inputs: vec![ui.join("package.json"), ui.join("package-lock.json")],
            without: &[],
            // Some packages are compiled for one Node.
            salt: String::from_utf8_lossy(&node).trim().to_owned(),
            outputs: vec![ui.join("node_modules/.package-lock.json")],
        };
        packages.unless_current(places, || {
            run(npm(&ui).args(["ci", "--no-fund", "--no-audit", "--loglevel=error"]))
        })?;
        Ok(())
    })
}

/// Checks the types of the screens.
pub(crate) fn check(places: &Places) -> Result<()> {
    step("screens: types", || {
        let work = || run(npm(&places.ui()).args(["run", "--silent", "check"]));
        sources(places, "screens-types").unless_current(places, work)?;
        Ok(())
    })
}

/// Runs the tests of the screens, every time.
pub(crate) fn test(places: &Places) -> Result<()> {
    step("screens: tests", || run(npm(&places.ui()).args(["run", "--silent", "test"])))
}

/// Builds `ui/dist`, which the app carries inside.
pub(crate) fn build(places: &Places) -> Result<()> {
    step("screens: build", || {
        let mut sources = sources(places, "screens-build");
        sources.outputs = vec![places.ui().join("dist")];
        let work = || run(npm(&places.ui()).args(["run", "--silent", "build"]));
        sources.unless_current(places, work)?;
        Ok(())
    })
}

fn sources<'a>(places: &Places, name: &'a str) -> Stamped<'a> {
    Stamped {
        name,
        inputs: vec![places.ui(), places.root.join("assets/locales")],
        without: MADE,
        salt: String::new(),
        outputs: Vec::new(),
    }
}
