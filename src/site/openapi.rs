//! `openapi.json`: the API as an OpenAPI 3.1 description, from the settings, files and schemas.

use serde_json::{Map, Value, json};

use super::components::Components;
use super::context::SignerInfo;
use super::excerpt;
use crate::api;
use crate::artifact::{Artifact, MediaType};
use crate::directory::{Directory, Settings};
use crate::failure::Result;
use crate::json_text::write_pretty;
use crate::schema;

/// The path of the description in `dist/`.
pub(crate) const FILE: &str = "openapi.json";

/// The description of the API (OpenAPI Specification 3.1).
///
/// `files` are all JSON files of the build in their published order. The description covers the
/// files of each version, the schemas and the manifest, and in a signed build their signatures and
/// the key. It contains every schema that it refers to, because code generators read no other file.
///
/// # Errors
///
/// If it cannot be written as JSON, which would be a bug.
pub(crate) fn openapi(
    directory: &Directory,
    files: &[Artifact],
    signing: Option<SignerInfo<'_>>,
) -> Result<Artifact> {
    let settings = &directory.settings;
    let versions: Vec<&dyn api::Version> = settings.supported().filter_map(api::version).collect();
    let newest = versions.iter().max_by_key(|version| version.number());
    let mut paths = PathItems {
        settings,
        is_signed: signing.is_some(),
        tags: Vec::new(),
        items: Map::new(),
    };
    let mut components =
        Components::new(&directory.schemas, newest.map(|version| version.schema()));
    for version in versions {
        paths.tag(&format!("Version {}", version.number()), version.form());
        paths.folder(&format!("v{}", version.number()), files, |name, file| {
            ResponseContent {
                schema: components.reference(version.schema(), version.schema_part(name)),
                example: example_of_version(file),
            }
        });
    }
    let mut signed = vec!["manifest.json"];
    paths.tag(
        "Changes and statistics",
        "What changed, and how many sites have 2FA.",
    );
    for (path, id, source) in [
        (api::CHANGES_FILE, "changes", schema::CHANGES),
        (api::STATS_FILE, "stats", schema::STATS),
    ] {
        if let Some(file) = files.iter().find(|file| file.path == path) {
            let content = ResponseContent {
                schema: components.reference(source, ""),
                example: example_of_data(file),
            };
            paths.add(
                &format!("/{path}"),
                id,
                file.about,
                file.media_type,
                content,
            );
            signed.push(path);
        }
    }
    paths.tag("Schemas", "The JSON Schemas of the documented files.");
    paths.folder("schemas", files, |name, file| ResponseContent {
        schema: match name {
            "categories" => json!({ "$ref": "#/components/schemas/Categories" }),
            _ => json!({ "$ref": "#/components/schemas/JsonSchema" }),
        },
        example: example_of_schema(directory, name, file),
    });
    paths.tag("Trust", "The files that prove where the others come from.");
    let content = ResponseContent {
        schema: components.reference(schema::MANIFEST, ""),
        example: example_of_manifest(settings),
    };
    let about = "Every published file with its size and hash.";
    paths.add(
        "/manifest.json",
        "manifest",
        about,
        MediaType::Json,
        content,
    );
    if paths.is_signed {
        paths.signatures("", "manifest", &signed);
        let content = ResponseContent {
            schema: json!({ "type": "string" }),
            example: json!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n…"),
        };
        let about = "The public key, ASCII-armored.";
        paths.add("/key.asc", "key", about, MediaType::PgpKeys, content);
    }

    let mut description: Value = serde_json::from_str(include_str!("openapi.json"))?;
    description["info"] = info(settings);
    description["servers"] = json!([{ "url": settings.api.trim_end_matches('/') }]);
    description["externalDocs"]["url"] = json!(settings.api);
    description["tags"] = Value::from(paths.tags);
    description["paths"] = Value::from(paths.items);
    for (name, schema) in components.into_schemas() {
        description["components"]["schemas"][name] = schema;
    }
    let about = "This API as an OpenAPI 3.1 description.";
    Ok(Artifact::new(
        FILE,
        MediaType::Json,
        about,
        write_pretty(&description)?,
    ))
}

/// What a response contains.
struct ResponseContent {
    schema: Value,
    /// Null if there is none.
    example: Value,
}

/// One site of a file, or a part of a file that lists no sites.
fn example_of_version(file: &Artifact) -> Value {
    if file.count.is_none() {
        return first_and_last_field(parsed(file));
    }
    let examples = &file.examples;
    let sites = examples.rich.as_ref().or(examples.without.as_ref());
    excerpt::beginning(sites.unwrap_or(&file.bytes), 1).unwrap_or_default()
}

/// The beginning of a schema, or of the list of categories.
fn example_of_schema(directory: &Directory, name: &str, file: &Artifact) -> Value {
    if name != "categories" {
        return excerpt::beginning(&file.bytes, 3).unwrap_or_default();
    }
    let titles = directory.categories.titles().take(2);
    titles
        .map(|(id, title)| (id.to_owned(), json!({ "title": title })))
        .collect()
}

/// The beginning of each list in a file, and every other field.
fn example_of_data(file: &Artifact) -> Value {
    let mut value = parsed(file);
    for field in ["categories", "regions"] {
        if let Some(map) = value.get_mut(field) {
            *map = first_fields(map.take(), 2);
        }
    }
    for field in ["changes", "history"] {
        if let Some(Value::Array(list)) = value.get_mut(field) {
            list.truncate(1);
        }
    }
    value
}

fn example_of_manifest(settings: &Settings) -> Value {
    let sha256 = "0".repeat(64);
    json!({
        "$schema": format!("{}schemas/{}", settings.api, schema::MANIFEST.file),
        "serial": 1_767_225_600,
        "time": "2026-01-01T00:00:00Z",
        "commit": "0".repeat(40),
        "tool": { "name": "tfadir", "version": env!("CARGO_PKG_VERSION") },
        "keys": [],
        "signatures": settings.signatures,
        "previous": { "serial": 1_767_139_200, "sha256": sha256 },
        "files": [{ "path": "v4/all.json", "size": 2, "sha256": sha256, "media_type": MediaType::Json.name() }],
    })
}

fn parsed(file: &Artifact) -> Value {
    serde_json::from_slice(&file.bytes).unwrap_or_default()
}

fn first_fields(value: Value, number: usize) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().take(number).collect(),
        other => other,
    }
}

fn first_and_last_field(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let last = fields.len().saturating_sub(1);
            let numbered = fields.into_iter().enumerate();
            let kept = numbered.filter(|(index, _)| *index == 0 || *index == last);
            kept.map(|(_, field)| field).collect()
        }
        other => other,
    }
}

fn info(settings: &Settings) -> Value {
    let terms = settings.terms.as_deref().unwrap_or("Cache the files.");
    json!({
        "title": format!("{} API", settings.name),
        "summary": "Which sites support two-factor authentication, and by which methods.",
        "description": format!(
            "Static JSON files. No key and no account needed. Browsers may read them from any \
             origin. {terms}\n\nPlease name the source: {} ({}).",
            settings.attribution, settings.site,
        ),
        "contact": {
            "name": settings.publisher.name,
            "url": settings.publisher.site,
            "email": settings.publisher.email,
        },
        "license": { "name": settings.license, "identifier": settings.license },
        "version": settings.supported().max().unwrap_or_default().to_string(),
    })
}

/// The tags and path items so far. New path items get the last tag.
struct PathItems<'s> {
    settings: &'s Settings,
    is_signed: bool,
    tags: Vec<Value>,
    items: Map<String, Value>,
}

impl PathItems<'_> {
    fn tag(&mut self, name: &str, description: &str) {
        self.tags
            .push(json!({ "name": name, "description": description }));
    }

    /// Adds the files of a folder and their signatures. `content` says what a file contains, given
    /// its name without extension.
    fn folder(
        &mut self,
        folder: &str,
        files: &[Artifact],
        mut content: impl FnMut(&str, &Artifact) -> ResponseContent,
    ) {
        let mut names = Vec::new();
        for file in files {
            let Some(name) = file
                .path
                .strip_prefix(folder)
                .and_then(|path| path.strip_prefix('/'))
            else {
                continue;
            };
            let stem = name.trim_end_matches(".json");
            let id = format!("{folder}_{stem}").replace(|c: char| !c.is_alphanumeric(), "_");
            self.add(
                &format!("/{}", file.path),
                &id,
                file.about,
                file.media_type,
                content(stem, file),
            );
            names.push(name);
        }
        if self.is_signed && !names.is_empty() {
            self.signatures(&format!("{folder}/"), folder, &names);
        }
    }

    /// Adds both kinds of signature of the files with these names in a folder.
    fn signatures(&mut self, folder: &str, id: &str, names: &[&str]) {
        let extensions = &self.settings.signatures;
        let detached = "The detached OpenPGP signature of a file.";
        let inline = "A signed OpenPGP message that contains the file.";
        for (extension, kind, about, media_type) in [
            (
                &extensions.detached,
                "signature",
                detached,
                MediaType::PgpSignature,
            ),
            (&extensions.inline, "message", inline, MediaType::PgpMessage),
        ] {
            let path = format!("/{folder}{{file}}.{extension}");
            self.add(
                &path,
                &format!("{id}_{kind}"),
                about,
                media_type,
                ResponseContent {
                    schema: json!({ "type": "string", "format": "binary" }),
                    example: Value::Null,
                },
            );
            self.items[&path]["parameters"] = json!([{
                "name": "file",
                "in": "path",
                "required": true,
                "description": "The name of the signed file.",
                "example": names.first(),
                "schema": { "type": "string", "enum": names },
            }]);
        }
    }

    /// Adds the path of a file.
    fn add(
        &mut self,
        path: &str,
        id: &str,
        about: &str,
        media_type: MediaType,
        content: ResponseContent,
    ) {
        let tag = self.tags.last().map(|tag| &tag["name"]);
        let mut body = json!({ "schema": content.schema });
        if !content.example.is_null() {
            body["example"] = content.example;
        }
        let item = json!({
            "get": {
                "operationId": id,
                "tags": [tag],
                "summary": about,
                "parameters": [{ "$ref": "#/components/parameters/IfNoneMatch" }],
                "responses": {
                    "200": {
                        "description": "The file.",
                        "headers": { "ETag": { "$ref": "#/components/headers/ETag" } },
                        "content": { media_type.name(): body },
                    },
                    "304": { "$ref": "#/components/responses/NotModified" },
                    "404": { "$ref": "#/components/responses/NotFound" },
                    "429": { "$ref": "#/components/responses/TooManyRequests" },
                },
            },
        });
        self.items.insert(path.to_owned(), item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNER: SignerInfo<'_> = SignerInfo {
        certificate: "86E09992B5FA873FF712BD1A441BE1C6D619E4A9",
        key: "86E09992B5FA873FF712BD1A441BE1C6D619E4A9",
        others: &[],
        development: false,
        discoverable: true,
    };

    fn described(settings: &str, signing: Option<SignerInfo<'_>>) -> Value {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("entries")).unwrap();
        std::fs::write(root.path().join("directory.toml"), settings).unwrap();
        let directory = crate::session::open(Some(root.path())).unwrap();
        let files = [
            "v4/all.json",
            "v4/totp.json",
            "v3/regions.json",
            "schemas/v4.schema.json",
        ];
        let files =
            files.map(|path| Artifact::new(path, MediaType::Json, "About this file.", vec![]));
        let artifact = openapi(&directory, &files, signing).unwrap();
        serde_json::from_slice(&artifact.bytes).unwrap()
    }

    fn paths(description: &Value) -> Vec<&str> {
        description["paths"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn every_file_has_a_path_with_its_schema() {
        let description = described("", None);
        assert!(paths(&description).starts_with(&["/v4/all.json", "/v4/totp.json"]));
        let get = &description["paths"]["/v3/regions.json"]["get"];
        assert_eq!(get["summary"], "About this file.");
        assert_eq!(get["tags"], json!(["Version 3"]));
        let schema = &get["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/V3Regions");
    }

    #[test]
    fn signatures_have_the_extensions_of_the_settings_and_are_absent_from_unsigned_builds() {
        let settings = "[signatures]\ndetached = 'dsig'\ninline = 'sig'\n";
        let description = described(settings, Some(SIGNER));
        let signature = &description["paths"]["/v4/{file}.dsig"];
        assert_eq!(
            signature["parameters"][0]["schema"]["enum"],
            json!(["all.json", "totp.json"])
        );
        let message = &description["paths"]["/v4/{file}.sig"]["get"];
        assert_eq!(message["operationId"], "v4_message");
        assert!(paths(&description).contains(&"/key.asc"));

        let description = described(settings, None);
        assert!(
            !paths(&description)
                .iter()
                .any(|path| path.contains("{file}") || *path == "/key.asc")
        );
    }

    #[test]
    fn a_version_that_has_ended_is_not_described() {
        let description = described(
            "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 3\nended = '2026-01-01'\n",
            None,
        );
        assert!(!paths(&description).contains(&"/v3/regions.json"));
        assert_eq!(description["info"]["version"], "4");
    }

    #[test]
    fn the_server_is_where_the_settings_say() {
        let description = described("api = 'https://api.example/2fa/'\n", None);
        assert_eq!(
            description["servers"],
            json!([{ "url": "https://api.example/2fa" }])
        );
    }
}
