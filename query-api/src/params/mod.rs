//! What a visitor asked, as sent: a query string, a JSON body or a form, read into one shape.

mod channel;
mod discovery;
mod encoding;
mod event;
mod geo;
mod group;
mod id;
mod instances;
mod lenient;
mod map;
mod native;
mod places;
mod playlist;
mod reader;
mod value;
mod video;

pub use channel::read_channel_query;
pub use discovery::{EventSearch, GroupSearch, NearPlace, read_event_search, read_group_search, search_time};
pub use encoding::{parse_json_body, parse_query_string};
pub use event::read_event_query;
pub use group::read_group_query;
pub(crate) use id::{canonical_handle, read_uuid};
pub use instances::{
    InstanceSort, InstanceSortKey, InstancesQuery, MAX_HOSTS, MAX_INSTANCES, read_hosts_query, read_instances_query,
};
pub use lenient::MAX_MOBILIZON_COUNT;
pub use map::{MapQuery, MapSearch, read_map_query};
pub use native::{read_native_query, read_suggest_query};
pub use places::{read_category_query, read_place_query};
pub use playlist::read_playlist_query;
pub use reader::{MAX_COUNT, MAX_REACH};
pub use video::read_video_query;

use std::collections::BTreeMap;

use serde_json::Value;

/// Where a parameter was found; the error body names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The query string.
    Query,
    /// A JSON or form body.
    Body,
}

impl Location {
    /// The word that the error body uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Body => "body",
        }
    }
}

/// Parameters by name. A parameter given several times, or with brackets, is an array.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawParams {
    values: BTreeMap<String, (Location, Value)>,
}

impl RawParams {
    /// Sets a parameter, replacing what was known: a body wins over the query string.
    pub fn set(&mut self, name: &str, location: Location, value: Value) {
        self.values.insert(name.to_owned(), (location, value));
    }

    /// Takes every parameter of `other`, which wins.
    pub fn merge(&mut self, other: Self) {
        self.values.extend(other.values);
    }

    /// The value of a parameter; `None` when it is absent or null.
    pub fn get(&self, name: &str) -> Option<(Location, &Value)> {
        self.values.get(name).filter(|(_, value)| !value.is_null()).map(|(location, value)| (*location, value))
    }
}

/// One parameter that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamError {
    /// Its name.
    pub param: &'static str,
    /// Where it was.
    pub location: Location,
    /// One plain sentence, in the words that the clients know.
    pub msg: String,
    /// The value as sent, long ones cut.
    pub value: Value,
}

/// A body that cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not JSON, or nested too deeply.
    #[error("reading the body as JSON: {0}")]
    Json(String),
    /// JSON, but no object.
    #[error("reading the body as JSON: an object with the parameters is needed")]
    NotAnObject,
}

/// Why a set of parameters is not a query.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamsError {
    /// Some parameters are wrong, each with its reason.
    Invalid(Vec<ParamError>),
    /// A list is longer than what is accepted.
    TooLarge {
        /// Name of the list.
        param: &'static str,
        /// Entries accepted.
        limit: usize,
    },
}
