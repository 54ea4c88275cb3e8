//! The parameters of the search of cities.

use super::geo::point;
use super::reader::Reader;
use super::value;
use super::{Location, ParamError, ParamsError, RawParams};
use crate::places::{MAX_CHARS, PlaceQuery};

/// Cities when `count` is absent, and the most there may be.
const DEFAULT_COUNT: usize = 10;
const MAX_COUNT: usize = 50;

/// Reads and checks the parameters of a search of cities; unknown parameters are ignored.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once; a text is needed.
pub fn read_place_query(params: &RawParams) -> Result<PlaceQuery, ParamsError> {
    let q_msg = format!("Should have a name of a place (max: {MAX_CHARS} characters)");
    if params.get("q").is_none() {
        let missing = ParamError { param: "q", location: Location::Query, msg: q_msg, value: serde_json::Value::Null };
        return Err(ParamsError::Invalid(vec![missing]));
    }
    Reader::run(params, |reader| {
        let text = reader.read("q", &q_msg, |value| {
            value::text(value).filter(|text| !text.trim().is_empty() && text.chars().count() <= MAX_CHARS)
        });
        let count_msg = format!("Should have a number count (max: {MAX_COUNT})");
        let count = reader.read("count", &count_msg, |value| {
            let number = usize::try_from(value::integer(value)?).ok()?;
            (number <= MAX_COUNT).then_some(number)
        });
        let near = reader.read("near", "Should have a valid near: latitude,longitude in degrees", point).flatten();
        Ok(PlaceQuery {
            text: text.unwrap_or_default(),
            language: reader.page_language(),
            count: count.unwrap_or(DEFAULT_COUNT),
            near,
        })
    })
}

/// Reads and checks the parameters of the list of categories: the language that labels are wanted in.
///
/// # Errors
/// [`ParamsError::Invalid`] for a kind without such a list, and for what is no language.
pub fn read_category_query(params: &RawParams) -> Result<Option<String>, ParamsError> {
    Reader::run(params, |reader| {
        reader.read("kind", "Should have a valid kind: event", |value| {
            matches!(value::text(value)?.as_str(), "event" | "events").then_some(())
        });
        Ok(reader.page_language())
    })
}

impl Reader<'_> {
    /// `lang`: the primary subtag of the language that names and labels are wanted in.
    pub fn page_language(&mut self) -> Option<String> {
        self.read("lang", "Should have a valid lang, such as fr", |value| {
            let text = value::text(value)?.trim().to_lowercase();
            let primary = text.split(['-', '_']).next()?;
            let is_tag = (2..=8).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
            // The data writes Norwegian as the written languages that it has.
            is_tag.then(|| if primary == "no" { "nb".to_owned() } else { primary.to_owned() })
        })
    }
}
