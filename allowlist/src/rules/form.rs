//! The tables and keys of a rules file, as they stand in the TOML.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use toml::Spanned;

/// A list whose items know their places.
pub(super) type List<T> = Option<Spanned<Vec<Spanned<T>>>>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FileForm {
    pub(super) index: IndexForm,
    pub(super) include: ConditionsForm,
    pub(super) exclude: ConditionsForm,
    pub(super) boost: BoostForm,
    pub(super) limits: LimitsForm,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct IndexForm {
    pub(super) name: Option<Spanned<String>>,
    pub(super) description: Option<Spanned<String>>,
    pub(super) extends: Vec<Spanned<String>>,
}

/// `[include]` and `[exclude]`; the keys that only one of them may have are told apart by the reader.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConditionsForm {
    pub(super) kinds: List<String>,
    pub(super) hosts: List<String>,
    pub(super) languages: List<String>,
    pub(super) categories: List<Category>,
    pub(super) licences: List<i64>,
    pub(super) tags: List<String>,
    pub(super) words: Vec<Spanned<WordsForm>>,
    pub(super) accounts: List<String>,
    pub(super) channels: List<String>,
    pub(super) groups: List<String>,
    pub(super) regions: List<String>,
    pub(super) min_duration: Option<Spanned<String>>,
    pub(super) max_duration: Option<Spanned<String>>,
    pub(super) since: Option<Spanned<String>>,
    pub(super) max_age: Option<Spanned<String>>,
    pub(super) nsfw: Option<Spanned<String>>,
    pub(super) nsfw_flags: List<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsForm {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) language: Option<Spanned<String>>,
    pub(super) words: Spanned<Vec<Spanned<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BoostForm {
    pub(super) languages: BTreeMap<String, Spanned<f64>>,
    pub(super) hosts: BTreeMap<String, Spanned<f64>>,
    pub(super) tags: BTreeMap<String, Spanned<f64>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsForm {
    pub(super) per_channel_and_day: Option<Spanned<i64>>,
    pub(super) per_organizer_and_day: Option<Spanned<i64>>,
}

/// A number of PeerTube's for videos, a word in capitals of Mobilizon's for events.
pub(super) enum Category {
    Video(i64),
    Event(String),
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Category;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number of a category of videos, or the word in capitals of a category of events")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Category, E> {
                Ok(Category::Video(number))
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Category, E> {
                Ok(Category::Event(word.to_owned()))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
