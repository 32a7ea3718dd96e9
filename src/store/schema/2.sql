-- Found by its marker: what was last written into it is not known yet.
ALTER TABLE issue_link ADD COLUMN found INTEGER NOT NULL DEFAULT 0;
-- Somebody else wrote the counterpart, and a person joined it: its text gets no envelope.
ALTER TABLE issue_link ADD COLUMN theirs INTEGER NOT NULL DEFAULT 0;

-- Counterparts with a change of which nobody knows whether the target is still working on it.
CREATE TABLE late (
    link  INTEGER PRIMARY KEY REFERENCES issue_link (id) ON DELETE CASCADE,
    until INTEGER NOT NULL                   -- by the target's clock: from then on it is not
) STRICT;
