//! Markdown as GitLab renders it: comrak with the options of its engine.

use comrak::Options;
use regex::Regex;
use std::sync::LazyLock;

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

/// The page that a text becomes, before anything is sanitised.
pub(super) fn render(text: &str) -> String {
    comrak::markdown_to_html(&front_matter(text), &options())
}

/// A leading block of settings is shown as code (lib/banzai/filter/front_matter_filter.rb). It may
/// begin after blank lines, and its end is every line that begins like its beginning.
fn front_matter(text: &str) -> String {
    static BLOCKS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        ["---", r"\+\+\+", ";;;"]
            .iter()
            .map(|fence| {
                let blank = r"[ \t\r\n\x0c\x0b]";
                let pattern = format!(
                    r"(?ms)\A(?:[^\r\n]*coding:[^\r\n]*)?{blank}*^{fence}[ \t]*(\S*){blank}*^(.*?){blank}*^{fence}{blank}*"
                );
                Regex::new(&pattern).expect("a pattern")
            })
            .collect()
    });
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for block in BLOCKS.iter() {
        if let Some(found) = block.captures(text) {
            let end = found.get(0).map_or(0, |whole| whole.end());
            return format!("```{}\n{}\n```\n\n{}", &found[1], &found[2], &text[end..]);
        }
    }
    text.to_owned()
}
