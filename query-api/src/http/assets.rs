//! The one style sheet and the pictures of the pages, under names that change with their content.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::answer::with_type;

const STYLE: &str = include_str!("../../assets/vigie.css");
const LOGO: &str = include_str!("../../assets/vigie.svg");

/// What stands for a picture that there is not.
pub(super) const PLACEHOLDER: &str = include_str!("../../assets/placeholder.svg");

/// Path of the style sheet.
pub(crate) static STYLE_PATH: LazyLock<String> = LazyLock::new(|| format!("/assets/vigie.{}.css", digest(STYLE)));

/// Path of the logo.
pub(crate) static LOGO_PATH: LazyLock<String> = LazyLock::new(|| format!("/assets/vigie.{}.svg", digest(LOGO)));

fn digest(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

pub(super) async fn show_style() -> Response {
    for_ever(with_type(StatusCode::OK, "text/css; charset=utf-8", STYLE))
}

pub(super) async fn show_logo() -> Response {
    for_ever(with_type(StatusCode::OK, "image/svg+xml", LOGO))
}

fn for_ever(mut response: Response) -> Response {
    let age = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, age);
    response
}
