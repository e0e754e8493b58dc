//! Rules on who depends on whom.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::{
    places::Places,
    run::{cargo, quietly},
};

/// Crates that act: windows, networks, networks of neurons, databases.
pub(super) const NO_ACTION: &[&str] = &[
    "tauri",
    "wry",
    "tract-onnx",
    "tract-core",
    "rusqlite",
    "reqwest",
    "hyper",
    "tokio",
    "nokhwa",
    "rustls",
];
/// Crates that speak to a network.
pub(super) const NO_NETWORK: &[&str] = &[
    "reqwest",
    "hyper",
    "hyper-util",
    "h2",
    "quinn",
    "tungstenite",
    "tokio-tungstenite",
    "ureq",
    "curl",
    "isahc",
    "native-tls",
    "rumqttc",
    "rustls",
    "openssl",
    "tonic",
    "fantoccini",
];

/// Which of our crates each may use. Whoever is not listed may use none.
const ALLOWED: &[(&str, &[&str])] = &[
    ("biometrics", &["face", "camera", "evidence", "seal"]),
    ("evaluation", &["face"]),
    ("audit", &["admission", "due", "note"]),
    ("checkin", &["due"]),
    ("receipt", &["note"]),
    ("relay", &["transport"]),
    ("store", &["admission", "audit", "checkin", "due", "incidents", "note", "seal", "statistics"]),
    ("platform", &["admission", "checkin", "evidence", "seal", "store", "transport"]),
    (
        "postern",
        &[
            "admission",
            "audit",
            "biometrics",
            "checkin",
            "due",
            "evaluation",
            "gate",
            "incidents",
            "note",
            "platform",
            "receipt",
            "relay",
            "sbom",
            "seal",
            "statistics",
            "store",
            "transport",
        ],
    ),
];

/// Who depends on whom, without what only tests need.
#[derive(Debug, Default)]
pub(super) struct Dependencies {
    /// All crates below one of ours, by its name.
    below: BTreeMap<String, Vec<String>>,
    /// Our crates, each with those of ours that it names in its manifest.
    edges: Vec<(String, Vec<String>)>,
}

/// Our crates whose whole tree is looked at.
const TREES: &[&str] = &["checkin", "biometrics"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing.
    kind: Option<String>,
    /// Folder of a dependency of our own.
    path: Option<String>,
}

impl Dependencies {
    /// Asks cargo.
    pub(super) fn read(places: &Places) -> Result<Dependencies> {
        let mut below = BTreeMap::new();
        for name in TREES {
            let tree = [
                "tree",
                "--package",
                name,
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--format",
                "{p}",
                "--target",
                "all",
            ];
            let tree = quietly(cargo(places).args(tree))?;
            below.insert((*name).to_owned(), names(&String::from_utf8_lossy(&tree)));
        }
        let metadata =
            quietly(cargo(places).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Metadata =
            serde_json::from_slice(&metadata).context("reading cargo's metadata")?;
        Ok(Dependencies { below, edges: edges(&metadata) })
    }

    /// The banned crates that are below `package`.
    pub(super) fn banned(&self, package: &str, banned: &[&str]) -> Vec<String> {
        let Some(below) = self.below.get(package) else {
            return vec![format!("there is no crate {package}")];
        };
        let found = below.iter().filter(|name| banned.contains(&name.as_str()));
        found
            .map(|name| {
                format!("{package} depends on {name}: see `cargo tree -p {package} -i {name}`")
            })
            .collect()
    }

    /// Uses of one of our crates that are not allowed.
    pub(super) fn forbidden_edges(&self) -> Vec<String> {
        let allowed = |from: &str| {
            ALLOWED.iter().find(|(name, _)| *name == from).map_or(&[][..], |(_, allowed)| allowed)
        };
        self.edges
            .iter()
            .flat_map(|(from, uses)| {
                let forbidden = uses.iter().filter(|to| !allowed(from).contains(&to.as_str()));
                forbidden.map(|to| format!("{from} uses {to}")).collect::<Vec<_>>()
            })
            .collect()
    }
}

/// Names from lines such as `hyper v1.1.0 (*)`, without repetitions.
fn names(tree: &str) -> Vec<String> {
    let mut names: Vec<String> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn edges(metadata: &Metadata) -> Vec<(String, Vec<String>)> {
    let uses = |package: &Package| {
        let ours = package
            .dependencies
            .iter()
            .filter(|to| to.path.is_some() && to.kind.as_deref() != Some("dev"));
        ours.map(|to| to.name.clone()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.clone(), uses(package))).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_banned_crate_anywhere_below_is_found() {
        let below = names(
            "biometrics v0.1.0 (/x)\nface v0.1.0 (/x)\nhyper v1.1.0\nhyper v1.1.0 (*)\n\nserde v1\n",
        );
        let dependencies = Dependencies {
            below: BTreeMap::from([("biometrics".to_owned(), below)]),
            edges: vec![],
        };
        let found = dependencies.banned("biometrics", NO_NETWORK);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("biometrics depends on hyper:"));
        assert!(
            !dependencies.banned("checkin", NO_ACTION).is_empty(),
            "a crate that is gone is no pass"
        );
    }

    #[test]
    fn an_edge_that_is_not_allowed_is_found_and_tests_may_use_what_they_like() {
        let metadata = r#"{"packages": [
            {"name": "postern", "dependencies": [
                {"name": "store", "kind": null, "path": "/x/store"},
                {"name": "face", "kind": null, "path": "/x/face"},
                {"name": "walkthrough", "kind": "dev", "path": "/x/walkthrough"},
                {"name": "serde", "kind": null}
            ]},
            {"name": "gate", "dependencies": [{"name": "store", "kind": null, "path": "/x/store"}]}
        ]}"#;
        let edges = edges(&serde_json::from_str(metadata).unwrap());
        let dependencies = Dependencies { below: BTreeMap::new(), edges };
        assert_eq!(dependencies.forbidden_edges(), ["postern uses face", "gate uses store"]);
    }
}
