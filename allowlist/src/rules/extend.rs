//! Files that extend each other, to the layers in force. Pure: whoever calls brings the texts.

use std::sync::Arc;

use super::file::RulesFile;
use super::layer::digest_of;
use super::{Place, Placed, Reference, Region, Rules, RulesError, check, load_shipped};

/// Longest rules file in bytes: fifty thousand words.
pub const MAX_RULES_BYTES: usize = 1024 * 1024;

/// Longest region in bytes: a country with every bay.
pub const MAX_REGION_BYTES: usize = 4 * 1024 * 1024;

/// Most files in a row of which each extends the next.
const MAX_DEPTH: usize = 8;

/// Most files in force.
const MAX_LAYERS: usize = 64;

/// What was read for a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What to call it in places; the same file must have the same name whichever file names it.
    pub file: String,
    /// Its text.
    pub text: String,
}

impl Rules {
    /// Reads a file, everything that it extends and every region that they name.
    ///
    /// - `loader`: reads a reference; its second argument is [`Loaded::file`] of the file that names it, empty for the first.
    ///   Called once for every time that something is named.
    ///
    /// A file that several others extend counts once, where it is named first.
    ///
    /// # Errors
    /// The first fault, with the line that names what cannot be read: a file that extends itself, over eight files in a
    /// row, another digest than the one written, a file that is too long; as [`RulesFile::parse`]; and rules that contradict each
    /// other.
    pub fn load(
        reference: &Reference,
        loader: &mut impl FnMut(&Reference, &str) -> Result<Loaded, String>,
    ) -> Result<Self, RulesError> {
        let mut chain = Chain { loader, rules: Self::default(), done: Vec::new(), open: Vec::new() };
        let named =
            Placed { value: reference.clone(), place: Place { file: Arc::from(reference.to_string()), line: 0 } };
        chain.add(&named, None)?;
        let rules = chain.rules;
        check::contradictions(&rules)?;
        Ok(rules)
    }

    /// Reads a file that is at hand and extends nothing but what ships.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse(file: &str, text: &str) -> Result<Self, RulesError> {
        let first = Reference::File(file.to_owned());
        Self::load(&first, &mut |reference, from| match load_shipped(reference, from) {
            Some(loaded) => loaded,
            None if from.is_empty() => Ok(Loaded { file: file.to_owned(), text: text.to_owned() }),
            None => Err(format!("`{reference}` cannot be read from here")),
        })
    }
}

struct Chain<'a, L> {
    loader: &'a mut L,
    rules: Rules,
    /// Files whose layers are in.
    done: Vec<String>,
    /// Files that are being read, each extending the next.
    open: Vec<String>,
}

/// The file that names another.
#[derive(Clone, Copy)]
struct Referrer<'a> {
    file: &'a str,
    reference: &'a Reference,
}

impl<L: FnMut(&Reference, &str) -> Result<Loaded, String>> Chain<'_, L> {
    fn add(&mut self, named: &Placed<Reference>, from: Option<Referrer<'_>>) -> Result<(), RulesError> {
        let fault = |cause: String| RulesError { place: named.place.clone(), cause };
        let Loaded { file, text } = self.read(named, from, MAX_RULES_BYTES)?;
        // The same address with another digest is another list.
        let identity = match &named.value {
            Reference::Url { digest, .. } => format!("{file}#sha256-{digest}"),
            Reference::Shipped(_) | Reference::File(_) => file.clone(),
        };
        if self.open.contains(&identity) {
            let way: Vec<&str> = self.open.iter().map(String::as_str).chain([identity.as_str()]).collect();
            return Err(fault(format!("it extends itself: {}; remove one of these lines", way.join(" → "))));
        }
        if self.done.contains(&identity) {
            return Ok(());
        }
        if self.open.len() == MAX_DEPTH {
            return Err(fault(format!(
                "more than {MAX_DEPTH} files in a row extend each other; extend some of them from one file"
            )));
        }
        if self.rules.layers.len() + self.open.len() >= MAX_LAYERS {
            return Err(fault(format!("more than {MAX_LAYERS} files are extended in all")));
        }
        let RulesFile { name, description, extends, mut layer, include_regions, exclude_regions } =
            RulesFile::parse(&file, &text)?;
        let here = Referrer { file: &file, reference: &named.value };
        self.open.push(identity.clone());
        for extended in &extends {
            self.add(extended, Some(here))?;
        }
        self.open.pop();
        layer.include.regions = self.regions(&include_regions, here)?;
        layer.exclude.regions = self.regions(&exclude_regions, here)?;
        self.rules.name = name.or(self.rules.name.take());
        self.rules.description = description.or(self.rules.description.take());
        self.rules.layers.push(layer);
        self.done.push(identity);
        Ok(())
    }

    fn regions(&mut self, named: &[Placed<Reference>], here: Referrer<'_>) -> Result<Vec<Placed<Region>>, RulesError> {
        let mut regions = Vec::new();
        for reference in named {
            let Loaded { file, text } = self.read(reference, Some(here), MAX_REGION_BYTES)?;
            let last = file.rsplit(['/', ':']).next().unwrap_or_default();
            let name = last.trim_end_matches(".json").trim_end_matches(".geojson").to_owned();
            regions.push(Placed { value: Region { name, geojson: text }, place: reference.place.clone() });
        }
        Ok(regions)
    }

    fn read(
        &mut self,
        named: &Placed<Reference>,
        from: Option<Referrer<'_>>,
        max_bytes: usize,
    ) -> Result<Loaded, RulesError> {
        let fault = |cause: String| RulesError { place: named.place.clone(), cause };
        let is_remote = from.is_some_and(|from| matches!(from.reference, Reference::Url { .. }));
        if is_remote && matches!(named.value, Reference::File(_)) {
            return Err(fault(format!(
                "`{}`: what comes from the web may name shipped lists and addresses with a digest, no files",
                named.value
            )));
        }
        let loaded = (self.loader)(&named.value, from.map_or("", |from| from.file)).map_err(fault)?;
        if loaded.text.len() > max_bytes {
            return Err(fault(format!("`{}` has {} bytes, the most is {max_bytes}", named.value, loaded.text.len())));
        }
        if let Reference::Url { url, digest } = &named.value {
            let found = digest_of(&loaded.text);
            if found != *digest {
                return Err(fault(format!(
                    "`{url}` is not the text whose digest is written; if you have read it and agree, write `#sha256-{found}`"
                )));
            }
        }
        Ok(loaded)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Loads `a.toml` of files that are given by name.
    fn load(files: &[(&str, &str)]) -> Result<Rules, String> {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        let first: Reference = "a.toml".parse().unwrap();
        let rules = Rules::load(&first, &mut |reference, from| {
            if let Some(loaded) = load_shipped(reference, from) {
                return loaded;
            }
            let name = match reference {
                Reference::Url { url, .. } => url.clone(),
                other => other.to_string(),
            };
            let text = files.get(name.as_str()).ok_or_else(|| format!("`{name}` is missing"))?;
            Ok(Loaded { file: name, text: (*text).to_owned() })
        });
        rules.map_err(|error| error.to_string())
    }

    fn extends(names: &str) -> String {
        format!("[index]\nextends = [{names}]\n")
    }

    #[test]
    fn what_is_extended_comes_first_and_counts_once() {
        let files = [
            ("a.toml", "[index]\nname = 'A'\nextends = ['b.toml', 'c.toml']\n"),
            ("b.toml", "[index]\nname = 'B'\ndescription = 'of b'\nextends = ['c.toml']\n"),
            ("c.toml", "[index]\nname = 'C'\nextends = ['no-adult']\n"),
        ];
        let rules = load(&files).unwrap();
        let order: Vec<&str> = rules.layers.iter().map(|layer| &*layer.file).collect();
        assert_eq!(order, ["shipped:no-adult.toml", "c.toml", "b.toml", "a.toml"]);
        assert_eq!((rules.name.as_deref(), rules.description.as_deref()), (Some("A"), Some("of b")));
    }

    // case 161
    #[test]
    fn a_loop_is_refused_with_its_line_and_its_way() {
        let b = extends("'a.toml'");
        let refused = load(&[("a.toml", "\n[index]\nextends = [\n  'b.toml',\n]\n"), ("b.toml", &b)]).unwrap_err();
        assert_eq!(refused, "b.toml line 2: it extends itself: a.toml → b.toml → a.toml; remove one of these lines");
        let of_itself = extends("'a.toml'");
        assert!(load(&[("a.toml", &of_itself)]).unwrap_err().starts_with("a.toml line 2: it extends itself"));
    }

    // case 161
    #[test]
    fn a_long_row_a_missing_file_and_another_digest_are_refused_with_their_line() {
        let names: Vec<String> =
            (0..9).map(|n| if n == 0 { "a.toml".to_owned() } else { format!("{n}.toml") }).collect();
        let texts: Vec<String> =
            (1..=9).map(|n| if n < 9 { extends(&format!("'{n}.toml'")) } else { String::new() }).collect();
        let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
        let refused = load(&files).unwrap_err();
        assert!(refused.starts_with("7.toml line 2: more than 8 files in a row"), "{refused}");
        let (_, short) = files.split_first().unwrap();
        let mut short = short.to_vec();
        short.insert(0, ("a.toml", "[index]\nextends = ['2.toml']\n"));
        assert_eq!(load(&short).unwrap().layers.len(), 8);

        let missing = load(&[("a.toml", "[index]\nextends = [\n 'default',\n 'b.toml' ]\n")]).unwrap_err();
        assert_eq!(missing, "a.toml line 4: `b.toml` is missing");

        let text = "[exclude]\nnsfw = 'exclude'\n";
        let address = |digest: &str| extends(&format!("'https://rules.example/r.toml#sha256-{digest}'"));
        let (good, bad) = (address(&digest_of(text)), address(&"0".repeat(64)));
        let remote = ("https://rules.example/r.toml", text);
        assert_eq!(load(&[("a.toml", &good), remote]).unwrap().layers.len(), 2);
        let refused = load(&[("a.toml", &bad), remote]).unwrap_err();
        assert!(refused.starts_with("a.toml line 2: `https://rules.example/r.toml` is not the text"), "{refused}");
        assert!(refused.contains(&digest_of(text)), "{refused}");
    }

    #[test]
    fn what_comes_from_the_web_names_no_files_of_this_machine() {
        let text = "[include]\nregions = ['/etc/passwd']\n";
        let first = extends(&format!("'https://rules.example/r.toml#sha256-{}'", digest_of(text)));
        let refused =
            load(&[("a.toml", &first), ("https://rules.example/r.toml", text), ("/etc/passwd", "x")]).unwrap_err();
        assert!(refused.starts_with("https://rules.example/r.toml line 2: `/etc/passwd`"), "{refused}");
    }

    #[test]
    fn regions_are_loaded_and_change_the_digest() {
        let a = "[include]\nregions = ['shore.geojson']\n";
        let one = load(&[("a.toml", a), ("shore.geojson", "{\"type\":1}")]).unwrap();
        let other = load(&[("a.toml", a), ("shore.geojson", "{\"type\":2}")]).unwrap();
        assert_eq!(one.layers.first().unwrap().include.regions.first().unwrap().value.name, "shore");
        assert_ne!(one.digest(), other.digest());
        let long = "x".repeat(MAX_REGION_BYTES + 1);
        assert!(load(&[("a.toml", a), ("shore.geojson", &long)]).unwrap_err().contains("line 2: `shore.geojson` has"));
    }
}
