-- Digest of the description that a milestone had on the source when it was last followed; nothing where it
-- was made without one.
ALTER TABLE milestone ADD COLUMN described BLOB;
