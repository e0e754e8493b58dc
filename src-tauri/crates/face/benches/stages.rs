//! `cargo bench -p face`: each stage of a frame, and the whole.
#![allow(missing_docs, reason = "Criterion's macros make functions without")]

use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use face::{Engine, Stages, decode_picture};
use image::imageops::{FilterType, resize};

/// A folder that `cargo xtask fetch` fills.
fn fetched(name: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    cache.unwrap_or_else(home).join("postern").join(name)
}

fn stages(criterion: &mut Criterion) {
    let bytes = std::fs::read(fetched("pictures").join("obama.jpg"));
    let bytes = bytes.unwrap_or_else(|error| panic!("run `cargo xtask fetch`: {error}"));
    let engine = Engine::load(&fetched("models"));
    let engine = engine.unwrap_or_else(|error| panic!("run `cargo xtask fetch`: {error}"));
    criterion.bench_function("decode", |bencher| bencher.iter(|| decode_picture(&bytes)));
    let Ok(picture) = decode_picture(&bytes) else { panic!("the picture decodes") };
    // As large as a frame of the camera.
    let frame = resize(picture.image(), 640, 480, FilterType::Triangle);
    let Ok(Some(stages)) = Stages::new(&engine, &frame) else { panic!("the picture has a face") };
    criterion.bench_function("resize", |bencher| bencher.iter(|| stages.resize()));
    criterion.bench_function("align", |bencher| bencher.iter(|| stages.align()));
    criterion.bench_function("detector", |bencher| bencher.iter(|| stages.detector()));
    criterion.bench_function("template", |bencher| bencher.iter(|| stages.template()));
    criterion.bench_function("attack", |bencher| bencher.iter(|| stages.attack()));
    criterion.bench_function("landmarks", |bencher| bencher.iter(|| stages.landmarks()));
    criterion.bench_function("eyes", |bencher| bencher.iter(|| stages.eyes()));
    criterion.bench_function("surface", |bencher| bencher.iter(|| stages.surface()));
    criterion.bench_function("whole", |bencher| bencher.iter(|| stages.whole()));
}

criterion_group!(benches, stages);
criterion_main!(benches);
