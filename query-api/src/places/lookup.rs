//! Cities for what was typed.

use std::cmp::Reverse;

use indexer::analysis::fold_whole;
use indexer::geography::{GeoPoint, distance_m};

use super::Place;
use super::gazetteer::{Areas, Entry, Gazetteer};

/// Longest text looked up, in characters; the longest name has sixty.
pub const MAX_CHARS: usize = 200;

/// A name whose language nobody knows counts as this part of the people: "Lion" is Lyon somewhere, but who types it means
/// more often another place.
const UNKNOWN_NAME_SHARE: u64 = 10;

/// At this distance from where somebody is, a city counts half.
const HALF_DISTANCE_M: f64 = 100_000.0;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlaceQuery {
    /// What was typed, at most 200 characters.
    pub text: String,
    /// Primary subtag of the language that names are wanted in.
    pub language: Option<String>,
    /// Results wanted.
    pub count: usize,
    /// Where the visitor is: closer cities come before larger ones.
    pub near: Option<GeoPoint>,
}

/// A city that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceMatch {
    /// The city.
    pub place: Place,
    /// The name that was found, when it is not the one shown.
    pub matched: Option<&'static str>,
}

/// The order of matches; greater is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_exact: bool,
    /// Whether this is surely its name, where one city is wanted: Delhi is called New Delhi, too.
    is_its_own: bool,
    weight: u64,
    row: Reverse<u32>,
    /// Of the names of one city the shortest: what was typed is most of it.
    n_bytes: Reverse<usize>,
}

/// Cities whose name, in any language, is the text or begins with it. What follows a comma names the country or the region.
///
/// Whole names come before beginnings, and then the larger city. Empty for a text without any letter or digit.
pub fn search(query: &PlaceQuery) -> Vec<PlaceMatch> {
    let gazetteer = Gazetteer::get();
    let (name, qualifiers) = parts(&query.text);
    if name.is_empty() {
        return Vec::new();
    }
    let best = best_of(gazetteer, &name, &qualifiers, true, query.near, query.count);
    let matched = |(_, entry): &(Rank, &'static Entry)| {
        let place = gazetteer.place(entry.row, query.language.as_deref())?;
        let shows_name = fold_whole(place.name).starts_with(&name);
        Some(PlaceMatch { place, matched: (!shows_name).then(|| gazetteer.written(entry)) })
    };
    best.iter().filter_map(matched).collect()
}

/// The one city that a text means: `Lyon`, `Lyon, France`, `paris texas`, or a label of [`Place::label`]. The largest of
/// several; `None` when none has this name, or one that goes on after it with another word (`Frankfurt` for Frankfurt am Main).
pub fn resolve(text: &str, language: Option<&str>) -> Option<Place> {
    let gazetteer = Gazetteer::get();
    if text.chars().count() > MAX_CHARS {
        return None;
    }
    let first = |name: &str, qualifiers: &[String]| {
        best_of(gazetteer, name, qualifiers, false, None, 1).first().map(|(_, entry)| entry.row)
    };
    let (name, qualifiers) = parts(text);
    let whole = fold_whole(text);
    let of_words = || {
        // Without a comma the country may be the last words.
        let breaks: Vec<usize> = name.match_indices(' ').map(|(at, _)| at).collect();
        breaks.iter().rev().take(4).find_map(|at| {
            let (name, qualifier) = (name.get(..*at)?, name.get(at + 1..)?);
            let mut all = vec![qualifier.to_owned()];
            all.extend(qualifiers.iter().cloned());
            first(name, &all)
        })
    };
    let row = (!qualifiers.is_empty())
        .then(|| first(&whole, &[]))
        .flatten()
        .or_else(|| first(&name, &qualifiers))
        .or_else(of_words)?;
    gazetteer.place(row, language)
}

/// The folded name, and what follows it after commas.
fn parts(text: &str) -> (String, Vec<String>) {
    let mut parts = text.split([',', '，', '、', '،']).map(fold_whole).filter(|part| !part.is_empty());
    let name = parts.next().filter(|name| name.contains(char::is_alphanumeric)).unwrap_or_default();
    (name, parts.collect())
}

/// The best cities, each once. `is_typing` takes any longer name and unfinished countries, else names may only go on with
/// another word.
fn best_of(
    gazetteer: &'static Gazetteer,
    name: &str,
    qualifiers: &[String],
    is_typing: bool,
    near: Option<GeoPoint>,
    count: usize,
) -> Vec<(Rank, &'static Entry)> {
    let mut best: Vec<(Rank, &'static Entry)> = Vec::with_capacity(count + 1);
    if name.is_empty() || count == 0 {
        return best;
    }
    let within: Vec<Areas> = qualifiers.iter().map(|qualifier| gazetteer.areas_called(qualifier, is_typing)).collect();
    for (entry, is_exact) in gazetteer.beginning_with(name) {
        let goes_on = || gazetteer.folded(entry).get(name.len()..).is_some_and(|rest| rest.starts_with(' '));
        if !is_exact && !is_typing && !goes_on() {
            continue;
        }
        let rank = Rank {
            is_exact,
            is_its_own: !is_typing && entry.is_known,
            weight: weight(gazetteer, entry, near),
            row: Reverse(entry.row),
            n_bytes: Reverse(gazetteer.folded(entry).len()),
        };
        let is_out = best.len() == count && best.last().is_some_and(|(last, _)| rank <= *last);
        if is_out || !within.iter().all(|areas| gazetteer.is_in(entry.row, areas)) {
            continue;
        }
        match best.iter().position(|(_, known)| known.row == entry.row) {
            Some(at) if best.get(at).is_some_and(|(known, _)| *known >= rank) => continue,
            Some(at) => drop(best.remove(at)),
            None => {}
        }
        let at = best.partition_point(|(known, _)| *known > rank);
        best.insert(at, (rank, entry));
        best.truncate(count);
    }
    best
}

fn weight(gazetteer: &Gazetteer, entry: &Entry, near: Option<GeoPoint>) -> u64 {
    // Some towns have no known population; they are still there.
    let people = (u64::from(gazetteer.population(entry.row)) + 1) * UNKNOWN_NAME_SHARE;
    let people = if entry.is_known { people } else { people / UNKNOWN_NAME_SHARE };
    let distance = near.and_then(|near| Some(distance_m(near, gazetteer.point(entry.row)?)));
    let share = distance.map_or(1.0, |distance| 1.0 / (1.0 + (distance / HALF_DISTANCE_M).powi(2)));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "people of one city are far fewer than a float counts"
    )]
    let weight = (people as f64 * 1000.0 * share) as u64;
    weight
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn query(text: &str, language: Option<&str>) -> PlaceQuery {
        PlaceQuery { text: text.to_owned(), language: language.map(str::to_owned), count: 10, near: None }
    }

    fn labels(text: &str) -> Vec<String> {
        search(&query(text, None)).iter().map(|found| found.place.label()).collect()
    }

    #[test]
    fn a_city_is_found_by_its_name_in_any_language() {
        let rows = [
            ("lyon", "Lyon, Auvergne-Rhône-Alpes, FR"),
            ("Wien", "Vienna, AT"),
            ("Vienna", "Vienna, AT"),
            ("Vienne", "Vienna, AT"),
            ("köln", "Köln, North Rhine-Westphalia, DE"),
            ("koln", "Köln, North Rhine-Westphalia, DE"),
            ("Cologne", "Köln, North Rhine-Westphalia, DE"),
            ("Colonia", "Köln, North Rhine-Westphalia, DE"),
            ("東京", "Tokyo, JP"),
            ("Москва", "Moscow, RU"),
            ("القاهرة", "Cairo, EG"),
            ("Αθήνα", "Athens, Attica, GR"),
            ("münchen", "Munich, Bavaria, DE"),
            ("Munchen", "Munich, Bavaria, DE"),
            ("saint-étienne", "Saint-Étienne, Auvergne-Rhône-Alpes, FR"),
            ("Łódź", "Łódź, Łódź Voivodeship, PL"),
        ];
        for (text, label) in rows {
            let found = labels(text);
            assert_eq!(found.first().map(String::as_str), Some(label), "{text}: {found:?}");
        }
    }

    #[test]
    fn names_come_in_the_language_asked_for() {
        let rows = [
            ("wien", "fr", "Vienne", "Autriche"),
            ("vienna", "de", "Wien", "Österreich"),
            ("munich", "de", "München", "Deutschland"),
            ("munich", "it", "Monaco di Baviera", "Germania"),
            ("köln", "en", "Cologne", "Germany"),
            ("milano", "fr", "Milan", "Italie"),
            ("genf", "fr", "Genève", "Suisse"),
            ("tokyo", "ja", "東京", "日本"),
            ("lyon", "ja", "リヨン", "フランス"),
            ("lyon", "xx", "Lyon", "France"),
        ];
        for (text, language, name, country) in rows {
            let found = search(&query(text, Some(language)));
            let place = found.first().unwrap().place;
            assert_eq!((place.name, place.country), (name, country), "{text} in {language}");
        }
    }

    #[test]
    fn the_name_that_was_found_is_told_when_another_is_shown() {
        let first = |text, language| search(&query(text, language)).first().unwrap().matched;
        assert_eq!(first("wien", None), Some("Wien"));
        assert_eq!(first("wie", None), Some("Wien"));
        assert_eq!(first("wien", Some("de")), None);
        assert_eq!(first("lyo", None), None);
    }

    #[test]
    fn whole_names_come_before_beginnings_and_large_cities_before_small_ones() {
        let found = search(&query("paris", None));
        assert_eq!(found.first().unwrap().place.country_code, "FR");
        assert!(found.iter().any(|found| found.place.region == Some("Texas")), "{found:?}");
        let york = labels("york");
        assert_eq!(york.first().unwrap(), "York, England, GB", "{york:?}");
        assert_eq!(labels("new yo").first().unwrap(), "New York City, New York, US");
        let populations: Vec<u32> = search(&query("berl", None)).iter().map(|found| found.place.population).collect();
        assert!(populations.is_sorted_by(|one, other| one >= other), "{populations:?}");
    }

    #[test]
    fn each_city_comes_once() {
        let found = labels("mun");
        let mut once = found.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), found.len(), "{found:?}");
        assert_eq!(found.len(), 10);
    }

    #[test]
    fn closer_cities_come_first_for_who_is_there() {
        let at = |lat, lon| PlaceQuery { near: GeoPoint::new(lat, lon), ..query("paris", None) };
        assert_eq!(search(&at(33.6, -95.5)).first().unwrap().place.region, Some("Texas"));
        assert_eq!(search(&at(45.7, 4.8)).first().unwrap().place.country_code, "FR");
    }

    #[test]
    fn one_text_is_one_city() {
        let rows = [
            ("Lyon", Some("Lyon, Auvergne-Rhône-Alpes, FR")),
            ("  lyon ", Some("Lyon, Auvergne-Rhône-Alpes, FR")),
            ("Lyon, France", Some("Lyon, Auvergne-Rhône-Alpes, FR")),
            ("Lyon, Frankreich", Some("Lyon, Auvergne-Rhône-Alpes, FR")),
            ("lyon france", Some("Lyon, Auvergne-Rhône-Alpes, FR")),
            ("Lyon, Auvergne-Rhône-Alpes, FR", Some("Lyon, Auvergne-Rhône-Alpes, FR")),
            ("Paris, Texas", Some("Paris, Texas, US")),
            ("paris texas", Some("Paris, Texas, US")),
            ("Paris, TX", Some("Paris, Texas, US")),
            ("Paris", Some("Paris, Île-de-France, FR")),
            ("London", Some("London, England, GB")),
            ("London, Ontario", Some("London, Ontario, CA")),
            ("London, UK", Some("London, England, GB")),
            ("Cambridge, USA", Some("Cambridge, Massachusetts, US")),
            ("Frankfurt", Some("Frankfurt am Main, Hesse, DE")),
            ("東京", Some("Tokyo, JP")),
            ("Wien, Österreich", Some("Vienna, AT")),
            ("Lyon, Texas", None),
            ("Lyo", None),
            ("", None),
            (",", None),
            ("---", None),
            ("zzzzzz", None),
        ];
        for (text, label) in rows {
            assert_eq!(resolve(text, None).map(|place| place.label()).as_deref(), label, "{text}");
        }
        assert_eq!(resolve("Wien", Some("fr")).unwrap().name, "Vienne");
        assert_eq!(resolve("Kathmandu", None).unwrap().time_zone, "Asia/Kathmandu");
        assert_eq!(resolve(&"a".repeat(100_000), None), None);
    }

    #[test]
    fn every_label_of_a_large_city_leads_back_to_it() {
        for start in ["a", "b", "la", "san", "new", "st", "mo", "ka", "す", "м"] {
            for found in search(&PlaceQuery { count: 30, ..query(start, None) }) {
                let label = found.place.label();
                let back = resolve(&label, None).unwrap_or_else(|| panic!("{label}"));
                assert_eq!(back.label(), label);
            }
        }
    }

    #[test]
    fn nothing_is_found_for_nothing() {
        for text in ["", " ", ",", ", France", "…", "\u{0}", "🎮"] {
            let found = search(&query(text, None));
            assert!(found.is_empty() || text == ", France", "{text:?}: {found:?}");
        }
    }

    /// Of a debug build, with much to spare; `places` of the benches measures it.
    #[test]
    fn the_shortest_text_does_not_take_long() {
        search(&query("a", None));
        let start = Instant::now();
        for text in ["a", "s", "m", "b", "la"] {
            search(&query(text, None));
        }
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }
}
