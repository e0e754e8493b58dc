//! `docs/policy-coverage.md`: which tests prove which clause, and how they ended last.
//!
//! A test says what it proves in its own name: `fn c06_c13_…` in Rust, `it('C13 …')` in the
//! screens. The page is generated from these names, so it cannot promise more than is tested.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{
    places::Places,
    results::Results,
    run::step,
    tidy::sources::{Sources, extension},
};

const PAGE: &str = "docs/policy-coverage.md";
const CLAUSES: &str = include_str!("../clauses.toml");

/// What the kiosk must do, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clause {
    /// Short name, such as `C06`.
    pub(crate) id: String,
    /// Where it stands and what it says.
    source: String,
    /// What the kiosk must do.
    duty: String,
    /// Mostly kept by the registration platform.
    #[serde(default)]
    platform: bool,
}

/// All clauses, in the order of the page.
pub(crate) fn clauses() -> Result<Vec<Clause>> {
    #[derive(Deserialize)]
    struct File {
        clause: Vec<Clause>,
    }
    let file: File = toml::from_str(CLAUSES).context("in clauses.toml")?;
    Ok(file.clause)
}

/// A test that names clauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    /// File, relative to the checkout.
    pub(crate) file: String,
    /// Name of the test.
    pub(crate) test: String,
    /// The clauses that it names, in capitals.
    pub(crate) ids: Vec<String>,
}

/// Writes the page, or only says whether it is current. A clause without a test is an error.
pub(crate) fn policy(places: &Places, check: bool) -> Result<()> {
    step("policy coverage", || {
        let (clauses, proofs) = (clauses()?, proofs(&Sources::read(places)?));
        let without: Vec<&str> = clauses
            .iter()
            .map(|clause| clause.id.as_str())
            .filter(|id| !proofs.iter().any(|proof| proof.ids.iter().any(|named| named == id)))
            .collect();
        if check && !without.is_empty() {
            bail!("no test proves {}", without.join(", "));
        }
        if !check {
            Results::take_over(places)?;
        }
        let page = page(&clauses, &proofs, &Results::read(places)?);
        let path = places.root.join(PAGE);
        let old = fs::read_to_string(&path).unwrap_or_default();
        if old == page {
            return Ok(());
        }
        if check {
            bail!("{PAGE} is not current: run `cargo xtask policy` and commit the page");
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, page).with_context(|| format!("writing {}", path.display()))?;
        println!("    wrote {PAGE}");
        Ok(())
    })
}

/// All tests that name a clause, by file and place.
pub(crate) fn proofs(sources: &Sources) -> Vec<Proof> {
    let mut proofs = Vec::new();
    // The tests of this file have names of tests in their texts.
    for file in sources.files().iter().filter(|file| !file.path.starts_with("src-tauri/xtask/")) {
        let names = if extension(&file.path) == "rs" {
            rust_tests(&file.text)
        } else if file.path.ends_with(".test.ts") {
            screen_tests(&file.text)
        } else {
            continue;
        };
        for (test, ids) in names {
            if !ids.is_empty() {
                proofs.push(Proof { file: file.path.clone(), test, ids });
            }
        }
    }
    proofs
}

/// The titles of the screens' tests that name a clause.
pub(crate) fn titles_of_screen_tests(places: &Places) -> Result<Vec<String>> {
    let of_screens = proofs(&Sources::read(places)?).into_iter();
    Ok(of_screens.filter(|proof| extension(&proof.file) == "ts").map(|proof| proof.test).collect())
}

/// True when a test's name begins with an id.
pub(crate) fn names_a_clause(name: &str) -> bool {
    !ids(name.split('_')).is_empty()
}

/// Test functions with the clauses that their names begin with.
fn rust_tests(text: &str) -> Vec<(String, Vec<String>)> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let name = attribute.split([']', '(']).next().unwrap_or_default();
            is_test |= name == "test" || name.ends_with("::test");
        }
        let signature = line.strip_prefix("pub ").unwrap_or(line);
        let signature = signature.strip_prefix("async ").unwrap_or(signature);
        if let Some(rest) = signature.strip_prefix("fn ") {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if is_test {
                tests.push((name.to_owned(), ids(name.split('_'))));
            }
            is_test = false;
        }
    }
    tests
}

/// `it('…')` and `test('…')` with the clauses that their titles begin with.
fn screen_tests(text: &str) -> Vec<(String, Vec<String>)> {
    let mut tests = Vec::new();
    for line in text.lines().map(str::trim) {
        let Some((call, rest)) = line.split_once('(') else { continue };
        if !matches!(call.split('.').next(), Some("it" | "test" | "describe")) {
            continue;
        }
        let Some(quote) = rest.chars().next().filter(|first| "'\"`".contains(*first)) else {
            continue;
        };
        let title = rest[1..].split(quote).next().unwrap_or_default();
        let words = title.split(|symbol: char| !symbol.is_ascii_alphanumeric());
        tests.push((title.to_owned(), ids(words.filter(|word| !word.is_empty()))));
    }
    tests
}

/// The leading words that are ids: a letter and two digits, or `L` and one.
fn ids<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let is_id = |word: &&str| {
        let mut symbols = word.chars();
        let first = symbols.next().map(|first| first.to_ascii_lowercase());
        let digits = symbols.as_str();
        let length = match first {
            Some('c' | 'm') => 2,
            Some('l') => 1,
            _ => return false,
        };
        digits.len() == length && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    words.take_while(is_id).map(str::to_ascii_uppercase).collect()
}

/// The page.
fn page(clauses: &[Clause], proofs: &[Proof], results: &Results) -> String {
    let mut by_id: BTreeMap<&str, Vec<&Proof>> = BTreeMap::new();
    for proof in proofs {
        for id in &proof.ids {
            by_id.entry(id).or_default().push(proof);
        }
    }
    let proven = clauses.iter().filter(|clause| by_id.contains_key(clause.id.as_str())).count();
    let mut page = format!(
        "# Policy coverage\n\n\
         Generated by `cargo xtask policy` from the names of the tests, and from the last whole run of them.\n\
         `cargo xtask test` runs all of them, and fails when this page is not current or a clause has no test.\n\n\
         C is the privacy policy of the China International Import Expo (Part IV unless another part is named),\n\
         M that of the CCCME Online Expo, L a law or a standard behind them. *platform*: mostly kept by the\n\
         registration platform; the kiosk supplies the evidence or the queued request.\n\
         {proven} of {} clauses have a test. {}\n\n\
         | id | clause | what the kiosk does | tests | last result |\n|---|---|---|---|---|\n",
        clauses.len(),
        last_run(results),
    );
    for clause in clauses {
        let named = by_id.get(clause.id.as_str()).map_or(&[][..], Vec::as_slice);
        let tests: Vec<String> = named
            .iter()
            .map(|proof| format!("[`{}`](../{})", proof.test.replace('|', "\\|"), proof.file))
            .collect();
        let platform = if clause.platform { " *platform*" } else { "" };
        let line = format!(
            "| {} | {}{platform} | {} | {} | {} |\n",
            clause.id,
            clause.source,
            clause.duty,
            tests.join("<br>"),
            result(named, results),
        );
        page.push_str(&line.replace("|  |", "| |"));
    }
    page
}

fn last_run(results: &Results) -> String {
    let Results { date, commit, machine, .. } = results;
    if date.is_empty() {
        return "No whole run is on record yet.".to_owned();
    }
    format!("Last whole run: {date}, commit {commit}, {machine}.")
}

/// How a clause's tests ended in the last whole run.
fn result(tests: &[&Proof], results: &Results) -> String {
    let passed = tests.iter().filter(|proof| results.passed.contains(&proof.test)).count();
    match (passed, tests.len()) {
        (_, 0) => "none".to_owned(),
        (passed, all) if passed == all => format!("{all} passed"),
        (passed, all) => format!("{passed} passed, {} not run yet", all - passed),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn rust_tests_and_their_clauses_are_found_and_other_functions_are_not() {
        let text = "
            #[test]
            fn c06_c13_compares_only_with_the_claim() {}
            fn c07_not_a_test() {}
            #[tokio::test(flavor = \"multi_thread\")]
            async fn l1_sign_is_shown() {}
            #[test]
            #[expect(dead_code, reason = \"x\")]
            fn plain_c09() {}
            proptest! {
                #[test]
                fn m47_any_pack(pack in any::<Pack>()) {}
            }
            #[cfg(test)]
            fn c10_helper() {}
        ";
        let found: Vec<(String, String)> =
            rust_tests(text).into_iter().map(|(name, ids)| (name, ids.join(" "))).collect();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, ids)| (name.as_str(), ids.as_str())).collect();
        assert_eq!(
            found,
            [
                ("c06_c13_compares_only_with_the_claim", "C06 C13"),
                ("l1_sign_is_shown", "L1"),
                ("plain_c09", ""),
                ("m47_any_pack", "M47"),
            ]
        );
    }

    #[test]
    fn screen_tests_and_their_clauses_are_found() {
        let text = "
            describe('consent', () => {
              it('C13 offers the other way', () => {})
              test.each(cases)('x', () => {})
              test(\"C14, C03: says so once\", () => {})
              await it2('C15', 0)
        ";
        let found: Vec<String> = screen_tests(text).into_iter().flat_map(|(_, ids)| ids).collect();
        assert_eq!(found, ["C13", "C14", "C03"]);
    }

    #[test]
    fn only_well_formed_leading_words_are_ids() {
        let of = |name: &str| ids(name.split('_')).join(" ");
        assert_eq!(of("c06_l7_m47_x_c09"), "C06 L7 M47");
        assert_eq!(of("c6_x"), "");
        assert_eq!(of("l10_x"), "");
        assert_eq!(of("c006_x"), "");
        assert_eq!(of("cab_x"), "");
    }

    #[test]
    fn the_page_links_each_clause_to_its_tests_and_says_how_they_ended() {
        let clauses = [
            Clause { id: "C01".into(), source: "s".into(), duty: "d".into(), platform: true },
            Clause { id: "C02".into(), source: "s".into(), duty: "d".into(), platform: false },
        ];
        let proof = Proof { file: "a/b.rs".into(), test: "c01_x".into(), ids: vec!["C01".into()] };
        let later = Proof { file: "a/b.rs".into(), test: "c01_y".into(), ids: vec!["C01".into()] };
        let results = Results {
            date: "2026-11-23".into(),
            passed: ["c01_x".into()].into(),
            ..Results::default()
        };
        let only = page(&clauses, std::slice::from_ref(&proof), &results);
        let tests = "[`c01_x`](../a/b.rs)";
        assert!(
            only.contains(&format!("| C01 | s *platform* | d | {tests} | 1 passed |")),
            "{only}"
        );
        assert!(only.contains("| C02 | s | d | | none |"), "{only}");
        assert!(only.contains("1 of 2 clauses") && only.contains("Last whole run: 2026-11-23"));
        let both = page(&clauses, &[proof, later], &results);
        assert!(both.contains("| 1 passed, 1 not run yet |"), "{both}");
        assert!(page(&clauses, &[], &Results::default()).contains("No whole run"));
    }

    #[test]
    fn the_list_of_clauses_is_complete_and_in_order() {
        let ids: Vec<String> = clauses().unwrap().into_iter().map(|clause| clause.id).collect();
        let c = (1..=46).map(|number| format!("C{number:02}"));
        let m = (47..=60).map(|number| format!("M{number:02}"));
        let l = (1..=7).map(|number| format!("L{number}"));
        assert_eq!(ids, c.chain(m).chain(l).collect::<Vec<_>>());
    }
}
