/// What a forge takes for the title of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelTitles {
    /// Characters that it does not take, each with what stands for it.
    pub instead: &'static [(char, char)],
    /// It cuts out what looks like a tag of HTML.
    pub cuts_tags: bool,
    /// How many characters it takes at most.
    pub longest: usize,
    /// Titles that differ in nothing but case are one.
    pub ignores_case: bool,
}

impl Default for LabelTitles {
    fn default() -> Self {
        Self::ANY
    }
}

impl LabelTitles {
    /// Whatever it is.
    pub const ANY: Self = Self {
        instead: &[],
        cuts_tags: false,
        longest: usize::MAX,
        ignores_case: false,
    };

    /// The title that stands for one on this forge: itself wherever it is taken.
    pub fn fitting(&self, title: &str) -> String {
        let mut fitting = String::with_capacity(title.len());
        let mut rest = title.chars().peekable();
        while let Some(c) = rest.next() {
            let after = rest.peek().copied().unwrap_or(' ');
            let opens = c == '<' && (after.is_ascii_alphabetic() || "/!?".contains(after));
            let instead = self.instead.iter().find(|(taken, _)| *taken == c);
            fitting.push(match instead {
                Some((_, other)) => *other,
                None if self.cuts_tags && opens => '‹',
                None => c,
            });
        }
        if fitting.chars().count() > self.longest {
            let kept = fitting.chars().take(self.longest.saturating_sub(1));
            let mut kept = kept.collect::<String>().trim_end().to_owned();
            kept.push('…');
            return kept;
        }
        fitting
    }

    /// What titles have in common that are one label.
    pub fn key(&self, title: &str) -> String {
        if self.ignores_case {
            title.to_lowercase()
        } else {
            title.to_owned()
        }
    }

    /// Whether two titles are one label.
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.key(one) == self.key(other)
    }
}

/// The scope of a label that has one: of `a::b::c` it is `a::b`.
pub fn label_scope(title: &str) -> Option<&str> {
    title.rsplit_once("::").map(|(scope, _)| scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_not_taken_has_one_that_is() {
        let titles = LabelTitles {
            instead: &[(',', ';')],
            cuts_tags: true,
            longest: 20,
            ignores_case: true,
        };
        for (title, expected) in [
            ("plain @all #1 ~x", "plain @all #1 ~x"),
            ("a, b,c", "a; b;c"),
            ("List<T> 1 < 2", "List‹T> 1 < 2"),
            ("twenty characters...", "twenty characters..."),
            ("twenty-one characters", "twenty-one characte…"),
            ("nineteen and a bla  nk", "nineteen and a bla…"),
        ] {
            assert_eq!(titles.fitting(title), expected);
            assert_eq!(titles.fitting(expected), expected, "once is enough");
            assert_eq!(LabelTitles::ANY.fitting(title), title);
        }
        assert!(titles.same("Bug", "bug") && !LabelTitles::ANY.same("Bug", "bug"));
        assert_eq!(label_scope("a::b::c"), Some("a::b"));
        assert_eq!(label_scope("a:b"), None);
    }
}
