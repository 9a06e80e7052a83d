-- Entries whose salts and records were erased: in no chunk, not late, not missing.
CREATE TABLE erased (
    log_id INTEGER NOT NULL REFERENCES log,
    entry_index INTEGER NOT NULL,
    salt BLOB, -- set apart with the record, as long as a legal hold keeps them
    body BLOB,
    PRIMARY KEY (log_id, entry_index)
) STRICT;
