//! Where forges do not agree with the parser here about what is code.
//!
//! The parser follows the standard; that of a forge has its own ways with a few constructs: back
//! quotes behind a run without its like, dollars around code, lines that only some take for a
//! table, a description or the fence of a quote, HTML behind a quote. Nothing else is doubted: code
//! in ordinary texts is code.

use super::html::{self, Open};
use std::ops::{Range, RangeInclusive};

/// The longest run of back quotes that every parser takes for the beginning of code.
const RUN: usize = 80;

/// Looks ahead in a text, from places that only grow, in linear time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ahead(Option<usize>);

impl Ahead {
    /// The next place of something at or behind a place; the end of all places if there is none.
    pub(super) fn find(&mut self, from: usize, find: impl FnOnce() -> Option<usize>) -> usize {
        match self.0 {
            Some(known) if known >= from => known,
            _ => *self
                .0
                .insert(find().map_or(usize::MAX, |found| from + found)),
        }
    }
}

/// The beginnings of lines that parsers read differently, in order.
#[derive(Debug, Default)]
struct Lines {
    /// What could be the second line of a table.
    rows: Vec<usize>,
    /// What could describe the paragraph above.
    descriptions: Vec<usize>,
    /// Nothing but three `>` or more.
    fences: Vec<usize>,
    /// What could make a heading of the line above.
    underlines: Vec<usize>,
    /// Definitions that stand right above what could be a table.
    heads: Vec<Range<usize>>,
    /// What follows a definition that is underlined, up to a blank line.
    underlined: Vec<Range<usize>>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut lines = Self::default();
        let mut at = 0;
        // Where lines without a blank one between them begin, if they begin with a definition.
        let mut definition: Option<(usize, bool)> = None;
        for line in text.split_inclusive('\n') {
            let marks = line.trim_start_matches(is_mark);
            if line.trim().is_empty() {
                definition = None;
            } else {
                if marks.starts_with('[') {
                    definition = definition.or(Some((at, false)));
                }
                if let Some((start, is_whole)) = &mut definition {
                    if *is_whole {
                        lines.below_definition(*start, at, line);
                    }
                    *is_whole |= line.contains("]:");
                }
            }
            lines.add(at, line);
            at += line.len();
        }
        lines
    }

    /// A line below a definition without a blank one between them.
    fn below_definition(&mut self, start: usize, at: usize, line: &str) {
        if is_underline(line) {
            self.underlined.push(at..at + line.len());
        } else if let Some(last) = self.underlined.last_mut().filter(|last| last.end == at) {
            last.end = at + line.len();
        }
        let goes_on = line.trim_start_matches(is_mark).starts_with('[') && line.contains("]:");
        if let Some(head) = self
            .heads
            .last_mut()
            .filter(|head| head.end == at && goes_on)
        {
            head.end = at + line.len();
        } else if is_row(line) {
            match self.heads.last_mut().filter(|head| head.end > start) {
                Some(head) => head.end = at + line.len(),
                None => self.heads.push(start..at + line.len()),
            }
        }
    }

    fn add(&mut self, at: usize, line: &str) {
        let whole = line;
        let line = whole.trim_end();
        let blanks = &whole[line.len()..];
        let rest = line.trim_start_matches(is_mark);
        let marks = &line[..line.len() - rest.len()];
        if marks.trim_end().ends_with(">>>") && (rest.is_empty() || rest.starts_with("[!")) {
            self.fences.push(at);
        }
        if is_underline(line) {
            self.underlines.push(at);
        }
        let behind = rest.strip_prefix([':', '~']);
        let blank = behind.filter(|behind| !behind.is_empty()).unwrap_or(blanks);
        if behind.is_some() && blank.starts_with([' ', '\t']) {
            self.descriptions.push(at);
        }
        if is_row(line) {
            self.rows.push(at);
        }
    }
}

/// What makes a quote or an item may stand in front of a line.
fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '\t' | '>' | '*' | '+' | '-' | '.' | ')') || c.is_ascii_digit()
}

/// Whether a line could make a heading of the one above.
fn is_underline(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '>');
    let is_of = |c: char| line.trim_matches(c).is_empty();
    !line.is_empty() && (is_of('-') || is_of('='))
}

/// Whether a line could be the one below the head of a table.
fn is_row(line: &str) -> bool {
    line.contains('-')
        && line.contains(['|', ':'])
        && line.bytes().all(|b| b"|:- \t>\r\n".contains(&b))
}

/// Whether a line may begin something else although it stands in what is read as code of several
/// lines.
fn ends_code(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']);
    line.starts_with("```") || line.starts_with("~~~") || line.starts_with('<')
}

fn any_in(places: &[usize], range: Range<usize>) -> bool {
    let first = places.partition_point(|at| *at < range.start);
    places.get(first).is_some_and(|at| *at < range.end)
}

/// What is known about the text up to some place.
#[derive(Debug)]
pub(super) struct Doubt<'a> {
    text: &'a str,
    lines: Lines,
    /// Where what is read as one run of text begins and ends.
    leaf: Range<usize>,
    /// Where the first that is shown of it stands, and in which column.
    first: Option<usize>,
    column: Option<usize>,
    /// The rest of it is read otherwise.
    rest: bool,
    /// A run of back quotes without its like was shown in it.
    lonely: bool,
    /// Lengths of runs that are not looked for any more, behind it.
    spent: u128,
    /// There are formulas.
    formulas: bool,
    /// A dollar was shown in it that could begin a formula; whether two.
    dollar: Option<bool>,
    /// An address that makes a link by itself goes on here.
    address: bool,
    dollars: Ahead,
    blank: Ahead,
    line_end: Ahead,
    /// The next ends of elements of which forges do not look at the text.
    ends: [Ahead; 2],
    /// An element in which everything is text, and that was not closed.
    raw: Option<String>,
    /// There is a definition that may be none, so what leads to it may be text.
    labels: bool,
    /// Something was left open.
    torn: bool,
    /// It is a table.
    is_table: bool,
    /// Where the last one ends.
    table_end: usize,
    /// An item has a box and nothing else in its first line.
    task: bool,
    /// Blanks behind the front matter, with where what follows begins.
    matter_gap: Option<RangeInclusive<usize>>,
    /// Where the last block of HTML ends that others do not see.
    lazy_end: usize,
    /// Blocks that begin before this place are something else.
    until: usize,
}

impl<'a> Doubt<'a> {
    pub(super) fn new(text: &'a str, formulas: bool, matter_end: usize) -> Self {
        let lines = Lines::of(text);
        Self {
            text,
            labels: !lines.heads.is_empty(),
            lines,
            leaf: 0..text.len(),
            first: None,
            column: None,
            rest: false,
            lonely: false,
            spent: 0,
            formulas,
            dollar: None,
            address: false,
            dollars: Ahead::default(),
            blank: Ahead::default(),
            line_end: Ahead::default(),
            ends: [Ahead::default(); 2],
            raw: None,
            torn: false,
            is_table: false,
            table_end: usize::MAX,
            task: false,
            matter_gap: Some(matter_end)
                .filter(|end| *end > 0)
                .map(|end| end..=text.len() - text[end..].trim_start().len()),
            lazy_end: 0,
            until: 0,
        }
    }

    /// Another run of text begins.
    pub(super) fn leaf(&mut self, range: Range<usize>) {
        self.leaf = range;
        (self.first, self.column) = (None, None);
        (self.rest, self.lonely, self.spent) = (false, false, 0);
        (self.dollar, self.address) = (None, false);
    }

    /// Everything that begins before a place is in doubt.
    pub(super) fn until(&mut self, end: usize) {
        self.until = self.until.max(end);
    }

    /// Whether everything is in doubt that begins at a place.
    pub(super) fn is_all(&self, at: usize) -> bool {
        let regions = &self.lines.underlined;
        let after = regions.partition_point(|region| region.start <= at);
        at < self.until || self.raw.is_some() || after > 0 && at < regions[after - 1].end
    }

    /// There is a definition that may be none.
    pub(super) fn labels(&mut self) {
        self.labels = true;
    }

    /// Definitions that may be text.
    pub(super) fn heads(&self) -> &[Range<usize>] {
        &self.lines.heads
    }

    /// Whether a quote may have been fenced in front of a place.
    fn is_fenced(&self, at: usize) -> bool {
        self.lines.fences.first().is_some_and(|fence| *fence < at)
    }

    /// What raw HTML was left open took along what came behind it.
    pub(super) fn is_torn(&self) -> bool {
        self.torn
    }

    /// An item with a box begins, and nothing stands behind that.
    pub(super) fn task(&mut self, range: &Range<usize>) {
        let behind = self.text[range.end..].trim_start_matches([' ', '\t']);
        self.task = behind.is_empty() || behind.starts_with('\n');
    }

    /// A table begins or ends.
    pub(super) fn table(&mut self, range: &Range<usize>, begins: bool) {
        self.is_table = begins;
        self.table_end = range.end;
    }

    /// How a quote, an item or a note begins: not more of its first line than people write marks and
    /// labels, because one line may begin as many as it has characters.
    fn first_line(&self, range: &Range<usize>) -> &'a str {
        const NEAR: usize = 100;
        let inside = &self.text[range.clone()];
        let near = &inside[..inside.floor_char_boundary(NEAR)];
        near.lines().next().unwrap_or("")
    }

    /// An item begins. One that begins with an empty line may go on behind another.
    pub(super) fn item(&mut self, range: &Range<usize>) {
        let line = self.first_line(range);
        self.task = line.trim_start_matches(is_mark).is_empty();
    }

    /// A note begins. One that begins with an empty line may be over with it.
    pub(super) fn note(&mut self, range: &Range<usize>) {
        let line = self.first_line(range);
        if line.trim_end().ends_with("]:") {
            self.until(range.end);
        }
    }

    /// What stands behind the name of an alert, in the same line, is nothing but text.
    pub(super) fn alert(&self, quote: &Range<usize>) -> Option<Range<usize>> {
        let inside = self.first_line(quote).trim_start_matches(is_mark);
        if !inside.starts_with("[!") {
            return None;
        }
        let line = self.text[quote.clone()].lines().next()?;
        let inside = line.trim_start_matches(is_mark);
        let name = inside.strip_prefix("[!")?.find(']')?;
        let start = quote.start + (line.len() - inside.len()) + "[!]".len() + name;
        Some(start..quote.start + line.len())
    }

    /// Something begins that is no part of such an item, unless it is indented: then it may be.
    pub(super) fn no_task(&mut self, at: usize) {
        self.task &= self.text[..at].ends_with([' ', '\t']);
    }

    /// Whether what leads to a definition or a note, by its label, may be text.
    pub(super) fn label(&self, at: usize) -> bool {
        self.labels || self.is_all(at)
    }

    /// What raw HTML left open.
    pub(super) fn html(&mut self, open: &Open) {
        if open.is_torn() {
            self.until = usize::MAX;
        }
        self.raw = open.raw().map(str::to_owned);
        self.torn |= open.is_torn() || self.raw.is_some();
    }

    /// Whether what a tag in a line opens may end with a line of a table or of a description.
    pub(super) fn may_end(&mut self, tag: &Range<usize>) -> bool {
        let name = &self.text[tag.start + 1..tag.end];
        let quiet = html::QUIET.iter().position(|quiet| {
            name.get(..quiet.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(quiet))
        });
        let Some(quiet) = quiet else {
            return false;
        };
        let behind = &self.text[tag.end..];
        let close = format!("</{}", html::QUIET[quiet]);
        let end = self.ends[quiet].find(tag.end, || html::find_ignoring_case(behind, &close));
        let end = end.min(self.leaf_end(tag.end));
        any_in(&self.lines.rows, self.leaf.start..end)
            || any_in(&self.lines.descriptions, self.leaf.start..end)
            || any_in(&self.lines.underlines, self.leaf.start..end)
    }

    /// Where a run of text ends at the latest that has a place in it.
    pub(super) fn leaf_end(&mut self, at: usize) -> usize {
        let text = self.text;
        let blank = self.blank.find(at, || text[at..].find("\n\n"));
        blank.min(self.leaf.end).max(at)
    }

    /// Where the lines end that stand behind a place without a blank one.
    pub(super) fn blank(&mut self, at: usize) -> usize {
        let text = self.text;
        let blank = self.blank.find(at, || text[at..].find("\n\n"));
        blank.min(text.len())
    }

    /// A piece of text that is shown. A back quote in it has found no other one.
    pub(super) fn shown(&mut self, range: &Range<usize>) {
        let shown = &self.text[range.clone()];
        self.dollars(range);
        let word = shown.rfind(|c: char| c.is_ascii_whitespace() || c == '<');
        self.address &= word.is_none();
        let word = &shown[word.unwrap_or(0)..];
        self.address |= word.contains("://") || word.contains("www.");
        if self.lonely {
            return;
        }
        let is_escaped = self.text[..range.start].ends_with('\\');
        let skipped = usize::from(is_escaped && shown.starts_with('`'));
        self.lonely = shown[skipped..].contains('`');
    }

    fn dollars(&mut self, range: &Range<usize>) {
        if !self.formulas {
            return;
        }
        let mut at = range.start;
        while let Some(found) = self.text[at..range.end].find('$') {
            let start = at + found;
            let run = self.text[start..].bytes().take(3);
            let length = run.take_while(|b| *b == b'$').count();
            at = (start + length).min(range.end);
            let next = self.text[start + length..].bytes().next();
            let is_escaped = start == range.start && self.text[..start].ends_with('\\');
            let length = length - usize::from(is_escaped);
            let begins = length > 1 || next.is_some_and(|b| !b.is_ascii_whitespace());
            if length > 0 && begins {
                self.dollar = Some(self.dollar.unwrap_or(false) || length > 1);
            }
        }
    }

    /// A formula, with its dollars; whether what stands in it may be text.
    pub(super) fn formula(&mut self, range: &Range<usize>) -> bool {
        let inside = self.text[range.clone()].trim_matches('$');
        let in_doubt = self.dollar.is_some() || self.rest || self.is_all(range.start);
        let behind = self.text[range.end..].bytes().next();
        if inside.contains('$') || behind.is_some_and(|b| b == b'$' || b.is_ascii_digit()) {
            self.dollar = Some(true);
        }
        in_doubt
    }

    /// A line ends.
    pub(super) fn line(&mut self) {
        self.address = false;
    }

    /// Whether code in a line, with its back quotes, may be none.
    pub(super) fn code(&mut self, range: &Range<usize>) -> bool {
        // What is over with the code does not count behind it.
        let is_over = self.raw.is_none() && range.end <= self.until;
        let is_read_otherwise = self.rest || self.begins(range);
        let in_doubt = self.is_all(range.start) || is_read_otherwise;
        self.rest |= is_read_otherwise || in_doubt && !is_over;
        self.address = false;
        in_doubt
    }

    fn begins(&mut self, range: &Range<usize>) -> bool {
        let text = self.text;
        let code = &text[range.clone()];
        let run = code.bytes().take_while(|b| *b == b'`').count();
        if run > RUN || self.is_spent(code, run) {
            return true;
        }
        if self.is_in_formula(range) {
            return true;
        }
        let behind = range.end;
        let line_end = self.line_end.find(behind, || text[behind..].find('\n'));
        self.address
            || !self.is_table
                && any_in(
                    &self.lines.rows,
                    self.leaf.start..line_end.saturating_add(2),
                )
            || any_in(&self.lines.descriptions, self.leaf.start..range.end)
            || self.labels && code.contains('|')
            || code.contains('\n')
                && (self.is_fenced(range.start)
                    || any_in(&self.lines.underlines, range.clone())
                    || code.lines().skip(1).any(ends_code))
    }

    /// Whether a formula may begin in front of something in a line and end in it or behind it.
    pub(super) fn is_in_formula(&mut self, range: &Range<usize>) -> bool {
        let Some(two) = self.dollar else {
            return false;
        };
        let (text, from) = (self.text, range.start);
        let dollar = self.dollars.find(from, || text[from..].find('$'));
        // What cannot end a formula lets none begin.
        let ends = || {
            two || !text[..dollar].ends_with(|c: char| c.is_ascii_whitespace())
                && !text[dollar + 1..].starts_with(|c: char| c.is_ascii_digit())
        };
        dollar < self.leaf_end(from) && ends()
    }

    /// A parser that looked for a run in vain remembers where it saw others, and forgets it with each
    /// code that it finds: from then on it finds only other runs.
    fn is_spent(&mut self, code: &str, run: usize) -> bool {
        if !self.lonely {
            return false;
        }
        let is_spent = self.spent & (1 << run) != 0;
        let mut at = run;
        while let Some(found) = code[at..].find('`') {
            at += found;
            let length = code[at..].bytes().take_while(|b| *b == b'`').count();
            if length <= RUN {
                self.spent |= 1 << length;
            }
            at += length;
        }
        is_spent
    }

    /// Whether the fence of a quote may stand in a block of code or HTML: the quote ends there, and so
    /// does what is read as its end.
    pub(super) fn has_fence(&mut self, range: &Range<usize>) -> bool {
        let has_fence = self.is_fenced(range.start) && any_in(&self.lines.fences, range.clone());
        if has_fence {
            self.until = usize::MAX;
        }
        has_fence
    }

    /// Whether a block of code may be none.
    pub(super) fn block(&mut self, range: &Range<usize>, is_indented: bool) -> bool {
        if self.is_all(range.start) {
            return true;
        }
        if self.has_fence(range) {
            return true;
        }
        let is_fenced = self.is_fenced(range.start);
        let is_described = self.is_described(range.start);
        if is_indented {
            return is_fenced || is_described || self.task || self.is_right_behind(range.start);
        }
        let before = self.text[..range.start].trim_end_matches([' ', '\t', '>']);
        let marks = &self.text[before.len()..range.start];
        let is_lazy = marks.find('>').is_some_and(|at| columns(&marks[..at]) > 3);
        // In a description it ends with that, and in a paragraph it does not begin.
        if is_described && !marks.is_empty() || is_lazy {
            self.until = usize::MAX;
            return true;
        }
        false
    }

    /// A block of HTML begins. Indented below a description it ends with that.
    pub(super) fn html_block(&mut self, range: &Range<usize>) {
        let before = &self.text[..range.start];
        let is_indented =
            before.ends_with([' ', '\t']) || self.text[range.clone()].starts_with([' ', '\t']);
        if is_indented && self.is_described(range.start) {
            self.until = usize::MAX;
        }
    }

    /// Whether a description may have begun in front of a place.
    fn is_described(&self, at: usize) -> bool {
        self.lines
            .descriptions
            .first()
            .is_some_and(|line| *line < at)
    }

    /// Whether nothing but blanks stand between the front matter and a place, or no blank line between
    /// a table and it.
    fn is_right_behind(&self, at: usize) -> bool {
        let is_matter = self
            .matter_gap
            .as_ref()
            .is_some_and(|gap| gap.contains(&at));
        let before =
            self.text[..at].trim_end_matches(|c: char| c.is_ascii_whitespace() || c == '>');
        let lines = self.text[before.len()..at].matches('\n').count();
        let is_table = self.table_end <= at && before.len() <= self.table_end && lines < 2;
        is_matter || is_table
    }

    /// What behind a quote or an item begins a block of HTML for some: where that ends, if a tag is
    /// all that stands in its line. `quotes`: how many it stands in.
    pub(super) fn lazy(&mut self, tag: &Range<usize>, quotes: usize) -> Option<Range<usize>> {
        let is_lead = |b: &&u8| matches!(**b, b' ' | b'\t' | b'>');
        let before = self.text.as_bytes()[..tag.start].iter().rev().take(64);
        let line = tag.start - before.take_while(is_lead).count();
        let behind = self.text[tag.end..].trim_start_matches([' ', '\t']);
        let is_alone =
            self.text[..line].ends_with('\n') && (behind.is_empty() || behind.starts_with('\n'));
        if !is_alone || line < self.lazy_end {
            return None;
        }
        let lead = &self.text[line..tag.start];
        let is_outside = lead.matches('>').count() < quotes || columns(lead) < self.column();
        if !is_outside && !self.is_table {
            return None;
        }
        let mut end = line;
        let lines = self.text[line..].split_inclusive('\n');
        for line in lines.take_while(|line| !line.trim().is_empty()) {
            end += line.len();
        }
        self.until(end);
        self.lazy_end = end;
        // What begins in it and goes on behind it does so for one of both only.
        let region = &self.text[line..end];
        let begins = [
            "```",
            "~~~",
            "<!",
            "<?",
            "<pre",
            "<script",
            "<style",
            "<textarea",
        ];
        if begins.iter().any(|begin| region.contains(begin)) {
            self.until = usize::MAX;
        }
        Some(line..end)
    }

    /// The column in which what is read as one run of text begins.
    fn column(&mut self) -> usize {
        let start = self.first.unwrap_or(self.leaf.start);
        *self.column.get_or_insert_with(|| {
            let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
            columns(&self.text[line..start])
        })
    }

    /// Something is shown in a run of text.
    pub(super) fn something(&mut self, at: usize) {
        self.first.get_or_insert(at);
    }

    /// Where what a forge reads as text begins in a block of HTML that more than its own end ends.
    pub(super) fn ended(&mut self, html: &Range<usize>) -> Option<Range<usize>> {
        const NAMES: [&str; 4] = ["pre", "script", "style", "textarea"];
        let block = &self.text[html.clone()];
        let inside = block.trim_start_matches(is_mark).strip_prefix('<')?;
        let begins = NAMES.iter().any(|name| {
            let begin = inside.get(..name.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        });
        let close = |name: &&str| html::find_ignoring_case(block, &format!("</{name}>"));
        let first = NAMES.iter().filter_map(close).min().filter(|_| begins)?;
        let start = first + block[first..].find('\n')? + 1;
        self.until = usize::MAX;
        Some(html.start + start..html.end)
    }
}

/// How many columns something takes at the beginning of a line.
fn columns(lead: &str) -> usize {
    lead.chars().fold(0, |column, c| match c {
        '\t' => column / 4 * 4 + 4,
        _ => column + 1,
    })
}
