//! Every page of the database's files in the clear, whether or not it is in use: what a thief
//! with the key would search.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;

use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};

use super::{DATABASE_FILE, KEY_FILE};

/// `SQLCipher` 4: each page ends with the vector of its encryption (16 bytes) and its
/// authentication code (64), and the first begins with the salt (16).
const PAGE: usize = 4096;
const RESERVED: usize = 80;
const SALT: usize = 16;
/// A log begins with a head, and each of its pages has one.
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// All pages of the database and of its log.
pub(crate) fn pages(folder: &Path) -> Vec<Vec<u8>> {
    let digits = fs::read_to_string(folder.join(KEY_FILE)).unwrap();
    let key = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.trim().as_bytes()).unwrap();
    let database = fs::read(folder.join(DATABASE_FILE)).unwrap();
    let log = fs::read(folder.join(format!("{DATABASE_FILE}-wal"))).unwrap_or_default();
    let in_database = database.chunks_exact(PAGE).enumerate();
    let mut pages: Vec<_> = in_database.map(|(i, page)| open(&key, page, i == 0)).collect();
    for frame in log.get(LOG_HEAD..).unwrap_or_default().chunks_exact(FRAME_HEAD + PAGE) {
        let first = frame[..4] == 1_u32.to_be_bytes();
        pages.push(open(&key, &frame[FRAME_HEAD..], first));
    }
    pages
}

fn open(key: &[u8], page: &[u8], first: bool) -> Vec<u8> {
    let start = if first { SALT } else { 0 };
    let end = PAGE - RESERVED;
    let mut plain = page[start..end].to_vec();
    let cipher = Decryptor::<Aes256>::new_from_slices(key, &page[end..end + 16]).unwrap();
    cipher.decrypt_padded::<cbc::cipher::block_padding::NoPadding>(&mut plain).unwrap();
    plain
}

/// True when some page has these bytes.
pub(crate) fn holds(folder: &Path, bytes: &[u8]) -> bool {
    pages(folder).iter().any(|page| page.windows(bytes.len()).any(|w| w == bytes))
}
