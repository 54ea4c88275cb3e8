//! The names of all cities, folded and sorted.

use std::cmp::Ordering;
use std::sync::LazyLock;

use indexer::analysis::fold_whole;
use indexer::geography::GeoPoint;

use super::Place;
use super::data::{Data, Named, Row, Span};
use super::regions::REGION_NAMES;

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
    /// Whether it is a code, which means nothing until it is whole.
    is_code: bool,
    area: Area,
}

impl AreaName {
    fn range(&self) -> std::ops::Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.len)
    }
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
    /// By folded name.
    area_names: Vec<AreaName>,
    /// People in the cities of each country and of each region.
    people: People,
}

#[derive(Debug, Default)]
struct People {
    of_countries: Vec<u64>,
    of_regions: Vec<u64>,
}

impl People {
    fn count(data: &Data) -> Self {
        let mut people = Self { of_countries: vec![0; data.countries.len()], of_regions: vec![0; data.regions.len()] };
        for row in &data.rows {
            let areas = [
                people.of_countries.get_mut(usize::from(row.country)),
                people.of_regions.get_mut(usize::from(row.region)),
            ];
            for n_people in areas.into_iter().flatten() {
                *n_people += u64::from(row.population);
            }
        }
        people
    }
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
        let mut add = |name: &str, is_code: bool, area: Area| {
            let term = fold_whole(name);
            if let (Ok(at), Ok(len)) = (u32::try_from(folded.len()), u16::try_from(term.len()))
                && len > 0
            {
                folded.push_str(&term);
                area_names.push(AreaName { at, len, is_code, area });
            }
        };
        let text = |span: Span| data.text.get(span.range()).unwrap_or_default();
        for (country, area) in data.countries.iter().zip((0..).map(Area::Country)) {
            let code = text(country.code);
            let short = ABBREVIATIONS.iter().filter(|(_, of)| *of == code).map(|(name, _)| *name);
            short.chain([code]).for_each(|name| add(name, true, area));
            add(text(country.name), false, area);
            names(text(country.names)).for_each(|(_, name)| add(name, false, area));
        }
        for (region, area) in data.regions.iter().zip((0..).map(Area::Region)) {
            add(text(region.name), false, area);
            let code = text(region.code);
            let more = REGION_NAMES.iter().find(|(of, _)| *of == code).map(|(_, names)| *names);
            more.unwrap_or_default().iter().for_each(|name| add(name, false, area));
            // Most codes are numbers that nobody types; those of states are letters.
            let own = code.split('.').nth(1).filter(|own| !own.starts_with(|first: char| first.is_ascii_digit()));
            own.into_iter().for_each(|own| add(own, true, area));
        }
        area_names.shrink_to_fit();
        let folded = folded.into_boxed_str();
        let text_of = |entry: &Entry| folded.get(entry.range()).unwrap_or_default();
        entries.sort_unstable_by(|one, other| text_of(one).cmp(text_of(other)).then(one.row.cmp(&other.row)));
        entries.shrink_to_fit();
        let name_of = |name: &AreaName| folded.get(name.range()).unwrap_or_default();
        area_names.sort_by(|one, other| name_of(one).cmp(name_of(other)));
        let people = People::count(&data);
        Self { data, folded, entries, area_names, people }
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
    pub fn place(&'static self, number: u32, language: Option<&str>) -> Option<Place> {
        let point = self.point(number)?;
        let row = self.row(number)?;
        let country = self.country(row)?;
        let name = self.named(row.names, language).unwrap_or_else(|| self.text(row.name));
        let region = self.region(row).map(|region| self.text(region.name));
        let region = region.filter(|region| *region != self.text(row.name));
        Some(Place {
            name,
            country_code: self.text(country.code),
            country: self.named(country.names, language).unwrap_or_else(|| self.text(country.name)),
            region,
            has_larger_namesake: self.has_larger_namesake(number, row, name, region),
            point,
            population: row.population,
            time_zone: self.text(*self.data.zones.get(usize::from(row.zone))?),
        })
    }

    /// The countries and regions that `qualifier`, folded, names, or begins to name when it may be unfinished.
    pub fn areas_called(&self, qualifier: &str, may_be_unfinished: bool) -> Areas {
        let mut areas =
            Areas { countries: vec![false; self.data.countries.len()], regions: vec![false; self.data.regions.len()] };
        for name in self.areas_beginning_with(qualifier) {
            if usize::from(name.len) == qualifier.len() || may_be_unfinished && !name.is_code {
                areas.add(name.area);
            }
        }
        areas
    }

    /// How many people live in the cities of the largest country or region of this folded name; `None` when none has it.
    pub fn people_of_area(&self, name: &str) -> Option<u64> {
        let whole = self.areas_beginning_with(name).take_while(|area| usize::from(area.len) == name.len());
        let n_people = whole.map(|name| match name.area {
            Area::Country(number) => self.people.of_countries.get(usize::from(number)),
            Area::Region(number) => self.people.of_regions.get(usize::from(number)),
        });
        n_people.map(|n_people| n_people.copied().unwrap_or_default()).max()
    }

    fn areas_beginning_with(&self, start: &str) -> impl Iterator<Item = &AreaName> {
        let text = |name: &AreaName| self.folded.get(name.range()).unwrap_or_default();
        let first = self.area_names.partition_point(|name| text(name) < start);
        let rest = self.area_names.get(first..).unwrap_or_default();
        rest.iter().take_while(move |name| text(name).starts_with(start))
    }

    /// Whether the city is in one of the areas.
    pub fn is_in(&self, row: u32, areas: &Areas) -> bool {
        self.row(row).is_some_and(|row| {
            let has = |flags: &[bool], number: u16| flags.get(usize::from(number)).copied().unwrap_or_default();
            has(&areas.countries, row.country) || has(&areas.regions, row.region)
        })
    }

    /// The language of the country, and so that of its own names of cities: whether it is `language`.
    pub fn is_at_home(&self, row: u32, language: &str) -> bool {
        let country = self.row(row).and_then(|row| self.country(row)).map_or("", |country| self.text(country.code));
        HOMES.iter().any(|(known, countries)| *known == language && countries.contains(&country))
    }

    /// Thousandths of a degree north and east.
    pub fn thousandths(&self, row: u32) -> Option<(i32, i32)> {
        self.row(row).map(|row| (row.lat_e3, row.lon_e3))
    }

    /// Whether a larger city of the same country, and of a region or country of the name that is told, has the name, too.
    fn has_larger_namesake(&'static self, number: u32, row: &Row, name: &str, region: Option<&str>) -> bool {
        let folded = fold_whole(name);
        let namesakes = self.beginning_with(&folded).take_while(|(_, is_whole)| *is_whole).map(|(entry, _)| entry);
        let is_there = |entry: &&Entry| self.row(entry.row).is_some_and(|other| other.country == row.country);
        let known = |entry: &&Entry| entry.is_known && entry.row < number;
        let mut larger = namesakes.filter(known).filter(is_there).peekable();
        if larger.peek().is_none() {
            return false;
        }
        let areas = region.map(|region| self.areas_called(&fold_whole(region), false));
        larger.any(|entry| areas.as_ref().is_none_or(|areas| self.is_in(entry.row, areas)))
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

/// Countries where most speak a language. English names are those of the world, so they have no home.
const HOMES: [(&str, &[&str]); 12] = [
    ("fr", &["FR", "BE", "CH", "LU", "MC"]),
    ("de", &["DE", "AT", "CH", "LI", "LU"]),
    ("it", &["IT", "CH", "SM"]),
    ("es", &["ES", "MX", "AR", "CL", "CO", "PE", "UY", "VE"]),
    ("pt", &["PT", "BR"]),
    ("nl", &["NL", "BE"]),
    ("pl", &["PL"]),
    ("cs", &["CZ"]),
    ("sv", &["SE"]),
    ("da", &["DK"]),
    ("fi", &["FI"]),
    ("hu", &["HU"]),
];

/// Countries that people write otherwise than ISO does.
const ABBREVIATIONS: [(&str, &str); 6] =
    [("UK", "GB"), ("U. K.", "GB"), ("USA", "US"), ("U. S. A.", "US"), ("U. S.", "US"), ("UAE", "AE")];
