//! The standard names of categories, licences and languages.

use crate::catalogue::words;

/// The label of a category number.
pub(crate) fn category(id: u8) -> &'static str {
    match id {
        1 => "Music",
        2 => "Films",
        3 => "Vehicles",
        4 => "Art",
        5 => "Sports",
        6 => "Travels",
        7 => "Gaming",
        8 => "People",
        9 => "Comedy",
        10 => "Entertainment",
        11 => "News & Politics",
        12 => "How To",
        13 => "Education",
        14 => "Activism",
        15 => "Science & Technology",
        16 => "Animals",
        17 => "Kids",
        18 => "Food",
        _ => "Unknown",
    }
}

/// The label of a licence number.
pub(crate) fn licence(id: u8) -> &'static str {
    match id {
        1 => "Attribution",
        2 => "Attribution - Share Alike",
        3 => "Attribution - No Derivatives",
        4 => "Attribution - Non Commercial",
        5 => "Attribution - Non Commercial - Share Alike",
        6 => "Attribution - Non Commercial - No Derivatives",
        7 => "Public Domain Dedication",
        8 => "Free of known copyright restrictions",
        9 => "All Rights Reserved",
        _ => "Unknown",
    }
}

/// The label of a language id.
pub(crate) fn language(id: &str) -> &'static str {
    match id {
        "ca" => "Catalan",
        "cs" => "Czech",
        "eo" => "Esperanto",
        "eu" => "Basque",
        "fi" => "Finnish",
        "nl" => "Dutch",
        "oc" => "Occitan",
        "sv" => "Swedish",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        _ => words::vocabulary(id).map_or("Unknown", |vocabulary| vocabulary.label),
    }
}
