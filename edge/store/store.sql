-- The device's SQLite file. Every statement has a name and says why; runtime/sql.py reads them.

-- name: schema_outbox
-- seq is handed out by `tally`, never by rowid, so a number is not reused when the table empties.
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- name: schema_tally
-- One row: the last number given, and how many rows wait (counting 100,000 rows would cost 1 ms).
CREATE TABLE IF NOT EXISTS tally (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    seq INTEGER NOT NULL,
    depth INTEGER NOT NULL
) STRICT;

-- name: schema_tally_row
-- The row that every other statement updates; a store that has one keeps it.
INSERT OR IGNORE INTO tally (only_row, seq, depth) VALUES (1, 0, 0);

-- name: schema_rated
-- The latest ratings, kept after they have been sent: a client's retry must not count twice, and
-- reasons that follow need the rating they amend.
CREATE TABLE IF NOT EXISTS rated (
    place INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    payload BLOB NOT NULL
) STRICT;

-- name: schema_status
-- The last status of each process; monotonic_s is the clock of the boot it ran in.
CREATE TABLE IF NOT EXISTS status (
    component TEXT PRIMARY KEY,
    monotonic_s REAL NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- name: schema_config
-- The newest settings from the server, so that a device without a network starts with them.
CREATE TABLE IF NOT EXISTS config (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- name: schema_command
-- Commands until they expire: a repeated one is recognised, and the kiosk finds its prompts.
CREATE TABLE IF NOT EXISTS command (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    expires_at REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    payload BLOB NOT NULL
) STRICT;

-- name: schema_prompt
-- Requests for a rating. A step is told to the server in the transaction that makes it, except an
-- answer, which is told when the citizen can no more take it back.
CREATE TABLE IF NOT EXISTS prompt (
    id BLOB PRIMARY KEY,
    counter TEXT NOT NULL,
    visit BLOB,
    opened_by TEXT NOT NULL,
    opened_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    step TEXT NOT NULL,
    rating BLOB,
    answered_at REAL
) STRICT;

-- name: schema_attendance
-- Who is at each counter, as watch sees it; monotonic_s is the clock of the boot it ran in.
CREATE TABLE IF NOT EXISTS attendance (
    counter TEXT PRIMARY KEY,
    monotonic_s REAL NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- name: schema_duty
-- The officer who has signed on at each counter, until when without a sign of life.
CREATE TABLE IF NOT EXISTS duty (
    counter TEXT PRIMARY KEY,
    session BLOB NOT NULL,
    officer TEXT NOT NULL,
    method TEXT NOT NULL,
    since REAL NOT NULL,
    active_at REAL NOT NULL
) STRICT;

-- name: schema_refused_sign_on
-- Wrong PINs in a row, so that a restart does not forget them.
CREATE TABLE IF NOT EXISTS refused_sign_on (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    failures INTEGER NOT NULL,
    failed_at REAL NOT NULL
) STRICT;

-- name: schema_called
-- The ticket that was last called at each counter, for the idle screen.
CREATE TABLE IF NOT EXISTS called (
    counter TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    called_at REAL NOT NULL
) STRICT;

-- name: take_seq
-- Runs inside BEGIN IMMEDIATE: two processes never get the same number.
UPDATE tally SET seq = seq + 1, depth = depth + 1 RETURNING seq;

-- name: raise_seq
-- After a damaged file was moved aside: continue above every number that may have been used.
UPDATE tally SET seq = max(seq, ?);

-- name: count_again
-- Recovery inserts rows without counting them one by one.
UPDATE tally SET depth = (SELECT count(*) FROM outbox);

-- name: last_seq
-- Recovery continues above the last number that the damaged file gave.
SELECT seq FROM tally;

-- name: insert_row
-- `append` has taken the number and the bytes already carry it.
INSERT INTO outbox (seq, id, stream, payload) VALUES (?, ?, ?, ?);

-- name: recover_row
-- A row that another process has already written again keeps its new place.
INSERT OR IGNORE INTO outbox (seq, id, stream, payload) VALUES (?, ?, ?, ?);

-- name: find_row
-- A message whose id already waits is not stored a second time.
SELECT payload FROM outbox WHERE id = ?;

-- name: waiting
-- The relay sends in the order of the numbers, in portions.
SELECT seq, id, stream, payload FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?;

-- name: all_rows
-- Recovery reads whatever it can, from the beginning to the first damaged page.
SELECT seq, id, stream, payload FROM outbox ORDER BY seq;

-- name: all_rows_backwards
-- Reads a damaged file from its other end, past the page that stops the forward reading.
SELECT seq, id, stream, payload FROM outbox ORDER BY seq DESC;

-- name: oldest
-- Health reports since when the first message has waited.
SELECT payload FROM outbox ORDER BY seq LIMIT 1;

-- name: delete_row
-- The server has committed the message; a row that is gone is no error.
DELETE FROM outbox WHERE id = ?;

-- name: lower_depth
-- Keeps the count in step with the rows that were really deleted.
UPDATE tally SET depth = depth - ?;

-- name: depth
-- The count kept in `tally`, for limits and health.
SELECT depth FROM tally;

-- name: free_pages
-- Pages of deleted rows: they take new rows before the file grows.
PRAGMA freelist_count;

-- name: page_bytes
-- Turns the number of free pages into bytes.
PRAGMA page_size;

-- name: remember_rating
-- In the same transaction as the rating itself; a repeated id keeps its first row.
INSERT OR IGNORE INTO rated (id, payload) VALUES (?, ?);

-- name: forget_old_ratings
-- Only the latest are kept: older ones are neither retried nor amended.
DELETE FROM rated WHERE place <= (SELECT max(place) FROM rated) - ?;

-- name: find_rating
-- Also finds ratings that were sent and deleted from the outbox.
SELECT payload FROM rated WHERE id = ?;

-- name: put_status
-- Only the latest status of a process matters.
INSERT INTO status (component, monotonic_s, payload) VALUES (?, ?, ?)
ON CONFLICT (component) DO UPDATE SET monotonic_s = excluded.monotonic_s, payload = excluded.payload;

-- name: statuses
-- Health reads the statuses of all processes, the kiosk that of the relay.
SELECT component, monotonic_s, payload FROM status;

-- name: put_config
-- Only a newer version replaces the stored one: a retained message is delivered at every connection.
INSERT INTO config (only_row, version, payload) VALUES (1, ?, ?)
ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, payload = excluded.payload
WHERE excluded.version > config.version;

-- name: config
-- Read at every look of the kiosk page; it has at most one row.
SELECT payload FROM config;

-- name: put_command
-- A command that is delivered twice keeps its first row, done or not.
INSERT OR IGNORE INTO command (id, name, expires_at, payload) VALUES (?, ?, ?, ?);

-- name: forget_expired_commands
-- An expired command is refused before it gets here, so it need not be remembered.
DELETE FROM command WHERE expires_at <= ?;

-- name: pending_command
-- Of several open commands the one that is valid longest counts.
SELECT payload FROM command WHERE name = ? AND done = 0 AND expires_at > ?
ORDER BY expires_at DESC LIMIT 1;

-- name: finish_commands
-- One rating answers every open request.
UPDATE command SET done = 1 WHERE name = ? AND done = 0;

-- name: recent_ratings
-- The unit judges a new rating by those before it.
SELECT payload FROM rated ORDER BY place DESC LIMIT ?;

-- name: insert_prompt
-- One that is opened a second time, as a repeated command is, keeps its first row.
INSERT OR IGNORE INTO prompt (id, counter, visit, opened_by, opened_at, expires_at, step)
VALUES (?, ?, nullif(?, x''), ?, ?, ?, 'open');

-- name: prompts_at
-- Newest first; a counter has a handful of them, older ones are forgotten.
SELECT id, counter, visit, opened_by, opened_at, expires_at, step, rating, answered_at
FROM prompt WHERE counter = ? ORDER BY opened_at DESC, id DESC;

-- name: prompt
-- One of them.
SELECT id, counter, visit, opened_by, opened_at, expires_at, step, rating, answered_at
FROM prompt WHERE id = ?;

-- name: prompts_due
-- Those whose time is over, and answers that can no more be taken back.
SELECT id, counter, visit, opened_by, opened_at, expires_at, step, rating, answered_at
FROM prompt
WHERE (step IN ('open', 'shown') AND expires_at <= ?) OR (step = 'answered' AND answered_at <= ?);

-- name: set_prompt
-- The next step of one.
UPDATE prompt SET step = ?, expires_at = ?, rating = nullif(?, x''), answered_at = nullif(?, 0.0)
WHERE id = ?;

-- name: forget_old_prompts
-- Long enough to know that a visit has been asked about.
DELETE FROM prompt WHERE opened_at < ? AND step NOT IN ('open', 'shown', 'answered');

-- name: put_attendance
-- Only the latest matters.
INSERT INTO attendance (counter, monotonic_s, payload) VALUES (?, ?, ?)
ON CONFLICT (counter) DO UPDATE SET monotonic_s = excluded.monotonic_s, payload = excluded.payload;

-- name: attendance
-- Of one counter.
SELECT monotonic_s, payload FROM attendance WHERE counter = ?;

-- name: put_duty
-- Whoever signs on relieves who was there.
INSERT INTO duty (counter, session, officer, method, since, active_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (counter) DO UPDATE SET session = excluded.session, officer = excluded.officer,
    method = excluded.method, since = excluded.since, active_at = excluded.active_at;

-- name: duty
-- Of one counter.
SELECT counter, session, officer, method, since, active_at FROM duty WHERE counter = ?;

-- name: duties
-- Of all counters, to end those that nobody keeps up.
SELECT counter, session, officer, method, since, active_at FROM duty;

-- name: touch_duty
-- A sign of life: a visit, a call, a request for a rating.
UPDATE duty SET active_at = ? WHERE counter = ? AND active_at < ?;

-- name: end_duty
-- The officer has signed off.
DELETE FROM duty WHERE counter = ?;

-- name: refused_sign_ons
-- How many in a row, and when the last one.
SELECT failures, failed_at FROM refused_sign_on;

-- name: note_refused_sign_on
-- One more.
INSERT INTO refused_sign_on (only_row, failures, failed_at) VALUES (1, 1, ?)
ON CONFLICT (only_row) DO UPDATE SET failures = failures + 1, failed_at = excluded.failed_at;

-- name: forget_refused_sign_ons
-- Somebody has signed on.
DELETE FROM refused_sign_on;

-- name: put_called
-- A call that comes late does not replace a newer one.
INSERT INTO called (counter, number, called_at) VALUES (?, ?, ?)
ON CONFLICT (counter) DO UPDATE SET number = excluded.number, called_at = excluded.called_at
WHERE excluded.called_at >= called.called_at;

-- name: called
-- Of one counter.
SELECT number, called_at FROM called WHERE counter = ?;
