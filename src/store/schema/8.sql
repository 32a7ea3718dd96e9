-- The original left the selection: reported once, and the counterpart stays as it is.
ALTER TABLE issue_link ADD COLUMN outside INTEGER NOT NULL DEFAULT 0;
