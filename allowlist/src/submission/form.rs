//! What keeps programs from filling in a form all day: the moment at which it was handed out, signed, and a little work
//! where scripts run.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::SecretKey;

/// Zero bits that the digest of the work begins with: a quarter of a million attempts on average, which take a browser
/// about a second.
pub const POW_BITS: u32 = 18;

/// How long a form can be sent after it was handed out.
const MAX_AGE_S: i64 = 24 * 60 * 60;

/// Longest answer to the work, in bytes.
const MAX_NONCE_BYTES: usize = 64;

/// The moment at which a form was handed out, in a form that nobody else can make: `seconds.mac`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormToken(String);

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormTokenFault {
    /// Not one of ours.
    #[error("This form is not one of this index. Please send it again.")]
    Foreign,
    /// Handed out too long ago.
    #[error("This form is older than a day. Please send it again.")]
    TooOld,
    /// Sent faster than people type.
    #[error("That was very quick. Please send the form again.")]
    TooQuick,
}

impl FormToken {
    /// The token of a form that is handed out now.
    pub fn new(key: &SecretKey, now: Timestamp) -> Self {
        let seconds = now.as_second().to_string();
        Self(format!("{seconds}.{}", key.mac(&["form", &seconds])))
    }

    /// The text in the form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks the token that came with a form.
    ///
    /// # Errors
    /// [`FormTokenFault`].
    pub fn check(text: &str, key: &SecretKey, now: Timestamp, least_age_s: i64) -> Result<(), FormTokenFault> {
        let (seconds, mac) = text.split_once('.').ok_or(FormTokenFault::Foreign)?;
        if mac != key.mac(&["form", seconds]) {
            return Err(FormTokenFault::Foreign);
        }
        let made_at: i64 = seconds.parse().map_err(|_| FormTokenFault::Foreign)?;
        match now.as_second().saturating_sub(made_at) {
            age if age > MAX_AGE_S => Err(FormTokenFault::TooOld),
            age if age < least_age_s => Err(FormTokenFault::TooQuick),
            _ => Ok(()),
        }
    }
}

/// Whether the SHA-256 of `token:nonce` begins with [`POW_BITS`] zero bits.
pub fn is_work_done(token: &str, nonce: &str) -> bool {
    if nonce.is_empty() || nonce.len() > MAX_NONCE_BYTES {
        return false;
    }
    let digest = Sha256::digest(format!("{token}:{nonce}"));
    let beginning = digest.iter().take(4).fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
    beginning.leading_zeros() >= POW_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_within_a_day_and_not_at_once() {
        let key = SecretKey::new([1; 32]);
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let token = FormToken::new(&key, at(1_000_000));
        let check = |text: &str, now| FormToken::check(text, &key, at(now), 2);
        assert_eq!(check(token.as_str(), 1_000_002), Ok(()));
        assert_eq!(check(token.as_str(), 1_000_001), Err(FormTokenFault::TooQuick));
        assert_eq!(check(token.as_str(), 1_000_000 + MAX_AGE_S + 1), Err(FormTokenFault::TooOld));
        assert_eq!(check(&token.as_str().replacen("1000000", "1000001", 1), 1_000_100), Err(FormTokenFault::Foreign));
        for text in ["", ".", "1000000", "x.y", "1000000."] {
            assert_eq!(check(text, 1_000_100), Err(FormTokenFault::Foreign), "{text}");
        }
    }

    #[test]
    fn work_has_to_be_done() {
        let nonce = (0..).map(|n: u64| n.to_string()).find(|nonce| is_work_done("1.ab", nonce)).unwrap();
        assert!(!is_work_done("2.ab", &nonce), "the work is for one form");
        assert!(!is_work_done("1.ab", "") && !is_work_done("1.ab", &"0".repeat(65)));
    }
}
