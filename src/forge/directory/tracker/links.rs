//! Links between issues: what one end says in its head, seen from both.

use super::{Result, Tracker, malformed, reading, writing};
use crate::forge::ForgeError;
use crate::forge::directory::convert::IssueFile;
use crate::forge::directory::disk;
use crate::forge::directory::links::{Book, Links};
use crate::model::{IssueNumber, Relation, RelationKind, Relations};
use std::sync::PoisonError;

impl Tracker {
    /// How an issue relates to others. All issues are looked through once after each listing.
    pub(in crate::forge::directory) fn relations(&self, number: IssueNumber) -> Result<Relations> {
        let mut book = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if book.is_none() {
            let mut all = Book::default();
            for number in self.numbers()? {
                match self.says(number) {
                    Ok(links) => all.put(number, links),
                    // What is wrong with it is told when it is read itself.
                    Err(_) => drop(all.unclear.insert(number)),
                }
            }
            *book = Some(all);
        }
        let book = book.get_or_insert_default();
        // What it says itself is as new as what was read of it before.
        book.put(number, self.says(number)?);
        Ok(book.of(number))
    }

    fn says(&self, number: IssueNumber) -> Result<Links> {
        let path = self.issue_path(number);
        let content = disk::read_text(&path).map_err(|error| reading(&path, &error))?;
        let file = IssueFile::parse(&content)
            .map_err(|problem| malformed(&path, &problem.told_of(&content, false)))?;
        Ok(file.links)
    }

    pub(in crate::forge::directory) fn add_relation(
        &self,
        number: IssueNumber,
        relation: Relation,
    ) -> Result<()> {
        let (blocks, other) = (relation.kind != RelationKind::Relates, relation.other);
        let mine = self.issue_file(number)?.1.confidential;
        let theirs = self.issue_file(other)?.1.confidential;
        // What is hidden names what may be seen, and not the other way round.
        let turned = match relation.kind {
            RelationKind::Relates => theirs && !mine,
            RelationKind::Blocks => false,
            RelationKind::BlockedBy => true,
        };
        let (on, of) = if turned {
            (other, number)
        } else {
            (number, other)
        };
        self.change_links(on, |links| links.add(of, blocks))
    }

    pub(in crate::forge::directory) fn remove_relation(
        &self,
        number: IssueNumber,
        relation: Relation,
    ) -> Result<bool> {
        if self.relations(number)?.to(relation.other) != Some(relation.kind) {
            return Ok(false);
        }
        for (on, of) in [(number, relation.other), (relation.other, number)] {
            self.change_links(on, |links| links.remove(of))?;
        }
        Ok(true)
    }

    fn change_links(&self, number: IssueNumber, change: impl FnOnce(&mut Links)) -> Result<()> {
        let path = self.issue_path(number);
        let links = self.write(|writer| {
            let (_, mut file) = self.issue_file(number)?;
            let before = file.links.clone();
            change(&mut file.links);
            // What people wrote by hand keeps its bytes where there is nothing to say.
            if file.links != before {
                writer
                    .writer
                    .replace(&path, file.render().as_bytes(), file.confidential)
                    .map_err(|error| writing(&path, &error))?;
            }
            Ok::<_, ForgeError>(file.links)
        })?;
        let mut book = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = book.as_mut() {
            book.put(number, links);
        }
        Ok(())
    }
}
