-- Whether the target of a pair is told nothing of its source: no text of another pair leads there.
ALTER TABLE pair ADD COLUMN opaque INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER pair_veiled AFTER UPDATE OF opaque ON pair WHEN NEW.opaque != OLD.opaque BEGIN
    UPDATE reference SET stale = 1 WHERE project = NEW.source AND stale = 0;
END;
