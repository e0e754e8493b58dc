//! What a law may want kept of visits, and on which terms (C07).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PolicyPack;

/// What a kiosk keeps of a visit's pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retained {
    /// Nothing.
    #[default]
    Nothing,
    /// One picture, sealed to the recipient of the pack's terms.
    Evidence,
}

/// The operator's terms for keeping evidence, `[retained_evidence]` of `pack.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetainedEvidence {
    /// The law and its article.
    pub legal_basis: String,
    /// Days for which each record is kept, 1 to 3650.
    pub days: u16,
    /// The public key of whoever may open the records: an age recipient, `age1…`.
    pub recipient: String,
}

impl PolicyPack {
    /// SHA-256 of everything that two members of staff agree to when they switch the keeping of
    /// evidence on: terms, version, and the notice's text in both languages. None without terms.
    /// Lines as in [`canonical_notice`](Self::canonical_notice).
    pub fn retained_sha256(&self) -> Option<[u8; 32]> {
        let terms = self.facts.retained_evidence.as_ref()?;
        let [zh, en] = [&self.zh, &self.en]
            .map(|texts| Some(texts.face_notice.as_ref()?.retention(Retained::Evidence).marked()));
        let days = terms.days.to_string();
        let lines = [
            ("legal_basis", terms.legal_basis.as_str()),
            ("days", &days),
            ("recipient", &terms.recipient),
            ("version", self.facts.version.as_str()),
            ("zh", zh?),
            ("en", en?),
        ];
        let mut canonical = String::from("postern retained evidence 1\n");
        for (name, text) in lines {
            canonical.extend([name, ": ", text, "\n"]);
        }
        Some(Sha256::digest(canonical).into())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::super::tests::{refused, sample};
    use super::*;
    use crate::{FaceNotice, Text};

    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn notices(pack: &mut PolicyPack) -> [&mut FaceNotice; 2] {
        [pack.zh.face_notice.as_mut().unwrap(), pack.en.face_notice.as_mut().unwrap()]
    }

    /// The sample pack of an operator whom a law obliges.
    fn obliged(pack: &mut PolicyPack) {
        pack.facts.retained_evidence = Some(RetainedEvidence {
            legal_basis: "Act on Public Events, article 12".to_owned(),
            days: 30,
            recipient: RECIPIENT.to_owned(),
        });
        for notice in notices(pack) {
            notice.retention_kept = Some(Text::new("One **picture** is kept for 30 days."));
        }
    }

    fn terms(pack: &mut PolicyPack) -> &mut RetainedEvidence {
        pack.facts.retained_evidence.as_mut().unwrap()
    }

    fn obliged_but(change: impl FnOnce(&mut PolicyPack)) -> String {
        refused(|pack| {
            obliged(pack);
            change(pack);
        })
    }

    #[test]
    fn c07_without_terms_nothing_is_kept_and_a_pack_reads_as_before() {
        let pack = sample();
        assert_eq!((pack.retained_sha256(), Retained::default()), (None, Retained::Nothing));
        let json = String::from_utf8(pack.to_json().unwrap()).unwrap();
        // Kiosks of an earlier version refuse an entry that they do not know.
        assert!(!json.contains("retained") && !json.contains("retention_kept"), "{json}");
        let both = [Retained::Nothing, Retained::Evidence].map(|r| pack.notice_sha256(r));
        assert_eq!(both[0], both[1]);
    }

    #[test]
    fn c07_c44_the_notice_of_a_kiosk_that_keeps_evidence_is_another_one_with_another_hash() {
        let mut pack = sample();
        let before = pack.notice_sha256(Retained::Nothing);
        obliged(&mut pack);
        let pack = PolicyPack::from_json(&pack.to_json().unwrap()).unwrap();
        assert_eq!(pack.notice_sha256(Retained::Nothing), before);
        assert_ne!(pack.notice_sha256(Retained::Evidence), before);
        let texts =
            [Retained::Nothing, Retained::Evidence].map(|r| pack.canonical_notice(r).unwrap());
        let different: Vec<_> =
            texts[0].lines().zip(texts[1].lines()).filter(|(a, b)| a != b).collect();
        assert_eq!(different.len(), 1);
        assert_eq!(different[0].1, "retention: One **picture** is kept for 30 days.");
    }

    #[test]
    fn c07_terms_without_texts_and_texts_without_terms_are_refused() {
        let together = "belong together";
        let changes: [&dyn Fn(&mut PolicyPack); 4] = [
            &|pack| pack.facts.retained_evidence = None,
            &|pack| notices(pack)[0].retention_kept = None,
            &|pack| notices(pack)[1].retention_kept = None,
            &|pack| {
                pack.zh.face_notice = None;
                pack.en.face_notice = None;
            },
        ];
        for change in changes {
            let text = obliged_but(change);
            assert!(text.contains(together), "{text}");
        }
    }

    #[test]
    fn c07_a_legal_basis_a_period_and_a_public_key_are_needed() {
        for basis in ["", " ", "tbd", "待定", "xxx"] {
            let text = obliged_but(|pack| terms(pack).legal_basis = basis.to_owned());
            assert!(text.contains("retained_evidence.legal_basis"), "{basis}: {text}");
        }
        for days in [0, 3651, u16::MAX] {
            let text = obliged_but(|pack| terms(pack).days = days);
            assert!(text.contains("retained_evidence.days"), "{days}: {text}");
        }
        for recipient in ["", "age1", "privacy@sample-expo.test", &RECIPIENT[..61]] {
            let text = obliged_but(|pack| terms(pack).recipient = recipient.to_owned());
            assert!(text.contains("retained_evidence.recipient"), "{recipient}: {text}");
        }
    }

    #[test]
    fn c02_the_text_on_what_is_kept_is_filled_in_and_emphasises_the_picture() {
        for (index, language) in ["zh", "en"].into_iter().enumerate() {
            for (text, word) in [("", "empty"), ("A picture.", "bold"), ("A **picture.", "odd")] {
                let error =
                    obliged_but(|pack| notices(pack)[index].retention_kept = Some(Text::new(text)));
                let entry = format!("{language}.face_notice.retention_kept");
                assert!(error.contains(&entry) && error.contains(word), "{error}");
            }
        }
    }

    #[test]
    fn c07_what_two_people_agreed_to_covers_terms_version_and_both_texts() {
        let hash = |change: &dyn Fn(&mut PolicyPack)| {
            let mut pack = sample();
            obliged(&mut pack);
            change(&mut pack);
            pack.retained_sha256().unwrap()
        };
        let agreed = hash(&|_| ());
        let changes: [&dyn Fn(&mut PolicyPack); 6] = [
            &|pack| terms(pack).legal_basis.push('a'),
            &|pack| terms(pack).days += 1,
            &|pack| terms(pack).recipient.push('q'),
            &|pack| pack.facts.version = "1.1".parse().unwrap(),
            &|pack| notices(pack)[0].retention_kept = Some(Text::new("**x**")),
            &|pack| notices(pack)[1].retention_kept = Some(Text::new("**x**")),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            assert_ne!(hash(change), agreed, "change {index}");
        }
        // Nothing else asks two people to come again.
        assert_eq!(hash(&|pack| pack.zh.contact.phone.push('1')), agreed);
    }
}
