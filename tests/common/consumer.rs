//! What the known consumers accept (contract, section 7): each parser is as strict as theirs.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The published files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Whether a consumer accepts the files, or why not.
pub type Accepts = fn(&Files) -> Parsed;

type Parsed = Result<(), String>;

/// The consumers that need no signatures, by name.
pub const CONSUMERS: [(&str, Accepts); 10] = [
    ("web vault", web_vault),
    ("passkeys directory", passkeys_directory),
    ("website", website),
    ("KeePass checker", |files| {
        ["all", "totp", "u2f", "sms", "email"]
            .iter()
            .try_for_each(|name| keepass_checker(bytes(files, &format!("v4/{name}.json"))?))
    }),
    ("brand directory", |files| {
        brand_directory(bytes(files, "v3/all.json")?)
    }),
    ("desktop vault", desktop_vault),
    ("KeePass OTP plug-in", otp_plugin),
    ("domain list", domain_list),
    ("logo finder", logo_finder),
    ("Rust servers", rust_servers),
];

type Pairs = Vec<(String, Map<String, Value>)>;

fn bytes<'f>(files: &'f Files, path: &str) -> Result<&'f [u8], String> {
    files
        .get(path)
        .map(Vec::as_slice)
        .ok_or_else(|| format!("{path} is missing"))
}

fn parse<'f, T: Deserialize<'f>>(bytes: &'f [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

fn read<'f, T: Deserialize<'f>>(files: &'f Files, path: &str) -> Result<T, String> {
    parse(bytes(files, path)?).map_err(|error| format!("{path}: {error}"))
}

fn require(is_met: bool, problem: impl FnOnce() -> String) -> Parsed {
    if is_met { Ok(()) } else { Err(problem()) }
}

/// Flags saved logins without 2FA: every domain covers its subdomains, so none may cover all
/// sites of a country.
fn web_vault(files: &Files) -> Parsed {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Site {
        domain: String,
        #[serde(rename = "documentation")]
        _documentation: Option<String>,
        #[serde(default)]
        additional_domains: Vec<String>,
    }
    let sites: Vec<(String, Site)> = read(files, "v3/totp.json")?;
    for (_, site) in &sites {
        require(!site.domain.is_empty(), || {
            "a site without domain".to_owned()
        })?;
        for domain in &site.additional_domains {
            for login in ["small-shop.co.uk", "bank.com.au", "city.gov.br"] {
                let is_covered = login.ends_with(&format!(".{domain}"));
                require(!is_covered, || format!("{domain} flags {login}"))?;
            }
        }
    }
    Ok(())
}

fn passkeys_directory(files: &Files) -> Parsed {
    for (name, site) in read::<Pairs>(files, "v3/all.json")? {
        let strings = |field: &str| {
            let array = site.get(field).and_then(Value::as_array);
            array.is_some_and(|array| array.iter().all(Value::is_string))
        };
        require(strings("keywords"), || format!("{name}: no keywords"))?;
        for field in ["tfa", "regions"] {
            require(!site.contains_key(field) || strings(field), || {
                format!("{name}: {field}")
            })?;
        }
        require(
            site.contains_key("tfa") != site.contains_key("contact"),
            || format!("{name}: neither `tfa` nor `contact`, or both"),
        )?;
    }
    Ok(())
}

/// Shows each region that it lists, and redirects from those without `categories.json`.
fn website(files: &Files) -> Parsed {
    let regions: Map<String, Value> = read(files, "frontend/v1/regions.json")?;
    for region in regions.keys().map(String::as_str).chain(["int"]) {
        let categories: Map<String, Value> =
            read(files, &format!("frontend/v1/{region}/categories.json"))?;
        let last = categories.keys().next_back().map(String::as_str);
        require(last == Some("other"), || {
            format!("{region} does not end in `other`")
        })?;
        for category in categories.keys() {
            let path = format!("frontend/v1/{region}/{category}.json");
            if category == "other" && !files.contains_key(&path) {
                continue;
            }
            for (name, item) in read::<Map<String, Value>>(files, &path)? {
                require(item["domain"].is_string(), || {
                    format!("{path}: {name}: no domain")
                })?;
            }
        }
    }
    Ok(())
}

/// Maps domains to methods and skips sites without any.
pub fn keepass_checker(json: &[u8]) -> Parsed {
    for (domain, site) in parse::<BTreeMap<String, Map<String, Value>>>(json)? {
        require(site.is_empty() || site["methods"].is_array(), || {
            format!("{domain}: methods")
        })?;
    }
    Ok(())
}

/// Imports every site or none: its tables hold host names, and its texts are short.
pub fn brand_directory(json: &[u8]) -> Parsed {
    let pairs: Pairs = parse(json)?;
    require((1..=20_000).contains(&pairs.len()), || {
        format!("{} pairs", pairs.len())
    })?;
    for (name, site) in &pairs {
        short(name, 200)?;
        let additional = site.get("additional-domains").and_then(Value::as_array);
        for domain in additional.into_iter().flatten().chain([&site["domain"]]) {
            let domain = domain.as_str().unwrap_or_default();
            require(is_host(domain), || {
                format!("{name}: {domain} is not a host name")
            })?;
        }
        for region in site
            .get("regions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let region = region.as_str().unwrap_or_default();
            let code = region.strip_prefix('-').unwrap_or(region);
            let is_code = code.len() == 2 && code.bytes().all(|it| it.is_ascii_lowercase());
            require(is_code, || format!("{name}: region {region}"))?;
        }
        for field in ["url", "documentation", "recovery"] {
            if let Some(url) = site.get(field) {
                let url = url.as_str().unwrap_or_default();
                require(is_link(url), || format!("{name}: {field} is {url}"))?;
            }
        }
    }
    Ok(())
}

fn short(text: &str, max: usize) -> Parsed {
    let is_control = |it: char| {
        it.is_control() || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    require(!text.trim().is_empty(), || "a blank text".to_owned())?;
    require(text.chars().count() <= max, || {
        format!("more than {max} characters: {text}")
    })?;
    require(!text.contains(is_control), || {
        format!("a control character in {text:?}")
    })
}

fn is_host(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = |label: &str| label.bytes().all(|it| it.is_ascii_digit());
    host.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(is_label)
        && !is_number(labels[labels.len() - 1])
}

fn is_link(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let authority = rest
        .and_then(|it| it.split(['/', '?', '#']).next())
        .unwrap_or_default();
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    url.chars().count() <= 2048 && is_host(&host.to_lowercase())
}

/// Throws on every field and method that it does not know, and on texts that its columns cannot
/// hold.
fn desktop_vault(files: &Files) -> Parsed {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct Site {
        #[serde(rename = "methods")]
        _methods: Vec<Method>,
        #[serde(default)]
        custom_software: Vec<String>,
        #[serde(default)]
        custom_hardware: Vec<String>,
        #[serde(rename = "documentation")]
        _documentation: Option<String>,
        #[serde(rename = "recovery")]
        _recovery: Option<String>,
        notes: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Method {
        Sms,
        Call,
        Email,
        Totp,
        U2f,
        CustomSoftware,
        CustomHardware,
    }
    require(bytes(files, "v4/totp.json")?.len() <= 4 << 20, || {
        "more than 4 MiB".to_owned()
    })?;
    let sites: BTreeMap<String, Site> = read(files, "v4/totp.json")?;
    require(sites.len() <= 10_000, || format!("{} domains", sites.len()))?;
    for site in sites.values() {
        let mut products = site.custom_software.iter().chain(&site.custom_hardware);
        products.try_for_each(|product| short(product, 200))?;
        site.notes.iter().try_for_each(|notes| short(notes, 1000))?;
    }
    Ok(())
}

/// Searches the text for a domain as a key; the first match must be the domain's own entry.
fn otp_plugin(files: &Files) -> Parsed {
    let text = str::from_utf8(bytes(files, "v4/all.json")?).map_err(|error| error.to_string())?;
    for (domain, site) in parse::<Map<String, Value>>(text.as_bytes())? {
        let key = format!("\"{domain}\":{{");
        let start = text
            .find(&key)
            .ok_or_else(|| format!("{domain} is not found"))?;
        let rest = &text[start + key.len() - 1..];
        let found = serde_json::Deserializer::from_str(rest)
            .into_iter::<Value>()
            .next();
        require(found.and_then(Result::ok) == Some(site), || {
            format!("{domain}: another match")
        })?;
    }
    Ok(())
}

fn domain_list(files: &Files) -> Parsed {
    for element in read::<Vec<Value>>(files, "v3/totp.json")? {
        let pair = element.as_array().filter(|pair| pair.len() == 2);
        let pair = pair.ok_or_else(|| format!("{element} is not a pair"))?;
        require(pair[1]["domain"].is_string(), || {
            format!("{}: no domain", pair[0])
        })?;
    }
    Ok(())
}

/// Decodes HTML character references before it parses, and then looks for names as people write
/// them.
fn logo_finder(files: &Files) -> Parsed {
    let text = str::from_utf8(bytes(files, "v3/tfa.json")?).map_err(|error| error.to_string())?;
    let mut decoded = text.to_owned();
    for (reference, character) in [
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        decoded = decoded.replace(reference, character);
    }
    let found: Pairs = parse(decoded.as_bytes())?;
    require(found == parse::<Pairs>(text.as_bytes())?, || {
        "other names than published".to_owned()
    })
}

fn rust_servers(files: &Files) -> Parsed {
    for path in ["v3/all.json", "v3/totp.json"] {
        read::<Vec<(String, Value)>>(files, path)?;
    }
    Ok(())
}

/// Draws its chart only if the file cannot be a cut-off one.
pub fn statistics_site(files: &Files) -> Parsed {
    let domains: Map<String, Value> = read(files, "v4/all.json")?;
    require(domains.len() >= 2_000, || {
        format!("only {} domains", domains.len())
    })
}

/// The data in a signed message, for clients whose parser knows no partial body lengths and no
/// armor: packets as `gpg --sign` writes them.
pub fn data_of_message(message: &[u8]) -> Result<(Vec<u8>, Vec<u8>), String> {
    let outer = packets(message)?;
    let [(8, compressed)] = outer.as_slice() else {
        return Err("not compressed".to_owned());
    };
    require(compressed[0] == 1, || "not ZIP".to_owned())?;
    let mut inner = Vec::new();
    let mut inflater = flate2::read::DeflateDecoder::new(&compressed[1..]);
    std::io::Read::read_to_end(&mut inflater, &mut inner).map_err(|error| error.to_string())?;
    require(inner.len() <= 16 << 20, || "more than 16 MiB".to_owned())?;
    let mut inner = packets(&inner)?;
    let tags: Vec<u8> = inner.iter().map(|(tag, _)| *tag).collect();
    require(tags == [4, 11, 2], || {
        format!("no literal data packet found: {tags:?}")
    })?;
    let (literal, signature) = (inner.remove(1).1, inner.remove(1).1);
    require(literal[0] == b'b', || "not binary".to_owned())?;
    Ok((
        literal[6 + usize::from(literal[1])..].to_vec(),
        signature.to_vec(),
    ))
}

/// The packets of a message with their tags (RFC 4880, section 4.2).
fn packets(mut bytes: &[u8]) -> Result<Vec<(u8, &[u8])>, String> {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |all, byte| all << 8 | usize::from(*byte))
    };
    let mut packets = Vec::new();
    while let [tag, first, ..] = *bytes {
        require(tag & 0x80 != 0, || "armored".to_owned())?;
        let is_new = tag & 0x40 != 0;
        let (header, length) = match (is_new, first) {
            (true, 0..192) => (2, usize::from(first)),
            (true, 192..224) => (
                3,
                ((usize::from(first) - 192) << 8) + usize::from(bytes[2]) + 192,
            ),
            (true, 255) => (6, number(&bytes[2..6])),
            (false, _) if tag & 3 < 3 => {
                let size = 1 << (tag & 3);
                (1 + size, number(&bytes[1..=size]))
            }
            _ => return Err("a partial or unknown length".to_owned()),
        };
        let tag = if is_new {
            tag & 0x3f
        } else {
            (tag >> 2) & 0x0f
        };
        let body = bytes.get(header..header + length).ok_or("cut off")?;
        packets.push((tag, body));
        bytes = &bytes[header + length..];
    }
    Ok(packets)
}
