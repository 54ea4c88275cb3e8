//! Parameters of searches for events, groups and places.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// Parameters of the event search that say which page is wanted and in which order, and not what is found.
const PAGE_PARAMS: [&str; 5] = ["count", "start", "sort", "sortBy", "boostLanguages"];

/// Parameters of the event search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1` or `a=1,2`. Unknown ones are
/// ignored, and so is what makes no sense in `start`, `count`, `sort`, `search` and lists.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct EventSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything. Cut at 512 characters.
    search: Option<String>,
    /// Keeps what is not over at this time; ISO 8601.
    #[param(rename = "startDateMin")]
    start_date_min: Option<String>,
    /// With `startDateMin` keeps what has started by this time, alone what is over by then; ISO 8601.
    #[param(rename = "startDateMax")]
    start_date_max: Option<String>,
    /// Any of these categories, such as `MUSIC`.
    #[param(rename = "categoryOneOf")]
    category_one_of: Option<Vec<String>>,
    /// Any of these languages; only what stands before `_` or `-` counts, `und` is none.
    #[param(rename = "languageOneOf")]
    language_one_of: Option<Vec<String>>,
    /// Any of `TENTATIVE`, `CONFIRMED` and `CANCELLED`.
    #[param(rename = "statusOneOf")]
    status_one_of: Option<Vec<String>>,
    /// Around `latlon`: a number with `_km`, `_mi` or `_m`; kilometres without; `anywhere`. Nothing without `latlon`.
    #[param(default = "50_km")]
    distance: Option<String>,
    /// `latitude:longitude` in degrees.
    latlon: Option<String>,
    /// `north, west:south, east` in degrees.
    bbox: Option<String>,
    /// Results wanted; more than 1 000 are 1 000, 0 asks for the total alone.
    #[param(minimum = 0, maximum = 1000, default = 10)]
    count: Option<u32>,
    /// Results to leave out; pages reach the first 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// One of `match startTime createdAt participantCount distance name`, with `-` for the greatest first. Absent or
    /// unknown: `-match` with words, else `startTime`, and `-startTime` for what is over.
    sort: Option<String>,
    /// The same as `sort`.
    #[param(rename = "sortBy")]
    sort_by: Option<String>,
    /// Other languages count half, unknown ones never. Never a filter.
    #[param(rename = "boostLanguages")]
    boost_languages: Option<Vec<String>>,
    /// Online, perhaps besides a place, or not.
    #[param(rename = "isOnline")]
    is_online: Option<bool>,
    /// Any of these tags, whatever their case.
    #[param(rename = "tagsOneOf")]
    tags_one_of: Option<Vec<String>>,
    /// All of these tags, whatever their case.
    #[param(rename = "tagsAllOf")]
    tags_all_of: Option<Vec<String>>,
    /// Only these instances.
    #[param(rename = "hostOneOf")]
    host_one_of: Option<Vec<String>>,
    /// The same as `hostOneOf`.
    host: Option<Vec<String>>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Neither what these people made nor what belongs to these groups, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these groups, `name@host`.
    group: Option<Vec<String>>,
    /// Any of `free`, `restricted`, `invite` and `external`.
    #[param(rename = "joinMode")]
    join_mode: Option<Vec<String>>,
    /// Not known to be full, or known to be.
    #[param(rename = "hasFreePlaces")]
    has_free_places: Option<bool>,
    /// Longer than thirty days, or not.
    #[param(rename = "isLong")]
    is_long: Option<bool>,
    /// All of these: `wheelchair`, `subtitle`, `sign_language`, `smoke_free`.
    accessible: Option<Vec<String>>,
}

/// Those parameters of the event search that say what is found: maps and calendars have neither pages nor orders.
pub(in crate::http) struct EventFilterParams;

impl IntoParams for EventFilterParams {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let all = EventSearchParams::into_params(parameter_in);
        all.into_iter().filter(|param| !PAGE_PARAMS.contains(&param.name.as_str())).collect()
    }
}

/// Parameters of the group search. Lists may be written `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1` or `a=1,2`. Unknown ones are
/// ignored, and so is what makes no sense in `start`, `count`, `sort`, `search` and lists.
#[derive(IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct GroupSearchParams {
    /// Words; quotation marks make phrases, a dash leaves a word out. Absent: everything. Cut at 512 characters.
    search: Option<String>,
    /// Any of these languages, as far as that of the summary could be guessed; others pass.
    #[param(rename = "languageOneOf")]
    language_one_of: Option<Vec<String>>,
    /// Other languages count half, unknown ones never. Never a filter.
    #[param(rename = "boostLanguages")]
    boost_languages: Option<Vec<String>>,
    /// Around `latlon`: a number with `_km`, `_mi` or `_m`; kilometres without; `anywhere`. Nothing without `latlon`.
    #[param(default = "50_km")]
    distance: Option<String>,
    /// `latitude:longitude` in degrees.
    latlon: Option<String>,
    /// `north, west:south, east` in degrees.
    bbox: Option<String>,
    /// Results wanted; more than 1 000 are 1 000, 0 asks for the total alone.
    #[param(minimum = 0, maximum = 1000, default = 10)]
    count: Option<u32>,
    /// Results to leave out; pages reach the first 10 000.
    #[param(minimum = 0, default = 0)]
    start: Option<u32>,
    /// One of `match memberCount createdAt distance name`, with `-` for the greatest first. Absent or unknown: `-match` with
    /// words, else `-memberCount`.
    sort: Option<String>,
    /// The same as `sort`.
    #[param(rename = "sortBy")]
    sort_by: Option<String>,
    /// Any of `open`, `moderated` and `invite_only`.
    openness: Option<Vec<String>>,
    /// Only these instances.
    #[param(rename = "hostOneOf")]
    host_one_of: Option<Vec<String>>,
    /// The same as `hostOneOf`.
    host: Option<Vec<String>>,
    /// Not these instances.
    #[param(rename = "blockedHosts")]
    blocked_hosts: Option<Vec<String>>,
    /// Not these groups, `name@host`.
    #[param(rename = "blockedAccounts")]
    blocked_accounts: Option<Vec<String>>,
    /// Any of these groups, `name@host`.
    handles: Option<Vec<String>>,
    /// The same as `handles`.
    group: Option<Vec<String>>,
}

/// Parameters of the search of cities.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct PlaceParams {
    /// A name or its beginning, in any language; the country or region may follow a comma.
    #[param(max_length = 200)]
    q: String,
    /// The language that names are wanted in, such as `fr`. Absent: the names that GeoNames prefers.
    lang: Option<String>,
    /// Cities wanted.
    #[param(minimum = 0, maximum = 50, default = 10)]
    count: Option<u32>,
    /// `latitude,longitude` of the visitor: closer cities come before larger ones.
    near: Option<String>,
}

/// Parameters of our own searches for events that they have beside those of Mobilizon.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct DiscoveryParams {
    /// The same as `search`.
    #[param(max_length = 512)]
    q: Option<String>,
    /// `upcoming`, `today`, `tonight`, `tomorrow`, `weekend`, `week`, `month`, `this-week`, `next-week`, `this-month`,
    /// `next-month` or `past`; or a day (`2026-12-24`), or two (`2026-12-24..2026-12-26`).
    when: Option<String>,
    /// The zone that days are read in, such as `Europe/Paris`. Absent: that of the place, else UTC.
    tz: Option<String>,
    /// A place (`Lyon`, `Paris, Texas`) or `latitude,longitude`.
    near: Option<String>,
    /// How far around it, such as `25_km`, `15_mi` or `anywhere`.
    #[param(default = "25_km")]
    radius: Option<String>,
    /// The language that names of places are wanted in, such as `fr`.
    lang: Option<String>,
}

/// Parameters of the map that it has beside those of the search.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct MapParams {
    /// `events` or `groups`. Groups are found by words, languages, places, instances, mute lists and their names; what is
    /// said of times, categories and the like is about events, and nothing to groups.
    #[param(default = "events")]
    kind: Option<String>,
    /// Of groups: any of `open`, `moderated` and `invite_only`.
    openness: Option<Vec<String>>,
    /// Of groups: any of these, `name@host`.
    handles: Option<Vec<String>>,
    /// How near the map shows it; parts of a step are dropped.
    #[param(minimum = 0, maximum = 22, default = 3)]
    zoom: Option<f64>,
}

/// Filters of events and groups in the search of every kind. Each leaves the kinds out that cannot pass it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct HostedFilterParams {
    /// Of events: `upcoming`, `today`, `tonight`, `tomorrow`, `weekend`, `week`, `month`, `this-week`, `next-week`,
    /// `this-month`, `next-month` or `past`; or a day (`2026-12-24`), or two (`2026-12-24..2026-12-26`). Absent, and without dates:
    /// `upcoming`.
    when: Option<String>,
    /// The zone that days are read in, such as `Europe/Paris`. Absent: that of the place, else UTC.
    tz: Option<String>,
    /// A place (`Lyon`, `Paris, Texas`) or `latitude,longitude`.
    near: Option<String>,
    /// How far around it, such as `25_km`, `15_mi` or `anywhere`.
    #[param(default = "25_km")]
    radius: Option<String>,
    /// `north, west:south, east` in degrees.
    bbox: Option<String>,
    /// The language that names of places are wanted in, such as `fr`.
    lang: Option<String>,
    /// Of events: keeps what is not over at this time; ISO 8601.
    #[param(rename = "startDateMin")]
    start_date_min: Option<String>,
    /// Of events: with `startDateMin` keeps what has started by this time, alone what is over by then; ISO 8601.
    #[param(rename = "startDateMax")]
    start_date_max: Option<String>,
    /// Of events: any of `TENTATIVE`, `CONFIRMED` and `CANCELLED`. Absent: the first two.
    #[param(rename = "statusOneOf")]
    status_one_of: Option<Vec<String>>,
    /// Of events: online, perhaps besides a place, or not.
    #[param(rename = "isOnline")]
    is_online: Option<bool>,
    /// Of events: any of `free`, `restricted`, `invite` and `external`.
    #[param(rename = "joinMode")]
    join_mode: Option<Vec<String>>,
    /// Of events: not known to be full, or known to be.
    #[param(rename = "hasFreePlaces")]
    has_free_places: Option<bool>,
    /// Of events: longer than thirty days, or not.
    #[param(rename = "isLong")]
    is_long: Option<bool>,
    /// Of events: all of these: `wheelchair`, `subtitle`, `sign_language`, `smoke_free`.
    accessible: Option<Vec<String>>,
    /// Of groups: any of `open`, `moderated` and `invite_only`.
    openness: Option<Vec<String>>,
    /// Of events: `series` makes the occurrences of a series one result, the one that starts first.
    #[param(rename = "groupBy")]
    group_by: Option<String>,
    /// These groups, or events of these groups, `name@host`.
    group: Option<Vec<String>>,
}

/// Parameters of the list of categories.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one, leniently")]
pub(in crate::http) struct CategoryParams {
    /// `event`.
    #[param(default = "event")]
    kind: Option<String>,
    /// The language that labels are wanted in, such as `fr`. Absent or unknown: English.
    lang: Option<String>,
}
