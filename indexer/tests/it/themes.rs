//! Each list that ships, over records of which some are meant for it and some are not.

use allowlist::rules::{Reference, Rules, SHIPPED_NAMES, load_shipped};
use indexer::geography::{GeoPoint, Region};
use indexer::inclusion::Inclusion;
use journal::record::{Address, Event, Labelled, Point, Video};
use journal::{Entry, Record};

use crate::fixture::{seen, seen_at, video, with_detail};
use crate::inclusion::facts;
use crate::kinds::{channel, entry};
use crate::mobilizon::{event, group, seen_event, seen_group};

fn theme(name: &str) -> Inclusion {
    let rules = Rules::load(&Reference::Shipped(name.to_owned()), &mut |reference, from| {
        load_shipped(reference, from).unwrap_or_else(|| Err("it does not ship".to_owned()))
    });
    Inclusion::compile(&rules.unwrap()).unwrap()
}

fn titled(name: &str, category: i64) -> Video {
    let mut video = Video { duration_s: 600, ..video("tube.example", 1, name) };
    video.category = Some(Labelled { id: category, label: "Any".to_owned() });
    video
}

fn at(lat: f64, lon: f64) -> Option<Address> {
    Some(Address { point: Point::new(lat, lon), ..Address::default() })
}

fn in_language(language: &str) -> Event {
    Event { language: Some(language.to_owned()), ..event("agenda.example", "1", "Fest-noz") }
}

fn assert_theme(name: &str, shown: &[Entry], hidden: &[Entry]) {
    let theme = theme(name);
    for (entries, expected) in [(shown, true), (hidden, false)] {
        for entry in entries {
            let facts = facts(entry);
            let verdict = theme.judge(&facts, seen_at().as_millisecond());
            assert_eq!(verdict.is_shown(), expected, "{name}, `{}`: {verdict:?}", facts.title);
        }
    }
}

#[test]
fn every_shipped_list_compiles() {
    for name in SHIPPED_NAMES {
        let theme = theme(name);
        assert_eq!(theme.rules.conditions_digest().is_none(), name == "default", "{name}");
    }
}

#[test]
fn the_default_shows_everything() {
    let all = [
        seen(Video { nsfw: true, ..titled("Any", 7) }),
        seen_event(&in_language("fr")),
        seen_group(&group("agenda.example", "chorale", "Chorale")),
        entry(Record::Channel(Box::new(channel("tube.example", "a", "A")))),
    ];
    assert_theme("default", &all, &[]);
}

#[test]
fn no_adult_content() {
    let shown = [
        "A walk through Essex, Sussex and Scunthorpe",
        "Sex education for schools",
        "Cumbria by bike, with a cockpit view",
        "Pornic, port de la côte de Jade",
        "Analysis of Dick van Dyke films",
    ];
    let hidden =
        ["Free PORN for all", "Vidéo  pornographique", "Deutsche Pornofilme", "порно", "これはアダルトビデオです"];
    let mut hidden: Vec<Entry> = hidden.map(|name| seen(titled(name, 2))).to_vec();
    hidden.push(seen(Video { nsfw: true, ..titled("Marked by its instance", 2) }));
    hidden.push(seen(Video { nsfw_flags: 2, ..titled("Marked by its author", 2) }));
    hidden.push(seen(with_detail(titled("Nothing in the title", 2), "a hentai collection", &[])));
    hidden.push(seen(with_detail(titled("Nothing in title and description", 2), "Nothing", &["XHamster"])));
    hidden.push(entry(Record::Channel(Box::new(channel("tube.example", "a", "Porno Kanal")))));
    let mut shown: Vec<Entry> = shown.map(|name| seen(titled(name, 2))).to_vec();
    shown.push(seen_event(&in_language("fr")));
    shown.push(seen(Video { nsfw_flags: 1, ..titled("Violent, not adult", 2) }));
    assert_theme("no-adult", &shown, &hidden);
}

#[test]
fn video_games() {
    let tagged = |tag: &str| seen(with_detail(titled("Jackpot", 7), "Nothing", &[tag]));
    let shown = [
        seen(titled("A speedrun", 7)),
        tagged("indie"),
        entry(Record::Channel(Box::new(channel("tube.example", "a", "A")))),
    ];
    let hidden = [
        seen(titled("A film", 2)),
        seen(Video { category: None, ..titled("Of no category", 7) }),
        seen(Video { duration_s: 10, ..titled("A trailer", 7) }),
        seen(Video { nsfw: true, ..titled("Not safe", 7) }),
        tagged("Casino"),
        seen_event(&in_language("fr")),
    ];
    assert_theme("video-games", &shown, &hidden);
}

#[test]
fn french_events() {
    let long_over = |mut event: Event| {
        event.time.starts_at = "2025-11-01T18:00:00Z".parse().unwrap();
        event.time.ends_at = None;
        event
    };
    let shown = [
        seen_event(&in_language("fr")),
        seen_event(&in_language("fr-CA")),
        seen_group(&group("agenda.example", "chorale", "Chorale")),
    ];
    let hidden = [
        seen_event(&in_language("de")),
        seen_event(&event("agenda.example", "2", "Ohne Sprache")),
        seen_event(&long_over(in_language("fr"))),
        seen(titled("Vidéo", 1)),
    ];
    assert_theme("french-events", &shown, &hidden);
}

#[test]
fn brittany() {
    let placed = |lat, lon| seen_event(&Event { address: at(lat, lon), ..in_language("fr") });
    let mut at_home = group("agenda.example", "bagad", "Bagad");
    at_home.address = at(47.996, -4.1);
    let shown = [placed(48.11, -1.68), placed(48.39, -4.486), seen_group(&at_home)];
    let hidden = [
        placed(48.8566, 2.3522),
        seen_event(&in_language("br")),
        seen_group(&group("agenda.example", "chorale", "Chorale")),
        seen(titled("Vidéo", 1)),
    ];
    assert_theme("brittany", &shown, &hidden);
}

#[test]
fn the_outline_of_brittany_holds_its_towns_and_no_others() {
    let from = "shipped:brittany.toml";
    let file = load_shipped(&Reference::File("brittany.geojson".to_owned()), from).unwrap().unwrap();
    let region = Region::from_geojson(file.text.as_bytes()).unwrap();
    let rows = [
        ("Rennes", 48.1147, -1.6794, true),
        ("Brest", 48.3904, -4.4861, true),
        ("Quimper", 47.9960, -4.1024, true),
        ("Vannes", 47.6582, -2.7608, true),
        ("Saint-Brieuc", 48.5141, -2.7603, true),
        ("Saint-Malo", 48.6493, -2.0257, true),
        ("Fougères", 48.3525, -1.2040, true),
        ("the isle of Ouessant", 48.4570, -5.0960, true),
        ("Le Palais on Belle-Île", 47.3470, -3.1560, true),
        // The fifth of the historic departments, which the region of today does not have.
        ("Nantes", 47.2184, -1.5536, true),
        ("Clisson", 47.0870, -1.2830, true),
        ("Le Mans", 48.0061, 0.1996, false),
        ("Paris", 48.8566, 2.3522, false),
        ("Caen", 49.1829, -0.3707, false),
        ("Angers", 47.4784, -0.5632, false),
        ("Laval", 48.0730, -0.7690, false),
        ("Granville", 48.8380, -1.5970, false),
        ("the Mont-Saint-Michel", 48.6360, -1.5110, false),
        ("La Roche-sur-Yon", 46.6705, -1.4260, false),
        ("Saint Helier on Jersey", 49.1870, -2.1070, false),
    ];
    for (town, lat, lon, expected) in rows {
        assert_eq!(region.contains(GeoPoint::new(lat, lon).unwrap()), expected, "{town}");
    }
}

#[test]
fn education() {
    let learning = |category: &str| seen_event(&Event { category: Some(category.to_owned()), ..in_language("fr") });
    let shown = [seen(titled("How to mend a bike", 12)), seen(titled("A lecture", 15)), learning("LEARNING")];
    let hidden = [
        seen(titled("A song", 1)),
        seen(Video { duration_s: 20, ..titled("A clip", 13) }),
        seen(titled("Earn a passive income", 13)),
        learning("PARTY"),
    ];
    assert_theme("education", &shown, &hidden);
}
