//! Rules to their compiled form.

use std::sync::Arc;

use allowlist::moderation;
use allowlist::rules::{Boost, Conditions, HostGlob, Layer, Limits, NsfwPolicy, Place, Placed, RecordKind, Rules};

use crate::analysis;
use crate::geography::Region;
use crate::schema::{EVENT_CATEGORIES, UNKNOWN_LANGUAGE};

/// All layers in force, compiled. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Inclusion {
    /// The rules as they were read.
    pub rules: Arc<Rules>,
    /// The layers; all must show a document.
    pub layers: Arc<[ReadyLayer]>,
}

/// One layer, compiled.
#[derive(Clone, Debug)]
pub struct ReadyLayer {
    /// The file, for people.
    pub file: Arc<str>,
    /// What is shown.
    pub include: Ready,
    /// What is not shown.
    pub exclude: Ready,
    /// What is not safe for work.
    pub nsfw: Option<Placed<NsfwPolicy>>,
    /// Factors on relevance.
    pub boosts: Vec<Placed<ReadyBoost>>,
    /// Floods.
    pub limits: Limits,
}

/// A factor on the relevance of what has any value of `on`.
#[derive(Clone, Debug)]
pub struct ReadyBoost {
    /// What is meant; one value.
    pub on: Ready,
    /// From 0.1 to 4.
    pub factor: f32,
}

/// [`Conditions`] with folded words and tags, and regions read.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    /// Kinds of documents.
    pub kinds: Vec<Placed<RecordKind>>,
    /// Origin hosts.
    pub hosts: Vec<Placed<HostGlob>>,
    /// Primary subtags, lower case; [`crate::schema::UNKNOWN_LANGUAGE`] for unknown. `zh` also means `zh-Hans`.
    pub languages: Vec<Placed<String>>,
    /// Ids of categories of videos.
    pub video_categories: Vec<Placed<i64>>,
    /// Names of categories of events.
    pub event_categories: Vec<Placed<String>>,
    /// Ids of licences.
    pub licences: Vec<Placed<i64>>,
    /// Folded whole tags.
    pub tags: Vec<Placed<String>>,
    /// Folded words.
    pub words: Vec<Placed<FoldedWords>>,
    /// Handles of accounts, lower case.
    pub accounts: Vec<Placed<String>>,
    /// Handles of channels, lower case.
    pub channels: Vec<Placed<String>>,
    /// Handles of groups, lower case.
    pub groups: Vec<Placed<String>>,
    /// Keys of documents.
    pub items: Vec<Placed<String>>,
    /// Regions.
    pub regions: Vec<Placed<NamedRegion>>,
    /// Seconds.
    pub min_duration_s: Option<Placed<u64>>,
    /// Seconds.
    pub max_duration_s: Option<Placed<u64>>,
    /// Milliseconds since 1970.
    pub since_ms: Option<Placed<i64>>,
    /// Milliseconds.
    pub max_age_ms: Option<Placed<i64>>,
    /// Bits.
    pub nsfw_flags: Option<Placed<u32>>,
}

/// A word list, folded.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedWords {
    /// How to call it.
    pub name: String,
    /// Each entry as terms that stand side by side; at least one.
    pub phrases: Vec<Placed<Vec<String>>>,
}

/// A region with its name.
#[derive(Clone, Debug)]
pub struct NamedRegion {
    /// How to call it.
    pub name: String,
    /// The polygons.
    pub region: Arc<Region>,
}

/// Rules that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {cause}")]
pub struct RuleFault {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    pub cause: String,
}

impl Inclusion {
    /// Shows everything.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Compiles rules. Takes milliseconds for thousands of words.
    ///
    /// # Errors
    /// [`RuleFault`] for a region that is none, and for a word without any letter or digit.
    pub fn compile(rules: &Rules) -> Result<Self, RuleFault> {
        let layers = rules.layers.iter().map(ReadyLayer::compile).collect::<Result<Arc<[_]>, _>>()?;
        Ok(Self { rules: Arc::new(rules.clone()), layers })
    }

    /// The same without what only holds for a time: something that is too young today is not left out of an index for ever.
    #[must_use]
    pub(crate) fn lasting(&self) -> Self {
        let lasting = |layer: &ReadyLayer| {
            let mut layer = layer.clone();
            layer.exclude.max_age_ms = None;
            layer
        };
        Self { rules: Arc::clone(&self.rules), layers: self.layers.iter().map(lasting).collect() }
    }

    /// Whether no layer asks anything.
    pub fn is_everything(&self) -> bool {
        self.layers.is_empty()
    }

    /// These rules and one layer more, such as that of moderators' decisions.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub fn with(&self, layer: Layer) -> Result<Self, RuleFault> {
        let ready = ReadyLayer::compile(&layer)?;
        let mut rules = Rules::clone(&self.rules);
        rules.layers.push(layer);
        Ok(Self { rules: Arc::new(rules), layers: self.layers.iter().cloned().chain([ready]).collect() })
    }
}

impl ReadyLayer {
    fn compile(layer: &Layer) -> Result<Self, RuleFault> {
        let mut boosts = Vec::new();
        let mut add = |place: &Place, factor: f32, on: Conditions| -> Result<(), RuleFault> {
            let value = ReadyBoost { on: Ready::compile(&on)?, factor };
            boosts.push(Placed { value, place: place.clone() });
            Ok(())
        };
        for Placed { value: Boost { on, factor }, place } in &layer.boosts.languages {
            let languages = vec![Placed { value: on.clone(), place: place.clone() }];
            add(place, *factor, Conditions { languages, ..Conditions::default() })?;
        }
        for Placed { value: Boost { on, factor }, place } in &layer.boosts.hosts {
            let hosts = vec![Placed { value: on.clone(), place: place.clone() }];
            add(place, *factor, Conditions { hosts, ..Conditions::default() })?;
        }
        for Placed { value: Boost { on, factor }, place } in &layer.boosts.tags {
            let tags = vec![Placed { value: on.clone(), place: place.clone() }];
            add(place, *factor, Conditions { tags, ..Conditions::default() })?;
        }
        for Placed { value: Boost { on, factor }, place } in &layer.boosts.targets {
            add(place, *factor, on.clone())?;
        }
        Ok(Self {
            file: Arc::clone(&layer.file),
            include: Ready::compile(&layer.include)?,
            exclude: Ready::compile(&layer.exclude)?,
            nsfw: layer.nsfw.clone(),
            boosts,
            limits: layer.limits.clone(),
        })
    }
}

impl Ready {
    fn compile(conditions: &Conditions) -> Result<Self, RuleFault> {
        let Conditions { kinds, hosts, languages, video_categories, event_categories, licences, .. } =
            conditions.clone();
        let Conditions { accounts, channels, groups, items, .. } = conditions.clone();
        let Conditions { min_duration_s, max_duration_s, since_ms, max_age_ms, nsfw_flags, .. } = conditions.clone();
        let tags = conditions.tags.iter().map(|tag| Placed {
            value: analysis::cut(
                &analysis::fold_whole(tag.value.trim_start_matches(['#', ' '])),
                analysis::MAX_TERM_BYTES,
            )
            .to_owned(),
            place: tag.place.clone(),
        });
        let words = conditions.words.iter().map(|list| {
            let phrases = list.value.words.iter().map(|word| {
                let value = analysis::fold(&word.value);
                let fault = || RuleFault {
                    place: word.place.clone(),
                    cause: format!("`{}` holds no letter or digit", word.value),
                };
                // One decision that means nothing must not keep the others out of force.
                let is_decided = &*word.place.file == moderation::PLACE;
                match value.is_empty() {
                    true if is_decided => Ok(None),
                    true => Err(fault()),
                    false => Ok(Some(Placed { value, place: word.place.clone() })),
                }
            });
            let phrases = phrases.filter_map(Result::transpose).collect::<Result<_, _>>()?;
            Ok(Placed { value: FoldedWords { name: list.value.name.clone(), phrases }, place: list.place.clone() })
        });
        let regions = conditions.regions.iter().map(|named| {
            let region = Region::from_geojson(named.value.geojson.as_bytes()).map_err(|error| RuleFault {
                place: named.place.clone(),
                cause: format!("region `{}`: {error}", named.value.name),
            })?;
            let value = NamedRegion { name: named.value.name.clone(), region: Arc::new(region) };
            Ok(Placed { value, place: named.place.clone() })
        });
        for category in &event_categories {
            if !EVENT_CATEGORIES.contains(&category.value.as_str()) {
                let cause = format!(
                    "`{}` is not a category of events; write one of {}",
                    category.value,
                    EVENT_CATEGORIES.join(", ")
                );
                return Err(RuleFault { place: category.place.clone(), cause });
            }
        }
        Ok(Self {
            tags: tags.collect(),
            words: words.collect::<Result<_, _>>()?,
            regions: regions.collect::<Result<_, _>>()?,
            languages: languages.into_iter().flat_map(indexed_languages).collect(),
            kinds,
            hosts,
            video_categories,
            event_categories,
            licences,
            accounts,
            channels,
            groups,
            items,
            min_duration_s,
            max_duration_s,
            since_ms,
            max_age_ms,
            nsfw_flags,
        })
    }
}

/// What documents of a language have: the two ways to write Norwegian, and Norwegian, are one to those who ask for any.
fn indexed_languages(language: Placed<String>) -> Vec<Placed<String>> {
    let names: &[&str] = match language.value.as_str() {
        "und" => &[UNKNOWN_LANGUAGE],
        "no" | "nb" | "nn" => &["no", "nb", "nn"],
        _ => return vec![language],
    };
    names.iter().map(|name| Placed { value: (*name).to_owned(), place: language.place.clone() }).collect()
}
