//! Packs that are signed on their own, and the versions that a kiosk knows.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::PathBuf;

use super::super::tests::{copy, sample_folder};
use super::*;
use crate::bundle::testing::{NOW, Organiser, store};
use crate::{Begun, begin_roster};

/// A change to the sample pack: file, words, other words.
type Change = (&'static str, &'static str, &'static str);

const RIGHTS: Change = ("zh.toml", "您可以随时停止", "您随时可以停下");
const NEW: Change = ("pack.toml", "version = \"1.0\"", "version = \"1.1\"");
const DATED: Change = ("pack.toml", "2026-11-02", "2026-11-04");

/// An organiser's machine, and a kiosk with the roster that carries version 1.0.
struct Desk {
    organiser: Organiser,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let organiser = Organiser::new();
        let (folder, mut store) = store();
        organiser.load(&organiser.bundle(1), &mut store).unwrap();
        Self { organiser, store, _folder: folder }
    }

    /// A signed pack with these changes to the sample.
    fn signed(&self, changes: &[Change]) -> PathBuf {
        let out = self.organiser.folder.path().join("policy.pack");
        sign(copy(&sample_folder(), changes).path(), &self.organiser.key, &out).unwrap();
        out
    }

    fn give(&mut self, changes: &[Change]) -> Result<ImportedPolicy, BundleError> {
        let file = self.signed(changes);
        self.take(&file)
    }

    fn take(&mut self, file: &Path) -> Result<ImportedPolicy, BundleError> {
        import(file, &[self.organiser.key.trusted()], &mut self.store, NOW)
    }

    /// The versions that the kiosk knows, the one in force first.
    fn versions(&self) -> Vec<String> {
        let head = self.store.roster().unwrap().unwrap();
        let policies = Policies::in_force(&self.store, &head.policy).unwrap();
        policies.all().iter().map(|pack| pack.facts.version.to_string()).collect()
    }

    fn refuses(&mut self, changes: &[Change]) -> BundleError {
        let before = self.versions();
        let refused = self.give(changes).unwrap_err();
        assert_eq!(self.versions(), before, "{refused}");
        refused
    }
}

#[test]
fn c43_c44_a_newer_pack_on_its_own_is_in_force_and_the_older_stays_readable() {
    let mut desk = Desk::new();
    let imported = desk.give(&[NEW, DATED, RIGHTS]).unwrap();
    assert_eq!((imported.in_force.as_str(), imported.known), ("1.1", Known::Now));
    assert_eq!(desk.versions(), ["1.1", "1.0"]);
    assert_eq!(desk.give(&[NEW, DATED, RIGHTS]).unwrap().known, Known::Before);
    assert_eq!(desk.versions(), ["1.1", "1.0"]);
}

#[test]
fn c44_an_older_version_joins_the_archive_and_the_newest_stays_in_force() {
    let mut desk = Desk::new();
    let older = ("pack.toml", "version = \"1.0\"", "version = \"0.9\"");
    let dated = ("pack.toml", "2026-11-02", "2025-11-02");
    // Its event is over, which matters to the version in force only.
    let over = ("pack.toml", "2099-12-31", "2025-12-31");
    let imported = desk.give(&[older, dated, over, RIGHTS]).unwrap();
    assert_eq!((imported.offered.as_str(), imported.in_force.as_str()), ("0.9", "1.0"));
    assert_eq!(desk.versions(), ["1.0", "0.9"]);
}

#[test]
fn c43_of_a_bundles_pack_and_one_on_its_own_the_newer_wins_whichever_came_first() {
    let mut desk = Desk::new();
    let shorter = ("pack.toml", "retention_days = 30", "retention_days = 20");
    desk.give(&[NEW, DATED, RIGHTS, shorter]).unwrap();
    let days = |desk: &Desk| desk.store.roster().unwrap().unwrap().retention_days;
    assert_eq!(days(&desk), 20);
    // The organiser's next roster still carries 1.0.
    let next = desk.organiser.bundle(2);
    desk.organiser.load(&next, &mut desk.store).unwrap();
    assert_eq!((desk.versions(), days(&desk)), (vec!["1.1".to_owned(), "1.0".to_owned()], 20));
}

#[test]
fn c43_the_same_version_with_another_text_is_refused_alone_and_in_a_bundle() {
    let mut desk = Desk::new();
    let refused = desk.refuses(&[RIGHTS]);
    assert!(matches!(&refused, BundleError::VersionTaken(v) if v == "1.0"), "{refused}");
    // 1 is 1.0 written otherwise.
    let written = ("pack.toml", "version = \"1.0\"", "version = \"1\"");
    assert!(matches!(desk.refuses(&[written, RIGHTS]), BundleError::VersionTaken(_)));
    // A kiosk that had the other text first refuses the bundle, and keeps its roster.
    let mut other = Desk::new();
    other.give(&[NEW, DATED, RIGHTS]).unwrap();
    let folder = copy(&sample_folder(), &[NEW, DATED]);
    let bundle = other.organiser.bundle_with(2, folder.path());
    let refused = other.organiser.load(&bundle, &mut other.store).unwrap_err();
    assert!(matches!(refused, BundleError::VersionTaken(_)), "{refused}");
    assert_eq!(other.store.roster().unwrap().unwrap().sequence, 1);
}

#[test]
fn m56_dates_that_cannot_be_are_refused_with_the_reason() {
    let mut desk = Desk::new();
    let future = ("pack.toml", "2026-11-02", "2026-11-07");
    let refused = desk.refuses(&[NEW, future, RIGHTS]);
    assert!(matches!(refused, BundleError::FromTheFuture { .. }), "{refused}");
    // It is the 6th already where the sun rises first.
    let today = ("pack.toml", "2026-11-02", "2026-11-06");
    assert!(desk.give(&[NEW, today, RIGHTS]).is_ok());
    let back = ("pack.toml", "2026-11-02", "2026-11-01");
    let newer = ("pack.toml", "version = \"1.0\"", "version = \"1.2\"");
    let refused = desk.refuses(&[newer, back, RIGHTS]).to_string();
    assert!(refused.contains("1.2 is dated before version 1."), "{refused}");
    let over = ("pack.toml", "2099-12-31", "2026-11-03");
    let newest = ("pack.toml", "2026-11-02", "2026-11-06");
    let refused = desk.refuses(&[newer, newest, over]);
    assert!(matches!(refused, BundleError::EventOver(_)), "{refused}");
    let folder = copy(&sample_folder(), &[over]);
    let bundle = desk.organiser.bundle_with(2, folder.path());
    let refused = desk.organiser.load(&bundle, &mut desk.store).unwrap_err();
    assert!(matches!(refused, BundleError::EventOver(_)), "{refused}");
}

#[test]
fn a_pack_of_another_policy_is_refused_and_one_before_any_roster_waits_for_it() {
    let mut desk = Desk::new();
    let other = ("pack.toml", "id = \"ciie-sample\"", "id = \"other\"");
    let refused = desk.refuses(&[other, NEW]);
    assert!(matches!(refused, BundleError::OtherPolicy { .. }), "{refused}");
    let file = desk.signed(&[NEW]);
    let (_folder, mut empty) = store();
    let salt = seal::RosterSalt([3; 32]);
    assert_eq!(begin_roster(&mut empty, salt, NOW).unwrap(), Begun::NoPolicy);
    import(&file, &[desk.organiser.key.trusted()], &mut empty, NOW).unwrap();
    assert!(empty.roster().unwrap().is_none());
    assert_eq!(begin_roster(&mut empty, salt, NOW).unwrap(), Begun::Now);
    let head = empty.roster().unwrap().unwrap();
    assert_eq!((head.id.as_str(), head.salt, head.from_platform), ("ciie-sample", salt, true));
    assert_eq!(begin_roster(&mut empty, salt, NOW).unwrap(), Begun::Before);
    // Another event, which this kiosk was connected to meanwhile.
    let other = seal::RosterSalt([4; 32]);
    assert_eq!(begin_roster(&mut empty, other, NOW).unwrap(), Begun::Now);
    // A roster that came as a file stays.
    assert_eq!(begin_roster(&mut desk.store, other, NOW).unwrap(), Begun::Before);
}

#[test]
fn bad_files_are_refused_with_the_reason_and_the_old_pack_stays_in_force() {
    let mut desk = Desk::new();
    let file = desk.signed(&[NEW, DATED, RIGHTS]);
    let good = fs::read(&file).unwrap();
    let stranger = Organiser::new();
    let foreign = stranger.folder.path().join("foreign.pack");
    sign(copy(&sample_folder(), &[NEW]).path(), &stranger.key, &foreign).unwrap();
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let end = good.len();
    for (what, bytes, expected) in [
        ("another key", fs::read(&foreign).unwrap(), "not signed by a trusted key"),
        ("a changed text", changed(end / 2), "damaged"),
        ("a changed signature", changed(end - 1), "not signed by a trusted key"),
        ("bytes behind the end", [&good[..], b"x"].concat(), "behind the end"),
        ("a letter", b"Dear organiser,".to_vec(), "not a signed policy pack"),
        ("nothing", Vec::new(), "not a signed policy pack"),
        ("a newer format", [&good[..8], &[9, 0], &good[10..]].concat(), "format version 9"),
        ("a huge pack", [&good[..10], &[0xff; 4], &good[14..]].concat(), "longer"),
        ("a bundle", desk.organiser.bundle(3), "`postern import`"),
    ] {
        fs::write(&file, &bytes).unwrap();
        let refused = desk.take(&file).unwrap_err().to_string();
        assert!(refused.contains(expected), "{what}: {refused}");
        assert_eq!(desk.versions(), ["1.0"], "{what}");
    }
    for length in (9..end).step_by(97) {
        fs::write(&file, &good[..length]).unwrap();
        assert!(matches!(desk.take(&file), Err(BundleError::Truncated)), "{length}");
    }
    let as_roster = desk.organiser.load(&good, &mut desk.store).unwrap_err();
    assert!(as_roster.to_string().contains("`postern policy import`"), "{as_roster}");
    fs::write(&file, &good).unwrap();
    assert!(desk.take(&file).is_ok());
}

#[test]
fn m60_a_signature_does_not_make_a_bad_pack_good() {
    let mut desk = Desk::new();
    let mut pack = PolicyPack::from_folder(&sample_folder()).unwrap();
    pack.facts.version = "2".parse().unwrap();
    pack.zh.contact.phone = "XXX".to_owned();
    let file = desk.organiser.folder.path().join("bad.pack");
    let mut sink = Sink::begin(fs::File::create(&file).unwrap(), &POLICY).unwrap();
    sink.section("policy pack", MAX_PACK, &pack.to_json().unwrap()).unwrap();
    sink.sign(&desk.organiser.key).unwrap();
    let refused = desk.take(&file).unwrap_err();
    assert!(refused.to_string().contains("zh.contact.phone"), "{refused}");
    assert_eq!(desk.versions(), ["1.0"]);
}

#[test]
fn a_folder_that_is_refused_leaves_no_file() {
    let desk = Desk::new();
    let out = desk.organiser.folder.path().join("refused.pack");
    let folder = copy(&sample_folder(), &[("en.toml", "privacy@sample-expo.test", "XXX")]);
    assert!(matches!(sign(folder.path(), &desk.organiser.key, &out), Err(BundleError::Policy(_))));
    assert!(!out.exists());
}
