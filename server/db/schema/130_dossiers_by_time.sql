-- Readings of dossiers by when they began and ended, without their rows: what is open since when, how long the
-- days of an incomplete month took, and the hours at which they come in and are done.

CREATE INDEX dossier_open_begun ON dossier (begun_at) INCLUDE (resolving_unit) WHERE ended_at IS NULL;

DROP INDEX dossier_begun;
CREATE INDEX dossier_begun ON dossier (begun_at)
    INCLUDE (receiving_unit, resolving_unit, ended_at, ended_by, days);

DROP INDEX dossier_ended;
CREATE INDEX dossier_ended ON dossier (ended_at) INCLUDE (resolving_unit, counted) WHERE ended_at IS NOT NULL;

-- The days of incomplete months of every unit.
CREATE INDEX dossier_total_day ON dossier_total (day) WHERE level = 'day';
