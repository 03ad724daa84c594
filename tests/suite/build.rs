//! `tfadir build` on small directories.

use crate::common::{Directory, Tfadir, entry, files, project, temporary_folder};

/// Entries that cover every part of the contract, and their complete output.
#[test]
fn a_small_directory_is_built_as_the_contract_says() {
    let directory = Directory::empty()
        .file("entries/b/b.example.json", r#"{"beta":{"categories":["email"],"domain":"b.example","tfa":["totp","sms"],"documentation":"https://b.example/2fa","regions":["us","de"],"notes":"A <note> & \"more\"."}}"#)
        .file("entries/a/a.example.json", r#"{"Älpha":{"domain":"a.example","contact":{"twitter":"a"},"regions":["de"],"categories":["other","social"]}}"#)
        .file("entries/c/c.example.json", r#"{"Alpha":{"domain":"c.example","additional-domains":["a.example","d.example"],"tfa":["custom-software"],"custom-software":["C App"],"documentation":"https://c.example/2fa","regions":["-fr"],"categories":["email"]}}"#);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();

    let alpha = r#"["Alpha",{"domain":"c.example","additional-domains":["a.example","d.example"],"tfa":["custom-software"],"custom-software":["C App"],"documentation":"https://c.example/2fa","regions":["-fr"],"keywords":["email"]}]"#;
    let umlaut = r#"["Älpha",{"domain":"a.example","contact":{"twitter":"a"},"regions":["de"],"keywords":["other","social"]}]"#;
    let beta = r#"["beta",{"domain":"b.example","tfa":["totp","sms"],"documentation":"https://b.example/2fa","regions":["us","de"],"notes":"A <note> & \"more\".","keywords":["email"]}]"#;
    assert_eq!(text("v3/all.json"), format!("[{alpha},{umlaut},{beta}]"));
    assert_eq!(text("v3/tfa.json"), format!("[{alpha},{beta}]"));
    assert_eq!(text("v3/sms.json"), format!("[{beta}]"));
    assert_eq!(text("v3/call.json"), "[]");
    assert_eq!(
        text("v3/regions.json"),
        r#"{"de":{"count":2},"us":{"count":1},"int":{"count":3,"selection":true}}"#
    );

    let c = r#"{"methods":["custom-software"],"custom-software":["C App"],"documentation":"https://c.example/2fa"}"#;
    let b = r#"{"methods":["totp","sms"],"documentation":"https://b.example/2fa","notes":"A <note> & \"more\"."}"#;
    assert_eq!(
        text("v4/all.json"),
        format!(r#"{{"a.example":{{}},"b.example":{b},"c.example":{c},"d.example":{c}}}"#)
    );
    assert_eq!(
        text("v4/custom-software.json"),
        format!(r#"{{"c.example":{c},"d.example":{c}}}"#)
    );
    assert_eq!(text("v4/u2f.json"), "{}");
}

#[test]
fn only_supported_versions_are_built() {
    let settings = "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 3\nended = 2030-01-31\n";
    let directory = Directory::new().file("directory.toml", settings);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    assert!(files.contains_key("v4/all.json"));
    let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
    assert!(text("index.html").contains("2030-01-31"));
    // The page of the version says when it ended, and what to use instead.
    let ended: Vec<&String> = files
        .keys()
        .filter(|path| path.starts_with("v3/"))
        .collect();
    assert_eq!(ended, ["v3/index.html"]);
    let page = text("v3/index.html");
    assert!(
        page.contains("2030-01-31") && page.contains("../v4/index.html"),
        "{page}"
    );
}

#[test]
fn categories_of_the_root_are_known_and_published() {
    let entry = entry("Good", "good.example").replace("email", "gardening");
    let categories = r#"{"gardening":{"title":"Gardening","icon":"x"}}"#;
    for file in ["schemas/categories.json", "tests/categories.json"] {
        let directory = Directory::empty()
            .file("entries/g/good.example.json", &entry)
            .file(file, categories);
        directory.run(&["build", "--unsigned"]).ends_with(0);
        let files = files(&directory.dist());
        let published: serde_json::Value =
            serde_json::from_slice(&files["schemas/categories.json"]).unwrap();
        assert_eq!(published.to_string(), categories);
        let schema: serde_json::Value =
            serde_json::from_slice(&files["schemas/entry.schema.json"]).unwrap();
        assert_eq!(
            schema["$defs"]["category"]["enum"],
            serde_json::json!(["gardening"])
        );
    }
}

#[test]
fn static_files_are_published_as_they_are() {
    let directory = Directory::new()
        .file("static/robots.txt", "User-agent: *\nDisallow: /\n")
        .file("static/404.html", "<p>Gone")
        .file(
            "static/.well-known/security.txt",
            "Contact: mailto:a@good.example\n",
        )
        .file("static/extra/data.json", "[ 1 ]\n");
    directory.run(&["build"]).ends_with(0);
    let built = files(&directory.dist());
    let manifest: serde_json::Value = serde_json::from_slice(&built["manifest.json"]).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    for (path, bytes) in files(&directory.path().join("static")) {
        assert!(built[&path] == bytes, "{path}");
        assert_eq!(
            listed.iter().filter(|file| file["path"] == *path).count(),
            1,
            "{path}"
        );
    }
    assert!(built.contains_key("extra/data.json.sig"));
    directory
        .run(&["verify", "--cert", "dist/key.asc"])
        .ends_with(0);
}

#[test]
fn static_files_replace_nothing_else() {
    for path in [
        "v3/all.json",
        "index.html",
        "v3/all.json.sig",
        "v3",
        "manifest.json",
        ".tfadir-dist",
    ] {
        let directory = Directory::new().file(&format!("static/{path}"), "[]");
        directory
            .run(&["build"])
            .ends_with(2)
            .says(&format!("the static file `{path}`"));
        assert!(!directory.dist().exists(), "{path}");
    }
}

#[test]
fn a_static_file_must_be_what_its_name_says() {
    let directory = Directory::new()
        .file("static/x.json", "not JSON")
        .file("static/LICENSE", "");
    let directory = directory.file("static/LICENSE.md", "Two files may have one name.");
    directory
        .run(&["build"])
        .ends_with(2)
        .says("x.json` is not JSON: expected");
    let directory = directory.file("static/x.json", "[]");
    directory.run(&["build"]).ends_with(0);
    directory
        .run(&["verify", "--cert", "dist/key.asc"])
        .ends_with(0);
}

#[cfg(unix)]
#[test]
fn links_among_static_files_are_refused() {
    let secret = Directory::empty().file("secret.txt", "secret");
    for target in [secret.path().join("secret.txt"), secret.path().to_owned()] {
        let directory = Directory::new().file("static/about.txt", "about");
        std::os::unix::fs::symlink(target, directory.path().join("static/link.txt")).unwrap();
        directory
            .run(&["build"])
            .ends_with(2)
            .says("static/link.txt")
            .says("links");
        assert!(!directory.dist().exists());
    }
    let directory = Directory::new();
    std::os::unix::fs::symlink(secret.path(), directory.path().join("static")).unwrap();
    directory
        .run(&["build"])
        .ends_with(2)
        .says("static` is not")
        .says("links");
}

#[test]
fn no_setting_becomes_markup() {
    let directory = Directory::new().file(
        "directory.toml",
        "name = '<script>alert(1)</script>'\nattribution = '\"><img src=x onerror=alert(1)>'\n",
    );
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let files = files(&directory.dist());
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let page = String::from_utf8_lossy(bytes);
        assert!(
            !page.contains("<script>") && !page.contains("<img"),
            "{path}: {page}"
        );
    }
    let page = String::from_utf8_lossy(&files["index.html"]);
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

/// The project's own entries, which the README's first command builds.
#[test]
fn our_own_directory_shows_every_part_of_an_entry() {
    let out = temporary_folder();
    let out = out.path().join("dist");
    let args = ["build", "--unsigned", "--out", out.to_str().unwrap()];
    let run = Tfadir::new(&args).run().ends_with(0);
    assert_eq!(run.stdout, "", "there are findings");

    let read = |path: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(out.join(path)).unwrap()).unwrap()
    };
    let all = read("v3/all.json");
    let entries: Vec<(&str, &serde_json::Map<_, _>)> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_object().unwrap()))
        .collect();
    assert!(entries.len() >= 40, "{} entries", entries.len());
    for domain in ["dnsimple.com", "ionos.com", "twilio.com"] {
        assert!(
            entries.iter().any(|(_, entry)| entry["domain"] == domain),
            "{domain}"
        );
    }
    let schema = read("schemas/v3.schema.json");
    for field in schema["$defs"]["entry"]["properties"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(
            entries.iter().any(|(_, entry)| entry.contains_key(field)),
            "no {field}"
        );
    }
    let contact = read("schemas/entry.schema.json");
    for field in contact["$defs"]["contact"]["properties"]
        .as_object()
        .unwrap()
        .keys()
    {
        let uses = |(_, entry): &(&str, &serde_json::Map<String, serde_json::Value>)| {
            entry
                .get("contact")
                .is_some_and(|contact| contact.get(field).is_some())
        };
        assert!(entries.iter().any(uses), "no contact with {field}");
    }
    for method in [
        "sms",
        "call",
        "email",
        "totp",
        "u2f",
        "custom-software",
        "custom-hardware",
    ] {
        assert_ne!(
            read(&format!("v4/{method}.json")),
            serde_json::json!({}),
            "{method}"
        );
    }
    let regions = entries.iter().filter_map(|(_, entry)| entry.get("regions"));
    assert!(
        regions
            .flat_map(|it| it.as_array().unwrap())
            .any(|it| it.as_str().unwrap().starts_with('-'))
    );
    assert!(entries.iter().any(|(name, _)| !name.is_ascii()));
    assert!(project().join("entries").is_dir());
}
