-- Digest of what a milestone became on the source while it could not follow: that was told.
ALTER TABLE milestone ADD COLUMN told BLOB;
