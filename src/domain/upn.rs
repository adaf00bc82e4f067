//! The Unique Pupil Number (domain 5.1): a check letter, LA code, establishment, year, serial.

use std::fmt;

/// Letters in the order of their check values, A = 0 to Z = 22. I, O and S are left out.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// A UPN whose check letter is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upn(String);

/// What is wrong with a UPN, for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpnError {
    /// Not 13 characters.
    #[error("UPN must be 13 characters, like P207000016049. This one has {0}")]
    Length(usize),
    /// A character where it cannot be.
    #[error(
        "UPN must be a letter and 12 digits (a temporary UPN ends with a letter). The letters I, O and S are \
         never used. Check character {place}, \"{found}\""
    )]
    Character {
        /// From 1.
        place: usize,
        /// What stands there.
        found: char,
    },
    /// The first letter does not fit the rest.
    #[error(
        "The first letter of a UPN is worked out from the other 12 characters. For {rest} it must be {right}, \
         not {typed}. Check every character"
    )]
    CheckLetter {
        /// The other 12 characters.
        rest: String,
        /// The letter they need.
        right: char,
        /// The letter typed.
        typed: char,
    },
}

impl Upn {
    /// Reads a UPN as typed: spaces are left out, small letters made capital.
    pub fn parse(raw: &str) -> Result<Self, UpnError> {
        let text: String = raw.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let length = text.chars().count();
        if length != 13 {
            return Err(UpnError::Length(length));
        }
        for (place, found) in (1..).zip(text.chars()) {
            let letter = u8::try_from(found).is_ok_and(|c| LETTERS.contains(&c));
            let fits = match place {
                1 => letter,
                13 => letter || found.is_ascii_digit(),
                _ => found.is_ascii_digit(),
            };
            if !fits {
                return Err(UpnError::Character { place, found });
            }
        }
        let (typed, right) = (text.as_bytes()[0], check_letter(&text.as_bytes()[1..]));
        if typed == right {
            Ok(Self(text))
        } else {
            Err(UpnError::CheckLetter {
                rest: text[1..].to_owned(),
                right: right.into(),
                typed: typed.into(),
            })
        }
    }

    /// Ends with a letter: given until the real one is known.
    pub fn is_temporary(&self) -> bool {
        self.0.ends_with(|c: char| c.is_ascii_uppercase())
    }

    /// The last four characters, enough to tell two pupils apart on a page.
    pub fn last_four(&self) -> &str {
        &self.0[9..]
    }

    /// The whole number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Upn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The letter for the other 12 characters: values times places 2 to 13, modulo 23.
fn check_letter(rest: &[u8]) -> u8 {
    let sum: usize = rest.iter().zip(2..).map(|(c, place)| value(*c) * place).sum();
    LETTERS[sum % LETTERS.len()]
}

fn value(c: u8) -> usize {
    if c.is_ascii_digit() { usize::from(c - b'0') } else { LETTERS.iter().position(|l| *l == c).unwrap_or(0) }
}
