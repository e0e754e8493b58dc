//! The notice on facial recognition: from the policy pack to the screen.

use platform::{PolicyPack, Retained, Text, Texts};

use crate::view::{Language, Notice, Span};

impl Language {
    /// The pack's texts in this language.
    pub(crate) fn of(self, pack: &PolicyPack) -> &Texts {
        match self {
            Self::Zh => &pack.zh,
            Self::En => &pack.en,
        }
    }
}

/// The notice in one language, or `None` when the pack has none (M47). Every section of the
/// text that a consent record's hash covers is in it.
pub(crate) fn notice(pack: &PolicyPack, language: Language, retained: Retained) -> Option<Notice> {
    let texts = language.of(pack);
    let face = texts.face_notice.as_ref()?;
    let mut effect = spans(&face.effect);
    if language == Language::En {
        effect.push(Span { text: " ".to_owned(), strong: false });
    }
    effect.extend(spans(&face.alternative));
    Some(Notice {
        version: pack.facts.version.to_string(),
        updated: pack.facts.last_updated.to_string(),
        operator: texts.operator.clone(),
        purpose: spans(&face.purpose),
        method: spans(&face.method),
        retention: spans(face.retention(retained)),
        effect,
        rights: spans(&face.rights),
        contact: texts.contact.line(),
    })
}

fn spans(text: &Text) -> Vec<Span> {
    text.spans().into_iter().map(|(text, strong)| Span { text, strong }).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::path::Path;

    use super::*;

    #[test]
    fn c02_c03_c07_m59_the_screen_shows_every_line_that_the_consent_hash_covers() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/policy/ciie-sample");
        let mut pack = PolicyPack::from_folder(&folder).unwrap();
        let kept = "**人脸照片**依法加密保存30天。";
        pack.zh.face_notice.as_mut().unwrap().retention_kept = Some(Text::new(kept));
        for retained in [Retained::Nothing, Retained::Evidence] {
            let notice = notice(&pack, Language::Zh, retained).unwrap();
            let shown = shown(&notice);
            let hashed = pack.canonical_notice(retained).unwrap();
            for line in hashed.lines().skip(1) {
                let (name, text) = line.split_once(": ").unwrap();
                assert!(shown.contains(text), "{name} is hashed but not shown");
            }
            assert!(notice.method.iter().any(|span| span.strong), "sensitive items are bold");
            assert_eq!(shown.contains(kept), retained == Retained::Evidence);
        }
    }

    fn shown(notice: &Notice) -> String {
        let flat = |spans: &[Span]| {
            spans
                .iter()
                .map(|s| if s.strong { format!("**{}**", s.text) } else { s.text.clone() })
                .collect::<String>()
        };
        [
            notice.version.clone(),
            notice.updated.clone(),
            notice.operator.clone(),
            flat(&notice.purpose),
            flat(&notice.method),
            flat(&notice.retention),
            flat(&notice.effect),
            flat(&notice.rights),
            notice.contact.clone(),
        ]
        .join("\n")
    }
}
