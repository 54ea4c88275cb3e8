//! Behaviour of the API and the pages, over real generations. One binary, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a failure here is the test failing")]
#![expect(clippy::indexing_slicing, reason = "a missing key of an answer is the test failing")]

mod admin;
mod api;
mod calendar;
mod channels;
mod conformance;
mod discovery;
mod errors;
mod facets;
mod filters;
mod fixture;
mod generations;
mod http;
mod images;
mod instances;
mod map;
mod mobilizon;
mod native;
mod openapi;
mod oracle;
mod oracle_lists;
mod overload;
mod pages;
mod paging;
mod places;
mod playlists;
mod recorded;
mod reports;
mod rules;
mod submissions;
mod suggest;
mod text;
