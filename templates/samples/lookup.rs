//! Checks whether a site supports TOTP.
//! Needs `cargo add ureq --features json` and `cargo add serde --features derive`.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

#[derive(serde::Deserialize)]
struct Site {
    #[serde(default)]
    methods: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let domain = std::env::args().nth(1).unwrap_or_else(|| "example.com".to_owned()).to_lowercase();
    let domain = domain.trim_end_matches('.');

    // A status of 400 or above is an error. Long-running programs should keep the result for at least an hour.
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
    let mut response = agent.get("https://api.2fa.directory/v4/all.json").call()?;
    let sites: HashMap<String, Site> = response.body_mut().read_json()?;

    // If a subdomain is not listed, its parent domain decides.
    let mut parents = std::iter::successors(Some(domain), |it| Some(it.split_once('.')?.1));
    match parents.find_map(|it| sites.get(it)) {
        None => println!("{domain} is not listed"),
        Some(site) if site.methods.iter().any(|method| method == "totp") => {
            println!("{domain} supports TOTP");
        }
        Some(_) => println!("{domain} does not support TOTP"),
    }
    Ok(())
}
