//! The pages about the API, rendered from the schemas, the settings and `templates/`.

mod changes;
mod chart;
mod components;
mod context;
mod contribute;
mod environment;
mod excerpt;
mod fields;
mod highlight;
mod ignored;
mod markdown;
mod openapi;
mod page;
mod rules;
mod samples;
mod stats;

pub(crate) use context::{SignerInfo, SiteContext};
pub(crate) use ignored::ignored;
pub(crate) use page::artifacts;
pub use samples::{SAMPLES, Sample, Task};
