//! The notice on facial recognition: from the policy pack to the screen.

use platform::{Eea, PolicyPack, Shown, Text, Texts};

use crate::view::{Language, Notice, Span, Transfer};

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
pub(crate) fn notice(pack: &PolicyPack, language: Language, shown: Shown) -> Option<Notice> {
    let texts = language.of(pack);
    let face = texts.face_notice.as_ref()?;
    let eea = texts.eea.iter().filter(|_| shown.eea).flat_map(Eea::entries);
    let eea: Vec<&Text> = eea.map(|(_, text)| text).collect();
    Some(Notice {
        version: pack.facts.version.to_string(),
        updated: pack.facts.last_updated.to_string(),
        operator: texts.operator.clone(),
        purpose: spans(&face.purpose),
        method: spans(&face.method),
        retention: spans(face.retention(shown.retained)),
        effect: joined(&[&face.effect, &face.alternative], language),
        rights: spans(&face.rights),
        eea: joined(&eea, language),
        contact: texts.contact.line(),
    })
}

/// The switch for a transfer abroad, or `None` when the pack has no terms for one (C41).
pub(crate) fn transfer(pack: &PolicyPack, language: Language, on: bool) -> Option<Transfer> {
    let terms = language.of(pack).transfer.as_ref()?;
    let details = [&terms.recipient, &terms.contact, &terms.purpose];
    Some(Transfer { ask: spans(&terms.ask), terms: joined(&details, language), on })
}

/// Texts one after the other, with a space between them where the language has spaces.
fn joined(texts: &[&Text], language: Language) -> Vec<Span> {
    let mut all = Vec::new();
    for text in texts {
        if language == Language::En && !all.is_empty() {
            all.push(Span { text: " ".to_owned(), strong: false });
        }
        all.extend(spans(text));
    }
    all
}

fn spans(text: &Text) -> Vec<Span> {
    text.spans().into_iter().map(|(text, strong)| Span { text, strong }).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use platform::Retained;

    use super::*;

    #[test]
    fn c02_c03_c07_m57_m59_the_screen_shows_every_line_that_the_consent_hash_covers() {
        let mut pack = crate::policy::tests::sample();
        let kept = "**人脸照片**依法加密保存30天。";
        pack.zh.face_notice.as_mut().unwrap().retention_kept = Some(Text::new(kept));
        for (retained, eea) in [
            (Retained::Nothing, false),
            (Retained::Evidence, false),
            (Retained::Nothing, true),
            (Retained::Evidence, true),
        ] {
            let form = Shown { retained, eea };
            let notice = notice(&pack, Language::Zh, form).unwrap();
            let shown = shown(&notice);
            let hashed = pack.canonical_notice(form).unwrap();
            assert_eq!(notice.eea.is_empty(), !eea, "M57: for visitors from the EEA");
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
            flat(&notice.eea),
            notice.contact.clone(),
        ]
        .join("\n")
    }
}
