-- Found by its marker: what was last written into it is not known yet.
ALTER TABLE issue_link ADD COLUMN found INTEGER NOT NULL DEFAULT 0;
