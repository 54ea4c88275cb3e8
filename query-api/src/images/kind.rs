/// A format of pictures that browsers show and that runs nothing. SVG is not among them: it is a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// AVIF.
    Avif,
    /// GIF.
    Gif,
}

impl ImageKind {
    /// The kind by the first bytes; what a server claims does not count.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some(Self::Avif),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            _ => None,
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_bytes_decide() {
        assert_eq!(ImageKind::of(&[0xff, 0xd8, 0xff, 0xe0, 0]), Some(ImageKind::Jpeg));
        assert_eq!(ImageKind::of(b"\x89PNG\r\n\x1a\n...."), Some(ImageKind::Png));
        assert_eq!(ImageKind::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(ImageKind::Webp));
        assert_eq!(ImageKind::of(b"\0\0\0\x20ftypavif"), Some(ImageKind::Avif));
        assert_eq!(ImageKind::of(b"GIF89a"), Some(ImageKind::Gif));
        for bytes in [&b"<svg onload=alert(1)>"[..], b"<html>", b"", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypmp42"] {
            assert_eq!(ImageKind::of(bytes), None);
        }
    }
}
