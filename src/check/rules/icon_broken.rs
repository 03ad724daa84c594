use png::DecodingError;

use super::icon_size::{decoder, is_allowed, size};
use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::source::Location;

rule! {
    /// Finds PNG icons that cannot be decoded: files that are cut short or damaged, and pictures of
    /// another format under the name of a PNG file.
    ///
    /// ## Why
    ///
    /// Readers would show half of the icon or none.
    ///
    /// ## Bad
    ///
    /// A photograph that was saved as `example.com.jpg` and renamed to `example.com.png`.
    ///
    /// ## Good
    ///
    /// A picture that was saved as PNG.
    ICON_BROKEN = "icon-broken", Error, Output, fixable: false, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Image::Png = context.image else {
        return Vec::new();
    };
    let bytes = &context.file.bytes;
    if bytes.is_empty() {
        let help = "Export the picture again as PNG; something went wrong.";
        return vec![Problem::new(Location::File, "this file is empty", help)];
    }
    if let Some(format) = other_format(bytes) {
        let message = format!("this file is {format}, although its name ends in `.png`");
        let help = "Open it in a picture editor and export it as PNG: a new name does not change the \
                    format.";
        return vec![Problem::new(Location::File, message, help)];
    }
    // Pixels of a wrong size are drawn anew in any case, and may be too many to be looked at.
    if size(context).is_some_and(|size| !is_allowed(size)) {
        return Vec::new();
    }
    let Err(error) = decode(bytes) else {
        return Vec::new();
    };
    let message = match error {
        DecodingError::IoError(_) => "this PNG file is cut short",
        _ => "this PNG file is damaged and cannot be shown",
    };
    let help = "Export the picture again, or download it again, and see whether it opens.";
    vec![Problem::new(Location::File, message, help)]
}

/// What the file is, where its first bytes are those of another well-known format.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("a JPEG picture"),
        [b'G', b'I', b'F', b'8', ..] => Some("a GIF picture"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("a WebP picture"),
        [0, 0, 1, 0, ..] => Some("an ICO picture"),
        [b'B', b'M', ..] => Some("a BMP picture"),
        [b'<', ..] => Some("an SVG picture or a web page"),
        [0x89, b'P', b'N', b'G', ..] => None,
        _ => Some("no PNG picture"),
    }
}

/// Decodes all pixels.
fn decode(bytes: &[u8]) -> Result<(), DecodingError> {
    let mut reader = decoder(bytes).read_info()?;
    // The size is an allowed one, so this is at most 128 × 128 × 8 bytes.
    let size = reader.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?;
    reader.next_frame(&mut vec![0; size])?;
    reader.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::icon_size::ICON_SIZE;
    use crate::check::{Rule, rule::Check};
    use crate::source::{Kind, SourceFile};

    fn picture(side: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = png::Encoder::new(&mut bytes, side, side).write_header().unwrap();
        writer.write_image_data(&vec![7; (side * side) as usize]).unwrap();
        drop(writer);
        bytes
    }

    fn messages(rule: &Rule, bytes: &[u8]) -> Vec<String> {
        let file = SourceFile::from_bytes("img/e/e.png".into(), Kind::Icon, bytes, None);
        let Check::Icon(check) = rule.check else { panic!() };
        let found = check(&IconContext { file: &file, image: &Image::Png });
        found.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn no_part_of_a_png_file_is_a_png_file() {
        let bytes = picture(16);
        assert!(messages(&ICON_BROKEN, &bytes).is_empty());
        for end in 0..bytes.len() {
            assert_eq!(messages(&ICON_BROKEN, &bytes[..end]).len(), 1, "{end}");
        }
    }

    #[test]
    fn any_changed_byte_of_the_pixels_is_found() {
        let bytes = picture(16);
        for at in 8..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            let found =
                messages(&ICON_BROKEN, &changed).len() + messages(&ICON_SIZE, &changed).len();
            assert!(found > 0 || at >= bytes.len() - 12, "{at}");
        }
    }

    #[test]
    fn four_billion_pixels_are_a_matter_of_the_header() {
        let mut bytes = picture(16);
        bytes[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        // The header's checksum is wrong now; with a right one the size is.
        assert_eq!(messages(&ICON_BROKEN, &bytes).len(), 1);
        let mut huge = Vec::new();
        drop(png::Encoder::new(&mut huge, 65_535, 65_535).write_header().unwrap());
        assert!(messages(&ICON_BROKEN, &huge).is_empty());
        assert_eq!(
            messages(&ICON_SIZE, &huge),
            ["this icon is 65,535 pixels wide and 65,535 high"]
        );
    }
}
