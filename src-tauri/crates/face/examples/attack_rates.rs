//! Prints how attack detection takes recorded presentations: per species, how many it accepts
//! (APCER; for `live` the rest), suspects (for `live` BPCER), leaves to a challenge (APNRR, BPNRR)
//! and does not acquire.
//!
//! Use: `cargo run -p face --example attack_rates -- MODELS FOLDER [FPS]`. The folder has one folder
//! per species (`live` for bona fide presentations); in each, a picture is a presentation that
//! stands still, and a folder of pictures is a sequence of frames, 15 a second unless told.

#![expect(clippy::print_stdout, reason = "the result of the program")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use face::{Engine, Limits, PresentationDecision, decode_picture};

const DECISIONS: [PresentationDecision; 4] = [
    PresentationDecision::BonaFide,
    PresentationDecision::Suspected,
    PresentationDecision::NeedsChallenge,
    PresentationDecision::NotAcquired,
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(models), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("use: attack_rates MODELS FOLDER [FPS]".into());
    };
    let fps: f64 = match arguments.next() {
        Some(fps) => fps.to_string_lossy().parse()?,
        None => 15.0,
    };
    let engine = Engine::load(&models)?;
    let mut counts: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for species in entries(&folder)? {
        let name = species.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let of_species = counts.entry(name).or_default();
        for presentation in entries(&species)? {
            let pictures =
                if presentation.is_dir() { entries(&presentation)? } else { vec![presentation] };
            let decision = decide(&engine, &pictures, fps)?;
            if let Some(place) = DECISIONS.iter().position(|known| *known == decision) {
                of_species[place] += 1;
            }
        }
    }
    println!(
        "{:<16}{:>6}{:>9}{:>9}{:>9}{:>9}",
        "species", "count", "accept", "suspect", "ask", "none"
    );
    for (name, numbers) in counts {
        let count: usize = numbers.iter().sum();
        print!("{name:<16}{count:>6}");
        for number in numbers {
            print!("{:>8.1}%", 100.0 * number as f64 / count.max(1) as f64);
        }
        println!();
    }
    Ok(())
}

fn decide(
    engine: &Engine,
    pictures: &[PathBuf],
    fps: f64,
) -> Result<PresentationDecision, Box<dyn Error>> {
    // A picture that cannot be decoded is a frame that was lost.
    let frames = pictures.iter().enumerate().filter_map(|(index, path)| {
        let sample = decode_picture(&fs::read(path).ok()?).ok()?;
        Some((sample.image().clone(), Duration::from_secs_f64(index as f64 / fps)))
    });
    Ok(engine.present(&Limits::default(), frames)?)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        entries.push(entry?.path());
    }
    entries.sort();
    Ok(entries)
}
