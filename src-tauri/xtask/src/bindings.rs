//! `ui/src/ipc/bindings.ts` from the view models.

use anyhow::Result;

use crate::{
    places::Places,
    run::{cargo, run, step},
};

/// The app's own test compares the file with the models; with this variable it writes the file.
const UPDATE: &str = "POSTERN_UPDATE_BINDINGS";

/// Writes the file anew.
pub(crate) fn generate(places: &Places) -> Result<()> {
    step("bindings", || {
        let arguments =
            ["test", "--package", "postern", "--lib", "--features", "custom-protocol", "bindings"];
        run(cargo(places).args(arguments).env(UPDATE, "1"))
    })
}
