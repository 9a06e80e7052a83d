-- Entries whose records came after them, or went, in the order in which that happened: what was made of them
-- before, outside this file, is to be made anew. No number is given twice.
CREATE TABLE change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    log_id INTEGER NOT NULL REFERENCES log,
    entry_index INTEGER NOT NULL
) STRICT;
