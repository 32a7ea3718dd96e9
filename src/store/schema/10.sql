-- Whether issues that are on both sides under the same title are joined: 1, while the first pass is under
-- way; 0, it is over, or had no need of it.
ALTER TABLE pair ADD COLUMN by_title INTEGER;
