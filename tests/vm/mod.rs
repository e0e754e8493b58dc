//! The camera path against a real V4L2 driver, in a guest machine.

mod descriptors;
mod guest;
mod initramfs;
mod kernel;
mod model;
mod usbredir;
mod webcam;

use anyhow::{Result, ensure};
use guest::case;

#[test]
fn c21_no_camera() -> Result<()> {
    let none = case("none")?;
    ensure!(none.status == 1, "{none:?}");
    Ok(())
}
