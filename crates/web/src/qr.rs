//! QR codes (ISO/IEC 18004) as pictures.

use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// How much of a code may be unreadable. A code on a screen is not damaged, so less correction and larger modules read better;
/// the standard's usual level is the medium one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Correction {
    /// About 7 in 100 (level L).
    Low,
    /// About 15 in 100 (level M), or [`Correction::Low`] for a text that is too long for it.
    Medium,
}

/// A text does not fit into a code, or the code not into the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom;

/// The light margin that a reader needs on each side, in modules (ISO/IEC 18004 section 6.3.8).
const QUIET_ZONE: usize = 4;

/// Draws a text as a PNG, exactly `size` pixels wide and high: modules as large as whole pixels allow, in the middle.
pub(crate) fn png(text: &str, size: u32, correction: Correction) -> Result<Vec<u8>, NoRoom> {
    let code = encode(text, correction)?;
    let side = usize::try_from(size).map_err(|_| NoRoom)?;
    let module = side / (code.width() + 2 * QUIET_ZONE);
    if module == 0 {
        return Err(NoRoom);
    }
    let rows = rows(&code, side, module);
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    // Writing to memory fails only if the parts do not fit together.
    let mut writer = encoder.write_header().map_err(|_| NoRoom)?;
    writer.write_image_data(&rows).map_err(|_| NoRoom)?;
    writer.finish().map_err(|_| NoRoom)?;
    Ok(picture)
}

/// Draws a text as an SVG, which a browser scales.
pub(crate) fn svg(text: &str, correction: Correction) -> Result<String, NoRoom> {
    Ok(encode(text, correction)?
        .render::<svg::Color<'_>>()
        .quiet_zone(true)
        .build())
}

fn encode(text: &str, correction: Correction) -> Result<QrCode, NoRoom> {
    match correction {
        Correction::Low => QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| NoRoom),
        Correction::Medium => {
            QrCode::with_error_correction_level(text, EcLevel::M).or_else(|_| encode(text, Correction::Low))
        }
    }
}

/// The rows of the picture, one bit for each pixel, the leftmost in the highest bit; each row begins with a byte of its own
/// (PNG section 7.2).
fn rows(code: &QrCode, side: usize, module: usize) -> Vec<u8> {
    let (width, colors) = (code.width(), code.to_colors());
    let margin = (side - module * width) / 2;
    let row_bytes = side.div_ceil(8);
    let white = vec![0xFF_u8; row_bytes];
    let mut rows = white.repeat(margin);
    for modules in colors.chunks(width) {
        let mut row = white.clone();
        for (place, _) in modules.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            let left = margin + place * module;
            for pixel in left..left + module {
                if let Some(byte) = row.get_mut(pixel / 8) {
                    *byte &= !(0x80 >> (pixel % 8));
                }
            }
        }
        for _ in 0..module {
            rows.extend_from_slice(&row);
        }
    }
    rows.resize(row_bytes * side, 0xFF);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "otpauth://totp/Countersign:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Countersign";

    /// The pixels, true for a dark one.
    fn pixels(picture: &[u8]) -> (u32, Vec<Vec<bool>>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(picture));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(info.width, info.height);
        let width = usize::try_from(info.width).unwrap();
        let rows = bytes
            .chunks(width)
            .map(|row| row.iter().map(|pixel| *pixel < 128).collect());
        (info.width, rows.collect())
    }

    #[test]
    fn a_picture_has_exactly_the_size_that_is_asked_for() {
        for size in [64, 100, 397, 400, 401] {
            let (width, rows) = pixels(&png(TEXT, size, Correction::Low).unwrap());
            assert_eq!((width, rows.len()), (size, usize::try_from(size).unwrap()));
        }
    }

    #[test]
    fn every_module_is_where_the_code_has_it() {
        let code = QrCode::with_error_correction_level(TEXT, EcLevel::L).unwrap();
        let (_, rows) = pixels(&png(TEXT, 400, Correction::Low).unwrap());
        let module = 400 / (code.width() + 8);
        let margin = (400 - module * code.width()) / 2;
        assert!(margin >= 4 * module, "the quiet zone is four modules");
        for (y, row) in rows.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                let place = |pixel: usize| pixel.checked_sub(margin).map(|inside| inside / module);
                let expected = match (place(x), place(y)) {
                    (Some(x), Some(y)) if x < code.width() && y < code.width() => code[(x, y)] == Color::Dark,
                    _ => false,
                };
                assert_eq!(*is_dark, expected, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_and_a_long_one_gets_less_correction() {
        assert_eq!(png(&"x".repeat(3_000), 400, Correction::Low), Err(NoRoom));
        assert_eq!(svg(&"x".repeat(3_000), Correction::Medium), Err(NoRoom));
        assert!(svg(&"x".repeat(2_900), Correction::Medium).is_ok());
        assert_eq!(png(TEXT, 20, Correction::Low), Err(NoRoom));
    }

    #[test]
    fn an_svg_is_a_picture_without_script_or_style() {
        let picture = svg(TEXT, Correction::Medium).unwrap();
        assert!(picture.starts_with("<?xml") && picture.ends_with("</svg>"));
        for forbidden in ["<script", "style", "href", "secret"] {
            assert!(!picture.contains(forbidden), "{forbidden}");
        }
    }
}
