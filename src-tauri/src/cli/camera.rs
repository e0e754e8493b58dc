//! `postern camera`: which cameras are there, and does the configured one deliver?

use anyhow::Context as _;
use clap::Args;

use crate::config::Config;

/// List the cameras and take a few frames from the configured one. Nothing is kept or shown.
#[derive(Args)]
pub(crate) struct Camera {
    /// Only list.
    #[arg(long)]
    list: bool,
    /// Frames to take.
    #[arg(long, default_value_t = 30)]
    frames: u32,
}

impl Camera {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let cameras = biometrics::list().context("the cameras cannot be listed")?;
        if cameras.is_empty() {
            println!("No camera found.");
        }
        for camera in &cameras {
            let kind = if camera.is_virtual { " (virtual)" } else { "" };
            println!("{}: {}{kind}", camera.index, camera.name);
        }
        if self.list {
            return Ok(());
        }
        let probe =
            biometrics::probe(&config.camera, self.frames).context("the configured camera")?;
        println!(
            "{}: {} {}x{}, {:.1} frames a second over {} frames",
            probe.name, probe.format, probe.width, probe.height, probe.fps, probe.frames
        );
        Ok(())
    }
}
