-- One database, many logs. Sizes and indexes count entries; what a column holds that is not plain from its name
-- stands beside it.

CREATE TABLE database (
    id TEXT NOT NULL -- 32 hex digits, random
) STRICT;

CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    frontier BLOB NOT NULL,
    evidence BLOB -- of a fork; a log that has it is stopped
) STRICT;

-- What one commit or one push brought.
CREATE TABLE chunk (
    log_id INTEGER NOT NULL REFERENCES log,
    first INTEGER NOT NULL, -- index of the first entry
    count INTEGER NOT NULL,
    data BLOB NOT NULL, -- the chunk as it travels: docs/protocol.md, section 9.1
    PRIMARY KEY (log_id, first)
) STRICT;

-- Full tiles, and above level 0 the one that is filling.
CREATE TABLE tile (
    log_id INTEGER NOT NULL REFERENCES log,
    level INTEGER NOT NULL,
    tile_index INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (log_id, level, tile_index)
) STRICT, WITHOUT ROWID;

-- Entries whose records did not come with their chunk, and have not come since.
CREATE TABLE missing (
    log_id INTEGER NOT NULL REFERENCES log,
    entry_index INTEGER NOT NULL,
    PRIMARY KEY (log_id, entry_index)
) STRICT, WITHOUT ROWID;

-- Records that came later than their chunk.
CREATE TABLE late (
    log_id INTEGER NOT NULL REFERENCES log,
    entry_index INTEGER NOT NULL,
    salt BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (log_id, entry_index)
) STRICT;

-- Records that came before their chunk.
CREATE TABLE ahead (
    log_id INTEGER NOT NULL REFERENCES log,
    entry_index INTEGER NOT NULL,
    entry BLOB NOT NULL,
    salt BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (log_id, entry_index)
) STRICT;

CREATE TABLE checkpoint (
    log_id INTEGER NOT NULL REFERENCES log,
    size INTEGER NOT NULL,
    note BLOB NOT NULL, -- with the log's own signature
    PRIMARY KEY (log_id, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE cosigner (
    id INTEGER PRIMARY KEY,
    log_id INTEGER NOT NULL REFERENCES log,
    name TEXT NOT NULL, -- of the key
    largest_size INTEGER NOT NULL,
    UNIQUE (log_id, name)
) STRICT;

CREATE TABLE cosignature (
    log_id INTEGER NOT NULL REFERENCES log,
    size INTEGER NOT NULL,
    cosigner_id INTEGER NOT NULL REFERENCES cosigner,
    key_id BLOB NOT NULL,
    data BLOB NOT NULL, -- as in the signature line
    time_s INTEGER NOT NULL,
    PRIMARY KEY (log_id, size, cosigner_id)
) STRICT, WITHOUT ROWID;

-- What this node's witness last saw.
CREATE TABLE witnessed (
    log TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE card (
    log_id INTEGER NOT NULL REFERENCES log,
    entry_index INTEGER NOT NULL,
    PRIMARY KEY (log_id, entry_index)
) STRICT, WITHOUT ROWID;

-- Small private state of the layers above.
CREATE TABLE document (
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (space, key)
) STRICT;
