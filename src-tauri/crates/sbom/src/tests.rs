//! The inventory of this very repository.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cyclonedx_bom::prelude::{Bom, Validate as _};

use super::*;

fn root() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).ancestors().nth(3).unwrap().to_owned()
}

fn listed(features: &[String]) -> Bom {
    let build = Build { root: &root(), features, target: "x86_64-unknown-linux-gnu" };
    Bom::parse_from_json(of(&build).unwrap().as_slice()).unwrap()
}

fn named<'b>(bom: &'b Bom, name: &str) -> Option<&'b Component> {
    bom.components.iter().flat_map(|list| &list.0).find(|one| one.name.to_string() == name)
}

#[test]
fn c23_every_crate_that_is_compiled_in_is_listed_with_version_licence_and_hash() {
    let bom = listed(&[]);
    assert!(bom.validate().passed());
    for name in ["tauri", "tract-onnx", "rusqlite", "nokhwa", "image", "reqwest", "tokio", "serde"]
    {
        let component = named(&bom, name).unwrap_or_else(|| panic!("{name} is missing"));
        assert!(component.licenses.is_some() && component.hashes.is_some(), "{component:?}");
        let url = component.purl.as_ref().unwrap().to_string();
        assert!(url.starts_with(&format!("pkg:cargo/{name}@")), "{url}");
    }
    // Our own are of the repository: they have no hash of a registry.
    assert!(named(&bom, "checkin").unwrap().hashes.is_none());
}

#[test]
fn c23_what_only_builds_or_tests_is_not_listed() {
    let bom = listed(&[]);
    for name in ["tauri-build", "sbom", "proptest", "walkthrough", "windows"] {
        assert!(named(&bom, name).is_none(), "{name} is listed");
    }
}

#[test]
fn c23_models_and_the_packages_of_the_screens_are_listed() {
    let bom = listed(&[]);
    let model = named(&bom, "centerface.onnx").unwrap();
    assert_eq!(model.component_type, Classification::MachineLearningModel);
    assert!(model.hashes.is_some());
    assert!(named(&bom, "svelte").unwrap().hashes.is_some());
    let url = named(&bom, "@tauri-apps/api").unwrap().purl.as_ref().unwrap().to_string();
    assert!(url.starts_with("pkg:npm/%40tauri-apps/api@2."), "{url}");
    assert!(named(&bom, "vitest").is_none());
}

#[test]
fn c23_every_dependency_leads_to_something_that_is_listed() {
    let bom = listed(&[]);
    let refs: BTreeSet<&str> = bom
        .components
        .iter()
        .flat_map(|list| &list.0)
        .chain(bom.metadata.iter().filter_map(|metadata| metadata.component.as_ref()))
        .filter_map(|one| one.bom_ref.as_deref())
        .collect();
    let of = &bom.dependencies.as_ref().unwrap().0;
    assert!(of.len() > 300, "{}", of.len());
    for one in of {
        assert!(refs.contains(one.dependency_ref.as_str()), "{}", one.dependency_ref);
        for needed in &one.dependencies {
            assert!(refs.contains(needed.as_str()), "{needed}");
        }
    }
}

#[test]
fn c23_the_same_build_gives_the_same_bytes_and_another_feature_another_list() {
    let build = Build { root: &root(), features: &[], target: "x86_64-unknown-linux-gnu" };
    assert_eq!(of(&build).unwrap(), of(&build).unwrap());
    let windows = Build { target: "x86_64-pc-windows-msvc", ..build };
    assert_ne!(of(&build).unwrap(), of(&windows).unwrap());
}

#[test]
fn a_repository_without_its_files_is_an_error_that_names_them() {
    let empty = std::env::temp_dir();
    let refused = packages::of(&empty).unwrap_err().to_string();
    assert!(refused.contains("bundled.json"), "{refused}");
    let refused = models::of(&empty.join("manifest.toml")).unwrap_err().to_string();
    assert!(refused.contains("manifest.toml"), "{refused}");
}
