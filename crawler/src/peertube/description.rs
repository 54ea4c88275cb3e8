//! Whole descriptions of instances before 5.0, whose details hold a cut one.

use journal::record::Video;

use super::lenient::object;
use super::{text, wire};

/// Reads the answer of `GET /api/v1/videos/{id}/description`, the only whole text before 5.0. `None` when the video
/// has none.
///
/// # Errors
/// When it is no JSON object.
pub fn parse_description(json: &[u8]) -> Result<Option<String>, serde_json::Error> {
    let json = std::str::from_utf8(json).map_err(serde::de::Error::custom)?;
    let wire: wire::Description = object(json)?;
    Ok(text::block_of(&wire.description, 10_000))
}

/// Whether a detail was read that left the whole description open: there is a cut one, and no whole one beside it.
pub fn lacks_description(video: &Video) -> bool {
    let is_open = video.detail.as_ref().is_some_and(|detail| detail.description.is_none());
    is_open && video.truncated_description.as_deref().is_some_and(text::looks_cut)
}

/// Keeps the whole description of an older sight of the video, when the newer one leaves it open and its cut text
/// is still the beginning of it.
pub fn keep_description(video: &mut Video, known: &Video) {
    if !lacks_description(video) {
        return;
    }
    let whole = known.detail.as_ref().and_then(|detail| detail.description.as_ref());
    let cut = video.truncated_description.as_deref().and_then(|text| text.strip_suffix("..."));
    if let (Some(whole), Some(cut), Some(detail)) = (whole, cut, video.detail.as_mut())
        && whole.starts_with(cut.trim_end())
    {
        detail.description = Some(whole.clone());
    }
}
