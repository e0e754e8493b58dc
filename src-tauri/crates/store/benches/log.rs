//! What an entry of the audit log costs, on the disk and beside an act, and a check of the log.
#![allow(missing_docs, reason = "Criterion's macros make functions without")]
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]

use audit::{Actor, Head, Record, What};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use note::KioskKey;
use store::Store;

fn log(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_folder(folder.path()).unwrap();
    let what = What::Incident { number: "000001".into() };
    let record = Record::new(Timestamp::now(), Actor::Kiosk, what);
    criterion.bench_function("an entry on the disk", |b| {
        b.iter(|| store.record(&record).unwrap());
    });
    let entries = store.check_audit(Vec::new()).unwrap().last;
    criterion.bench_function(&format!("a check of {entries} entries"), |b| {
        b.iter(|| store.check_audit(Vec::new()).unwrap());
    });
    let key = KioskKey::from_seed(&[1; 32]);
    let head = Head::empty(key.verifier().name());
    criterion.bench_function("a signature", |b| b.iter(|| head.sign(&key)));
}

criterion_group!(benches, log);
criterion_main!(benches);
