//! Collects a response body under limits: bytes on the wire, bytes decoded, and the ratio between the two.
//!
//! The HTTP client's own decompression is off, because it hides how many bytes came over the wire. Only gzip is
//! offered in `Accept-Encoding`: every web server speaks it, and each decoder less is one attack less. An answer in
//! any other encoding, or in several, was not asked for and is refused by name.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use super::config::Limits;
use crate::error::Cause;

/// How much a small body may grow whatever the ratio: short answers of repeated JSON compress well.
const RATIO_FREE_BYTES: usize = 256 << 10;

/// A body being received.
pub struct Body {
    decoder: Decoder,
    n_wire: usize,
    max_wire: usize,
}

enum Decoder {
    Identity(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

/// Where decoded bytes end up; refuses to grow past its limit, which stops the decoder in the middle of a bomb.
struct Capped {
    bytes: Vec<u8>,
    max: usize,
    ratio: usize,
    /// Wire bytes received so far, kept up to date by [`Body::push`].
    n_wire: usize,
    overflow: Option<Cause>,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        let n_after = self.bytes.len() + chunk.len();
        if n_after > self.max {
            self.overflow = Some(Cause::DecodedTooLarge { limit_bytes: self.max });
        } else if n_after > RATIO_FREE_BYTES && n_after / self.ratio > self.n_wire {
            self.overflow = Some(Cause::Ratio { limit: self.ratio });
        }
        if self.overflow.is_some() {
            return Err(io::Error::other("over the limit"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Body {
    /// Starts a body.
    ///
    /// - `encodings`: every value of `Content-Encoding`, in order.
    ///
    /// # Errors
    /// [`Cause::Encoding`] for anything but one `gzip` or none.
    pub fn new<'a>(encodings: impl Iterator<Item = &'a str>, limits: &Limits) -> Result<Self, Cause> {
        let mut is_gzip = false;
        for encoding in encodings.flat_map(|value| value.split(',')).map(str::trim) {
            if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
                continue;
            }
            let is_known = encoding.eq_ignore_ascii_case("gzip") || encoding.eq_ignore_ascii_case("x-gzip");
            if !is_known || is_gzip {
                return Err(Cause::Encoding { found: encoding.chars().take(40).collect() });
            }
            is_gzip = true;
        }
        let sink = Capped {
            bytes: Vec::new(),
            max: limits.decoded_bytes,
            ratio: limits.ratio.max(1),
            n_wire: 0,
            overflow: None,
        };
        let decoder =
            if is_gzip { Decoder::Gzip(Box::new(MultiGzDecoder::new(sink))) } else { Decoder::Identity(sink) };
        Ok(Self { decoder, n_wire: 0, max_wire: limits.wire_bytes })
    }

    /// Bytes received so far, as they came over the wire.
    pub fn n_wire(&self) -> usize {
        self.n_wire
    }

    /// Takes the next bytes from the wire.
    ///
    /// # Errors
    /// [`Cause::WireTooLarge`], [`Cause::DecodedTooLarge`], [`Cause::Ratio`], [`Cause::Corrupt`].
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Cause> {
        self.n_wire += chunk.len();
        if self.n_wire > self.max_wire {
            return Err(Cause::WireTooLarge { limit_bytes: self.max_wire });
        }
        match &mut self.decoder {
            Decoder::Identity(sink) => {
                sink.n_wire = self.n_wire;
                sink.write_all(chunk).map_err(|error| sink.cause(&error))
            }
            Decoder::Gzip(decoder) => {
                decoder.get_mut().n_wire = self.n_wire;
                decoder.write_all(chunk).map_err(|error| decoder.get_mut().cause(&error))
            }
        }
    }

    /// Bytes decoded so far.
    pub fn n_decoded(&self) -> usize {
        match &self.decoder {
            Decoder::Identity(sink) => sink.bytes.len(),
            Decoder::Gzip(decoder) => decoder.get_ref().bytes.len(),
        }
    }

    /// Gives up the rest and returns what was decoded so far.
    pub fn cut(self) -> Vec<u8> {
        match self.decoder {
            Decoder::Identity(sink) => sink.bytes,
            Decoder::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        }
    }

    /// Ends the body.
    ///
    /// # Errors
    /// As [`Body::push`]; a compressed stream that is cut short is [`Cause::Corrupt`].
    pub fn finish(self) -> Result<Vec<u8>, Cause> {
        match self.decoder {
            Decoder::Identity(sink) => Ok(sink.bytes),
            Decoder::Gzip(_) if self.n_wire == 0 => Ok(Vec::new()),
            Decoder::Gzip(mut decoder) => match decoder.try_finish() {
                Ok(()) => Ok(std::mem::take(&mut decoder.get_mut().bytes)),
                Err(error) => Err(decoder.get_mut().cause(&error)),
            },
        }
    }
}

impl Capped {
    fn cause(&mut self, error: &io::Error) -> Cause {
        self.overflow.take().unwrap_or_else(|| Cause::Corrupt { reason: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn collect(encodings: &[&str], wire: &[u8]) -> Result<Vec<u8>, Cause> {
        let mut body = Body::new(encodings.iter().copied(), &Limits::default())?;
        for chunk in wire.chunks(1000) {
            body.push(chunk)?;
        }
        body.finish()
    }

    #[test]
    fn plain_and_compressed_bodies_come_out_whole() {
        let text = b"{\"total\":44}".repeat(1000);
        assert_eq!(collect(&[], &text).unwrap(), text);
        assert_eq!(collect(&["gzip"], &gzip(&text)).unwrap(), text);
        assert_eq!(collect(&["identity"], b"a").unwrap(), b"a");
        let two_members = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(collect(&["GZIP"], &two_members).unwrap(), b"one two");
        assert_eq!(collect(&["gzip"], b"").unwrap(), b"");
    }

    #[test]
    fn case_43_bombs_stop_early_whatever_their_encoding() {
        // 64 MiB of zeros are 64 KiB on the wire; the sink never holds more than its cap.
        let bomb = gzip(&vec![0; 64 << 20]);
        let mut body = Body::new(["gzip"].into_iter(), &Limits::default()).unwrap();
        let cause = bomb.chunks(1000).find_map(|chunk| body.push(chunk).err()).expect("a refusal");
        assert!(matches!(cause, Cause::Ratio { .. } | Cause::DecodedTooLarge { .. }), "{cause:?}");
        assert!(body.n_wire() < 16 << 10, "read {} bytes", body.n_wire());
        let Decoder::Gzip(decoder) = &body.decoder else { panic!("gzip") };
        assert!(decoder.get_ref().bytes.capacity() <= 8 << 20);

        for encodings in [&["br"][..], &["zstd"], &["deflate"], &["gzip, gzip"], &["gzip", "br"], &["snappy"]] {
            assert!(matches!(collect(encodings, b"x"), Err(Cause::Encoding { .. })), "{encodings:?}");
        }
    }

    #[test]
    fn case_44_broken_gzip_is_a_failure_and_no_panic() {
        let whole = gzip(b"some text that is long enough to be cut");
        let cut = &whole[..whole.len() - 6];
        assert!(matches!(collect(&["gzip"], cut), Err(Cause::Corrupt { .. })));
        let followed = [whole.as_slice(), b"garbage"].concat();
        assert!(matches!(collect(&["gzip"], &followed), Err(Cause::Corrupt { .. })));
        assert!(matches!(collect(&["gzip"], b"not gzip at all"), Err(Cause::Corrupt { .. })));
    }

    #[test]
    fn case_41_an_endless_body_is_cut_at_the_wire_limit() {
        let mut body = Body::new(std::iter::empty(), &Limits::default()).unwrap();
        let chunk = vec![b'x'; 1 << 20];
        let cause = (0..10).find_map(|_| body.push(&chunk).err());
        assert!(matches!(cause, Some(Cause::WireTooLarge { .. })));
    }
}
