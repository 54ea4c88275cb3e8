//! Cities for what was typed.

use std::cmp::Reverse;

use indexer::analysis::fold_whole;
use indexer::geography::{GeoPoint, distance_m};

use super::Place;
use super::gazetteer::{Areas, Entry, Gazetteer};
use super::names::{may_go_on, says_something};

/// Longest text looked up, in characters; the longest name has sixty.
pub const MAX_CHARS: usize = 200;

/// A name whose language nobody knows counts as this part of the people: "Lion" is Lyon somewhere, but who types it means
/// more often another place.
const UNKNOWN_NAME_SHARE: u64 = 10;

/// A city whose country speaks the visitor's language counts as so many times its people: "Valence" in French is rather the
/// French city than Valencia.
const HOME_SHARE: u64 = 20;

/// Most countries and regions after a name; more name no place.
const MAX_QUALIFIERS: usize = 4;

/// From so many letters on, the beginning of the name of a country or region stands for it.
const MIN_BEGINNING_CHARS: usize = 4;

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
    if query.text.chars().count() > MAX_CHARS {
        return Vec::new();
    }
    let gazetteer = Gazetteer::get();
    let (name, qualifiers) = parts(&query.text);
    let within = qualifiers.iter().map(|qualifier| gazetteer.areas_called(qualifier, true)).collect();
    let wanted = Wanted { name: &name, within, near: query.near, ..Wanted::default() };
    let entries = gazetteer.beginning_with(&name);
    let best = best_of(gazetteer, &wanted, entries, query.count);
    let matched = |(_, entry): &(Rank, &'static Entry)| {
        let place = gazetteer.place(entry.row, query.language.as_deref())?;
        let shows_name = fold_whole(place.name).starts_with(&name);
        Some(PlaceMatch { place, matched: (!shows_name).then(|| gazetteer.written(entry)) })
    };
    best.iter().filter_map(matched).collect()
}

/// The one city that a text means: `Lyon`, `Lyon, France`, `paris texas`, or a label of [`Place::label`]. The largest of
/// several, those of a country that speaks `language` before others.
///
/// `None` when none has this name, or one that goes on after it with another word (`Frankfurt` for Frankfurt am Main), and
/// for the name of a country or region (`USA`, `Normandy`), unless a city of some weight has it, too (`Luxembourg`, `New York`).
pub fn resolve(text: &str, language: Option<&str>) -> Option<Place> {
    if text.chars().count() > MAX_CHARS {
        return None;
    }
    let gazetteer = Gazetteer::get();
    let (text, at_e3) = without_point(text);
    let first = |name: &str, within: Vec<Areas>| {
        let wanted = Wanted { name, within, is_one: true, language, at_e3, ..Wanted::default() };
        one_of(gazetteer, &wanted)
    };
    let (name, qualifiers) = parts(text);
    let within: Vec<Areas> = qualifiers.iter().map(|qualifier| gazetteer.areas_called(qualifier, false)).collect();
    let loosely = || {
        let is_long = |qualifier: &String| qualifier.chars().count() >= MIN_BEGINNING_CHARS;
        let areas = |qualifier: &String| gazetteer.areas_called(qualifier, is_long(qualifier));
        qualifiers.iter().any(is_long).then(|| first(&name, qualifiers.iter().map(areas).collect())).flatten()
    };
    // Some names have a comma themselves.
    let with_comma = || {
        let second = qualifiers.first()?;
        first(&format!("{name} {second}"), within.get(1..).unwrap_or_default().to_vec())
    };
    let of_words = || {
        if within.is_empty() && gazetteer.people_of_area(&name).is_some() {
            return None;
        }
        // Without a comma the country may be the last words.
        let breaks: Vec<usize> = name.match_indices(' ').map(|(at, _)| at).collect();
        breaks.iter().rev().take(4).find_map(|at| {
            let (name, qualifier) = (name.get(..*at)?, name.get(at + 1..)?);
            let mut all = vec![gazetteer.areas_called(qualifier, false)];
            all.extend(within.iter().cloned());
            first(name, all)
        })
    };
    let row = (!qualifiers.is_empty())
        .then(|| first(&fold_whole(text), Vec::new()))
        .flatten()
        .or_else(|| first(&name, within.clone()))
        .or_else(with_comma)
        .or_else(loosely)
        .or_else(of_words)?;
    gazetteer.place(row, language)
}

/// The folded name, and what follows it after commas.
fn parts(text: &str) -> (String, Vec<String>) {
    let mut parts = text.split([',', '，', '、', '،']).map(fold_whole).filter(|part| !part.is_empty());
    let name = parts.next().filter(|name| name.contains(char::is_alphanumeric)).unwrap_or_default();
    let qualifiers: Vec<String> = parts.take(MAX_QUALIFIERS + 1).collect();
    if qualifiers.len() > MAX_QUALIFIERS { (String::new(), Vec::new()) } else { (name, qualifiers) }
}

/// The text, and thousandths of degrees when coordinates follow it as in a label.
fn without_point(text: &str) -> (&str, Option<(i32, i32)>) {
    let read = || {
        let (label, point) = text.trim().strip_suffix(')')?.rsplit_once('(')?;
        let (lat, lon) = point.trim().split_once(' ')?;
        #[expect(clippy::cast_possible_truncation, reason = "degrees of the globe, which are few")]
        let thousandths = |degrees: &str, most: f64| {
            let degrees: f64 = degrees.trim().parse().ok()?;
            (degrees.abs() <= most).then(|| (degrees * 1e3).round() as i32)
        };
        Some((label, (thousandths(lat, 90.0)?, thousandths(lon, 180.0)?)))
    };
    read().map_or((text, None), |(label, at_e3)| (label, Some(at_e3)))
}

/// What a city must satisfy, and how cities are compared.
#[derive(Clone, Debug, Default)]
struct Wanted<'a> {
    /// Folded.
    name: &'a str,
    /// It is in one area of each.
    within: Vec<Areas>,
    /// Whether one city is wanted, and not what somebody may be about to type.
    is_one: bool,
    near: Option<GeoPoint>,
    language: Option<&'a str>,
    /// Where it is, in thousandths of a degree.
    at_e3: Option<(i32, i32)>,
}

/// The one city; its name is whole or goes on with another word.
fn one_of(gazetteer: &'static Gazetteer, wanted: &Wanted<'_>) -> Option<u32> {
    let n_people = gazetteer.people_of_area(wanted.name);
    let whole = gazetteer.beginning_with(wanted.name).take_while(|(_, is_whole)| *is_whole);
    let whole = whole.filter(|(entry, _)| match n_people {
        Some(n_people) if wanted.within.is_empty() => is_rather_a_city(gazetteer, wanted, entry, n_people),
        _ => entry.is_known || says_something(wanted.name),
    });
    let first = |best: Vec<(Rank, &'static Entry)>| best.first().map(|(_, entry)| entry.row);
    first(best_of(gazetteer, wanted, whole, 1)).or_else(|| {
        let start = format!("{} ", wanted.name);
        let longer = gazetteer.beginning_with(&start).map(|(entry, _)| (entry, false));
        (n_people.is_none() && may_go_on(wanted.name)).then(|| first(best_of(gazetteer, wanted, longer, 1))).flatten()
    })
}

/// Whether who names a country or region of so many people may mean this city: it is large, or no small part of
/// what has the name, or a fair one where it is in that area itself or in a country that speaks the visitor's language.
fn is_rather_a_city(gazetteer: &Gazetteer, wanted: &Wanted<'_>, entry: &Entry, n_people_of_area: u64) -> bool {
    const LARGE: u64 = 250_000;
    const PART: u64 = 4;
    const PART_OF_ITS_OWN: u64 = 20;
    let n_people = u64::from(gazetteer.population(entry.row));
    let is_its_own = || {
        gazetteer.is_in(entry.row, &gazetteer.areas_called(wanted.name, false))
            || wanted.language.is_some_and(|language| gazetteer.is_at_home(entry.row, language))
    };
    entry.is_known
        && (n_people >= LARGE
            || n_people * PART >= n_people_of_area
            || n_people * PART_OF_ITS_OWN >= n_people_of_area && is_its_own())
}

/// The best cities, each once.
fn best_of(
    gazetteer: &'static Gazetteer,
    wanted: &Wanted<'_>,
    entries: impl Iterator<Item = (&'static Entry, bool)>,
    count: usize,
) -> Vec<(Rank, &'static Entry)> {
    let mut best: Vec<(Rank, &'static Entry)> = Vec::with_capacity(count + 1);
    if wanted.name.is_empty() || count == 0 {
        return best;
    }
    for (entry, is_exact) in entries {
        let rank = Rank {
            is_exact,
            is_its_own: wanted.is_one && entry.is_known,
            weight: weight(gazetteer, entry, wanted),
            row: Reverse(entry.row),
            n_bytes: Reverse(gazetteer.folded(entry).len()),
        };
        let is_out = best.len() == count && best.last().is_some_and(|(last, _)| rank <= *last);
        let is_there = || wanted.at_e3.is_none() || wanted.at_e3 == gazetteer.thousandths(entry.row);
        if is_out || !wanted.within.iter().all(|areas| gazetteer.is_in(entry.row, areas)) || !is_there() {
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

fn weight(gazetteer: &Gazetteer, entry: &Entry, wanted: &Wanted<'_>) -> u64 {
    // Some towns have no known population; they are still there.
    let people = (u64::from(gazetteer.population(entry.row)) + 1) * UNKNOWN_NAME_SHARE;
    let people = if entry.is_known { people } else { people / UNKNOWN_NAME_SHARE };
    let is_at_home = wanted.language.is_some_and(|language| gazetteer.is_at_home(entry.row, language));
    let people = if is_at_home { people * HOME_SHARE } else { people };
    let distance = wanted.near.and_then(|near| Some(distance_m(near, gazetteer.point(entry.row)?)));
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
            ("Munich, Bayern", Some("Munich, Bavaria, DE")),
            ("München, Bayern", Some("Munich, Bavaria, DE")),
            ("Munich, Bavar", Some("Munich, Bavaria, DE")),
            ("Brest, Bretagne", Some("Brest, Brittany, FR")),
            ("Stuttgart, Baden", Some("Stuttgart, Baden-Wurttemberg, DE")),
            ("Strasbourg, Alsace", Some("Strasbourg, Grand Est, FR")),
            ("Luxembourg", Some("Luxembourg, LU")),
            ("New York", Some("New York City, New York, US")),
            ("Québec", Some("Québec, Quebec, CA")),
            ("Singapore", Some("Singapore, SG")),
            ("Mexico", Some("Mexico City, MX")),
            ("Madrid", Some("Madrid, ES")),
            ("Hamburg", Some("Hamburg, DE")),
            ("Granada", Some("Granada, Andalusia, ES")),
            ("Fribourg", Some("Fribourg, CH")),
            ("Saint-Étienne", Some("Saint-Étienne, Auvergne-Rhône-Alpes, FR")),
            ("Le Mans", Some("Le Mans, Pays de la Loire, FR")),
            ("Texas, USA", None),
            ("USA", None),
            ("us", None),
            ("UK", None),
            ("France", None),
            ("la france", None),
            ("Deutschland", None),
            ("Lebanon", None),
            ("Jamaica", None),
            ("Florida", None),
            ("Georgia", None),
            ("Texas", None),
            ("Ontario", None),
            ("Normandy", None),
            ("Normandie", None),
            ("South Australia", None),
            ("le", None),
            ("la", None),
            ("saint", None),
            ("st", None),
            ("nord", None),
            ("centre", None),
            ("san zz", None),
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
    fn a_city_at_home_comes_before_the_same_name_abroad() {
        let rows = [
            ("Valence", "fr", "Valence, Auvergne-Rhône-Alpes, FR"),
            ("Brest", "fr", "Brest, Brittany, FR"),
            ("Brest", "pl", "Brest, BY"),
            ("Vienne", "fr", "Vienne, AT"),
            ("Paris", "en", "Paris, Île-de-France, FR"),
            ("Athens", "en", "Athens, Attica, GR"),
        ];
        for (text, language, label) in rows {
            assert_eq!(resolve(text, Some(language)).unwrap().label(), label, "{text} in {language}");
        }
    }

    #[test]
    fn every_city_is_reached_by_its_label() {
        let gazetteer = Gazetteer::get();
        let labelled = |row| Some((row, gazetteer.place(row, None)?.label()));
        let mut labels: Vec<(u32, String)> = (0..).step_by(7).map_while(labelled).collect();
        assert!(labels.len() > 9_000);
        let lost: Vec<&(u32, String)> = labels
            .iter()
            .filter(|(_, label)| resolve(label, None).map(|place| place.label()).as_ref() != Some(label))
            .collect();
        assert!(lost.is_empty(), "{} of {}: {lost:?}", lost.len(), labels.len());
        labels.sort_by(|one, other| one.1.cmp(&other.1));
        assert!(labels.windows(2).all(|pair| pair[0].1 != pair[1].1));
        let smaller = resolve("Weingarten, Baden-Wurttemberg, DE (49.055 8.527)", None).unwrap();
        let larger = resolve("Weingarten, Baden-Wurttemberg, DE", None).unwrap();
        assert!(smaller.population < larger.population && smaller.point.lat() > 49.0);
    }

    #[test]
    fn a_text_with_too_much_is_no_place() {
        let many = format!("s{}", ",zz".repeat(60));
        let long = format!("lyon, {}", "z".repeat(MAX_CHARS));
        for text in [many.as_str(), long.as_str(), "lyon,fr,fr,fr,fr,fr"] {
            assert!(labels(text).is_empty() && resolve(text, None).is_none(), "{text}");
        }
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
