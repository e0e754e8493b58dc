//! A small roster for the tests.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::ImageFormat;
use jiff::Timestamp;
use seal::{BadgeCode, BadgeKeys, BadgeSecret, CodeFormat, RosterSalt};
use store::Store;
use tempfile::TempDir;

use super::import::import_from;
use super::{BundleError, BundleKey, Imported, Made, Order, make};
use crate::photo::tests::{picture, with_exif};

/// 2026-11-05 09:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

pub(crate) const NAME: &str = "ZHANG Sample Visitor";

/// The organiser's machine: key, photos, list.
pub(crate) struct Organiser {
    pub(crate) folder: TempDir,
    pub(crate) key: BundleKey,
    /// Codes of the attendees in the list.
    pub(crate) codes: Vec<String>,
}

impl Organiser {
    /// Three attendees: a photo, a photo with metadata, none.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("organiser.key");
        BundleKey::create_files(&key_file).unwrap();
        let key = BundleKey::from_file(&key_file).unwrap();
        let photos = folder.path().join("photos");
        fs::create_dir(&photos).unwrap();
        fs::write(photos.join("a.png"), picture(300, 400, ImageFormat::Png)).unwrap();
        fs::write(photos.join("b.jpg"), with_exif(&picture(400, 300, ImageFormat::Jpeg))).unwrap();
        let codes: Vec<String> =
            (0..3).map(|_| BadgeSecret::issue().unwrap().0.as_str().to_owned()).collect();
        let organiser = Self { folder, key, codes };
        let [a, b, c] = [0, 1, 2].map(|n| &organiser.codes[n]);
        organiser.list(&format!(
            "code,name,photo,valid_until,under_14,phone\n\
             {a},{NAME},a.png,2027-01-01T00:00:00Z,,13800000000\n\
             {b},{NAME} B,b.jpg,,,\n\
             {c},{NAME} C,,,yes,\n"
        ));
        organiser
    }

    /// Replaces the list.
    pub(crate) fn list(&self, text: &str) {
        fs::write(self.folder.path().join("attendees.csv"), text).unwrap();
    }

    pub(crate) fn photo(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join("photos").join(name), bytes).unwrap();
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("roster.bundle")
    }

    pub(crate) fn make(&self, sequence: u32) -> Result<Made, BundleError> {
        self.make_with(sequence, &|_| Ok(()))
    }

    pub(crate) fn make_with(
        &self,
        sequence: u32,
        assess: &dyn Fn(&[u8]) -> Result<(), &'static str>,
    ) -> Result<Made, BundleError> {
        self.make_from(sequence, &crate::policy::tests::sample_folder(), assess)
    }

    fn make_from(
        &self,
        sequence: u32,
        policy: &Path,
        assess: &dyn Fn(&[u8]) -> Result<(), &'static str>,
    ) -> Result<Made, BundleError> {
        let order = Order {
            sheet: &self.folder.path().join("attendees.csv"),
            photos: &self.folder.path().join("photos"),
            policy,
            key: &self.key,
            out: &self.out(),
            sequence: Some(sequence),
            now: NOW,
        };
        make(&order, assess, &mut |_| ())
    }

    /// The bytes of a new bundle.
    pub(crate) fn bundle(&self, sequence: u32) -> Vec<u8> {
        self.make(sequence).unwrap();
        fs::read(self.out()).unwrap()
    }

    /// The same with the policy pack in that folder.
    pub(crate) fn bundle_with(&self, sequence: u32, policy: &Path) -> Vec<u8> {
        self.make_from(sequence, policy, &|_| Ok(())).unwrap();
        fs::read(self.out()).unwrap()
    }

    pub(crate) fn keys(&self, code: usize) -> BadgeKeys {
        let salt: RosterSalt = self.key.salt("ciie-sample").unwrap();
        let code = BadgeCode::new(self.codes[code].clone());
        BadgeSecret::parse(&code, CodeFormat::Crockford).unwrap().derive(&salt).unwrap()
    }

    /// Loads bytes as a bundle of this organiser.
    pub(crate) fn load(&self, bytes: &[u8], store: &mut Store) -> Result<Imported, BundleError> {
        import_from(Cursor::new(bytes), &[self.key.trusted()], store, NOW, &mut |_| ())
    }
}

pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_folder(folder.path()).unwrap();
    (folder, store)
}
