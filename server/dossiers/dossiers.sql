-- name: lock
-- One writer at a time: what is read to compute a state must still hold when it is written.
SELECT pg_advisory_xact_lock(hashtext('motcua.dossier'))

-- name: units
-- Also those that are not valid today: their history still comes in.
SELECT id FROM unit

-- name: stored_revisions
-- To leave out what is not newer than what is there.
SELECT code, revision, digest FROM dossier WHERE code = ANY (%(codes)s::text[])

-- name: stored_records
-- What was stated, for dossiers whose state is computed anew.
SELECT
    code, source, revision, procedure, receiving_unit, resolving_unit, received_at, channel,
    stated_officer, area_unit, promised_at, accepted_at, processed_at, returned_at, handed_out_at,
    stopped_at, refused_at, withdrawn_at, supplements, fee_due, paid_online, digitised,
    result_digitised, data_reused, identity_verified, applicant, ticket
FROM dossier
WHERE code = ANY (%(codes)s::text[])

-- name: events_of
-- The newest version of each event of these dossiers.
SELECT code, id, kind, at, revision, promised_at, officer, score, void
FROM dossier_event
WHERE code = ANY (%(codes)s::text[])

-- name: store_events
-- The greater revision of an event stays, then the greater content: the same order as in
-- server/dossiers/states.py, so that whichever comes first, the same one is kept.
INSERT INTO dossier_event AS kept (
    code, id, kind, at, revision, source, promised_at, officer, score, void
)
SELECT DISTINCT ON (code, id) *
FROM unnest(
    %(code)s::text[], %(id)s::text[], %(kind)s::text[], %(at)s::timestamptz[],
    %(revision)s::timestamptz[], %(source)s::text[], %(promised_at)s::timestamptz[],
    %(officer)s::text[], %(score)s::smallint[], %(void)s::boolean[]
) AS given (code, id, kind, at, revision, source, promised_at, officer, score, void)
ORDER BY
    code, id, revision DESC, kind DESC, at DESC,
    coalesce(promised_at, '-infinity') DESC, coalesce(officer, '') DESC,
    coalesce(score, 0) DESC, void DESC
ON CONFLICT (code, id) DO UPDATE SET
    kind = EXCLUDED.kind, at = EXCLUDED.at, revision = EXCLUDED.revision,
    source = EXCLUDED.source, promised_at = EXCLUDED.promised_at, officer = EXCLUDED.officer,
    score = EXCLUDED.score, void = EXCLUDED.void, received_at = now()
WHERE (
    EXCLUDED.revision, EXCLUDED.kind, EXCLUDED.at,
    coalesce(EXCLUDED.promised_at, '-infinity'), coalesce(EXCLUDED.officer, ''),
    coalesce(EXCLUDED.score, 0), EXCLUDED.void
) > (
    kept.revision, kept.kind, kept.at, coalesce(kept.promised_at, '-infinity'),
    coalesce(kept.officer, ''), coalesce(kept.score, 0), kept.void
)
RETURNING code

-- name: store_dossiers
-- A record and the state that follows, as one row; totals follow by the table's triggers.
INSERT INTO dossier (
    code, source, revision, digest, procedure, receiving_unit, resolving_unit, area_unit, channel,
    stated_officer, received_at, promised_at, accepted_at, processed_at, returned_at,
    handed_out_at, stopped_at, refused_at, withdrawn_at, supplements, fee_due, paid_online,
    digitised, result_digitised, data_reused, identity_verified, applicant, family, officer,
    begun_at, ended_at, ended_by, counted, due_at, overdue_at, soon_from, timeliness, days,
    requests, waits_for_citizen, result_at, apologised_at, score, ticket
)
SELECT * FROM unnest(
    %(code)s::text[], %(source)s::text[], %(revision)s::timestamptz[], %(digest)s::bigint[],
    %(procedure)s::text[], %(receiving_unit)s::text[], %(resolving_unit)s::text[],
    %(area_unit)s::text[], %(channel)s::text[], %(stated_officer)s::text[],
    %(received_at)s::timestamptz[], %(promised_at)s::timestamptz[],
    %(accepted_at)s::timestamptz[], %(processed_at)s::timestamptz[],
    %(returned_at)s::timestamptz[], %(handed_out_at)s::timestamptz[],
    %(stopped_at)s::timestamptz[], %(refused_at)s::timestamptz[],
    %(withdrawn_at)s::timestamptz[], %(supplements)s::jsonb[], %(fee_due)s::boolean[],
    %(paid_online)s::boolean[], %(digitised)s::boolean[], %(result_digitised)s::boolean[],
    %(data_reused)s::boolean[], %(identity_verified)s::boolean[], %(applicant)s::text[],
    %(family)s::text[], %(officer)s::text[], %(begun_at)s::timestamptz[],
    %(ended_at)s::timestamptz[], %(ended_by)s::text[], %(counted)s::boolean[],
    %(due_at)s::timestamptz[], %(overdue_at)s::timestamptz[], %(soon_from)s::date[],
    %(timeliness)s::text[], %(days)s::double precision[], %(requests)s::smallint[],
    %(waits_for_citizen)s::boolean[], %(result_at)s::timestamptz[],
    %(apologised_at)s::timestamptz[], %(score)s::smallint[], %(ticket)s::text[]
)
ON CONFLICT (code) DO UPDATE SET
    source = EXCLUDED.source, revision = EXCLUDED.revision, digest = EXCLUDED.digest,
    procedure = EXCLUDED.procedure, receiving_unit = EXCLUDED.receiving_unit,
    resolving_unit = EXCLUDED.resolving_unit, area_unit = EXCLUDED.area_unit,
    channel = EXCLUDED.channel, stated_officer = EXCLUDED.stated_officer,
    received_at = EXCLUDED.received_at, promised_at = EXCLUDED.promised_at,
    accepted_at = EXCLUDED.accepted_at, processed_at = EXCLUDED.processed_at,
    returned_at = EXCLUDED.returned_at, handed_out_at = EXCLUDED.handed_out_at,
    stopped_at = EXCLUDED.stopped_at, refused_at = EXCLUDED.refused_at,
    withdrawn_at = EXCLUDED.withdrawn_at, supplements = EXCLUDED.supplements,
    fee_due = EXCLUDED.fee_due, paid_online = EXCLUDED.paid_online,
    digitised = EXCLUDED.digitised, result_digitised = EXCLUDED.result_digitised,
    data_reused = EXCLUDED.data_reused, identity_verified = EXCLUDED.identity_verified,
    applicant = EXCLUDED.applicant, family = EXCLUDED.family, officer = EXCLUDED.officer,
    begun_at = EXCLUDED.begun_at, ended_at = EXCLUDED.ended_at, ended_by = EXCLUDED.ended_by,
    counted = EXCLUDED.counted, due_at = EXCLUDED.due_at, overdue_at = EXCLUDED.overdue_at,
    soon_from = EXCLUDED.soon_from, timeliness = EXCLUDED.timeliness, days = EXCLUDED.days,
    requests = EXCLUDED.requests, waits_for_citizen = EXCLUDED.waits_for_citizen,
    result_at = EXCLUDED.result_at, apologised_at = EXCLUDED.apologised_at,
    score = EXCLUDED.score, ticket = EXCLUDED.ticket

-- name: count_later
-- For this transaction: totals follow when it says so, instead of with each statement.
SELECT set_config('motcua.dossiers_counted', 'later', true)

-- name: count_at_once
-- For the rest of this transaction, as ever.
SELECT set_config('motcua.dossiers_counted', '', true)

-- name: count_uncounted
-- What has been put off, where there is enough of it.
SELECT count_uncounted_dossiers(%(at_least)s)

-- name: codes_after
-- A page of all dossiers, to compute their states anew when a calendar or a procedure has changed.
SELECT code FROM dossier WHERE code > %(after)s ORDER BY code LIMIT %(limit)s

-- name: renew_revisions
-- The same statement at a later time; the totals' triggers find that nothing differs.
UPDATE dossier SET revision = again.revision
FROM unnest(%(code)s::text[], %(revision)s::timestamptz[]) AS again (code, revision)
WHERE dossier.code = again.code

-- name: stale
-- Whether a calendar, a procedure or a unit has changed, and how far the states follow it.
SELECT since, after FROM dossier_stale FOR UPDATE

-- name: stale_until
-- A change that came meanwhile has begun anew, and keeps its own place.
UPDATE dossier_stale SET after = %(after)s WHERE since = %(since)s

-- name: no_longer_stale
-- Unless something has changed meanwhile.
DELETE FROM dossier_stale WHERE since = %(since)s

-- name: mark_links
-- Units' days on which something names these dossiers, or they name a ticket: before they change, and
-- after.
INSERT INTO link_due_by_dossier AS known (unit, day)
SELECT receiving_unit, (received_at AT TIME ZONE INTERVAL '7 hours')::date
FROM dossier
WHERE ticket IS NOT NULL AND code = ANY (%(codes)s::text[])
UNION
SELECT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date
FROM ticket
WHERE dossier IS NOT NULL AND dossier = ANY (%(codes)s::text[])
UNION
SELECT resolving_unit, (event.at AT TIME ZONE INTERVAL '7 hours')::date
FROM dossier_event AS event
JOIN dossier USING (code)
WHERE event.kind = 'rated' AND code = ANY (%(codes)s::text[])
ORDER BY 1, 2
ON CONFLICT (unit, day) DO UPDATE SET since = known.since

-- name: dossiers_page
-- By code, those after a code; neither who handed it in nor who works on it.
SELECT
    code, source, procedure, family, receiving_unit, resolving_unit, channel, received_at, promised_at,
    due_at, ended_at, ended_by, timeliness, days, requests, waits_for_citizen, result_at, counted
FROM dossier
WHERE code > %(after)s
    AND (
        %(units)s::text[] IS NULL OR receiving_unit = ANY (%(units)s::text[])
        OR resolving_unit = ANY (%(units)s::text[])
    )
    AND (%(procedure)s::text IS NULL OR procedure = %(procedure)s::text)
    AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s::timestamptz)
    AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s::timestamptz)
    AND (%(open)s::boolean IS NULL OR (ended_at IS NULL) = %(open)s::boolean)
ORDER BY code
LIMIT %(limit)s
