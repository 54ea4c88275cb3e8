//! The names of all cities, folded and sorted.

use std::cmp::Ordering;
use std::sync::LazyLock;

use indexer::analysis::fold_whole;
use indexer::geography::GeoPoint;

use super::Place;
use super::data::{Data, Named, Row, Span};

/// A name of a city. There are a quarter of a million, so it is small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    folded_at: u32,
    folded_len: u16,
    /// Whether it is the main name or one whose language is known, not just any that GeoNames has heard of.
    pub is_known: bool,
    /// Number of the city.
    pub row: u32,
    /// The name as written.
    pub written: Span,
}

/// A country or a region, by its number.
#[derive(Clone, Copy, Debug)]
enum Area {
    Country(u16),
    Region(u16),
}

/// A name of a country or a region, folded.
#[derive(Clone, Copy, Debug)]
struct AreaName {
    at: u32,
    len: u16,
    area: Area,
}

/// Some countries and regions, by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Areas {
    countries: Vec<bool>,
    regions: Vec<bool>,
}

impl Areas {
    fn add(&mut self, area: Area) {
        let flag = match area {
            Area::Country(number) => self.countries.get_mut(usize::from(number)),
            Area::Region(number) => self.regions.get_mut(usize::from(number)),
        };
        if let Some(flag) = flag {
            *flag = true;
        }
    }
}

/// Cities and their names.
#[derive(Debug, Default)]
pub(super) struct Gazetteer {
    data: Data,
    /// Folded names of cities, countries and regions.
    folded: Box<str>,
    /// By folded name.
    entries: Vec<Entry>,
    area_names: Vec<AreaName>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(|| match Data::read() {
    Ok(data) => Gazetteer::index(data),
    Err(error) => {
        tracing::error!("reading the cities that are part of the program: {error}; places are not found by name");
        Gazetteer::default()
    }
});

impl Gazetteer {
    /// The cities; the first caller unpacks them.
    pub fn get() -> &'static Self {
        &GAZETTEER
    }

    fn index(data: Data) -> Self {
        let mut folded = String::new();
        let mut entries = Vec::new();
        for (row, number) in data.rows.iter().zip(0_u32..) {
            let first = folded.len();
            let main = data.text.get(row.name.range()).unwrap_or_default();
            let others = data.text.get(row.names.range()).unwrap_or_default();
            let mut own: Vec<(u32, u16)> = Vec::new();
            for (name, is_known) in
                std::iter::once((main, true)).chain(names(others).map(|(tag, name)| (name, tag.is_some())))
            {
                let term = fold_whole(name);
                let known = own
                    .iter()
                    .any(|(at, len)| folded.get(*at as usize..*at as usize + usize::from(*len)) == Some(&term));
                let (Ok(at), Ok(len)) = (u32::try_from(folded.len()), u16::try_from(term.len())) else { continue };
                if known || term.is_empty() {
                    continue;
                }
                folded.push_str(&term);
                own.push((at, len));
                let written = Span::of(name, &data.text);
                entries.push(Entry { folded_at: at, folded_len: len, is_known, row: number, written });
            }
            debug_assert!(folded.len() > first || main.is_empty());
        }
        let mut area_names = Vec::new();
        let countries = data.countries.iter().zip((0..).map(Area::Country));
        for (named, area) in countries.chain(data.regions.iter().zip((0..).map(Area::Region))) {
            let main = data.text.get(named.name.range()).unwrap_or_default();
            let others = data.text.get(named.names.range()).unwrap_or_default();
            for name in std::iter::once(main).chain(names(others).map(|(_, name)| name)) {
                let term = fold_whole(name);
                if let (Ok(at), Ok(len)) = (u32::try_from(folded.len()), u16::try_from(term.len())) {
                    folded.push_str(&term);
                    area_names.push(AreaName { at, len, area });
                }
            }
        }
        area_names.shrink_to_fit();
        let folded = folded.into_boxed_str();
        let text_of = |entry: &Entry| folded.get(entry.range()).unwrap_or_default();
        entries.sort_unstable_by(|one, other| text_of(one).cmp(text_of(other)).then(one.row.cmp(&other.row)));
        entries.shrink_to_fit();
        Self { data, folded, entries, area_names }
    }

    /// The names that begin with `start`, those that are no longer first.
    pub fn beginning_with<'a>(&'static self, start: &'a str) -> impl Iterator<Item = (&'static Entry, bool)> + use<'a> {
        let first = self.entries.partition_point(|entry| self.folded(entry).cmp(start) == Ordering::Less);
        let rest = self.entries.get(first..).unwrap_or_default();
        let matching = rest.iter().take_while(move |entry| self.folded(entry).starts_with(start));
        matching.map(move |entry| (entry, usize::from(entry.folded_len) == start.len()))
    }

    pub fn folded(&self, entry: &Entry) -> &str {
        self.folded.get(entry.range()).unwrap_or_default()
    }

    /// The name as written.
    pub fn written(&self, entry: &Entry) -> &str {
        self.text(entry.written)
    }

    pub fn population(&self, row: u32) -> u32 {
        self.row(row).map_or(0, |row| row.population)
    }

    pub fn point(&self, row: u32) -> Option<GeoPoint> {
        let row = self.row(row)?;
        GeoPoint::new(f64::from(row.lat_e3) / 1e3, f64::from(row.lon_e3) / 1e3)
    }

    /// The city with its names in `language`, a primary subtag.
    pub fn place(&'static self, row: u32, language: Option<&str>) -> Option<Place> {
        let point = self.point(row)?;
        let row = self.row(row)?;
        let country = self.country(row)?;
        Some(Place {
            name: self.named(row.names, language).unwrap_or_else(|| self.text(row.name)),
            country_code: self.text(country.code),
            country: self.named(country.names, language).unwrap_or_else(|| self.text(country.name)),
            region: self
                .region(row)
                .map(|region| self.text(region.name))
                .filter(|region| *region != self.text(row.name)),
            point,
            population: row.population,
            time_zone: self.text(*self.data.zones.get(usize::from(row.zone))?),
        })
    }

    /// The countries and regions that `qualifier`, folded, names, or begins to name when it may be unfinished.
    pub fn areas_called(&self, qualifier: &str, may_be_unfinished: bool) -> Areas {
        let mut areas =
            Areas { countries: vec![false; self.data.countries.len()], regions: vec![false; self.data.regions.len()] };
        for name in &self.area_names {
            let folded =
                self.folded.get(name.at as usize..name.at as usize + usize::from(name.len)).unwrap_or_default();
            if folded == qualifier || may_be_unfinished && folded.starts_with(qualifier) {
                areas.add(name.area);
            }
        }
        for (country, number) in self.data.countries.iter().zip(0..) {
            if self.text(country.code).eq_ignore_ascii_case(abbreviated(qualifier)) {
                areas.add(Area::Country(number));
            }
        }
        for (region, number) in self.data.regions.iter().zip(0..) {
            // Most codes are numbers that nobody types; those of states are letters.
            let code = self.text(region.code).split('.').nth(1).unwrap_or_default();
            if code.eq_ignore_ascii_case(qualifier) && !code.starts_with(|first: char| first.is_ascii_digit()) {
                areas.add(Area::Region(number));
            }
        }
        areas
    }

    /// Whether the city is in one of the areas.
    pub fn is_in(&self, row: u32, areas: &Areas) -> bool {
        self.row(row).is_some_and(|row| {
            let has = |flags: &[bool], number: u16| flags.get(usize::from(number)).copied().unwrap_or_default();
            has(&areas.countries, row.country) || has(&areas.regions, row.region)
        })
    }

    fn row(&self, row: u32) -> Option<&Row> {
        self.data.rows.get(row as usize)
    }

    fn country(&self, row: &Row) -> Option<&Named> {
        self.data.countries.get(usize::from(row.country))
    }

    fn region(&self, row: &Row) -> Option<&Named> {
        self.data.regions.get(usize::from(row.region))
    }

    fn named(&self, others: Span, language: Option<&str>) -> Option<&str> {
        let language = language?;
        let has = |tag: &str| tag.split(',').any(|known| known == language);
        names(self.text(others)).find(|(tag, _)| tag.is_some_and(has)).map(|(_, name)| name)
    }

    fn text(&self, span: Span) -> &str {
        self.data.text.get(span.range()).unwrap_or_default()
    }
}

impl Entry {
    fn range(&self) -> std::ops::Range<usize> {
        self.folded_at as usize..self.folded_at as usize + usize::from(self.folded_len)
    }
}

/// Each name with its languages, when they are known.
fn names(others: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    others.split('|').filter(|name| !name.is_empty()).map(|name| match name.split_once('=') {
        Some((tag, name)) => (Some(tag), name),
        None => (None, name),
    })
}

/// Countries that people write otherwise than ISO does, folded.
fn abbreviated(qualifier: &str) -> &str {
    match qualifier {
        "uk" | "u k" => "GB",
        "usa" | "u s a" | "u s" => "US",
        "uae" => "AE",
        other => other,
    }
}
