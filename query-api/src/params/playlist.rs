//! The parameters of the playlist search (contract of the search-index, PeerTube 3.3 to 8.2).

use super::reader::{Reader, name_or_date};
use super::{ParamsError, RawParams};
use crate::query::{PlaylistFilter, PlaylistQuery};

/// Reads and checks the parameters of a playlist search. Unknown ones are ignored.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once, [`ParamsError::TooLarge`] for a mute list over 10 000.
pub fn read_playlist_query(params: &RawParams) -> Result<PlaylistQuery, ParamsError> {
    Reader::run(params, |reader| {
        let (start, count) = reader.page();
        Ok(PlaylistQuery {
            text: reader.search_text(),
            start,
            count,
            sort: reader.sort(name_or_date),
            filter: PlaylistFilter { origin: reader.origin()?, uuids: reader.uuids() },
        })
    })
}
