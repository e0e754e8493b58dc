//! Rules on what stands in files and which files there are.

use super::sources::{Source, Sources, extension};
use crate::policy::{Clause, Proof};

/// Longest source file.
const LINES: usize = 600;
/// Where pictures may be committed: icons and pictures of the screens, as PNG.
const PICTURES: &[&str] = &["assets/icons/", "docs/"];

/// Files under the folder whose name ends so.
fn below<'a>(
    sources: &'a Sources,
    folder: &'a str,
    kinds: &'a [&str],
) -> impl Iterator<Item = &'a Source> {
    sources
        .files()
        .iter()
        .filter(move |file| file.path.starts_with(folder) && kinds.contains(&extension(&file.path)))
}

/// The places, `file:line`, of the lines that satisfy `wanted`.
fn lines<'a>(
    files: impl Iterator<Item = &'a Source>,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    files
        .flat_map(|file| {
            let hits = file.text.lines().enumerate().filter(|(_, line)| wanted(line));
            hits.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect()
}

pub(super) fn app_names_biometrics(sources: &Sources) -> Vec<String> {
    ["face", "camera"]
        .iter()
        .flat_map(|name| {
            // A module of the app may have the same name; the crate is then `::name`.
            let module = format!("mod {name};");
            let path = format!("{name}::");
            let files = below(sources, "src-tauri/src/", &["rs"]);
            files
                .flat_map(|file| {
                    let path = if file.text.contains(&module) {
                        format!("::{path}")
                    } else {
                        path.clone()
                    };
                    lines(std::iter::once(file), |line| names_path(line, &path))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// True when the path begins a name: `face::x` and `use ::face::x`, but neither `surface::x` nor
/// `biometrics::face::x`, which is for its own crate to offer or not.
fn names_path(line: &str, path: &str) -> bool {
    if line.trim_start().starts_with("//") {
        return false;
    }
    line.match_indices(path).any(|(at, _)| {
        let before = &line[..at];
        let own = before.strip_suffix("::");
        let begins =
            |text: &str| !text.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        match own {
            Some(rest) => begins(rest),
            None => begins(before),
        }
    })
}

pub(super) fn tauri_outside_ipc(sources: &Sources) -> Vec<String> {
    let files = below(sources, "ui/src/", &["ts", "svelte"])
        .filter(|file| !file.path.starts_with("ui/src/ipc/"));
    lines(files, |line| line.contains("@tauri-apps/"))
}

pub(super) fn long_files(sources: &Sources) -> Vec<String> {
    below(sources, "", &["rs", "ts", "svelte"])
        // As long as the types that it is made from.
        .filter(|file| !file.text.starts_with("// This file is generated"))
        .map(|file| (&file.path, file.text.lines().count()))
        .filter(|(_, count)| *count > LINES)
        .map(|(path, count)| format!("{path}: {count} lines"))
        .collect()
}

pub(super) fn committed_data(sources: &Sources) -> Vec<String> {
    let is_data = |path: &&String| match extension(path).to_ascii_lowercase().as_str() {
        "onnx" | "pt" | "tflite" | "jpg" | "jpeg" | "webp" | "whl" | "tgz" | "gz" | "zip"
        | "db" => true,
        "png" => !PICTURES.iter().any(|folder| path.starts_with(folder)),
        _ => false,
    };
    // Computed patterns of a few hundred bytes.
    let is_seed = |path: &&String| path.starts_with("fuzz/seeds/");
    sources.paths().iter().filter(|path| is_data(path) && !is_seed(path)).cloned().collect()
}

pub(super) fn unfinished(sources: &Sources) -> Vec<String> {
    // Put together here, or this file would break its own rule.
    let rust = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];
    let screens = [
        concat!("it.sk", "ip("),
        concat!("test.sk", "ip("),
        concat!("describe.sk", "ip("),
        concat!(".on", "ly("),
    ];
    let has =
        |words: &'static [&str]| move |line: &str| words.iter().any(|word| line.contains(word));
    let mut found = lines(below(sources, "", &["rs"]), |line| {
        rust.iter().any(|word| line.contains(word)) && !run_elsewhere(sources, line)
    });
    found.extend(lines(below(sources, "ui/", &["ts", "svelte"]), |line| {
        screens.iter().any(|word| line.contains(word))
    }));
    found.extend(lines(
        below(sources, "", &["rs", "ts", "svelte"]),
        has(&[concat!("FIX", "ME"), concat!("TO", "DO")]),
    ));
    found
}

/// True for a test that the harness leaves out because another test or a script, which it names,
/// runs it.
fn run_elsewhere(sources: &Sources, line: &str) -> bool {
    let named = line.split_once("= \"run by ").and_then(|(_, rest)| rest.split_once('"'));
    named.is_some_and(|(test, _)| {
        let head = format!("fn {test}(");
        let is_script = |path: &String| path.rsplit('/').next() == Some(test);
        !test.is_empty()
            && (sources.paths().iter().any(is_script)
                || sources.files().iter().any(|file| file.text.contains(&head)))
    })
}

pub(super) fn unknown_ids(proofs: &[Proof], clauses: &[Clause]) -> Vec<String> {
    let unknown = |id: &&String| !clauses.iter().any(|clause| clause.id == **id);
    proofs
        .iter()
        .flat_map(|proof| {
            proof
                .ids
                .iter()
                .filter(unknown)
                .map(|id| format!("{}: {}: {id}", proof.file, proof.test))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_may_say_biometrics_but_neither_face_nor_camera() {
        let found = |line: &str| {
            !app_names_biometrics(&Sources::of(&[("src-tauri/src/a.rs", line)])).is_empty()
        };
        assert!(found("use face::Engine;"));
        assert!(found("use ::camera::open;"));
        assert!(found("let x = camera::open(&choice);"));
        assert!(!found("use biometrics::{CameraChoice, Guidance};"));
        assert!(!found("let x = surface::open();"));
        assert!(!found("use biometrics::camera::list;"));
        assert!(!found("mod camera;\nlet x = camera::Camera::new();"), "the app's own module");
        assert!(found("mod camera;\nuse ::camera::open;"));
        assert!(!found("// face::Engine is not for us"));
        let elsewhere =
            Sources::of(&[("src-tauri/crates/biometrics/src/a.rs", "use face::Engine;")]);
        assert!(app_names_biometrics(&elsewhere).is_empty());
    }

    #[test]
    fn the_screens_ask_in_one_place() {
        let line = "import { invoke } from '@tauri-apps/api/core'";
        let sources =
            Sources::of(&[("ui/src/ipc/commands.ts", line), ("ui/src/screens/Admit.svelte", line)]);
        assert_eq!(tauri_outside_ipc(&sources), [format!("ui/src/screens/Admit.svelte:1: {line}")]);
    }

    #[test]
    fn a_file_may_have_600_lines_and_not_601() {
        let (fits, long) = ("x\n".repeat(LINES), "x\n".repeat(LINES + 1));
        let generated = format!("// This file is generated from a.rs.\n{long}");
        let files = [("a.rs", &fits), ("b.svelte", &long), ("c.toml", &long), ("d.ts", &generated)];
        let sources = Sources::of(&files.map(|(path, text)| (path, text.as_str())));
        assert_eq!(long_files(&sources), ["b.svelte: 601 lines"]);
    }

    #[test]
    fn weights_and_photographs_are_found_and_icons_are_fine() {
        let paths = [
            "models/x.onnx",
            "a/Face.JPG",
            "assets/icons/icon.png",
            "docs/screens/admit.png",
            "tests/a.png",
        ];
        let sources = Sources::of(&paths.map(|path| (path, "")));
        assert_eq!(committed_data(&sources), ["models/x.onnx", "a/Face.JPG", "tests/a.png"]);
    }

    #[test]
    fn unfinished_work_and_skipped_tests_are_found() {
        let rust = concat!("fn a() { to", "do!() }\n#[ig", "nore]\nfn b() {}\n");
        let screen = concat!("it.sk", "ip('x', () => {})\n");
        let sources =
            Sources::of(&[("a.rs", rust), ("ui/src/a.test.ts", screen), ("b.rs", "fn c() {}")]);
        let places: Vec<String> = unfinished(&sources)
            .iter()
            .map(|line| line.split(": ").next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(places, ["a.rs:1", "a.rs:2", "ui/src/a.test.ts:1"]);
    }

    #[test]
    fn a_test_that_another_one_runs_is_not_skipped() {
        let part = |name: &str| {
            let text = format!("{}nore = \"run by {name}\"]\nfn part() {{}}", concat!("#[", "ig"));
            unfinished(&Sources::of(&[("a.rs", &text), ("b.rs", "fn whole() {}"), ("c.py", "")]))
                .len()
        };
        assert_eq!([part("whole"), part("c.py"), part("nobody"), part("")], [0, 0, 1, 1]);
    }

    #[test]
    fn a_mistyped_id_is_found() {
        let proof =
            |id: &str| Proof { file: "a.rs".into(), test: "x".into(), ids: vec![id.to_owned()] };
        let clauses = crate::policy::clauses().unwrap_or_default();
        assert_eq!(unknown_ids(&[proof("C06"), proof("C99")], &clauses), ["a.rs: x: C99"]);
    }
}
