//! A small baseline JPEG encoder (ITU-T T.81): full colour resolution, one quantiser, tables of its own.

use std::f64::consts::PI;

/// Every coefficient is divided by this; larger means smaller files and coarser pictures.
const QUANTISER: f64 = 12.0;

/// The order in which the coefficients of a block are written.
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// Encodes a picture given pixel by pixel as red, green and blue.
pub(crate) fn encode(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8];
    segment(&mut jpeg, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let mut quantisers = vec![0];
    quantisers.extend([QUANTISER as u8; 64]);
    segment(&mut jpeg, 0xdb, &quantisers);
    let (w, h) = ((width as u16).to_be_bytes(), (height as u16).to_be_bytes());
    let frame = [8, h[0], h[1], w[0], w[1], 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
    segment(&mut jpeg, 0xc0, &frame);
    // Codes of one length need no statistics: four bits for the 12 sizes of a DC difference, eight for the 162 pairs of
    // run and size of the others. The code of all ones, which JPEG reserves, stays free in both.
    let mut dc = vec![0];
    dc.extend((1..=16).map(|length| if length == 4 { 12 } else { 0 }));
    dc.extend(0..12);
    segment(&mut jpeg, 0xc4, &dc);
    let mut ac = vec![0x10];
    ac.extend((1..=16).map(|length| if length == 8 { 162 } else { 0 }));
    ac.extend(ac_symbols());
    segment(&mut jpeg, 0xc4, &ac);
    segment(&mut jpeg, 0xda, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);

    let basis = basis();
    let mut bits = Bits { bytes: jpeg, pending: 0, n_pending: 0 };
    let mut previous = [0i32; 3];
    for block_y in 0..height.div_ceil(8) {
        for block_x in 0..width.div_ceil(8) {
            let mut planes = [[0.0; 64]; 3];
            for offset in 0..64u32 {
                let x = (block_x * 8 + offset % 8).min(width - 1);
                let y = (block_y * 8 + offset / 8).min(height - 1);
                for (plane, value) in planes.iter_mut().zip(ycbcr(pixel(x, y))) {
                    if let Some(cell) = plane.get_mut(offset as usize) {
                        *cell = value;
                    }
                }
            }
            for (plane, previous) in planes.iter().zip(previous.iter_mut()) {
                *previous = write_block(&mut bits, &transform(plane, &basis), *previous);
            }
        }
    }
    let mut jpeg = bits.finish();
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

fn segment(jpeg: &mut Vec<u8>, marker: u8, content: &[u8]) {
    jpeg.extend([0xff, marker]);
    jpeg.extend((content.len() as u16 + 2).to_be_bytes());
    jpeg.extend_from_slice(content);
}

/// End of block, sixteen zeros, then run and size in order; the place in this list is the code.
fn ac_symbols() -> impl Iterator<Item = u8> {
    [0x00, 0xf0].into_iter().chain((0..16).flat_map(|run| (1..=10).map(move |size| run << 4 | size)))
}

/// Brightness and two colour differences, centred on zero (JFIF).
fn ycbcr([red, green, blue]: [u8; 3]) -> [f64; 3] {
    let (red, green, blue) = (f64::from(red), f64::from(green), f64::from(blue));
    [
        0.299 * red + 0.587 * green + 0.114 * blue - 128.0,
        -0.168_736 * red - 0.331_264 * green + 0.5 * blue,
        0.5 * red - 0.418_688 * green - 0.081_312 * blue,
    ]
}

/// Row u holds the cosine of frequency u at the eight places.
fn basis() -> [[f64; 8]; 8] {
    std::array::from_fn(|u| {
        let scale = if u == 0 { (1.0_f64 / 8.0).sqrt() } else { 0.5 };
        std::array::from_fn(|x| scale * ((2 * x + 1) as f64 * u as f64 * PI / 16.0).cos())
    })
}

/// The two-dimensional cosine transform, rows first, quantised.
fn transform(block: &[f64; 64], basis: &[[f64; 8]; 8]) -> [i32; 64] {
    let mut rows = [0.0; 64];
    for (row, out) in block.chunks_exact(8).zip(rows.chunks_exact_mut(8)) {
        for (wave, out) in basis.iter().zip(out) {
            *out = row.iter().zip(wave).map(|(value, wave)| value * wave).sum();
        }
    }
    std::array::from_fn(|place| {
        let (v, u) = (place / 8, place % 8);
        let column = rows.iter().skip(u).step_by(8);
        let sum: f64 = basis.get(v).map_or(0.0, |wave| column.zip(wave).map(|(value, wave)| value * wave).sum());
        (sum / QUANTISER).round() as i32
    })
}

/// Writes a block and returns its first coefficient, which the next one is written as a difference to.
fn write_block(bits: &mut Bits, block: &[i32; 64], previous: i32) -> i32 {
    let first = block.first().copied().unwrap_or_default();
    let difference = first - previous;
    let size = magnitude(difference);
    bits.push(size, 4);
    bits.push(amplitude(difference, size), size);
    let mut run = 0;
    for value in ZIGZAG.iter().skip(1).map(|&place| block.get(place).copied().unwrap_or_default()) {
        if value == 0 {
            run += 1;
            continue;
        }
        while run > 15 {
            bits.push(1, 8);
            run -= 16;
        }
        let size = magnitude(value);
        bits.push(2 + run * 10 + size - 1, 8);
        bits.push(amplitude(value, size), size);
        run = 0;
    }
    if run > 0 {
        bits.push(0, 8);
    }
    first
}

fn magnitude(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// Negative values are written as their ones' complement.
fn amplitude(value: i32, size: u32) -> u32 {
    if value < 0 { (value - 1) as u32 & ((1 << size) - 1) } else { value as u32 }
}

struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    n_pending: u32,
}

impl Bits {
    fn push(&mut self, value: u32, n_bits: u32) {
        self.pending = self.pending << n_bits | value;
        self.n_pending += n_bits;
        while self.n_pending >= 8 {
            self.n_pending -= 8;
            let byte = (self.pending >> self.n_pending) as u8;
            self.bytes.push(byte);
            // A zero tells a byte of ones from a marker.
            if byte == 0xff {
                self.bytes.push(0);
            }
            self.pending &= (1 << self.n_pending) - 1;
        }
    }

    /// Fills the last byte with ones.
    fn finish(mut self) -> Vec<u8> {
        let missing = (8 - self.n_pending % 8) % 8;
        self.push((1 << missing) - 1, missing);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zigzag_visits_every_coefficient_once() {
        let mut seen = ZIGZAG;
        seen.sort_unstable();
        assert_eq!(seen.to_vec(), (0..64).collect::<Vec<_>>());
    }

    #[test]
    fn a_grey_block_is_three_dc_differences_and_three_ends() {
        let jpeg = encode(8, 8, |_, _| [0, 0, 0]);
        // Brightness -128 times 8, divided by 12, is -85: size 7, written as 42. Both colours are zero.
        // 0111 0101010 00000000 | 0000 00000000 | 0000 00000000, filled with ones.
        let scan = [0b0111_0101, 0b0100_0000, 0, 0, 0, 0b0001_1111];
        assert!(jpeg.ends_with(&[scan.as_slice(), &[0xff, 0xd9]].concat()), "{jpeg:x?}");
        assert_eq!(jpeg.get(..4).unwrap(), [0xff, 0xd8, 0xff, 0xe0]);
    }

    #[test]
    fn no_marker_stands_in_the_middle_of_the_scan() {
        let jpeg = encode(100, 60, |x, y| [(x * 37 % 256) as u8, (y * 91 % 256) as u8, ((x ^ y) * 5 % 256) as u8]);
        let scan = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        let body = jpeg.get(scan + 14..jpeg.len() - 2).unwrap();
        assert!(body.windows(2).all(|pair| pair[0] != 0xff || pair[1] == 0));
        assert!(body.contains(&0xff), "the picture is noisy enough to need the escape");
    }
}
