//! The embedded file: lines of cells between tabs, the first of which says what it is.

use std::io;
use std::ops::Range;

/// See `data/README.md`.
static PACKED: &[u8] = include_bytes!("../../data/gazetteer.tsv.zst");

/// A part of the unpacked text, half as large as a slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// The span of `part`, which is a slice of `text`. Empty when it is not.
    pub fn of(part: &str, text: &str) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if text.get(start..start.saturating_add(part.len())) != Some(part) {
            return Self::default();
        }
        Self { start: u32::try_from(start).unwrap_or(0), len: u32::try_from(part.len()).unwrap_or(0) }
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// A city as a line tells it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub name: Span,
    /// `language,language=name|name|…`: the names it has besides.
    pub names: Span,
    /// Number of its country among the countries.
    pub country: u16,
    /// Number of its region among the regions; `u16::MAX` for none.
    pub region: u16,
    /// Number of its zone among the zones.
    pub zone: u16,
    /// Thousandths of a degree north and east.
    pub lat_e3: i32,
    pub lon_e3: i32,
    pub population: u32,
}

/// A country or a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// `FR`, or `FR.84`.
    pub code: Span,
    /// In English.
    pub name: Span,
    /// As those of a city; regions have none.
    pub names: Span,
}

/// The unpacked file.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub text: Box<str>,
    pub countries: Vec<Named>,
    pub regions: Vec<Named>,
    pub zones: Vec<Span>,
    /// The most populous first.
    pub rows: Vec<Row>,
}

impl Data {
    /// Unpacks and reads the file.
    pub fn read() -> io::Result<Self> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let text = String::from_utf8(zstd::decode_all(PACKED)?).map_err(|_| invalid("no UTF-8"))?.into_boxed_str();
        let mut data = Self::default();
        for line in text.lines() {
            data.read_line(line, &text).ok_or_else(|| invalid(line))?;
        }
        // A stable sort keeps the order of the file among equals.
        data.rows.sort_by_key(|row| std::cmp::Reverse(row.population));
        data.countries.shrink_to_fit();
        data.regions.shrink_to_fit();
        data.rows.shrink_to_fit();
        Ok(Self { text, ..data })
    }

    /// Adds one line; `None` when it is not what the script writes. Countries, regions and zones stand sorted before the
    /// first city.
    fn read_line(&mut self, line: &str, text: &str) -> Option<()> {
        let span = |part| Span::of(part, text);
        let mut cells = line.split('\t');
        match cells.next()? {
            "Z" => self.zones.push(span(cells.next()?)),
            "C" => {
                let (code, name, names) = (cells.next()?, cells.next()?, cells.next()?);
                self.countries.push(Named { code: span(code), name: span(name), names: span(names) });
            }
            "R" => {
                let (code, name) = (cells.next()?, cells.next()?);
                self.regions.push(Named { code: span(code), name: span(name), names: Span::default() });
            }
            "P" => {
                let (name, country, region, zone) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
                let (lat, lon, population, names) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
                let find = |known: &[Named], code: &str| {
                    let found =
                        known.binary_search_by(|named| text.get(named.code.range()).unwrap_or_default().cmp(code));
                    found.ok().and_then(|at| u16::try_from(at).ok())
                };
                self.rows.push(Row {
                    name: span(name),
                    names: span(names),
                    country: find(&self.countries, country)?,
                    region: find(&self.regions, &format!("{country}.{region}")).unwrap_or(u16::MAX),
                    zone: zone.parse().ok()?,
                    lat_e3: thousandths(lat)?,
                    lon_e3: thousandths(lon)?,
                    population: population.parse().ok()?,
                });
            }
            _ => return None,
        }
        Some(())
    }
}

/// Reads `-12.345`.
fn thousandths(text: &str) -> Option<i32> {
    let (whole, part) = text.split_once('.')?;
    let magnitude = format!("{}{part}", whole.trim_start_matches('-')).parse::<i32>().ok()?;
    (part.len() == 3).then_some(if whole.starts_with('-') { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_file_is_whole() {
        let data = Data::read().unwrap();
        assert!(data.rows.len() > 60_000, "{}", data.rows.len());
        assert!(data.countries.len() > 240);
        assert!(data.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.population)));
        for zone in &data.zones {
            let name = &data.text[zone.range()];
            assert!(crate::time::find_zone(name).is_ok(), "{name}");
        }
        for row in &data.rows {
            assert!(usize::from(row.zone) < data.zones.len());
            assert!(row.lat_e3.abs() <= 90_000 && row.lon_e3.abs() <= 180_000);
            assert!(!data.text[row.name.range()].is_empty());
        }
    }

    #[test]
    fn degrees_are_read() {
        assert_eq!(thousandths("45.749"), Some(45_749));
        assert_eq!(thousandths("-0.127"), Some(-127));
        assert_eq!(thousandths("45"), None);
        assert_eq!(thousandths("45.7"), None);
    }
}
