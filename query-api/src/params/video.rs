//! The parameters of the video search (contract of the search-index, PeerTube 2.4 to 8.2).

use std::collections::BTreeSet;

use indexer::analysis;

use super::reader::{MAX_VALUES, Reader};
use super::value;
use super::{ParamsError, RawParams};
use crate::query::{Bounds, Nsfw, SortKey, VideoFilter, VideoQuery};

/// Reads and checks the parameters of a video search. Unknown ones are ignored, and so are those that PeerTube
/// forwards and that mean nothing to an index (`isLocal`, `skipCount`, `hasHLSFiles` and the like).
///
/// # Errors
/// [`ParamsError::Invalid`] with every wrong parameter at once, [`ParamsError::TooLarge`] for a mute list over 10 000.
pub fn read_video_query(params: &RawParams) -> Result<VideoQuery, ParamsError> {
    Reader::run(params, Reader::video_query)
}

impl Reader<'_> {
    fn video_query(&mut self) -> Result<VideoQuery, ParamsError> {
        let (start, count) = self.page();
        Ok(VideoQuery {
            text: self.search_text(),
            start,
            count,
            sort: self.sort(sort_key),
            boost_languages: self.list("boostLanguages", "Should have a valid boostLanguages array", MAX_VALUES),
            filter: VideoFilter {
                nsfw: self.nsfw(),
                nsfw_flags_included: self.flags("nsfwFlagsIncluded", "Should have a valid NSFW flags included"),
                nsfw_flags_excluded: self.flags("nsfwFlagsExcluded", "Should have a valid NSFW flags excluded"),
                is_live: self.read("isLive", "Should have a valid isLive boolean", value::boolean),
                origin: self.origin()?,
                categories: self.numbers("categoryOneOf", "Should have a valid one of category array"),
                licences: self.numbers("licenceOneOf", "Should have a valid one of licence array"),
                languages: self.list("languageOneOf", "Should have a valid one of language array", MAX_VALUES),
                tags_one_of: self.tags("tagsOneOf", "Should have a valid one of tags array"),
                tags_all_of: self.tags("tagsAllOf", "Should have a valid all of tags array"),
                published_ms: Bounds {
                    min: self.read("startDate", "Should have a valid start date", value::instant_ms),
                    max: self.read("endDate", "Should have a valid end date", value::instant_ms),
                },
                originally_published_ms: Bounds {
                    min: self.read(
                        "originallyPublishedStartDate",
                        "Should have a valid published start date",
                        value::instant_ms,
                    ),
                    max: self.read(
                        "originallyPublishedEndDate",
                        "Should have a valid published end date",
                        value::instant_ms,
                    ),
                },
                duration_s: Bounds {
                    min: self.read("durationMin", "Should have a valid min duration", value::integer),
                    max: self.read("durationMax", "Should have a valid max duration", value::integer),
                },
                uuids: self.uuids(),
            },
        })
    }

    fn nsfw(&mut self) -> Nsfw {
        let read = self.read("nsfw", "Should have a valid NSFW attribute", |value| {
            Some(match value::text(value)?.as_str() {
                "true" => Nsfw::Only,
                "false" => Nsfw::Hide,
                "both" => Nsfw::Show,
                _ => return None,
            })
        });
        read.unwrap_or_default()
    }

    fn flags(&mut self, param: &'static str, msg: &str) -> u32 {
        self.read(param, msg, |value| value::integer(value).and_then(|mask| u32::try_from(mask).ok())).unwrap_or(0)
    }

    fn tags(&mut self, param: &'static str, msg: &str) -> Vec<String> {
        let folded: BTreeSet<String> =
            self.list(param, msg, MAX_VALUES).iter().map(|tag| analysis::fold_whole(tag)).collect();
        folded.into_iter().collect()
    }

    fn numbers(&mut self, param: &'static str, msg: &str) -> Vec<i64> {
        let read = self.read(param, msg, value::integers);
        let set: BTreeSet<i64> = read.unwrap_or_default().into_iter().collect();
        if set.len() > MAX_VALUES {
            self.refuse(param, format!("{msg} (max: {MAX_VALUES} values)"));
            return Vec::new();
        }
        set.into_iter().collect()
    }
}

fn sort_key(name: &str) -> Option<SortKey> {
    Some(match name {
        "name" => SortKey::Name,
        "duration" => SortKey::Duration,
        "createdAt" => SortKey::CreatedAt,
        "publishedAt" => SortKey::PublishedAt,
        "originallyPublishedAt" => SortKey::OriginallyPublishedAt,
        "views" => SortKey::Views,
        "likes" => SortKey::Likes,
        "hot" => SortKey::Hot,
        _ => return None,
    })
}
