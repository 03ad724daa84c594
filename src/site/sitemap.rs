//! `sitemap.xml` (sitemaps.org, protocol 0.9).

use super::context::PageAddress;
use crate::artifact::{Artifact, MediaType};

/// The sitemap of these pages, without the one that stands for files that are not there.
pub(crate) fn artifact(pages: &[PageAddress]) -> Artifact {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in pages.iter().filter(|page| page.path != "404.html") {
        xml.push_str("<url><loc>");
        xml.push_str(&escape(&page.canonical));
        xml.push_str("</loc></url>\n");
    }
    xml.push_str("</urlset>\n");
    Artifact::new("sitemap.xml", MediaType::Xml, "The pages, for search engines.", xml.into())
}

/// A text as character data of XML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_escaped() {
        let address = |path: &str| PageAddress {
            path: path.to_owned(),
            root: String::new(),
            canonical: format!("https://x.example/a&b/{path}"),
        };
        let sitemap = artifact(&[address("v4/"), address("404.html")]);
        let text = String::from_utf8(sitemap.bytes).unwrap();
        assert!(text.contains("<loc>https://x.example/a&amp;b/v4/</loc>"), "{text}");
        assert!(!text.contains("404"), "{text}");
    }
}
