//! With which bytes begins what a forge would act on.

use super::Form;

/// By byte, what may begin with it. Made while the program is compiled.
#[derive(Debug)]
pub struct Beginnings {
    /// The first of the forms that begin with a byte, and the one behind the last.
    forms: [(usize, usize); 256],
    /// Whether anything begins with a byte.
    acts: [bool; 256],
}

impl Beginnings {
    /// What begins with each byte. Of forms, those that begin alike stand together.
    pub(super) const fn of(forms: &[Form]) -> Self {
        let mut begins = Self {
            forms: [(0, 0); 256],
            acts: [false; 256],
        };
        let mut index = 0;
        while index < forms.len() {
            let first = forms[index].opens.as_bytes()[0] as usize;
            let (from, _) = begins.forms[first];
            let from = if begins.acts[first] { from } else { index };
            begins.forms[first] = (from, index + 1);
            begins.acts[first] = true;
            index += 1;
        }
        // What may end the path of a project, and the digits of commits.
        begins.acts[b'>' as usize] = true;
        let mut byte: u8 = 0;
        while byte < 128 {
            begins.acts[byte as usize] |= byte.is_ascii_hexdigit();
            byte += 1;
        }
        begins
    }

    /// Whether a byte may begin anything but a key.
    pub(super) fn acts(&self, byte: u8) -> bool {
        self.acts[usize::from(byte)]
    }

    /// The forms that begin with a byte.
    pub(super) fn forms(&self, all: &'static [Form], byte: u8) -> &'static [Form] {
        let (from, end) = self.forms[usize::from(byte)];
        &all[from..end]
    }
}
