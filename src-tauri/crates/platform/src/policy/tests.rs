//! Tests of the policy pack, with the sample pack that the project ships.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// The sample pack with a notice.
pub(crate) fn sample_folder() -> PathBuf {
    samples().join("ciie-sample")
}

fn samples() -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../assets/policy")
}

/// A copy of a pack's folder with other words in it.
pub(super) fn copy(from: &Path, changes: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pack.toml", "zh.toml", "en.toml"] {
        let mut text = fs::read_to_string(from.join(name)).unwrap();
        for (_, from, to) in changes.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(from), "{name}: {from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

pub(super) fn sample() -> PolicyPack {
    PolicyPack::from_folder(&sample_folder()).unwrap()
}

/// The error of the sample pack after a change.
pub(super) fn refused(change: impl FnOnce(&mut PolicyPack)) -> String {
    let mut pack = sample();
    change(&mut pack);
    PolicyPack::from_json(&pack.to_json().unwrap()).unwrap_err().to_string()
}

#[test]
fn c03_the_sample_pack_states_purpose_method_retention_and_effect_in_both_languages() {
    let pack = sample();
    for texts in [&pack.zh, &pack.en] {
        for (name, text) in texts.face_notice.as_ref().unwrap().sections(Retained::Nothing) {
            assert!(!text.plain().is_empty(), "{name}");
        }
    }
}

#[test]
fn the_sample_pack_can_be_read_from_a_metre() {
    let pack = sample();
    for (name, text) in pack.zh.face_notice.unwrap().sections(Retained::Nothing) {
        let length = text.plain().chars().count();
        assert!(length <= 60, "{name} has {length} characters");
    }
    for (name, text) in pack.en.face_notice.unwrap().sections(Retained::Nothing) {
        let words = text.plain().split_whitespace().count();
        assert!(words <= 35, "{name} has {words} words");
    }
}

#[test]
fn c02_the_sample_pack_emphasises_the_face_image_and_the_certificate_photo() {
    let pack = sample();
    for (texts, items) in
        [(pack.zh, ["人脸信息", "证件照"]), (pack.en, ["face image", "certificate photo"])]
    {
        let notice = texts.face_notice.unwrap();
        let strong: Vec<String> = notice
            .sections(Retained::Nothing)
            .iter()
            .flat_map(|(_, text)| text.spans())
            .filter(|(_, strong)| *strong)
            .map(|(words, _)| words)
            .collect();
        for item in items {
            assert!(strong.iter().any(|words| words == item), "{item}");
        }
    }
}

#[test]
fn c14_the_sample_pack_says_once_that_the_other_way_may_be_slower() {
    let pack = sample();
    for (texts, words) in [(pack.zh, "多花一点时间"), (pack.en, "a little longer")] {
        let notice = texts.face_notice.unwrap();
        let said = notice
            .sections(Retained::Nothing)
            .iter()
            .filter(|(_, t)| t.plain().contains(words))
            .count();
        assert_eq!(said, 1, "{words}");
    }
}

#[test]
fn a_pack_survives_the_way_through_a_bundle() {
    let pack = sample();
    let json = pack.to_json().unwrap();
    assert_eq!(PolicyPack::from_json(&json).unwrap(), pack);
    assert_eq!(
        PolicyPack::from_json(&json).unwrap().notice_sha256(Retained::Nothing),
        pack.notice_sha256(Retained::Nothing)
    );
}

#[test]
fn m59_the_hash_covers_everything_that_is_shown_in_chinese_and_nothing_else() {
    let hash = |change: &dyn Fn(&mut PolicyPack)| {
        let mut pack = sample();
        change(&mut pack);
        pack.notice_sha256(Retained::Nothing)
    };
    let unchanged = hash(&|_| ());
    let english = hash(&|p| p.en.operator.push('!'));
    assert_eq!(unchanged, english);
    let changes: [&dyn Fn(&mut PolicyPack); 6] = [
        &|p| p.facts.version = "1.1".parse().unwrap(),
        &|p| p.facts.last_updated = p.facts.last_updated.tomorrow().unwrap(),
        &|p| p.zh.operator.push('!'),
        &|p| p.zh.contact.phone.push('1'),
        &|p| p.zh.face_notice.as_mut().unwrap().rights = Text::new("无"),
        &|p| {
            let notice = p.zh.face_notice.as_mut().unwrap();
            notice.method = Text::new(notice.method.plain());
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        assert_ne!(hash(change), unchanged, "change {index}");
    }
}

#[test]
fn m59_the_canonical_text_has_a_fixed_form() {
    let canonical = sample().canonical_notice(Retained::Nothing).unwrap();
    let names: Vec<_> = canonical.lines().map(|l| l.split(": ").next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "postern face notice 1",
            "version",
            "updated",
            "operator",
            "purpose",
            "method",
            "retention",
            "effect",
            "alternative",
            "rights",
            "contact",
        ]
    );
    assert!(canonical.ends_with('\n'));
}

#[test]
fn m60_placeholder_contacts_are_refused() {
    for phone in ["", "  ", "XXX", "+86-21-XXXXXX", "todo", "call us", "1234"] {
        let text = refused(|p| p.zh.contact.phone = phone.into());
        assert!(text.contains("zh.contact.phone"), "{phone}: {text}");
    }
    for mail in
        ["", "XXX", "privacy@example.com", "nobody", "@host.org", "a@b", "a@b..org", "a b@c.org"]
    {
        let text = refused(|p| p.en.contact.mail = mail.into());
        assert!(text.contains("en.contact.mail"), "{mail}: {text}");
    }
    assert!(refused(|p| p.en.operator = "TBD".into()).contains("en.operator"));
    assert!(refused(|p| p.zh.sign = Text::new("请填写")).contains("zh.sign"));
}

#[test]
fn l1_a_notice_needs_the_reference_of_an_impact_assessment() {
    assert!(refused(|p| p.facts.impact_assessment = None).contains("impact assessment"));
    let empty = refused(|p| p.facts.impact_assessment = Some(" ".into()));
    assert!(empty.contains("impact_assessment"));
}

#[test]
fn l1_a_filing_is_named_or_absent() {
    assert!(refused(|p| p.facts.filing = Some(String::new())).contains("filing"));
    let mut pack = sample();
    pack.facts.filing = Some("CAC 2026-17".into());
    assert_eq!(PolicyPack::from_json(&pack.to_json().unwrap()).unwrap(), pack);
}

#[test]
fn m47_a_notice_is_complete_or_absent() {
    assert!(refused(|p| p.en.face_notice = None).contains("one language only"));
    let text = refused(|p| p.zh.face_notice.as_mut().unwrap().retention = Text::new(""));
    assert!(text.contains("zh.face_notice.retention"), "{text}");
    let mut pack = sample();
    (pack.zh.face_notice, pack.en.face_notice, pack.facts.impact_assessment) = (None, None, None);
    (pack.zh.eea, pack.en.eea) = (None, None);
    let pack = PolicyPack::from_json(&pack.to_json().unwrap()).unwrap();
    assert_eq!(
        (pack.notice_sha256(Retained::Nothing), pack.canonical_notice(Retained::Nothing)),
        (None, None)
    );
}

#[test]
fn other_faults_of_a_pack_are_named() {
    assert!(refused(|p| p.facts.retention_days = 0).contains("retention_days"));
    assert!(refused(|p| p.facts.roster.id = "two words".into()).contains("roster.id"));
    assert!(refused(|p| p.facts.id = String::new()).starts_with("id must"));
    let open = refused(|p| p.zh.face_notice.as_mut().unwrap().effect = Text::new("**半"));
    assert!(open.contains("zh.face_notice.effect"), "{open}");
    let plain = refused(|p| {
        let notice = p.en.face_notice.as_mut().unwrap();
        for text in [&mut notice.purpose, &mut notice.method, &mut notice.retention] {
            *text = Text::new(text.plain());
        }
        for text in [&mut notice.effect, &mut notice.alternative, &mut notice.rights] {
            *text = Text::new(text.plain());
        }
    });
    assert!(plain.contains("bold"), "{plain}");
}

#[test]
fn a_slip_in_a_file_is_told_with_the_file() {
    for (file, from, to) in [
        ("pack.toml", "retention_days", "retention_dais"),
        ("pack.toml", "last_updated = \"", "last_updated = \"soon "),
        ("pack.toml", "version = \"1.0\"", "version = \"first\""),
        ("zh.toml", "[contact]", "[contacts]"),
        ("zh.toml", "children = [", "kids = ["),
        ("en.toml", "alternative =", "alternativ ="),
    ] {
        let folder = copy(&sample_folder(), &[(file, from, to)]);
        let error = PolicyPack::from_folder(folder.path()).unwrap_err();
        assert!(matches!(error, PolicyError::Parse { .. }), "{error:?}");
        assert!(error.to_string().starts_with(file), "{error}");
    }
    let empty = tempfile::tempdir().unwrap();
    let missing = PolicyPack::from_folder(empty.path()).unwrap_err();
    assert!(matches!(missing, PolicyError::Read { file: "pack.toml", .. }));
}

#[test]
fn m57_the_notice_for_eea_visitors_adds_all_five_entries_to_what_is_hashed() {
    let pack = sample();
    let all = pack.canonical_notice(Retained::Nothing).unwrap();
    let eea = Shown { retained: Retained::Nothing, eea: true };
    let with = pack.canonical_notice(eea).unwrap();
    assert_ne!(pack.notice_sha256(eea), pack.notice_sha256(Retained::Nothing));
    let added: Vec<_> = with
        .lines()
        .filter(|line| !all.lines().any(|other| other == *line))
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    let names =
        ["eea_controller", "eea_storage", "eea_legal_basis", "eea_mandatory", "eea_consequences"];
    assert_eq!(added, names);
}

#[test]
fn m57_a_notice_without_the_eea_block_is_refused_and_half_of_it_too() {
    let none = refused(|p| (p.zh.eea, p.en.eea) = (None, None));
    assert!(none.contains("[eea]"), "{none}");
    assert!(refused(|p| p.en.eea = None).contains("eea is there in one language only"));
    let open = refused(|p| p.zh.eea.as_mut().unwrap().mandatory = Text::new(" "));
    assert!(open.contains("zh.eea.mandatory"), "{open}");
}

#[test]
fn c41_terms_of_a_transfer_are_whole_and_in_both_languages_or_absent() {
    assert_eq!(sample().transfer_sha256(), None);
    let terms = |word: &str| {
        let text = || Text::new(word);
        Some(Transfer { ask: text(), recipient: text(), contact: text(), purpose: text() })
    };
    assert!(refused(|p| p.zh.transfer = terms("a")).contains("transfer is there in one language"));
    let open = refused(|p| (p.zh.transfer, p.en.transfer) = (terms("a"), terms("TBD")));
    assert!(open.contains("en.transfer.ask"), "{open}");
    let hash = |word: &str, version: &str| {
        let mut pack = sample();
        (pack.zh.transfer, pack.en.transfer) = (terms(word), terms("a"));
        pack.facts.version = version.parse().unwrap();
        PolicyPack::from_json(&pack.to_json().unwrap()).unwrap().transfer_sha256().unwrap()
    };
    assert_eq!(hash("a", "1"), hash("a", "1"));
    assert_ne!(hash("a", "1"), hash("b", "1"));
    assert_ne!(hash("a", "1"), hash("a", "2"));
}

#[test]
fn m59_every_paragraph_stands_in_both_languages() {
    let fewer = refused(|p| drop(p.en.policy.rights.pop()));
    assert!(fewer.contains("policy.rights"), "{fewer}");
    let none = refused(|p| {
        p.zh.policy.children.clear();
        p.en.policy.children.clear();
    });
    assert!(none.contains("policy.children"), "{none}");
    let open = refused(|p| p.zh.policy.rights[1] = Text::new("XXX"));
    assert!(open.contains("zh.policy.rights 2"), "{open}");
    let basis = refused(|p| p.en.legal_basis = Text::new(""));
    assert!(basis.contains("en.legal_basis"), "{basis}");
    let mut prose = sample();
    prose.en.policy.data[0] = Text::new("Your name, for example.");
    assert!(PolicyPack::from_json(&prose.to_json().unwrap()).is_ok());
}

#[test]
fn m60_the_second_sample_is_refused_until_both_lines_of_its_contact_are_filled_in() {
    let blank = samples().join("cccme-sample");
    let phone = ("XXX", "+86-10-58280809");
    let mail = ("mail = \"\"", "mail = \"privacy@sample-chamber.test\"");
    let with = |entries: &[(&str, (&str, &str))]| {
        let changes: Vec<_> =
            entries.iter().map(|(file, (from, to))| (*file, *from, *to)).collect();
        PolicyPack::from_folder(copy(&blank, &changes).path())
    };
    for (entries, open) in [
        (&[][..], "zh.contact.phone"),
        (&[("zh.toml", phone)], "zh.contact.mail"),
        (&[("zh.toml", phone), ("zh.toml", mail)], "en.contact.phone"),
        (&[("zh.toml", phone), ("zh.toml", mail), ("en.toml", phone)], "en.contact.mail"),
    ] {
        let refused = with(entries).unwrap_err();
        assert!(
            matches!(&refused, PolicyError::Placeholder { entry } if entry == open),
            "{refused}"
        );
    }
    let filled =
        with(&[("zh.toml", phone), ("zh.toml", mail), ("en.toml", phone), ("en.toml", mail)]);
    // M47: it has no clause on faces, so there is nothing to agree to.
    assert_eq!(filled.unwrap().notice_sha256(Retained::Nothing), None);
}
