//! The pictures of generated hosts: small, real, and a function of their name alone.

use std::io::Write;

use uuid::Uuid;

use crate::answer::Answer;
use crate::catalogue::{PlaylistSpec, Rng, VideoSpec, mix};
use crate::jpeg;

/// Width and height of a thumbnail.
pub(crate) const THUMBNAIL_SIZE: (u32, u32) = (280, 157);

/// Width and height of a preview.
pub(crate) const PREVIEW_SIZE: (u32, u32) = (850, 480);

/// The path of a video's thumbnail; a new picture gets a new name.
pub(crate) fn thumbnail_path(video: &VideoSpec) -> String {
    format!("/lazy-static/thumbnails/{}.jpg", name(seed(video), 0))
}

/// The path of a video's preview: the same motif, larger.
pub(crate) fn preview_path(video: &VideoSpec) -> String {
    format!("/lazy-static/previews/{}.jpg", name(seed(video), 1))
}

/// The path of an actor's avatar.
pub(crate) fn avatar_path(host: &str, actor: &str, width: u32) -> String {
    format!("/lazy-static/avatars/{}.png", name(seed_of(&[host, actor]), 10 + width))
}

/// The path of a channel's banner.
pub(crate) fn banner_path(host: &str, channel: &str, width: u32) -> String {
    format!("/lazy-static/banners/{}.jpg", name(seed_of(&[host, channel]), 10 + width))
}

/// The path of a playlist's picture.
pub(crate) fn playlist_path(playlist: &PlaylistSpec) -> String {
    let (high, low) = playlist.uuid.as_u64_pair();
    format!("/lazy-static/thumbnails/playlist-{}.jpg", name(mix(high, low), 0))
}

/// The path of a picture of a Mobilizon or Gancio host; a new one gets a new name.
pub(crate) fn media_path(owner: &[&str], revision: u32) -> String {
    format!("/media/{}.jpg", name(mix(seed_of(owner), u64::from(revision)), 2))
}

/// A number that depends on texts alone.
pub(crate) fn seed_of(texts: &[&str]) -> u64 {
    texts.iter().flat_map(|text| text.bytes()).fold(0, |state, byte| mix(state, u64::from(byte)))
}

fn seed(video: &VideoSpec) -> u64 {
    let (high, low) = video.uuid.as_u64_pair();
    mix(mix(high, low), u64::from(video.picture_revision))
}

/// File names carry their seed in the first half and a check in the second: a name nobody gave out is a 404, and no
/// list of names is needed.
fn name(seed: u64, kind: u32) -> Uuid {
    let seed = seed & !0xf000 | 0x4000;
    Uuid::from_u64_pair(seed, check(seed, kind))
}

fn check(seed: u64, kind: u32) -> u64 {
    mix(seed, u64::from(kind)) >> 2 | 1 << 63
}

/// Answers a picture by its path; 404 for a name that was never given out.
pub(crate) fn answer(path: &str) -> Answer {
    let Some((folder, file)) = path.trim_start_matches("/lazy-static/").split_once('/') else {
        return Answer::empty(404);
    };
    let file = file.strip_prefix("playlist-").filter(|_| folder == "thumbnails").unwrap_or(file);
    let Some(uuid) = file.split('.').next().and_then(|stem| stem.parse::<Uuid>().ok()) else {
        return Answer::empty(404);
    };
    let (seed, checked) = uuid.as_u64_pair();
    let size = match folder {
        "thumbnails" if checked == check(seed, 0) => THUMBNAIL_SIZE,
        "previews" if checked == check(seed, 1) => PREVIEW_SIZE,
        "banners" => match [(600, 100), (1920, 317)].into_iter().find(|size| checked == check(seed, 10 + size.0)) {
            Some(size) => size,
            None => return Answer::empty(404),
        },
        "avatars" => match [48, 120, 600, 1500].into_iter().find(|&width| checked == check(seed, 10 + width)) {
            Some(width) => (width, width),
            None => return Answer::empty(404),
        },
        _ => return Answer::empty(404),
    };
    picture(folder, seed, size).with("ETag", format!("W/\"{seed:x}\""))
}

/// Answers a path of [`media_path`], or of the same picture in small; 404 for a name that was never given out.
pub(crate) fn answer_media(path: &str) -> Answer {
    let file = path.rsplit('/').next().unwrap_or_default();
    let uuid = file.split('.').next().and_then(|stem| stem.parse::<Uuid>().ok());
    match uuid.map(|uuid| uuid.as_u64_pair()) {
        Some((seed, checked)) if checked == check(seed, 2) => {
            let size = if path.starts_with("/media/thumb/") { THUMBNAIL_SIZE } else { PREVIEW_SIZE };
            picture("", seed, size)
        }
        _ => Answer::empty(404),
    }
}

/// Answers any picture path, for hosts whose real pictures are not kept.
pub(crate) fn any(path: &str) -> Answer {
    let seed = path.bytes().fold(0, |state, byte| mix(state, u64::from(byte)));
    let size = if path.contains("/previews/") {
        PREVIEW_SIZE
    } else if path.contains("/avatars/") {
        (120, 120)
    } else {
        THUMBNAIL_SIZE
    };
    picture(if path.contains("/avatars/") { "avatars" } else { "" }, seed, size)
}

/// Actors have PNG pictures, videos JPEG ones, as on a real server.
fn picture(folder: &str, seed: u64, (width, height): (u32, u32)) -> Answer {
    let answer = match folder {
        "avatars" => Answer::new(200, "image/png", png(seed, (width, height))),
        _ => {
            let scene = Scene::of(seed);
            let pixel = |x, y| scene.colour(f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            Answer::new(200, "image/jpeg", jpeg::encode(width, height, pixel))
        }
    };
    answer.with("Cache-Control", "public, max-age=172800")
}

/// Draws a landscape of a sky gradient, a sun and three rows of hills, and encodes it as PNG.
fn png(seed: u64, (width, height): (u32, u32)) -> Vec<u8> {
    let scene = Scene::of(seed);
    let mut rows = Vec::with_capacity((width as usize * 3 + 1) * height as usize);
    for y in 0..height {
        // Filter type 0: each row is stored as it is.
        rows.push(0);
        for x in 0..width {
            rows.extend_from_slice(&scene.colour(f64::from(x) / f64::from(width), f64::from(y) / f64::from(height)));
        }
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let data = encoder.write_all(&rows).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    // Eight bits a channel, true colour, no interlacing.
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    push_chunk(&mut png, b"IHDR", &header);
    push_chunk(&mut png, b"IDAT", &data);
    push_chunk(&mut png, b"IEND", &[]);
    png
}

fn push_chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend_from_slice(&(data.len() as u32).to_be_bytes());
    png.extend_from_slice(kind);
    png.extend_from_slice(data);
    let mut checksum = flate2::Crc::new();
    checksum.update(kind);
    checksum.update(data);
    png.extend_from_slice(&checksum.sum().to_be_bytes());
}

struct Scene {
    top: [f64; 3],
    bottom: [f64; 3],
    hills: [Hill; 3],
    sun: (f64, f64, f64),
}

struct Hill {
    base: f64,
    height: f64,
    frequency: f64,
    phase: f64,
    colour: [f64; 3],
}

impl Scene {
    fn of(seed: u64) -> Self {
        let mut rng = Rng::of(&[seed]);
        let hue = rng.unit();
        let hill_hue = (hue + 0.25 + rng.unit() * 0.4) % 1.0;
        let hills = [0.0, 1.0, 2.0].map(|row| Hill {
            base: 0.52 + row * 0.16,
            height: 0.05 + rng.unit() * 0.10,
            frequency: 3.0 + rng.unit() * 7.0,
            phase: rng.unit() * std::f64::consts::TAU,
            colour: hsv(hill_hue, 0.35 + row * 0.12, 0.75 - row * 0.2),
        });
        Self {
            top: hsv(hue, 0.55, 0.85),
            bottom: hsv((hue + 0.09) % 1.0, 0.25, 0.98),
            hills,
            sun: (0.15 + rng.unit() * 0.7, 0.12 + rng.unit() * 0.28, 0.05 + rng.unit() * 0.05),
        }
    }

    fn colour(&self, x: f64, y: f64) -> [u8; 3] {
        let mut colour: [f64; 3] = std::array::from_fn(|channel| {
            let (top, bottom) = (self.top.get(channel), self.bottom.get(channel));
            top.zip(bottom).map_or(0.0, |(top, bottom)| top + (bottom - top) * y)
        });
        let (sun_x, sun_y, radius) = self.sun;
        let distance = ((x - sun_x) * 1.78).hypot(y - sun_y);
        if distance < radius {
            colour = [0.99, 0.96, 0.86];
        }
        for hill in &self.hills {
            let edge = hill.base
                - hill.height
                    * ((x * hill.frequency + hill.phase).sin() * 0.7 + (x * hill.frequency * 2.3).cos() * 0.3);
            if y > edge {
                colour = hill.colour;
            }
        }
        colour.map(|channel| (channel.clamp(0.0, 1.0) * 255.0) as u8)
    }
}

fn hsv(hue: f64, saturation: f64, value: f64) -> [f64; 3] {
    [5.0, 3.0, 1.0].map(|offset| {
        let k = (offset + hue * 6.0) % 6.0;
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_of_its_size_and_the_same_each_time() {
        let path = avatar_path("tube.example", "velora", 48);
        let first = answer(&path);
        assert_eq!(first.status, 200);
        assert_eq!(first.body.get(..8).unwrap(), b"\x89PNG\r\n\x1a\n");
        assert_eq!(first.body.get(16..24).unwrap(), [0, 0, 0, 48, 0, 0, 0, 48]);
        assert_eq!(first.body, answer(&path).body);
        assert_eq!(answer("/lazy-static/thumbnails/00000000-0000-4000-8000-000000000000.jpg").status, 404);
        assert_eq!(answer(&path.replace("avatars", "previews")).status, 404);
    }
}
