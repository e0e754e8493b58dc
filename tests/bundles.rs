//! Bad input to `postern bundle` and `postern import`: a clear word, and nothing lost.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::{
    Kiosk, Setup, bundle, codes, expect_refusal, expect_success, make_bundle, organiser_key,
    pictures, policy, postern, seal_code,
};

/// Counts and head of a kiosk's roster, to compare before and after.
fn roster(kiosk: &Kiosk) -> String {
    let store = kiosk.store();
    format!("{:?} {:?}", store.counts().unwrap(), store.roster().unwrap())
}

#[test]
fn a_bundle_that_was_altered_cut_or_signed_by_another_is_refused_and_changes_nothing() {
    let kiosk = Kiosk::new("obama2.jpg");
    let before = roster(&kiosk);
    let good = fs::read(bundle()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.bundle");
    let mut cases = Vec::new();
    for at in [40, good.len() / 3, good.len() / 2, good.len() - 10] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x20;
        cases.push(("altered", bytes));
    }
    for length in [0, 10, good.len() / 2, good.len() - 1] {
        cases.push(("cut", good[..length].to_vec()));
    }
    let mut longer = good.clone();
    longer.extend_from_slice(b"more");
    cases.push(("longer", longer));
    cases.push(("no bundle", b"PK\x03\x04 something else".repeat(20)));
    for (what, bytes) in cases {
        fs::write(&path, &bytes).unwrap();
        let word = expect_refusal(&kiosk.run(["import".as_ref(), path.as_os_str()]));
        assert!(word.contains("unchanged"), "{what}: {word}");
        assert_eq!(roster(&kiosk), before, "{what}");
    }
    // Another organiser's key.
    let config = fs::read_to_string(kiosk.config()).unwrap();
    let key = fs::read_to_string(organiser_key().with_extension("key.pub")).unwrap();
    fs::write(kiosk.config(), config.replace(key.trim(), &"ab".repeat(32))).unwrap();
    let word = expect_refusal(&kiosk.run(["import".as_ref(), bundle().as_os_str()]));
    assert!(word.contains("sign") || word.contains("key"), "{word}");
    assert_eq!(roster(&kiosk), before);
}

#[test]
fn c16_unusable_photos_are_flagged_per_attendee_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    fs::create_dir(&photos).unwrap();
    fs::copy(pictures().join("obama.jpg"), photos.join("good.jpg")).unwrap();
    fs::write(photos.join("text.jpg"), "this is not a picture").unwrap();
    let whole = fs::read(pictures().join("obama.jpg")).unwrap();
    fs::write(photos.join("cut.jpg"), &whole[..whole.len() / 3]).unwrap();
    image::GrayImage::new(20_000, 10).save(photos.join("wide.png")).unwrap();
    image::RgbImage::from_pixel(500, 500, image::Rgb([120, 100, 90]))
        .save(photos.join("wall.png"))
        .unwrap();
    let one = image::open(pictures().join("obama.jpg")).unwrap().thumbnail(600, 600).to_rgb8();
    // As large as the first one's face.
    let other = image::open(pictures().join("biden.jpg")).unwrap().thumbnail(1000, 1000);
    let other = other.crop_imm(0, 0, other.width(), 600).to_rgb8();
    let mut two = image::RgbImage::new(one.width() + other.width(), 600);
    image::imageops::overlay(&mut two, &one, 0, 0);
    image::imageops::overlay(&mut two, &other, i64::from(one.width()), 0);
    two.save(photos.join("two.png")).unwrap();

    let rows = [
        (codes::A, "good.jpg", None),
        (codes::B, "text.jpg", Some("not_a_picture")),
        (codes::EXPIRED, "cut.jpg", Some("not_a_picture")),
        (codes::EARLY, "wide.png", Some("too_large")),
        (codes::BLOCKED, "wall.png", Some("no_face")),
        (codes::CHILD, "two.png", Some("several_faces")),
        (codes::NO_FACE, "nowhere.jpg", Some("missing")),
    ];
    let mut csv = String::from("code,name,photo\n");
    for (code, photo, _) in rows {
        writeln!(csv, "{},Somebody Secret,{photo}", seal_code(code)).unwrap();
    }
    let out = folder.path().join("roster.bundle");
    let output = make_bundle(&csv, &photos, &out);
    expect_success(&output);
    let report = String::from_utf8(output.stdout).unwrap();
    for (line, (_, photo, reason)) in rows.iter().enumerate() {
        let Some(reason) = reason else { continue };
        let wanted = format!("{}", line + 2);
        assert!(
            report.lines().any(|l| l.contains(reason) && l.contains(&wanted)),
            "{photo}: {report}"
        );
    }
    assert!(!report.contains("Secret"), "no names in a report");

    let kiosk = Kiosk::bare(&Setup::default());
    let output = kiosk.run(["import".as_ref(), out.as_os_str()]);
    expect_success(&output);
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("several_faces") && report.contains("too_large"), "{report}");
    assert_eq!(kiosk.store().roster().unwrap().unwrap().references, 1);
}

#[test]
fn c16_photos_in_bad_light_blurred_or_of_a_covered_face_are_flagged_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    fs::create_dir(&photos).unwrap();
    // The face is at 373, 86 and 238 wide; the tip of the nose is at 499, 271.
    let photo = image::open(pictures().join("obama.jpg")).unwrap().to_rgb8();
    let changed = |change: &dyn Fn(f32, f32, f32) -> f32| {
        let mut changed = photo.clone();
        for (x, y, pixel) in changed.enumerate_pixels_mut() {
            pixel.0 =
                pixel.0.map(|value| change(x as f32, y as f32, f32::from(value)).min(255.0) as u8);
        }
        changed
    };
    let aside = changed(&|x, _, value| value * (0.06 + 0.94 / (1.0 + ((x - 499.0) / 25.0).exp())));
    let dark = changed(&|_, _, value| value * 0.12);
    let bright = changed(&|_, _, value| value * 3.5 + 60.0);
    let mut masked = photo.clone();
    for (x, y, pixel) in masked.enumerate_pixels_mut() {
        let (right, down) = ((x as f32 - 499.0).abs(), y as f32 - 250.0);
        if right < 100.0 && down > 0.25 * right && down < 165.0 - right * right / 150.0 {
            *pixel = image::Rgb(if y / 30 % 2 == 0 { [150, 190, 215] } else { [135, 172, 195] });
        }
    }
    let blurred = image::imageops::blur(&photo, 15.0);
    let rows = [
        (codes::A, "aside.png", aside, "uneven_light"),
        (codes::B, "dark.png", dark, "too_dark"),
        (codes::EXPIRED, "bright.png", bright, "too_bright"),
        (codes::EARLY, "masked.png", masked, "covered"),
        (codes::BLOCKED, "blurred.png", blurred, "blurred"),
    ];
    let mut csv = String::from("code,name,photo\n");
    for (code, name, picture, _) in &rows {
        picture.save(photos.join(name)).unwrap();
        writeln!(csv, "{},Somebody Secret,{name}", seal_code(code)).unwrap();
    }
    let output = make_bundle(&csv, &photos, &folder.path().join("roster.bundle"));
    expect_success(&output);
    let report = String::from_utf8(output.stdout).unwrap();
    for (line, (_, photo, _, reason)) in rows.iter().enumerate() {
        let wanted = format!("{}", line + 2);
        assert!(
            report.lines().any(|l| l.contains(reason) && l.contains(&wanted)),
            "{photo}: {report}"
        );
    }
}

#[test]
fn rows_that_cannot_be_a_badge_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut mistyped = seal_code(codes::B);
    mistyped.replace_range(3..4, "3");
    let csv = format!(
        "code,name,photo\n{0},One,\n{mistyped},Two,\n{0},Three,\n,Four,\n",
        seal_code(codes::A)
    );
    let out = folder.path().join("roster.bundle");
    let output = make_bundle(&csv, folder.path(), &out);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    for line in ["3", "4", "5"] {
        assert!(said.contains(line), "line {line}: {said}");
    }
    assert!(!said.contains(&mistyped) && !said.contains("Three"), "no code, no name: {said}");
}

#[test]
fn an_older_edition_of_the_roster_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    fs::write(&list, format!("code,name,photo\n{},One,\n", seal_code(codes::A))).unwrap();
    let make = |sequence: &str| {
        let out = folder.path().join(sequence);
        expect_success(&postern([
            "bundle",
            "--csv",
            list.to_str().unwrap(),
            "--photos",
            folder.path().to_str().unwrap(),
            "--policy",
            policy().to_str().unwrap(),
            "--key",
            organiser_key().to_str().unwrap(),
            "--models",
            crate::support::models().to_str().unwrap(),
            "--sequence",
            sequence,
            "--out",
            out.to_str().unwrap(),
        ]));
        out
    };
    let (new, old) = (make("5"), make("4"));
    let kiosk = Kiosk::bare(&Setup::default());
    expect_success(&kiosk.run(["import".as_ref(), new.as_os_str()]));
    let before = roster(&kiosk);
    expect_refusal(&kiosk.run(["import".as_ref(), old.as_os_str()]));
    assert_eq!(roster(&kiosk), before);
}

#[test]
fn m60_a_policy_pack_with_placeholder_contacts_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("pack");
    copy_folder(&policy(), &pack);
    let file = pack.join("zh.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("+86-21-968888"));
    fs::write(&file, text.replace("+86-21-968888", "XXX")).unwrap();
    let list = folder.path().join("list.csv");
    fs::write(&list, format!("code,name,photo\n{},One,\n", seal_code(codes::A))).unwrap();
    let out = folder.path().join("roster.bundle");
    let output = postern([
        "bundle",
        "--csv",
        list.to_str().unwrap(),
        "--photos",
        folder.path().to_str().unwrap(),
        "--policy",
        pack.to_str().unwrap(),
        "--key",
        organiser_key().to_str().unwrap(),
        "--models",
        crate::support::models().to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(expect_refusal(&output).contains("contact"));
    assert!(!out.exists(), "no half bundle is left");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn c18_l3_a_stolen_bundle_and_database_hold_no_readable_name_or_photo() {
    let kiosk = Kiosk::new("obama2.jpg");
    let mut files = vec![bundle()];
    for entry in fs::read_dir(kiosk.data_folder()).unwrap() {
        files.push(entry.unwrap().path());
    }
    for file in files {
        let bytes = fs::read(&file).unwrap();
        for needle in [&b"Visitor Alpha"[..], b"obama", b"\xFF\xD8\xFF\xE0", b"JFIF", b"A7KD92MX"] {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{} holds {needle:?}", file.display());
        }
    }
}

#[test]
fn a_configuration_with_a_mistake_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kiosk.toml");
    fs::write(&config, "data_dir = '/x'\nmodels_dir = '/y'\ncamra = 1\n").unwrap();
    let word = expect_refusal(&postern(["--config", config.to_str().unwrap()]));
    assert!(word.contains("camra") && word.contains("kiosk.toml"), "{word}");
    let word = expect_refusal(&postern(["camera"]));
    assert!(word.contains("POSTERN_CONFIG"), "{word}");
}
