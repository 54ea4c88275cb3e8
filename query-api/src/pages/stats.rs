//! `/stats`: what the index holds and how well it follows its instances.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::chart::Chart;
use super::{Frame, grouped, refused, render};
use crate::http::{QueryApi, Refusal, gather_statistics, stamp};
use crate::pages::form::SearchForm;

#[derive(Template)]
#[template(path = "stats.html")]
struct StatsPage<'a> {
    frame: Frame<'a>,
    /// Kinds of documents with their number.
    documents: [(&'static str, String); 5],
    /// How many instances there are, how many are well, failing and left out; `None` where nobody crawls.
    instances: Option<[String; 4]>,
    /// When the instances were counted: for machines, and for people.
    known_at: Option<(String, String)>,
    charts: Vec<Chart>,
}

/// The figures, as tables with bars.
pub(crate) async fn show_stats(State(api): State<Arc<QueryApi>>) -> Response {
    let index = match api.current() {
        Err(refusal @ Refusal::Undecided) => {
            return refused(&api, SearchForm::default(), refusal.status(), vec![refusal.sentence()]);
        }
        current => current.ok(),
    };
    let (documents, statistics) = match gather_statistics(&api, index.clone()).await {
        Ok(gathered) => gathered,
        Err(refusal) => return refused(&api, SearchForm::default(), refusal.status(), vec![refusal.sentence()]),
    };
    let mut charts = Vec::new();
    if statistics.known_at.is_some() {
        charts = vec![
            Chart::of_bins("Last answer of use from the instances", "When", &statistics.freshness),
            Chart::of_bins("Results to be found per instance", "Results", &statistics.sizes),
            Chart::of_ranked("Instances by status", "Status", &statistics.statuses, spoken),
            Chart::of_ranked("Failures of the last 24 hours", "Failure", &statistics.failures, spoken),
            Chart::of_ranked("Instances by software", "Software", &statistics.software, str::to_owned),
        ];
        charts.retain(|chart| !chart.rows.is_empty());
    }
    let conditions = statistics.conditions;
    let page = StatsPage {
        frame: Frame::new(&api.config),
        documents: [
            ("videos", grouped(documents.videos)),
            ("channels", grouped(documents.channels)),
            ("playlists", grouped(documents.playlists)),
            ("events", grouped(documents.events)),
            ("groups", grouped(documents.groups)),
        ],
        instances: statistics
            .known_at
            .map(|_| [statistics.n_instances, conditions.well, conditions.failing, conditions.left_out].map(grouped)),
        known_at: statistics.known_at.map(|at| (format!("{at:.0}"), at.strftime("%-d %B %Y, %H:%M UTC").to_string())),
        charts,
    };
    let response = render(StatusCode::OK, &page);
    match index {
        Some(index) => stamp(response, &index),
        None => response,
    }
}

/// A code as words.
fn spoken(code: &str) -> String {
    code.replace(['-', '_'], " ")
}
