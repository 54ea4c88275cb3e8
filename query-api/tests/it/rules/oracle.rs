//! Random rules on random records: what is shown is what an evaluator finds that knows no index, whether records were left
//! out before they were indexed or are hidden while they are served.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use allowlist::rules::{
    Conditions, HostGlob, Layer, Limits, NsfwPolicy, Place, Placed, RecordKind, Region, Rules, WordList,
};
use indexer::Snapshot;
use indexer::analysis::{fold, fold_whole, guess_language, two_letter_code};
use indexer::inclusion::{Facts, Inclusion};
use jiff::{SignedDuration, Timestamp};
use journal::record::{Actor, Address, Labelled, Point};
use journal::{Body, Entry, Record};
use query_api::query::{ChannelQuery, EventQuery, GroupQuery, PlaylistQuery, VideoQuery};
use query_api::search::Deadline;
use query_api::{Ruling, SearchIndex};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::fixture::{actor, channel_on, playlist_on, publish_records, time, video_on, with_description, with_tags};
use crate::mobilizon::fixture::{event_on, group_on};

const HOSTS: [&str; 5] = ["a.example", "b.a.example", "tube.fr", "peertube.b.example", "x.fr"];
const GLOBS: [&str; 6] = ["a.example", "*.a.example", "*.fr", "peertube.*", "*tube*", "x.fr"];
const LANGUAGES: [&str; 5] = ["fr", "en", "zh", "zh-Hans", "pt-BR"];
const WORDS: [&str; 8] = ["Casino", "été", "free", "money", "now", "C++", "日本語", "the"];
const TAGS: [&str; 5] = ["Été indien", "musique", "casino", "free money", "日本語"];
const NAMES: [&str; 4] = ["ada", "Bob", "eve", "mallory"];
const CATEGORIES: [&str; 3] = ["MUSIC", "PETS", "MEETING"];
const ENTRIES: [&str; 8] = ["casino", "ete", "free money", "now", "c++", "日本語", "money now", "mallory"];

/// Rules tried on each corpus, and corpora.
const N_RULES: usize = 24;
const N_CORPORA: usize = 4;

fn pick<'a, T: ?Sized>(rng: &mut SmallRng, from: &[&'a T]) -> &'a T {
    from.choose(rng).copied().unwrap()
}

fn maybe<T>(rng: &mut SmallRng, share: f64, make: impl FnOnce(&mut SmallRng) -> T) -> Option<T> {
    rng.random_bool(share).then(|| make(rng))
}

fn text(rng: &mut SmallRng, n: std::ops::RangeInclusive<usize>) -> String {
    let n = rng.random_range(n);
    (0..n).map(|_| pick(rng, &WORDS)).collect::<Vec<_>>().join(" ")
}

fn person(rng: &mut SmallRng, host: &allowlist::Host) -> Actor {
    let mut actor = actor(host, pick(rng, &NAMES), "@");
    actor.display_name = text(rng, 1..=2);
    actor
}

/// On one of three days, so that there are floods.
fn moment(rng: &mut SmallRng) -> Timestamp {
    time("2025-12-28T00:00:00Z") + SignedDuration::from_mins(rng.random_range(0..3 * 24 * 60))
}

fn description(rng: &mut SmallRng) -> String {
    let beginning = text(rng, 0..=3);
    // Some go on beyond what is scored.
    if rng.random_bool(0.3) { format!("{beginning} {} {}", "lorem ".repeat(400), text(rng, 1..=3)) } else { beginning }
}

fn tags(rng: &mut SmallRng) -> Vec<&'static str> {
    let n = rng.random_range(0..=2);
    (0..n).map(|_| pick(rng, &TAGS)).collect()
}

fn address(rng: &mut SmallRng) -> Option<Address> {
    let name = Some(pick(rng, &WORDS).to_owned());
    let point = maybe(rng, 0.7, |rng| Point::new(rng.random_range(0.5..4.0), rng.random_range(0.5..4.0))).flatten();
    maybe(rng, 0.8, |_| Address { name, point, ..Address::default() })
}

fn records(rng: &mut SmallRng) -> Vec<Record> {
    let mut all = Vec::new();
    let mut videos = Vec::new();
    for n in 0..40 {
        let host = pick(rng, &HOSTS);
        let mut video =
            with_tags(with_description(video_on(host, n, &text(rng, 1..=4)), &description(rng)), &tags(rng));
        (video.account, video.channel) = (person(rng, &video.host.clone()), person(rng, &video.host.clone()));
        video.language = maybe(rng, 0.8, |rng| Labelled { id: pick(rng, &LANGUAGES).to_owned(), label: String::new() });
        video.category = maybe(rng, 0.8, |rng| Labelled { id: rng.random_range(1..=3), label: "c".to_owned() });
        video.licence = maybe(rng, 0.6, |rng| Labelled { id: rng.random_range(1..=3), label: "l".to_owned() });
        video.nsfw = rng.random_bool(0.2);
        video.nsfw_flags = if video.nsfw { rng.random_range(0..4) } else { 0 };
        video.duration_s = rng.random_range(0..300);
        video.published_at = moment(rng);
        videos.push(video);
    }
    for host in HOSTS {
        for name in NAMES {
            let mut channel = channel_on(host, name, &text(rng, 1..=2));
            channel.description = maybe(rng, 0.7, |rng| text(rng, 1..=3));
            channel.owner.actor = person(rng, &channel.actor.host.clone());
            all.push(Record::Channel(Box::new(channel)));
            let mut group = group_on(host, name, &text(rng, 1..=2), 1);
            group.summary = maybe(rng, 0.7, |rng| format!("<p>{}</p>", text(rng, 1..=12)));
            group.address = address(rng);
            all.push(Record::Group(Box::new(group)));
        }
    }
    for n in 0..12 {
        let elements: Vec<_> = (0..rng.random_range(0..4)).map(|_| videos.choose(rng).unwrap()).collect();
        let mut playlist = playlist_on(pick(rng, &HOSTS), n, &text(rng, 1..=3), &elements);
        playlist.owner = person(rng, &playlist.host.clone());
        playlist.channel = maybe(rng, 0.7, |rng| person(rng, &playlist.host.clone()));
        all.push(Record::Playlist(Box::new(playlist)));
    }
    for n in 0..30 {
        let starts_at = time("2025-11-01T10:00:00Z") + SignedDuration::from_hours(rng.random_range(0..24 * 120));
        let mut event = event_on(pick(rng, &HOSTS), n, &text(rng, 1..=4), &starts_at.to_string());
        event.description = Some(format!("<p>{}</p>", description(rng)));
        event.tags = tags(rng).into_iter().map(str::to_owned).collect();
        event.language = maybe(rng, 0.8, |rng| pick(rng, &LANGUAGES).to_owned());
        event.category = Some(pick(rng, &CATEGORIES).to_owned());
        event.organizer = maybe(rng, 0.8, |rng| person(rng, &event.host.clone()));
        event.group = maybe(rng, 0.6, |rng| person(rng, &event.host.clone()));
        event.address = address(rng);
        event.published_at = Some(moment(rng));
        all.push(Record::Event(Box::new(event)));
    }
    all.extend(videos.into_iter().map(|video| Record::Video(Box::new(video))));
    all
}

fn placed<T>(value: T) -> Placed<T> {
    Placed { value, place: Place { file: Arc::from("random"), line: 1 } }
}

fn some<T>(rng: &mut SmallRng, share: f64, make: impl Fn(&mut SmallRng) -> T) -> Vec<Placed<T>> {
    let n = if rng.random_bool(share) { rng.random_range(1..=3) } else { 0 };
    (0..n).map(|_| placed(make(rng))).collect()
}

fn handle(rng: &mut SmallRng) -> String {
    format!("{}@{}", pick(rng, &NAMES).to_lowercase(), pick(rng, &HOSTS))
}

/// Conditions of which each key is set with this probability.
fn conditions(rng: &mut SmallRng, share: f64, is_include: bool, keys: &[String]) -> Conditions {
    let polygon = |rng: &mut SmallRng| {
        let (west, south) = (rng.random_range(0..3), rng.random_range(0..3));
        let (east, north) = (west + 2, south + 2);
        let ring = format!("[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]");
        Region { name: "square".to_owned(), geojson: format!("{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}") }
    };
    let list = |rng: &mut SmallRng| {
        let words = some(rng, 1.0, |rng| pick(rng, &ENTRIES).to_owned());
        WordList { name: "list".to_owned(), language: None, words }
    };
    Conditions {
        kinds: some(rng, share / 4.0, |rng| *RecordKind::ALL.choose(rng).unwrap()),
        hosts: some(rng, share, |rng| HostGlob::parse(pick(rng, &GLOBS)).unwrap()),
        languages: some(rng, share, |rng| pick(rng, &["fr", "en", "zh", "pt", "und"]).to_owned()),
        video_categories: some(rng, share, |rng| rng.random_range(1..=3)),
        event_categories: some(rng, share, |rng| pick(rng, &CATEGORIES).to_owned()),
        licences: some(rng, share, |rng| rng.random_range(1..=3)),
        tags: some(rng, share, |rng| pick(rng, &TAGS).to_owned()),
        words: some(rng, share, list),
        accounts: some(rng, share, handle),
        channels: some(rng, share, handle),
        groups: some(rng, share, handle),
        items: if is_include { Vec::new() } else { some(rng, share, |rng| keys.choose(rng).unwrap().clone()) },
        regions: some(rng, share, polygon),
        min_duration_s: maybe(rng, share, |rng| placed(rng.random_range(0..300))),
        max_duration_s: maybe(rng, share, |rng| placed(rng.random_range(0..300))),
        since_ms: maybe(rng, share, |rng| placed(moment(rng).as_millisecond())),
        max_age_ms: maybe(rng, share, |rng| placed(rng.random_range(1..400) * 86_400_000)),
        nsfw_flags: if is_include { None } else { maybe(rng, share, |rng| placed(rng.random_range(1..4))) },
    }
}

fn rules(rng: &mut SmallRng, keys: &[String]) -> Rules {
    let layers = (0..rng.random_range(1..=3)).map(|n| {
        let mut layer = Layer::everything(&format!("random {n}"));
        layer.include = conditions(rng, 0.06, true, keys);
        layer.exclude = conditions(rng, 0.06, false, keys);
        layer.nsfw = maybe(rng, 0.2, |rng| {
            placed(*[NsfwPolicy::Include, NsfwPolicy::Exclude, NsfwPolicy::Only].choose(rng).unwrap())
        });
        layer.limits = Limits {
            per_channel_and_day: maybe(rng, 0.2, |rng| placed(rng.random_range(1..=2))),
            per_organizer_and_day: maybe(rng, 0.2, |rng| placed(rng.random_range(1..=2))),
        };
        layer
    });
    Rules { layers: layers.collect(), ..Rules::everything() }
}

/// A record as rules see it; `None` for what its kind cannot have.
struct Known {
    kind: RecordKind,
    host: String,
    key: String,
    /// Primary subtags; empty for an unknown one.
    language: Option<String>,
    video_category: Option<Option<i64>>,
    event_category: Option<String>,
    licence: Option<Option<i64>>,
    tags: Option<Vec<String>>,
    account: Option<Option<String>>,
    channel: Option<Option<String>>,
    group: Option<Option<String>>,
    point: Option<Option<(f64, f64)>>,
    duration_s: Option<u64>,
    date_ms: Option<i64>,
    nsfw: Option<(bool, u32)>,
    texts: Vec<String>,
}

fn of(actor: &Actor) -> String {
    format!("{}@{}", actor.name, actor.host).to_lowercase()
}

fn primary(language: &str) -> String {
    language.split('-').next().unwrap().to_lowercase()
}

fn plain(html: &str) -> String {
    html.replace("<p>", "").replace("</p>", "")
}

fn read(record: &Record) -> Known {
    let id = record.id();
    let mut facts = Known {
        kind: id.kind.as_str().parse().unwrap(),
        host: id.host.to_string(),
        key: id.to_string(),
        language: None,
        video_category: None,
        event_category: None,
        licence: None,
        tags: None,
        account: None,
        channel: None,
        group: None,
        point: None,
        duration_s: None,
        date_ms: None,
        nsfw: None,
        texts: Vec::new(),
    };
    let point = |address: &Option<Address>| {
        Some(address.as_ref().and_then(|address| address.point).map(|point| (point.lat(), point.lon())))
    };
    let mut name = |actor: &Actor| facts.texts.extend([actor.name.clone(), actor.display_name.clone()]);
    match record {
        Record::Video(video) => {
            [&video.account, &video.channel].into_iter().for_each(&mut name);
            let detail = video.detail.as_ref().unwrap();
            facts.texts.extend(detail.tags.iter().chain(&detail.description).chain([&video.name]).cloned());
            facts.language = Some(video.language.as_ref().map(|language| primary(&language.id)).unwrap_or_default());
            facts.video_category = Some(video.category.as_ref().map(|category| category.id));
            facts.licence = Some(video.licence.as_ref().map(|licence| licence.id));
            facts.tags = Some(detail.tags.clone());
            facts.account = Some(Some(of(&video.account)));
            facts.channel = Some(Some(of(&video.channel)));
            facts.duration_s = Some(video.duration_s.into());
            facts.date_ms = Some(video.published_at.as_millisecond());
            facts.nsfw = Some((video.nsfw, video.nsfw_flags));
        }
        Record::Channel(channel) => {
            [&channel.actor, &channel.owner.actor].into_iter().for_each(&mut name);
            facts.texts.extend(channel.description.clone());
            facts.account = Some(Some(of(&channel.owner.actor)));
            facts.channel = Some(Some(of(&channel.actor)));
        }
        Record::Playlist(playlist) => {
            playlist.channel.iter().chain([&playlist.owner]).for_each(&mut name);
            facts.texts.extend(playlist.description.iter().chain([&playlist.display_name]).cloned());
            facts.account = Some(Some(of(&playlist.owner)));
            facts.channel = Some(playlist.channel.as_ref().map(of));
        }
        Record::Event(event) => {
            event.organizer.iter().chain(&event.group).for_each(&mut name);
            facts.texts.extend(event.tags.iter().chain([&event.title]).cloned());
            facts.texts.push(plain(event.description.as_ref().unwrap()));
            facts.language = Some(event.language.as_deref().map(primary).unwrap_or_default());
            facts.event_category = event.category.clone();
            facts.tags = Some(event.tags.clone());
            facts.account = Some(event.organizer.as_ref().map(of));
            facts.group = Some(event.group.as_ref().map(of));
            facts.point = point(&event.address);
            facts.date_ms = Some(event.time.ends_at.unwrap().as_millisecond());
        }
        Record::Group(group) => {
            name(&group.actor);
            let summary = group.summary.as_deref().map(plain).unwrap_or_default();
            let guessed = guess_language(&format!("{}\n{summary}", group.actor.display_name));
            facts.language = Some(guessed.map(|language| two_letter_code(language).to_owned()).unwrap_or_default());
            facts.texts.push(summary);
            facts.group = Some(Some(of(&group.actor)));
            facts.point = point(&group.address);
        }
    }
    facts
}

/// For each key that is set and that the kind can have: whether the document has one of its values.
fn answers(facts: &Known, conditions: &Conditions, now_ms: i64, is_include: bool) -> Vec<bool> {
    let mut answers = Vec::new();
    fn any<T>(values: &[Placed<T>], answers: &mut Vec<bool>, has: impl Fn(&T) -> bool) {
        if !values.is_empty() {
            answers.push(values.iter().any(|value| has(&value.value)));
        }
    }
    any(&conditions.kinds, &mut answers, |kind| *kind == facts.kind);
    any(&conditions.hosts, &mut answers, |glob| {
        let labels: Vec<&str> = glob.as_str().split('*').collect();
        match labels.as_slice() {
            [host] => facts.host == *host,
            ["", end] => facts.host.ends_with(end) || facts.host == end[1..],
            [start, ""] => facts.host.starts_with(start),
            ["", middle, ""] => facts.host.contains(middle),
            other => unreachable!("{other:?}"),
        }
    });
    if let Some(language) = &facts.language {
        any(&conditions.languages, &mut answers, |wanted| {
            let is_unknown_group = is_include && facts.kind == RecordKind::Group && language.is_empty();
            is_unknown_group || if wanted == "und" { language.is_empty() } else { language == wanted }
        });
    }
    if let Some(category) = facts.video_category {
        any(&conditions.video_categories, &mut answers, |wanted| category == Some(*wanted));
    }
    if let Some(category) = &facts.event_category {
        any(&conditions.event_categories, &mut answers, |wanted| category == wanted);
    }
    if let Some(licence) = facts.licence {
        any(&conditions.licences, &mut answers, |wanted| licence == Some(*wanted));
    }
    if let Some(tags) = &facts.tags {
        any(&conditions.tags, &mut answers, |wanted| tags.iter().any(|tag| fold_whole(tag) == fold_whole(wanted)));
    }
    for (handle, wanted) in [
        (&facts.account, &conditions.accounts),
        (&facts.channel, &conditions.channels),
        (&facts.group, &conditions.groups),
    ] {
        if let Some(handle) = handle {
            any(wanted, &mut answers, |wanted| handle.as_ref() == Some(wanted));
        }
    }
    any(&conditions.items, &mut answers, |key| *key == facts.key);
    let says = |entry: &Placed<String>| {
        let entry = fold(&entry.value);
        facts.texts.iter().any(|text| fold(text).windows(entry.len()).any(|window| window == entry))
    };
    any(&conditions.words, &mut answers, |list| list.words.iter().any(says));
    if let Some(point) = facts.point {
        any(&conditions.regions, &mut answers, |region| {
            let json: serde_json::Value = serde_json::from_str(&region.geojson).unwrap();
            let corner = |n: usize| {
                let corner = &json["coordinates"][0][n];
                (corner[1].as_f64().unwrap(), corner[0].as_f64().unwrap())
            };
            let ((south, west), (north, east)) = (corner(0), corner(2));
            point.is_some_and(|(lat, lon)| (south..=north).contains(&lat) && (west..=east).contains(&lon))
        });
    }
    if let Some(seconds) = facts.duration_s {
        answers.extend(conditions.min_duration_s.iter().map(|least| seconds >= least.value));
        answers.extend(conditions.max_duration_s.iter().map(|most| seconds <= most.value));
    }
    if let Some(date_ms) = facts.date_ms {
        answers.extend(conditions.since_ms.iter().map(|since| date_ms >= since.value));
        answers.extend(conditions.max_age_ms.iter().map(|age| date_ms >= now_ms - age.value));
    }
    if let Some((_, flags)) = facts.nsfw {
        answers.extend(conditions.nsfw_flags.iter().map(|mask| flags & mask.value != 0));
    }
    answers
}

/// Whether every layer shows a record by itself.
fn is_shown(facts: &Known, rules: &Rules, now_ms: i64) -> bool {
    rules.layers.iter().all(|layer| {
        let policy = layer.nsfw.as_ref().map_or(NsfwPolicy::Include, |policy| policy.value);
        let is_allowed = match (policy, facts.nsfw) {
            (NsfwPolicy::Exclude, Some((nsfw, _))) => !nsfw,
            (NsfwPolicy::Only, Some((nsfw, _))) => nsfw,
            _ => true,
        };
        is_allowed
            && answers(facts, &layer.include, now_ms, true).into_iter().all(|has| has)
            && !answers(facts, &layer.exclude, now_ms, false).into_iter().any(|has| has)
    })
}

/// Whether any table of any layer sets one of some keys.
fn asks(rules: &Rules, any: impl Fn(&Conditions) -> bool) -> bool {
    rules.layers.iter().any(|layer| any(&layer.include) || any(&layer.exclude))
}

/// Date of publication in milliseconds, hash of the key, and the key.
type Dated = (i64, u64, String);

/// The keys of what is shown after all rules.
fn expected(records: &[Record], rules: &Rules, now_ms: i64) -> BTreeSet<String> {
    let mut left: Vec<&Record> = records.iter().filter(|record| is_shown(&read(record), rules, now_ms)).collect();
    let least = |limit: fn(&Limits) -> &Option<Placed<u32>>| {
        rules.layers.iter().filter_map(|layer| limit(&layer.limits).as_ref()).map(|limit| limit.value as usize).min()
    };
    // By source and day, the newest first.
    let mut sources: BTreeMap<(String, i64), Vec<Dated>> = BTreeMap::new();
    for record in &left {
        let (source, date, limit) = match record {
            Record::Video(video) => {
                (Some(of(&video.channel)), video.published_at, least(|limits| &limits.per_channel_and_day))
            }
            Record::Event(event) => {
                let source = event.group.as_ref().map(|group| format!("group {}", of(group)));
                let source = source.or(event.organizer.as_ref().map(of));
                (source, event.published_at.unwrap(), least(|limits| &limits.per_organizer_and_day))
            }
            _ => continue,
        };
        if let (Some(source), Some(limit)) = (source, limit) {
            let ms = date.as_millisecond();
            let key = record.id().to_string();
            let day = (format!("{limit} {} {source}", record.id().kind), ms.div_euclid(86_400_000));
            sources.entry(day).or_default().push((-ms, indexer::key_hash(&key), key));
        }
    }
    let mut floods = BTreeSet::new();
    for ((source, _), mut published) in sources {
        let limit: usize = source.split(' ').next().unwrap().parse().unwrap();
        published.sort_unstable();
        floods.extend(published.into_iter().skip(limit).map(|(_, _, key)| key));
    }
    left.retain(|record| !floods.contains(&record.id().to_string()));
    let of_videos = asks(rules, |c| {
        let texts = c.languages.len() + c.tags.len() + c.words.len() + c.regions.len();
        let numbers = c.video_categories.len() + c.licences.len();
        let bounds =
            [c.min_duration_s.is_some(), c.max_duration_s.is_some(), c.since_ms.is_some(), c.max_age_ms.is_some()];
        texts + numbers > 0 || bounds.contains(&true) || c.nsfw_flags.is_some()
    }) || rules
        .layers
        .iter()
        .any(|layer| layer.nsfw.as_ref().is_some_and(|nsfw| nsfw.value != NsfwPolicy::Include));
    let of_events =
        asks(rules, |c| c.event_categories.len() + c.tags.len() > 0 || c.since_ms.is_some() || c.max_age_ms.is_some());
    let (mut channels, mut videos, mut groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for record in &left {
        match record {
            Record::Video(video) => {
                channels.insert(of(&video.channel));
                videos.insert((video.host.clone(), video.uuid));
            }
            Record::Event(event) => groups.extend(event.group.as_ref().map(of)),
            _ => {}
        }
    }
    left.retain(|record| match record {
        Record::Channel(channel) => !of_videos || channels.contains(&of(&channel.actor)),
        Record::Playlist(playlist) => {
            let has = |element: &journal::record::Element| videos.contains(&(element.host.clone(), element.uuid));
            !of_videos || playlist.elements.iter().any(has)
        }
        Record::Group(group) => !of_events || groups.contains(&of(&group.actor)),
        _ => true,
    });
    left.into_iter().map(|record| record.id().to_string()).collect()
}

/// The keys of everything that an index shows.
fn shown(index: &SearchIndex) -> BTreeSet<String> {
    let none = Deadline::none();
    let mut keys = BTreeSet::new();
    let videos = index.search(&VideoQuery { count: 1000, ..VideoQuery::default() }, none).unwrap();
    keys.extend(videos.hits.iter().map(|hit| hit.video.key()));
    let channels = index.search_channels(&ChannelQuery { count: 1000, ..ChannelQuery::default() }, none).unwrap();
    keys.extend(channels.hits.iter().map(|hit| hit.channel.key()));
    let playlists = index.search_playlists(&PlaylistQuery { count: 1000, ..PlaylistQuery::default() }, none).unwrap();
    keys.extend(playlists.hits.iter().map(|hit| hit.playlist.key()));
    let events = index.search_events(&EventQuery { count: 1000, ..EventQuery::default() }, none).unwrap();
    keys.extend(events.hits.iter().map(|hit| hit.event.key()));
    let groups = index.search_groups(&GroupQuery { count: 1000, ..GroupQuery::default() }, none).unwrap();
    keys.extend(groups.hits.iter().map(|hit| hit.group.key()));
    let totals = videos.total + channels.total + playlists.total + events.total + groups.total;
    assert_eq!((totals, index.totals().total() as usize), (keys.len(), keys.len()));
    keys
}

/// Publishes records in three generations of segments, of which the last replaces some documents.
fn publish(dir: &std::path::Path, records: &[Record]) -> Snapshot {
    let (first, second) = records.split_at(records.len() / 2);
    publish_records(dir, 1, first);
    publish_records(dir, 10_000, second);
    publish_records(dir, 20_000, &records.iter().step_by(7).cloned().collect::<Vec<_>>());
    Snapshot::open_current(dir).unwrap()
}

/// Each run tries other records and rules; what fails is found again by its seed.
#[test]
fn filtering_at_index_time_at_query_time_and_by_hand_agree() {
    let seed: u64 = rand::random();
    let mut n_kept = BTreeMap::new();
    for corpus in 0..N_CORPORA as u64 {
        let mut rng = SmallRng::seed_from_u64(seed ^ corpus);
        let records = records(&mut rng);
        let keys: Vec<String> = records.iter().map(|record| record.id().to_string()).collect();
        let dir = tempfile::tempdir().unwrap();
        let snapshot = publish(dir.path(), &records);
        let published_ms = snapshot.manifest.published_at.as_millisecond();
        let now_ms = published_ms - published_ms.rem_euclid(3_600_000);
        let mut previous: Option<SearchIndex> = None;
        for n in 0..N_RULES {
            let rules = rules(&mut rng, &keys);
            let expected = expected(&records, &rules, now_ms);
            let inclusion = Inclusion::compile(&rules).unwrap();
            for record in &records {
                let entry = Entry { seen_at: time("2026-01-01T00:00:00Z"), body: Body::Record(record.clone()) };
                let verdict = inclusion.judge(&Facts::of_entry(&entry).unwrap().unwrap(), now_ms);
                let by_hand = is_shown(&read(record), &rules, now_ms);
                assert_eq!(verdict.is_shown(), by_hand, "seed {seed}, {}: {verdict:?} by {rules:#?}", record.id());
            }
            let ruling = Ruling::new(inclusion);
            let index = SearchIndex::open_ruled(snapshot.clone(), Arc::clone(&ruling), previous.as_ref()).unwrap();
            let differs =
                |found: &BTreeSet<String>| -> Vec<String> { found.symmetric_difference(&expected).cloned().collect() };
            assert_eq!(differs(&shown(&index)), [""; 0], "seed {seed}, corpus {corpus}: {rules:#?}");
            let hidden = index.hidden_counts().unwrap();
            assert_eq!(hidden.total.total() as usize, records.len() - expected.len(), "seed {seed}: {rules:#?}");
            *n_kept.entry(expected.len() * 4 / records.len()).or_insert(0) += 1;
            // Every eighth also from an index of what rules on single documents leave.
            if n % 8 == 0 {
                let kept: Vec<Record> =
                    records.iter().filter(|record| is_shown(&read(record), &rules, now_ms)).cloned().collect();
                let dir = tempfile::tempdir().unwrap();
                let snapshot = publish(dir.path(), &kept);
                let filtered = SearchIndex::open_ruled(snapshot, ruling, None).unwrap();
                assert_eq!(differs(&shown(&filtered)), [""; 0], "seed {seed}, corpus {corpus}: {rules:#?}");
            }
            previous = Some(index);
        }
    }
    assert!(n_kept.len() >= 3, "rules that hide little and rules that hide much were tried: {n_kept:?}");
}
