//! tfadir finds everything that the directory's current checks find (the scripts in the `tests`
//! folder of its repository, as of 2026): one case for each of their messages.

use tfadir::check::ids;

use crate::common::{Directory, entry};

const FILE: &str = "entries/b/b.example.json";

/// An entry of `b.example` in which one string is replaced with another.
fn changed(from: &str, to: &str) -> String {
    let entry = entry("B", "b.example");
    assert!(entry.contains(from), "{from}");
    entry.replace(from, to)
}

/// Adds a field to the entry of `b.example`.
fn with(field: &str) -> String {
    changed("\"categories\"", &format!("{field}, \"categories\""))
}

#[track_caller]
fn finds(rule: &str, severity: &str, directory: &Directory) {
    assert!(ids().any(|id| id == rule), "{rule}");
    let run = directory.run(&["check", "--rule", rule]);
    let start = format!("{severity}[{rule}]: ");
    assert!(run.stdout.contains(&start), "{rule}: {}", run.stdout);
}

#[test]
fn errors_in_entries() {
    for (rule, severity, text) in [
        // "Failed to process": the file cannot be parsed.
        ("json-syntax", "error", changed("{", "[")),
        // Messages of the JSON schema, one for each keyword.
        ("schema", "error", changed("\"b.example\"", "5")),
        ("schema", "error", changed("\"domain\"", "\"domian\"")),
        ("schema", "error", changed("\"b.example\"", "\"b\"")),
        ("invalid-url", "error", with("\"url\": \"b.example\"")),
        ("schema", "error", with("\"img\": \"b.gif\"")),
        ("schema", "error", changed("totp", "fingerprint")),
        ("schema", "error", changed("\"totp\"", "")),
        ("schema", "error", with("\"notes\": \"short\"")),
        ("schema", "error", with("\"regions\": [\"usa\"]")),
        ("schema", "error", with("\"additional-domains\": []")),
        (
            "tfa-or-contact",
            "error",
            with("\"contact\": {\"twitter\": \"b\"}"),
        ),
        ("tfa-or-contact", "error", changed("tfa", "tfe")),
        // "notes" requires "tfa"; contact information shouldn't be present when "tfa" is set.
        (
            "needs-tfa",
            "error",
            with("\"notes\": \"This is a note.\"").replace("tfa\": [", "contact\": ["),
        ),
        (
            "redundant-url",
            "error",
            with("\"url\": \"https://b.example\""),
        ),
        ("redundant-img", "error", with("\"img\": \"b.example.svg\"")),
        (
            "custom-method-list",
            "error",
            changed("totp", "custom-software"),
        ),
        (
            "custom-method-list",
            "error",
            changed("totp", "custom-hardware"),
        ),
        (
            "missing-documentation",
            "warning",
            changed("\"documentation\": \"https://b.example/2fa\",", ""),
        ),
        ("unknown-category", "error", changed("email", "emails")),
        ("unknown-region", "error", with("\"regions\": [\"uk\"]")),
        (
            "unknown-language",
            "error",
            with("\"contact\": {\"twitter\": \"b\", \"language\": \"jp\"}"),
        ),
        (
            "www-domain",
            "error",
            changed("\"b.example\"", "\"www.b.example\""),
        ),
        (
            "covered-domain",
            "warning",
            with("\"additional-domains\": [\"a.b.example\"]"),
        ),
        (
            "covered-domain",
            "warning",
            with("\"additional-domains\": [\"c.example\", \"a.c.example\"]"),
        ),
    ] {
        finds(rule, severity, &Directory::new().file(FILE, text));
    }
}

#[test]
fn errors_in_paths_and_permissions() {
    let text = entry("B", "b.example");
    finds(
        "file-name",
        "error",
        &Directory::new().file("entries/b/b.json", &text),
    );
    finds(
        "file-folder",
        "error",
        &Directory::new().file("entries/x/b.example.json", &text),
    );
    finds(
        "file-type",
        "error",
        &Directory::new().file("entries/b/b.example.txt", &text),
    );
    finds(
        "file-type",
        "error",
        &Directory::new().file("img/b/b.example.gif", ""),
    );
    #[cfg(unix)]
    for file in [FILE, "img/b/b.example.svg"] {
        use std::os::unix::fs::PermissionsExt;
        let directory = Directory::new().file(file, &text);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(directory.path().join(file), executable).unwrap();
        finds("file-mode", "error", &directory);
    }
}

#[test]
fn errors_in_icons() {
    let svg = |content: &str| {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{content}</svg>"#)
    };
    let path = r##"<path fill="#fff" d="M0 0h1v1z"/>"##;
    let with_icon = |icon: String| Directory::new().file("img/g/good.example.svg", icon);
    finds(
        "icon-missing",
        "error",
        &Directory::new().file("img/b/b.svg", svg(path)),
    );
    finds(
        "icon-unused",
        "error",
        &Directory::new().file("img/b/b.svg", svg(path)),
    );
    for (rule, severity, icon) in [
        ("svg-invalid", "error", svg("<g>")),
        (
            "svg-invalid",
            "error",
            svg(path).replace(" xmlns=\"http://www.w3.org/2000/svg\"", ""),
        ),
        (
            "svg-processing-instruction",
            "error",
            format!("<?xml version=\"1.0\"?>{}", svg(path)),
        ),
        ("svg-embedded-image", "error", svg("<image href=\"#x\"/>")),
        (
            "svg-embedded-image",
            "error",
            svg("<use href=\"data:image/png;base64,AA\"/>"),
        ),
        ("svg-multiple-lines", "error", svg(&format!("\n{path}\n"))),
        ("svg-script", "error", svg("<script/>")),
        ("svg-comment", "warning", svg("<!-- x -->")),
        ("svg-file-size", "warning", svg(&path.repeat(200))),
        (
            "svg-dimensions",
            "warning",
            svg(path).replace("viewBox=\"0 0 1 1\"", "width=\"1\" height=\"1\""),
        ),
        (
            "svg-root-id",
            "warning",
            svg(path).replace("viewBox", "id=\"x\" viewBox"),
        ),
        (
            "svg-style",
            "warning",
            svg("<path style=\"fill:red\" d=\"M0 0h1v1z\"/>"),
        ),
        (
            "svg-xml-space",
            "warning",
            svg(path).replace("viewBox", "xml:space=\"preserve\" viewBox"),
        ),
        (
            "svg-superfluous-attribute",
            "warning",
            svg("<path data-name=\"x\" d=\"M0 0h1v1z\"/>"),
        ),
        (
            "svg-superfluous-attribute",
            "warning",
            svg("<path class=\"x\" d=\"M0 0h1v1z\"/>"),
        ),
        (
            "svg-superfluous-attribute",
            "warning",
            svg("<path fill=\"#000\" d=\"M0 0h1v1z\"/>"),
        ),
        (
            "svg-superfluous-attribute",
            "warning",
            svg("<path fill-opacity=\".5\" d=\"M0 0h1v1z\"/>"),
        ),
        (
            "svg-superfluous-attribute",
            "warning",
            svg("<path fill-rule=\"nonzero\" d=\"M0 0z\"/>"),
        ),
        (
            "svg-superfluous-attribute",
            "warning",
            svg(path).replace("viewBox", "version=\"1.1\" viewBox"),
        ),
    ] {
        finds(rule, severity, &with_icon(icon));
    }
    finds("icon-size", "error", &png(10, 10));
    finds("icon-size", "error", &png(16, 32));
    let no_png = entry("B", "b.example").replace("\"tfa\"", "\"img\": \"b.png\", \"tfa\"");
    finds(
        "icon-broken",
        "error",
        &Directory::new()
            .file(FILE, no_png)
            .file("img/b/b.png", "GIF"),
    );
}

/// A root with a grey PNG icon of this size.
fn png(width: u32, height: u32) -> Directory {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&vec![0; (width * height) as usize])
        .unwrap();
    drop(writer);
    let text = entry("B", "b.example").replace("\"tfa\"", "\"img\": \"b.png\", \"tfa\"");
    Directory::new().file(FILE, text).file("img/b/b.png", bytes)
}
