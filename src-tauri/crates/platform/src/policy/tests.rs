//! Tests of the policy pack, with the sample pack that the project ships.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::PathBuf;

use super::*;

/// The sample pack.
pub(crate) fn sample_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../assets/policy/ciie-sample")
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
        &|p| p.facts.version.push('1'),
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
fn m47_a_notice_is_complete_or_absent() {
    assert!(refused(|p| p.en.face_notice = None).contains("one language only"));
    let text = refused(|p| p.zh.face_notice.as_mut().unwrap().retention = Text::new(""));
    assert!(text.contains("zh.face_notice.retention"), "{text}");
    let mut pack = sample();
    (pack.zh.face_notice, pack.en.face_notice, pack.facts.impact_assessment) = (None, None, None);
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
    assert!(refused(|p| p.facts.version = String::new()).contains("version"));
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
        ("zh.toml", "[contact]", "[contacts]"),
        ("en.toml", "alternative =", "alternativ ="),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(sample_folder()).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap();
            let text = if name == file { text.replacen(from, to, 1) } else { text };
            fs::write(folder.path().join(name), text).unwrap();
        }
        let error = PolicyPack::from_folder(folder.path()).unwrap_err();
        assert!(matches!(error, PolicyError::Parse { .. }), "{error:?}");
        assert!(error.to_string().starts_with(file), "{error}");
    }
    let empty = tempfile::tempdir().unwrap();
    let missing = PolicyPack::from_folder(empty.path()).unwrap_err();
    assert!(matches!(missing, PolicyError::Read { file: "pack.toml", .. }));
}
