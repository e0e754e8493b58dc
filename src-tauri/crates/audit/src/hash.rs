//! SHA-256 and fixed bytes, as they stand in lines: hexadecimal digits.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash of a line with its line feed, so that `sha256sum` of an exported line gives it too.
pub(crate) fn of_line(line: &[u8]) -> Hash {
    Sha256::new().chain_update(line).chain_update(b"\n").finalize().into()
}

/// Bytes as digits.
pub(crate) mod hex {
    use data_encoding::HEXLOWER;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&HEXLOWER.encode(bytes))
    }

    pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        from: D,
    ) -> Result<[u8; N], D::Error> {
        let digits = String::deserialize(from)?;
        let bytes = HEXLOWER.decode(digits.as_bytes()).map_err(D::Error::custom)?;
        bytes.try_into().map_err(|_| D::Error::custom("another length"))
    }
}

/// Bytes that may be absent.
pub(crate) mod optional_hex {
    use serde::{Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "the form that serde calls")]
    pub(crate) fn serialize<const N: usize, S: Serializer>(
        bytes: &Option<[u8; N]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::hex::serialize(bytes, to),
            None => to.serialize_none(),
        }
    }

    /// An absent field has its default; one that is there has digits.
    pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<[u8; N]>, D::Error> {
        super::hex::deserialize(from).map(Some)
    }
}
