//! `vigie search`: the query API without a server.

use anyhow::Context;
use indexer::Snapshot;
use query_api::params::{Location, ParamsError, RawParams, read_channel_query, read_playlist_query, read_video_query};
use query_api::search::Deadline;
use query_api::wire::{ChannelList, PlaylistList, VideoList};
use query_api::{SearchIndex, SearchPage};

use crate::args::SearchKind;
use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;
use crate::output::say;

/// Runs `vigie search`.
///
/// # Errors
/// When nothing is published yet, or the text is not searchable.
pub fn run(config: &Config, words: &str, kind: SearchKind, count: u32, json: bool) -> anyhow::Result<()> {
    let index_dir = DataDir::new(&config.data).index();
    let snapshot = Snapshot::open_current(&index_dir).with_context(|| {
        format!("opening the index below `{}`; run `vigie up` or `vigie index` first", index_dir.display())
    })?;
    let mut params = RawParams::default();
    if !words.trim().is_empty() {
        params.set("search", Location::Query, words.into());
    }
    params.set("count", Location::Query, count.into());
    let index = SearchIndex::open(snapshot, None)?;
    match kind {
        SearchKind::Videos => {
            let page = index.search(&read_video_query(&params).map_err(unusable)?, Deadline::none())?;
            print(&index, "videos", page, json, VideoList::to_json, |hit| {
                let video = &hit.video;
                let day = video.published_at.strftime("%Y-%m-%d");
                [video.name.clone(), format!("{} · {} · {day}", video.channel.display_name(), video.host), video.url()]
            })
        }
        SearchKind::Channels => {
            let page = index.search_channels(&read_channel_query(&params).map_err(unusable)?, Deadline::none())?;
            print(&index, "channels", page, json, ChannelList::to_json, |hit| {
                let (channel, videos) = (&hit.channel, counted(hit.n_videos, "video"));
                let followers = counted(channel.n_followers, "follower");
                [
                    channel.actor.display_name().to_owned(),
                    format!("{}@{} · {videos} · {followers}", channel.actor.name, channel.host),
                    channel.actor.url.clone(),
                ]
            })
        }
        SearchKind::Playlists => {
            let page = index.search_playlists(&read_playlist_query(&params).map_err(unusable)?, Deadline::none())?;
            print(&index, "playlists", page, json, PlaylistList::to_json, |hit| {
                let (playlist, videos) = (&hit.playlist, counted(hit.n_videos, "video"));
                let owner = playlist.channel.as_ref().unwrap_or(&playlist.owner);
                [
                    playlist.display_name.clone(),
                    format!("{} · {} · {videos}", owner.display_name(), playlist.host),
                    playlist.url(),
                ]
            })
        }
    }
}

/// Prints what was found: the answer of the API, or three lines for each hit.
fn print<Hit>(
    index: &SearchIndex,
    kind: &str,
    page: SearchPage<Hit>,
    json: bool,
    to_json: impl FnOnce(SearchPage<Hit>) -> Result<Vec<u8>, serde_json::Error>,
    describe: impl Fn(&Hit) -> [String; 3],
) -> anyhow::Result<()> {
    if json {
        say!("{}", String::from_utf8(to_json(page)?).context("the answer is no text")?);
        return Ok(());
    }
    for [title, about, url] in page.hits.iter().map(describe) {
        say!("{title}\n  {about}\n  {url}");
    }
    let generation = index.snapshot().manifest.generation;
    eprintln!("vigie: {} of {} {kind} in generation {generation}", page.hits.len(), page.total);
    Ok(())
}

fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// The faults on one line; the API tells them apart by parameter.
fn unusable(error: ParamsError) -> Unusable {
    Unusable(match error {
        ParamsError::Invalid(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("`{}`: {}", fault.param, fault.msg)).collect();
            format!("searching: {}", faults.join("; "))
        }
        ParamsError::TooLarge { param, limit } => format!("searching: `{param}` has more than {limit} entries"),
    })
}
