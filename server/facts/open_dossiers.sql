-- name: totals
-- Only what is open is looked at, by its index: as many as a province has in hand, not in a year.
SELECT
    dossier.resolving_unit,
    CASE %(by)s::text
        WHEN 'family' THEN procedure.family WHEN 'procedure' THEN dossier.procedure
        WHEN 'channel' THEN dossier.channel WHEN 'officer' THEN dossier.officer
    END AS member,
    NULL::date,
    count(*),
    count(*) FILTER (WHERE overdue_at < now()),
    count(*) FILTER (
        WHERE soon_from <= (now() AT TIME ZONE INTERVAL '7 hours')::date AND due_at >= now()
    ),
    count(*) FILTER (WHERE waits_for_citizen)
FROM dossier
LEFT JOIN procedure ON procedure.code = dossier.procedure
WHERE dossier.ended_at IS NULL
    AND (%(units)s::text[] IS NULL OR dossier.resolving_unit = ANY (%(units)s::text[]))
    AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
    AND (%(procedure)s::text IS NULL OR dossier.procedure = %(procedure)s::text)
    AND (%(channel)s::text IS NULL OR dossier.channel = %(channel)s::text)
    AND (%(officer)s::text IS NULL OR dossier.officer = %(officer)s::text)
GROUP BY 1, 2
