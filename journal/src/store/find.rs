//! Looking for what is about somebody: through every row, replaced ones included.

use std::collections::{BTreeMap, BTreeSet};

use allowlist::Host;
use rusqlite::params;

use super::reader::Reader;
use crate::entry::{Body, Entry, Offset};
use crate::error::Error;
use crate::record::{Kind, Record, RecordId};

/// Rows read at a time.
const STEP: usize = 1000;

/// Where something stands in the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Keys that are about it as a whole: their newest row is, or it is a tombstone and a row before it was.
    pub keys: Vec<RecordId>,
    /// Offsets of single rows that are about it, of keys that have become somebody else's.
    pub rows: Vec<u64>,
}

impl Found {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.rows.is_empty()
    }
}

impl Reader {
    /// Finds every row whose record `is_about` takes. Decodes the whole journal: about 20 s for a million rows.
    ///
    /// # Errors
    /// As [`Reader::read_after`].
    pub fn find(&self, is_about: impl Fn(&Record) -> bool) -> Result<Found, Error> {
        let mut rows: BTreeMap<RecordId, Vec<u64>> = BTreeMap::new();
        self.each(|offset, entry| {
            if let Body::Record(record) = &entry.body
                && is_about(record)
            {
                rows.entry(record.id()).or_default().push(offset.0);
            }
        })?;
        let mut found = Found::default();
        for (id, offsets) in rows {
            match self.get(&id)? {
                Some((_, Entry { body: Body::Record(newest), .. })) if !is_about(&newest) => found.rows.extend(offsets),
                _ => found.keys.push(id),
            }
        }
        Ok(found)
    }

    /// Every key of a host that has any row, tombstones included.
    ///
    /// # Errors
    /// [`Error::Sqlite`] on I/O.
    pub fn keys_of_host(&self, host: &Host) -> Result<Vec<RecordId>, Error> {
        let mut ids = BTreeSet::new();
        for kind in Kind::ALL {
            let texts: Vec<String> = self.texts(
                "SELECT newest.id FROM newest JOIN host ON host.id = newest.host WHERE host.name = ?1 AND newest.kind = ?2",
                params![host.as_str(), kind.code()],
            )?;
            ids.extend(texts.into_iter().map(|id| RecordId { kind, host: host.clone(), id }));
        }
        Ok(ids.into_iter().collect())
    }

    /// Calls `each` with every entry of the journal, oldest first.
    ///
    /// # Errors
    /// As [`Reader::read_after`].
    pub fn each(&self, mut each: impl FnMut(Offset, &Entry)) -> Result<(), Error> {
        let mut after = Offset::ZERO;
        loop {
            let entries = self.read_after(after, STEP)?;
            let Some((last, _)) = entries.last() else { return Ok(()) };
            after = *last;
            entries.iter().for_each(|(offset, entry)| each(*offset, entry));
        }
    }
}
