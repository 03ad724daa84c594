//! `openapi.json`: the API in the words of OpenAPI 3.1, made of the settings, the files and the schemas.

use serde_json::{Map, Value, json};

use crate::api::{self, Version};
use crate::artifact::{Artifact, MediaType};
use crate::directory::{Directory, Settings};
use crate::json_text::{Style, write};
use crate::schema;

/// The path of the description in `dist/`.
pub(crate) const FILE: &str = "openapi.json";

/// The description of the API (OpenAPI Specification 3.1).
///
/// `files` are all JSON files of the build in their published order; those of a version and the
/// schemas are described, and the manifest. `is_signed` says whether there are signatures and a
/// key. Schemas are referred to where they are published, relative to this file, so that a copy of
/// `dist/` is complete.
///
/// # Errors
///
/// That it cannot be written as JSON; nothing in a root leads there.
pub(crate) fn openapi(
    directory: &Directory,
    files: &[Artifact],
    is_signed: bool,
) -> Result<Artifact, serde_json::Error> {
    let settings = &directory.settings;
    let mut groups: Vec<Group> =
        settings.supported().filter_map(api::version).map(Group::version).collect();
    groups.push(Group::schemas());
    let mut paths = Map::new();
    for group in &groups {
        let prefix = format!("{}/", group.folder);
        let fields: Vec<&Artifact> =
            files.iter().filter(|file| file.path.starts_with(&prefix)).collect();
        for file in &fields {
            paths.insert(format!("/{}", file.path), group.file(file));
        }
        if is_signed && !fields.is_empty() {
            paths.extend(group.signatures(settings, &fields));
        }
    }
    let mut tags: Vec<Value> = groups.iter().map(Group::tag).collect();
    tags.push(json!({ "name": TRUST, "description": "What files are held against." }));
    paths.insert("/manifest.json".to_owned(), manifest());
    if is_signed {
        paths.extend(signatures("", TRUST, "manifest", settings, &["manifest.json"]));
        paths.insert("/key.asc".to_owned(), key());
    }
    let description = json!({
        "openapi": "3.1.0",
        "info": info(settings),
        "servers": [{ "url": settings.api.trim_end_matches('/') }],
        "externalDocs": { "description": "The documentation for people", "url": settings.api },
        "tags": tags,
        "paths": paths,
        "components": components(),
    });
    let about = "This API in the words of OpenAPI 3.1.";
    Ok(Artifact::new(FILE, MediaType::Json, about, write(&description, Style::Pretty)?))
}

const TRUST: &str = "Trust";

fn info(settings: &Settings) -> Value {
    let newest = settings.supported().max().unwrap_or_default();
    json!({
        "title": format!("{} API", settings.name),
        "summary": "Which sites have two-factor authentication, and by which methods.",
        "description": format!(
            "Static files: no key, no account, no limit. Any origin may read them. \
             Download the file that you need and keep it for a while.\n\n\
             Please say where the data comes from: {} ({}).",
            settings.attribution, settings.site,
        ),
        "contact": {
            "name": settings.publisher.name,
            "url": settings.publisher.site,
            "email": settings.publisher.email,
        },
        "license": { "name": settings.license, "identifier": settings.license },
        "version": newest.to_string(),
    })
}

/// Files of one folder, which are one tag.
struct Group {
    folder: String,
    tag: String,
    description: &'static str,
    version: Option<&'static dyn Version>,
}

impl Group {
    fn version(version: &'static dyn Version) -> Self {
        let number = version.number();
        Self {
            folder: format!("v{number}"),
            tag: format!("Version {number}"),
            description: version.form(),
            version: Some(version),
        }
    }

    fn schemas() -> Self {
        let description = "What every file was held against before it was published.";
        Self { folder: "schemas".to_owned(), tag: "Schemas".to_owned(), description, version: None }
    }

    fn tag(&self) -> Value {
        json!({ "name": self.tag, "description": self.description })
    }

    /// The path of one file.
    fn file(&self, file: &Artifact) -> Value {
        let id = file.path.trim_end_matches(".json").replace(|c: char| !c.is_alphanumeric(), "_");
        let content = json!({ file.media_type.name(): { "schema": self.schema(&file.path) } });
        get(&id, &self.tag, file.about, &content)
    }

    /// The schema of one file.
    fn schema(&self, path: &str) -> Value {
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some(version) = self.version {
            let part = version.schema_part(name.trim_end_matches(".json"));
            let fragment = if part.is_empty() { "" } else { "#" };
            return json!({ "$ref": format!("schemas/{}{fragment}{part}", version.schema().file) });
        }
        match name {
            "categories.json" => json!({
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": { "title": { "type": "string" } },
                    "required": ["title"],
                },
            }),
            _ => json!({ "type": "object" }),
        }
    }

    fn signatures(&self, settings: &Settings, files: &[&Artifact]) -> [(String, Value); 2] {
        let names: Vec<&str> =
            files.iter().filter_map(|file| file.path.rsplit('/').next()).collect();
        signatures(&format!("{}/", self.folder), &self.tag, &self.folder, settings, &names)
    }
}

fn manifest() -> Value {
    let schema = json!({ "$ref": format!("schemas/{}", schema::MANIFEST.file) });
    let content = json!({ MediaType::Json.name(): { "schema": schema } });
    get("manifest", TRUST, "Every published file with its size and hash.", &content)
}

fn key() -> Value {
    let content = json!({ MediaType::PgpKeys.name(): { "schema": { "type": "string" } } });
    get("key", TRUST, "The public key, ASCII-armored.", &content)
}

/// The paths of both kinds of signature of the files with these names in a folder.
fn signatures(
    folder: &str,
    tag: &str,
    id: &str,
    settings: &Settings,
    names: &[&str],
) -> [(String, Value); 2] {
    let endings = &settings.signatures;
    let path = |ending: &str, kind: &str, about: &str, media_type: MediaType| {
        let content = json!({ media_type.name(): {} });
        let mut item = get(&format!("{id}_{kind}"), tag, about, &content);
        item["parameters"] = json!([{
            "name": "file",
            "in": "path",
            "required": true,
            "description": "The name of the file that is signed.",
            "schema": { "type": "string", "enum": names },
        }]);
        (format!("/{folder}{{file}}.{ending}"), item)
    };
    let detached = "The detached OpenPGP signature of a file.";
    let inline = "A signed OpenPGP message, which contains the file.";
    [
        path(&endings.detached, "signature", detached, MediaType::PgpSignature),
        path(&endings.inline, "message", inline, MediaType::PgpMessage),
    ]
}

/// The path item of a file that can be read.
fn get(id: &str, tag: &str, summary: &str, content: &Value) -> Value {
    json!({
        "get": {
            "operationId": id,
            "tags": [tag],
            "summary": summary,
            "parameters": [{ "$ref": "#/components/parameters/IfNoneMatch" }],
            "responses": {
                "200": {
                    "description": "The file.",
                    "headers": { "ETag": { "$ref": "#/components/headers/ETag" } },
                    "content": content,
                },
                "304": { "$ref": "#/components/responses/NotModified" },
                "404": { "$ref": "#/components/responses/NotFound" },
            },
        },
    })
}

fn components() -> Value {
    json!({
        "headers": {
            "ETag": {
                "description": "What the file is like now, to be sent back as `If-None-Match` (RFC 9110).",
                "schema": { "type": "string" },
            },
        },
        "parameters": {
            "IfNoneMatch": {
                "name": "If-None-Match",
                "in": "header",
                "description": "The `ETag` of the copy that the client has (RFC 9110).",
                "schema": { "type": "string" },
            },
        },
        "responses": {
            "NotModified": { "description": "The client's copy is still right." },
            "NotFound": {
                "description": "There is no such file. A file that is described here is published by every build.",
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(settings: &str, is_signed: bool) -> Value {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("entries")).unwrap();
        std::fs::write(root.path().join("directory.toml"), settings).unwrap();
        let directory = crate::pipeline::open(Some(root.path())).unwrap();
        let files = ["v4/all.json", "v4/totp.json", "v3/regions.json", "schemas/v4.schema.json"];
        let files =
            files.map(|path| Artifact::new(path, MediaType::Json, "About this file.", vec![]));
        let artifact = openapi(&directory, &files, is_signed).unwrap();
        serde_json::from_slice(&artifact.bytes).unwrap()
    }

    fn paths(description: &Value) -> Vec<&str> {
        description["paths"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn every_file_has_a_path_with_its_schema() {
        let description = described("", false);
        assert!(paths(&description).starts_with(&["/v4/all.json", "/v4/totp.json"]));
        let get = &description["paths"]["/v3/regions.json"]["get"];
        assert_eq!(get["summary"], "About this file.");
        assert_eq!(get["tags"], json!(["Version 3"]));
        let schema = &get["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(schema["$ref"], "schemas/v3.schema.json#/$defs/regions");
    }

    #[test]
    fn signatures_have_the_endings_of_the_settings_and_are_absent_from_unsigned_builds() {
        let settings = "[signatures]\ndetached = 'dsig'\ninline = 'sig'\n";
        let description = described(settings, true);
        let signature = &description["paths"]["/v4/{file}.dsig"];
        assert_eq!(signature["parameters"][0]["schema"]["enum"], json!(["all.json", "totp.json"]));
        let message = &description["paths"]["/v4/{file}.sig"]["get"];
        assert_eq!(message["operationId"], "v4_message");
        assert!(paths(&description).contains(&"/key.asc"));

        let description = described(settings, false);
        assert!(!paths(&description).iter().any(|it| it.contains("{file}") || *it == "/key.asc"));
    }

    #[test]
    fn a_version_that_has_ended_is_not_described() {
        let description = described(
            "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 3\nended = '2026-01-01'\n",
            false,
        );
        assert!(!paths(&description).contains(&"/v3/regions.json"));
        assert_eq!(description["info"]["version"], "4");
    }

    #[test]
    fn the_server_is_where_the_settings_say() {
        let description = described("api = 'https://api.example/2fa/'\n", false);
        assert_eq!(description["servers"], json!([{ "url": "https://api.example/2fa" }]));
    }
}
