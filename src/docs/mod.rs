//! The pages about the API, rendered from the schemas, the settings and `templates/`.

mod changes;
mod chart;
mod contribute;
mod dataset;
mod environment;
mod examples;
mod files;
mod ignored;
mod markdown;
mod members;
mod openapi;
mod page;
mod rules;
mod samples;
mod security;
mod site;
mod sitemap;

pub use environment::DocsError;
pub use ignored::{Ignored, ignored};
pub use page::artifacts;
pub use samples::{SAMPLES, Sample, Task};
pub use site::Signing;
