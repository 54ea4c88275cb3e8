//! Rules that contradict each other, so that what their writer wants cannot be: told where they are read, not by an index that
//! stays empty.

use std::collections::BTreeSet;

use super::{Conditions, HostGlob, Layer, NsfwPolicy, Place, Placed, RecordKind, Rules, RulesError, Written};

/// Keys of which a document has one value at most: when the layers ask for different ones, nothing is left. A video can have
/// two tags and two words, and lie in two regions.
const SINGLE: [&str; 7] =
    ["languages", "categories of videos", "categories of events", "licences", "accounts", "channels", "groups"];

/// Finds the first contradiction.
///
/// # Errors
/// Its place, with the other side in its cause: a value that one layer includes and excludes; layers that leave no value of a
/// key; a shortest video that is longer than the longest; `nsfw = "only"` beside `nsfw = "exclude"`.
pub(super) fn contradictions(rules: &Rules) -> Result<(), RulesError> {
    for layer in &rules.layers {
        both_sides(layer)?;
    }
    kinds(rules)?;
    for key in SINGLE {
        nothing_left(rules, key)?;
    }
    hosts(rules)?;
    durations(rules)?;
    nsfw(rules)
}

fn fault(place: &Place, cause: String) -> RulesError {
    RulesError { place: place.clone(), cause }
}

/// A value that one layer both includes and excludes.
fn both_sides(layer: &Layer) -> Result<(), RulesError> {
    let excluded = layer.exclude.written();
    let ranges = ["min_duration", "max_duration", "since", "max_age"];
    for Written { key, value, place } in layer.include.written() {
        let same = |other: &&Written<'_>| other.key == key && other.value == value;
        if let Some(other) = excluded.iter().find(same)
            && !ranges.contains(&key)
        {
            let what = if key == "regions" { "this region".to_owned() } else { format!("`{value}`") };
            return Err(fault(
                other.place,
                format!("{key}: {what} is excluded here and included in line {}; remove one of the two", place.line),
            ));
        }
    }
    Ok(())
}

/// Kinds of which nothing is left.
fn kinds(rules: &Rules) -> Result<(), RulesError> {
    if RecordKind::ALL.into_iter().any(|kind| rules.has_kind(kind)) {
        return Ok(());
    }
    let both = |layer: &Layer| {
        layer.include.kinds.iter().chain(&layer.exclude.kinds).map(|kind| kind.place.clone()).collect::<Vec<_>>()
    };
    let places: Vec<Place> = rules.layers.iter().flat_map(both).collect();
    let Some((last, others)) = places.split_last() else { return Ok(()) };
    Err(fault(last, format!("no kind is left{}; a layer can only narrow what it extends", beside(others))))
}

/// A key of single values of which nothing is left.
fn nothing_left(rules: &Rules, key: &str) -> Result<(), RulesError> {
    let mut left: Option<BTreeSet<String>> = None;
    let mut places = Vec::new();
    let mut excluded = BTreeSet::new();
    for layer in &rules.layers {
        let values = |conditions: &Conditions| {
            let written = conditions.written().into_iter().filter(|written| written.key == key);
            written.map(|written| (written.value, written.place.clone())).collect::<Vec<_>>()
        };
        excluded.extend(values(&layer.exclude).into_iter().map(|(value, _)| value));
        let included = values(&layer.include);
        if let Some((_, place)) = included.first() {
            places.push(place.clone());
            let included: BTreeSet<String> = included.into_iter().map(|(value, _)| value).collect();
            left = Some(left.map_or_else(|| included.clone(), |left| &left & &included));
        }
    }
    let is_nothing = left.is_some_and(|left| left.is_subset(&excluded));
    match places.split_last() {
        Some((last, others)) if is_nothing => Err(fault(
            last,
            format!(
                "{key}: no value is left of what is included{}{}; a layer can only narrow what it extends",
                beside(others),
                if excluded.is_empty() { "" } else { " and of what is excluded" }
            ),
        )),
        _ => Ok(()),
    }
}

/// Hosts that two layers include of which no name can be in both, and hosts that are all excluded.
fn hosts(rules: &Rules) -> Result<(), RulesError> {
    let including: Vec<&[Placed<HostGlob>]> =
        rules.layers.iter().map(|layer| layer.include.hosts.as_slice()).filter(|hosts| !hosts.is_empty()).collect();
    for (n, later) in including.iter().enumerate() {
        let Some(place) = later.first().map(|host| &host.place) else { continue };
        for earlier in including.iter().take(n) {
            let meets = |one: &Placed<HostGlob>| later.iter().any(|other| one.value.meets(&other.value));
            if !earlier.iter().any(meets) {
                let other = earlier.first().map(|host| host.place.to_string()).unwrap_or_default();
                let cause = format!(
                    "hosts: no host is both meant here and in {other}; a layer can only narrow what it extends"
                );
                return Err(fault(place, cause));
            }
        }
        let excluded = || rules.layers.iter().flat_map(|layer| &layer.exclude.hosts);
        let is_out = |host: &Placed<HostGlob>| {
            host.value.is_literal() && excluded().any(|out| out.value.matches(host.value.as_str()))
        };
        if later.iter().all(is_out) {
            return Err(fault(place, "hosts: every host that is included here is excluded".to_owned()));
        }
    }
    Ok(())
}

fn durations(rules: &Rules) -> Result<(), RulesError> {
    let longest =
        rules.layers.iter().filter_map(|layer| layer.include.max_duration_s.as_ref()).min_by_key(|max| max.value);
    let shortest =
        rules.layers.iter().filter_map(|layer| layer.include.min_duration_s.as_ref()).max_by_key(|min| min.value);
    match (shortest, longest) {
        (Some(shortest), Some(longest)) if shortest.value > longest.value => Err(fault(
            &longest.place,
            format!(
                "the longest video of {} s is shorter than the shortest of {} s in {}",
                longest.value, shortest.value, shortest.place
            ),
        )),
        _ => Ok(()),
    }
}

fn nsfw(rules: &Rules) -> Result<(), RulesError> {
    let policy = |wanted: NsfwPolicy| {
        rules.layers.iter().rev().filter_map(|layer| layer.nsfw.as_ref()).find(move |policy| policy.value == wanted)
    };
    match (policy(NsfwPolicy::Only), policy(NsfwPolicy::Exclude)) {
        (Some(only), Some(exclude)) => {
            Err(fault(&only.place, format!("nsfw is `only` here and `exclude` in {}: no video is left", exclude.place)))
        }
        _ => Ok(()),
    }
}

fn beside(others: &[Place]) -> String {
    let names: Vec<String> = others.iter().map(ToString::to_string).collect();
    if names.is_empty() { String::new() } else { format!(" beside {}", names.join(" and ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Loaded, Reference};

    /// What is said of `a.toml`, which extends `b.toml`.
    fn said(a: &str, b: &str) -> String {
        let first: Reference = "a.toml".parse().unwrap();
        let a = format!("index.extends = ['b.toml']\n{a}");
        let rules = Rules::load(&first, &mut |reference, _| {
            let text = if reference.to_string() == "a.toml" { &a } else { b };
            Ok(Loaded { file: reference.to_string(), text: text.to_owned() })
        });
        rules.err().map(|error| error.to_string()).unwrap_or_default()
    }

    // case 161
    #[test]
    fn contradictions_are_refused_with_both_places() {
        let rows = [
            (
                "[include]\ntags = ['Jazz']\n[exclude]\ntags = ['jazz']",
                "",
                "a.toml line 5: tags: `jazz` is excluded here and included in line 3; remove one of the two",
            ),
            (
                "[include]\nkinds = ['video']",
                "[include]\nkinds = ['event']",
                "a.toml line 3: no kind is left beside b.toml line 2",
            ),
            (
                "[include]\nkinds = ['video']",
                "[exclude]\nkinds = ['video']",
                "a.toml line 3: no kind is left beside b.toml line 2",
            ),
            (
                "[include]\nlanguages = ['fr']",
                "[include]\nlanguages = ['de']",
                "a.toml line 3: languages: no value is left",
            ),
            (
                "[include]\ncategories = [7]",
                "[exclude]\ncategories = [7]",
                "a.toml line 3: categories of videos: no value is left",
            ),
            (
                "[include]\nhosts = ['*.fr']",
                "[include]\nhosts = ['*.de']",
                "a.toml line 3: hosts: no host is both meant here and in b.toml line 2",
            ),
            (
                "[include]\nhosts = ['a.example.org']",
                "[exclude]\nhosts = ['*.example.org']",
                "a.toml line 3: hosts: every host",
            ),
            (
                "[include]\nmax_duration = '1m'",
                "[include]\nmin_duration = '2m'",
                "a.toml line 3: the longest video of 60 s is shorter",
            ),
            (
                "[exclude]\nnsfw = 'only'",
                "[exclude]\nnsfw = 'exclude'",
                "a.toml line 3: nsfw is `only` here and `exclude` in b.toml line 2",
            ),
        ];
        for (a, b, expected) in rows {
            let said = said(a, b);
            assert!(said.starts_with(expected), "{said}\nis not\n{expected}");
        }
    }

    #[test]
    fn what_only_narrows_is_no_contradiction() {
        for (a, b) in [
            ("[include]\nkinds = ['video']", "[include]\nkinds = ['event', 'video']"),
            ("[include]\ntags = ['a']", "[include]\ntags = ['b']"),
            ("[include]\ncategories = [7]", "[include]\ncategories = ['MUSIC']"),
            ("[include]\nhosts = ['*.fr']", "[include]\nhosts = ['tube.*']"),
            ("[include]\nlanguages = ['fr', 'de']", "[exclude]\nlanguages = ['de']"),
            ("[include]\nmin_duration = '1m'\nmax_duration = '1m'", "[exclude]\nmin_duration = '1m'"),
        ] {
            assert_eq!(said(a, b), "", "{a}\n{b}");
        }
    }
}
