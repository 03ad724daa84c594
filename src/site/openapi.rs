//! `openapi.json`: the API as an OpenAPI 3.1 description, from the settings, files and schemas.

use serde_json::{Map, Value, json};

use crate::api;
use crate::artifact::{Artifact, MediaType};
use crate::directory::{Directory, Settings};
use crate::failure::Result;
use crate::json_text::{Style, write};
use crate::schema;

/// The path of the description in `dist/`.
pub(crate) const FILE: &str = "openapi.json";

/// The description of the API (OpenAPI Specification 3.1).
///
/// `files` are all JSON files of the build in their published order. The description covers the
/// files of each version, the schemas and the manifest, and in a signed build their signatures and
/// the key. It refers to the published schemas by relative paths, so that a copy of `dist/` is
/// complete.
///
/// # Errors
///
/// If it cannot be written as JSON, which would be a bug.
pub(crate) fn openapi(
    directory: &Directory,
    files: &[Artifact],
    is_signed: bool,
) -> Result<Artifact> {
    let settings = &directory.settings;
    let mut paths = Paths {
        settings,
        is_signed,
        tags: Vec::new(),
        items: Map::new(),
    };
    for version in settings.supported().filter_map(api::version) {
        let number = version.number();
        let file = version.schema().file;
        let schema = |name: &str| match version.schema_part(name) {
            "" => format!("schemas/{file}"),
            part => format!("schemas/{file}#{part}"),
        };
        paths.tag(&format!("Version {number}"), version.form());
        paths.folder(&format!("v{number}"), files, schema);
    }
    let mut signed = vec!["manifest.json"];
    paths.tag(
        "Changes and statistics",
        "What changed, and how many sites have 2FA.",
    );
    for (path, id, schema) in [
        (api::CHANGES_FILE, "changes", schema::CHANGES),
        (api::STATS_FILE, "stats", schema::STATS),
    ] {
        if let Some(file) = files.iter().find(|file| file.path == path) {
            let schema = json!({ "schema": { "$ref": format!("schemas/{}", schema.file) } });
            paths.add(
                &format!("/{path}"),
                id,
                file.about,
                file.media_type,
                &schema,
            );
            signed.push(path);
        }
    }
    paths.tag(
        "Schemas",
        "The JSON schemas that every published file meets.",
    );
    paths.folder("schemas", files, |name| match name {
        "categories" => "#/components/schemas/Categories".to_owned(),
        _ => "#/components/schemas/Schema".to_owned(),
    });
    paths.tag("Trust", "The files that prove where the others come from.");
    let schema = json!({ "schema": { "$ref": format!("schemas/{}", schema::MANIFEST.file) } });
    let about = "Every published file with its size and hash.";
    paths.add(
        "/manifest.json",
        "manifest",
        about,
        MediaType::Json,
        &schema,
    );
    if is_signed {
        paths.signatures("", "manifest", &signed);
        let schema = json!({ "schema": { "type": "string" } });
        let about = "The public key, ASCII-armored.";
        paths.add("/key.asc", "key", about, MediaType::PgpKeys, &schema);
    }

    let mut description: Value = serde_json::from_str(include_str!("openapi.json"))?;
    description["info"] = info(settings);
    description["servers"] = json!([{ "url": settings.api.trim_end_matches('/') }]);
    description["externalDocs"]["url"] = json!(settings.api);
    description["tags"] = Value::from(paths.tags);
    description["paths"] = Value::from(paths.items);
    let about = "This API as an OpenAPI 3.1 description.";
    Ok(Artifact::new(
        FILE,
        MediaType::Json,
        about,
        write(&description, Style::Pretty)?,
    ))
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
struct Paths<'s> {
    settings: &'s Settings,
    is_signed: bool,
    tags: Vec<Value>,
    items: Map<String, Value>,
}

impl Paths<'_> {
    fn tag(&mut self, name: &str, description: &str) {
        self.tags
            .push(json!({ "name": name, "description": description }));
    }

    /// Adds the files of a folder and their signatures. `schema` is the reference to the schema of
    /// a file, given its name without extension.
    fn folder(&mut self, folder: &str, files: &[Artifact], schema: impl Fn(&str) -> String) {
        let mut names = Vec::new();
        for file in files {
            let Some(name) = file
                .path
                .strip_prefix(folder)
                .and_then(|it| it.strip_prefix('/'))
            else {
                continue;
            };
            let stem = name.trim_end_matches(".json");
            let id = format!("{folder}_{stem}").replace(|c: char| !c.is_alphanumeric(), "_");
            let schema = json!({ "schema": { "$ref": schema(stem) } });
            self.add(
                &format!("/{}", file.path),
                &id,
                file.about,
                file.media_type,
                &schema,
            );
            names.push(name);
        }
        if self.is_signed && !names.is_empty() {
            self.signatures(&format!("{folder}/"), folder, &names);
        }
    }

    /// Adds both kinds of signature of the files with these names in a folder.
    fn signatures(&mut self, folder: &str, id: &str, names: &[&str]) {
        let endings = &self.settings.signatures;
        let detached = "The detached OpenPGP signature of a file.";
        let inline = "A signed OpenPGP message that contains the file.";
        for (ending, kind, about, media_type) in [
            (
                &endings.detached,
                "signature",
                detached,
                MediaType::PgpSignature,
            ),
            (&endings.inline, "message", inline, MediaType::PgpMessage),
        ] {
            let path = format!("/{folder}{{file}}.{ending}");
            self.add(
                &path,
                &format!("{id}_{kind}"),
                about,
                media_type,
                &json!({}),
            );
            self.items[&path]["parameters"] = json!([{
                "name": "file",
                "in": "path",
                "required": true,
                "description": "The name of the signed file.",
                "schema": { "type": "string", "enum": names },
            }]);
        }
    }

    /// Adds the path of a file.
    fn add(&mut self, path: &str, id: &str, about: &str, media_type: MediaType, schema: &Value) {
        let tag = self.tags.last().map(|tag| &tag["name"]);
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
                        "content": { media_type.name(): schema },
                    },
                    "304": { "$ref": "#/components/responses/NotModified" },
                    "404": { "$ref": "#/components/responses/NotFound" },
                },
            },
        });
        self.items.insert(path.to_owned(), item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(settings: &str, is_signed: bool) -> Value {
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
        let artifact = openapi(&directory, &files, is_signed).unwrap();
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
        assert_eq!(
            signature["parameters"][0]["schema"]["enum"],
            json!(["all.json", "totp.json"])
        );
        let message = &description["paths"]["/v4/{file}.sig"]["get"];
        assert_eq!(message["operationId"], "v4_message");
        assert!(paths(&description).contains(&"/key.asc"));

        let description = described(settings, false);
        assert!(
            !paths(&description)
                .iter()
                .any(|it| it.contains("{file}") || *it == "/key.asc")
        );
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
        assert_eq!(
            description["servers"],
            json!([{ "url": "https://api.example/2fa" }])
        );
    }
}
