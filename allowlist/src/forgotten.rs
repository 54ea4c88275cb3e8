//! What was forgotten on request, without its name: a keyed hash keeps it out, and nobody without the key can tell of whom.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::moderation::Target;

/// Bytes of a key and of a hash.
pub const N_BYTES: usize = 32;

/// Block of SHA-256, in bytes (FIPS 180-4).
const BLOCK_BYTES: usize = 64;

/// The hash of what was forgotten.
pub type ForgottenHash = [u8; N_BYTES];

/// The secret of one index. Without it a hash could be found by trying every name that there is.
#[derive(Clone)]
pub struct ForgetKey([u8; N_BYTES]);

impl ForgetKey {
    /// A key of these bytes, which must be random.
    pub fn new(bytes: [u8; N_BYTES]) -> Self {
        Self(bytes)
    }

    /// The hash of a target: HMAC-SHA256 (RFC 2104) of its text, such as `account:name@tube.example`.
    pub fn hash(&self, target: &Target) -> ForgottenHash {
        let pad = |byte: u8| {
            let mut block = [byte; BLOCK_BYTES];
            block.iter_mut().zip(self.0).for_each(|(padded, key)| *padded ^= key);
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(target.to_string().as_bytes()).finalize();
        Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
    }

    /// What stands in an audit log in the place of a name.
    pub fn label(&self, target: &Target) -> String {
        let hash = self.hash(target);
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("forgotten:{hex}")
    }
}

impl std::fmt::Debug for ForgetKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForgetKey(…)")
    }
}

/// Everything that an index forgot.
#[derive(Clone, Debug)]
pub struct Forgotten {
    key: ForgetKey,
    hashes: HashSet<ForgottenHash>,
}

impl Forgotten {
    /// What was forgotten under `key`.
    pub fn new(key: ForgetKey, hashes: impl IntoIterator<Item = ForgottenHash>) -> Self {
        Self { key, hashes: hashes.into_iter().collect() }
    }

    /// Whether this very target was forgotten. A target on a forgotten instance is asked for by its instance.
    pub fn holds(&self, target: &Target) -> bool {
        !self.hashes.is_empty() && self.hashes.contains(&self.key.hash(target))
    }

    /// Whether nothing was forgotten.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_hmac_sha256_and_differs_by_key_and_kind() {
        // HMAC-SHA256 with a key of 32 bytes 0x0b…, computed by another implementation for this text.
        let key = ForgetKey::new([0x0b; N_BYTES]);
        let target: Target = "account:anna@tube.example".parse().unwrap();
        let hex: String = key.hash(&target).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "e3f3c98b50c734e76d756b90ce9f6e2d9db6277787bf4b883eb76117c1cb85c6");
        assert_ne!(key.hash(&target), ForgetKey::new([0x0c; N_BYTES]).hash(&target));
        assert_ne!(key.hash(&target), key.hash(&"channel:anna@tube.example".parse().unwrap()));
        assert!(!format!("{key:?}").contains("11") && key.label(&target).starts_with("forgotten:"));
    }

    #[test]
    fn what_was_forgotten_is_held_in_every_spelling() {
        let key = ForgetKey::new([7; N_BYTES]);
        let hash = key.hash(&"account:anna@tube.example".parse().unwrap());
        let forgotten = Forgotten::new(key, [hash]);
        assert!(forgotten.holds(&"account:@Anna@Tube.Example.".parse().unwrap()));
        assert!(!forgotten.holds(&"account:bob@tube.example".parse().unwrap()));
    }
}
