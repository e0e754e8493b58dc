//! `ui/src/ipc/bindings.ts` from the view models.

use anyhow::Result;

use crate::{
    places::Places,
    run::{WORKSPACE, cargo, run, step},
};

/// The app's own test compares the file with the models; with this variable it writes the file.
const UPDATE: &str = "POSTERN_UPDATE_BINDINGS";

/// Writes the file anew.
pub(crate) fn generate(places: &Places) -> Result<()> {
    step("bindings", || {
        let mut command = cargo(places);
        command.arg("test").args(WORKSPACE).args(["--lib", "bindings_are_current"]);
        run(command.env(UPDATE, "1"))
    })
}
