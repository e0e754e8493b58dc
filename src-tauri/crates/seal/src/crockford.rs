//! Crockford's base 32 with its check symbol (<https://www.crockford.com/base32.html>).
//!
//! The check symbol is the number modulo 37. Since 37 is a prime larger than 32 and divides no
//! power of 32, every wrong symbol and every swap of two neighbours is noticed.

use zeroize::Zeroizing;

use crate::MalformedCode;

/// Data symbols in a code: 80 bits.
pub(crate) const DATA_SYMBOLS: usize = 16;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK_ONLY: &[u8; 5] = b"*~$=U";

/// The canonical data symbols (upper case, no separators) of a scanned or typed text.
pub(crate) fn parse(text: &str) -> Result<Zeroizing<Vec<u8>>, MalformedCode> {
    let mut data = Zeroizing::new(Vec::with_capacity(DATA_SYMBOLS));
    let mut check = None;
    for byte in text.bytes() {
        if byte == b'-' || byte.is_ascii_whitespace() {
            continue;
        }
        if data.len() < DATA_SYMBOLS {
            let value = value_of(byte).ok_or(MalformedCode::Symbol)?;
            data.push(ALPHABET[usize::from(value)]);
        } else if check.is_none() {
            check = Some(check_value_of(byte).ok_or(MalformedCode::Symbol)?);
        } else {
            return Err(MalformedCode::Length);
        }
    }
    let check = check.ok_or(MalformedCode::Length)?;
    if remainder(&data) == check { Ok(data) } else { Err(MalformedCode::Check) }
}

/// Turns 10 random bytes into the 16 data symbols.
pub(crate) fn data_symbols(random: &[u8; 10]) -> Zeroizing<Vec<u8>> {
    let mut symbols = Zeroizing::new(Vec::with_capacity(DATA_SYMBOLS));
    for half in random.chunks_exact(5) {
        let bits = half.iter().fold(0u64, |bits, b| bits << 8 | u64::from(*b));
        for place in (0..8).rev() {
            symbols.push(ALPHABET[(bits >> (5 * place) & 31) as usize]);
        }
    }
    symbols
}

/// The check symbol of canonical data symbols.
pub(crate) fn check_symbol(data: &[u8]) -> u8 {
    let value = usize::from(remainder(data));
    match ALPHABET.get(value) {
        Some(symbol) => *symbol,
        None => CHECK_ONLY[value - ALPHABET.len()],
    }
}

/// Data and check symbol as printed on a badge: groups of four, then the check symbol.
pub(crate) fn display(data: &[u8]) -> String {
    let mut text = String::with_capacity(DATA_SYMBOLS + DATA_SYMBOLS / 4 + 1);
    for group in data.chunks(4) {
        text.extend(group.iter().map(|b| char::from(*b)));
        text.push('-');
    }
    text.push(char::from(check_symbol(data)));
    text
}

fn remainder(data: &[u8]) -> u8 {
    data.iter()
        .filter_map(|symbol| value_of(*symbol))
        .fold(0u32, |sum, value| (sum * 32 + u32::from(value)) % 37) as u8
}

fn value_of(byte: u8) -> Option<u8> {
    let symbol = match byte.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    ALPHABET.iter().position(|s| *s == symbol).map(|i| i as u8)
}

fn check_value_of(byte: u8) -> Option<u8> {
    value_of(byte).or_else(|| {
        let symbol = byte.to_ascii_uppercase();
        CHECK_ONLY.iter().position(|s| *s == symbol).map(|i| (ALPHABET.len() + i) as u8)
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;

    fn all_check_symbols() -> Vec<u8> {
        ALPHABET.iter().chain(CHECK_ONLY).copied().collect()
    }

    #[test]
    fn check_symbols_of_known_numbers() {
        // Computed apart from this code, in Python.
        for (data, check) in [
            ("0000000000000000", '0'),
            ("0000000000000014", 'U'),
            ("0000000000000015", '0'),
            ("0123456789ABCDEF", 'K'),
            ("ZZZZZZZZZZZZZZZZ", '~'),
        ] {
            assert_eq!(char::from(check_symbol(data.as_bytes())), check, "{data}");
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        for text in ["A1B0-C1D0-E1F0-G1H0-1", "aIbo cLdO eif0 gih0 l", "  a1b0c1d0e1f0g1h01\n"] {
            assert_eq!(&**parse(text).unwrap(), b"A1B0C1D0E1F0G1H0", "{text}");
        }
        assert!(parse("ZZZZ-ZZZZ-ZZZZ-ZZZZ-~").is_ok());
    }

    #[test]
    fn bad_codes_are_told_apart() {
        let check = char::from(check_symbol(b"0123456789ABCDEF"));
        for (text, problem) in [
            (String::new(), MalformedCode::Length),
            ("0123456789ABCDEF".into(), MalformedCode::Length),
            (format!("0123456789ABCDEF{check}0"), MalformedCode::Length),
            ("0123456789ABCDEU0".into(), MalformedCode::Symbol),
            ("0123456789ABCDE观0".into(), MalformedCode::Symbol),
            (format!("1123456789ABCDEF{check}"), MalformedCode::Check),
        ] {
            assert_eq!(parse(&text).err(), Some(problem), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printed_codes_are_read_back(random: [u8; 10]) {
            let data = data_symbols(&random);
            prop_assert_eq!(data.len(), DATA_SYMBOLS);
            prop_assert_eq!(parse(&display(&data)).unwrap(), data);
        }

        #[test]
        fn every_wrong_symbol_is_noticed(random: [u8; 10], place in 0usize..17) {
            let data = data_symbols(&random);
            let mut code = data.to_vec();
            code.push(check_symbol(&data));
            let right = code[place];
            let symbols = if place < DATA_SYMBOLS { ALPHABET.to_vec() } else { all_check_symbols() };
            for wrong in symbols.into_iter().filter(|s| *s != right) {
                code[place] = wrong;
                prop_assert_eq!(
                    parse(std::str::from_utf8(&code).unwrap()).err(),
                    Some(MalformedCode::Check)
                );
            }
        }

        #[test]
        fn every_swap_of_neighbours_is_noticed(random: [u8; 10], place in 0usize..15) {
            let data = data_symbols(&random);
            prop_assume!(data[place] != data[place + 1]);
            let mut code = data.to_vec();
            code.push(check_symbol(&data));
            code.swap(place, place + 1);
            prop_assert_eq!(
                parse(std::str::from_utf8(&code).unwrap()).err(),
                Some(MalformedCode::Check)
            );
        }

        #[test]
        fn any_text_is_answered(text in ".{0,64}") {
            if let Ok(data) = parse(&text) {
                prop_assert_eq!(data.len(), DATA_SYMBOLS);
            }
        }
    }
}
