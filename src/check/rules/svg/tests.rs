use std::fmt::Write;

use roxmltree::{Document, Error};

use super::dimensions::SVG_DIMENSIONS;
use super::external_reference::SVG_EXTERNAL_REFERENCE;
use super::invalid::SVG_INVALID;
use super::multiple_lines::SVG_MULTIPLE_LINES;
use super::part::{MAX_PROBLEMS, squeezed, urls};
use super::superfluous_attribute::SVG_SUPERFLUOUS_ATTRIBUTE;
use super::{
    SVG_COMMENT, SVG_PROCESSING_INSTRUCTION, SVG_ROOT_ID, SVG_XML_SPACE, Syntax, contains_data_url,
};
use crate::check::RULES;
use crate::check::context::{IconContext, Image};
use crate::check::rule::{Check, Problem, Rule};
use crate::check::svg::{SVG, parse};
use crate::finding::Change;
use crate::source::{Kind, Location, SourceFile};
use crate::text::replace;

/// An icon with these elements.
fn svg(inside: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg'>{inside}</svg>")
}

/// An icon with these attributes.
fn root(attributes: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg'{attributes}/>")
}

/// An icon with all fixes of a rule, which is still well-formed.
fn fixed(rule: &Rule, text: &str) -> String {
    let mut replacements = Vec::new();
    for problem in problems(rule, text) {
        let Some(fix) = problem.fix else { continue };
        let Change::Replace(of_problem) = fix.change else {
            panic!("{:?}", fix.change)
        };
        replacements.extend(of_problem);
    }
    let fixed = replace(text, replacements);
    let document = Document::parse(&fixed);
    assert!(document.is_ok(), "{document:?}: {fixed}");
    fixed
}

fn problems(rule: &Rule, text: &str) -> Vec<Problem> {
    let path = "img/e/example.com.svg".into();
    let file = SourceFile::from_bytes(path, Kind::Icon, text.as_bytes(), None);
    let image = Image::of(&file);
    let Check::Icon(check) = rule.check else {
        panic!("{}", rule.id)
    };
    check(&IconContext {
        file: &file,
        image: &image,
    })
}

const MANY: usize = 1 << 20;

/// Checks a hostile file with every rule. `check::work` counts the instructions for such files.
fn look(text: &str) {
    let path = "img/e/example.com.svg".into();
    let file = SourceFile::from_bytes(path, Kind::Icon, text.as_bytes(), None);
    let image = Image::of(&file);
    for rule in RULES {
        let Check::Icon(check) = rule.check else {
            continue;
        };
        let found = check(&IconContext {
            file: &file,
            image: &image,
        });
        assert!(found.len() <= MAX_PROBLEMS, "{}: {}", rule.id, found.len());
    }
}

fn filled(start: &str, part: &str, end: &str) -> String {
    let times = (MANY - start.len() - end.len()) / part.len();
    format!("{start}{}{end}", part.repeat(times))
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let depth = 130_000;
    let text = format!(
        "<svg xmlns='{SVG}'>{}{}</svg>",
        "<g>".repeat(depth),
        "</g>".repeat(depth)
    );
    look(&text);
    look(&format!("<svg xmlns='{SVG}'>{}", "<g>".repeat(300_000)));
}

#[test]
fn a_megabyte_of_anything_has_few_problems() {
    let svg = format!("<svg xmlns='{SVG}'>");
    for part in [
        "<!---->",
        "<?a?>",
        "<path fill='#000' d='a'/>",
        "<style>url(#a</style>",
        "<style/>",
        "<script/>",
        "<![CDATA[]]>\n",
        "\n<a href='http:'/>",
        "<text>\n</text>",
        "&#10;",
    ] {
        look(&filled(&svg, part, "</svg>"));
    }
    look(&filled(&format!("{svg}<style>"), "url(#", "</style></svg>"));
    look(&filled(&format!("{svg}<a style='"), "url(#", "'/></svg>"));
    look(&filled(&format!("{svg}<a style='"), "\n   ", "'/></svg>"));
    look(&filled(&format!("{svg}<a style='"), "data:", "'/></svg>"));
    look(&filled(&format!("{svg}<a"), "\n", "/></svg>"));
}

#[test]
fn too_many_attributes_or_declarations_are_refused_early() {
    let mut attributes = format!("<!-- =\" --><svg xmlns='{SVG}'");
    let mut nested = format!("<svg xmlns='{SVG}'>");
    for index in 0..40_000 {
        write!(attributes, " a{index}\n=\t''").unwrap();
        write!(nested, "<g xmlns:a{index}='b'>").unwrap();
    }
    attributes.push_str("/>");
    assert!(matches!(
        parse(&attributes),
        Err(Error::AttributesLimitReached)
    ));
    assert!(matches!(parse(&nested), Err(Error::NamespacesLimitReached)));
    look(&attributes);
    look(&nested);
}

#[test]
fn urls_are_found_in_any_case_and_without_quotes() {
    let found: Vec<&str> = urls("translate(1) URL( '#a') url(b")
        .map(|url| &url[..1])
        .collect();
    assert_eq!(found, ["#", "b"]);
    assert_eq!(squeezed("Java\tScr\nipt: A"), "javascript:a");
}

#[test]
fn only_comments_are_removed() {
    let text =
        "<!-- a --><svg xmlns='http://www.w3.org/2000/svg'><!----><g id='<!-'/></svg><!-- b -->\n";
    let expected = "<svg xmlns='http://www.w3.org/2000/svg'><g id='&lt;!-'/></svg>\n";
    assert_eq!(
        fixed(&SVG_COMMENT, &text.replace("'<!-'", "'&lt;!-'")),
        expected
    );
}

#[test]
fn a_view_box_replaces_plain_numbers() {
    let text = root(" width='8.5px' id='a' height=\"16\"");
    assert_eq!(
        fixed(&SVG_DIMENSIONS, &text),
        root(" viewBox=\"0 0 8.5 16\" id='a'")
    );
    let text = root(" height='16'\n width='8'");
    assert_eq!(
        fixed(&SVG_DIMENSIONS, &text),
        root("\n viewBox=\"0 0 8 16\"")
    );
}

#[test]
fn dimensions_with_the_aspect_ratio_of_the_view_box_are_removed() {
    for (text, expected) in [
        (
            " width='1em' viewBox='0 0 8 8' height='1em'",
            " viewBox='0 0 8 8'",
        ),
        (" height='8' viewBox=''", " viewBox=''"),
        (
            " width='100%' height='100%' viewBox='0 0 8 4'",
            " viewBox='0 0 8 4'",
        ),
        (
            " width='21.33px' height='16' viewBox='-1,-1 512 384'",
            " viewBox='-1,-1 512 384'",
        ),
    ] {
        assert_eq!(fixed(&SVG_DIMENSIONS, &root(text)), root(expected));
    }
}

#[test]
fn dimensions_stay_if_the_icon_could_change_its_shape() {
    for attributes in [
        " width='8'",
        " width='8' height='1em'",
        " width='0' height='8'",
        " width='' height='.'",
        " width='16' height='8' viewBox='0 0 8 8'",
        " width='16' height='8em' viewBox='0 0 16 8'",
        " width='16' height='8' viewBox='0 0 16'",
        " width='16' height='8' viewBox='0 0 0 0'",
        " width='0' height='8' viewBox='0 0 16 8'",
    ] {
        let text = root(attributes);
        assert_eq!(problems(&SVG_DIMENSIONS, &text).len(), 1);
        assert_eq!(fixed(&SVG_DIMENSIONS, &text), text);
    }
}

#[test]
fn a_data_url_is_found_in_any_notation() {
    for value in [
        "data:,",
        " da\nta:,",
        "DATA:,",
        "url(data:,)",
        "url( 'data:,')",
        "#a; data:,",
    ] {
        assert!(contains_data_url(value, Syntax::Attribute), "{value}");
    }
    assert!(contains_data_url("fill: url( \"data:,\")", Syntax::Css));
}

#[test]
fn a_longer_word_is_not_a_data_url() {
    assert!(!contains_data_url("metadata:a", Syntax::Attribute));
    assert!(!contains_data_url("a{b:c}.data:hover{d:e}", Syntax::Css));
}

#[test]
fn a_reference_is_found_in_any_notation() {
    for inside in [
        "<use href=' a.svg#a'/>",
        "<use href='//a'/>",
        "<a href='https://a'/>",
        "<g fill='URL( \"a#b\" )'/>",
        "<g fill='url(#a) url(b)'/>",
        "<g fill='u\\72l(b)'/>",
        "<g style='a:image-set(\"b\" 1x)'/>",
        "<style>@im<!-- -->port 'a'</style>",
        "<style>a{b:url(<![CDATA[https:]]>//c)}</style>",
        "<style>a{b:url(javascript:c)}</style>",
        "<set to='url(//a)'/>",
        "<g xml:base='//a'/>",
    ] {
        assert_eq!(
            problems(&SVG_EXTERNAL_REFERENCE, &svg(inside)).len(),
            1,
            "{inside}"
        );
    }
}

#[test]
fn a_reference_to_a_part_of_the_icon_is_fine() {
    for inside in [
        "<use href='#a'/>",
        "<g fill='url(#a)'/>",
        "<g fill='url( \"#a\" )' transform='scale(2)'/>",
        "<style>a{b:url('#c')}</style>",
        "<image href='data:,'/>",
        "<a href='javascript:'/>",
    ] {
        assert_eq!(
            problems(&SVG_EXTERNAL_REFERENCE, &svg(inside)).len(),
            0,
            "{inside}"
        );
    }
}

#[test]
fn every_xml_error_has_a_location_in_the_text() {
    for text in [
        "",
        " ",
        "\n",
        "é",
        "<",
        "<svg",
        "<svg>",
        "<svg>\n</g>\n",
        "<svg a>",
        "<svg a=b/>",
        "<svg a='<'/>",
        "<svg>&a;</svg>",
        "<svg>&</svg>",
        "<svg>é\u{1}</svg>",
        "<a:svg/>",
        "<svg a='' a=''/>",
        "<!DOCTYPE svg><svg/>",
        "\n<?xml version='1.0'?><svg/>",
        "<?xml ?>",
        "<svg/>x",
        "<svg>]]></svg>",
        "<svg><!-- -- --></svg>",
        "<svg><!--",
        "<svg/><svg/>",
        "<1/>",
        "</svg>",
        "<svg xmlns:a='' xmlns:a=''/>",
    ] {
        let found = problems(&SVG_INVALID, text);
        let [problem] = found.as_slice() else {
            panic!("{text}: {found:?}")
        };
        let Location::Bytes(range) = &problem.location else {
            panic!("{text}")
        };
        assert!(text.get(range.clone()).is_some(), "{text}: {range:?}");
    }
}

#[test]
fn line_breaks_between_elements_are_removed_and_those_in_tags_become_spaces() {
    let text = "<?xml version='1.0'?>\r\n<svg\n    xmlns='http://www.w3.org/2000/svg'\n>\n\
                <!-- a\n b --><path\r\n  d='M0\n 0>'\n  />\n\t<title>\n  A\n  b\n</title>\n</svg\n>\n\n";
    let one_line = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'>\
                    <!-- a b --><path d='M0 0>'/><title>A b</title></svg>\n";
    assert_eq!(fixed(&SVG_MULTIPLE_LINES, text), one_line);
    assert!(problems(&SVG_MULTIPLE_LINES, one_line).is_empty());
}

#[test]
fn line_breaks_with_a_possible_meaning_stay() {
    for inside in [
        "<text>a\nb</text>",
        "<g><text><tspan>a\n</tspan></text></g>",
        "<style>a\n{}</style>",
        "<script>// a\nb</script>",
        "<desc><![CDATA[a\nb]]></desc>",
    ] {
        let text = svg(inside);
        assert_eq!(problems(&SVG_MULTIPLE_LINES, &text).len(), 1, "{inside}");
        assert_eq!(fixed(&SVG_MULTIPLE_LINES, &text), text);
    }
}

#[test]
fn line_breaks_around_an_icon_are_fine() {
    for text in [
        svg(""),
        format!("{}\n", svg("")),
        format!("\n{}\r\n", svg("")),
    ] {
        assert!(problems(&SVG_MULTIPLE_LINES, &text).is_empty(), "{text}");
    }
}

#[test]
fn an_xml_declaration_is_removed_with_its_line_break() {
    let icon = root("");
    for start in [
        "<?xml version='1.0'?>\r\n",
        "<?xml version=\"1.0\" encoding = 'utf-8' ?>",
        "<?xml\nversion='1.0'?>\n",
    ] {
        assert_eq!(
            fixed(&SVG_PROCESSING_INSTRUCTION, &format!("{start}{icon}")),
            icon
        );
    }
}

#[test]
fn instructions_and_other_encodings_stay() {
    for start in [
        "<?xml-stylesheet href='a'?>",
        "<?xml version='1.0' encoding='latin1'?>",
    ] {
        let text = format!("{start}{}", root(""));
        assert_eq!(problems(&SVG_PROCESSING_INSTRUCTION, &text).len(), 1);
        assert_eq!(fixed(&SVG_PROCESSING_INSTRUCTION, &text), text);
    }
}

#[test]
fn a_root_id_is_removed_unless_it_is_used() {
    let text = "<svg id=\"a\" xmlns='http://www.w3.org/2000/svg'><g fill='#b'/></svg>";
    let expected = "<svg xmlns='http://www.w3.org/2000/svg'><g fill='#b'/></svg>";
    assert_eq!(fixed(&SVG_ROOT_ID, text), expected);
    for used in [
        "<use href='#a'/>",
        "<g mask='url(#a)'/>",
        "<set begin='a.click'/>",
    ] {
        let text = text.replace("<g fill='#b'/>", used);
        assert_eq!(fixed(&SVG_ROOT_ID, &text), text);
    }
}

#[test]
fn superfluous_attributes_are_found_but_not_removed() {
    for (inside, count) in [
        ("<g version='1'\n data-a='' id='b' class=\"c\"/>", 3),
        ("<g fill='#000' ><path fill='black'/></g>", 2),
        ("<path fill-rule='nonzero' fill-opacity='1'/>", 2),
        ("<g xmlns:a='b' a:c='d' xml:lang='e'/>", 1),
        ("<style>.a{}</style><g class='a' data-b='c'/>", 1),
        ("<animateMotion fill='#000'/>", 0),
        ("<g fill='red' fill-rule='evenodd'/>", 0),
    ] {
        let text = svg(inside);
        let found = problems(&SVG_SUPERFLUOUS_ATTRIBUTE, &text);
        assert_eq!(found.len(), count, "{inside}: {found:?}");
        assert_eq!(fixed(&SVG_SUPERFLUOUS_ATTRIBUTE, &text), text);
    }
}

#[test]
fn unused_prefixes_of_the_root_element_are_found() {
    let text = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:a = \"b>\"\n xmlns:c='d' \
                xmlns:f='g'><c:h/><g f:i=''/></svg>";
    let found = problems(&SVG_SUPERFLUOUS_ATTRIBUTE, text);
    let [prefixed, unused] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(prefixed.message.contains("`f:i`"), "{prefixed:?}");
    assert_eq!(
        unused.message,
        "`xmlns:a` has no effect: its prefix is not used"
    );
}

#[test]
fn xml_space_is_removed_without_text() {
    let text = "<svg xmlns='http://www.w3.org/2000/svg' xml:space='preserve'\n xml:lang='en'/>";
    let expected = "<svg xmlns='http://www.w3.org/2000/svg'\n xml:lang='en'/>";
    assert_eq!(fixed(&SVG_XML_SPACE, text), expected);
    let text = text.replace("/>", "><text> a </text></svg>");
    assert_eq!(fixed(&SVG_XML_SPACE, &text), text);
}
