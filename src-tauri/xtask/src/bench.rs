//! `cargo xtask bench`: speed and memory of the release build, as a table and as JSON.

use std::{collections::BTreeMap, env, fs, process::Command};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    demo::{Prepared, REFERENCE, build, policy_folder},
    fetch, packages, pip,
    places::Places,
    run::{WORKSPACE, cargo, program, python, quietly, step},
    screens,
};

/// How often everything is run in the comparison. The engine can compare 63 frames in one visit.
const ROUNDS: &str = "40";

/// Each measures one subject.
const EXAMPLES: [&str; 3] = ["frame_to_decision", "roster_scale", "venue_rush"];

/// Kiosks of the rush, and how many visits each has in a minute.
const RUSH: (&str, &str) = ("200", "2.5");
/// With this variable the rush lasts other than ten minutes.
const MINUTES: &str = "POSTERN_BENCH_MINUTES";
/// Visitors who are registered, and of them those who come while there is no network.
const DAY: (&str, &str) = ("10000", "5000");

/// Figures by name. The unit is part of the name.
type Figures = BTreeMap<String, f64>;

/// Measures, prints the table and writes `target/bench.json`.
pub(crate) fn bench(places: &Places) -> Result<()> {
    packages::setup()?;
    fetch::fetch(places)?;
    screens::install(places)?;
    screens::build(places)?;
    pip::pretix(places)?;
    build(places, "release", &EXAMPLES)?;
    let kiosk = Prepared::provide(places, "release")?;
    let mut figures = Figures::new();
    let example = &places.target.join("release/examples/frame_to_decision");
    let camera = &places.output().join("bench-camera");
    kiosk.replay(places, camera)?;
    step("frame to decision", || {
        let output = quietly(
            program(example, &places.root)
                .arg(places.models())
                .arg(places.pictures().join(REFERENCE))
                .arg(camera),
        )?;
        figures.extend(
            figures_in(&String::from_utf8_lossy(&output))
                .context("frame_to_decision printed no figures")?,
        );
        Ok(())
    })?;
    step("beside ONNX Runtime and OpenCV", || {
        let packages = pip::comparison(places)?;
        let output = quietly(
            python(&places.root)
                .arg(places.root.join("src-tauri/xtask/src/compare.py"))
                .arg(places.models())
                .arg(ROUNDS)
                .arg(example)
                .arg(places.models())
                .arg(places.pictures().join(REFERENCE))
                .arg(camera)
                .arg("--serve")
                .env("PYTHONPATH", packages),
        )?;
        figures.extend(
            figures_in(&String::from_utf8_lossy(&output))
                .context("compare.py printed no figures")?,
        );
        Ok(())
    })?;
    step("start, preview and memory", || {
        let mut command = kiosk.walkthrough(places, "bench", &places.output().join("demo"));
        let output = quietly(&mut command)?;
        figures.extend(
            figures_in(&String::from_utf8_lossy(&output))
                .context("walkthrough printed no figures")?,
        );
        Ok(())
    })?;
    at_scale(places, &mut figures)?;
    println!("\n{}", machine(places));
    for (name, value) in &figures {
        let digits = if name.starts_with("ratio") { 2 } else { 1 };
        println!("  {name:<44} {value:>10.digits$}");
    }
    let path = places.output().join("bench.json");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, serde_json::to_string_pretty(&figures)? + "\n")
        .context("writing target/bench.json")?;
    println!("\nWritten to {}", path.display());
    Ok(())
}

/// A roster of a million, the rush of a venue, and a day without a network (docs/scale.md).
fn at_scale(places: &Places, figures: &mut Figures) -> Result<()> {
    let example =
        |name: &str| program(places.target.join("release/examples").join(name), &places.root);
    let mut measure = |name: &str, command: &mut Command| {
        step(name, || {
            let output = quietly(command)?;
            let of_step = figures_in(&String::from_utf8_lossy(&output));
            figures.extend(of_step.with_context(|| format!("{name}: no figures"))?);
            Ok(())
        })
    };
    let photo = places.pictures().join(REFERENCE);
    let mut roster = example("roster_scale");
    measure("a roster of a million", roster.arg(policy_folder(places)).arg(photo))?;
    let minutes = env::var(MINUTES).unwrap_or_else(|_| "10".to_owned());
    let mut rush = example("venue_rush");
    measure("a rush at 200 kiosks", rush.args([RUSH.0, &minutes, RUSH.1]))?;
    let mut day = cargo(places);
    day.arg("test").args(WORKSPACE).args(["--package", "postern", "--lib", "--"]);
    day.args(["registration::tests::scale", "--nocapture"]);
    day.env("POSTERN_SCALE_VISITORS", DAY.0).env("POSTERN_SCALE_VISITS", DAY.1);
    measure("a day without a network", &mut day)
}

/// The numbers of the last line that is a JSON object.
fn figures_in(output: &str) -> Option<Figures> {
    let object = output.lines().rev().find_map(|line| match serde_json::from_str(line) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    })?;
    Some(object.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect())
}

/// What the figures were measured on.
fn machine(places: &Places) -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str, separator: char| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(separator)?.1.trim().trim_matches('"').to_owned())
    };
    let unknown = || "unknown".to_owned();
    let processor = field(&read("/proc/cpuinfo"), "model name", ':').unwrap_or_else(unknown);
    let memory = field(&read("/proc/meminfo"), "MemTotal", ':')
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or_else(unknown, |kib| format!("{} GiB", kib.div_ceil(1 << 20)));
    let system = field(&read("/etc/os-release"), "PRETTY_NAME", '=').unwrap_or_else(unknown);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rust = quietly(program("rustc", &places.root).arg("--version")).unwrap_or_default();
    format!(
        "{processor}, {cores} cores, {memory}, {system}, {}",
        String::from_utf8_lossy(&rust).trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_the_numbers_of_the_last_object() {
        let output = "warming up\n{\"old\": 1}\n{\"preview_fps\": 14.9, \"machine\": \"x\", \"n\": 3}\nbye\n";
        let figures = figures_in(output).unwrap_or_default();
        assert_eq!(
            figures,
            Figures::from([("preview_fps".to_owned(), 14.9), ("n".to_owned(), 3.0)])
        );
        assert_eq!(figures_in("none"), None);
    }
}
