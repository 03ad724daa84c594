//! The data set as schema.org describes one, for search engines and researchers.

use minijinja::Value;
use serde_json::json;

use super::context::SiteContext;

/// The metadata as JSON-LD (schema.org `Dataset`), safe inside of a `script` element: no character
/// of it can end the element or begin a tag.
///
/// # Errors
///
/// [`serde_json::Error`], to which nothing in a root leads.
pub(crate) fn json_ld(site: &SiteContext<'_>) -> Result<Value, serde_json::Error> {
    let settings = site.settings();
    let distribution: Vec<_> = settings
        .supported()
        .filter_map(|version| site.file(&format!("v{version}/all.json")))
        .map(|file| {
            json!({
                "@type": "DataDownload",
                "name": file.path,
                "encodingFormat": file.media_type.name(),
                "contentUrl": format!("{}{}", settings.api, file.path),
                "contentSize": format!("{} B", file.bytes.len()),
                "sha256": file.sha256(),
            })
        })
        .collect();
    let publisher = &settings.publisher;
    let organization = json!({
        "@type": "Organization",
        "name": publisher.name,
        "url": publisher.site,
        "email": publisher.email,
    });
    let dataset = json!({
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": settings.name,
        "description": format!(
            "{}: which sites have two-factor authentication, by which methods, and where their \
             documentation is.",
            settings.name
        ),
        "url": settings.api,
        "sameAs": settings.site,
        "license": format!("https://spdx.org/licenses/{}.html", settings.license),
        "creditText": settings.attribution,
        "isAccessibleForFree": true,
        "keywords": ["two-factor authentication", "2FA", "TOTP", "security keys"],
        "creator": organization,
        "publisher": organization,
        "distribution": distribution,
    });
    let text = serde_json::to_string(&dataset)?;
    let text = text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    Ok(Value::from_safe_string(text))
}
