//! What a policy pack must hold before a kiosk shows it.

use super::{
    Eea, FaceNotice, PolicyError, PolicyPack, Retained, RetainedEvidence, Text, Texts, Transfer,
};

/// Longest id in bytes.
const MAX_ID: usize = 64;

/// What people leave in a form that they did not fill in, in lower case.
const PLACEHOLDERS: [&str; 7] = ["xxx", "todo", "tbd", "lorem ipsum", "待定", "待补充", "请填写"];
/// The same in a name, an address or a reference; in a sentence these are words like others.
const PLACEHOLDER_NAMES: [&str; 2] = ["example", "placeholder"];

impl PolicyPack {
    /// Checks the whole pack: no placeholders (M60), every part in both languages or in none
    /// (M47), emphasis on sensitive items (C02), an impact assessment (L1), the EEA block (M57).
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let facts = &self.facts;
        if !(1..=3650).contains(&facts.retention_days) {
            return Err(PolicyError::Retention);
        }
        for (entry, id) in [("id", &facts.id), ("roster.id", &facts.roster.id)] {
            let of_id = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            if !(1..=MAX_ID).contains(&id.len()) || !id.bytes().all(of_id) {
                return Err(PolicyError::Id { entry });
            }
        }
        texts("zh", &self.zh)?;
        texts("en", &self.en)?;
        for ((subject, zh), (_, en)) in
            self.zh.policy.subjects().into_iter().zip(self.en.policy.subjects())
        {
            if zh.is_empty() || zh.len() != en.len() {
                return Err(PolicyError::Paragraphs { subject });
            }
        }
        self.check_retained()?;
        both("eea", self.zh.eea.is_some(), self.en.eea.is_some())?;
        both("transfer", self.zh.transfer.is_some(), self.en.transfer.is_some())?;
        match (&self.zh.face_notice, &self.en.face_notice) {
            (None, None) => return Ok(()),
            (Some(zh), Some(en)) => {
                notice("zh", zh)?;
                notice("en", en)?;
            }
            _ => return Err(PolicyError::OneLanguage { part: "face_notice" }),
        }
        if self.zh.eea.is_none() {
            return Err(PolicyError::NoEea);
        }
        if let Some(reference) = &facts.filing {
            filled("filing", reference)?;
        }
        match &facts.impact_assessment {
            Some(reference) => filled("impact_assessment", reference),
            None => Err(PolicyError::NoImpactAssessment),
        }
    }

    /// Terms for keeping evidence are complete and told in both languages, or absent (C07).
    fn check_retained(&self) -> Result<(), PolicyError> {
        let told = [&self.zh, &self.en].map(|texts| {
            texts.face_notice.as_ref().is_some_and(|notice| notice.retention_kept.is_some())
        });
        match (&self.facts.retained_evidence, told) {
            (None, [false, false]) => Ok(()),
            (Some(terms), [true, true]) => retained(terms),
            _ => Err(PolicyError::RetainedEvidence),
        }
    }
}

fn both(part: &'static str, zh: bool, en: bool) -> Result<(), PolicyError> {
    if zh == en { Ok(()) } else { Err(PolicyError::OneLanguage { part }) }
}

fn retained(terms: &RetainedEvidence) -> Result<(), PolicyError> {
    filled("retained_evidence.legal_basis", &terms.legal_basis)?;
    if !(1..=3650).contains(&terms.days) {
        return Err(PolicyError::RetainedDays);
    }
    terms.recipient.parse::<evidence::Recipient>().map_err(PolicyError::RetainedRecipient)?;
    Ok(())
}

fn texts(language: &str, texts: &Texts) -> Result<(), PolicyError> {
    let entry = |name| format!("{language}.{name}");
    filled(&entry("operator"), &texts.operator)?;
    marked(&entry("sign"), &texts.sign)?;
    marked(&entry("legal_basis"), &texts.legal_basis)?;
    for (subject, paragraphs) in texts.policy.subjects() {
        for (number, text) in (1..).zip(paragraphs) {
            marked(&format!("{language}.policy.{subject} {number}"), text)?;
        }
    }
    for (name, text) in texts.eea.iter().flat_map(Eea::entries) {
        marked(&format!("{language}.eea.{name}"), text)?;
    }
    for (name, text) in texts.transfer.iter().flat_map(Transfer::entries) {
        marked(&format!("{language}.transfer.{name}"), text)?;
    }
    let (phone, mail) = (&texts.contact.phone, &texts.contact.mail);
    filled(&entry("contact.phone"), phone)?;
    filled(&entry("contact.mail"), mail)?;
    if phone.bytes().filter(u8::is_ascii_digit).count() < 5 {
        return Err(PolicyError::Placeholder { entry: entry("contact.phone") });
    }
    let is_mail = mail.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.split('.').count() > 1
            && host.split('.').all(|part| !part.is_empty())
    });
    if !is_mail || mail.contains(char::is_whitespace) {
        return Err(PolicyError::Placeholder { entry: entry("contact.mail") });
    }
    Ok(())
}

fn notice(language: &str, notice: &FaceNotice) -> Result<(), PolicyError> {
    let entry = |name| format!("{language}.face_notice.{name}");
    for (name, text) in notice.sections(Retained::Nothing) {
        marked(&entry(name), text)?;
    }
    // By itself: a visitor reads it where the picture of the face is kept.
    if let Some(kept) = &notice.retention_kept {
        marked(&entry("retention_kept"), kept)?;
        if !kept.emphasises() {
            return Err(PolicyError::NoEmphasis { entry: entry("retention_kept") });
        }
    }
    if notice.sections(Retained::Nothing).iter().any(|(_, text)| text.emphasises()) {
        Ok(())
    } else {
        Err(PolicyError::NoEmphasis { entry: format!("{language}.face_notice") })
    }
}

fn marked(entry: &str, text: &Text) -> Result<(), PolicyError> {
    written(entry, &text.plain())?;
    if text.is_well_formed() {
        Ok(())
    } else {
        Err(PolicyError::Markup { entry: entry.to_owned() })
    }
}

/// A name, an address or a reference that was filled in.
fn filled(entry: &str, text: &str) -> Result<(), PolicyError> {
    let lower = text.to_lowercase();
    if PLACEHOLDER_NAMES.iter().any(|p| lower.contains(p)) {
        return Err(PolicyError::Placeholder { entry: entry.to_owned() });
    }
    written(entry, text)
}

/// A text that was written.
fn written(entry: &str, text: &str) -> Result<(), PolicyError> {
    let lower = text.to_lowercase();
    if text.trim().is_empty() || PLACEHOLDERS.iter().any(|p| lower.contains(p)) {
        return Err(PolicyError::Placeholder { entry: entry.to_owned() });
    }
    if text.contains(char::is_control) {
        return Err(PolicyError::Markup { entry: entry.to_owned() });
    }
    Ok(())
}
