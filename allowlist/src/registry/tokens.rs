//! Tokens of moderators. Of a token only its digest is kept: who reads the file cannot use it.

use std::hint::black_box;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::audit::{self, Audit};
use super::decisions::{MAX_AUTHOR, checked};
use super::{Registry, RegistryError};

/// Most tokens at one time.
pub const MAX_TOKENS: usize = 100;

/// Random bytes of a token.
pub const TOKEN_BYTES: usize = 32;

/// Numbers are never used twice: what is bound to a token that was revoked is bound to nothing.
pub(super) const TABLES: &str = "
CREATE TABLE admin_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    is_read_only INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
";

/// A token in force, without what nobody needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdminToken {
    /// Its number; never used twice.
    #[serde(skip)]
    pub id: u64,
    /// Whose it is: the author of what is decided with it.
    pub label: String,
    /// Whether it decides nothing.
    pub is_read_only: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Registry {
    /// Makes a token of random bytes; returns its text, which is told once and kept nowhere.
    ///
    /// - `author`: who makes it, for the audit log.
    ///
    /// # Errors
    /// [`RegistryError::Token`] where the label is taken or there are too many, [`RegistryError::Text`],
    /// [`RegistryError::Sqlite`].
    pub fn add_token(
        &self,
        label: &str,
        secret: [u8; TOKEN_BYTES],
        is_read_only: bool,
        author: &str,
        now: Timestamp,
    ) -> Result<String, RegistryError> {
        let label = checked("the label", label, MAX_AUTHOR)?;
        let author = checked("the author's label", author, MAX_AUTHOR)?;
        let text = base64url(&secret);
        self.write("writing a token to", |transaction| {
            let refused = |cause: &'static str| RegistryError::Token { label: label.clone(), cause };
            if select(transaction)?.iter().any(|(token, _)| token.label == label) {
                return Err(refused("there is one of this label; revoke it first").into());
            }
            if select(transaction)?.len() >= MAX_TOKENS {
                return Err(refused("there are a hundred already; revoke some first").into());
            }
            transaction.execute(
                "INSERT INTO admin_token (label, digest, is_read_only, created_ms) VALUES (?1, ?2, ?3, ?4)",
                params![label, digest(&text), is_read_only, now.as_millisecond()],
            )?;
            let after = Some(json!({ "readOnly": is_read_only }));
            let audit = Audit {
                who: author.clone(),
                what: "add token".to_owned(),
                subject: label.clone(),
                before: None,
                after,
            };
            Ok(audit::insert(transaction, &audit, now)?)
        })?;
        Ok(text)
    }

    /// The tokens in force, by number.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn tokens(&self) -> Result<Vec<AdminToken>, RegistryError> {
        Ok(self.read("reading", select)?.into_iter().map(|(token, _)| token).collect())
    }

    /// Ends a token, and with it whatever it opened.
    ///
    /// # Errors
    /// [`RegistryError::Token`] where there is none of this label, [`RegistryError::Text`], [`RegistryError::Sqlite`].
    pub fn revoke_token(&self, label: &str, author: &str, now: Timestamp) -> Result<(), RegistryError> {
        let author = checked("the author's label", author, MAX_AUTHOR)?;
        self.write("writing a token to", |transaction| {
            let n_revoked = transaction.execute("DELETE FROM admin_token WHERE label = ?1", [label])?;
            if n_revoked == 0 {
                let cause = "there is none of this label: see `vigie admin token list`";
                return Err(RegistryError::Token { label: label.to_owned(), cause }.into());
            }
            let (what, subject) = ("revoke token".to_owned(), label.to_owned());
            let audit = Audit { who: author.clone(), what, subject, before: None, after: None };
            Ok(audit::insert(transaction, &audit, now)?)
        })
    }

    /// The token with this text, if one is in force. It takes as long for every text: each digest is compared to its end, and
    /// none is left out.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn find_token(&self, text: &str) -> Result<Option<AdminToken>, RegistryError> {
        let asked = digest(text);
        let mut found = None;
        for (token, digest) in self.read("reading", select)? {
            if is_same(&asked, &digest) {
                found = Some(token);
            }
        }
        Ok(found)
    }

    /// The token of a number, while it is in force.
    ///
    /// # Errors
    /// [`RegistryError::Sqlite`].
    pub fn token(&self, id: u64) -> Result<Option<AdminToken>, RegistryError> {
        self.read("reading", |connection| {
            let sql = format!("SELECT {COLUMNS} FROM admin_token WHERE id = ?1");
            Ok(connection.prepare_cached(&sql)?.query_row([id], read).optional()?.map(|(token, _)| token))
        })
    }
}

/// In the order in which [`read`] takes them.
const COLUMNS: &str = "id, label, is_read_only, created_ms, digest";

fn select(connection: &Connection) -> rusqlite::Result<Vec<(AdminToken, [u8; 32])>> {
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM admin_token ORDER BY id"))?;
    select.query_map([], read)?.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(AdminToken, [u8; 32])> {
    let created_at = Timestamp::from_millisecond(row.get(3)?).unwrap_or_default();
    Ok((AdminToken { id: row.get(0)?, label: row.get(1)?, is_read_only: row.get(2)?, created_at }, row.get(4)?))
}

/// The digest that is kept of a secret.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether two digests are the same, in the same time whatever they hold.
pub fn is_same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    let difference = left.iter().zip(right).fold(0, |difference, (left, right)| black_box(difference | (left ^ right)));
    black_box(difference) == 0
}

/// Bytes in the alphabet of RFC 4648 that needs no escapes in headers and cookies, without padding.
pub fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0_u32, |bits, (nth, byte)| bits | u32::from(*byte) << (16 - 8 * nth));
        for nth in 0..=chunk.len() {
            let place = (bits >> (18 - 6 * nth)) & 63;
            text.extend(ALPHABET.get(place as usize).map(|letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn texts_are_those_of_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")]
        {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xfe]), "-__-");
        assert_eq!(base64url(&[0; 32]).len(), 43);
    }

    // case 154
    #[test]
    fn case_154_only_digests_are_kept_and_a_revoked_token_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("registry.db");
        let registry = Registry::open(&path).unwrap();
        let anna = registry.add_token("anna", [1; 32], false, "root", at(0)).unwrap();
        let bert = registry.add_token("bert", [2; 32], true, "root", at(1)).unwrap();
        let label = |text: &str| registry.find_token(text).unwrap().map(|token| (token.label, token.is_read_only));
        assert_eq!(label(&anna), Some(("anna".to_owned(), false)));
        assert_eq!(label(&bert), Some(("bert".to_owned(), true)));
        for wrong in ["", " ", "anna", &anna[1..], &format!("{anna} "), &anna.to_lowercase(), &bert[..42]] {
            assert_eq!(label(wrong), None, "{wrong}");
        }
        let taken = registry.add_token("anna", [3; 32], false, "root", at(2));
        assert!(matches!(taken, Err(RegistryError::Token { .. })));
        let first = registry.find_token(&anna).unwrap().unwrap().id;
        // Rotation: the old one is over with the new one, and nothing bound to it lives on.
        registry.revoke_token("anna", "root", at(3)).unwrap();
        assert_eq!((label(&anna), registry.token(first).unwrap()), (None, None));
        let rotated = registry.add_token("anna", [4; 32], false, "root", at(4)).unwrap();
        assert_eq!((label(&anna), label(&rotated).is_some()), (None, true));
        assert_ne!(registry.find_token(&rotated).unwrap().unwrap().id, first);
        assert!(registry.revoke_token("nobody", "root", at(5)).is_err());
        drop(registry);
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for secret in [&anna, &bert, &rotated] {
                assert!(!bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes()));
            }
            assert!(!bytes.windows(32).any(|piece| piece == [1; 32] || piece == [2; 32] || piece == [4; 32]));
        }
    }
}
