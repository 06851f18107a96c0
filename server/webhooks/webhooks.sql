-- name: add
-- A name in use is refused by its constraint.
INSERT INTO webhook (id, name, address, scope, secret)
VALUES (%(id)s, %(name)s, %(address)s, %(scope)s, %(secret)s)

-- name: webhooks
-- All of them with what waits: never the secrets.
SELECT
    webhook.id, name, address, scope, webhook.created_at, disabled_at, delivered, delivered_at, webhook.problem,
    open.attempts AS attempts, open.created_at AS waiting_since,
    (SELECT count(*) FROM webhook_message AS dead
     WHERE dead.webhook = webhook.id AND dead.dead_at IS NOT NULL) AS dead
FROM webhook
LEFT JOIN webhook_message AS open ON open.webhook = webhook.id AND open.dead_at IS NULL
ORDER BY name

-- name: remove
-- Its messages go with it.
DELETE FROM webhook WHERE name = %(name)s RETURNING id

-- name: enable
-- One that was disabled begins anew with everything: what it holds may be old.
UPDATE webhook SET disabled_at = NULL, problem = NULL, sent_revision = 0 WHERE name = %(name)s RETURNING id

-- name: disable
-- By somebody, or because the receiver said that it is gone.
UPDATE webhook SET disabled_at = %(now)s, problem = coalesce(%(problem)s, problem)
WHERE (name = %(name)s OR id = %(id)s) AND disabled_at IS NULL
RETURNING id

-- name: change_secret
-- The former secret signs beside the new one for a day, so that the receiver can change it in peace.
UPDATE webhook SET former_secret = secret, former_ends_at = %(former_ends_at)s, secret = %(secret)s
WHERE name = %(name)s RETURNING id

-- name: store_figures
-- One row a scope, whoever waits for it; a revision is later than all before it.
INSERT INTO webhook_figures AS known (scope, revision, computed_at, readings)
SELECT scope, nextval('webhook_revision'), computed_at, readings
FROM unnest(%(scope)s::text[], %(computed_at)s::timestamptz[], %(readings)s::text[])
    AS changed (scope, computed_at, readings)
ON CONFLICT (scope) DO UPDATE SET
    revision = EXCLUDED.revision, computed_at = EXCLUDED.computed_at, readings = EXCLUDED.readings
WHERE known.readings <> EXCLUDED.readings

-- name: forget_figures
-- A unit that is not in the tree any more has no figures of now.
DELETE FROM webhook_figures WHERE NOT scope = ANY (%(scopes)s)

-- name: behind
-- Whom something newer waits for.
SELECT id FROM webhook
WHERE disabled_at IS NULL AND sent_revision < (SELECT max(revision) FROM webhook_figures)

-- name: defer_behind
-- A job for each of them, all in one statement: one by one they would take seconds of a busy database. Its lock
-- keeps two jobs of one receiver apart; where one waits already it is left.
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
SELECT
    'webhooks', 'webhooks.deliver', 'webhooks.deliver ' || id, 'webhooks.deliver ' || id,
    jsonb_build_object('webhook', id)
FROM webhook
WHERE disabled_at IS NULL AND sent_revision < (SELECT max(revision) FROM webhook_figures)
ON CONFLICT DO NOTHING

-- name: any_enabled
-- Without a receiver nobody computes figures for one.
SELECT EXISTS (SELECT FROM webhook WHERE disabled_at IS NULL)

-- name: receiver
-- Whoever sends holds this row, so that a webhook that is removed at this moment waits.
SELECT
    id, name, address, scope, secret, sent_revision AS after,
    CASE WHEN former_ends_at > %(now)s THEN former_secret END AS former_secret
FROM webhook WHERE (id = %(id)s OR name = %(name)s) AND disabled_at IS NULL
FOR UPDATE

-- name: open_message
-- What was begun is sent before anything newer. It is taken for a while, unless somebody else has it.
WITH taken AS (
    UPDATE webhook_message SET taken_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
    WHERE webhook = %(id)s AND dead_at IS NULL AND coalesce(taken_until <= clock_timestamp(), true)
    RETURNING id, taken_until
)
SELECT open.id, open.body, open.created_at, open.attempts, taken.taken_until
FROM webhook_message AS open LEFT JOIN taken ON taken.id = open.id
WHERE open.webhook = %(id)s AND open.dead_at IS NULL

-- name: newer_figures
-- The oldest change first, so that a part of them leaves no gap behind. NULL takes every scope.
SELECT scope, revision, computed_at, readings FROM webhook_figures
WHERE revision > %(after)s AND (%(scopes)s::text[] IS NULL OR scope = ANY (%(scopes)s::text[]))
ORDER BY revision
LIMIT %(most)s

-- name: skip_all
-- Nothing of the receiver's scopes is newer: what lies between is of no concern to it.
UPDATE webhook SET sent_revision = (SELECT coalesce(max(revision), 0) FROM webhook_figures)
WHERE id = %(id)s

-- name: add_message
-- Stored before it is sent: a second attempt must be the same message. Whoever makes it has taken it.
INSERT INTO webhook_message (id, webhook, body, up_to, created_at, taken_until)
VALUES (
    %(message)s, %(id)s, %(body)s, %(up_to)s, %(now)s, clock_timestamp() + make_interval(secs => %(lease_s)s)
)
RETURNING id, body, created_at, attempts, taken_until

-- name: delivered
-- The receiver has it: only where it stands is kept.
WITH gone AS (DELETE FROM webhook_message WHERE id = %(message)s RETURNING webhook, up_to, dead_at)
UPDATE webhook SET
    sent_revision = CASE WHEN gone.dead_at IS NULL THEN gone.up_to ELSE webhook.sent_revision END,
    delivered = delivered + 1, delivered_at = %(now)s, problem = NULL
FROM gone WHERE webhook.id = gone.webhook

-- name: failed
-- It stays open, let go of, and is tried again. Whoever has lost it to another notes nothing.
WITH tried AS (
    UPDATE webhook_message SET attempts = attempts + 1, attempted_at = %(now)s, problem = %(problem)s,
        taken_until = NULL
    WHERE id = %(message)s AND taken_until IS NOT DISTINCT FROM %(taken_until)s RETURNING webhook
)
UPDATE webhook SET problem = %(problem)s FROM tried WHERE webhook.id = tried.webhook

-- name: give_up
-- The next message begins with everything, so that the receiver misses nothing that is still true.
WITH dead AS (
    UPDATE webhook_message SET dead_at = %(now)s WHERE id = %(message)s RETURNING webhook
)
UPDATE webhook SET sent_revision = 0 FROM dead WHERE webhook.id = dead.webhook

-- name: forget_dead
-- The newest are enough to see what happened.
DELETE FROM webhook_message WHERE dead_at IS NOT NULL AND webhook = %(id)s AND id NOT IN (
    SELECT id FROM webhook_message WHERE dead_at IS NOT NULL AND webhook = %(id)s
    ORDER BY dead_at DESC LIMIT %(keep)s
)

-- name: dead_messages
-- What was given up, newest first.
SELECT webhook_message.id, webhook_message.created_at, attempts, attempted_at, webhook_message.problem, dead_at
FROM webhook_message JOIN webhook ON webhook.id = webhook
WHERE name = %(name)s AND dead_at IS NOT NULL
ORDER BY dead_at DESC

-- name: dead_message
-- One of them, to be sent again as it was.
SELECT id, body, created_at, attempts, taken_until FROM webhook_message
WHERE webhook = %(id)s AND id = %(message)s AND dead_at IS NOT NULL

-- name: remove_dead
-- Somebody has seen it and does not need it.
DELETE FROM webhook_message USING webhook
WHERE webhook.id = webhook AND webhook_message.id = %(message)s AND name = %(name)s AND dead_at IS NOT NULL
RETURNING webhook_message.id
