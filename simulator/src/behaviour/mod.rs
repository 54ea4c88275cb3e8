//! Misbehaviour on request: what a fake host does wrong, on which routes, and how often.

mod apply;
mod bombs;
mod encodings;
mod items;
mod pages;
mod robots_txt;
mod routes;

use std::time::Duration;

use serde_json::Value;

pub(crate) use apply::Rules;
pub use robots_txt::RobotsTxt;
pub use routes::Routes;

/// One thing a host does wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Behaviour {
    /// Waits before the first byte.
    SlowFirstByte(Duration),
    /// Accepts the request and never answers.
    NeverAnswer,
    /// Closes the connection without a byte.
    CloseWithoutAnswer,
    /// Sends the head one byte at a time.
    DripHeaders(Duration),
    /// Sends the body one byte at a time.
    DripBody(Duration),
    /// Sends half of the body, then a TCP reset.
    ResetMidBody,
    /// `Content-Length` promises this many bytes too many.
    LengthTooLarge(usize),
    /// `Content-Length` promises this many bytes too few.
    LengthTooSmall(usize),
    /// Sends chunks without end.
    EndlessBody,
    /// Sends trailer fields without end.
    EndlessTrailers,
    /// Sends header lines without end.
    EndlessHeaders,
    /// Sends informational answers without end.
    EndlessInterim,
    /// Adds this many headers.
    ManyHeaders(usize),
    /// Adds a header with a value of this many bytes.
    HugeHeader(usize),
    /// Sets a header of the answer, such as `X-Robots-Tag: noindex` or a malformed one.
    Header(String, String),

    /// Answers with a bare status, such as 500 or 403.
    Status(u16),
    /// Answers 429.
    TooManyRequests(RetryAfter),
    /// Answers 503.
    Unavailable(RetryAfter),
    /// Answers 304 whether or not the client has anything.
    AlwaysNotModified,
    /// Answers 200 with an HTML page to log in.
    LoginPage,
    /// Answers a redirect.
    Redirect(Redirect),
    /// Answers robots.txt in a way of its own.
    Robots(RobotsTxt),

    /// Encodes the body in a hostile way.
    Encoded(Encoding),
    /// Answers with hostile JSON.
    Json(JsonBomb),

    /// Says this `total`, whatever there is.
    LyingTotal(u64),
    /// Says no `total`.
    NoTotal,
    /// Says that there is nothing: `total` 0 and no item.
    SuddenlyEmpty,
    /// Gives the first page whatever `start` says.
    IdenticalPages,
    /// Gives the page before the one asked for.
    RepeatedPages,
    /// Publishes a new video before each page but the first (generated hosts).
    ShiftingPages,
    /// Leaves the page of this number, from 0, without items.
    EmptyPage(u64),

    /// Changes every video in listings and details; on [`Routes::Outboxes`] the Video objects there, on
    /// [`Routes::Channels`] and [`Routes::Playlists`] what those hold.
    Items(ItemQuirk),
    /// Says another host name and another software name in its configuration and NodeInfo.
    WrongIdentity(String),
}

/// What `Retry-After` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// No header.
    None,
    /// A number of seconds.
    Seconds(u64),
    /// An HTTP date this far ahead.
    Date(Duration),
    /// An HTTP date in the past.
    PastDate,
    /// Any text, such as `abc` or `-5`.
    Text(String),
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// To any value of `Location`: loopback, plain http, another host, `//host`, with userinfo.
    To(String),
    /// To the same address, for ever.
    Loop,
    /// This many hops on the same host, then the answer.
    Chain(u32),
    /// A 302 without `Location`.
    NoLocation,
    /// A `Location` of this many bytes.
    HugeLocation(usize),
}

/// How a body is encoded to do harm. Sizes are those after decoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Spaces that gzip makes a thousand times smaller.
    GzipBomb(u64),
    /// The same in zlib's format.
    DeflateBomb(u64),
    /// The same in Brotli.
    BrotliBomb(u64),
    /// The same in Zstandard.
    ZstdBomb(u64),
    /// The honest body, in gzip twice, declared once.
    NestedGzip,
    /// The honest body in gzip, the second half missing.
    TruncatedGzip,
    /// The honest body in gzip, followed by noise.
    GzipWithTail,
    /// The honest body in gzip and then Brotli, both declared.
    TwoEncodings,
    /// The honest body under a name nobody knows.
    Unknown(String),
    /// The honest body in honest gzip.
    Gzip,
}

/// JSON that is hard to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonBomb {
    /// Arrays in arrays, this deep.
    Nested(u64),
    /// One string of this many bytes.
    HugeString(u64),
    /// This many empty objects as items.
    EmptyObjects(u64),
    /// A body that stops in the middle.
    Truncated,
    /// Something that is no JSON at all.
    Garbage,
}

/// What is wrong with the videos of a listing or a detail.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemQuirk {
    /// `isLocal` is true, the account and the channel are said to be on this other host.
    SpoofedHost(String),
    /// `url` is on this other host.
    RemoteUrl(String),
    /// `privacy.id` is this number.
    Privacy(u8),
    /// There is no `nsfw`.
    NsfwMissing,
    /// `nsfw` is the string `"true"`.
    NsfwString,
    /// Dates of the year 9999, of the year 0, of tomorrow, and no dates.
    BadDates,
    /// Negative durations and counters.
    NegativeNumbers,
    /// Numbers such as 1e400, -0 and 2^63.
    AbsurdNumbers,
    /// Script tags, bidirectional overrides, heaps of combining marks, control characters.
    HostileText,
    /// `javascript:` and other schemes in every path and URL but `url`.
    HostileUrls,
    /// This many tags in a detail.
    ManyTags(usize),
    /// A description of this many bytes that says one word.
    StuffedDescription(usize),
    /// A key is set to a value.
    Set(String, Value),
    /// A key is left out.
    Without(String),
}

/// A behaviour with the routes it applies to and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(crate) behaviour: Behaviour,
    pub(crate) routes: Routes,
    pub(crate) skip: u32,
    pub(crate) times: Option<u32>,
}

impl Behaviour {
    /// Applies the behaviour to other routes than its usual ones.
    pub fn on(self, routes: Routes) -> Rule {
        Rule { behaviour: self, routes, skip: 0, times: None }
    }

    /// The routes a behaviour applies to unless told otherwise.
    fn usual_routes(&self) -> Routes {
        match self {
            Self::NeverAnswer | Self::CloseWithoutAnswer => Routes::Everything,
            Self::Robots(_) => Routes::Robots,
            Self::Encoded(_)
            | Self::Json(_)
            | Self::LyingTotal(_)
            | Self::NoTotal
            | Self::SuddenlyEmpty
            | Self::IdenticalPages
            | Self::RepeatedPages
            | Self::ShiftingPages
            | Self::EmptyPage(_) => Routes::Listings,
            Self::Items(_) => Routes::Videos,
            Self::WrongIdentity(_) => Routes::About,
            _ => Routes::Pages,
        }
    }
}

impl From<Behaviour> for Rule {
    fn from(behaviour: Behaviour) -> Self {
        let routes = behaviour.usual_routes();
        behaviour.on(routes)
    }
}

impl Rule {
    /// Leaves the first `n` matching requests alone.
    pub fn skip(mut self, n: u32) -> Self {
        self.skip = n;
        self
    }

    /// Applies to `n` matching requests only.
    pub fn times(mut self, n: u32) -> Self {
        self.times = Some(n);
        self
    }
}
