//! Readers of single JSON values that tolerate what instances send: numbers as strings, strings as numbers, nulls,
//! wrong types. A value that makes no sense is absent, never an error, so that one odd field does not cost the record.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A JSON scalar; objects and arrays are skipped.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub enum Scalar {
    /// Null, an object, an array, or no such key.
    #[default]
    Absent,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
}

impl Scalar {
    /// As a whole number. Fractions are cut; numbers out of range are absent.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked before the cast")]
            Self::Float(n) if n.is_finite() && n.abs() < 9.0e18 => Some(*n as i64),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// As a count: negative means 0, absurd is clamped.
    pub fn to_count(&self) -> Option<u64> {
        /// More views than there are people a hundred times over.
        const MAX: u64 = 1_000_000_000_000;
        match self {
            Self::Float(n) if *n > 9.0e18 => Some(MAX),
            _ => self.to_i64().map(|n| u64::try_from(n).unwrap_or(0).min(MAX)),
        }
    }

    /// As a fraction; never infinite or NaN.
    pub fn to_f64(&self) -> Option<f64> {
        let n = match self {
            #[expect(clippy::cast_precision_loss, reason = "no field needs more than 52 bits")]
            Self::Int(n) => *n as f64,
            Self::Float(n) => *n,
            Self::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        n.is_finite().then_some(n)
    }

    /// As a truth value, also from `"true"`, `"false"`, 1 and 0.
    pub fn to_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// As text, when it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl<'de> Visitor<'de> for ScalarVisitor {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Scalar, E> {
                Ok(Scalar::Bool(truth))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Scalar, E> {
                Ok(Scalar::Int(n))
            }

            #[expect(clippy::cast_precision_loss, reason = "such numbers are only ever clamped")]
            fn visit_u64<E>(self, n: u64) -> Result<Scalar, E> {
                Ok(i64::try_from(n).map_or(Scalar::Float(n as f64), Scalar::Int))
            }

            fn visit_f64<E>(self, n: f64) -> Result<Scalar, E> {
                Ok(Scalar::Float(n))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Scalar, E> {
                Ok(Scalar::Text(text))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Absent)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Absent)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Absent)
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// At most `MAX` elements of a list; the rest is counted and skipped, and anything but a list is an empty one.
#[derive(Clone, Debug)]
pub struct Bounded<T, const MAX: usize> {
    /// The first elements.
    pub items: Vec<T>,
    /// How many the list has.
    pub n_total: usize,
    /// False when the value was something else than a list.
    pub is_list: bool,
}

impl<T, const MAX: usize> Default for Bounded<T, MAX> {
    fn default() -> Self {
        Self { items: Vec::new(), n_total: 0, is_list: false }
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Bounded<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ListVisitor<T, MAX> {
            type Value = Bounded<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Bounded { is_list: true, ..Bounded::default() };
                while list.items.len() < MAX {
                    match seq.next_element::<T>()? {
                        Some(item) => list.items.push(item),
                        None => {
                            list.n_total = list.items.len();
                            return Ok(list);
                        }
                    }
                }
                list.n_total = MAX;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    list.n_total += 1;
                }
                Ok(list)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Bounded::default())
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Bounded::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Bounded::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Bounded::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Bounded::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Bounded::default())
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Bounded::default())
            }
        }
        deserializer.deserialize_any(ListVisitor::<T, MAX>(PhantomData))
    }
}

/// An object, or nothing when the value is anything else.
#[derive(Clone, Debug)]
pub struct Maybe<T>(pub Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(object(raw.get()).ok()))
    }
}

/// Reads a JSON object. Without this check a list would be taken for the fields of the object in their order.
///
/// # Errors
/// When the text is anything else, or not JSON.
pub fn object<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, serde_json::Error> {
    if !json.trim_start().starts_with('{') {
        return Err(serde::de::Error::custom("not an object"));
    }
    serde_json::from_str(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(json: &str) -> Scalar {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn case_45_odd_numbers_are_clamped_or_absent() {
        assert_eq!(scalar("-0").to_count(), Some(0));
        assert_eq!(scalar("-7").to_count(), Some(0));
        assert_eq!(scalar("9223372036854775808").to_i64(), None);
        assert_eq!(scalar("9223372036854775808").to_count(), Some(1_000_000_000_000));
        assert_eq!(scalar("1e-400").to_i64(), Some(0));
        assert_eq!(scalar("\"42\"").to_i64(), Some(42));
        assert_eq!(scalar("\"many\"").to_i64(), None);
        assert_eq!(scalar("{\"a\":[1,2]}"), Scalar::Absent);
        assert!(serde_json::from_str::<Scalar>("1e400").is_err()); // Rejects its item, not its page: see `page.rs`.
    }

    #[test]
    fn truth_comes_in_several_spellings() {
        for (json, truth) in
            [("true", Some(true)), ("\"True\"", Some(true)), ("0", Some(false)), ("\"no\"", None), ("null", None)]
        {
            assert_eq!(scalar(json).to_bool(), truth, "{json}");
        }
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(object::<(u8, u8)>("[1, 2]").ok(), None);
        let maybe: Maybe<std::collections::HashMap<String, u8>> = serde_json::from_str(" {\"a\": 1}").unwrap();
        assert_eq!(maybe.0.unwrap()["a"], 1);
        for other in ["[]", "null", "1", "\"{\"", "{\"a\": \"x\"}"] {
            assert!(serde_json::from_str::<Maybe<std::collections::HashMap<String, u8>>>(other).unwrap().0.is_none());
        }
    }

    #[test]
    fn lists_are_cut_and_counted() {
        let list: Bounded<Scalar, 3> = serde_json::from_str("[1,2,3,4,5]").unwrap();
        assert_eq!((list.items.len(), list.n_total), (3, 5));
        let none: Bounded<Scalar, 3> = serde_json::from_str("{\"a\":1}").unwrap();
        assert_eq!(none.n_total, 0);
    }
}
