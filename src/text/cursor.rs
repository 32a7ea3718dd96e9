//! Where in a list that is in order something is looked for, when most of it is looked for in order,
//! too.

use std::cell::Cell;

/// Where the last search ended. It says nothing about what it is part of.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor(Cell<usize>);

impl PartialEq for Cursor {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cursor {}

impl Cursor {
    /// How many of a list are before something. What is near to the last one is found at once, and
    /// anything else no later than by halving.
    pub(super) fn count<T>(&self, list: &[T], is_before: impl Fn(&T) -> bool) -> usize {
        let last = self.0.get().min(list.len());
        let mut from = 0;
        let mut end = last;
        if last == 0 || is_before(&list[last - 1]) {
            from = last;
            let mut step = 1;
            while list.get(from + step - 1).is_some_and(&is_before) {
                from += step;
                step *= 2;
            }
            end = list.len().min(from + step - 1);
        }
        let count = from + list[from..end].partition_point(is_before);
        self.0.set(count);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_found_wherever_the_last_one_was(
            mut list in proptest::collection::vec(0_u8..50, 0..40),
            what in proptest::collection::vec(0_u8..60, 0..40),
        ) {
            list.sort_unstable();
            let cursor = Cursor::default();
            for what in what {
                let expected = list.partition_point(|one| *one < what);
                prop_assert_eq!(cursor.count(&list, |one| *one < what), expected);
            }
        }
    }
}
