-- What the texts of a counterpart refer to, so that they are put right when it leads elsewhere.
CREATE TABLE reference (
    link    INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    project TEXT    NOT NULL,                -- project key; name of one that is not known, behind @
    number  INTEGER NOT NULL,
    comment INTEGER NOT NULL,                -- 0: the issue itself
    stale   INTEGER NOT NULL,                -- 1: it may lead elsewhere now; 2: nobody looked yet
    PRIMARY KEY (link, project, number, comment)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_by_goal ON reference (project, number);
CREATE INDEX reference_stale ON reference (link) WHERE stale > 0;

-- Where something leads changes with the links, whoever changes them.
CREATE TRIGGER issue_link_made AFTER INSERT ON issue_link BEGIN
    UPDATE reference SET stale = 1
    WHERE number = NEW.source_number AND project = (SELECT source FROM pair WHERE id = NEW.pair);
END;
CREATE TRIGGER issue_link_changed AFTER UPDATE OF state, target_number ON issue_link
WHEN NEW.state != OLD.state OR NEW.target_number != OLD.target_number BEGIN
    UPDATE reference SET stale = 1
    WHERE number = NEW.source_number AND project = (SELECT source FROM pair WHERE id = NEW.pair);
END;
CREATE TRIGGER issue_link_dropped AFTER DELETE ON issue_link BEGIN
    UPDATE reference SET stale = 1
    WHERE number = OLD.source_number AND project = (SELECT source FROM pair WHERE id = OLD.pair);
END;
CREATE TRIGGER comment_link_made AFTER INSERT ON comment_link BEGIN
    UPDATE reference SET stale = 1
    WHERE comment = NEW.source_id AND (project, number) IN (
        SELECT source, source_number FROM issue_link JOIN pair ON pair.id = issue_link.pair
        WHERE issue_link.id = NEW.issue_link);
END;
CREATE TRIGGER comment_link_changed AFTER UPDATE OF state, target_id ON comment_link
WHEN NEW.state != OLD.state OR NEW.target_id != OLD.target_id BEGIN
    UPDATE reference SET stale = 1
    WHERE comment = NEW.source_id AND (project, number) IN (
        SELECT source, source_number FROM issue_link JOIN pair ON pair.id = issue_link.pair
        WHERE issue_link.id = NEW.issue_link);
END;

-- Before this version no reference led anywhere: a full pass looks at each text once.
INSERT INTO reference (link, project, number, comment, stale)
    SELECT id, '', 0, 0, 2 FROM issue_link WHERE state = 'active';
