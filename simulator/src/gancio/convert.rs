//! Gancio hosts out of planned Mobilizon ones.

use jiff::{SignedDuration, Timestamp};

use super::spec::{GancioEvent, GancioHost, GancioPlace};
use crate::mobilizon::{AddressSpec, EventSpec, MobilizonHost};

/// Dates of a series.
const OCCURRENCES: i64 = 3;

pub(super) fn convert(host: &MobilizonHost, name: &str, timezone: &str) -> GancioHost {
    let mut gancio = GancioHost::empty(name, timezone);
    gancio.title = host.display_name.clone();
    gancio.description = host.description.clone();
    for (nth, event) in host.listed_events().enumerate() {
        push(&mut gancio, event, nth % 5 == 4);
    }
    // What waits for an editor, and what came from elsewhere.
    let hidden = host.events.iter().filter(|event| event.host == host.name && !event.is_listed());
    for event in hidden {
        let id = push(&mut gancio, event, false);
        gancio.edit(id, event.updated_at, |event| event.is_visible = false);
    }
    for event in host.events.iter().filter(|event| event.host != host.name) {
        let id = push(&mut gancio, event, false);
        gancio
            .edit(id, event.updated_at, |copy| copy.from = Some(format!("https://{}/federation/u/relay", event.host)));
    }
    gancio
}

impl GancioHost {
    /// Adds an event that is made, shown and changed last at `now`, and begins within some weeks.
    pub fn add_event(&mut self, now: Timestamp) -> GancioEvent {
        let mut template = MobilizonHost::empty(&self.name, crate::mobilizon::MobilizonVersion::V5_1);
        template.seed = self.seed;
        template.n_added = self.n_added;
        template.display_name.clone_from(&self.title);
        self.n_added += 1;
        let event = template.add_event(now);
        let id = push(self, &event, false);
        self.edit(id, now, |_| {});
        self.events.last().cloned().unwrap_or_else(|| as_gancio(&event, id))
    }
}

/// Adds an event, or a hidden parent with its dates; returns the number of the last one.
fn push(host: &mut GancioHost, event: &EventSpec, is_series: bool) -> u32 {
    let mut next = host.events.iter().map(|event| event.id).max().unwrap_or(0) + 1;
    let place = event.address.as_ref().map(|address| place(host, address));
    let mut own = as_gancio(event, next);
    own.place = place;
    if !is_series {
        host.events.push(own);
        return next;
    }
    let parent = next;
    host.events.push(GancioEvent { is_visible: false, ..own.clone() });
    for nth in 0..OCCURRENCES {
        next += 1;
        let week = SignedDuration::from_hours(7 * 24 * nth);
        let later = |time: Timestamp| time.checked_add(week).unwrap_or(time);
        let mut date = own.clone();
        date.id = next;
        date.slug = format!("{}-{next}", own.slug);
        date.parent = Some(parent);
        date.begins_on = later(own.begins_on);
        date.ends_on = own.ends_on.map(later);
        host.events.push(date);
    }
    next
}

fn as_gancio(event: &EventSpec, id: u32) -> GancioEvent {
    // Addresses of pages are written in ASCII.
    let letters = event.title.to_lowercase();
    let words: Vec<&str> =
        letters.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    GancioEvent {
        id,
        slug: if words.is_empty() { format!("event-{id}") } else { format!("{}-{id}", words.join("-")) },
        title: event.title.clone(),
        description: event.description.clone(),
        begins_on: event.begins_on,
        ends_on: event.ends_on,
        place: None,
        tags: event.tags.clone(),
        online_locations: event.online_address.iter().cloned().collect(),
        picture: event.picture,
        parent: None,
        is_visible: true,
        from: None,
        updated_at: event.updated_at,
    }
}

fn place(host: &mut GancioHost, address: &AddressSpec) -> u32 {
    let id = host.places.iter().map(|place| place.id).max().unwrap_or(0) + 1;
    let parts = [&address.street, &address.postal_code, &address.locality];
    let line: Vec<&str> = parts.into_iter().filter_map(|part| part.as_deref()).collect();
    let name =
        address.description.clone().or_else(|| address.locality.clone()).unwrap_or_else(|| format!("Place {id}"));
    host.places.push(GancioPlace {
        id,
        name,
        address: (!line.is_empty()).then(|| line.join(", ")),
        point: address.point().map(|(longitude, latitude)| (latitude, longitude)),
    });
    id
}
