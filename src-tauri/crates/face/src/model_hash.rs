//! Which model made a template, and which one a threshold is for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// SHA-256 of a model file; as text 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelHash(pub [u8; 32]);

impl ModelHash {
    /// `fr_feature.onnx`, the template model of the manifest.
    pub const FR_FEATURE: Self = Self([
        0x87, 0xaa, 0xcd, 0xfe, 0x57, 0x51, 0x0d, 0xb2, 0xaf, 0x90, 0xc0, 0x25, 0x1d, 0xf6, 0x80,
        0xe8, 0xee, 0xc8, 0x8f, 0x12, 0x2e, 0xe9, 0x47, 0x12, 0x12, 0x1d, 0x09, 0xbc, 0xaa, 0xaf,
        0x35, 0x81,
    ]);
}

impl fmt::Display for ModelHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ModelHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<ModelHash> for String {
    fn from(hash: ModelHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for ModelHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WANTED: &str = "a SHA-256 has 64 lower-case hexadecimal digits";
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(WANTED),
        };
        let pairs = text.as_bytes().as_chunks::<2>().0;
        if text.len() != 64 {
            return Err(WANTED);
        }
        let mut hash = [0; 32];
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(hash))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::manifest::{self, Role};

    #[test]
    fn the_known_model_is_the_manifests() {
        let model = manifest::model(Role::Template).unwrap();
        assert_eq!(ModelHash::FR_FEATURE.to_string(), model.sha256);
    }

    #[test]
    fn only_64_lower_case_digits_are_a_hash() {
        let text = ModelHash::FR_FEATURE.to_string();
        assert_eq!(ModelHash::try_from(text.clone()), Ok(ModelHash::FR_FEATURE));
        for wrong in [text.to_uppercase(), text[1..].to_owned(), format!("{text}0"), "é".repeat(32)]
        {
            assert!(ModelHash::try_from(wrong).is_err());
        }
    }
}
