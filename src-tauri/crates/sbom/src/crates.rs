//! The crates that are compiled into the program.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{
    CargoOpt, DependencyKind, Metadata, MetadataCommand, Node, Package, PackageId, TargetKind,
};
use cyclonedx_bom::models::component::{Classification, Component};
use cyclonedx_bom::models::hash::HashAlgorithm;
use serde::Deserialize;

use crate::{Build, Entry, InventoryError, form, read};

/// The crates of a build.
pub(crate) struct Crates {
    /// The program.
    pub(crate) program: Component,
    /// All others, in the order of their names.
    pub(crate) components: Vec<Component>,
    /// Which needs which.
    pub(crate) dependencies: BTreeMap<String, Vec<String>>,
}

/// `Cargo.lock`, as far as it is needed.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

pub(crate) fn of(build: &Build<'_>) -> Result<Crates, InventoryError> {
    let metadata = MetadataCommand::new()
        .manifest_path(build.root.join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(build.features.to_vec()))
        .other_options(["--locked", "--filter-platform", build.target].map(str::to_owned))
        .exec()?;
    let root = metadata.root_package().map(|package| package.id.clone());
    let no_program = || InventoryError::NoProgram(build.root.to_owned());
    let (Some(root), Some(resolve)) = (root, &metadata.resolve) else { return Err(no_program()) };
    let nodes: BTreeMap<&PackageId, &Node> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let sums = checksums(build)?;

    let mut needed = BTreeMap::new();
    let mut seen = BTreeSet::from([&root]);
    let mut open = vec![nodes[&root]];
    while let Some(node) = open.pop() {
        let compiled_in = compiled_in(node, &metadata);
        for id in &compiled_in {
            if seen.insert(id) {
                open.push(nodes[*id]);
            }
        }
        let url = url(&metadata[&node.id]);
        let mut urls: Vec<String> =
            compiled_in.iter().map(|id| self::url(&metadata[*id])).collect();
        urls.sort_unstable();
        needed.insert(url, urls);
    }
    let mut others: Vec<&Package> =
        seen.into_iter().filter(|id| **id != root).map(|id| &metadata[id]).collect();
    others.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(Crates {
        program: component(Classification::Application, &metadata[&root], &sums),
        components: others
            .into_iter()
            .map(|package| component(Classification::Library, package, &sums))
            .collect(),
        dependencies: needed,
    })
}

/// What a crate needs at run time. A macro's code runs in the compiler.
fn compiled_in<'m>(node: &'m Node, metadata: &Metadata) -> Vec<&'m PackageId> {
    let runs = |id: &PackageId| {
        let targets = &metadata[id].targets;
        !targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro))
    };
    node.deps
        .iter()
        .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal))
        .map(|dep| &dep.pkg)
        .filter(|id| runs(id))
        .collect()
}

fn checksums(build: &Build<'_>) -> Result<BTreeMap<(String, String), String>, InventoryError> {
    let (path, text) = read(build.root.join("Cargo.lock"))?;
    let lock: Lock = toml::from_str(&text).map_err(|error| form(path, &error))?;
    Ok(lock
        .package
        .into_iter()
        .filter_map(|Locked { name, version, checksum }| Some(((name, version), checksum?)))
        .collect())
}

fn url(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

fn component(
    classification: Classification,
    package: &Package,
    sums: &BTreeMap<(String, String), String>,
) -> Component {
    let version = package.version.to_string();
    let sum = sums.get(&(package.name.to_string(), version.clone()));
    Entry {
        classification,
        name: &package.name,
        version: &version,
        url: &url(package),
        licence: package.license.as_deref(),
        hash: sum.map(|sum| (HashAlgorithm::SHA_256, sum.clone())),
    }
    .component()
}
