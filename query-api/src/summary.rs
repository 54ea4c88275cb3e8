//! The inclusion rules in force, in sentences that visitors understand: what `/about` and `GET /api/v1/config` show. Pure.
//!
//! Word lists are named and counted, never spelled out: a page about an index without adult content need not be a page of
//! adult words. Of a file only its name is told, not where it lies.

use std::fmt::Display;

use allowlist::moderation;
use allowlist::rules::{Conditions, Layer, NsfwPolicy, Placed, Rules};

/// Values of one key that are spelled out.
const MAX_NAMED: usize = 12;

/// What one rules file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayerSummary {
    /// The name of the file, or the address that it was read from.
    pub source: String,
    /// SHA-256 of its text, lower-case hexadecimal.
    pub digest: String,
    /// What is shown, each a sentence; nothing where everything is.
    pub included: Vec<String>,
    /// What is not shown.
    pub excluded: Vec<String>,
    /// How much of one source is shown, and what ranks higher or lower.
    pub weighed: Vec<String>,
}

/// What each rules file says, in the order in which they extend each other. Decisions of moderators are no file.
pub(crate) fn layers(rules: &Rules) -> Vec<LayerSummary> {
    rules.layers.iter().filter(|layer| &*layer.file != moderation::PLACE).map(layer).collect()
}

fn layer(layer: &Layer) -> LayerSummary {
    let mut excluded = sentences(&layer.exclude, "Not");
    if layer.nsfw.as_ref().is_some_and(|nsfw| nsfw.value == NsfwPolicy::Exclude) {
        excluded.insert(0, "Nothing that is not safe for work, or of which nobody says".to_owned());
    }
    let mut included = sentences(&layer.include, "Only");
    if layer.nsfw.as_ref().is_some_and(|nsfw| nsfw.value == NsfwPolicy::Only) {
        included.insert(0, "Only what is not safe for work".to_owned());
    }
    let mut weighed = Vec::new();
    if let Some(limit) = &layer.limits.per_channel_and_day {
        weighed.push(format!("At most {} videos of one channel and day", limit.value));
    }
    if let Some(limit) = &layer.limits.per_organizer_and_day {
        weighed.push(format!("At most {} events published by one group or organiser on one day", limit.value));
    }
    let boosts = &layer.boosts;
    for (what, named) in [
        ("languages", named(boosts.languages.iter().map(|boost| (&boost.value.on, boost.value.factor)))),
        ("instances", named(boosts.hosts.iter().map(|boost| (boost.value.on.as_str(), boost.value.factor)))),
        ("tags", named(boosts.tags.iter().map(|boost| (&boost.value.on, boost.value.factor)))),
    ] {
        if !named.is_empty() {
            weighed.push(format!("Ranked by {what}: {}", listed(&named)));
        }
    }
    LayerSummary { source: source(&layer.file), digest: layer.digest.clone(), included, excluded, weighed }
}

/// An address as it is; of a path the last part.
fn source(file: &str) -> String {
    if let Some(shipped) = file.strip_prefix("shipped:") {
        return format!("{} (ships with Vigie)", shipped.trim_end_matches(".toml"));
    }
    let is_address = file.starts_with("https://") || file.starts_with("http://");
    let name = if is_address { file } else { file.rsplit(['/', '\\']).next().unwrap_or(file) };
    name.to_owned()
}

/// What some conditions say; `start` is the first word of each sentence.
fn sentences(conditions: &Conditions, start: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |what: &str, values: Vec<String>| {
        if !values.is_empty() {
            lines.push(format!("{start} {what}: {}", listed(&values)));
        }
    };
    say("kinds", texts(&conditions.kinds));
    say("instances", conditions.hosts.iter().map(|host| host.value.as_str().to_owned()).collect());
    say("languages", texts(&conditions.languages));
    say("categories of videos, by number", texts(&conditions.video_categories));
    say("categories of events", texts(&conditions.event_categories));
    say("licences, by number", texts(&conditions.licences));
    say("tags", texts(&conditions.tags));
    let lists = conditions.words.iter().map(|list| format!("“{}” ({} words)", list.value.name, list.value.words.len()));
    say("words of the lists", lists.collect());
    say("accounts", counted(&conditions.accounts));
    say("channels", counted(&conditions.channels));
    say("groups", counted(&conditions.groups));
    say("regions", conditions.regions.iter().map(|region| region.value.name.clone()).collect());
    if let Some(seconds) = &conditions.min_duration_s {
        lines.push(format!("{start} videos of {} and longer", duration(seconds.value)));
    }
    if let Some(seconds) = &conditions.max_duration_s {
        lines.push(format!("{start} videos of {} and shorter", duration(seconds.value)));
    }
    if let Some(since) = &conditions.since_ms
        && let Ok(since) = jiff::Timestamp::from_millisecond(since.value)
    {
        lines.push(format!("{start} what was published, or is over, on {} or later", since.strftime("%Y-%m-%d")));
    }
    if let Some(age) = &conditions.max_age_ms {
        lines.push(format!("{start} what was published, or is over, within {} days", age.value / 86_400_000));
    }
    if let Some(flags) = &conditions.nsfw_flags {
        let named = [(1, "violent"), (2, "explicit")].into_iter().filter(|(bit, _)| flags.value & bit != 0);
        let named: Vec<&str> = named.map(|(_, name)| name).collect();
        lines.push(format!("{start} videos flagged as {}", named.join(" or ")));
    }
    lines
}

fn texts<T: Display>(values: &[Placed<T>]) -> Vec<String> {
    values.iter().map(|value| value.value.to_string()).collect()
}

/// People are counted, not named.
fn counted(values: &[Placed<String>]) -> Vec<String> {
    if values.is_empty() { Vec::new() } else { vec![format!("{} that the rules name", values.len())] }
}

fn named<T: Display>(boosts: impl Iterator<Item = (T, f32)>) -> Vec<String> {
    boosts.map(|(on, factor)| format!("{on} × {factor}")).collect()
}

fn listed(values: &[String]) -> String {
    let (first, rest) = values.split_at(values.len().min(MAX_NAMED));
    let mut text = first.join(", ");
    if !rest.is_empty() {
        text.push_str(&format!(" and {} more", rest.len()));
    }
    text
}

/// Whole hours, minutes or seconds, whatever is exact.
fn duration(seconds: u64) -> String {
    match seconds {
        0 => "0 s".to_owned(),
        _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use allowlist::rules::{HostGlob, Place, WordList};

    use super::*;

    fn placed<T>(value: T) -> Placed<T> {
        Placed { value, place: Place { file: Arc::from("/home/op/rules.toml"), line: 3 } }
    }

    #[test]
    fn a_summary_tells_what_is_shown_and_keeps_paths_people_and_words_to_itself() {
        let mut rules = Layer::everything("/home/op/rules.toml");
        rules.include.languages.push(placed("fr".to_owned()));
        rules.include.hosts.push(placed(HostGlob::parse("*.fr").unwrap()));
        rules.exclude.accounts.push(placed("anna@tube.example".to_owned()));
        let words = vec![placed("secretword".to_owned())];
        rules.exclude.words.push(placed(WordList { name: "casino".to_owned(), language: None, words }));
        rules.nsfw = Some(placed(NsfwPolicy::Exclude));
        rules.limits.per_channel_and_day = Some(placed(5));
        let decided = Layer::everything(moderation::PLACE);
        let rules = Rules { layers: vec![rules, decided], ..Rules::default() };
        let told = layers(&rules);
        assert_eq!(told.len(), 1);
        let summary = &told[0];
        assert_eq!(summary.source, "rules.toml");
        assert_eq!(summary.included, ["Only instances: *.fr", "Only languages: fr"]);
        assert_eq!(summary.excluded.len(), 3);
        assert_eq!(summary.weighed, ["At most 5 videos of one channel and day"]);
        let whole = format!("{summary:?}");
        assert!(!whole.contains("anna") && !whole.contains("secretword") && !whole.contains("/home"), "{whole}");
    }

    #[test]
    fn long_lists_end_in_a_number() {
        let mut conditions = Conditions::default();
        conditions.tags.extend((0..20).map(|n| placed(format!("tag {n}"))));
        let told = sentences(&conditions, "Only");
        assert!(told[0].ends_with("tag 11 and 8 more"), "{told:?}");
    }
}
