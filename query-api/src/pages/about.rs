//! `/about`: what this index is, the rules in force, and what they hide.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::{Frame, grouped, render};
use crate::http::{QueryApi, gather_rules, stamp};
use crate::wire::{HiddenReasonObject, RulesObject};

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage<'a> {
    frame: Frame<'a>,
    description: &'a str,
    contact: Option<&'a str>,
    n_videos: String,
    n_events: String,
    n_hosts: String,
    /// `None` while nothing can be said of them.
    rules: Option<RulesObject>,
    /// Why something is hidden, and how much; the largest first.
    hidden: Vec<(String, String)>,
}

/// What this index is.
pub(crate) async fn show_about(State(api): State<Arc<QueryApi>>) -> Response {
    let index = api.current().ok();
    let rules = match &index {
        Some(index) => gather_rules(&api, index).await.ok(),
        None => None,
    };
    let totals = index.as_ref().map(|index| index.totals()).unwrap_or_default();
    let page = AboutPage {
        frame: Frame::new(&api.config),
        description: &api.config.description,
        contact: api.config.contact.as_deref(),
        n_videos: grouped(totals.videos),
        n_events: grouped(totals.events),
        n_hosts: grouped(index.as_ref().map_or(0, |index| index.n_hosts() as u64)),
        hidden: rules.as_ref().map(|rules| hidden(&rules.hidden_by_reason)).unwrap_or_default(),
        rules,
    };
    let response = render(StatusCode::OK, &page);
    match index {
        Some(index) => stamp(response, &index),
        None => response,
    }
}

/// Reasons in words, with the number of documents: equal reasons of several files together.
fn hidden(reasons: &[HiddenReasonObject]) -> Vec<(String, String)> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for reason in reasons {
        let documents = &reason.documents;
        let n = documents.videos + documents.channels + documents.playlists + documents.events + documents.groups;
        let what = sentence(reason);
        match counts.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += n,
            None => counts.push((what, n)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(what, count)| (what, grouped(count))).collect()
}

fn sentence(reason: &HiddenReasonObject) -> String {
    match (reason.by, reason.key) {
        ("moderation", _) => "hidden by a decision of the moderators".to_owned(),
        (_, "floods") => "too many of one source on one day".to_owned(),
        (_, "empty") => "channels, playlists and groups with nothing to show in them".to_owned(),
        (_, "nsfw") => "not safe for work".to_owned(),
        (_, "words") => match &reason.list {
            Some(list) => format!("words of the list “{list}”"),
            None => "words of a list".to_owned(),
        },
        (_, "kinds") => "of a kind that is not shown".to_owned(),
        (_, "hosts") => "of instances that are left out".to_owned(),
        (_, "languages") => "in another language".to_owned(),
        (_, "categories") => "of another category".to_owned(),
        (_, "licences") => "under another licence".to_owned(),
        (_, "tags") => "by their tags".to_owned(),
        (_, "regions") => "in another place, or without one".to_owned(),
        (_, "min_duration") => "too short".to_owned(),
        (_, "max_duration") => "too long".to_owned(),
        (_, "since" | "max_age") => "too old".to_owned(),
        (_, "nsfw_flags") => "flagged as explicit or violent".to_owned(),
        (_, "accounts" | "channels" | "groups") => "of accounts, channels or groups that are left out".to_owned(),
        (_, key) => format!("by {}", key.replace('_', " ")),
    }
}
