-- name: subscribe
-- The same address again is sent what was asked for last.
INSERT INTO brief_subscriber (address, scope, language, account, since)
VALUES (%(address)s, %(scope)s, %(language)s, %(account)s, %(now)s)
ON CONFLICT (address) DO UPDATE SET
    scope = EXCLUDED.scope, language = EXCLUDED.language, account = EXCLUDED.account, since = EXCLUDED.since

-- name: owner
-- Whose subscription an address has.
SELECT account FROM brief_subscriber WHERE address = %(address)s

-- name: unsubscribe
-- By address.
DELETE FROM brief_subscriber WHERE address = %(address)s RETURNING address

-- name: unsubscribe_account
-- All of an account's.
DELETE FROM brief_subscriber WHERE account = %(account)s RETURNING address

-- name: subscribers
-- By address; `account` narrows them.
SELECT address, scope, language, account, since
FROM brief_subscriber
WHERE %(account)s::text IS NULL OR account = %(account)s::text
ORDER BY address

-- name: due
-- Who gets a morning's brief and has none yet. Whose account is disabled, or whose role in the place has
-- ended, gets none any more; roles above the place hold there too.
SELECT address, scope, language, account, since
FROM brief_subscriber AS asked
WHERE NOT EXISTS (SELECT FROM brief_mail AS mail WHERE mail.day = %(day)s AND mail.address = asked.address)
    AND (
        asked.account IS NULL
        OR EXISTS (
            WITH RECURSIVE above AS (
                SELECT unit.id, unit.parent FROM unit WHERE 'subtree:' || unit.id = asked.scope
                UNION ALL
                SELECT unit.id, unit.parent FROM unit JOIN above ON unit.id = above.parent
            )
            SELECT FROM account
            JOIN account_role AS held ON held.account = account.id
            WHERE account.name = asked.account AND account.disabled_at IS NULL
                AND held.role = ANY (%(roles)s::text[])
                AND (held.unit IS NULL OR held.unit IN (SELECT id FROM above))
        )
    )
ORDER BY address

-- name: plan
-- Once a day and address, whoever plans it.
INSERT INTO brief_mail (day, address, language, message_id, subject, body, created_at, next_at)
VALUES (
    %(day)s, %(address)s, %(language)s, %(message_id)s, %(subject)s, %(body)s, %(now)s, %(now)s
)
ON CONFLICT (day, address) DO NOTHING

-- name: next
-- Held until it is sent or has failed: two workers never send the same one at the same time.
SELECT id, day, address, language, message_id, subject, body, created_at, attempts
FROM brief_mail
WHERE state = 'waiting' AND next_at <= %(now)s
ORDER BY next_at, id
LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: sent
-- In the transaction in which it was sent.
UPDATE brief_mail
SET state = 'sent', attempts = attempts + 1, sent_at = %(now)s, problem = NULL
WHERE id = %(id)s

-- name: failed
-- With why and when it is tried again, or given up.
UPDATE brief_mail
SET state = %(state)s, attempts = attempts + 1, problem = %(problem)s, next_at = %(next_at)s
WHERE id = %(id)s

-- name: purge
-- Messages of long ago.
DELETE FROM brief_mail WHERE created_at < %(before)s
