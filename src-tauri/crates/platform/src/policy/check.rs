//! What a policy pack must hold before a kiosk shows it.

use super::{FaceNotice, PolicyError, PolicyPack, Retained, RetainedEvidence, Text, Texts};

/// What people leave in a form that they did not fill in, in lower case.
const PLACEHOLDERS: [&str; 9] =
    ["xxx", "todo", "tbd", "example", "placeholder", "lorem ipsum", "待定", "待补充", "请填写"];

impl PolicyPack {
    /// Checks the whole pack: no placeholders (M60), a notice complete in both languages or
    /// absent (M47), emphasis on sensitive items (C02), an impact assessment (L1).
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let facts = &self.facts;
        filled("version", &facts.version)?;
        if !(1..=3650).contains(&facts.retention_days) {
            return Err(PolicyError::Retention);
        }
        let id = &facts.roster.id;
        let of_id = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if !(1..=64).contains(&id.len()) || !id.bytes().all(of_id) {
            return Err(PolicyError::RosterId);
        }
        texts("zh", &self.zh)?;
        texts("en", &self.en)?;
        self.check_retained()?;
        match (&self.zh.face_notice, &self.en.face_notice) {
            (None, None) => return Ok(()),
            (Some(zh), Some(en)) => {
                notice("zh", zh)?;
                notice("en", en)?;
            }
            _ => return Err(PolicyError::OneLanguage),
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
    filled(entry, &text.plain())?;
    if text.is_well_formed() {
        Ok(())
    } else {
        Err(PolicyError::Markup { entry: entry.to_owned() })
    }
}

fn filled(entry: &str, text: &str) -> Result<(), PolicyError> {
    let lower = text.to_lowercase();
    if text.trim().is_empty() || PLACEHOLDERS.iter().any(|p| lower.contains(p)) {
        return Err(PolicyError::Placeholder { entry: entry.to_owned() });
    }
    if text.contains(char::is_control) {
        return Err(PolicyError::Markup { entry: entry.to_owned() });
    }
    Ok(())
}
