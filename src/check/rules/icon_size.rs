use std::io::Cursor;

use png::{Decoder, Limits};

use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::thousands;

/// The allowed widths of a square icon, in pixels.
pub(crate) const SIDES: [u32; 4] = [16, 32, 64, 128];

rule! {
    /// Finds PNG icons that are not 16 × 16, 32 × 32, 64 × 64 or 128 × 128 pixels.
    ///
    /// ## Why
    ///
    /// Icons are shown side by side in one small size. Other shapes leave gaps, other sizes are
    /// blurred, and large icons load slowly.
    ///
    /// ## Bad
    ///
    /// `img/e/example.com.png`, 120 × 60 pixels
    ///
    /// ## Good
    ///
    /// `img/e/example.com.png`, 64 × 64 pixels, or, better, `img/e/example.com.svg`
    ICON_SIZE = "icon-size", Error, Review, fix: None, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some((width, height)) = size(context).filter(|size| !is_allowed(*size)) else {
        return Vec::new();
    };
    let message = format!(
        "this icon is {} × {} pixels",
        thousands(width as usize),
        thousands(height as usize),
    );
    let help = "PNG icons must be 16 × 16, 32 × 32, 64 × 64 or 128 × 128 pixels: export it again at \
                one of these sizes, or use SVG.";
    vec![Problem::new(Location::File, message, help)]
}

pub(super) fn is_allowed((width, height): (u32, u32)) -> bool {
    width == height && SIDES.contains(&width)
}

/// The width and height in the header of a PNG file.
pub(super) fn size(context: &IconContext<'_>) -> Option<(u32, u32)> {
    let Image::Png = context.image else {
        return None;
    };
    let mut decoder = decoder(&context.file.bytes);
    decoder.read_header_info().ok().map(png::Info::size)
}

/// A decoder limited to the memory that an icon of an allowed size needs.
pub(super) fn decoder(bytes: &[u8]) -> Decoder<Cursor<&[u8]>> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 1 << 20 });
    // Metadata can have any size.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder
}
