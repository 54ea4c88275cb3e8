//! The proof that somebody runs an instance: a token that only they can place there.

use std::fmt;

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Purpose;
use crate::Host;

/// Path of the file that holds the token in a line of its own.
pub const PROOF_PATH: &str = "/.well-known/vigie.txt";

/// Most of that file that is looked at, in bytes.
pub const MAX_PROOF_FILE_BYTES: usize = 4096;

/// Label before the host in the name of the TXT record.
pub const TXT_LABEL: &str = "_vigie";

/// What stands before the token in the TXT record.
pub const TXT_KEY: &str = "vigie-verify";

/// Key of the token in the `metadata` of NodeInfo.
pub const NODEINFO_KEY: &str = "vigie";

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofPlace {
    /// The file below `/.well-known/`.
    File,
    /// The TXT record.
    Dns,
    /// The metadata of its NodeInfo.
    Nodeinfo,
}

impl ProofPlace {
    /// Every place, in the order in which they are looked at: the cheapest for the instance first.
    pub const ALL: [Self; 3] = [Self::Dns, Self::File, Self::Nodeinfo];

    /// The name in the API and in the registry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Dns => "dns",
            Self::Nodeinfo => "nodeinfo",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.as_str() == text)
    }
}

/// A place that was looked at in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingProof {
    /// Where.
    pub place: ProofPlace,
    /// What was found there, in one plain sentence.
    pub sentence: String,
}

/// The secret of a registry, of which tokens are made.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

impl SecretKey {
    /// Takes 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token that proves that somebody runs `host`: 128 bits in hexadecimal digits. It is the same each time it is
    /// asked for and is stored nowhere; another submission, host or purpose has another one.
    pub fn proof_token(&self, submission: &str, host: &Host, purpose: Purpose) -> String {
        self.mac(&["proof", submission, host.as_str(), purpose.as_str()])
    }

    /// 128 bits that depend on the secret and on every part, in hexadecimal digits.
    pub(super) fn mac(&self, parts: &[&str]) -> String {
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&self.0) else {
            // HMAC takes keys of any length.
            return String::new();
        };
        for part in parts {
            // Lengths before the parts: no two lists of parts are one text.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Whether a file holds the token in a line of its own.
pub fn holds_token(file: &[u8], token: &str) -> bool {
    let file = file.get(..file.len().min(MAX_PROOF_FILE_BYTES)).unwrap_or(file);
    let text = String::from_utf8_lossy(file);
    let is_one = !token.is_empty();
    is_one && text.lines().any(|line| line.trim_start_matches('\u{feff}').trim() == token)
}

/// Whether a TXT record is the proof.
pub fn is_txt_proof(record: &[u8], token: &str) -> bool {
    let text = String::from_utf8_lossy(record);
    let is_one = !token.is_empty();
    is_one && text.trim().trim_matches('"').split_once('=').is_some_and(|(key, value)| key == TXT_KEY && value == token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_submission_host_and_purpose() {
        let key = SecretKey::new([7; 32]);
        let host: Host = "tube.example".parse().unwrap();
        let token = key.proof_token("a", &host, Purpose::Remove);
        assert_eq!(token.len(), 32);
        assert_eq!(token, key.proof_token("a", &host, Purpose::Remove));
        for other in [
            key.proof_token("b", &host, Purpose::Remove),
            key.proof_token("a", &"other.example".parse().unwrap(), Purpose::Remove),
            key.proof_token("a", &host, Purpose::Add),
            SecretKey::new([8; 32]).proof_token("a", &host, Purpose::Remove),
            key.mac(&["proof", "at", "ube.example", "remove"]),
        ] {
            assert_ne!(token, other);
        }
        assert_eq!(format!("{key:?}"), "SecretKey");
    }

    #[test]
    fn a_file_holds_the_token_in_a_line_of_its_own() {
        let token = "00112233445566778899aabbccddeeff";
        for (file, is_proof) in [
            (token.to_owned(), true),
            (format!("\u{feff}{token}\r\n"), true),
            (format!("# ours\nffff\n  {token}  \n"), true),
            (format!("token: {token}"), false),
            (format!("<html>{token}</html>"), false),
            (format!("{}\n{token}", "x".repeat(MAX_PROOF_FILE_BYTES)), false),
            (String::new(), false),
        ] {
            assert_eq!(holds_token(file.as_bytes(), token), is_proof, "{file:.60}");
        }
        assert!(!holds_token(b"\n\n", ""), "an empty token proves nothing");
    }

    #[test]
    fn a_record_is_the_key_and_the_token() {
        let record = |text: &str| is_txt_proof(text.as_bytes(), "abc");
        assert!(record("vigie-verify=abc") && record("\"vigie-verify=abc\""));
        assert!(
            !record("vigie-verify=abcd") && !record("abc") && !record("other=abc") && !record("vigie-verify=abc=abc")
        );
        assert!(!is_txt_proof(b"vigie-verify=", ""));
    }
}
