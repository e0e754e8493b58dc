//! Reading a PIN: typed without being shown, or a line of standard input.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, ensure};
use store::Pin;
use zeroize::Zeroizing;

/// Asks for a PIN. `prompt`: whose.
pub(super) fn ask(prompt: &str) -> anyhow::Result<Pin> {
    let line = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{prompt} (6 to 12 digits, not shown): "))
            .map(Zeroizing::new)
    } else {
        let mut line = Zeroizing::new(String::with_capacity(64));
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    };
    check(&line.context("no PIN could be read")?)
}

fn check(text: &str) -> anyhow::Result<Pin> {
    let digits = text.trim();
    ensure!(
        (6..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()),
        "a PIN has 6 to 12 digits"
    );
    Ok(Pin::new(digits.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pin_is_refused_before_it_counts_as_an_attempt() {
        for (text, fine) in [
            ("246810", true),
            (" 246810\r\n", true),
            ("", false),
            ("24681", false),
            ("2468101214161", false),
            ("24681o", false),
        ] {
            assert_eq!(check(text).is_ok(), fine, "{text}");
        }
    }
}
