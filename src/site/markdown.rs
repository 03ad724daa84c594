//! Markdown to HTML. HTML in Markdown is shown as text.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Parser, Tag, TagEnd, html};

use super::highlight::highlighted;

/// Renders one paragraph, without the `p` element.
pub(crate) fn inline(markdown: &str) -> String {
    let events = events(markdown).filter(|event| {
        !matches!(
            event,
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)
        )
    });
    rendered(events)
}

/// Renders a document below a second-level heading: all its headings become third-level. Code
/// blocks can be scrolled with the keyboard.
pub(crate) fn block(markdown: &str) -> String {
    let mut language = None;
    let events = events(markdown).map(|event| match event {
        Event::Start(Tag::Heading { .. }) => Event::Html("<h3>".into()),
        Event::End(TagEnd::Heading(_)) => Event::Html("</h3>\n".into()),
        Event::Start(Tag::CodeBlock(kind)) => {
            language = Some(match kind {
                CodeBlockKind::Fenced(name) => name,
                CodeBlockKind::Indented => "".into(),
            });
            Event::Html("<pre tabindex=\"0\"><code>".into())
        }
        Event::End(TagEnd::CodeBlock) => {
            language = None;
            Event::Html("</code></pre>\n".into())
        }
        Event::Text(text) => match &language {
            Some(language) => Event::Html(highlighted(&text, language).into()),
            None => Event::Text(text),
        },
        event => event,
    });
    rendered(events)
}

/// The events of a text. HTML becomes text, and unsafe links lead nowhere.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new(markdown).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let is_safe = ["https://", "http://", "#", "../"]
                .iter()
                .any(|scheme| dest_url.starts_with(scheme));
            let dest_url = if is_safe {
                dest_url
            } else {
                CowStr::Borrowed("#")
            };
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            })
        }
        event => event,
    })
}

fn rendered<'e>(events: impl Iterator<Item = Event<'e>>) -> String {
    let mut html = String::new();
    html::push_html(&mut html, events);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_markdown_is_escaped() {
        assert_eq!(
            inline("a `b<c>` <script>alert(1)</script> & *d*"),
            "a <code>b&lt;c&gt;</code> &lt;script&gt;alert(1)&lt;/script&gt; &amp; <em>d</em>"
        );
        assert_eq!(inline("[x](javascript:alert)"), "<a href=\"#\">x</a>");
    }

    #[test]
    fn headings_and_code_fit_into_a_page() {
        assert_eq!(
            block("## Why\n\n```json\n<a>\n```\n"),
            "<h3>Why</h3>\n<pre tabindex=\"0\"><code>&lt;a&gt;\n</code></pre>\n"
        );
    }
}
