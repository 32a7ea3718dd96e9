//! Markdown as GitLab renders it: comrak with the options of its engine.

use super::matter;
use super::tables::{self, Version};
use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

/// The options of GitLab's engine (gitlabhq, lib/banzai/filter/markdown_engines/glfm_markdown.rb).
pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.alerts = true;
    extension.autolink = true;
    extension.cjk_friendly_emphasis = true;
    extension.description_lists = true;
    extension.footnotes = true;
    // Headings get ids too, and a heading that is a number a link `#12` to itself. Whether that is
    // taken for a reference is not known, and nothing that looks the same could hinder it.
    extension.math_code = true;
    extension.math_dollars = true;
    extension.multiline_block_quotes = true;
    extension.strikethrough = true;
    extension.table = true;
    extension.tasklist = true;
    extension.wikilinks_title_before_pipe = true;
    options.parse.relaxed_autolinks = true;
    options.parse.relaxed_tasklist_matching = true;
    options.parse.tasklist_in_table = true;
    options.render.escaped_char_spans = true;
    options.render.full_info_string = true;
    options.render.github_pre_lang = true;
    options.render.tasklist_classes = true;
    // Raw HTML is sanitised later: `html` does that.
    options.render.r#unsafe = true;
    options
}

/// The pages that a text becomes before anything is sanitised: as of now first, then what earlier
/// versions make of it where that is another one.
pub(super) fn render(text: &str) -> Vec<String> {
    let mut pages = Vec::new();
    for text in matter::readings(text) {
        let page = plain(&text);
        for version in [Version::Now, Version::Earlier] {
            let page = tables::shown(&page, version);
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
    }
    pages
}

/// Markdown alone.
pub(super) fn plain(text: &str) -> String {
    comrak::markdown_to_html(text, &options())
}

/// What is code in a text, in order: blocks, what stands between back quotes, and blocks of HTML that
/// begin with `<pre>`.
pub fn code(text: &str) -> Vec<String> {
    let text = text.replace('\r', "");
    let text = matter::readings(&text).swap_remove(0);
    let arena = Arena::new();
    let nodes = parse_document(&arena, &text, &options()).descendants();
    let code = nodes.filter_map(|node| match &node.data().value {
        NodeValue::Code(code) => Some(code.literal.clone()),
        NodeValue::CodeBlock(block) => Some(block.literal.clone()),
        NodeValue::HtmlBlock(html) => {
            let begin = html.literal.get(.."<pre".len());
            let is_code = begin.is_some_and(|begin| begin.eq_ignore_ascii_case("<pre"));
            is_code.then(|| html.literal.clone())
        }
        _ => None,
    });
    code.collect()
}
