//! The index being written: one Tantivy index for each kind, in step with one offset of the journal.
//!
//! A new kind is a schema, a document and an entry of [`INDEXED_KINDS`].

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use journal::{Kind, Offset};
use serde::{Deserialize, Serialize};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::schema::{Field, Schema};
use tantivy::store::Compressor;
use tantivy::{Index, IndexSettings, IndexWriter, ReloadPolicy, Term};

use crate::change::{Batch, Change};
use crate::document::key_hash;
use crate::error::Error;
use crate::inclusion::Inclusion;
use crate::layout::kind_dir;
use crate::schema::{Fields, INDEXED_KINDS, SCHEMA_VERSION, schema_of};
use crate::{analysis, durable};

/// What Tantivy's indexing thread may hold before it writes a segment. With queues and merges the process stays below
/// 128 MiB more than an idle one.
const WRITER_BYTES: usize = 100 << 20;

/// A first build remembers the keys it wrote, 9 bytes each, up to here; then it deletes before each addition as any
/// later run does.
const MAX_REMEMBERED_KEYS: usize = 4_000_000;

/// Small blocks: an answer reads 15 documents from all over the store.
const STORE_BLOCK_BYTES: usize = 4096;

/// Every other kind is a tenth of the videos or less; the least that Tantivy accepts.
const SMALL_WRITER_BYTES: usize = 15 << 20;

/// Wait before deleted documents are removed again beside a merge that runs.
const EXPUNGE_PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// The writers of every kind.
pub(crate) struct LiveIndex {
    pub(crate) fields: Fields,
    /// What is left out.
    inclusion: Inclusion,
    /// In the order of [`INDEXED_KINDS`].
    parts: Vec<Part>,
    committed: Offset,
    n_uncommitted: u64,
    /// Hashes of the keys written since the index was created empty; `None` once it may hold others.
    remembered: Option<HashSet<u64>>,
}

/// The index of one kind.
struct Part {
    kind: Kind,
    index: Index,
    key: Field,
    writer: IndexWriter,
}

/// `format.json`.
#[derive(Serialize, Deserialize)]
struct Format {
    schema_version: u32,
    /// [`allowlist::rules::Rules::conditions_digest`] of the rules that its documents follow; absent where everything is indexed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    rules: Option<String>,
}

const FORMAT: &str = "format.json";

/// Why a live index cannot be written on.
#[derive(Debug)]
pub(crate) struct Unusable(pub(crate) String);

impl LiveIndex {
    /// Creates an empty index for a build of everything: its segments stay as they come until
    /// [`LiveIndex::merge_all`], so that each document is merged once.
    pub(crate) fn create_for_rebuild(dir: &Path, inclusion: &Inclusion) -> Result<Self, Error> {
        let live = Self::create(dir, inclusion)?;
        for part in &live.parts {
            part.writer.set_merge_policy(Box::new(NoMergePolicy));
        }
        Ok(live)
    }

    /// Creates an empty index; what is in `dir` goes.
    pub(crate) fn create(dir: &Path, inclusion: &Inclusion) -> Result<Self, Error> {
        durable::remove_dir(dir).map_err(Error::io("removing", dir))?;
        let mut indexes = Vec::new();
        for kind in INDEXED_KINDS {
            let kind_dir = kind_dir(dir, kind);
            fs::create_dir_all(&kind_dir).map_err(Error::io("creating", &kind_dir))?;
            let (schema, key) = schema_of(kind);
            let index = create_index(&kind_dir, schema).map_err(Error::tantivy("creating an index"))?;
            durable::sync_dir(&kind_dir).map_err(Error::io("writing", kind_dir))?;
            indexes.push((kind, index, key));
        }
        let format = Format { schema_version: SCHEMA_VERSION, rules: inclusion.rules.conditions_digest() };
        let format = serde_json::to_vec(&format).unwrap_or_default();
        // Written last: a folder without it is not finished.
        let path = dir.join(FORMAT);
        durable::write(&path, &format).and_then(|()| durable::sync_dir(dir)).map_err(Error::io("writing", path))?;
        Self::start(indexes, inclusion, Offset::ZERO, Some(HashSet::new()))
    }

    /// Opens an index that was created before. The inner error means that it must be rebuilt.
    pub(crate) fn open(dir: &Path, inclusion: &Inclusion) -> Result<Result<Self, Unusable>, Error> {
        if let Err(unusable) = check_format(dir, inclusion) {
            return Ok(Err(unusable));
        }
        let mut indexes = Vec::new();
        let mut committed: Option<Offset> = None;
        for kind in INDEXED_KINDS {
            let kind_dir = kind_dir(dir, kind);
            remove_litter(&kind_dir).map_err(Error::io("removing temporary files in", &kind_dir))?;
            let (schema, key) = schema_of(kind);
            let (index, offset) = match open_index(&kind_dir, &schema) {
                Ok(opened) => opened,
                Err(Unusable(reason)) => return Ok(Err(Unusable(format!("the {kind} index: {reason}")))),
            };
            // A crash between two commits leaves one kind behind: entries that the others know are applied again, which
            // changes nothing.
            committed = Some(committed.map_or(offset, |other| other.min(offset)));
            indexes.push((kind, index, key));
        }
        Self::start(indexes, inclusion, committed.unwrap_or_default(), None).map(Ok)
    }

    fn start(
        indexes: Vec<(Kind, Index, Field)>,
        inclusion: &Inclusion,
        committed: Offset,
        remembered: Option<HashSet<u64>>,
    ) -> Result<Self, Error> {
        let mut parts = Vec::new();
        for (kind, index, key) in indexes {
            analysis::register(index.tokenizers());
            let options = IndexWriterOptions::builder()
                .num_worker_threads(1)
                .memory_budget_per_thread(if kind == Kind::Video { WRITER_BYTES } else { SMALL_WRITER_BYTES })
                .num_merge_threads(1)
                .build();
            let writer: IndexWriter =
                index.writer_with_options(options).map_err(Error::tantivy("opening an index for writing"))?;
            let mut policy = LogMergePolicy::default();
            // Tantivy's default never merges because of deletions, and every update is one.
            policy.set_del_docs_ratio_before_merge(0.3);
            policy.set_min_num_segments(8);
            policy.set_min_layer_size(10_000);
            writer.set_merge_policy(Box::new(policy));
            parts.push(Part { kind, index, key, writer });
        }
        Ok(Self {
            fields: Fields::build(),
            inclusion: inclusion.clone(),
            parts,
            committed,
            n_uncommitted: 0,
            remembered,
        })
    }

    /// The index of a kind.
    pub(crate) fn index(&self, kind: Kind) -> Result<&Index, Error> {
        let part = self.parts.iter().find(|part| part.kind == kind);
        part.map(|part| &part.index).ok_or_else(|| Error::RebuildNeeded { reason: format!("it has no {kind} index") })
    }

    /// What is left out.
    pub(crate) fn inclusion(&self) -> &Inclusion {
        &self.inclusion
    }

    /// The journal offset of the last commit.
    pub(crate) fn committed(&self) -> Offset {
        self.committed
    }

    /// Changes since the last commit.
    pub(crate) fn n_uncommitted(&self) -> u64 {
        self.n_uncommitted
    }

    /// Applies changes in their order; seen by readers after [`LiveIndex::commit`].
    pub(crate) fn apply(&mut self, batch: Batch) -> Result<(), Error> {
        for change in batch.changes {
            self.n_uncommitted += 1;
            self.apply_change(change)?;
        }
        Ok(())
    }

    fn apply_change(&mut self, change: Change) -> Result<(), Error> {
        let Some(part) = self.parts.iter_mut().find(|part| part.kind == change.kind) else { return Ok(()) };
        let may_exist = match &mut self.remembered {
            None => true,
            // A colliding hash only deletes what is not there.
            Some(keys) if change.document.is_some() => !keys.insert(key_hash(&change.key)),
            Some(keys) => keys.contains(&key_hash(&change.key)),
        };
        if self.remembered.as_ref().is_some_and(|keys| keys.len() > MAX_REMEMBERED_KEYS) {
            self.remembered = None;
        }
        if may_exist {
            part.writer.delete_term(Term::from_field_text(part.key, &change.key));
        }
        if let Some(document) = change.document {
            part.writer.add_document(document).map_err(Error::tantivy("adding a document to the index"))?;
        }
        Ok(())
    }

    /// Makes all changes durable, together with the offset that they reach. The only place that commits: a commit
    /// without its payload would lose the place in the journal.
    pub(crate) fn commit(&mut self, through: Offset) -> Result<(), Error> {
        for part in &mut self.parts {
            let mut prepared = part.writer.prepare_commit().map_err(Error::tantivy("committing the index"))?;
            prepared.set_payload(&through.to_string());
            prepared.commit().map_err(Error::tantivy("committing the index"))?;
        }
        self.committed = through;
        self.n_uncommitted = 0;
        Ok(())
    }

    /// Merges all segments into one: a search looks up every term in every segment, and each segment has a dictionary of
    /// its own. Worth its time after a build of everything, not while the journal is followed.
    pub(crate) fn merge_all(&mut self) -> Result<(), Error> {
        const ACTION: &str = "merging the segments of the index";
        for part in &mut self.parts {
            let segments = part.index.searchable_segment_ids().map_err(Error::tantivy(ACTION))?;
            if segments.len() > 1 {
                part.writer.merge(&segments).wait().map_err(Error::tantivy(ACTION))?;
            }
        }
        Ok(())
    }

    /// Rewrites every segment that holds deleted documents, so that what was deleted leaves the files. Costs as much as the
    /// segments are large.
    pub(crate) fn expunge(&mut self) -> Result<(), Error> {
        const ACTION: &str = "removing deleted documents from the index";
        /// A merge that runs already takes its segments away; it ends, or is tried again.
        const MAX_TRIES: usize = 50;
        for part in &mut self.parts {
            for n_tries in 0.. {
                let segments = part.index.searchable_segment_metas().map_err(Error::tantivy(ACTION))?;
                let segments: Vec<_> =
                    segments.iter().filter(|segment| segment.has_deletes()).map(|segment| segment.id()).collect();
                if segments.is_empty() {
                    break;
                }
                match part.writer.merge(&segments).wait() {
                    Err(error) if n_tries >= MAX_TRIES => return Err(Error::tantivy(ACTION)(error)),
                    Err(_) => std::thread::sleep(EXPUNGE_PAUSE),
                    Ok(_) => {}
                }
            }
            part.writer.garbage_collect_files().wait().map_err(Error::tantivy(ACTION))?;
        }
        Ok(())
    }

    /// Waits for running merges and ends the writers. Uncommitted changes are lost.
    pub(crate) fn close(self) -> Result<(), Error> {
        for part in self.parts {
            part.writer.wait_merging_threads().map_err(Error::tantivy("merging segments of the index"))?;
        }
        Ok(())
    }
}

fn create_index(dir: &Path, schema: Schema) -> tantivy::Result<Index> {
    let settings = IndexSettings {
        docstore_compression: Compressor::Lz4,
        docstore_blocksize: STORE_BLOCK_BYTES,
        ..IndexSettings::default()
    };
    Index::builder().schema(schema).settings(settings).create_in_dir(dir)
}

fn check_format(dir: &Path, inclusion: &Inclusion) -> Result<(), Unusable> {
    let format =
        fs::read(dir.join(FORMAT)).map_err(|error| Unusable(format!("its {FORMAT} cannot be read: {error}")))?;
    let format: Format =
        serde_json::from_slice(&format).map_err(|error| Unusable(format!("its {FORMAT} is not ours: {error}")))?;
    if format.schema_version != SCHEMA_VERSION {
        return Err(Unusable(format!("it has schema {}, this build writes {SCHEMA_VERSION}", format.schema_version)));
    }
    if format.rules != inclusion.rules.conditions_digest() {
        return Err(Unusable("its documents follow other inclusion rules than those in force".to_owned()));
    }
    Ok(())
}

fn open_index(dir: &Path, schema: &Schema) -> Result<(Index, Offset), Unusable> {
    let unreadable = |error: tantivy::TantivyError| Unusable(format!("it cannot be read: {error}"));
    let index = Index::open_in_dir(dir).map_err(unreadable)?;
    if index.schema() != *schema {
        return Err(Unusable("its fields are not those of this build".to_owned()));
    }
    let payload = index.load_metas().map_err(unreadable)?.payload;
    let committed = match payload.as_deref().map(str::parse) {
        None => Offset::ZERO,
        Some(Ok(offset)) => Offset(offset),
        Some(Err(_)) => return Err(Unusable("its last commit names no journal offset".to_owned())),
    };
    // Opens every segment, which finds missing files; the checksums find damaged ones.
    analysis::register(index.tokenizers());
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map(drop).map_err(unreadable)?;
    let damaged = index.validate_checksum().map_err(unreadable)?;
    if !damaged.is_empty() {
        return Err(Unusable(format!("checksums differ in {} of its files", damaged.len())));
    }
    Ok((index, committed))
}

/// Removes the temporary files that a killed process leaves behind; Tantivy's collector does not know them.
fn remove_litter(dir: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path: PathBuf = entry?.path();
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".tmp")) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tantivy::TantivyDocument;

    use super::*;

    fn batch(live: &LiveIndex, keys: &[&str]) -> Batch {
        let change = |key: &&str| {
            let mut document = TantivyDocument::default();
            document.add_text(live.fields.video.key, key);
            Change { kind: Kind::Video, key: (*key).to_owned(), document: Some(document) }
        };
        Batch { changes: keys.iter().map(change).collect(), n_entries: keys.len() as u64, through: Offset::ZERO }
    }

    fn n_documents(live: &LiveIndex) -> u64 {
        live.index(Kind::Video).unwrap().reader().unwrap().searcher().num_docs()
    }

    #[test]
    fn what_was_not_committed_is_lost_and_what_was_stays() {
        let dir = tempfile::tempdir().unwrap();
        let dir = &dir.path().join("live");
        let mut live = LiveIndex::create(dir, &Inclusion::everything()).unwrap();
        live.apply(batch(&live, &["a", "b"])).unwrap();
        live.commit(Offset(7)).unwrap();
        live.apply(batch(&live, &["c", "d"])).unwrap();
        // As a killed process leaves it: no commit, no close.
        drop(live);
        let mut live = LiveIndex::open(dir, &Inclusion::everything()).unwrap().unwrap();
        assert_eq!((live.committed(), n_documents(&live)), (Offset(7), 2));
        // The same entries again, and one that was there: no document twice.
        live.apply(batch(&live, &["b", "c", "d"])).unwrap();
        live.commit(Offset(9)).unwrap();
        assert_eq!((live.committed(), n_documents(&live)), (Offset(9), 4));
        live.close().unwrap();
    }

    #[test]
    fn the_payload_survives_merges() {
        let dir = tempfile::tempdir().unwrap();
        let dir = &dir.path().join("live");
        let mut live = LiveIndex::create(dir, &Inclusion::everything()).unwrap();
        for n in 1..=20 {
            live.apply(batch(&live, &[&format!("key {n}")])).unwrap();
            live.commit(Offset(n)).unwrap();
        }
        live.close().unwrap();
        let live = LiveIndex::open(dir, &Inclusion::everything()).unwrap().unwrap();
        assert!(live.index(Kind::Video).unwrap().searchable_segment_ids().unwrap().len() < 20, "segments were merged");
        assert_eq!((live.committed(), n_documents(&live)), (Offset(20), 20));
    }
}
