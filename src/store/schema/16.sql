-- A label that a target has not or did not keep is `not_kept`, and tried again; until now it was `not_ours`
-- like one that people had there before, and which of the two it was nobody knows.
CREATE INDEX our_label_not_kept ON our_label (link) WHERE origin = 'not_kept';
-- `vanished`, from now on: 3 where a listing of everything did not name the original, and nothing more is known.
