//! The index being written: one Tantivy index for each kind, in step with one offset of the journal.
//!
//! A new kind is a field of [`LiveIndex`] and a line in each function that names `videos`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use journal::{Kind, Offset};
use serde::{Deserialize, Serialize};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::schema::Schema;
use tantivy::store::Compressor;
use tantivy::{Index, IndexSettings, IndexWriter, ReloadPolicy, Term};

use crate::change::{Batch, Change};
use crate::document::key_hash;
use crate::error::Error;
use crate::layout::kind_dir;
use crate::schema::{SCHEMA_VERSION, VideoFields};
use crate::{analysis, durable};

/// What Tantivy's indexing thread may hold before it writes a segment. With queues and merges the process stays below
/// 128 MiB more than an idle one.
const WRITER_BYTES: usize = 100 << 20;

/// A first build remembers the keys it wrote, 9 bytes each, up to here; then it deletes before each addition as any
/// later run does.
const MAX_REMEMBERED_KEYS: usize = 4_000_000;

/// Small blocks: an answer reads 15 documents from all over the store.
const STORE_BLOCK_BYTES: usize = 4096;

/// The writer of every kind.
pub(crate) struct LiveIndex {
    pub(crate) videos: Index,
    pub(crate) fields: VideoFields,
    video_writer: IndexWriter,
    committed: Offset,
    n_uncommitted: u64,
    /// Hashes of the keys written since the index was created empty; `None` once it may hold others.
    remembered: Option<HashSet<u64>>,
}

/// `format.json`.
#[derive(Serialize, Deserialize)]
struct Format {
    schema_version: u32,
}

const FORMAT: &str = "format.json";

/// Why a live index cannot be written on.
#[derive(Debug)]
pub(crate) struct Unusable(pub(crate) String);

impl LiveIndex {
    /// Creates an empty index for a build of everything: its segments stay as they come until
    /// [`LiveIndex::merge_all`], so that each document is merged once.
    pub(crate) fn create_for_rebuild(dir: &Path) -> Result<Self, Error> {
        let live = Self::create(dir)?;
        live.video_writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(live)
    }

    /// Creates an empty index; what is in `dir` goes.
    pub(crate) fn create(dir: &Path) -> Result<Self, Error> {
        durable::remove_dir(dir).map_err(Error::io("removing", dir))?;
        let video_dir = kind_dir(dir, Kind::Video);
        fs::create_dir_all(&video_dir).map_err(Error::io("creating", &video_dir))?;
        let (schema, fields) = VideoFields::build();
        let videos = create_index(&video_dir, schema).map_err(Error::tantivy("creating the video index"))?;
        let format = serde_json::to_vec(&Format { schema_version: SCHEMA_VERSION }).unwrap_or_default();
        // Written last: a folder without it is not finished.
        let path = dir.join(FORMAT);
        durable::write(&path, &format)
            .and_then(|()| durable::sync_dir(&video_dir))
            .and_then(|()| durable::sync_dir(dir))
            .map_err(Error::io("writing", path))?;
        Self::start(videos, fields, Offset::ZERO, Some(HashSet::new()))
    }

    /// Opens an index that was created before. The inner error means that it must be rebuilt.
    pub(crate) fn open(dir: &Path) -> Result<Result<Self, Unusable>, Error> {
        let video_dir = kind_dir(dir, Kind::Video);
        remove_litter(&video_dir).map_err(Error::io("removing temporary files in", &video_dir))?;
        let (schema, fields) = VideoFields::build();
        let (videos, committed) = match open_index(dir, &video_dir, &schema) {
            Ok(opened) => opened,
            Err(unusable) => return Ok(Err(unusable)),
        };
        Self::start(videos, fields, committed, None).map(Ok)
    }

    fn start(
        videos: Index,
        fields: VideoFields,
        committed: Offset,
        remembered: Option<HashSet<u64>>,
    ) -> Result<Self, Error> {
        analysis::register(videos.tokenizers());
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .num_merge_threads(1)
            .build();
        let video_writer: IndexWriter =
            videos.writer_with_options(options).map_err(Error::tantivy("opening the video index for writing"))?;
        let mut policy = LogMergePolicy::default();
        // Tantivy's default never merges because of deletions, and every update is one.
        policy.set_del_docs_ratio_before_merge(0.3);
        policy.set_min_num_segments(8);
        policy.set_min_layer_size(10_000);
        video_writer.set_merge_policy(Box::new(policy));
        Ok(Self { videos, fields, video_writer, committed, n_uncommitted: 0, remembered })
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
            match change.kind {
                Kind::Video => self.apply_video(change)?,
                Kind::Channel | Kind::Playlist | Kind::Event | Kind::Group => {}
            }
        }
        Ok(())
    }

    fn apply_video(&mut self, change: Change) -> Result<(), Error> {
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
            self.video_writer.delete_term(Term::from_field_text(self.fields.key, &change.key));
        }
        if let Some(document) = change.document {
            self.video_writer.add_document(document).map_err(Error::tantivy("adding a video to the index"))?;
        }
        Ok(())
    }

    /// Makes all changes durable, together with the offset that they reach. The only place that commits: a commit
    /// without its payload would lose the place in the journal.
    pub(crate) fn commit(&mut self, through: Offset) -> Result<(), Error> {
        let mut prepared = self.video_writer.prepare_commit().map_err(Error::tantivy("committing the video index"))?;
        prepared.set_payload(&through.to_string());
        prepared.commit().map_err(Error::tantivy("committing the video index"))?;
        self.committed = through;
        self.n_uncommitted = 0;
        Ok(())
    }

    /// Merges all segments into one: a search looks up every term in every segment, and each segment has a dictionary of
    /// its own. Worth its time after a build of everything, not while the journal is followed.
    pub(crate) fn merge_all(&mut self) -> Result<(), Error> {
        const ACTION: &str = "merging the segments of the video index";
        let segments = self.videos.searchable_segment_ids().map_err(Error::tantivy(ACTION))?;
        if segments.len() > 1 {
            self.video_writer.merge(&segments).wait().map_err(Error::tantivy(ACTION))?;
        }
        Ok(())
    }

    /// Waits for running merges and ends the writer. Uncommitted changes are lost.
    pub(crate) fn close(self) -> Result<(), Error> {
        self.video_writer.wait_merging_threads().map_err(Error::tantivy("merging segments of the video index"))
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

fn open_index(dir: &Path, video_dir: &Path, schema: &Schema) -> Result<(Index, Offset), Unusable> {
    let format =
        fs::read(dir.join(FORMAT)).map_err(|error| Unusable(format!("its {FORMAT} cannot be read: {error}")))?;
    let format: Format =
        serde_json::from_slice(&format).map_err(|error| Unusable(format!("its {FORMAT} is not ours: {error}")))?;
    if format.schema_version != SCHEMA_VERSION {
        return Err(Unusable(format!("it has schema {}, this build writes {SCHEMA_VERSION}", format.schema_version)));
    }
    let unreadable = |error: tantivy::TantivyError| Unusable(format!("it cannot be read: {error}"));
    let index = Index::open_in_dir(video_dir).map_err(unreadable)?;
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
            document.add_text(live.fields.key, key);
            Change { kind: Kind::Video, key: (*key).to_owned(), document: Some(document) }
        };
        Batch { changes: keys.iter().map(change).collect(), n_entries: keys.len() as u64, through: Offset::ZERO }
    }

    fn n_documents(live: &LiveIndex) -> u64 {
        live.videos.reader().unwrap().searcher().num_docs()
    }

    #[test]
    fn what_was_not_committed_is_lost_and_what_was_stays() {
        let dir = tempfile::tempdir().unwrap();
        let dir = &dir.path().join("live");
        let mut live = LiveIndex::create(dir).unwrap();
        live.apply(batch(&live, &["a", "b"])).unwrap();
        live.commit(Offset(7)).unwrap();
        live.apply(batch(&live, &["c", "d"])).unwrap();
        // As a killed process leaves it: no commit, no close.
        drop(live);
        let mut live = LiveIndex::open(dir).unwrap().unwrap();
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
        let mut live = LiveIndex::create(dir).unwrap();
        for n in 1..=20 {
            live.apply(batch(&live, &[&format!("key {n}")])).unwrap();
            live.commit(Offset(n)).unwrap();
        }
        live.close().unwrap();
        let live = LiveIndex::open(dir).unwrap().unwrap();
        assert!(live.videos.searchable_segment_ids().unwrap().len() < 20, "segments were merged");
        assert_eq!((live.committed(), n_documents(&live)), (Offset(20), 20));
    }
}
