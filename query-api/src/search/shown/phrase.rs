//! Words that stand side by side in a document.

use allowlist::rules::RecordKind;
use indexer::analysis::{FoldTokenizer, plain_text};
use indexer::stored::{StoredActor, StoredChannel, StoredEvent, StoredGroup, StoredPlaylist, StoredVideo};
use serde::de::DeserializeOwned;
use tantivy::query::{EnableScoring, PhraseQuery, Query};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::tokenizer::{TokenStream, Tokenizer};
use tantivy::{DocSet, TERMINATED, TantivyDocument, Term};

use super::fields::RuleFields;
use crate::search::bits::Bits;
use crate::search::segment::Segment;

/// Blocks of stored documents kept while candidates are read.
const N_BLOCKS: usize = 16;

/// What of a document the index knows the words of without their places.
#[derive(Clone, Copy)]
enum Part {
    Tags,
    Names,
    Description,
}

/// Adds the documents in which the terms of any of the phrases stand side by side.
pub(super) fn add_docs(
    segment: &Segment,
    fields: &RuleFields,
    phrases: &[Vec<String>],
    bits: &mut Bits,
) -> tantivy::Result<()> {
    for phrase in phrases {
        match phrase.as_slice() {
            [] => {}
            [term] => {
                for field in fields.words() {
                    add_postings(segment, &Term::from_field_text(field, term), bits)?;
                }
            }
            terms => add_phrase(segment, fields, terms, bits)?,
        }
    }
    Ok(())
}

fn add_phrase(segment: &Segment, fields: &RuleFields, terms: &[String], bits: &mut Bits) -> tantivy::Result<()> {
    let mut found = Bits::none(segment.n_docs());
    for field in [fields.title, fields.description] {
        let terms = terms.iter().map(|term| Term::from_field_text(field, term)).collect();
        let scoring = EnableScoring::disabled_from_schema(segment.reader.schema());
        let mut docs = PhraseQuery::new(terms).weight(scoring)?.scorer(&segment.reader, 1.0)?;
        let mut doc = docs.doc();
        while doc != TERMINATED {
            found.insert(doc);
            doc = docs.advance();
        }
    }
    for (part, within, needed) in [
        (Part::Tags, fields.tags.as_slice(), fields.tags),
        (Part::Names, std::slice::from_ref(&fields.names), Some(fields.names)),
        // Where no word is beyond the beginning of the description, its places have told everything.
        (
            Part::Description,
            &[fields.description, fields.description_rest.unwrap_or(fields.description)],
            fields.description_rest,
        ),
    ] {
        let Some(needed) = needed else { continue };
        let mut candidates = with_every_term(segment, within, terms)?;
        let mut beyond = Bits::none(segment.n_docs());
        for term in terms {
            add_postings(segment, &Term::from_field_text(needed, term), &mut beyond)?;
        }
        candidates.intersect(&beyond);
        candidates.subtract(&found);
        read_candidates(segment, fields, part, terms, &candidates, &mut found)?;
    }
    bits.unite(&found);
    Ok(())
}

/// The documents that have every term in some of the fields.
fn with_every_term(segment: &Segment, fields: &[Field], terms: &[String]) -> tantivy::Result<Bits> {
    let mut all = Bits::all(segment.n_docs());
    for term in terms {
        let mut any = Bits::none(segment.n_docs());
        for field in fields {
            add_postings(segment, &Term::from_field_text(*field, term), &mut any)?;
        }
        all.intersect(&any);
    }
    Ok(all)
}

fn add_postings(segment: &Segment, term: &Term, bits: &mut Bits) -> tantivy::Result<()> {
    let index = segment.reader.inverted_index(term.field())?;
    if let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? {
        let mut doc = postings.doc();
        while doc != TERMINATED {
            bits.insert(doc);
            doc = postings.advance();
        }
    }
    Ok(())
}

/// Reads the stored form of the candidates, because the index does not know where their words stand.
fn read_candidates(
    segment: &Segment,
    fields: &RuleFields,
    part: Part,
    terms: &[String],
    candidates: &Bits,
    found: &mut Bits,
) -> tantivy::Result<()> {
    if candidates.count() == 0 {
        return Ok(());
    }
    let store = segment.reader.get_store_reader(N_BLOCKS)?;
    let mut tokenizer = FoldTokenizer::default();
    for doc in candidates.iter() {
        let document: TantivyDocument = store.get(doc)?;
        let bytes = document.get_first(fields.doc).and_then(|value| value.as_bytes()).unwrap_or_default();
        let texts = texts(fields.kind, part, bytes).map_err(|error| {
            tantivy::TantivyError::InternalError(format!("the stored part of document {doc} is not ours: {error}"))
        })?;
        if texts.iter().any(|text| stand_side_by_side(&mut tokenizer, text, terms)) {
            found.insert(doc);
        }
    }
    Ok(())
}

/// The texts of a part of a stored document; words of two of them are not side by side.
fn texts(kind: RecordKind, part: Part, bytes: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
    fn names<'a>(actors: impl IntoIterator<Item = &'a StoredActor>) -> Vec<String> {
        let both = |actor: &StoredActor| [actor.display_name().to_owned(), actor.name.clone()];
        actors.into_iter().flat_map(both).collect()
    }
    Ok(match kind {
        RecordKind::Video => {
            let video: StoredVideo = read(bytes)?;
            match part {
                Part::Tags => video.tags,
                Part::Names => names([&video.channel, &video.account]),
                Part::Description => video.best_description().map(str::to_owned).into_iter().collect(),
            }
        }
        RecordKind::Event => {
            let event: StoredEvent = read(bytes)?;
            match part {
                Part::Tags => event.tags,
                Part::Names => names(event.organizer.iter().chain(&event.group).map(|hosted| &hosted.actor)),
                Part::Description => event.description.as_deref().map(plain_text).into_iter().collect(),
            }
        }
        RecordKind::Channel => {
            let channel: StoredChannel = read(bytes)?;
            names([&channel.actor, &channel.owner.actor])
        }
        RecordKind::Playlist => {
            let playlist: StoredPlaylist = read(bytes)?;
            names(playlist.channel.iter().chain([&playlist.owner]))
        }
        RecordKind::Group => {
            let group: StoredGroup = read(bytes)?;
            names([&group.actor])
        }
    })
}

/// Whether the terms follow each other somewhere in a text.
fn stand_side_by_side(tokenizer: &mut FoldTokenizer, text: &str, terms: &[String]) -> bool {
    let mut stream = tokenizer.token_stream(text);
    let mut found: Vec<(usize, String)> = Vec::new();
    while stream.advance() {
        let token = stream.token();
        if terms.contains(&token.text) {
            found.push((token.position, token.text.clone()));
        }
    }
    let stands = |at: usize, term: &String| found.iter().any(|(position, text)| *position == at && text == term);
    let starts = found.iter().filter(|(_, text)| Some(text) == terms.first()).map(|(position, _)| *position);
    starts.into_iter().any(|start| terms.iter().enumerate().all(|(nth, term)| stands(start + nth, term)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_must_follow_each_other() {
        let mut tokenizer = FoldTokenizer::default();
        let mut stands =
            |text: &str, words: &str| stand_side_by_side(&mut tokenizer, text, &indexer::analysis::fold(words));
        assert!(stands("Buy NOW, or never", "buy now"));
        assert!(!stands("now buy", "buy now") && !stands("buy it now", "buy now") && !stands("buy", "buy now"));
        assert!(stands("buy buy now", "buy now") && stands("a bye bye b", "bye bye") && !stands("bye", "bye bye"));
        assert!(stands("大日本語学", "日本語"));
    }
}
