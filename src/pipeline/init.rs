//! The files that `tfadir init` writes: a commented `directory.toml`, and related files.

use std::io;

use crate::cli::InitArgs;

/// The files to write: paths relative to the root, and their texts.
pub(crate) type Files = Vec<(&'static str, String)>;

/// The name and the URLs of a new directory.
#[derive(Debug)]
pub(crate) struct Answers {
    name: String,
    site: String,
    api: String,
    repository: String,
    publisher: String,
    email: String,
}

impl Answers {
    /// Takes the values of the options, and asks for the rest with a question and an example
    /// answer.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be read.
    pub(crate) fn of(
        args: &InitArgs,
        ask: &mut dyn FnMut(&str, &str) -> io::Result<String>,
    ) -> io::Result<Self> {
        let mut answer = |given: &Option<String>, question: &str, example: &str| match given {
            Some(given) => Ok(given.clone()),
            None => ask(question, example),
        };
        let with_slash = |url: String| if url.ends_with('/') { url } else { url + "/" };
        Ok(Self {
            name: answer(&args.name, "Name of the directory", "Example 2FA Directory")?,
            site: with_slash(answer(
                &args.site,
                "URL of its website",
                "https://directory.example/",
            )?),
            api: with_slash(answer(
                &args.api,
                "URL at which the API is served",
                "https://api.directory.example/",
            )?),
            repository: answer(
                &args.repository,
                "URL of the repository",
                "https://github.com/example/directory",
            )?,
            publisher: answer(&args.publisher, "Publisher", "Example contributors")?,
            email: answer(
                &args.email,
                "E-mail address of the publisher and of the signing key",
                "security@directory.example",
            )?,
        })
    }
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The settings of a new directory.
pub(crate) fn new(answers: &Answers) -> Files {
    let Answers { name, site, api, repository, publisher, email } = answers;
    let attribution = format!("Data sourced from {name}");
    let [name, site, api, repository, publisher, email, attribution] =
        [name, site, api, repository, publisher, email, &attribution].map(|it| quoted(it));
    let text = format!(
        "# The settings of this directory. A setting that is left out has its default; a key in a\n\
         # comment below shows it. The schema that the API publishes describes all of them.\n\
         \n\
         # What the pages call the directory, and where they link to.\n\
         name = {name}\n\
         site = {site}\n\
         # Where dist/ is served. It must end in a slash.\n\
         api = {api}\n\
         repository = {repository}\n\
         # The SPDX identifier of the licence of the data, and the credit that its users are asked for.\n\
         license = \"MIT\"\n\
         attribution = {attribution}\n\
         \n\
         [publisher]\n\
         name = {publisher}\n\
         site = {site}\n\
         # Where to report problems. The key that signs must have this address.\n\
         email = {email}\n\
         \n\
         # The endings of signature files.\n\
         [signatures]\n\
         # detached = \"sig\"\n\
         # inline = \"gpg\"\n\
         \n\
         # Make a rule stricter, or turn it off: `tfadir check --list-rules` lists them.\n\
         [check.rules]\n\
         # missing-documentation = \"deny\"\n\
         \n\
         # Write CNAME, for GitHub Pages with a domain of your own.\n\
         [hosting]\n\
         # cname = true\n"
    );
    vec![("directory.toml", text)]
}

/// The settings of the existing directory, so that everything that works today keeps working
/// (contract, sections 5 and 6).
pub(crate) fn existing() -> Files {
    let settings = "\
# The settings of the 2FA Directory. A setting that is left out has its default.

name = \"2FA Directory\"
site = \"https://2fa.directory/\"
api = \"https://api.2fa.directory/\"
repository = \"https://github.com/2factorauth/twofactorauth\"
license = \"MIT\"
attribution = \"Data sourced from 2FA Directory by 2factorauth\"

[publisher]
name = \"2factorauth\"
site = \"https://github.com/2factorauth\"
email = \"security@2fa.directory\"

# Today's clients download all.json.sig and expect a signed message that contains the data. Every
# one that verifies signatures breaks if `inline` has another ending. Detached signatures have an
# ending that no web server maps to the media type of something else.
[signatures]
inline = \"sig\"
detached = \"detached\"

# The data of the website, /frontend/v1/.
[frontend]
enabled = true
";
    let robots = "User-agent: *\nDisallow: /icons/\n";
    vec![("directory.toml", settings.to_owned()), ("static/robots.txt", robots.to_owned())]
}
