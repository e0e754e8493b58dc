//! What this very program is made of: the list that its build wrote (C23).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::roster::Roster;
use crate::view::{Component, ComponentKind, InventoryPage, Language};

/// `CycloneDX` 1.5.
pub(crate) const LIST: &str = include_str!(concat!(env!("OUT_DIR"), "/postern.cdx.json"));

/// The list, as far as the screen shows it.
#[derive(Deserialize)]
struct List {
    components: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "type")]
    kind: ComponentKind,
    name: String,
    version: String,
    #[serde(default)]
    licenses: Vec<Licence>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Licence {
    Expression(String),
    License { name: String },
}

/// What the screen shows.
pub(crate) fn page(
    roster: &Roster,
    language: Language,
    network: &transport::Settings,
) -> InventoryPage {
    InventoryPage {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        operator: language.of(&roster.policy).operator.clone(),
        endpoints: network.allow.iter().map(ToString::to_string).collect(),
        references: roster.head.references,
        components: COMPONENTS.clone(),
    }
}

/// Read once, when somebody first looks: a page is made for every view.
static COMPONENTS: LazyLock<Vec<Component>> = LazyLock::new(|| {
    // What the build wrote is read by the tests; a list that could not be read would be empty.
    let list: List = serde_json::from_str(LIST).unwrap_or(List { components: Vec::new() });
    list.components
        .into_iter()
        .map(|Listed { kind, name, version, licenses }| Component {
            kind,
            name,
            version,
            licence: licenses
                .into_iter()
                .map(|licence| match licence {
                    Licence::Expression(text) | Licence::License { name: text } => text,
                })
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect()
});

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn c11_c23_the_program_lists_what_is_compiled_into_it_and_the_models() {
        let list = &*COMPONENTS;
        assert!(list.len() > 300, "{}", list.len());
        for (name, kind) in [
            ("tauri", ComponentKind::Library),
            ("tract-onnx", ComponentKind::Library),
            ("svelte", ComponentKind::Library),
            ("fr_feature.onnx", ComponentKind::Model),
        ] {
            let one = list.iter().find(|one| one.name == name).unwrap();
            assert_eq!(one.kind, kind);
            assert!(!one.version.is_empty() && !one.licence.is_empty(), "{one:?}");
        }
    }

    #[test]
    fn c22_nothing_that_is_compiled_in_replaces_the_program() {
        // A technician installs what the operator signed; the program has no other way.
        let found: Vec<_> = COMPONENTS
            .iter()
            .filter(|c| {
                ["updater", "self_update", "self-update"].iter().any(|w| c.name.contains(w))
            })
            .collect();
        assert_eq!(found, [] as [&Component; 0]);
        let settings = include_str!("../../tauri.conf.json");
        assert!(!settings.contains("updater"), "no updater is configured");
    }

    #[test]
    fn c11_m52_nothing_that_is_compiled_in_speaks_with_a_third_party_of_its_own() {
        // Measuring, advertising, crash reports, push messages.
        for stem in ["sentry", "analytics", "telemetry", "crashpad", "firebase", "bugsnag"] {
            let found: Vec<_> = COMPONENTS.iter().filter(|c| c.name.contains(stem)).collect();
            assert_eq!(found, [] as [&Component; 0], "{stem}");
        }
    }
}
