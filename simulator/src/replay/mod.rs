//! Replay of a folder of recorded answers, under a host name of one's choice.
//!
//! A request is answered by the recorded exchange of the same method, path, parameters (in any order) and `Accept`,
//! first from the chosen set, then, for what does not change between the sets, from the last state. What a crawler asks
//! for and nobody recorded is made from what was recorded:
//!
//! - other pages of a listing are cut from the full scan of the set, filtered and sorted;
//! - a detail nobody recorded in this state of the video is its listing item, with no tags, the cut description and an
//!   `X-Synthesised` header; when the account outbox of the set has the whole video, its tags and text are used;
//! - other pages of an outbox are cut from the recorded page of 50. Outboxes exist for the last state and one account
//!   only: any other is a 404, so callers fall back to details;
//! - a channel or playlist nobody asked for in this state is its row in the list of the state, which is as whole; the
//!   videos of a channel are cut from the full scan, and its playlists from the list of playlists;
//! - any picture is a generated one.

mod channel;
mod listing;
mod playlist;
mod recording;
mod route;

pub use recording::{Recording, Set};
pub(crate) use route::Replay;
