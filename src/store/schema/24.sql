-- Where two pairs mirror in opposite directions, texts that name a counterpart lead to its original, which is
-- on their target itself: they are put right when its link changes.
CREATE INDEX issue_link_by_target_number ON issue_link (pair, target_number);
CREATE TRIGGER issue_link_made_there AFTER INSERT ON issue_link BEGIN
    UPDATE reference SET stale = 1
    WHERE number = NEW.target_number AND project = (SELECT target FROM pair WHERE id = NEW.pair);
END;
CREATE TRIGGER issue_link_changed_there AFTER UPDATE OF state, target_number ON issue_link
WHEN NEW.state != OLD.state OR NEW.target_number != OLD.target_number BEGIN
    UPDATE reference SET stale = 1
    WHERE number IN (OLD.target_number, NEW.target_number)
        AND project = (SELECT target FROM pair WHERE id = NEW.pair);
END;
CREATE TRIGGER issue_link_dropped_there AFTER DELETE ON issue_link BEGIN
    UPDATE reference SET stale = 1
    WHERE number = OLD.target_number AND project = (SELECT target FROM pair WHERE id = OLD.pair);
END;
CREATE TRIGGER comment_link_made_there AFTER INSERT ON comment_link BEGIN
    UPDATE reference SET stale = 1
    WHERE comment = NEW.target_id AND (project, number) IN (
        SELECT target, target_number FROM issue_link JOIN pair ON pair.id = issue_link.pair
        WHERE issue_link.id = NEW.issue_link);
END;
CREATE TRIGGER comment_link_changed_there AFTER UPDATE OF state, target_id ON comment_link
WHEN NEW.state != OLD.state OR NEW.target_id != OLD.target_id BEGIN
    UPDATE reference SET stale = 1
    WHERE comment IN (OLD.target_id, NEW.target_id) AND (project, number) IN (
        SELECT target, target_number FROM issue_link JOIN pair ON pair.id = issue_link.pair
        WHERE issue_link.id = NEW.issue_link);
END;
CREATE TRIGGER comment_link_dropped_there AFTER DELETE ON comment_link BEGIN
    UPDATE reference SET stale = 1
    WHERE comment = OLD.target_id AND (project, number) IN (
        SELECT target, target_number FROM issue_link JOIN pair ON pair.id = issue_link.pair
        WHERE issue_link.id = OLD.issue_link);
END;
CREATE TRIGGER pair_veiled_there AFTER UPDATE OF opaque ON pair WHEN NEW.opaque != OLD.opaque BEGIN
    UPDATE reference SET stale = 1 WHERE project = NEW.target AND stale = 0;
END;

-- Before this version none led there.
UPDATE reference SET stale = 1
WHERE stale = 0 AND EXISTS (
    SELECT 1 FROM issue_link AS theirs JOIN pair AS back ON back.id = theirs.pair
        JOIN pair AS there ON there.source = back.target AND there.target = back.source
        JOIN issue_link AS shared ON shared.pair = there.id
    WHERE theirs.id = reference.link AND reference.project = there.target
        AND shared.target_number = reference.number);
