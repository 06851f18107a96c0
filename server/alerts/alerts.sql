-- name: lock
-- One judgement at a time; the lock ends with its transaction.
SELECT pg_advisory_xact_lock(hashtext('motcua.alerts'))

-- name: be_alone
-- One worker judges; the lock ends with its session, however that ends.
SELECT pg_try_advisory_lock(hashtext('motcua.alerts.watch'))

-- name: to_judge
-- What a judgement needs to know: open alerts, and those closed so recently that they may come again.
SELECT
    id, rule, unit, state, severity, raised_at, changed_at, resolved_at, closed_by_people,
    snoozed_until, escalated, assignee, verdict, subjects, value, usual_low, usual_high, n, observed_at
FROM alert
WHERE state NOT IN ('resolved', 'withdrawn') OR changed_at > %(now)s - INTERVAL '1 day'

-- name: alert
-- One alert; whoever takes a step holds its row.
SELECT
    id, rule, unit, state, severity, raised_at, changed_at, resolved_at, closed_by_people,
    snoozed_until, escalated, assignee, verdict, subjects, value, usual_low, usual_high, n, observed_at
FROM alert WHERE id = %(id)s

-- name: hold
-- Two who act at once: the second one sees what the first one did.
SELECT state FROM alert WHERE id = %(id)s FOR UPDATE

-- name: alerts
-- The newest first; filters that are NULL do not filter.
SELECT
    id, rule, unit, state, severity, raised_at, changed_at, resolved_at, closed_by_people,
    snoozed_until, escalated, assignee, verdict, subjects, value, usual_low, usual_high, n, observed_at
FROM alert
WHERE (%(states)s::text[] IS NULL OR state = ANY (%(states)s::text[]))
    AND (%(severities)s::text[] IS NULL OR severity = ANY (%(severities)s::text[]))
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(rule)s::text IS NULL OR rule = %(rule)s::text)
    AND (%(before)s::timestamptz IS NULL OR changed_at < %(before)s::timestamptz)
    AND (%(after)s::timestamptz IS NULL OR changed_at > %(after)s::timestamptz)
ORDER BY changed_at DESC, id
LIMIT %(most)s

-- name: similar
-- What became of the same rule's alerts, in this unit and anywhere.
SELECT
    count(*) FILTER (WHERE verdict = 'right'), count(*) FILTER (WHERE verdict = 'false'),
    count(*) FILTER (WHERE verdict IS NULL),
    count(*) FILTER (WHERE verdict = 'right' AND unit IS NOT DISTINCT FROM %(unit)s),
    count(*) FILTER (WHERE verdict = 'false' AND unit IS NOT DISTINCT FROM %(unit)s)
FROM alert
WHERE rule = %(rule)s AND id <> %(id)s AND state IN ('resolved', 'withdrawn')

-- name: conditions
-- What holds at this moment.
SELECT rule, unit, subject, since, seen_at FROM alert_condition

-- name: forget_conditions
-- What does not hold any more.
DELETE FROM alert_condition AS known USING unnest(
    %(rule)s::text[], %(unit)s::text[], %(subject)s::text[]
) AS gone (rule, unit, subject)
WHERE known.rule = gone.rule AND known.unit IS NOT DISTINCT FROM gone.unit AND known.subject = gone.subject

-- name: keep_conditions
-- What holds, and since when.
INSERT INTO alert_condition (rule, unit, subject, since, seen_at)
SELECT rule, unit, subject, since, seen_at FROM unnest(
    %(rule)s::text[], %(unit)s::text[], %(subject)s::text[], %(since)s::timestamptz[], %(seen_at)s::timestamptz[]
) AS given (rule, unit, subject, since, seen_at)
ON CONFLICT (rule, unit, subject) DO UPDATE SET since = EXCLUDED.since, seen_at = EXCLUDED.seen_at

-- name: raise
-- A second open alert of one cause is refused by its index.
INSERT INTO alert (
    rule, rule_version, unit, severity, state, raised_at, changed_at, subjects, value, usual_low,
    usual_high, n, observed_at
)
VALUES (
    %(rule)s, %(rule_version)s, %(unit)s, %(severity)s, 'raised', %(at)s, %(at)s, %(subjects)s,
    %(value)s, %(usual_low)s, %(usual_high)s, %(n)s, %(observed_at)s
)
RETURNING id

-- name: advance
-- What follows from a step; what it does not name stays.
UPDATE alert SET
    state = %(state)s::text, changed_at = %(at)s,
    resolved_at = CASE
        WHEN %(state)s::text IN ('resolved', 'withdrawn') THEN coalesce(resolved_at, %(at)s::timestamptz)
    END,
    closed_by_people = %(by_people)s AND %(state)s::text = 'resolved',
    raised_at = CASE WHEN %(step)s::text = 'raised_again' THEN %(at)s ELSE raised_at END,
    escalated = CASE
        WHEN %(step)s::text = 'raised_again' THEN 0 WHEN %(step)s::text = 'escalated' THEN escalated + 1
        ELSE escalated
    END,
    snoozed_until = CASE WHEN %(step)s::text = 'snoozed' THEN %(until)s::timestamptz END,
    assignee = CASE
        WHEN %(step)s::text = 'assigned' THEN %(assignee)s::text
        WHEN %(step)s::text = 'raised_again' THEN NULL ELSE assignee
    END,
    verdict = coalesce(%(verdict)s::text, CASE WHEN %(step)s::text = 'raised_again' THEN NULL ELSE verdict END),
    subjects = coalesce(%(subjects)s::text[], subjects),
    value = CASE WHEN %(step)s::text = 'raised_again' THEN %(value)s ELSE value END,
    n = CASE WHEN %(step)s::text = 'raised_again' THEN %(n)s ELSE n END,
    observed_at = CASE WHEN %(step)s::text = 'raised_again' THEN %(observed_at)s ELSE observed_at END
WHERE id = %(id)s

-- name: add_step
-- Only ever added.
INSERT INTO alert_step (alert, number, step, at, actor, note)
SELECT %(alert)s, coalesce(max(number), 0) + 1, %(step)s, %(at)s, %(actor)s, %(note)s
FROM alert_step WHERE alert = %(alert)s
RETURNING number

-- name: account
-- Whether an alert can be given to an account of this name.
SELECT FROM account_there WHERE name = %(name)s AND is_there

-- name: steps
-- The whole history of one alert.
SELECT number, step, at, actor, note FROM alert_step WHERE alert = %(id)s ORDER BY number

-- name: look_made
-- Whether this look has been made.
SELECT EXISTS (SELECT FROM alert_look WHERE rule = %(rule)s AND day = %(day)s)

-- name: note_look
-- In the transaction of what it raised.
INSERT INTO alert_look (rule, day, made_at, judged) VALUES (%(rule)s, %(day)s, %(at)s, %(judged)s)
ON CONFLICT DO NOTHING

-- name: rule_changes
-- The newest of each rule.
SELECT DISTINCT ON (rule) definition FROM alert_rule_change ORDER BY rule, number DESC

-- name: rule_history
-- Every change of one rule, the newest first.
SELECT number, changed_at, changed_by, reason, definition
FROM alert_rule_change WHERE rule = %(rule)s ORDER BY number DESC

-- name: change_rule
-- Only ever added.
INSERT INTO alert_rule_change (rule, changed_at, changed_by, reason, definition)
VALUES (%(rule)s, %(at)s, %(by)s, %(reason)s, %(definition)s)

-- name: add_message
-- One a step and channel, whoever is killed.
INSERT INTO alert_message (alert, step, channel, created_at, not_before)
VALUES (%(alert)s, %(step)s, %(channel)s, %(at)s, %(not_before)s)
ON CONFLICT DO NOTHING

-- name: turn
-- Whoever takes a channel's next message does so alone; the lock ends with its transaction.
SELECT pg_advisory_xact_lock(hashtext('motcua.alerts.channel'), hashtext(%(channel)s))

-- name: take_message
-- The oldest that may be sent to a channel now is taken for a while; none while another is taken, or is
-- about to be tried again in its turn.
UPDATE alert_message AS taken
SET taken_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
FROM (
    SELECT message.id, alert_step.step, alert_step.at, alert_step.note
    FROM alert_message AS message
    JOIN alert_step ON alert_step.alert = message.alert AND alert_step.number = message.step
    WHERE channel = %(channel)s AND sent_at IS NULL AND dead_at IS NULL AND not_before <= %(now)s
        AND NOT EXISTS (
            SELECT FROM alert_message AS before
            WHERE before.channel = message.channel AND before.sent_at IS NULL AND before.dead_at IS NULL
                AND (
                    before.taken_until > clock_timestamp()
                    OR (before.not_before > %(now)s AND before.attempts BETWEEN 1 AND %(in_order)s)
                )
        )
    ORDER BY message.created_at, message.id
    LIMIT 1
) AS oldest
WHERE taken.id = oldest.id
RETURNING
    taken.id, taken.alert, taken.created_at, taken.attempts, taken.taken_until, oldest.step, oldest.at,
    oldest.note

-- name: channels_behind
-- For which channels something may be sent now.
SELECT channel FROM alert_message
WHERE sent_at IS NULL AND dead_at IS NULL
GROUP BY channel
HAVING bool_or(not_before <= %(now)s)
    AND NOT bool_or(not_before > %(now)s AND attempts BETWEEN 1 AND %(in_order)s)
    AND NOT coalesce(bool_or(taken_until > clock_timestamp()), false)

-- name: note_sent
-- It has arrived; the receipt is what the channel said. Whoever has lost it to another notes nothing.
UPDATE alert_message SET sent_at = %(now)s, attempts = attempts + 1, attempted_at = %(now)s,
    receipt = %(receipt)s, problem = NULL, taken_until = NULL
WHERE id = %(id)s AND taken_until = %(taken_until)s

-- name: note_failed
-- It is tried again after a pause; one that was tried for too long is dead until somebody sends it again.
UPDATE alert_message SET attempts = attempts + 1, attempted_at = %(now)s, problem = %(problem)s,
    not_before = %(again_at)s, taken_until = NULL, uncertain = uncertain OR %(uncertain)s,
    dead_at = CASE WHEN %(dead)s THEN %(now)s::timestamptz END
WHERE id = %(id)s AND taken_until = %(taken_until)s

-- name: messages
-- What was told of an alert, to whom, and how that went.
SELECT id, step, channel, created_at, attempts, attempted_at, sent_at, receipt, problem, dead_at, uncertain
FROM alert_message WHERE alert = %(id)s ORDER BY created_at, channel

-- name: send_again
-- A dead message gets another life.
UPDATE alert_message SET dead_at = NULL, created_at = %(now)s, not_before = %(now)s
WHERE id = %(message)s AND alert = %(id)s AND dead_at IS NOT NULL
RETURNING id
