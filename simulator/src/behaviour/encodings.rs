//! Bodies encoded to do harm.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};

use super::Encoding;
use crate::answer::{Answer, BodyDelivery};

/// The bombs decode to blocks of this many spaces.
const BLOCK: u64 = 1024 * 1024;

/// The answer with its body encoded in a hostile way.
pub(super) fn encode(encoding: &Encoding, mut answer: Answer) -> Answer {
    let honest = answer.body.clone();
    let (name, body, delivery): (&str, Bytes, _) = match encoding {
        Encoding::GzipBomb(size) => {
            let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
            ("gzip", Bytes::copy_from_slice(&header), Some(repeated_deflate(*size)))
        }
        Encoding::DeflateBomb(size) => ("deflate", Bytes::from_static(&[0x78, 0x9c]), Some(repeated_deflate(*size))),
        Encoding::BrotliBomb(size) => {
            let (first, block) = brotli_blocks();
            let times = (size / BLOCK).saturating_sub(1);
            // An empty last block ends the stream.
            ("br", first, Some(BodyDelivery::Repeated { block, times, suffix: Bytes::from_static(&[3]) }))
        }
        Encoding::ZstdBomb(size) => ("zstd", zstd_header(), Some(repeated_zstd(*size))),
        Encoding::NestedGzip => ("gzip", gzip(&gzip(&honest)).into(), None),
        Encoding::TruncatedGzip => {
            let whole = gzip(&honest);
            ("gzip", Bytes::copy_from_slice(whole.get(..whole.len() / 2).unwrap_or_default()), None)
        }
        Encoding::GzipWithTail => {
            let mut whole = gzip(&honest);
            whole.extend_from_slice(b"\x00\x01 noise after the end");
            ("gzip", whole.into(), None)
        }
        Encoding::TwoEncodings => ("gzip, br", brotli(&gzip(&honest)).into(), None),
        Encoding::Unknown(name) => (name, honest, None),
        Encoding::Gzip => ("gzip", gzip(&honest).into(), None),
    };
    answer.set_header("Content-Encoding", name);
    answer.body = body;
    if let Some(delivery) = delivery {
        answer.delivery.body = delivery;
    }
    answer
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 1, 20);
    match encoder.write_all(bytes) {
        Ok(()) => encoder.into_inner(),
        Err(_) => Vec::new(),
    }
}

/// One block of spaces in raw deflate, ended by a full flush: it starts at a byte and needs nothing before it, so the same
/// bytes can be sent again and again.
fn repeated_deflate(size: u64) -> BodyDelivery {
    let spaces = vec![b' '; BLOCK as usize];
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(64 * 1024);
    let _ = compress.compress_vec(&spaces, &mut block, FlushCompress::Full);
    // An empty final block; the checksum that follows is wrong, which only a client that got so far will notice.
    BodyDelivery::Repeated {
        block: block.into(),
        times: size.div_ceil(BLOCK),
        suffix: Bytes::from_static(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    }
}

/// The first block with the stream header, and a block that can follow any number of times.
fn brotli_blocks() -> (Bytes, Bytes) {
    let spaces = vec![b' '; BLOCK as usize];
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 5, 20);
    let mut ends = Vec::with_capacity(3);
    for _ in 0..3 {
        // Flushing ends a block at a byte.
        let _ = encoder.write_all(&spaces).and_then(|()| encoder.flush());
        ends.push(encoder.get_ref().len());
    }
    let whole = encoder.into_inner();
    // The second and third blocks are alike: both copy from spaces at the same distance.
    let at = |nth: usize| ends.get(nth).copied().unwrap_or_default();
    let slice = |from, to| Bytes::copy_from_slice(whole.get(from..to).unwrap_or_default());
    let first = [slice(0, at(0)), slice(at(0), at(1))].concat();
    (first.into(), slice(at(1), at(2)))
}

/// RFC 8878: magic number, then a frame header with a window of 1 MiB and no content size.
fn zstd_header() -> Bytes {
    Bytes::from_static(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50])
}

/// Blocks that say "this byte, 128 KiB times" in four bytes.
fn repeated_zstd(size: u64) -> BodyDelivery {
    const RUN: u32 = 128 * 1024;
    // Bit 0: last block; bits 1 and 2: type 1, a run; the rest: its length.
    let header = (RUN << 3 | 1 << 1).to_le_bytes();
    let block: Vec<u8> = header.into_iter().take(3).chain([b' ']).collect();
    BodyDelivery::Repeated {
        block: block.repeat(8).into(),
        times: size.div_ceil(8 * u64::from(RUN)),
        // An empty raw block, the last one.
        suffix: Bytes::from_static(&[1, 0, 0]),
    }
}
