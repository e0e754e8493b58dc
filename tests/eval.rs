//! `postern eval` as a technician runs it: lists in, figures out, and bad rows that are told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use serde_json::Value;

use crate::support::{expect_refusal, expect_success, models, pictures, postern};

/// Demonstration pictures with the rows (of their height) that a camera at the kiosk sees.
const SEEN: [(&str, f32, f32); 4] = [
    ("obama.jpg", 0.0, 0.75),
    ("obama2.jpg", 0.10, 0.62),
    ("obama3.jpg", 0.04, 0.38),
    ("biden.jpg", 0.01, 0.38),
];

/// A picture as the kiosk's camera would see the person: 640×480.
fn camera_frame(name: &str, from: f32, to: f32) -> RgbImage {
    let photo = image::open(pictures().join(name)).unwrap().to_rgb8();
    let (width, height) = photo.dimensions();
    let rows = (height as f32 * (to - from)) as u32;
    let seen = imageops::crop_imm(&photo, 0, (height as f32 * from) as u32, width, rows).to_image();
    let across = (width as f32 * 480.0 / rows as f32) as u32;
    let seen = imageops::resize(&seen, across, 480, FilterType::Triangle);
    let mut frame = RgbImage::from_pixel(640, 480, Rgb([120, 125, 130]));
    imageops::overlay(&mut frame, &seen, (640 - i64::from(across)) / 2, 0);
    frame
}

/// A folder with the pictures, their frames (`frame-…`), a sequence, a video's stand-in and a
/// picture of a telephone that shows one of them.
fn data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, from, to) in SEEN {
        fs::copy(pictures().join(name), at(name)).unwrap();
        let frame = camera_frame(name, from, to);
        frame.save(at(&format!("frame-{}", name.replace("jpg", "png")))).unwrap();
    }
    fs::copy(pictures().join("astronaut.png"), at("astronaut.png")).unwrap();
    fs::write(at("text.jpg"), "this is no picture").unwrap();
    RgbImage::from_pixel(640, 480, Rgb([90, 100, 110])).save(at("wall.png")).unwrap();
    fs::create_dir(at("burst")).unwrap();
    let frame = camera_frame("obama2.jpg", 0.10, 0.62);
    for i in 0..10 {
        let mut moved = frame.clone();
        imageops::overlay(&mut moved, &frame, i % 5 - 2, 0);
        moved.save(at(&format!("burst/{i:02}.png"))).unwrap();
    }
    let mut phone = RgbImage::from_pixel(640, 480, Rgb([150, 150, 150]));
    let bezel = RgbImage::from_pixel(400, 440, Rgb([10, 10, 10]));
    imageops::overlay(&mut phone, &bezel, 120, 20);
    let shown = imageops::crop_imm(&frame, 140, 0, 360, 480).to_image();
    let shown = imageops::resize(&shown, 300, 400, FilterType::Triangle);
    imageops::overlay(&mut phone, &shown, 170, 40);
    phone.save(at("phone.png")).unwrap();
    folder
}

fn eval(folder: &Path, arguments: &[&str]) -> (Output, Value) {
    let json = folder.join("figures.json");
    let mut all = vec!["eval", "--root", folder.to_str().unwrap()];
    all.extend(["--json", json.to_str().unwrap()]);
    let models = models();
    all.extend(["--models", models.to_str().unwrap()]);
    all.extend(arguments);
    let output = postern(all);
    let figures = fs::read(&json).ok();
    let figures = figures.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
    (output, figures)
}

fn list(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

const PAIRS: &str = "file_a,file_b,same,group,camera\n\
    obama.jpg,frame-obama2.png,1,indoor,x\n\
    obama.jpg,frame-obama3.png,yes,indoor,x\n\
    obama2.jpg,frame-obama.png,TRUE,outdoor,x\n\
    obama.jpg,burst,1,outdoor,x\n\
    biden.jpg,frame-obama2.png,0,indoor,x\n\
    biden.jpg,burst,no,indoor,x\n\
    obama.jpg,frame-biden.png,false,outdoor,x\n\
    astronaut.png,frame-obama2.png,0,outdoor,x\n\
    biden.jpg,wall.png,0,outdoor,x\n\
    obama.jpg,nowhere.png,1,outdoor,x\n\
    text.jpg,frame-obama.png,0,outdoor,x\n\
    obama.jpg,frame-biden.png,perhaps,outdoor,x\n\
    obama.jpg,,1,outdoor,x\n";

#[test]
fn l5_pairs_and_attacks_give_rates_with_their_counts() {
    let folder = data();
    let pairs = list(folder.path(), "pairs.csv", PAIRS);
    let attacks = list(
        folder.path(),
        "attacks.csv",
        "file,label,group\nframe-obama2.png,live,x\nframe-obama3.png,live,y\nburst,Live,x\n\
         wall.png,live,y\nphone.png,screen,x\nphone.png,screen,y\nnowhere.mp3,print,x\n,print,y\n",
    );
    let page = folder.path().join("page.html");
    let scores = folder.path().join("scores.csv");
    let arguments = [
        "--pairs",
        pairs.to_str().unwrap(),
        "--attacks",
        attacks.to_str().unwrap(),
        "--html",
        page.to_str().unwrap(),
        "--scores",
        scores.to_str().unwrap(),
        "--fmr",
        "1e-3",
    ];
    let (output, figures) = eval(folder.path(), &arguments);
    expect_success(&output);

    // The persons of the demonstration are told apart, at the kiosk's threshold as well.
    assert_eq!(figures["comparisons"]["genuine"], 4);
    assert_eq!(figures["comparisons"]["impostor"], 4);
    assert_eq!(figures["comparisons"]["total"], 8);
    assert_eq!(figures["comparisons"]["genuine_not_acquired"], 1);
    assert_eq!(figures["comparisons"]["impostor_not_acquired"], 2);
    for key in ["fmr", "fnmr", "kiosk_fmr", "kiosk_fnmr"] {
        assert_eq!(figures[key], 0.0, "{key}");
    }
    assert_eq!(figures["frr"], 0.2, "one of five genuine pairs was not acquired");
    // Four comparisons support nothing, so the kiosk's own threshold stands.
    assert_eq!(figures["threshold"], figures["kiosk_threshold"]);
    assert_eq!(figures["threshold_from"], "kiosk");
    assert_eq!(figures["limits_from"], "default");
    assert_eq!(figures["recommendation"]["supported"], false);
    assert_eq!(figures["recommendation"]["needed"], 3_000);
    // Seven probes; the wall shows nobody and one is missing.
    assert_eq!(figures["probes"]["files"], 7);
    assert_eq!(figures["fta"], 2.0 / 7.0);
    assert_eq!(figures["probes"]["reasons"]["missing"], 1);
    assert_eq!(figures["probes"]["reasons"]["no_face"], 1);
    assert_eq!(figures["references"]["reasons"]["not_a_picture"], 1);
    assert_eq!(figures["groups"]["indoor"]["comparisons"]["total"], 4);
    assert_eq!(figures["groups"]["outdoor"]["comparisons"]["genuine"], 2);
    let refused = &figures["rows"]["pairs"]["refused"];
    assert_eq!(refused[0]["line"], 13);
    assert_eq!(refused[0]["reason"], "same_is_neither_yes_nor_no");
    assert_eq!(refused[1]["reason"], "no_file");
    assert_eq!(figures["rows"]["pairs"]["ignored_columns"][0], "camera");

    // Presentations, whatever the engine thinks of them, are all accounted for.
    assert_eq!(figures["live"]["presentations"], 4);
    assert_eq!(figures["live"]["not_acquired"], 1);
    assert_eq!(figures["bpcer"], 0.0);
    assert_eq!(figures["attacks"]["screen"]["presentations"], 2);
    let screens = &figures["attacks"]["screen"];
    let taken = ["bona_fide", "suspected", "challenged", "not_acquired"].map(|key| &screens[key]);
    assert!(taken.contains(&&Value::from(2)), "the same picture twice: {screens}");
    assert_eq!(figures["apcer_worst"], figures["apcer"]["screen"]);
    assert_eq!(figures["apcer"]["print"], Value::Null);
    assert_eq!(figures["attacks"]["print"]["reasons"]["missing"], 1);
    assert_eq!(figures["attack_groups"]["y"]["live"]["presentations"], 2);

    let said = String::from_utf8(output.stdout).unwrap();
    for wanted in ["line 13", "camera", "cannot support FMR 0.001", "BPCER", "APCER screen"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(String::from_utf8(output.stderr).unwrap().contains("left"), "progress");
    assert_page(&fs::read_to_string(&page).unwrap());
    let rows = fs::read_to_string(&scores).unwrap();
    assert_eq!(rows.lines().count(), 12, "{rows}");
    assert!(rows.contains("12,text.jpg,frame-obama.png,0,outdoor,,not_a_picture"), "{rows}");

    let before = fs::read(folder.path().join("figures.json")).unwrap();
    let (_, _) = eval(folder.path(), &arguments);
    let after = fs::read(folder.path().join("figures.json")).unwrap();
    assert_eq!(before, after, "the same figures in every run");
}

/// The template model of the manifest.
const OURS: &str = "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581";

#[test]
fn l5_a_kiosks_limits_are_used_but_not_the_threshold_of_another_model() {
    let folder = data();
    let pairs = list(folder.path(), "pairs.csv", PAIRS);
    let (config, page) = (folder.path().join("kiosk.toml"), folder.path().join("page.html"));
    let kiosk = |model: &str| {
        let text = format!(
            "data_dir = '/nowhere'\nmodels_dir = '/nowhere'\n[quality]\nyaw_max = 31\n\
             [comparison]\nthreshold = 0.95\nthreshold_model = '{model}'\n"
        );
        fs::write(&config, text).unwrap();
        let arguments = ["--pairs", "--html", "--config"];
        let files = [&pairs, &page, &config];
        let arguments: Vec<&str> = arguments
            .into_iter()
            .zip(files)
            .flat_map(|(key, f)| [key, f.to_str().unwrap()])
            .collect();
        let (output, figures) = eval(folder.path(), &arguments);
        expect_success(&output);
        (String::from_utf8(output.stdout).unwrap(), figures, fs::read_to_string(&page).unwrap())
    };
    let (_, figures, page) = kiosk(OURS);
    assert_eq!(figures["model"], OURS);
    assert_eq!(figures["limits_from"], "kiosk");
    assert_eq!(figures["limits"]["quality"]["yaw_max"], 31.0);
    assert_eq!(figures["kiosk_threshold"], 0.95);
    assert_eq!(figures["kiosk_fnmr"], 1.0, "nobody is that much like their photo");
    assert!(page.contains("limits of the kiosk's configuration") && page.contains("0.9500"));

    let other = "0".repeat(64);
    let (said, figures, page) = kiosk(&other);
    assert_eq!(figures["threshold_from"], "uncalibrated");
    for key in ["kiosk_threshold", "kiosk_fmr", "kiosk", "threshold", "fmr", "fnmr"] {
        assert_eq!(figures[key], Value::Null, "{key}");
    }
    assert_eq!(figures["comparisons"]["total"], 8);
    assert!(page.contains("has no threshold yet") && page.contains(&other));
    assert!(!page.contains("0.9500") && !said.contains("0.95"), "{said}");
    assert!(said.contains(OURS) && said.contains(&other), "{said}");
}

/// One page with its plots inside, which loads and runs nothing.
fn assert_page(page: &str) {
    assert_eq!(page.matches("<svg").count(), 2);
    for wanted in ["DET plot", "Score histogram", "indoor", "BPCER", "do not support FMR 0.1 %"] {
        assert!(page.contains(wanted), "{wanted}");
    }
    for unwanted in ["<script", "http://", "https://", "src=", "NaN", "inf"] {
        let found = page.find(unwanted).map(|at| &page[at..(at + 60).min(page.len())]);
        let word = found.is_some_and(|text| !text.starts_with("info"));
        assert!(!word, "{unwanted}: {found:?}");
    }
}

#[test]
fn a_folder_of_persons_is_evaluated_without_a_list() {
    let folder = data();
    let persons = folder.path().join("persons");
    for (person, picture) in [
        ("a", "obama.jpg"),
        ("a", "obama2.jpg"),
        ("a", "obama3.jpg"),
        ("b", "biden.jpg"),
        ("c", "astronaut.png"),
    ] {
        fs::create_dir_all(persons.join(person)).unwrap();
        fs::copy(pictures().join(picture), persons.join(person).join(picture)).unwrap();
    }
    let (output, figures) = eval(folder.path(), &["--folder", persons.to_str().unwrap()]);
    expect_success(&output);
    let count = |key: &str| figures["comparisons"][key].as_u64().unwrap();
    assert_eq!(count("genuine") + count("genuine_not_acquired"), 3);
    assert_eq!(count("impostor") + count("impostor_not_acquired"), 7);
    assert_eq!(figures["subjects"], 3);
    assert_eq!(figures["fnmr"], 0.0);
    assert_eq!(figures["apcer"].as_object().unwrap().len(), 0);
}

#[test]
fn videos_are_decoded_by_the_named_program_and_its_absence_is_told() {
    let folder = data();
    fs::write(folder.path().join("clip.mp4"), "decoded by the stand-in below").unwrap();
    let pairs = list(
        folder.path(),
        "pairs.csv",
        "file_a,file_b,same\nobama.jpg,clip.mp4,1\nbiden.jpg,clip.mp4,0\n",
    );
    let (output, _) =
        eval(folder.path(), &["--pairs", pairs.to_str().unwrap(), "--ffmpeg", "/nowhere/ffmpeg"]);
    let word = expect_refusal(&output);
    assert!(word.contains("/nowhere/ffmpeg") && word.contains("apt install ffmpeg"), "{word}");

    // A program that answers as ffmpeg does: uncompressed frames on its output.
    let frames = folder.path().join("frames.ppm");
    let frame = camera_frame("obama2.jpg", 0.10, 0.62);
    let one = [b"P6\n640 480\n255\n".as_slice(), frame.as_raw()].concat();
    fs::write(&frames, one.repeat(4)).unwrap();
    let program = folder.path().join("decoder");
    let script =
        format!("#!/bin/sh\ncase \"$*\" in *file:*clip.mp4*) cat '{}';; esac\n", frames.display());
    fs::write(&program, script).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, executable).unwrap();
    let (output, figures) = eval(
        folder.path(),
        &["--pairs", pairs.to_str().unwrap(), "--ffmpeg", program.to_str().unwrap()],
    );
    expect_success(&output);
    assert_eq!(figures["comparisons"]["total"], 2);
    assert_eq!((&figures["fmr"], &figures["fnmr"]), (&Value::from(0.0), &Value::from(0.0)));
}

#[test]
fn lists_that_cannot_be_used_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("", "no column file_a"),
        ("file_a,file_b,label\na,b,1\n", "no column same"),
        ("file_a,file_b,same\n", "no usable row"),
        ("file_a,file_b,same\na,b,x\n", "line 2"),
    ] {
        let pairs = list(folder.path(), "pairs.csv", text);
        let (output, _) = eval(folder.path(), &["--pairs", pairs.to_str().unwrap()]);
        let word = expect_refusal(&output);
        assert!(word.contains(expected) && word.contains("pairs.csv"), "{word}");
    }
    for (arguments, expected) in [
        (&[][..], "--pairs, --folder or --attacks"),
        (&["--pairs", "/nowhere/pairs.csv"], "/nowhere/pairs.csv cannot be read"),
        (&["--folder", folder.path().to_str().unwrap()], "makes no pair"),
        (&["--attacks", "x.csv", "--fmr", "1.5"], "above 0 and below 1"),
    ] {
        let word = expect_refusal(&eval(folder.path(), arguments).0);
        assert!(word.contains(expected), "{word}");
    }
}
