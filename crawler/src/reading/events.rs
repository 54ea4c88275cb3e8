//! A page of events, of whatever source.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Actor, Event, Image};

use super::lenient::Scalar;
use super::origin::Rejection;
use super::remark::Remark;
use super::text;

/// Longest title kept, in characters; Mobilizon's own limit is 200.
pub const MAX_TITLE_CHARS: usize = 300;

/// Longest description kept, in bytes.
pub const MAX_HTML_BYTES: usize = 64 << 10;

/// Longest name of a person, a group or a place kept, in characters.
const MAX_NAME_CHARS: usize = 300;

/// Longest name that is a part of an address of an actor.
const MAX_HANDLE_CHARS: usize = 120;

/// A page of events. It is never failed by one of its items.
#[derive(Clone, Debug, Default)]
pub struct EventsPage {
    /// The host's own public events, in the order of the page.
    pub events: Vec<ListedEvent>,
    /// Ids of everything on the page that has one.
    pub ids: Vec<String>,
    /// Rows on the page.
    pub n_rows: usize,
    /// What the host says the whole list holds.
    pub total: Option<u64>,
    /// Events of other instances.
    pub n_remote: usize,
    /// Rows that a global index has answered, not the host.
    pub n_global: usize,
    /// Ids of what is listed but not public.
    pub not_public: Vec<String>,
    /// Items that claim to be local in the name of another host.
    pub spoofs: Vec<Rejection>,
    /// Items that are broken.
    pub errors: Vec<Rejection>,
}

impl EventsPage {
    /// Takes in an item, or why it is none.
    pub fn add(&mut self, id: Option<String>, item: Result<ListedEvent, Rejection>) {
        self.ids.extend(id.clone());
        match item {
            Ok(event) => self.events.push(event),
            Err(Rejection::Remote) => self.n_remote += 1,
            Err(Rejection::NotPublic(_)) => self.not_public.extend(id),
            Err(spoof @ Rejection::Spoofed { .. }) => self.spoofs.push(spoof),
            Err(rejection) => self.errors.push(rejection),
        }
    }
}

/// An event and what was found beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedEvent {
    /// The record.
    pub event: Event,
    /// Its last edit as it is compared, Unix milliseconds; 0 where unknown. [`Event::updated_at`] is cut to sane dates.
    pub updated_ms: i64,
    /// Who of its makers asks not to be indexed, if anybody does.
    pub withheld: Option<Withheld>,
    /// What its makers wish was told with it. ActivityPub tells less of an event, and nothing of that.
    pub is_wish_told: bool,
    /// What was mended in it.
    pub remarks: Vec<Remark>,
}

/// A wish not to be indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Name of the actor, lower case.
    pub name: String,
    /// A group; a person otherwise.
    pub is_group: bool,
    /// How it is said, for people.
    pub how: String,
}

/// The time of the last edit as it is compared, Unix milliseconds; 0 where unknown.
pub fn updated_ms(scalar: &Scalar) -> i64 {
    scalar.as_str().and_then(|text| text.trim().parse::<Timestamp>().ok()).map_or(0, Timestamp::as_millisecond)
}

/// A person or group by name.
///
/// - `host`: where it is at home.
/// - `display_name`: the name that people see.
/// - `url`: as sent; one that is not on `host` is replaced by Mobilizon's form.
///
/// `None` without a usable name.
pub fn to_actor(name: &str, display_name: &Scalar, url: &Scalar, host: &Host, avatars: Vec<Image>) -> Option<Actor> {
    let name = handle(name)?;
    let display_name = text::line_of(display_name, MAX_NAME_CHARS).unwrap_or_else(|| name.clone());
    let url = url.as_str().and_then(|url| text::origin_link(url, host));
    let url = url.unwrap_or_else(|| format!("https://{host}/@{name}"));
    Some(Actor { origin_id: 0, name, display_name, url, host: host.clone(), avatars })
}

/// The name that identifies an actor on its host; it becomes a part of paths, and is never shortened.
pub fn handle(name: &str) -> Option<String> {
    let name = name.trim();
    let is_handle = name.chars().take(MAX_HANDLE_CHARS + 1).count() <= MAX_HANDLE_CHARS
        && name.chars().any(char::is_alphanumeric)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    is_handle.then(|| name.to_owned())
}

/// A picture on `host`, with its size where that is known. Pictures elsewhere are none: only the origin is asked for them.
pub fn image(url: &Scalar, width: &Scalar, height: &Scalar, host: &Host) -> Option<Image> {
    let pixels =
        |scalar: &Scalar| scalar.to_i64().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=20_000).contains(n));
    let url = text::origin_link(url.as_str()?, host)?;
    Some(Image { path: None, url, width: pixels(width), height: pixels(height), created_at: None, updated_at: None })
}

/// Tags without their `#`.
pub fn tags<'a>(titles: impl Iterator<Item = &'a str>) -> Vec<String> {
    text::tags(titles.map(|title| title.trim().trim_start_matches(['#', '＃'])))
}
