use png::DecodingError;

use super::icon_size::{decoder, is_allowed, size};
use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::source::Location;

rule! {
    /// Finds PNG icons that cannot be decoded: truncated or damaged files, and images in
    /// another format with the extension `.png`.
    ///
    /// ## Why
    ///
    /// Apps would show half of the icon, or nothing.
    ///
    /// ## Bad
    ///
    /// A JPEG image `example.com.jpg`, renamed to `example.com.png`.
    ///
    /// ## Good
    ///
    /// An image exported as PNG.
    ICON_BROKEN = "icon-broken", Error, Output, fix: None, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Image::Png = context.image else {
        return Vec::new();
    };
    let bytes = &context.file.bytes;
    if bytes.is_empty() {
        let help = "Export the image again as PNG.";
        return vec![Problem::new(Location::File, "this file is empty", help)];
    }
    if let Some(format) = other_format(bytes) {
        let message = format!("this file is {format}, but its name ends in `.png`");
        let help = "Open it in an image editor and export it as PNG: renaming a file does not convert \
                    it.";
        return vec![Problem::new(Location::File, message, help)];
    }
    // An image of another size has to be exported again, and may be too large to decode.
    if size(context).is_some_and(|size| !is_allowed(size)) {
        return Vec::new();
    }
    let Err(error) = decode(bytes) else {
        return Vec::new();
    };
    let message = match error {
        DecodingError::IoError(_) => "this PNG file is truncated",
        _ => "this PNG file is damaged",
    };
    let help = "Export or download the image again, and check that it opens.";
    vec![Problem::new(Location::File, message, help)]
}

/// The format of the file according to its first bytes; `None` for PNG.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("a JPEG image"),
        [b'G', b'I', b'F', b'8', ..] => Some("a GIF image"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("a WebP image"),
        [0, 0, 1, 0, ..] => Some("an ICO image"),
        [b'B', b'M', ..] => Some("a BMP image"),
        [b'<', ..] => Some("an SVG image or a web page"),
        [0x89, b'P', b'N', b'G', ..] => None,
        _ => Some("not a PNG image"),
    }
}

/// Decodes all pixels.
fn decode(bytes: &[u8]) -> Result<(), DecodingError> {
    let mut reader = decoder(bytes).read_info()?;
    // The size is allowed, so this is at most 128 × 128 × 8 bytes.
    let size = reader
        .output_buffer_size()
        .ok_or(DecodingError::LimitsExceeded)?;
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
        let mut writer = png::Encoder::new(&mut bytes, side, side)
            .write_header()
            .unwrap();
        writer
            .write_image_data(&vec![7; (side * side) as usize])
            .unwrap();
        drop(writer);
        bytes
    }

    fn messages(rule: &Rule, bytes: &[u8]) -> Vec<String> {
        let file = SourceFile::from_bytes("img/e/e.png".into(), Kind::Icon, bytes, None);
        let Check::Icon(check) = rule.check else {
            panic!()
        };
        let found = check(&IconContext {
            file: &file,
            image: &Image::Png,
        });
        found.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_truncated_png_file_is_found() {
        let bytes = picture(16);
        assert!(messages(&ICON_BROKEN, &bytes).is_empty());
        for end in 0..bytes.len() {
            assert_eq!(messages(&ICON_BROKEN, &bytes[..end]).len(), 1, "{end}");
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
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
    fn four_billion_pixels_are_not_decoded() {
        let mut bytes = picture(16);
        bytes[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        // The header's checksum is wrong now. With the right one, the size is wrong.
        assert_eq!(messages(&ICON_BROKEN, &bytes).len(), 1);
        let mut huge = Vec::new();
        drop(
            png::Encoder::new(&mut huge, 65_535, 65_535)
                .write_header()
                .unwrap(),
        );
        assert!(messages(&ICON_BROKEN, &huge).is_empty());
        assert_eq!(
            messages(&ICON_SIZE, &huge),
            ["this icon is 65,535 × 65,535 pixels"]
        );
    }
}
