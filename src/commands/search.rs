//! `vigie search`: the query API without a server.

use anyhow::Context;
use indexer::Snapshot;
use indexer::stored::{StoredAddress, StoredEvent};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use query_api::params::{
    Location, ParamsError, RawParams, read_channel_query, read_event_search, read_group_search, read_playlist_query,
    read_video_query,
};
use query_api::query::EventTimes;
use query_api::search::Deadline;
use query_api::time::{DatePreset, find_zone};
use query_api::wire::{ChannelList, EventList, GroupList, Pictures, PlaylistList, VideoList};
use query_api::{SearchIndex, SearchPage};

use crate::args::SearchKind;
use crate::commands::Unusable;
use crate::config::Config;
use crate::data::DataDir;
use crate::inclusion;
use crate::output::say;

/// What is searched for.
pub struct Asked {
    pub words: String,
    pub kind: SearchKind,
    /// A town, or latitude and longitude.
    pub near: Option<String>,
    /// Kilometres.
    pub radius: Option<f64>,
    pub when: Option<String>,
    pub count: u32,
}

impl Asked {
    fn params(&self) -> Result<RawParams, Unusable> {
        let is_hosted = matches!(self.kind, SearchKind::Events | SearchKind::Groups);
        let only = |flag: &str, kinds: &str| Err(Unusable(format!("searching: `{flag}` is for `--kind {kinds}`")));
        if self.near.is_some() && !is_hosted {
            return only("--near", "events` or `--kind groups");
        }
        if self.when.is_some() && !matches!(self.kind, SearchKind::Events) {
            return only("--when", "events");
        }
        let mut params = RawParams::default();
        let words = Some(self.words.clone()).filter(|words| !words.trim().is_empty());
        let radius = self.radius.map(|km| format!("{km}_km"));
        let given = [("search", words), ("near", self.near.clone()), ("radius", radius), ("when", self.when.clone())];
        for (name, value) in given {
            if let Some(value) = value {
                params.set(name, Location::Query, value.into());
            }
        }
        params.set("count", Location::Query, self.count.into());
        Ok(params)
    }
}

/// Runs `vigie search`.
///
/// # Errors
/// When nothing is published yet, or the text, the place or the days are not searchable.
pub fn run(config: &Config, asked: &Asked, json: bool) -> anyhow::Result<()> {
    let params = asked.params()?;
    let data = DataDir::new(&config.data);
    let index_dir = data.index();
    let snapshot = Snapshot::open_current(&index_dir).with_context(|| {
        format!("opening the index below `{}`; run `vigie up` or `vigie index` first", index_dir.display())
    })?;
    // The terminal shows what the pages show, and nothing else.
    let index = SearchIndex::open_ruled(snapshot, inclusion::ruling(config, &data, &index_dir)?, None)?;
    let no_pictures = Pictures::default();
    match asked.kind {
        SearchKind::Events => {
            let now = Timestamp::now();
            let upcoming = EventTimes::from(DatePreset::Upcoming.period(now, &TimeZone::UTC));
            let search = read_event_search(&params, upcoming, now).map_err(unusable)?;
            let page = index.search_events(&search.query, Deadline::none())?;
            print(
                &index,
                "events",
                page,
                json,
                |page| EventList::to_json(page, &no_pictures),
                |hit| {
                    let (event, place) = (&hit.event, place(hit.event.address.as_ref(), hit.distance_m));
                    let url = event.page_url.as_ref().unwrap_or(&event.url).clone();
                    [event.title.clone(), format!("{} · {place}{}", local_time(event), event.host), url]
                },
            )
        }
        SearchKind::Groups => {
            let search = read_group_search(&params).map_err(unusable)?;
            let page = index.search_groups(&search.query, Deadline::none())?;
            print(
                &index,
                "groups",
                page,
                json,
                |page| GroupList::to_json(page, &no_pictures),
                |hit| {
                    let (group, place) = (&hit.group, place(hit.group.address.as_ref(), hit.distance_m));
                    let members = group.n_members.map(|n| format!(" · {}", counted(n, "member"))).unwrap_or_default();
                    let about = format!("{place}{}@{}{members}", group.actor.name, group.host);
                    [group.actor.display_name().to_owned(), about, group.actor.url.clone()]
                },
            )
        }
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

/// The start in the event's own zone; the date alone where the time means nothing.
fn local_time(event: &StoredEvent) -> String {
    let zone = event.time_zone.as_deref().and_then(|name| find_zone(name).ok()).unwrap_or(TimeZone::UTC);
    let format = if event.hides_start_time { "%a %Y-%m-%d" } else { "%a %Y-%m-%d %H:%M %Z" };
    event.starts_at.to_zoned(zone).strftime(format).to_string()
}

/// The town and how far it is, with a mark behind them; empty where nothing is known.
fn place(address: Option<&StoredAddress>, distance_m: Option<f64>) -> String {
    let town = address.and_then(|address| address.locality.clone().or_else(|| address.name.clone()));
    let distance = distance_m.map(|metres| format!("{:.1} km", metres / 1_000.0));
    [town, distance].into_iter().flatten().map(|part| format!("{part} · ")).collect()
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
