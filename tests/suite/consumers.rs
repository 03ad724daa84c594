//! Nothing that `build` accepts makes a known consumer refuse a file, and what would is refused.

use std::collections::BTreeSet;

use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::types::PublicKeyAlgorithm;

use crate::common::{Directory, entry, files};
use crate::consumer::{CONSUMERS, Files, brand_directory, data_of_message, keepass_checker};
use crate::keys::{publisher, secret};

/// With every field that a value can break a consumer through.
const SITE: &str = r#"{"GOOD NAME": {"domain": "good.example", "additional-domains": ["other.example"],
"url": "https://good.example/GOOD-URL", "tfa": ["totp", "custom-software", "custom-hardware"],
"custom-software": ["GOOD APP"], "custom-hardware": ["GOOD DEVICE"],
"documentation": "https://good.example/GOOD-PAGE", "recovery": "https://good.example/GOOD-WAY",
"notes": "A GOOD NOTE.", "categories": ["email"]}}"#;

fn build(text: &str) -> (Directory, Files) {
    let directory = Directory::empty().file("entries/g/good.example.json", text);
    let settings = "[frontend]\nenabled = true\n";
    let directory = directory.file("directory.toml", settings);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let built = files(&directory.dist());
    (directory, built)
}

/// The consumers that refuse these files.
fn refusing(files: &Files) -> BTreeSet<&'static str> {
    let refusing = CONSUMERS
        .iter()
        .filter(|(_, accepts)| accepts(files).is_err());
    refusing.map(|(name, _)| *name).collect()
}

#[test]
fn what_makes_a_consumer_refuse_a_whole_file_is_not_published() {
    let (directory, built) = build(SITE);
    assert_eq!(refusing(&built), BTreeSet::new());
    let (long, label) = ("x".repeat(2048), "x".repeat(300));
    let (over_name, over_note) = ("x".repeat(201), "x".repeat(1001));
    let url = format!("good.example/{long}");
    for (rule, consumer, good, bad) in [
        (
            "unsafe-domain",
            "brand directory",
            "\"domain\": \"good.example\"",
            "\"domain\": \"192.0.2.1\"",
        ),
        (
            "unsafe-domain",
            "brand directory",
            "other.example",
            "192.0.2.1",
        ),
        (
            "unsafe-domain",
            "brand directory",
            "other.example",
            "good.1",
        ),
        ("schema", "brand directory", "other.example", "localhost"),
        ("public-suffix", "web vault", "other.example", "co.uk"),
        (
            "invalid-url",
            "brand directory",
            "good.example/GOOD-URL",
            "user:password@good.example/",
        ),
        (
            "invalid-url",
            "brand directory",
            "good.example/GOOD-PAGE",
            "192.0.2.1/",
        ),
        (
            "invalid-url",
            "brand directory",
            "good.example/GOOD-PAGE",
            "[2001:db8::1]/",
        ),
        (
            "invalid-url",
            "brand directory",
            "good.example/GOOD-WAY",
            "intranet/",
        ),
        (
            "invalid-url",
            "brand directory",
            "good.example/GOOD-WAY",
            &url,
        ),
        (
            "character-reference",
            "logo finder",
            "GOOD NOTE",
            "so-called &quot;note&quot;",
        ),
        (
            "character-reference",
            "logo finder",
            "GOOD NAME",
            "Smith &amp; Sons",
        ),
        (
            "character-reference",
            "logo finder",
            "GOOD APP",
            "Smith&#39;s app",
        ),
        (
            "character-reference",
            "logo finder",
            "GOOD-PAGE",
            "?a=1&amp;b=2",
        ),
        ("text-length", "desktop vault", "GOOD APP", &label),
        ("text-length", "desktop vault", "GOOD DEVICE", &over_name),
        ("text-length", "desktop vault", "GOOD DEVICE", " "),
        ("text-length", "desktop vault", "A GOOD NOTE", &over_note),
        ("text-length", "brand directory", "GOOD NAME", &over_name),
        ("text-length", "brand directory", "GOOD NAME", " "),
        (
            "text-characters",
            "brand directory",
            "GOOD NAME",
            r"a\u0007b",
        ),
        (
            "text-characters",
            "brand directory",
            "GOOD NAME",
            "a\u{202e}b",
        ),
        ("text-characters", "desktop vault", "GOOD APP", r"a\u001bb"),
        (
            "text-characters",
            "desktop vault",
            "GOOD NOTE",
            "a\u{2066}b",
        ),
    ] {
        let text = SITE.replace(good, bad);
        assert!(text != SITE, "{good}");
        let path = directory.path().join("entries/g/good.example.json");
        std::fs::write(&path, &text).unwrap();
        let run = directory
            .run(&["build", "--unsigned", "--format", "json"])
            .ends_with(1);
        assert!(
            run.stdout.contains(&format!("\"{rule}\"")),
            "{bad}: {}",
            run.stdout
        );

        let (good, bad) = (good.replace("\": ", "\":"), bad.replace("\": ", "\":"));
        let forced = built.iter().map(|(path, bytes)| {
            let bytes = match str::from_utf8(bytes) {
                Ok(text) if path.ends_with(".json") => text.replace(&good, &bad).into_bytes(),
                _ => bytes.clone(),
            };
            (path.clone(), bytes)
        });
        let refusing = refusing(&forced.collect());
        assert!(
            refusing.contains(consumer),
            "{bad} breaks {refusing:?} only"
        );
    }
}

/// Hostile but legitimate values, as long as they may be.
fn hostile() -> Vec<(String, String)> {
    let site = |domain: &str, name: &str, app: &str, notes: &str| {
        let text = serde_json::json!({ name: {
            "domain": domain, "tfa": ["totp", "custom-software"], "custom-software": [app],
            "documentation": format!("https://{domain}/{}?a=1&b=%22", "x".repeat(2000)),
            "notes": notes, "regions": ["-us"], "categories": ["email", "other"],
        }});
        (domain.to_owned(), text.to_string())
    };
    let long = "\"\\".repeat(100);
    vec![
        site(
            "a.example",
            "\"</script>\"",
            "'; DROP TABLE x --",
            r#"x"],["Evil",{"domain":"b.example"}]"#,
        ),
        site("b.example", &long, &long, &long.repeat(5)),
        site(
            "c.example",
            "AT&T; & Co.",
            "R&D; &c",
            r#"{"a.example":{}} "b.example":{"methods":[]}"#,
        ),
        site(
            "d.example",
            "__proto__",
            "constructor",
            "\u{1f512} ключ می\u{200c}خواهم null",
        ),
        site(
            "gov.uk",
            "Ümlaut 🔐",
            "{{7*7}}",
            "${jndi:ldap://x.example/} %s%n",
        ),
        site("carrd.co", "int", "null", "&Auml;ther &nbsp; &c; 5 < 6 > 4"),
        site(
            "xn--bcher-kva.example",
            "=cmd|' /C calc'!A0",
            "../../etc",
            "# a * b _c_ `d` [x](y)",
        ),
    ]
}

#[test]
fn hostile_content_that_is_accepted_breaks_no_consumer() {
    let mut directory = Directory::new().file("directory.toml", "[frontend]\nenabled = true\n");
    for (domain, text) in hostile() {
        directory = directory.file(&format!("entries/{}/{domain}.json", &domain[..1]), text);
    }
    let shop = entry("Shop", "shop.example").replace(
        "\"tfa\"",
        "\"additional-domains\": [\"square.site\"], \"tfa\"",
    );
    let directory = directory.file("entries/s/shop.example.json", shop);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let built = files(&directory.dist());
    for (name, accepts) in CONSUMERS {
        if let Err(problem) = accepts(&built) {
            panic!("{name}: {problem}");
        }
    }
}

/// They download `.sig` only, pinned an RSA primary key, and check each file by it.
#[test]
fn verifying_consumers_read_signed_messages() {
    let builder = publisher().set_cipher_suite(CipherSuite::RSA2k);
    let (cert, _) = builder.generate().unwrap();
    let mut directory = Directory::new()
        .file("key.asc", secret(&cert))
        .file("directory.toml", "[signatures]\ninline = \"sig\"\n");
    for (domain, text) in hostile() {
        directory = directory.file(&format!("entries/{}/{domain}.json", &domain[..1]), text);
    }
    directory.run(&["build", "--key", "key.asc"]).ends_with(0);
    let built = files(&directory.dist());
    let pinned = cert.primary_key().key();
    assert_eq!(pinned.pk_algo(), PublicKeyAlgorithm::RSAEncryptSign);
    let verified = |path: &str| {
        let message = &built[&format!("{path}.sig")];
        assert!(message.len() <= 2 << 20, "{path}");
        let (data, signature) = data_of_message(message).unwrap();
        let packet = [
            &[0xc2, 0xff][..],
            &u32::try_from(signature.len()).unwrap().to_be_bytes(),
            &signature,
        ];
        let Packet::Signature(signature) = Packet::from_bytes(&packet.concat()).unwrap() else {
            panic!("{path}: no signature")
        };
        signature.verify_message(pinned, &data).unwrap();
        assert!(data == built[path], "{path}");
        data
    };
    for name in ["all", "totp", "u2f", "sms", "email"] {
        keepass_checker(&verified(&format!("v4/{name}.json"))).unwrap();
    }
    brand_directory(&verified("v3/all.json")).unwrap();
    let detached = &built["v3/all.json.detached"];
    assert!(
        data_of_message(detached).is_err(),
        "they cannot read the other kind"
    );
}
