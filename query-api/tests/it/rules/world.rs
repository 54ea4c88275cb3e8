//! Records of every kind in pairs: one that a rule or a decision hides, and one that is the same but for that.

use allowlist::moderation::{Action, Decision, ModerationFile};
use allowlist::rules::{Place, Placed, Region, Rules};
use indexer::inclusion::Inclusion;
use jiff::{SignedDuration, Timestamp};
use journal::Record;
use journal::record::{Actor, Channel, Event, Group, Labelled, Playlist, Video};

use crate::fixture::{actor, channel_on, playlist_on, time, video_on, with_description, with_tags};
use crate::mobilizon::fixture::{event_on, group_on, place};

/// Every word of a hidden record that is nobody else's begins so.
pub const MARK: &str = "hidqz";

/// The rules of the operator.
pub const RULES: &str = r#"
[include]
since = "2020-01-01"
[exclude]
hosts = ["hidqzhost.example", "*.hidqzglob.example"]
languages = ["eo"]
categories = [9, "PETS"]
licences = [7]
tags = ["HIDQZ ruled tag"]
accounts = ["hidqzruledacc@tube.example", "hidqzruledacc@agenda.example"]
channels = ["hidqzruledchan@tube.example"]
groups = ["hidqzruledgroup@agenda.example"]
min_duration = "3h"
nsfw = "exclude"
nsfw_flags = ["violent"]
[[exclude.words]]
name = "nonsense"
words = ["hidqzword", "hidqz two words"]
[limits]
per_channel_and_day = 2
per_organizer_and_day = 2
"#;

/// A world with its rules.
pub struct World {
    pub shown: Vec<Record>,
    pub hidden: Vec<Record>,
    pub inclusion: Inclusion,
    pub moderation: ModerationFile,
}

/// Words and more that stand in no other record.
fn video(side: &str, n: u64) -> Video {
    let mark = |what: &str| format!("{side}{n}{what}");
    let number = if side == MARK { n + 5000 } else { n };
    let video = video_on("tube.example", number, &format!("Whale {}", mark("title")));
    let filler = "lorem ipsum ".repeat(180);
    let video = with_description(video, &format!("Of whales {} {filler} {}", mark("text"), mark("rest")));
    let mut video = with_tags(video, &["whales", &mark("tag")]);
    name(&mut video.account, &mark("acc"));
    name(&mut video.channel, &mark("chan"));
    video
}

fn name(actor: &mut Actor, name: &str) {
    actor.name = name.to_owned();
    actor.display_name = format!("Ms {name}name");
    actor.url = actor.url.rsplit_once('/').map_or_else(String::new, |(start, _)| format!("{start}/{name}"));
}

fn move_video(video: &mut Video, host: &str) {
    video.host = host.parse().unwrap();
    video.account.host = video.host.clone();
    video.channel.host = video.host.clone();
    video.url = format!("https://{host}/videos/watch/{}", video.uuid);
}

fn language(id: &str) -> Option<Labelled<String>> {
    Some(Labelled { id: id.to_owned(), label: format!("Language {id}") })
}

type Change<T> = Box<dyn Fn(&mut T)>;

fn change<T>(change: impl Fn(&mut T) + 'static) -> Change<T> {
    Box::new(change)
}

fn add_to_description(video: &mut Video, words: &str) {
    let detail = video.detail.as_mut().unwrap();
    detail.description = Some(format!("{words} {}", detail.description.take().unwrap()));
}

/// What hides videos, one way each.
fn video_changes() -> Vec<Change<Video>> {
    vec![
        change(|video: &mut Video| video.nsfw = true),
        change(|video: &mut Video| video.nsfw_flags = 1),
        change(|video: &mut Video| move_video(video, "hidqzhost.example")),
        change(|video: &mut Video| move_video(video, "a.hidqzglob.example")),
        change(|video: &mut Video| video.language = language("eo")),
        change(|video: &mut Video| video.language = language("eo-XX")),
        change(|video: &mut Video| video.category = Some(Labelled { id: 9, label: "hidqzcategory".to_owned() })),
        change(|video: &mut Video| video.licence = Some(Labelled { id: 7, label: "hidqzlicence".to_owned() })),
        change(|video: &mut Video| video.detail.as_mut().unwrap().tags.push("Hidqz RÜLED tag".to_owned())),
        change(|video: &mut Video| video.account.name = "HidqzRuledAcc".to_owned()),
        change(|video: &mut Video| video.channel.name = "hidqzruledchan".to_owned()),
        change(|video: &mut Video| video.duration_s = 3 * 3600),
        change(|video: &mut Video| video.published_at = time("2019-12-31T00:00:00Z")),
        change(|video: &mut Video| video.name.push_str(" Hidqzwörd")),
        change(|video: &mut Video| add_to_description(video, "hidqzword")),
        change(|video: &mut Video| {
            let detail = video.detail.as_mut().unwrap();
            detail.description.as_mut().unwrap().push_str(" hidqzword");
        }),
        change(|video: &mut Video| video.detail.as_mut().unwrap().tags.push("some hidqzword".to_owned())),
        change(|video: &mut Video| video.account.display_name = "Hidqzword".to_owned()),
        change(|video: &mut Video| video.name.push_str(": HIDQZ two, words")),
        change(|video: &mut Video| video.detail.as_mut().unwrap().tags.push("x hidqz two words".to_owned())),
        change(|video: &mut Video| {
            let detail = video.detail.as_mut().unwrap();
            detail.description.as_mut().unwrap().push_str(" hidqz two words");
        }),
        change(|video: &mut Video| video.channel.display_name = "The hidqz two words".to_owned()),
        // Decisions.
        change(|video: &mut Video| move_video(video, "hidqzinst.example")),
        change(|video: &mut Video| move_video(video, "hidqzgone.example")),
        change(|video: &mut Video| video.name.push_str(" hidqzmodword")),
        change(|video: &mut Video| video.account.name = "hidqzmodacc".to_owned()),
        change(|video: &mut Video| video.channel.name = "hidqzmodchan".to_owned()),
        // Its key is decided on.
        change(|_| ()),
    ]
}

fn event(side: &str, n: u64) -> Event {
    let mark = |what: &str| format!("{side}{n}{what}");
    let number = if side == MARK { n + 5000 } else { n };
    let starts_at = Timestamp::now() + SignedDuration::from_hours(24 + i64::try_from(n).unwrap());
    let mut event = event_on("agenda.example", number, &format!("Ball {}", mark("title")), &starts_at.to_string());
    event.description = Some(format!("<p>Come {}, {} {}</p>", mark("text"), "lorem ipsum ".repeat(180), mark("rest")));
    event.tags = vec!["dance".to_owned(), mark("tag")];
    event.organizer = Some(person("agenda.example", &mark("acc")));
    event.group = Some(person("agenda.example", &mark("group")));
    event.address = place(&mark("place"), 45.0 + 0.01 * n as f64, 4.0);
    event.series = Some(mark("series"));
    event
}

fn person(host: &str, called: &str) -> Actor {
    let mut person = actor(&host.parse().unwrap(), called, "@");
    name(&mut person, called);
    person
}

fn move_event(event: &mut Event, host: &str) {
    event.host = host.parse().unwrap();
    event.url = format!("https://{host}/events/{}", event.origin_id);
    for actor in event.organizer.iter_mut().chain(&mut event.group) {
        actor.host = event.host.clone();
    }
}

fn event_changes() -> Vec<Change<Event>> {
    vec![
        change(|event: &mut Event| move_event(event, "hidqzhost.example")),
        change(|event: &mut Event| event.language = Some("eo".to_owned())),
        change(|event: &mut Event| event.category = Some("PETS".to_owned())),
        change(|event: &mut Event| event.tags.push("hidqz Ruled tag".to_owned())),
        change(|event: &mut Event| event.organizer.as_mut().unwrap().name = "hidqzruledacc".to_owned()),
        change(|event: &mut Event| event.group.as_mut().unwrap().name = "hidqzruledgroup".to_owned()),
        change(|event: &mut Event| event.address = place("hidqzplace", 10.5, 10.5)),
        change(|event: &mut Event| {
            event.time.starts_at = time("2019-12-30T10:00:00Z");
            event.time.ends_at = Some(time("2019-12-31T10:00:00Z"));
        }),
        change(|event: &mut Event| event.title.push_str(" hidqzword")),
        change(|event: &mut Event| event.description = Some("<p>hidqz <b>two</b> words</p>".to_owned())),
        change(|event: &mut Event| event.organizer.as_mut().unwrap().display_name = "hidqz two words".to_owned()),
        change(|event: &mut Event| move_event(event, "hidqzinst.example")),
        change(|event: &mut Event| event.title.push_str(" hidqzmodword")),
        change(|event: &mut Event| event.organizer.as_mut().unwrap().name = "hidqzmodacc".to_owned()),
        change(|event: &mut Event| event.group.as_mut().unwrap().name = "hidqzmodgroup".to_owned()),
        change(|_| ()),
    ]
}

fn channel(side: &str, n: u64) -> Channel {
    let mut channel = channel_on("tube.example", &format!("{side}{n}chan"), &format!("Whales {side}{n}channame"));
    channel.description = Some(format!("About {side}{n}chantext"));
    name(&mut channel.owner.actor, &format!("{side}{n}acc"));
    channel
}

fn channel_changes() -> Vec<Change<Channel>> {
    vec![
        change(|channel: &mut Channel| channel.actor.host = "hidqzhost.example".parse().unwrap()),
        change(|channel: &mut Channel| channel.description = Some("hidqzword".to_owned())),
        change(|channel: &mut Channel| channel.owner.actor.name = "hidqzruledacc".to_owned()),
        change(|channel: &mut Channel| channel.actor.name = "hidqzruledchan".to_owned()),
        change(|channel: &mut Channel| channel.actor.name = "hidqzmodchan".to_owned()),
        change(|channel: &mut Channel| channel.actor.display_name = "Hidqz: two words".to_owned()),
        change(|_| ()),
        // Nothing is left in it, for its only video is hidden.
        change(|_| ()),
    ]
}

fn playlist(side: &str, n: u64, videos: &[&Video]) -> Playlist {
    let number = if side == MARK { n + 5000 } else { n };
    let mut playlist = playlist_on("tube.example", number, &format!("Whales {side}{n}list"), videos);
    playlist.description = Some(format!("All {side}{n}listtext"));
    name(&mut playlist.owner, &format!("{side}{n}acc"));
    playlist.channel = None;
    playlist
}

fn group(side: &str, n: u64) -> Group {
    let mut group = group_on("agenda.example", &format!("{side}{n}group"), &format!("Dancers {side}{n}groupname"), n);
    group.summary = Some(format!("<p>Dance {side}{n}summary with the people of the town</p>"));
    group.address = place(&format!("{side}{n}home"), 45.0 + 0.01 * n as f64, 4.5);
    group
}

fn group_changes() -> Vec<Change<Group>> {
    vec![
        change(|group: &mut Group| group.actor.host = "hidqzhost.example".parse().unwrap()),
        change(|group: &mut Group| group.actor.name = "hidqzruledgroup".to_owned()),
        change(|group: &mut Group| group.actor.name = "hidqzmodgroup".to_owned()),
        change(|group: &mut Group| group.summary = Some("<p>hidqzword</p>".to_owned())),
        change(|group: &mut Group| group.address = place("hidqzplace", 10.2, 10.8)),
        change(|_| ()),
        change(|_| ()),
    ]
}

fn item(record: &Record) -> String {
    format!("item:{}", record.id())
}

/// Builds the world: in each pair the hidden one is like the shown one but for one change.
pub fn build() -> World {
    let (mut shown, mut hidden, mut items): (Vec<Record>, Vec<Record>, Vec<String>) = Default::default();
    let (mut shown_videos, mut hidden_videos) = (Vec::new(), Vec::new());
    let changes = video_changes();
    for (change, n) in changes.iter().zip(1..) {
        let mut secret = video(MARK, n);
        change(&mut secret);
        shown_videos.push(video("visqz", n));
        hidden_videos.push(secret);
    }
    items.push(item(&Record::Video(Box::new(hidden_videos.last().unwrap().clone()))));
    // Three of one channel on one day: the oldest is one too many.
    for n in 101..=103 {
        let mut flood = video(if n == 101 { MARK } else { "visqz" }, n);
        name(&mut flood.channel, "flooder");
        flood.published_at = time("2024-03-01T00:00:00Z") + SignedDuration::from_mins(n as i64);
        if n == 101 { hidden_videos.push(flood) } else { shown_videos.push(flood) }
    }
    for (change, n) in channel_changes().iter().zip(1..) {
        shown.push(Record::Channel(Box::new(channel("visqz", n))));
        let mut secret = channel(MARK, n);
        change(&mut secret);
        secret.owner.actor.host = secret.actor.host.clone();
        hidden.push(Record::Channel(Box::new(secret)));
    }
    items.push(item(&hidden[channel_changes().len() - 2]));
    let both = [&shown_videos[0], &hidden_videos[0], &shown_videos[1]];
    for n in 1..=5 {
        shown.push(Record::Playlist(Box::new(playlist("visqz", n, &both))));
        let mut secret = playlist(MARK, n, if n == 5 { &both[1..2] } else { &both });
        match n {
            1 => {
                secret.host = "hidqzinst.example".parse().unwrap();
                secret.owner.host = secret.host.clone();
            }
            2 => secret.display_name.push_str(" hidqzmodword"),
            3 => secret.owner.name = "hidqzmodacc".to_owned(),
            _ => {}
        }
        let secret = Record::Playlist(Box::new(secret));
        if n == 4 {
            items.push(item(&secret));
        }
        hidden.push(secret);
    }
    let changes = event_changes();
    for (change, n) in changes.iter().zip(1..) {
        shown.push(Record::Event(Box::new(event("visqz", n))));
        let mut secret = event(MARK, n);
        change(&mut secret);
        hidden.push(Record::Event(Box::new(secret)));
    }
    items.push(item(hidden.last().unwrap()));
    for n in 201..=203 {
        let mut flood = event(if n == 201 { MARK } else { "visqz" }, n);
        flood.group = Some(person("agenda.example", "flooders"));
        flood.published_at = Some(time("2024-03-01T00:00:00Z") + SignedDuration::from_mins(n as i64));
        let flood = Record::Event(Box::new(flood));
        if n == 201 { hidden.push(flood) } else { shown.push(flood) }
    }
    for (change, n) in group_changes().iter().zip(1..) {
        shown.push(Record::Group(Box::new(group("visqz", n))));
        let mut secret = group(MARK, n);
        change(&mut secret);
        hidden.push(Record::Group(Box::new(secret)));
    }
    items.push(item(&hidden[hidden.len() - 2]));
    let record = |video: Video| Record::Video(Box::new(video));
    shown.extend(shown_videos.into_iter().map(record));
    hidden.extend(hidden_videos.into_iter().map(record));
    World { shown, hidden, inclusion: rules(), moderation: moderation(&items) }
}

fn rules() -> Inclusion {
    let mut rules = Rules::parse("rules.toml", RULES).unwrap();
    let square = "[[[10,10],[11,10],[11,11],[10,11],[10,10]]]";
    let geojson = format!("{{\"type\":\"Polygon\",\"coordinates\":{square}}}");
    let place = Place { file: "rules.toml".into(), line: 1 };
    let region = Placed { value: Region { name: "square".to_owned(), geojson }, place };
    rules.layers.last_mut().unwrap().exclude.regions.push(region);
    Inclusion::compile(&rules).unwrap()
}

fn moderation(items: &[String]) -> ModerationFile {
    let targets = [
        "instance:hidqzinst.example",
        "word:hidqzmodword",
        "account:hidqzmodacc@tube.example",
        "account:hidqzmodacc@agenda.example",
        "channel:hidqzmodchan@tube.example",
        "group:hidqzmodgroup@agenda.example",
    ];
    let at = time("2026-01-01T00:00:00Z");
    let targets = targets.into_iter().map(str::to_owned).chain(items.iter().cloned());
    let decide = |(target, id): (String, u64)| Decision {
        id,
        action: Action::Hide,
        target: target.parse().unwrap(),
        reason: "hidqzreason".to_owned(),
        source: None,
        at,
    };
    let decisions = targets.zip(1..).map(decide).collect();
    ModerationFile::new(at, decisions, vec!["hidqzgone.example".parse().unwrap()])
}
