//! The search form: what it shows, and the query it stands for.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::params::{Location, MAX_REACH, ParamError, ParamsError, RawParams};

/// Results of one page.
pub(super) const PAGE_SIZE: usize = 20;

/// Beyond it no page has results.
const MAX_PAGE: usize = MAX_REACH / PAGE_SIZE;

const DAY_SECONDS: i64 = 86_400;

/// What stays readable in a link.
pub(super) const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One choice of a select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub value: &'static str,
    pub label: &'static str,
}

pub(super) const fn choice(value: &'static str, label: &'static str) -> Choice {
    Choice { value, label }
}

/// A filter in use, and how to be rid of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChosenFilter {
    pub label: String,
    /// The same search without this filter, at its first page.
    pub link_without: String,
}

/// The form as filled in. Values that are no choice of a select are kept, so that a link of an API client lands here
/// with its meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SearchForm {
    pub search: String,
    pub sort: String,
    pub language: String,
    pub nsfw: String,
    pub duration: String,
    pub published: String,
    pub host: String,
    pub is_unblurred: bool,
    pub page: usize,
}

impl SearchForm {
    pub const SORTS: &'static [Choice] = &[
        choice("", "Best match"),
        choice("-publishedAt", "Newest"),
        choice("publishedAt", "Oldest"),
        choice("-views", "Most watched"),
        choice("-likes", "Most liked"),
        choice("-duration", "Longest"),
        choice("duration", "Shortest"),
        choice("name", "Title"),
    ];

    pub const LANGUAGES: &'static [Choice] = &[
        choice("", "Any language"),
        choice("ar", "العربية"),
        choice("ca", "Català"),
        choice("cs", "Čeština"),
        choice("de", "Deutsch"),
        choice("el", "Ελληνικά"),
        choice("en", "English"),
        choice("eo", "Esperanto"),
        choice("es", "Español"),
        choice("eu", "Euskara"),
        choice("fi", "Suomi"),
        choice("fr", "Français"),
        choice("gl", "Galego"),
        choice("hu", "Magyar"),
        choice("it", "Italiano"),
        choice("ja", "日本語"),
        choice("ko", "한국어"),
        choice("nl", "Nederlands"),
        choice("oc", "Occitan"),
        choice("pl", "Polski"),
        choice("pt", "Português"),
        choice("ru", "Русский"),
        choice("sv", "Svenska"),
        choice("tr", "Türkçe"),
        choice("uk", "Українська"),
        choice("zh", "中文"),
        choice("zxx", "No speech"),
        choice("_unknown", "Not stated"),
    ];

    pub const NSFW: &'static [Choice] =
        &[choice("", "Hidden"), choice("both", "Shown, blurred"), choice("true", "Only these")];

    /// The same where it stands without its label.
    const NSFW_IN_USE: &'static [Choice] =
        &[choice("false", "Sensitive hidden"), choice("both", "Sensitive shown"), choice("true", "Sensitive only")];

    pub const DURATIONS: &'static [Choice] = &[
        choice("", "Any length"),
        choice("short", "Under 4 min"),
        choice("medium", "4 to 20 min"),
        choice("long", "Over 20 min"),
    ];

    pub const PUBLISHED: &'static [Choice] = &[
        choice("", "Any time"),
        choice("day", "Last 24 hours"),
        choice("week", "Last 7 days"),
        choice("month", "Last 30 days"),
        choice("year", "Last 12 months"),
    ];

    /// Reads the fields of the form; a wrong page is the first one.
    pub fn read(params: &RawParams) -> Self {
        let text = |name: &str| text_of(params, name);
        Self {
            search: text("search"),
            sort: text("sort"),
            language: text("languageOneOf"),
            nsfw: text("nsfw"),
            duration: text("duration"),
            published: text("published"),
            host: text("host"),
            is_unblurred: text("blur") == "off",
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    /// The parameters of the API that the form stands for. Fields left empty, as browsers send them, are none.
    pub fn to_params(&self, given: &RawParams, now: Timestamp) -> Result<RawParams, ParamsError> {
        let mut params = RawParams::default();
        for name in [
            "search",
            "sort",
            "host",
            "languageOneOf",
            "categoryOneOf",
            "licenceOneOf",
            "tagsOneOf",
            "tagsAllOf",
            "isLive",
            "startDate",
            "endDate",
            "durationMin",
            "durationMax",
            "boostLanguages",
        ] {
            if let Some((location, value)) = given.get(name)
                && !is_empty(value)
            {
                params.set(name, location, value.clone());
            }
        }
        let mut set = |name: &str, value: String| params.set(name, Location::Query, Value::String(value));
        if self.page > MAX_PAGE {
            return Err(too_far(self.page, MAX_PAGE));
        }
        set("start", ((self.page - 1) * PAGE_SIZE).to_string());
        set("count", PAGE_SIZE.to_string());
        set("nsfw", if self.nsfw.is_empty() { "false".to_owned() } else { self.nsfw.clone() });
        match self.duration.as_str() {
            "short" => set("durationMax", "239".to_owned()),
            "medium" => {
                set("durationMin", "240".to_owned());
                set("durationMax", "1200".to_owned());
            }
            "long" => set("durationMin", "1201".to_owned()),
            _ => {}
        }
        let n_days = match self.published.as_str() {
            "day" => Some(1),
            "week" => Some(7),
            "month" => Some(30),
            "year" => Some(365),
            _ => None,
        };
        if let Some(n_days) = n_days {
            // To the hour: visitors of the same hour ask the same question.
            let hour = now.as_second() - now.as_second().rem_euclid(3600);
            if let Ok(start) = Timestamp::from_second(hour - n_days * DAY_SECONDS) {
                set("startDate", start.to_string());
            }
        }
        Ok(params)
    }

    /// The filters in use, in the order of the form.
    pub fn chosen(&self) -> Vec<ChosenFilter> {
        let mut chosen = Vec::new();
        let mut add = |choices: &[Choice], value: &str, without: Self| {
            if !value.is_empty() {
                let label = choices.iter().find(|choice| choice.value == value).map_or(value, |choice| choice.label);
                chosen.push(ChosenFilter { label: label.to_owned(), link_without: without.link_to_page(1) });
            }
        };
        let this = || self.clone();
        add(Self::LANGUAGES, &self.language, Self { language: String::new(), ..this() });
        add(Self::SORTS, &self.sort, Self { sort: String::new(), ..this() });
        add(Self::DURATIONS, &self.duration, Self { duration: String::new(), ..this() });
        add(Self::PUBLISHED, &self.published, Self { published: String::new(), ..this() });
        add(Self::NSFW_IN_USE, &self.nsfw, Self { nsfw: String::new(), is_unblurred: false, ..this() });
        add(&[], &self.host, Self { host: String::new(), ..this() });
        chosen
    }

    /// Whether any filter is set.
    pub fn has_filter(&self) -> bool {
        ![&self.sort, &self.language, &self.nsfw, &self.duration, &self.published, &self.host]
            .iter()
            .all(|field| field.is_empty())
    }

    /// Whether videos that are not safe for work can be among the results.
    pub fn shows_nsfw(&self) -> bool {
        matches!(self.nsfw.as_str(), "both" | "true")
    }

    /// The same search without filters.
    pub fn link_without_filters(&self) -> String {
        Self { search: self.search.clone(), page: 1, ..Self::default() }.link()
    }

    /// The same search with pictures shown plainly or blurred.
    pub fn link_with_blur(&self, is_unblurred: bool) -> String {
        Self { is_unblurred, ..self.clone() }.link()
    }

    /// Another page of the same search.
    pub fn link_to_page(&self, page: usize) -> String {
        Self { page, ..self.clone() }.link()
    }

    fn link(&self) -> String {
        let mut link = format!("/search?search={}", utf8_percent_encode(&self.search, KEPT));
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let fields = [
            ("sort", self.sort.as_str()),
            ("languageOneOf", &self.language),
            ("nsfw", &self.nsfw),
            ("duration", &self.duration),
            ("published", &self.published),
            ("host", &self.host),
            ("blur", if self.is_unblurred { "off" } else { "" }),
            ("page", &page),
        ];
        for (name, value) in fields {
            if !value.is_empty() {
                link.push('&');
                link.push_str(name);
                link.push('=');
                link.extend(utf8_percent_encode(value, KEPT));
            }
        }
        link
    }
}

/// The first value of a field, trimmed; empty when there is none.
pub(super) fn text_of(params: &RawParams, name: &str) -> String {
    match params.get(name).map(|(_, value)| value) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Array(items)) => items.first().and_then(Value::as_str).unwrap_or_default().trim().to_owned(),
        _ => String::new(),
    }
}

/// The fault of a page beyond the last one that can be shown.
pub(super) fn too_far(page: usize, last: usize) -> ParamsError {
    ParamsError::Invalid(vec![ParamError {
        param: "page",
        location: Location::Query,
        msg: format!("only the first {last} pages can be shown; narrow the search instead"),
        value: page.into(),
    }])
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{parse_query_string, read_video_query};
    use crate::query::Nsfw;

    fn query(text: &str) -> crate::query::VideoQuery {
        let params = parse_query_string(text, Location::Query);
        let form = SearchForm::read(&params);
        read_video_query(&form.to_params(&params, Timestamp::from_second(1_700_000_000).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn an_empty_form_shows_what_is_safe_for_work() {
        let query = query("search=&sort=&languageOneOf=&nsfw=&duration=&published=&host=");
        assert_eq!(query.filter.nsfw, Nsfw::Hide);
        assert_eq!(query.text, None);
        assert_eq!((query.start, query.count), (0, PAGE_SIZE));
    }

    #[test]
    fn choices_become_parameters() {
        let query = query("search=a&nsfw=both&duration=medium&published=week&page=3");
        assert_eq!(query.filter.nsfw, Nsfw::Show);
        assert_eq!((query.filter.duration_s.min, query.filter.duration_s.max), (Some(240), Some(1200)));
        assert_eq!(query.filter.published_ms.min, Some((1_700_000_000 - 1_700_000_000 % 3600 - 7 * 86_400) * 1000));
        assert_eq!(query.start, 40);
    }

    #[test]
    fn links_carry_the_whole_search_and_nothing_else() {
        let params = parse_query_string("search=%22a%22+%26+b&nsfw=true&page=2&evil=%0d%0a", Location::Query);
        let form = SearchForm::read(&params);
        assert_eq!(form.link_to_page(3), "/search?search=%22a%22%20%26%20b&nsfw=true&page=3");
        assert_eq!(form.link_to_page(1), "/search?search=%22a%22%20%26%20b&nsfw=true");
    }

    #[test]
    fn each_filter_in_use_can_be_taken_away_alone() {
        let params = parse_query_string(
            "search=a&languageOneOf=fr&sort=-views&nsfw=both&blur=off&host=tube.example&page=4",
            Location::Query,
        );
        let chosen: Vec<_> =
            SearchForm::read(&params).chosen().into_iter().map(|f| (f.label, f.link_without)).collect();
        let labels: Vec<&str> = chosen.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Français", "Most watched", "Sensitive shown", "tube.example"]);
        assert_eq!(chosen[0].1, "/search?search=a&sort=-views&nsfw=both&host=tube.example&blur=off");
        assert_eq!(chosen[2].1, "/search?search=a&sort=-views&languageOneOf=fr&host=tube.example");
        assert_eq!(SearchForm::default().chosen(), []);
    }
}
