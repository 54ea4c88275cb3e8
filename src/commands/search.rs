//! `vigie search`: the query API without a server.

use std::io::Write;

use anyhow::Context;
use indexer::Snapshot;
use query_api::params::{Location, ParamsError, RawParams, read_video_query};
use query_api::search;
use query_api::wire::VideoList;

use crate::commands::Unusable;

use crate::config::Config;
use crate::data::DataDir;

/// Runs `vigie search`.
///
/// # Errors
/// When nothing is published yet, or the text is not searchable.
pub fn run(config: &Config, words: &str, count: u32, json: bool) -> anyhow::Result<()> {
    let index_dir = DataDir::new(&config.data).index();
    let snapshot = Snapshot::open_current(&index_dir).with_context(|| {
        format!("opening the index below `{}`; run `vigie up` or `vigie index` first", index_dir.display())
    })?;
    let mut params = RawParams::default();
    params.set("search", Location::Query, words.into());
    params.set("count", Location::Query, count.into());
    let query = read_video_query(&params).map_err(|error| Unusable(describe(&error)))?;
    let page = search(&snapshot, &query)?;
    if json {
        let mut answer = VideoList::to_json(page)?;
        answer.push(b'\n');
        return std::io::stdout().write_all(&answer).context("printing the answer");
    }
    for hit in &page.hits {
        let video = &hit.video;
        println!("{}", video.name);
        println!("  {} · {} · {}", video.channel.display_name(), video.host, video.published_at.strftime("%Y-%m-%d"));
        println!("  {}", video.url());
    }
    eprintln!("vigie: {} of {} videos in generation {}", page.hits.len(), page.total, snapshot.manifest.generation);
    Ok(())
}

/// The faults on one line; the API tells them apart by parameter.
fn describe(error: &ParamsError) -> String {
    match error {
        ParamsError::Invalid(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("`{}`: {}", fault.param, fault.msg)).collect();
            format!("searching: {}", faults.join("; "))
        }
        ParamsError::TooLarge { param, limit } => format!("searching: `{param}` has more than {limit} entries"),
    }
}
