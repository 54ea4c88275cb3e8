//! The form for events: what it shows, and the query it stands for.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::super::form::{Choice, ChosenFilter, KEPT, PAGE_SIZE, choice, text_of, too_far};
use crate::params::{Location, MAX_REACH, ParamsError, RawParams, read_event_search};
use crate::places::{self, Place};
use crate::query::{EventQuery, Sort, SortKey};
use crate::time::DatePreset;

/// Kilometres around a place where the visitor does not say.
const DEFAULT_RADIUS_KM: u32 = 25;

/// The widest circle of the form, in kilometres.
const MAX_RADIUS_KM: u32 = 500;

/// The form as filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) struct EventForm {
    pub search: String,
    pub near: String,
    pub radius: String,
    pub when: String,
    pub category: String,
    pub online: String,
    pub sort: String,
    pub host: String,
    pub page: usize,
}

/// What a form asks for.
pub(super) struct Wanted {
    pub query: EventQuery,
    /// The city that `near` names.
    pub place: Option<Place>,
    /// `near` names nothing known.
    pub is_lost: bool,
    /// The zone that days are counted in.
    pub zone: String,
}

impl EventForm {
    pub const PERIODS: &'static [Choice] = &[
        choice("", "From now on"),
        choice("today", "Today"),
        choice("tonight", "Tonight"),
        choice("tomorrow", "Tomorrow"),
        choice("weekend", "This weekend"),
        choice("week", "Next 7 days"),
        choice("month", "Next 30 days"),
        choice("past", "In the past"),
    ];

    pub const RADII: &'static [Choice] = &[
        choice("5", "5 km"),
        choice("10", "10 km"),
        choice("", "25 km"),
        choice("50", "50 km"),
        choice("100", "100 km"),
        choice("150", "150 km"),
    ];

    pub const SORTS: &'static [Choice] = &[
        choice("", "Soon, near, liked"),
        choice("startTime", "By date"),
        choice("distance", "Nearest"),
        choice("-participantCount", "Most participants"),
        choice("-createdAt", "Newly published"),
    ];

    pub const ONLINE: &'static [Choice] =
        &[choice("", "Anywhere"), choice("true", "Online"), choice("false", "On site only")];

    pub const CATEGORIES: &'static [Choice] = &[
        choice("", "Any category"),
        choice("ARTS", "Arts"),
        choice("AUTO_BOAT_AIR", "Auto, boat and air"),
        choice("BOOK_CLUBS", "Book clubs"),
        choice("BUSINESS", "Business"),
        choice("CAUSES", "Causes"),
        choice("COMEDY", "Comedy"),
        choice("COMMUNITY", "Community"),
        choice("CRAFTS", "Crafts"),
        choice("FAMILY_EDUCATION", "Family & Education"),
        choice("FASHION_BEAUTY", "Fashion & Beauty"),
        choice("FILM_MEDIA", "Film & Media"),
        choice("FOOD_DRINK", "Food & Drink"),
        choice("GAMES", "Games"),
        choice("HEALTH", "Health"),
        choice("LANGUAGE_CULTURE", "Language & Culture"),
        choice("LEARNING", "Learning"),
        choice("LGBTQ", "LGBTQ"),
        choice("MEETING", "Meeting"),
        choice("MOVEMENTS_POLITICS", "Movements and politics"),
        choice("MUSIC", "Music"),
        choice("NETWORKING", "Networking"),
        choice("OUTDOORS_ADVENTURE", "Outdoors & Adventure"),
        choice("PARTY", "Party"),
        choice("PERFORMING_VISUAL_ARTS", "Performing & Visual Arts"),
        choice("PETS", "Pets"),
        choice("PHOTOGRAPHY", "Photography"),
        choice("SCIENCE_TECH", "Science & Tech"),
        choice("SPIRITUALITY_RELIGION_BELIEFS", "Spirituality, Religion & Beliefs"),
        choice("SPORTS", "Sports"),
        choice("THEATRE", "Theatre"),
    ];

    /// Reads the fields of the form; a wrong page is the first one.
    pub fn read(params: &RawParams) -> Self {
        let text = |name: &str| text_of(params, name);
        Self {
            search: text("search"),
            near: text("near"),
            radius: text("radius"),
            when: text("when"),
            category: text("categoryOneOf"),
            online: text("isOnline"),
            sort: text("sort"),
            host: text("host"),
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    /// The search that the form stands for at `now`.
    ///
    /// # Errors
    /// [`ParamsError`] as the API, and for pages beyond the last one that can be shown.
    pub(super) fn wanted(&self, now: Timestamp) -> Result<Wanted, ParamsError> {
        const MAX_PAGE: usize = MAX_REACH / PAGE_SIZE;
        if self.page > MAX_PAGE {
            return Err(too_far(self.page, MAX_PAGE));
        }
        let place = places::resolve(&self.near, None);
        let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
        let is_point = self.near.split_once(',').is_some_and(|(lat, lon)| is_number(lat) && is_number(lon));
        let is_lost = !self.near.is_empty() && place.is_none() && !is_point;
        let near = if is_lost { "" } else { self.near.as_str() };
        let mut params = RawParams::default();
        let fields = [
            ("search", self.search.clone()),
            ("near", near.to_owned()),
            ("radius", format!("{}_km", self.radius_km())),
            ("when", self.when.clone()),
            ("categoryOneOf", self.category.clone()),
            ("isOnline", self.online.clone()),
            ("sort", self.sort.clone()),
            ("host", self.host.clone()),
            ("start", ((self.page - 1) * PAGE_SIZE).to_string()),
            ("count", PAGE_SIZE.to_string()),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            params.set(name, Location::Query, Value::String(value));
        }
        let upcoming = DatePreset::Upcoming.period(now, &TimeZone::UTC).into();
        let search = read_event_search(&params, upcoming, now)?;
        let mut query = search.query;
        if self.sort.is_empty() && !query.filter.times.is_past() {
            query.sort = Sort { key: SortKey::Discovery, descending: true };
        }
        Ok(Wanted { query, place, is_lost, zone: search.time_zone })
    }

    /// Kilometres around the place.
    pub fn radius_km(&self) -> u32 {
        self.radius.parse().unwrap_or(DEFAULT_RADIUS_KM).clamp(1, MAX_RADIUS_KM)
    }

    /// The filters in use, in the order of the form.
    pub fn chosen(&self) -> Vec<ChosenFilter> {
        let mut chosen = Vec::new();
        let mut add = |label: String, without: Self| {
            chosen.push(ChosenFilter { label, link_without: without.link_to_page(1) });
        };
        let this = || self.clone();
        let label = |choices: &[Choice], value: &str| {
            choices.iter().find(|choice| choice.value == value).map_or(value, |choice| choice.label).to_owned()
        };
        if !self.near.is_empty() {
            let near = format!("{} km around {}", self.radius_km(), self.near);
            add(near, Self { near: String::new(), radius: String::new(), ..this() });
        }
        if !self.when.is_empty() {
            add(label(Self::PERIODS, &self.when), Self { when: String::new(), ..this() });
        }
        if !self.category.is_empty() {
            add(label(Self::CATEGORIES, &self.category), Self { category: String::new(), ..this() });
        }
        if !self.online.is_empty() {
            add(label(Self::ONLINE, &self.online), Self { online: String::new(), ..this() });
        }
        if !self.sort.is_empty() {
            add(label(Self::SORTS, &self.sort), Self { sort: String::new(), ..this() });
        }
        if !self.host.is_empty() {
            add(self.host.clone(), Self { host: String::new(), ..this() });
        }
        chosen
    }

    /// Whether any filter is set.
    pub fn has_filter(&self) -> bool {
        !self.chosen().is_empty()
    }

    /// The periods as links, the chosen one marked.
    pub fn period_links(&self) -> Vec<(&'static str, String, bool)> {
        let link = |choice: &Choice| Self { when: choice.value.to_owned(), ..self.clone() }.link_to_page(1);
        Self::PERIODS.iter().map(|choice| (choice.label, link(choice), choice.value == self.when)).collect()
    }

    /// The same search without filters.
    pub fn link_without_filters(&self) -> String {
        Self { search: self.search.clone(), ..Self::default() }.link_to_page(1)
    }

    /// Another page of the same search.
    pub fn link_to_page(&self, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        self.link("/events", &page)
    }

    /// The same search as a calendar, as it was understood: without a town that `is_lost`, and with the circle that was
    /// searched.
    pub fn link_to_calendar(&self, is_lost: bool) -> String {
        let near = if is_lost { String::new() } else { self.near.clone() };
        let radius = if self.radius.is_empty() { String::new() } else { self.radius_km().to_string() };
        Self { near, radius, sort: String::new(), ..self.clone() }.link("/feeds/search.ics", "")
    }

    fn link(&self, path: &str, page: &str) -> String {
        let mut link = format!("{path}?search={}", utf8_percent_encode(&self.search, KEPT));
        let fields = [
            ("near", self.near.as_str()),
            ("radius", &self.radius),
            ("when", &self.when),
            ("categoryOneOf", &self.category),
            ("isOnline", &self.online),
            ("sort", &self.sort),
            ("host", &self.host),
            ("page", page),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            link.push('&');
            link.push_str(name);
            link.push('=');
            link.extend(utf8_percent_encode(value, KEPT));
        }
        link
    }
}
