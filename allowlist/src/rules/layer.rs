//! One rules file, and the chain of those that are in force.

use std::sync::Arc;

use super::{Conditions, NsfwPolicy, Placed, RecordKind};

/// Everything that is in force, what was extended first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Name of the index, from the last layer that names one.
    pub name: Option<String>,
    /// What it holds and for whom, from the last layer that says so.
    pub description: Option<String>,
    /// The layers; all must show a document.
    pub layers: Vec<Layer>,
}

/// One rules file.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Path or URL that it was read from, or `moderation`.
    pub file: Arc<str>,
    /// SHA-256 of its text, lower-case hexadecimal.
    pub digest: String,
    /// What is shown; everything where nothing is set.
    pub include: Conditions,
    /// What is not shown.
    pub exclude: Conditions,
    /// What is not safe for work.
    pub nsfw: Option<Placed<NsfwPolicy>>,
    /// What ranks higher or lower.
    pub boosts: Boosts,
    /// Floods.
    pub limits: Limits,
}

/// A factor on the relevance of what `on` names, from 0.1 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct Boost<T> {
    /// What is meant.
    pub on: T,
    /// Above 1 ranks higher, below 1 lower.
    pub factor: f32,
}

/// Factors; several that hold for one document are multiplied, within the same bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boosts {
    /// By language.
    pub languages: Vec<Placed<Boost<String>>>,
    /// By origin host.
    pub hosts: Vec<Placed<Boost<super::HostGlob>>>,
    /// By tag.
    pub tags: Vec<Placed<Boost<String>>>,
    /// By account, channel or group (`name@host`) or key of a document: only of moderators' decisions.
    pub targets: Vec<Placed<Boost<Conditions>>>,
}

/// How much of one source is shown; the newest stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Videos of one channel published on one UTC day.
    pub per_channel_and_day: Option<Placed<u32>>,
    /// Events of one group, or organiser where there is no group, published on one UTC day.
    pub per_organizer_and_day: Option<Placed<u32>>,
}

/// SHA-256 of a text, lower-case hexadecimal, as `sha256sum` prints it.
pub fn digest_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Rules {
    /// Rules that show everything.
    pub fn everything() -> Self {
        Self::default()
    }

    /// The layers that were written as rules, without those that moderators' decisions became.
    pub fn without_decisions(&self) -> Self {
        let layers = self.layers.iter().filter(|layer| &*layer.file != crate::moderation::PLACE).cloned().collect();
        Self { layers, ..self.clone() }
    }

    /// SHA-256 over the digests of the layers and of their regions, lower-case hexadecimal; the same rules have the same digest
    /// everywhere.
    pub fn digest(&self) -> String {
        let mut text = String::new();
        for layer in &self.layers {
            text.push_str(&layer.digest);
            for region in layer.include.regions.iter().chain(&layer.exclude.regions) {
                text.push_str(&digest_of(&region.value.geojson));
            }
        }
        digest_of(&text)
    }

    /// SHA-256 over what the layers ask of a document, whatever their files are called and say beside; `None` where they ask
    /// nothing. Boosts and limits are not in it: they decide nothing of one document.
    pub fn conditions_digest(&self) -> Option<String> {
        let mut layers = Vec::new();
        for layer in &self.layers {
            let mut values = Vec::new();
            for (table, conditions) in [("include", &layer.include), ("exclude", &layer.exclude)] {
                // U+001F is a control character, which no value holds.
                let written = conditions.written().into_iter();
                values.extend(written.map(|written| format!("{table}\u{1f}{}\u{1f}{}", written.key, written.value)));
            }
            if let Some(policy) = layer.nsfw.as_ref().filter(|policy| policy.value != NsfwPolicy::Include) {
                values.push(format!("nsfw\u{1f}{:?}", policy.value));
            }
            values.sort_unstable();
            values.dedup();
            if !values.is_empty() {
                layers.push(values.join("\n"));
            }
        }
        layers.sort_unstable();
        (!layers.is_empty()).then(|| digest_of(&layers.join("\u{1e}")))
    }

    /// Whether documents of a kind can be shown at all.
    pub fn has_kind(&self, kind: RecordKind) -> bool {
        self.layers.iter().all(|layer| {
            let names = |conditions: &Conditions| conditions.kinds.iter().any(|placed| placed.value == kind);
            (layer.include.kinds.is_empty() || names(&layer.include)) && !names(&layer.exclude)
        })
    }
}

impl Layer {
    /// A layer that shows everything.
    pub fn everything(file: &str) -> Self {
        Self {
            file: Arc::from(file),
            digest: String::new(),
            include: Conditions::default(),
            exclude: Conditions::default(),
            nsfw: None,
            boosts: Boosts::default(),
            limits: Limits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_has_a_digest_that_comments_names_and_boosts_leave_alone() {
        let digest = |text: &str| Rules::parse("a.toml", text).unwrap().conditions_digest();
        assert_eq!(digest("# Nothing.\n[index]\nname = 'A'\n[boost]\nlanguages = { fr = 2 }\n"), None);
        assert_eq!(digest("[exclude]\nnsfw = 'include'\n"), None);
        let french = digest("[include]\nlanguages = ['fr', 'br']\n");
        assert!(french.is_some());
        assert_eq!(french, digest("# Order is nothing.\n\n[include]\nlanguages = ['br', 'fr', 'fr']\n"));
        for other in [
            "[include]\nlanguages = ['fr']\n",
            "[exclude]\nlanguages = ['fr', 'br']\n",
            "[include]\ntags = ['fr', 'br']\n",
        ] {
            assert_ne!(french, digest(other));
        }
    }
}
