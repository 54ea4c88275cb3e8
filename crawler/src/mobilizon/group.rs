//! Groups.

use allowlist::Host;
use jiff::Timestamp;
use journal::record::{Group, Openness};

use super::place::to_address;
use super::wire;
use crate::reading::consent::{Consent, description};
use crate::reading::events::{MAX_HTML_BYTES, image, to_actor};
use crate::reading::lenient::Scalar;
use crate::reading::origin::{Rejection, check_origin, parse_item};
use crate::reading::text;

/// A group and the wish in its summary.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGroup {
    /// The record.
    pub group: Group,
    /// Whether it wants to be found.
    pub consent: Consent,
}

/// A page of groups.
#[derive(Clone, Debug, Default)]
pub struct GroupsPage {
    /// The host's own public groups.
    pub groups: Vec<ListedGroup>,
    /// Names, lower case, of those that are listed but not public.
    pub not_public: Vec<String>,
    /// Names, lower case, of everything on the page.
    pub names: Vec<String>,
    /// Rows on the page.
    pub n_rows: usize,
    /// What the instance says the whole list holds.
    pub total: Option<u64>,
    /// Groups of other instances.
    pub n_remote: usize,
    /// Rows that a global index has answered.
    pub n_global: usize,
    /// Items that are broken or name another host.
    pub errors: Vec<Rejection>,
}

/// Reads a page of whole groups.
pub fn to_groups_page(listing: &wire::Listing<'_>, host: &Host, now: Timestamp) -> GroupsPage {
    let mut page =
        GroupsPage { n_rows: listing.elements.n_total, total: listing.total.to_count(), ..GroupsPage::default() };
    for raw in &listing.elements.items {
        let item: wire::Group = match parse_item(raw.get()) {
            Ok(item) => item,
            Err(rejection) => {
                page.errors.push(rejection);
                continue;
            }
        };
        if item.typename.as_str().is_some_and(|name| name != "Group") {
            page.n_global += 1;
            continue;
        }
        let name = item.preferred_username.as_str().map(str::to_lowercase);
        page.names.extend(name.clone());
        match to_group(&item, host, now) {
            Ok(group) => page.groups.push(group),
            Err(Rejection::Remote) => page.n_remote += 1,
            Err(Rejection::NotPublic(_)) => page.not_public.extend(name),
            Err(rejection) => page.errors.push(rejection),
        }
    }
    page
}

/// Makes a record of a group. Its first sight is `now`; the caller knows better.
///
/// # Errors
/// Why it is not a public group of `host`.
pub fn to_group(item: &wire::Group, host: &Host, now: Timestamp) -> Result<ListedGroup, Rejection> {
    let is_elsewhere = item.domain.as_str().is_some_and(|domain| !domain.is_empty() && !host.matches(domain));
    if is_elsewhere {
        return Err(Rejection::Remote);
    }
    check_origin(item.local.to_bool(), std::iter::empty(), &item.url, host)?;
    if !item.visibility.as_str().is_some_and(|visibility| visibility.eq_ignore_ascii_case("public")) {
        return Err(Rejection::NotPublic("visibility"));
    }
    if item.suspended.to_bool() == Some(true) {
        return Err(Rejection::NotPublic("suspended"));
    }
    let picture = |media: &wire::Media| image(&media.url, &Scalar::Absent, &Scalar::Absent, host);
    let avatars = item.avatar.0.iter().filter_map(picture).collect();
    let name = item.preferred_username.as_str().unwrap_or_default();
    let actor = to_actor(name, &item.name, &item.url, host, avatars).ok_or(Rejection::Field("preferredUsername"))?;
    let group = Group {
        actor,
        banners: item.banner.0.iter().filter_map(picture).collect(),
        summary: item.summary.as_str().and_then(|html| text::html(html, MAX_HTML_BYTES)),
        address: item.physical_address.0.as_ref().and_then(|place| to_address(place, &mut Vec::new())),
        openness: item.openness.as_str().and_then(Openness::from_name),
        n_members: item.members_count.to_count(),
        n_followers: item.followers_count.to_count(),
        n_events: item.organized_events.0.as_ref().and_then(|events| events.total.to_count()),
        first_seen_at: now,
    };
    Ok(ListedGroup { group, consent: description(&item.summary, "group") })
}
