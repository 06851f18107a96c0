-- name: insert_quarantine
-- Kept with its reason. The same message again (retained, resent) is counted in its row, so that a
-- broken device cannot fill the disk by repeating itself. Times are those of ingest's clock.
INSERT INTO quarantine AS kept (
    digest, topic, payload, payload_bytes, message, refusal, reason, received_at, last_received_at,
    clock_confirmed
)
SELECT DISTINCT ON (digest)
    refused.*, coalesce(%(received_at)s::timestamptz, now()),
    coalesce(%(received_at)s::timestamptz, now()), %(clock_confirmed)s::boolean
FROM unnest(
    %(digest)s::bytea[], %(topic)s::text[], %(payload)s::bytea[], %(payload_bytes)s::bigint[],
    %(message)s::uuid[], %(refusal)s::text[], %(reason)s::text[]
) AS refused (digest, topic, payload, payload_bytes, message, refusal, reason)
ORDER BY digest
ON CONFLICT (digest) DO UPDATE SET
    last_received_at = EXCLUDED.last_received_at,
    times_received = kept.times_received + 1

-- name: hold
-- Refused for its time while nobody knows whose clock is wrong: kept until it can be judged.
INSERT INTO held_message AS kept (
    digest, topic, payload, message, refusal, reason, received_at, last_received_at
)
SELECT DISTINCT ON (digest)
    digest, topic, payload, message, refusal, reason,
    coalesce(%(received_at)s::timestamptz, now()), coalesce(%(received_at)s::timestamptz, now())
FROM unnest(
    %(digest)s::bytea[], %(topic)s::text[], %(payload)s::bytea[], %(message)s::uuid[],
    %(refusal)s::text[], %(reason)s::text[]
) AS refused (digest, topic, payload, message, refusal, reason)
ORDER BY digest
ON CONFLICT (digest) DO UPDATE SET
    last_received_at = EXCLUDED.last_received_at,
    times_received = kept.times_received + 1

-- name: held_page
-- What is judged anew, page by page.
SELECT digest, topic, payload, received_at
FROM held_message
WHERE digest > %(after)s
ORDER BY digest
LIMIT %(limit)s

-- name: release_held
-- In the transaction that stores them elsewhere.
DELETE FROM held_message WHERE digest = ANY (%(digests)s::bytea[])

-- name: open_quarantine
-- What a replay tries again, in the order of arrival. Payloads that were cut cannot be replayed.
SELECT id, topic, payload, received_at, clock_confirmed
FROM quarantine
WHERE replayed_at IS NULL AND id > %(after)s AND octet_length(payload) = payload_bytes
ORDER BY id
LIMIT %(limit)s

-- name: mark_replayed
-- In the transaction that commits the message, so that a crash replays it again: harmlessly.
UPDATE quarantine SET replayed_at = now() WHERE id = %(id)s

-- name: renew_refusal
-- A later release may refuse the same message for a better reason.
UPDATE quarantine SET refusal = %(refusal)s, reason = %(reason)s WHERE id = %(id)s

-- name: quarantine_page
-- The newest refusals first; the payload is shown only as far as a person would read it.
SELECT
    id, topic, refusal, reason, payload_bytes, substring(payload FROM 1 FOR 500), received_at,
    last_received_at, times_received, replayed_at
FROM quarantine
WHERE id < %(before)s
ORDER BY id DESC
LIMIT %(limit)s

-- name: purge_replayed
-- One page, the oldest first, so that no transaction is long; rows that a replay holds are left for
-- the next night.
DELETE FROM quarantine
WHERE id IN (
    SELECT id FROM quarantine
    WHERE replayed_at < %(before)s
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
