//! Publishing: the committed state of the live index becomes an immutable generation.
//!
//! The files are hard links, so a publication costs milliseconds and no space, whatever the size. A crash at any
//! point leaves `CURRENT` as it was, or as it shall be; both name whole generations.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use jiff::Timestamp;
use journal::Kind;
use tantivy::directory::META_LOCK;
use tantivy::{Directory, Index};

use crate::durable;
use crate::error::Error;
use crate::layout::{Layout, UNFINISHED, kind_dir};
use crate::live::LiveIndex;
use crate::schema::SCHEMA_VERSION;
use crate::snapshot::{MANIFEST, Manifest, Snapshot};

/// Publishes the last commit as the next generation and makes it current.
pub(crate) fn publish(layout: &Layout, live: &LiveIndex, now: Timestamp) -> Result<Manifest, Error> {
    let generation = newest(layout)?.max(Snapshot::current_generation(layout.root()).ok().flatten().unwrap_or(0)) + 1;
    let unfinished = layout.unfinished_generation(generation);
    durable::remove_dir(&unfinished).map_err(Error::io("removing", &unfinished))?;
    let link = |kind| link(live.index(kind)?, &kind_dir(&layout.live(), kind), &kind_dir(&unfinished, kind));
    let (videos, channels, playlists) = (link(Kind::Video)?, link(Kind::Channel)?, link(Kind::Playlist)?);
    let (events, groups) = (link(Kind::Event)?, link(Kind::Group)?);
    let journal_offset = [&videos, &channels, &playlists, &events, &groups].map(|linked| linked.journal_offset);
    let manifest = Manifest {
        generation,
        schema_version: SCHEMA_VERSION,
        journal_offset: journal_offset.into_iter().min().unwrap_or_default(),
        published_at: now,
        n_videos: videos.n_documents,
        n_channels: channels.n_documents,
        n_playlists: playlists.n_documents,
        n_events: events.n_documents,
        n_groups: groups.n_documents,
        rules: live.inclusion().rules.conditions_digest(),
    };
    let path = unfinished.join(MANIFEST);
    durable::write(&path, &serde_json::to_vec_pretty(&manifest).unwrap_or_default())
        .and_then(|()| durable::sync_dir(&unfinished))
        .map_err(Error::io("writing", path))?;
    // What cannot be opened must not become current.
    Snapshot::open_dir(&unfinished)?;
    let dir = layout.generation(generation);
    durable::rename(&unfinished, &dir).map_err(Error::io("renaming", unfinished))?;
    let current = layout.current();
    durable::replace(&current, format!("{generation:06}\n").as_bytes()).map_err(Error::io("writing", current))?;
    Ok(manifest)
}

/// Removes all but the newest `n_kept` generations, and unfinished ones. The current one always stays.
pub(crate) fn collect(layout: &Layout, n_kept: usize) -> Result<(), Error> {
    let current = Snapshot::current_generation(layout.root())?;
    let mut generations = list(layout)?;
    while generations.len() > n_kept.max(1) {
        let Some(oldest) = generations.pop_first() else { break };
        if Some(oldest) != current {
            let dir = layout.generation(oldest);
            durable::remove_dir(&dir).map_err(Error::io("removing", dir))?;
        }
    }
    Ok(())
}

/// Removes what a killed process did not finish.
pub(crate) fn remove_unfinished(layout: &Layout) -> Result<(), Error> {
    let parent = layout.generations();
    for name in names(&parent)? {
        if name.starts_with(UNFINISHED) {
            let dir = parent.join(name);
            durable::remove_dir(&dir).map_err(Error::io("removing", dir))?;
        }
    }
    Ok(())
}

fn newest(layout: &Layout) -> Result<u64, Error> {
    Ok(list(layout)?.last().copied().unwrap_or(0))
}

fn list(layout: &Layout) -> Result<BTreeSet<u64>, Error> {
    Ok(names(&layout.generations())?.iter().filter_map(|name| name.parse().ok()).collect())
}

fn names(dir: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::io("listing", dir))?,
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    entries.map(name).collect::<io::Result<_>>().map_err(Error::io("listing", dir))
}

/// What was linked.
struct Linked {
    journal_offset: u64,
    n_documents: u64,
}

/// Links the files of the last commit of `index`, which lives in `source`, into `dir`.
///
/// Tantivy's own lock keeps its collector away meanwhile. Its list of managed files is written too: checksums are
/// only verified of files that it names.
fn link(index: &Index, source: &Path, dir: &Path) -> Result<Linked, Error> {
    fs::create_dir_all(dir).map_err(Error::io("creating", dir))?;
    let mut managed = BTreeSet::from(["meta.json".to_owned()]);
    let metas = {
        let _lock = index
            .directory()
            .acquire_lock(&META_LOCK)
            .map_err(|error| tantivy::TantivyError::LockFailure(error, None))
            .map_err(Error::tantivy("locking the index"))?;
        let metas = index.load_metas().map_err(Error::tantivy("reading the segments of the index"))?;
        for file in metas.list_segment_files() {
            let name = file.to_string_lossy().into_owned();
            let from = source.join(&file);
            // The list also names files that this segment does not have, and the scratch file of the store.
            if name.ends_with(".store.temp") || !from.exists() {
                continue;
            }
            link_or_copy(&from, &dir.join(&file)).map_err(Error::io("linking", from))?;
            managed.insert(name);
        }
        metas
    };
    for (name, json) in [(".managed.json", serde_json::to_vec(&managed)), ("meta.json", serde_json::to_vec(&metas))] {
        let path = dir.join(name);
        json.map_err(io::Error::from)
            .and_then(|json| durable::write(&path, &json))
            .map_err(Error::io("writing", path))?;
    }
    durable::sync_dir(dir).map_err(Error::io("writing", dir))?;
    Ok(Linked {
        journal_offset: metas.payload.as_deref().and_then(|payload| payload.parse().ok()).unwrap_or(0),
        n_documents: metas.segments.iter().map(|segment| u64::from(segment.num_docs())).sum(),
    })
}

/// File systems without hard links cost a copy.
fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            fs::copy(from, to)?;
            fs::File::open(to)?.sync_all()
        }
        result => result,
    }
}
