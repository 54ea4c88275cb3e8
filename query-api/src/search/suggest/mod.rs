//! What a visitor may be about to type: titles, channels and tags, the best known first.
//!
//! Everything is bounded, whatever is typed: a look-up in a sorted dictionary for what begins with the text, a few dozen
//! posting lists for what contains its words.

mod frequent;
mod names;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use indexer::analysis;
use indexer::snapshot::Snapshot;
use indexer::stored::{StoredChannel, StoredVideo};
use tantivy::Term;
use tantivy::schema::Field;

use self::frequent::FrequentTerms;
use self::names::{BestKnown, Known, NamedSegment, Words};
use super::kind::KindIndex;
use super::{Deadline, SearchIndex};
use crate::error::Error;

/// Most words of a text that count: nobody types more into a box before choosing.
const MAX_WORDS: usize = 16;

/// Longest beginning of a title that is compared, in bytes: the index keeps as many.
const NAME_KEY_BYTES: usize = 64;

/// Tags whose videos are counted for one answer.
const MAX_TAG_CANDIDATES: usize = 48;

/// Handles looked at that begin with the text.
const MAX_HANDLES: usize = 512;

/// Something to search for or to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// The title of a video.
    Title {
        /// As its author wrote it.
        text: String,
        /// Address of the video on its origin.
        url: String,
    },
    /// A channel with at least one video that may be shown.
    Channel {
        /// Its display name.
        text: String,
        /// Address on its origin.
        url: String,
        /// `name@host`.
        handle: String,
        /// Videos that may be shown.
        n_videos: usize,
    },
    /// A tag.
    Tag {
        /// As one author wrote it.
        text: String,
        /// Videos that may be shown.
        n_videos: usize,
    },
}

impl Suggestion {
    /// What is shown and searched for.
    pub fn text(&self) -> &str {
        match self {
            Self::Title { text, .. } | Self::Channel { text, .. } | Self::Tag { text, .. } => text,
        }
    }
}

/// What one generation can suggest. Remembers per segment what is costly to know.
#[derive(Default)]
pub(super) struct Suggester {
    videos: Vec<NamedSegment>,
    channels: Vec<NamedSegment>,
    /// By segment of the video index.
    tags: Vec<OnceLock<Arc<FrequentTerms>>>,
}

impl Suggester {
    pub fn open(videos: &KindIndex, channels: &KindIndex, snapshot: &Snapshot) -> tantivy::Result<Self> {
        let (video, channel) = (&snapshot.video_fields, &snapshot.channel_fields);
        let safe = Term::from_field_u64(video.nsfw, 0);
        let mut suggester = Self::default();
        for segment in &videos.segments {
            suggester.videos.push(NamedSegment::open(segment, video.title, "views", Some(safe.clone()))?);
            suggester.tags.push(OnceLock::new());
        }
        for segment in &channels.segments {
            suggester.channels.push(NamedSegment::open(segment, channel.title, "followers", None)?);
        }
        Ok(suggester)
    }

    /// Takes over what an earlier generation knew of the same segments.
    pub fn inherit(&self, previous: &Self) {
        for (segments, known) in [(&self.videos, &previous.videos), (&self.channels, &previous.channels)] {
            for segment in segments {
                known.iter().filter(|known| known.id() == segment.id()).for_each(|known| segment.inherit(known));
            }
        }
        for (segment, tags) in self.videos.iter().zip(&self.tags) {
            for (known, known_tags) in previous.videos.iter().zip(&previous.tags) {
                if known.id() == segment.id()
                    && let Some(terms) = known_tags.get()
                {
                    // What was built meanwhile is the same.
                    let _ = tags.set(Arc::clone(terms));
                }
            }
        }
    }

    /// Reads the dictionaries now, so that no visitor waits for it.
    pub fn warm(&self, snapshot: &Snapshot) -> tantivy::Result<()> {
        for segment in self.videos.iter().chain(&self.channels) {
            segment.title_terms()?;
            segment.shown()?;
            segment.by_name();
            segment.by_fame();
        }
        for (segment, tags) in self.videos.iter().zip(&self.tags) {
            Self::tag_terms(segment, tags, snapshot.video_fields.tag)?;
        }
        Ok(())
    }

    fn tag_terms<'a>(
        segment: &NamedSegment,
        tags: &'a OnceLock<Arc<FrequentTerms>>,
        field: Field,
    ) -> tantivy::Result<&'a FrequentTerms> {
        if tags.get().is_none() {
            // Another thread may have been quicker, with the same result.
            let _ = tags.set(Arc::new(FrequentTerms::of(&segment.reader, field)?));
        }
        Ok(tags.get_or_init(Arc::default))
    }
}

/// What was typed, in the forms that it is looked up in.
struct Typed {
    /// Folded as a whole, as long as the index keeps titles; with a space when the last word is finished.
    beginning: String,
    /// Folded as a whole, as tags are.
    whole: String,
    words: Words,
    /// As the beginning of a handle.
    handle: Option<String>,
}

impl Typed {
    /// `None` when there is nothing that could be looked up.
    fn read(text: &str) -> Option<Self> {
        let mut terms = analysis::fold(text);
        if terms.is_empty() {
            return None;
        }
        terms.truncate(MAX_WORDS);
        // A space after the last word says that it is finished.
        let is_unfinished = text.ends_with(|last: char| !last.is_whitespace());
        let last = if is_unfinished { terms.pop() } else { None };
        terms.sort_unstable();
        terms.dedup();
        let whole = analysis::fold_whole(text);
        let beginning = if last.is_some() { whole.clone() } else { format!("{whole} ") };
        let handle = text.trim().trim_start_matches('@').to_lowercase();
        let is_handle = !handle.is_empty() && handle.len() <= 255 && !handle.contains(char::is_whitespace);
        Some(Self {
            beginning: cut(&beginning, NAME_KEY_BYTES).to_owned(),
            whole,
            words: Words { whole: terms, last },
            handle: is_handle.then_some(handle),
        })
    }
}

impl SearchIndex {
    /// At most `count` suggestions for what was typed: titles, then channels, then tags, each kind by how well known it is,
    /// those that begin with the text before those that contain its words. A quarter of the places is kept for channels
    /// and for tags each; what a kind cannot fill goes to the others. A text is suggested once within its kind.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the deadline; others when the files cannot be read.
    pub fn suggest(&self, text: &str, count: usize, deadline: Deadline) -> Result<Vec<Suggestion>, Error> {
        let Some(typed) = Typed::read(text) else {
            return Ok(Vec::new());
        };
        let mut titles = self.suggest_titles(&typed, count, deadline)?;
        let mut channels = self.suggest_channels(&typed, count, deadline)?;
        let mut tags = self.suggest_tags(&typed, count, deadline)?;
        let reserved = count.div_ceil(4);
        titles.truncate(count.saturating_sub(channels.len().min(reserved) + tags.len().min(reserved)));
        channels.truncate(count.saturating_sub(titles.len() + tags.len().min(reserved)));
        tags.truncate(count.saturating_sub(titles.len() + channels.len()));
        titles.append(&mut channels);
        titles.append(&mut tags);
        titles.truncate(count);
        Ok(titles)
    }

    fn suggest_titles(&self, typed: &Typed, count: usize, deadline: Deadline) -> Result<Vec<Suggestion>, Error> {
        let mut found = Vec::new();
        let mut texts = HashSet::new();
        self.best_known(&self.suggester.videos, None, typed, deadline, |known, is_enough| {
            let video: StoredVideo = self.videos.read(known.segment, known.doc)?;
            if texts.insert(analysis::fold_whole(&video.name)) {
                found.push(Suggestion::Title { url: video.url(), text: video.name });
            }
            *is_enough = found.len() >= count;
            Ok(())
        })?;
        Ok(found)
    }

    fn suggest_channels(&self, typed: &Typed, count: usize, deadline: Deadline) -> Result<Vec<Suggestion>, Error> {
        let mut found = Vec::new();
        let mut texts = HashSet::new();
        let handles = Some(self.snapshot.channel_fields.handle);
        self.best_known(&self.suggester.channels, handles, typed, deadline, |known, is_enough| {
            let channel: StoredChannel = self.channels.read(known.segment, known.doc)?;
            let handle = channel.handle();
            let term = Term::from_field_text(self.snapshot.video_fields.channel_handle, &handle);
            let n_videos = self.count_shown(&term)?.0;
            // A channel of which nothing may be shown is not shown either.
            if n_videos > 0 && texts.insert(analysis::fold_whole(channel.actor.display_name())) {
                let text = channel.actor.display_name().to_owned();
                found.push(Suggestion::Channel { text, url: channel.actor.url, handle, n_videos });
            }
            *is_enough = found.len() >= count;
            Ok(())
        })?;
        Ok(found)
    }

    /// Hands documents to `take`: first those that begin with the text, then those that contain its words, each the best
    /// known first, until it says that there are enough.
    fn best_known(
        &self,
        segments: &[NamedSegment],
        handles: Option<Field>,
        typed: &Typed,
        deadline: Deadline,
        mut take: impl FnMut(Known, &mut bool) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut seen: HashSet<(u32, u64)> = HashSet::new();
        let mut is_enough = false;
        for pass in [Pass::Beginning, Pass::Words] {
            let mut best = BestKnown::default();
            for segment in segments {
                deadline.check()?;
                let pushed = match pass {
                    Pass::Beginning => push_beginning(segment, handles, typed, &mut best),
                    Pass::Words => segment.push_with_words(&typed.words, &mut best),
                };
                pushed.map_err(|source| self.videos.engine(source))?;
            }
            for (known, name) in best.into_sorted() {
                deadline.check()?;
                // Those that begin with the text mostly have its words too.
                if name.is_none_or(|name| seen.insert((known.segment, name))) {
                    take(known, &mut is_enough)?;
                }
                if is_enough {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn suggest_tags(&self, typed: &Typed, count: usize, deadline: Deadline) -> Result<Vec<Suggestion>, Error> {
        let field = self.snapshot.video_fields.tag;
        let mut candidates = self.tag_candidates(&typed.whole, field)?;
        candidates.truncate(MAX_TAG_CANDIDATES.max(count));
        let mut counted = Vec::new();
        for (begins_later, tag) in candidates {
            deadline.check()?;
            let (n_videos, first) = self.count_shown(&Term::from_field_text(field, &tag))?;
            if let Some(first) = first {
                counted.push((begins_later, Reverse(n_videos), tag, first));
            }
        }
        counted.sort_unstable_by(|left, right| (left.0, left.1, &left.2).cmp(&(right.0, right.1, &right.2)));
        let mut found = Vec::new();
        for (_, Reverse(n_videos), tag, (segment, doc)) in counted.into_iter().take(count) {
            deadline.check()?;
            let video: StoredVideo = self.videos.read(segment, doc)?;
            let written = video.tags.into_iter().find(|written| analysis::fold_whole(written) == tag);
            found.push(Suggestion::Tag { text: written.unwrap_or(tag), n_videos });
        }
        Ok(found)
    }

    /// Tags that begin with the text, then frequent tags of which a later word does; each the most frequent first.
    fn tag_candidates(&self, beginning: &str, field: Field) -> Result<Vec<(bool, String)>, Error> {
        let later = format!(" {beginning}");
        let mut totals: std::collections::HashMap<(bool, String), u64> = std::collections::HashMap::new();
        for (segment, tags) in self.suggester.videos.iter().zip(&self.suggester.tags) {
            let frequent = Suggester::tag_terms(segment, tags, field).map_err(|source| self.videos.engine(source))?;
            let first = segment.beginning_with(field, frequent, beginning, MAX_TAG_CANDIDATES);
            for (tag, n_docs) in first.map_err(|source| self.videos.engine(source))? {
                *totals.entry((false, tag)).or_default() += u64::from(n_docs);
            }
            let mut n_taken = 0;
            for (tag, n_docs) in frequent.filter(|tag| tag.contains(&later)) {
                if n_taken == MAX_TAG_CANDIDATES {
                    break;
                }
                if segment.has_shown(field, tag).map_err(|source| self.videos.engine(source))? {
                    n_taken += 1;
                    if !tag.starts_with(beginning) {
                        *totals.entry((true, tag.to_owned())).or_default() += u64::from(n_docs);
                    }
                }
            }
        }
        let mut candidates: Vec<((bool, String), u64)> = totals.into_iter().collect();
        candidates.sort_unstable_by(|((left_later, left), left_docs), ((right_later, right), right_docs)| {
            (left_later, Reverse(left_docs), left).cmp(&(right_later, Reverse(right_docs), right))
        });
        Ok(candidates.into_iter().map(|(candidate, _)| candidate).collect())
    }

    /// How many videos that may be shown have the term, and one of them by segment and number.
    fn count_shown(&self, term: &Term) -> Result<(usize, Option<(u32, u32)>), Error> {
        let (mut total, mut first) = (0, None);
        for segment in &self.suggester.videos {
            let (n_docs, doc) = segment.shown_with(term).map_err(|source| self.videos.engine(source))?;
            total += n_docs;
            first = first.or(doc.map(|doc| (segment.ord, doc)));
        }
        Ok((total, first))
    }
}

#[derive(Clone, Copy)]
enum Pass {
    Beginning,
    Words,
}

fn push_beginning(
    segment: &NamedSegment,
    handles: Option<Field>,
    typed: &Typed,
    best: &mut BestKnown,
) -> tantivy::Result<()> {
    segment.push_beginning_with(&typed.beginning, best)?;
    let (Some(field), Some(handle)) = (handles, &typed.handle) else {
        return Ok(());
    };
    let mut end = handle.as_bytes().to_vec();
    end.push(u8::MAX);
    let index = segment.reader.inverted_index(field)?;
    let mut stream = index.terms().range().ge(handle.as_bytes()).lt(&end).into_stream()?;
    let mut n_seen = 0;
    while n_seen < MAX_HANDLES && stream.advance() {
        n_seen += 1;
        if let Ok(handle) = std::str::from_utf8(stream.key()) {
            segment.push_of_term(&Term::from_field_text(field, handle), best)?;
        }
    }
    Ok(())
}

/// The longest beginning of whole characters with at most `n_bytes` bytes.
fn cut(text: &str, n_bytes: usize) -> &str {
    let mut end = n_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
