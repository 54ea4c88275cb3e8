//! The form for events: what it shows, and the query it stands for.

use indexer::geography::{Area, Circle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::super::form::{Choice, ChosenFilter, KEPT, PAGE_SIZE, choice, text_of, too_far};
use crate::params::{Location, MAX_REACH, ParamsError, RawParams, read_event_query};
use crate::places::{self, Place};
use crate::query::{EventQuery, EventTimes, Sort, SortKey};
use crate::time::{DatePreset, Period, find_zone};

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
    pub zone: TimeZone,
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
        choice("", "As it fits"),
        choice("startTime", "Soonest"),
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
        let mut params = RawParams::default();
        let fields = [
            ("search", self.search.clone()),
            ("categoryOneOf", self.category.clone()),
            ("isOnline", self.online.clone()),
            ("host", self.host.clone()),
            ("start", ((self.page - 1) * PAGE_SIZE).to_string()),
            ("count", PAGE_SIZE.to_string()),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            params.set(name, Location::Query, Value::String(value));
        }
        let mut query = read_event_query(&params)?;
        let place = places::resolve(&self.near, None);
        let zone = place.and_then(|place| find_zone(place.time_zone).ok()).unwrap_or(TimeZone::UTC);
        let preset = DatePreset::parse(&self.when).unwrap_or_default();
        query.filter.times = match preset.period(now, &zone) {
            Period::Overlapping { from, to } => EventTimes {
                not_over_at: Some(from.as_millisecond()),
                // What starts as the period ends does not belong to it.
                starts_by: to.map(|to| to.as_millisecond() - 1),
                over_by: None,
            },
            Period::OverBy { at } => EventTimes { over_by: Some(at.as_millisecond()), ..EventTimes::default() },
        };
        query.filter.statuses = vec!["CONFIRMED".to_owned(), "TENTATIVE".to_owned()];
        if let Some(place) = place {
            query.near = Some(place.point);
            let radius_m = f64::from(self.radius_km()) * 1_000.0;
            query.filter.areas.push(Area::Circle(Circle::new(place.point, radius_m)));
        }
        query.sort = self.order(&query);
        Ok(Wanted { is_lost: !self.near.is_empty() && place.is_none(), query, place, zone })
    }

    /// Kilometres around the place.
    pub fn radius_km(&self) -> u32 {
        self.radius.parse().unwrap_or(DEFAULT_RADIUS_KM).clamp(1, MAX_RADIUS_KM)
    }

    fn order(&self, query: &EventQuery) -> Sort {
        let soonest = Sort { key: SortKey::StartTime, descending: query.filter.times.is_past() };
        match self.sort.as_str() {
            "distance" if query.near.is_some() => Sort { key: SortKey::Distance, descending: false },
            "startTime" => Sort { key: SortKey::StartTime, descending: false },
            "-participantCount" => Sort { key: SortKey::Participants, descending: true },
            "-createdAt" => Sort { key: SortKey::CreatedAt, descending: true },
            _ if query.text.is_some() => Sort::default(),
            _ => soonest,
        }
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

    /// The same search as a calendar.
    pub fn link_to_calendar(&self) -> String {
        self.link("/feeds/search.ics", "")
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
