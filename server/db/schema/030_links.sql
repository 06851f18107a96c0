-- Which rating, visit, ticket and dossier belong together (server/links, docs/links.md).

-- A ticket may name a dossier that it was for, and a dossier the ticket by which it was received.
ALTER TABLE ticket ADD COLUMN dossier text;
ALTER TABLE dossier ADD COLUMN ticket text;
CREATE INDEX ticket_dossier ON ticket (dossier) WHERE dossier IS NOT NULL;
CREATE INDEX dossier_ticket ON dossier (receiving_unit, received_at) WHERE ticket IS NOT NULL;
CREATE INDEX dossier_rated ON dossier_event (at) WHERE kind = 'rated';

-- Units' local days of which something was told since their links were found; the worker finds them anew.
CREATE TABLE link_due (
    unit text NOT NULL,
    day date NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (unit, day)
);

-- The same for what dossiers change: an import may hold its marks for minutes, and ingest must not wait.
CREATE TABLE link_due_by_dossier (LIKE link_due INCLUDING ALL);

-- `subject` and `object` are ids of ratings and visits, numbers of tickets (of the unit's day) and codes
-- of dossiers, as `kind` says; `rule` says why, `confidence` how sure that is (0..1).
CREATE TABLE link (
    unit text NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    object text NOT NULL,
    counter text NOT NULL,
    rule text NOT NULL,
    confidence double precision NOT NULL,
    waited_s double precision,
    PRIMARY KEY (unit, day, kind, subject, object)
);

-- How many subjects of each kind were linked by which rule; `ambiguous` and `alone` are not linked,
-- because several fit or none. Written with the links themselves.
CREATE TABLE link_daily (
    unit text NOT NULL,
    day date NOT NULL,
    counter text NOT NULL,
    kind text NOT NULL,
    rule text NOT NULL,
    subjects integer NOT NULL,
    confidence double precision NOT NULL,
    PRIMARY KEY (unit, day, counter, kind, rule)
);
CREATE INDEX link_daily_day ON link_daily (day);

-- What a visit knows by its links: its ticket's service and family, how long the citizen had waited since
-- the ticket was issued, and the procedure and channel of its dossiers where they have one alone.
CREATE VIEW linked_visit AS
SELECT
    visit.id, visit.unit, visit.counter, visit.started_at, visit.observed_at, link.object AS ticket,
    link.rule, link.confidence, link.waited_s, called.service, ticket_service.family,
    told.dossiers, told.procedure, coalesce(told.channel, 'direct') AS channel
FROM link
JOIN visit ON visit.id = link.subject::uuid
    AND visit.observed_at >= link.day::timestamp AT TIME ZONE INTERVAL '7 hours'
    AND visit.observed_at < (link.day + 1)::timestamp AT TIME ZONE INTERVAL '7 hours'
LEFT JOIN LATERAL (
    SELECT max(ticket.service) AS service
    FROM ticket
    WHERE ticket.unit = link.unit AND ticket.number = link.object
        AND ticket.observed_at >= link.day::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND ticket.observed_at < (link.day + 1)::timestamp AT TIME ZONE INTERVAL '7 hours'
) AS called ON true
LEFT JOIN ticket_service ON ticket_service.service = called.service
LEFT JOIN LATERAL (
    SELECT
        count(*) AS dossiers,
        CASE WHEN count(DISTINCT dossier.procedure) = 1 THEN min(dossier.procedure) END AS procedure,
        CASE WHEN count(DISTINCT dossier.channel) = 1 THEN min(dossier.channel) END AS channel
    FROM link AS of_ticket
    JOIN dossier ON dossier.code = of_ticket.object
    WHERE of_ticket.unit = link.unit AND of_ticket.day = link.day
        AND of_ticket.kind = 'ticket_dossier' AND of_ticket.subject = link.object
) AS told ON true
WHERE link.kind = 'visit_ticket';

-- What is there already.
INSERT INTO link_due (unit, day)
SELECT unit, day FROM visit_daily WHERE day >= (SELECT kept_from FROM raw_horizon)
UNION
SELECT unit, day FROM rating_daily WHERE day >= (SELECT kept_from FROM raw_horizon);
