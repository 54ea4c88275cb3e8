//! Values of PeerTube's closed lists.

use serde::Serialize;
use utoipa::ToSchema;

/// A number of a closed list and its label.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IntegerConstant {
    /// Null when unknown.
    pub id: Option<i64>,
    /// `Unknown` when unknown.
    pub label: String,
}

/// A code of a closed list and its label.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TextConstant {
    /// Null when unknown.
    pub id: Option<String>,
    /// `Unknown` when unknown.
    pub label: String,
}

fn unknown() -> String {
    "Unknown".to_owned()
}

impl IntegerConstant {
    /// The only privacy of what an index may show.
    pub(super) fn public() -> Self {
        Self { id: Some(1), label: "Public".to_owned() }
    }

    /// The type of every playlist but those of videos to watch later, which are nobody else's.
    pub(super) fn regular() -> Self {
        Self { id: Some(1), label: "Regular".to_owned() }
    }

    pub(super) fn new(value: Option<(i64, String)>) -> Self {
        value.map_or_else(|| Self { id: None, label: unknown() }, |(id, label)| Self { id: Some(id), label })
    }
}

impl TextConstant {
    pub(super) fn new(value: Option<(String, String)>) -> Self {
        value.map_or_else(|| Self { id: None, label: unknown() }, |(id, label)| Self { id: Some(id), label })
    }
}
