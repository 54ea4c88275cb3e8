//! Parameters of searches for what PeerTube has, and of those of every kind.

use utoipa::IntoParams;

/// Parameters of the video search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1`. Unknown ones are ignored.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct VideoSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Results to leave out; with `count` at most 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Results wanted.
    #[param(minimum = 0, maximum = 100, default = 15)]
    count: Option<u32>,
    /// One of `match name duration createdAt publishedAt originallyPublishedAt views likes hot`, with `-` for the
    /// greatest first.
    #[param(default = "-match")]
    sort: Option<String>,
    /// Only this instance.
    host: Option<String>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not these accounts, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// `true`, `false` or `both`.
    #[param(default = "both")]
    nsfw: Option<String>,
    /// Bit mask: shows these although `nsfw` is `false`.
    #[param(rename = "nsfwFlagsIncluded")]
    nsfw_flags_included: Option<u32>,
    /// Bit mask: never these.
    #[param(rename = "nsfwFlagsExcluded")]
    nsfw_flags_excluded: Option<u32>,
    /// Live or recorded.
    #[param(rename = "isLive")]
    is_live: Option<bool>,
    /// Any of these categories.
    #[param(rename = "categoryOneOf")]
    category_one_of: Option<Vec<i64>>,
    /// Any of these licences.
    #[param(rename = "licenceOneOf")]
    licence_one_of: Option<Vec<i64>>,
    /// Any of these languages; `_unknown` for none.
    #[param(rename = "languageOneOf")]
    language_one_of: Option<Vec<String>>,
    /// Any of these tags, whatever their case.
    #[param(rename = "tagsOneOf")]
    tags_one_of: Option<Vec<String>>,
    /// All of these tags, whatever their case.
    #[param(rename = "tagsAllOf")]
    tags_all_of: Option<Vec<String>>,
    /// Other languages count half. Never a filter.
    #[param(rename = "boostLanguages")]
    boost_languages: Option<Vec<String>>,
    /// Published at or after; ISO 8601.
    #[param(rename = "startDate")]
    start_date: Option<String>,
    /// Published at or before.
    #[param(rename = "endDate")]
    end_date: Option<String>,
    /// First published at or after.
    #[param(rename = "originallyPublishedStartDate")]
    originally_published_start_date: Option<String>,
    /// First published at or before.
    #[param(rename = "originallyPublishedEndDate")]
    originally_published_end_date: Option<String>,
    /// Seconds, at least.
    #[param(rename = "durationMin")]
    duration_min: Option<i64>,
    /// Seconds, at most.
    #[param(rename = "durationMax")]
    duration_max: Option<i64>,
    /// Any of these videos, by UUID or short UUID.
    uuids: Option<Vec<String>>,
}

/// Parameters of the channel search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1`. Unknown ones are ignored.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct ChannelSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Results to leave out; with `count` at most 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Results wanted.
    #[param(minimum = 0, maximum = 100, default = 15)]
    count: Option<u32>,
    /// One of `match displayName createdAt`, with `-` for the greatest first; `displayName` is the display name.
    #[param(default = "-match")]
    sort: Option<String>,
    /// Only this instance.
    host: Option<String>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not those owned by these accounts, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these channels, `name@host`; one without a host matches nothing.
    handles: Option<Vec<String>>,
}

/// Parameters of the playlist search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1`. Unknown ones are ignored.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct PlaylistSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Results to leave out; with `count` at most 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// Results wanted.
    #[param(minimum = 0, maximum = 100, default = 15)]
    count: Option<u32>,
    /// One of `match displayName createdAt`, with `-` for the greatest first; `displayName` is the title.
    #[param(default = "-match")]
    sort: Option<String>,
    /// Only this instance.
    host: Option<String>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not those owned by these accounts, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these playlists, by UUID or short UUID.
    uuids: Option<Vec<String>>,
}

/// Parameters of the search of every kind that it has beside those of the video search. Of those, `count` is 10 and `nsfw`
/// is `false` when absent.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct NativeSearchParams {
    /// The same as `search`.
    #[param(max_length = 512)]
    q: Option<String>,
    /// Some of `video channel playlist event group`; may be written with commas. Absent: all.
    kinds: Option<Vec<String>>,
    /// Any of these channels, `name@host`; leaves the other kinds out.
    handles: Option<Vec<String>>,
    /// What to count: `all`, or some of `category licence language tag host duration published isLive nsfw status joinMode
    /// isOnline hasFreePlaces openness`; may be written with commas. Each kind has some of them. Absent: nothing.
    facets: Option<Vec<String>>,
    /// Most values of one facet; chosen ones come on top.
    #[param(rename = "facetSize", minimum = 1, maximum = 100, default = 20)]
    facet_size: Option<u32>,
    /// Whether results come with excerpts in which the words are marked.
    #[param(default = true)]
    highlight: Option<bool>,
}

/// Parameters of the suggestions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct SuggestParams {
    /// What was typed so far. Absent or empty: no suggestion.
    #[param(max_length = 512)]
    q: Option<String>,
    /// The same as `q`.
    #[param(max_length = 512)]
    search: Option<String>,
    /// Suggestions wanted.
    #[param(minimum = 0, maximum = 20, default = 8)]
    count: Option<u32>,
    /// `json` or `opensearch`; absent: what `Accept` asks for, else `json`.
    format: Option<String>,
}
