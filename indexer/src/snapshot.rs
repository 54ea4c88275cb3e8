//! An immutable, published index, opened for reading by any number of processes.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use journal::Kind;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::schema::Schema;
use tantivy::{Directory, Index, ReloadPolicy, Searcher, TantivyError};

use crate::analysis;
use crate::layout::{Layout, kind_dir};
use crate::read_only::ReadOnlyDirectory;
use crate::schema::{ChannelFields, EventFields, GroupFields, PlaylistFields, SCHEMA_VERSION, VideoFields};

/// `manifest.json` of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The number of the generation, strictly increasing.
    pub generation: u64,
    /// [`crate::schema::SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The last journal offset that the documents reflect.
    pub journal_offset: u64,
    /// When it was published.
    pub published_at: Timestamp,
    /// Documents of the video index.
    pub n_videos: u64,
    /// Documents of the channel index.
    #[serde(default)]
    pub n_channels: u64,
    /// Documents of the playlist index.
    #[serde(default)]
    pub n_playlists: u64,
    /// Documents of the event index.
    #[serde(default)]
    pub n_events: u64,
    /// Documents of the group index.
    #[serde(default)]
    pub n_groups: u64,
    /// [`allowlist::rules::Rules::conditions_digest`] of the rules that left documents out; absent where everything is indexed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rules: Option<String>,
}

/// Name of the manifest in the folder of a generation.
pub(crate) const MANIFEST: &str = "manifest.json";

/// One generation, opened. Cheap to clone, safe to search from many threads. It stays readable after its folder was
/// collected.
#[derive(Clone)]
pub struct Snapshot {
    /// What the generation says of itself.
    pub manifest: Manifest,
    /// The video index.
    pub videos: Searcher,
    /// Fields of the video index.
    pub video_fields: VideoFields,
    /// The channel index.
    pub channels: Searcher,
    /// Fields of the channel index.
    pub channel_fields: ChannelFields,
    /// The playlist index.
    pub playlists: Searcher,
    /// Fields of the playlist index.
    pub playlist_fields: PlaylistFields,
    /// The event index.
    pub events: Searcher,
    /// Fields of the event index.
    pub event_fields: EventFields,
    /// The group index.
    pub groups: Searcher,
    /// Fields of the group index.
    pub group_fields: GroupFields,
}

/// A reader may lose a race with the collector once or twice, when it is much slower than the writer.
const N_ATTEMPTS: usize = 4;

impl Snapshot {
    /// Opens the generation that `{index_dir}/CURRENT` names. Takes milliseconds; reads no segment.
    ///
    /// # Errors
    /// [`SnapshotError::Missing`] before the first publication; otherwise as [`Snapshot::open`].
    pub fn open_current(index_dir: &Path) -> Result<Self, SnapshotError> {
        let mut attempt = 1;
        loop {
            let generation = Self::current_generation(index_dir)?.ok_or(SnapshotError::Missing)?;
            match Self::open(index_dir, generation) {
                // It was replaced and collected between the two steps: there is a newer one.
                Err(_) if attempt < N_ATTEMPTS && Self::current_generation(index_dir)? != Some(generation) => {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// Opens a generation by its number.
    ///
    /// # Errors
    /// [`SnapshotError::Schema`] for another schema version, [`SnapshotError::Unreadable`] when files are missing or
    /// damaged so that they cannot be opened, [`SnapshotError::Io`] and [`SnapshotError::Manifest`].
    pub fn open(index_dir: &Path, generation: u64) -> Result<Self, SnapshotError> {
        Self::open_dir(&Layout::new(index_dir).generation(generation))
    }

    /// The number in `{index_dir}/CURRENT`, without opening anything: cheap enough to poll. `None` before the first
    /// publication.
    ///
    /// # Errors
    /// [`SnapshotError::Io`], and [`SnapshotError::Current`] when the file holds no number.
    pub fn current_generation(index_dir: &Path) -> Result<Option<u64>, SnapshotError> {
        let path = Layout::new(index_dir).current();
        match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map(Some).map_err(|_| SnapshotError::Current { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SnapshotError::Io { path, source }),
        }
    }

    /// Reads every file of the generation and compares its checksum. About a second for every 2 GB in memory.
    ///
    /// # Errors
    /// [`SnapshotError::Damaged`] with the names of the files that differ, [`SnapshotError::Unreadable`] where one
    /// cannot be read at all.
    pub fn verify(&self) -> Result<(), SnapshotError> {
        let generation = self.manifest.generation;
        let unreadable = |source| SnapshotError::Unreadable { generation, source: Box::new(source) };
        let mut damaged = std::collections::BTreeSet::new();
        for searcher in [&self.videos, &self.channels, &self.playlists, &self.events, &self.groups] {
            let index = searcher.index();
            damaged.extend(index.validate_checksum().map_err(unreadable)?);
            // Tantivy only verifies the files that its list names, so the list must name them all.
            let listed = index.directory().list_managed_files();
            for file in index.load_metas().map_err(unreadable)?.list_segment_files() {
                if !listed.contains(&file) && index.directory().exists(&file).unwrap_or(true) {
                    damaged.insert(file);
                }
            }
        }
        if damaged.is_empty() {
            return Ok(());
        }
        let files = damaged.iter().map(|file| file.display().to_string()).collect();
        Err(SnapshotError::Damaged { generation, files })
    }

    pub(crate) fn open_dir(dir: &Path) -> Result<Self, SnapshotError> {
        let path = dir.join(MANIFEST);
        let bytes = fs::read(&path).map_err(|source| SnapshotError::Io { path: path.clone(), source })?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|source| SnapshotError::Manifest { path, source })?;
        let generation = manifest.generation;
        if manifest.schema_version != SCHEMA_VERSION {
            return Err(SnapshotError::Schema { generation, found: manifest.schema_version });
        }
        let open = |kind, schema: Schema| {
            let searcher = open_searcher(&kind_dir(dir, kind))
                .map_err(|source| SnapshotError::Unreadable { generation, source: Box::new(source) })?;
            if searcher.schema() == &schema { Ok(searcher) } else { Err(SnapshotError::Fields { generation }) }
        };
        let (video_schema, video_fields) = VideoFields::build();
        let (channel_schema, channel_fields) = ChannelFields::build();
        let (playlist_schema, playlist_fields) = PlaylistFields::build();
        let (event_schema, event_fields) = EventFields::build();
        let (group_schema, group_fields) = GroupFields::build();
        Ok(Self {
            videos: open(Kind::Video, video_schema)?,
            channels: open(Kind::Channel, channel_schema)?,
            playlists: open(Kind::Playlist, playlist_schema)?,
            events: open(Kind::Event, event_schema)?,
            groups: open(Kind::Group, group_schema)?,
            manifest,
            video_fields,
            channel_fields,
            playlist_fields,
            event_fields,
            group_fields,
        })
    }
}

fn open_searcher(dir: &Path) -> tantivy::Result<Searcher> {
    let index = Index::open(ReadOnlyDirectory(MmapDirectory::open(dir)?))?;
    analysis::register(index.tokenizers());
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok(reader.searcher())
}

/// Why a snapshot cannot be opened or trusted.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Nothing was published yet.
    #[error("no generation was published yet")]
    Missing,
    /// A file cannot be read.
    #[error("reading `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// `CURRENT` was edited or torn; publishing again repairs it.
    #[error("reading `{}`: it does not hold the number of a generation", path.display())]
    Current {
        /// The file.
        path: PathBuf,
    },
    /// The manifest is not ours.
    #[error("reading `{}`: {source}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with the JSON.
        #[source]
        source: serde_json::Error,
    },
    /// Another version wrote it.
    #[error("snapshot {generation} has schema {found}, this build reads {SCHEMA_VERSION}: run vigie index --rebuild")]
    Schema {
        /// The generation.
        generation: u64,
        /// Its schema version.
        found: u32,
    },
    /// The version is ours but the fields are not: a change that forgot to count the version up.
    #[error("snapshot {generation} has other fields than this build: run vigie index --rebuild")]
    Fields {
        /// The generation.
        generation: u64,
    },
    /// Tantivy cannot open it: a file is missing, cut or not readable for this user.
    #[error("opening snapshot {generation}: {source}")]
    Unreadable {
        /// The generation.
        generation: u64,
        /// Tantivy's own message.
        #[source]
        source: Box<TantivyError>,
    },
    /// Checksums differ.
    #[error("snapshot {generation} is damaged, run vigie index --rebuild: checksums differ in {}", files.join(", "))]
    Damaged {
        /// The generation.
        generation: u64,
        /// Names of the files, sorted.
        files: Vec<String>,
    },
}
