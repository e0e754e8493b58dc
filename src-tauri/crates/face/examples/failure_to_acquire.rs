//! Says how many pictures of a folder (with its subfolders) cannot serve as reference, by
//! reason.
//!
//! Use: `cargo run -p face --example failure_to_acquire -- MODELS FOLDER`.

#![expect(clippy::print_stdout, reason = "the result of the program")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use face::{Engine, decode_picture};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(models), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("use: failure_to_acquire MODELS FOLDER".into());
    };
    let engine = Engine::load(&models)?;
    let mut pictures = Vec::new();
    collect(&folder, &mut pictures)?;
    let mut reasons = BTreeMap::new();
    for picture in &pictures {
        let sample = decode_picture(&std::fs::read(picture)?);
        let reason = match sample.and_then(|sample| engine.enrol(&sample)) {
            Ok(_) => "usable",
            Err(problem) => problem.code(),
        };
        *reasons.entry(reason).or_insert(0) += 1;
    }
    println!("{} pictures", pictures.len());
    for (reason, count) in reasons {
        println!("{reason}: {count}");
    }
    Ok(())
}

fn collect(folder: &Path, pictures: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, pictures)?;
        } else {
            pictures.push(path);
        }
    }
    Ok(())
}
