//! The parameters of the channel search (contract of the search-index, PeerTube 2.4 to 8.2).

use std::collections::BTreeSet;

use super::id::canonical_handle;
use super::reader::{MAX_COUNT, Reader, name_or_date};
use super::value;
use super::{ParamsError, RawParams};
use crate::query::{ChannelFilter, ChannelQuery};

/// Most handles of one query: a whole page of results can be asked for again.
const MAX_HANDLES: usize = MAX_COUNT;

/// Reads and checks the parameters of a channel search. Unknown ones are ignored.
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once, [`ParamsError::TooLarge`] for a mute list over 10 000.
pub fn read_channel_query(params: &RawParams) -> Result<ChannelQuery, ParamsError> {
    Reader::run(params, |reader| {
        let (start, count) = reader.page();
        Ok(ChannelQuery {
            text: reader.search_text(),
            start,
            count,
            sort: reader.sort(name_or_date),
            filter: ChannelFilter { origin: reader.origin()?, handles: reader.handles() },
        })
    })
}

impl Reader<'_> {
    /// Handles as the index writes them. One without a host names nothing here: on a server of its own it would be a
    /// local channel.
    fn handles(&mut self) -> Option<Vec<String>> {
        const MSG: &str = "Should have a valid handles array";
        let texts = self.read("handles", MSG, |value| {
            value::texts(value).filter(|texts| texts.iter().all(|text| !text.trim().is_empty()))
        })?;
        if texts.len() > MAX_HANDLES {
            self.refuse("handles", format!("{MSG} (max: {MAX_HANDLES} values)"));
            return None;
        }
        let handles: BTreeSet<String> = texts.iter().filter_map(|text| canonical_handle(text)).collect();
        Some(handles.into_iter().collect())
    }
}
