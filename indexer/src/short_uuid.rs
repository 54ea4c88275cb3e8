//! PeerTube's short form of a UUID: 22 characters that stand for its 128 bits in base 58.
//!
//! The alphabet has digits, lower case, then upper case, without `0`, `l`, `I` and `O` (PeerTube 3.3 and later write
//! it in every link).

use uuid::Uuid;

/// The number of characters of a short UUID.
pub const SHORT_UUID_LEN: usize = 22;

const ALPHABET: &[u8; 58] = b"123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";

/// Writes the 22 characters of `uuid`, padded with `1` on the left.
pub fn encode(uuid: Uuid) -> String {
    let mut value = uuid.as_u128();
    let mut digits = [b'1'; SHORT_UUID_LEN];
    for digit in digits.iter_mut().rev() {
        // The remainder is below 58, so it always names a letter.
        *digit = ALPHABET.get((value % 58) as usize).copied().unwrap_or(b'1');
        value /= 58;
    }
    digits.into_iter().map(char::from).collect()
}

/// Reads 22 characters; `None` for another length, a character outside of the alphabet or a value past 128 bits.
pub fn decode(text: &str) -> Option<Uuid> {
    if text.len() != SHORT_UUID_LEN {
        return None;
    }
    let mut value = 0u128;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        value = value.checked_mul(58)?.checked_add(digit as u128)?;
    }
    Some(Uuid::from_u128(value))
}

/// Reads a UUID in its short or in its usual form, as visitors paste them.
pub fn decode_any(text: &str) -> Option<Uuid> {
    if text.len() == SHORT_UUID_LEN { decode(text) } else { Uuid::parse_str(text).ok() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_pairs_translate_both_ways() {
        let pairs = [
            ("9c9de5e8-0a1e-484a-b099-e80766180a6d", "kkGMgK9ZtnKfYAgnEtQxbv"),
            ("73804a40-da9a-40c2-b1eb-2c6d9eec8f0a", "fgei1ws1oa6FCaJ2qZPG29"),
            ("23d6717f-0cce-4288-ac48-caf75dd47692", "5qF1kLp71wZJ4sLqhYEAkd"),
            ("06540e6b-a23d-4a68-ad73-79a16820e72f", "1MjNtoPo7Dvk5FC1RNE5xH"),
            ("00000000-0000-0000-0000-000000000000", "1111111111111111111111"),
        ];
        for (long, short) in pairs {
            let uuid = Uuid::parse_str(long).unwrap();
            assert_eq!(encode(uuid), short);
            assert_eq!(decode(short), Some(uuid));
            assert_eq!(decode_any(long), Some(uuid));
        }
    }

    #[test]
    fn odd_input_is_no_uuid() {
        for text in ["", "kkGMgK9ZtnKfYAgnEtQxb", "kkGMgK9ZtnKfYAgnEtQxb0", "ZZZZZZZZZZZZZZZZZZZZZZ", "éééééééééééaaa"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_uuid_survives(value in any::<u128>()) {
            let uuid = Uuid::from_u128(value);
            prop_assert_eq!(decode(&encode(uuid)), Some(uuid));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = decode_any(&text);
        }
    }
}
