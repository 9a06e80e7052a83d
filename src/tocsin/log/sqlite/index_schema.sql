-- The index: derived from the logs of one database, and thrown away whenever its form changes.

CREATE TABLE made (
    version TEXT NOT NULL, -- of what notes
    database_id TEXT NOT NULL,
    change INTEGER NOT NULL, -- the database's last that was noted
    unmerged INTEGER NOT NULL -- words were deleted, and may still be in some segment
) STRICT;

-- Also those that are only known by name, as seen by others; they have no identity. Of one that was set aside
-- the name has gone.
CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    name TEXT UNIQUE,
    identity INTEGER,
    noted INTEGER NOT NULL DEFAULT 0,
    worded INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE subject (
    id INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    key BLOB NOT NULL,
    newest_ms INTEGER NOT NULL,
    summary BLOB, -- none since it changed
    UNIQUE (space, key)
) STRICT;
CREATE INDEX newest_subject ON subject (space, newest_ms, key);
CREATE INDEX unsummed_subject ON subject (space) WHERE summary IS NULL;

CREATE TABLE summed (
    space TEXT PRIMARY KEY,
    context BLOB NOT NULL -- of all summaries in that space
) STRICT, WITHOUT ROWID;

-- `id` is the log's id in the upper bits, and the index of the entry in the lower 40: one log's are together.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    subject_id INTEGER REFERENCES subject,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    received_ms INTEGER,
    rests_on_seen INTEGER NOT NULL -- what is summed up of its subject, on what its author had seen by then
) STRICT;
CREATE INDEX entry_of_subject ON entry (subject_id);
CREATE INDEX resting_entry ON entry (id, subject_id) WHERE rests_on_seen;

CREATE TABLE mention (
    key BLOB NOT NULL,
    entry_id INTEGER NOT NULL,
    PRIMARY KEY (key, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_in ON mention (entry_id);

CREATE TABLE seen (
    log_id INTEGER NOT NULL,
    of_id INTEGER NOT NULL,
    entry_index INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (log_id, of_id, entry_index)
) STRICT, WITHOUT ROWID;

-- By the entry's id. `ascii` cuts at blanks and leaves everything else as it is.
CREATE VIRTUAL TABLE said USING fts5 (words, columnsize = 0, tokenize = 'ascii');
