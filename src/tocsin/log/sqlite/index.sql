-- Every statement that the index runs, by name; `queries.py` reads them.

-- name: made
SELECT version, database_id, change, unmerged FROM made;

-- name: insert_made
INSERT INTO made (version, database_id, change, unmerged) VALUES (:version, :database_id, :change, 0);

-- name: set_change
UPDATE made SET change = :change;

-- name: set_unmerged
UPDATE made SET unmerged = :unmerged;

-- Logs

-- name: logs
SELECT id, name, identity, noted, worded FROM log;

-- name: insert_log
INSERT INTO log (name) VALUES (:name);

-- name: log_id
SELECT id FROM log WHERE name = :name;

-- name: identify
UPDATE log SET identity = :identity WHERE id = :log_id;

-- name: set_aside
UPDATE log SET name = NULL WHERE id = :log_id;

-- name: forget_log
DELETE FROM log WHERE id = :log_id;

-- name: set_noted
UPDATE log SET noted = :noted WHERE id = :log_id;

-- name: set_worded
UPDATE log SET worded = :worded WHERE id = :log_id;

-- Entries

-- name: put_subject
INSERT INTO subject (space, key, newest_ms) VALUES (:space, :key, :newest_ms)
ON CONFLICT DO UPDATE SET newest_ms = max(newest_ms, excluded.newest_ms), summary = NULL
WHERE excluded.newest_ms > newest_ms OR summary IS NOT NULL;

-- name: subject
SELECT id, newest_ms FROM subject WHERE space = :space AND key = :key;

-- name: insert_entry
INSERT INTO entry (id, subject_id, kind, at_ms, received_ms, rests_on_seen)
VALUES (:id, :subject_id, :kind, :at_ms, :received_ms, :rests_on_seen);

-- name: insert_mention
INSERT OR IGNORE INTO mention (key, entry_id) VALUES (:key, :id);

-- name: insert_seen
INSERT OR REPLACE INTO seen (log_id, of_id, entry_index, size)
SELECT :log_id, id, :entry_index, :size FROM log WHERE name = :of;

-- name: insert_words
INSERT INTO said (rowid, words) VALUES (:id, :words);

-- name: entries_between
SELECT id, subject_id FROM entry WHERE id >= :low AND id < :high ORDER BY id LIMIT :limit;

-- name: received
SELECT received_ms FROM entry WHERE id = :id;

-- name: worded_between
SELECT rowid FROM said WHERE rowid >= :low AND rowid < :high ORDER BY rowid LIMIT :limit;

-- name: delete_entry
DELETE FROM entry WHERE id = :id;

-- name: delete_mentions
DELETE FROM mention WHERE entry_id = :id;

-- name: delete_words
DELETE FROM said WHERE rowid = :id;

-- name: delete_seen
DELETE FROM seen WHERE log_id = :log_id AND of_id IN (SELECT id FROM log) AND entry_index = :entry_index;

-- name: delete_seen_by
DELETE FROM seen WHERE (log_id, of_id, entry_index) IN
    (SELECT log_id, of_id, entry_index FROM seen WHERE log_id = :log_id LIMIT :limit);

-- name: renew_subject
UPDATE subject SET summary = NULL, newest_ms =
    coalesce((SELECT max(at_ms) FROM entry WHERE subject_id = :subject_id), newest_ms)
WHERE id = :subject_id;

-- name: renew_resting
UPDATE subject SET summary = NULL
WHERE summary IS NOT NULL
    AND id IN (SELECT subject_id FROM entry WHERE rests_on_seen AND id > :low AND id < :high);

-- name: delete_empty_subject
DELETE FROM subject
WHERE id = :subject_id AND NOT EXISTS (SELECT 1 FROM entry WHERE subject_id = :subject_id);

-- Segments of words

-- name: begin_merge
INSERT INTO said (said, rank) VALUES ('merge', -:pages);

-- name: merge
INSERT INTO said (said, rank) VALUES ('merge', :pages);

-- name: merge_by_hand
INSERT INTO said (said, rank) VALUES ('automerge', 0);

-- name: flush_little_at_once
INSERT INTO said (said, rank) VALUES ('hashsize', 262144);

-- name: total_changes
SELECT total_changes();

-- Questions

-- name: newest_subjects
SELECT key, newest_ms, summary FROM subject WHERE space = :space
ORDER BY newest_ms DESC, key DESC LIMIT :limit;

-- name: next_subjects
SELECT key, newest_ms, summary FROM subject
WHERE space = :space AND (newest_ms, key) < (:newest_ms, :key)
ORDER BY newest_ms DESC, key DESC LIMIT :limit;

-- name: unsummed
SELECT key FROM subject WHERE space = :space AND summary IS NULL LIMIT :limit;

-- name: sum_up
UPDATE subject SET summary = :summary WHERE space = :space AND key = :key;

-- name: forget_summaries
UPDATE subject SET summary = NULL WHERE space = :space;

-- name: context
SELECT context FROM summed WHERE space = :space;

-- name: put_context
INSERT OR REPLACE INTO summed (space, context) VALUES (:space, :context);

-- name: places
SELECT entry.id, kind, at_ms, received_ms FROM subject JOIN entry ON subject_id = subject.id
WHERE space = :space AND key = :key ORDER BY entry.id;

-- name: mentioning
SELECT entry.id, kind, at_ms, received_ms FROM mention JOIN entry ON entry.id = entry_id
WHERE key = :key ORDER BY entry.id;

-- name: newest
SELECT entry.id, kind, at_ms, received_ms FROM mention JOIN entry ON entry.id = entry_id
WHERE key = :key AND entry_id >= :low AND entry_id < :high ORDER BY entry_id DESC LIMIT :limit;

-- name: seen
SELECT n.key, m.value, (
    SELECT size FROM seen
    WHERE log_id = :log_id AND of_id = m.value AND entry_index <= n.value
    ORDER BY entry_index DESC LIMIT 1
) AS size FROM json_each(:indices) AS n, json_each(:logs) AS m WHERE size IS NOT NULL;

-- name: with_words
SELECT rowid FROM said WHERE said MATCH :words AND rowid >= :low AND rowid < :high
ORDER BY rowid DESC LIMIT :limit;

-- name: within
SELECT id FROM entry WHERE id >= :low AND id < :high ORDER BY id DESC LIMIT :limit;

-- name: chosen
SELECT entry.id, kind, at_ms, received_ms FROM json_each(:ids) JOIN entry ON entry.id = json_each.value
WHERE (:kind IS NULL OR kind = :kind)
    AND (:subject IS NULL
         OR subject_id = (SELECT id FROM subject WHERE space = :space AND key = :subject))
    AND (:since_ms IS NULL OR at_ms >= :since_ms)
    AND (:until_ms IS NULL OR at_ms <= :until_ms)
ORDER BY entry.id DESC;
