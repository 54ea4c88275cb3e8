//! In the place of SepiaSearch: PeerTube's assertions about an index, and each of its clients with its own encoding.

mod clients;
mod conformance;
mod service;
mod web_client;
