//! A roster of a million attendees: made, loaded, asked. Prints figures as one line of JSON.
//!
//! `roster_scale POLICY_FOLDER PHOTO [ATTENDEES [WITH_PHOTO]]`. Lookups are as the kiosk does them:
//! from a code to its keys to the entry. The sealed photo is read when the face is compared, and is
//! measured apart; making one for each of a million would take a day.
//!
//! What needs memory of its own runs in a process of its own: the import (`--import FOLDER`), and
//! looking up in what was imported (`--look-up FOLDER`).
#![expect(clippy::unwrap_used, reason = "a measurement may fail loudly")]
#![expect(clippy::print_stdout, reason = "the figures")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use jiff::Timestamp;
use platform::bundle::{self, BundleKey, Order};
use seal::{BadgeCode, BadgeSecret, CodeFormat, Locator, RosterSalt};
use serde_json::{Map, Value, json};
use store::Store;

/// Lookups of which the percentiles are taken.
const LOOKUPS: usize = 20_000;
/// Files of a measurement.
const KEY: &str = "organiser.key";
const BUNDLE: &str = "roster.bundle";
const CODES: &str = "codes";
const DATA: &str = "data";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let policy = arguments.next().unwrap();
    match policy.as_str() {
        "--import" => return import(Path::new(&arguments.next().unwrap())),
        "--look-up" => return look_up(Path::new(&arguments.next().unwrap())),
        _ => {}
    }
    let photo = arguments.next().unwrap();
    let mut number = |usual| arguments.next().map_or(usual, |text| text.parse().unwrap());
    let (attendees, photos): (usize, usize) = (number(1_000_000), number(2_000));

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let codes = write_list(&at("attendees.csv"), attendees, photos);
    fs::create_dir(at("photos")).unwrap();
    fs::copy(photo, at("photos").join("photo.jpg")).unwrap();
    BundleKey::create_files(&at(KEY)).unwrap();
    let key = BundleKey::from_file(&at(KEY)).unwrap();

    let now = Timestamp::now();
    let begun = Instant::now();
    let order = Order {
        sheet: &at("attendees.csv"),
        photos: &at("photos"),
        policy: Path::new(&policy),
        key: &key,
        out: &at(BUNDLE),
        sequence: None,
        now,
    };
    let made = bundle::make(&order, &|_| Ok(()), &mut |_| ()).unwrap();
    assert_eq!((made.attendees as usize, made.references as usize), (attendees, photos));
    let making = begun.elapsed();

    fs::create_dir(at(DATA)).unwrap();
    fs::write(at(CODES), codes.join("\n")).unwrap();
    let mut figures = apart("--import", folder.path());
    figures.extend(apart("--look-up", folder.path()));

    let begun = Instant::now();
    let mut store = Store::open_folder(&at(DATA)).unwrap();
    let open = begun.elapsed();
    let asked = Instant::now();
    let head = store.roster().unwrap().unwrap();
    let read_head = asked.elapsed();
    assert_eq!(head.attendees as usize, attendees);
    let find = |locator: &Locator| store.badge(locator).unwrap().is_some();
    let read = |locator: &Locator| store.reference(locator).unwrap().is_some();
    let mut lookups = ask(&codes, &head.salt, find);
    let pictured: Vec<_> = codes.iter().step_by(attendees / photos).take(photos).cloned().collect();
    let mut references = ask(&pictured, &head.salt, read);
    let begun = Instant::now();
    store.counts().unwrap();
    let counts = begun.elapsed();
    let begun = Instant::now();
    store.purge_expired(now).unwrap();
    let purge = begun.elapsed();
    let mut others = json!({
        "roster_attendees": attendees,
        "roster_photos": photos,
        "roster_make_s": making.as_secs_f64(),
        "roster_bundle_mb": megabytes(&at(BUNDLE)),
        "roster_database_mb": megabytes(&at(DATA).join(store::DATABASE_FILE)),
        "roster_open_ms": open.as_secs_f64() * 1e3,
        "roster_head_ms": read_head.as_secs_f64() * 1e3,
        "roster_counts_ms": counts.as_secs_f64() * 1e3,
        "roster_purge_ms": purge.as_secs_f64() * 1e3,
        "roster_lookup_us_p50": percentile(&mut lookups, 50),
        "roster_lookup_us_p99": percentile(&mut lookups, 99),
        "roster_reference_us_p50": percentile(&mut references, 50),
        "roster_reference_us_p99": percentile(&mut references, 99),
    });
    figures.append(others.as_object_mut().unwrap());
    println!("{}", Value::Object(figures));
}

/// Figures of a part that runs in a process of its own.
fn apart(part: &str, folder: &Path) -> Map<String, Value> {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).arg(part).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn import(folder: &Path) {
    let trusted = [BundleKey::from_file(&folder.join(KEY)).unwrap().trusted()];
    let mut store = Store::open_folder(&folder.join(DATA)).unwrap();
    let begun = Instant::now();
    let now = Timestamp::now();
    bundle::import(&folder.join(BUNDLE), &trusted, &mut store, now, &mut |_, _| ()).unwrap();
    let took = begun.elapsed().as_secs_f64();
    println!("{}", json!({"roster_import_s": took, "roster_import_peak_mib": peak_mib()}));
}

fn look_up(folder: &Path) {
    let codes = BufReader::new(File::open(folder.join(CODES)).unwrap()).lines();
    let codes: Vec<_> = codes.take(LOOKUPS / 20).map(Result::unwrap).collect();
    let store = Store::open_folder(&folder.join(DATA)).unwrap();
    let before = peak_mib();
    let head = store.roster().unwrap().unwrap();
    ask(&codes, &head.salt, |locator| store.badge(locator).unwrap().is_some());
    let figures = json!({
        "roster_asked_peak_mib": peak_mib(), "roster_asked_peak_before_mib": before,
    });
    println!("{figures}");
}

/// Writes the list of attendees and returns their codes.
fn write_list(path: &Path, attendees: usize, photos: usize) -> Vec<String> {
    let mut list = BufWriter::new(File::create(path).unwrap());
    writeln!(list, "code,name,photo,under_14,position").unwrap();
    let codes: Vec<String> =
        (0..attendees).map(|_| BadgeSecret::issue().unwrap().0.as_str().to_owned()).collect();
    for (n, code) in codes.iter().enumerate() {
        // Photos are spread over the whole list.
        let step = attendees / photos;
        let photo = if n % step == 0 && n / step < photos { "photo.jpg" } else { "" };
        writeln!(list, "{code},示例观众 Sample Visitor {n},{photo},no,{}", n + 1).unwrap();
    }
    list.flush().unwrap();
    codes
}

/// Microseconds of each question, of codes in no order.
fn ask(codes: &[String], salt: &RosterSalt, question: impl Fn(&Locator) -> bool) -> Vec<f64> {
    // A step that is prime to any length that is asked for visits all places in no order.
    let step = 611_953;
    (0..LOOKUPS)
        .map(|n| {
            let code = BadgeCode::new(codes[n.wrapping_mul(step) % codes.len()].clone());
            let begun = Instant::now();
            let secret = BadgeSecret::parse(&code, CodeFormat::Crockford).unwrap();
            let keys = secret.derive(salt).unwrap();
            assert!(question(&keys.locator));
            begun.elapsed().as_secs_f64() * 1e6
        })
        .collect()
}

fn percentile(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn megabytes(path: &Path) -> f64 {
    fs::metadata(path).unwrap().len() as f64 / 1e6
}

/// Most memory that this process ever had, in MiB; 0 where the system does not tell.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib: Option<f64> = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(0.0) / 1024.0
}
