-- Every statement that the store runs, by name; `queries.py` reads them.

-- name: insert_database
INSERT INTO database (id) VALUES (:id);

-- name: change_database
UPDATE database SET id = :id;

-- name: database_id
SELECT id FROM database;

-- Logs

-- name: logs
SELECT name FROM log ORDER BY name;

-- name: create
INSERT OR IGNORE INTO log (name, size, root, frontier) VALUES (:log, 0, :root, x'');

-- name: head
SELECT id, size, root, frontier, evidence IS NOT NULL FROM log WHERE name = :log;

-- name: grow
UPDATE log SET size = :size, root = :root, frontier = :frontier
WHERE id = :log_id AND size = :old_size AND evidence IS NULL;

-- name: rename
UPDATE log SET name = :name WHERE id = :log_id;

-- name: stop
UPDATE log SET evidence = :evidence WHERE id = :log_id AND evidence IS NULL;

-- name: evidence
SELECT evidence FROM log WHERE id = :log_id;

-- Entries and tiles

-- name: insert_chunk
INSERT INTO chunk (log_id, first, count, data) VALUES (:log_id, :first, :count, :data);

-- name: chunks
SELECT first, data FROM chunk
WHERE log_id = :log_id AND first < :high
    AND first >= (SELECT max(first) FROM chunk WHERE log_id = :log_id AND first <= :low)
ORDER BY first;

-- name: chunk_of
SELECT rowid, first FROM chunk WHERE log_id = :log_id AND first <= :entry_index ORDER BY first DESC LIMIT 1;

-- name: put_tile
INSERT INTO tile (log_id, level, tile_index, hashes) VALUES (:log_id, :level, :tile_index, :hashes)
ON CONFLICT DO UPDATE SET hashes = excluded.hashes;

-- name: tile
SELECT hashes FROM tile WHERE log_id = :log_id AND level = :level AND tile_index = :tile_index;

-- Records that came late or ahead

-- name: insert_missing
INSERT INTO missing (log_id, entry_index) VALUES (:log_id, :entry_index);

-- name: missing
SELECT entry_index FROM missing WHERE log_id = :log_id ORDER BY entry_index LIMIT :limit;

-- name: delete_missing
DELETE FROM missing WHERE log_id = :log_id AND entry_index = :entry_index;

-- name: delete_missing_below
DELETE FROM missing WHERE log_id = :log_id AND entry_index < :below;

-- name: insert_late
INSERT INTO late (log_id, entry_index, salt, body) VALUES (:log_id, :entry_index, :salt, :body);

-- name: late
SELECT entry_index, salt, body FROM late
WHERE log_id = :log_id AND entry_index >= :low AND entry_index < :high;

-- name: insert_ahead
INSERT OR IGNORE INTO ahead (log_id, entry_index, entry, salt, body)
VALUES (:log_id, :entry_index, :entry, :salt, :body);

-- name: aheads
SELECT entry_index, entry, salt, body FROM ahead WHERE log_id = :log_id ORDER BY entry_index;

-- name: delete_aheads
DELETE FROM ahead WHERE log_id = :log_id AND entry_index < :size;

-- Erased entries

-- name: stored_chunk
SELECT first, data FROM chunk WHERE log_id = :log_id AND first <= :entry_index ORDER BY first DESC LIMIT 1;

-- name: replace_chunk
UPDATE chunk SET data = :data WHERE log_id = :log_id AND first = :first;

-- name: delete_late
DELETE FROM late WHERE log_id = :log_id AND entry_index = :entry_index;

-- name: insert_erased
INSERT OR IGNORE INTO erased (log_id, entry_index, salt, body) VALUES (:log_id, :entry_index, :salt, :body);

-- name: clear_erased
UPDATE erased SET salt = NULL, body = NULL WHERE log_id = :log_id AND entry_index = :entry_index;

-- name: erased
SELECT entry_index FROM erased WHERE log_id = :log_id AND entry_index >= :low AND entry_index < :high
ORDER BY entry_index;

-- name: set_apart
SELECT salt, body FROM erased
WHERE log_id = :log_id AND entry_index = :entry_index AND body IS NOT NULL;

-- Changes

-- name: insert_change
INSERT INTO change (log_id, entry_index) VALUES (:log_id, :entry_index);

-- name: changes
SELECT number, name, entry_index FROM change JOIN log ON log.id = log_id
WHERE number > :after ORDER BY number LIMIT :limit;

-- name: newest_change
SELECT max(number) FROM change;

-- Checkpoints and cosignatures

-- name: put_checkpoint
INSERT OR REPLACE INTO checkpoint (log_id, size, note) VALUES (:log_id, :size, :note);

-- name: newest_checkpoint
SELECT note FROM checkpoint WHERE log_id = :log_id AND size <= :size ORDER BY size DESC LIMIT 1;

-- name: checkpoint_at
SELECT note FROM checkpoint WHERE log_id = :log_id AND size = :size;

-- name: checkpoints_above
SELECT note FROM checkpoint WHERE log_id = :log_id AND size > :size ORDER BY size;

-- name: delete_checkpoints_below
DELETE FROM checkpoint WHERE log_id = :log_id AND size < :size;

-- name: put_cosigner
INSERT INTO cosigner (log_id, name, largest_size) VALUES (:log_id, :name, :size)
ON CONFLICT DO UPDATE SET largest_size = max(largest_size, excluded.largest_size);

-- name: put_cosignature
INSERT OR REPLACE INTO cosignature (log_id, size, cosigner_id, key_id, data, time_s)
SELECT :log_id, :size, id, :key_id, :data, :time_s FROM cosigner WHERE log_id = :log_id AND name = :name;

-- name: cosignatures
SELECT name, key_id, data, time_s FROM cosignature JOIN cosigner ON cosigner.id = cosigner_id
WHERE cosignature.log_id = :log_id AND size = :size
ORDER BY name;

-- name: newest_cosignatures
SELECT name, key_id, data, size, time_s FROM cosigner JOIN cosignature
    ON cosignature.log_id = cosigner.log_id AND size = largest_size AND cosigner_id = cosigner.id
WHERE cosigner.log_id = :log_id;

-- name: cosigned_sizes
SELECT size, count(*) FROM cosignature WHERE log_id = :log_id AND size >= :at_least
GROUP BY size ORDER BY size DESC LIMIT :limit;

-- name: first_cosignatures
SELECT name, min(size), time_s FROM (
    SELECT size, cosigner_id, time_s FROM cosignature
    WHERE log_id = :log_id AND size >= :at_least ORDER BY size LIMIT :limit
) JOIN cosigner ON cosigner.id = cosigner_id GROUP BY name ORDER BY name;

-- name: witnessed
SELECT size, root, note FROM witnessed WHERE log = :log;

-- name: insert_witnessed
INSERT OR IGNORE INTO witnessed (log, size, root, note) VALUES (:log, :size, :root, :note);

-- name: update_witnessed
UPDATE witnessed SET size = :size, root = :root, note = :note WHERE log = :log AND size = :old_size;

-- What upper layers keep

-- name: put_card
INSERT OR IGNORE INTO card (log_id, entry_index) VALUES (:log_id, :entry_index);

-- name: card_before
SELECT max(entry_index) FROM card WHERE log_id = :log_id AND entry_index < :entry_index;

-- name: put_document
INSERT OR REPLACE INTO document (space, key, data) VALUES (:space, :key, :data);

-- name: document
SELECT data FROM document WHERE space = :space AND key = :key;

-- name: documents
SELECT key, data FROM document WHERE space = :space ORDER BY key;

-- name: next_documents
SELECT key, data FROM document WHERE space = :space AND key > :after ORDER BY key LIMIT :limit;

-- name: delete_document
DELETE FROM document WHERE space = :space AND key = :key;
