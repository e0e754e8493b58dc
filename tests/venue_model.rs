//! A venue's own template model in a real kiosk: the example of `models/examples`.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Kiosk, Setup, codes, example, expect_success, models, pictures, postern};
use crate::visits::{SOON, open, scan};

const FILE: &str = "mobilefacenet-192.onnx";
const SHA256: &str = "bb93835f48ef08b015a4e0298e6dc655ab26085584730f371424c825e817f9bd";

/// A kiosk's folder of models with the example in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for from in [models(), example("mobilefacenet-192")] {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    folder
}

#[tokio::test]
async fn a_visitor_is_admitted_by_it_with_its_own_threshold() {
    let folder = folder();
    let config = format!("[comparison]\nthreshold = 0.5\nthreshold_model = '{SHA256}'");
    let setup = Setup { models: Some(folder.path()), config: &config, ..Setup::default() };
    let kiosk = Kiosk::with("obama2.jpg", &setup);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn without_a_threshold_of_its_own_everybody_goes_to_staff() {
    let folder = folder();
    let setup = Setup { models: Some(folder.path()), ..Setup::default() };
    let kiosk = Kiosk::with("obama2.jpg", &setup);
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    // The worker says so a moment after the window opens.
    tokio::time::sleep(Duration::from_secs(2)).await;
    scan(&session, codes::A, "staff").await;
    assert!(session.log().contains(FILE), "{}", session.log());
    session.close().await.unwrap();
}

#[test]
fn l5_eval_names_it_and_shows_no_threshold_that_is_not_its_own() {
    let (folder, persons) = (folder(), tempfile::tempdir().unwrap());
    for (person, picture) in [("a", "obama.jpg"), ("a", "obama2.jpg"), ("b", "biden.jpg")] {
        fs::create_dir_all(persons.path().join(person)).unwrap();
        fs::copy(pictures().join(picture), persons.path().join(person).join(picture)).unwrap();
    }
    let json = persons.path().join("figures.json");
    let [models, pictures, file] =
        [folder.path(), persons.path(), &json].map(|path| path.to_str().unwrap());
    let arguments = ["eval", "--folder", pictures, "--models", models, "--json", file];
    expect_success(&postern(arguments));
    let figures: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(figures["model"], SHA256);
    assert_eq!(figures["threshold_from"], "uncalibrated");
    assert_eq!(figures["kiosk_threshold"], Value::Null);
    assert_eq!(figures["threshold"], Value::Null);
    assert_ne!(figures["comparisons"]["total"], 0);
}
