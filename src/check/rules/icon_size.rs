use std::io::Cursor;

use png::{Decoder, Limits};

use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::thousands;

/// The sides that a square icon may have, in pixels.
const SIDES: [u32; 4] = [16, 32, 64, 128];

rule! {
    /// Finds PNG icons that are not 16, 32, 64 or 128 pixels wide and as many high.
    ///
    /// ## Why
    ///
    /// Icons are shown side by side in one small size: another shape leaves gaps, another size is
    /// blurred, and a large one takes long to load.
    ///
    /// ## Bad
    ///
    /// `img/e/example.com.png` of 120 × 60 pixels
    ///
    /// ## Good
    ///
    /// `img/e/example.com.png` of 64 × 64 pixels, or, better, `img/e/example.com.svg`
    ICON_SIZE = "icon-size", Error, Review, fixable: false, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some((width, height)) = size(context).filter(|size| !is_allowed(*size)) else {
        return Vec::new();
    };
    let message = format!(
        "this icon is {} pixels wide and {} high",
        thousands(width as usize),
        thousands(height as usize),
    );
    let help = "A PNG icon is a square of 16, 32, 64 or 128 pixels: draw it anew in such a size. An \
                SVG icon needs no size.";
    vec![Problem::new(Location::File, message, help)]
}

/// Whether an icon may be as wide and as high as this.
pub(super) fn is_allowed((width, height): (u32, u32)) -> bool {
    width == height && SIDES.contains(&width)
}

/// The width and the height that a PNG file claims; `None` where it is none.
pub(super) fn size(context: &IconContext<'_>) -> Option<(u32, u32)> {
    let Image::Png = context.image else {
        return None;
    };
    let mut decoder = decoder(&context.file.bytes);
    decoder.read_header_info().ok().map(png::Info::size)
}

/// A decoder that takes no more memory than an icon of an allowed size needs.
pub(super) fn decoder(bytes: &[u8]) -> Decoder<Cursor<&[u8]>> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 1 << 20 });
    // What is not drawn may be of any size.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder
}
