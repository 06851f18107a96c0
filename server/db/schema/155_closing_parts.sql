-- What a closing holds beside its document, which has the SHA-256 of each part: of every unit what anybody may
-- read, what would name an officer because few served, and each officer's figures. An officer's code stands in
-- its column alone, so that it can be replaced when the officer is erased, and the digest still holds.
CREATE TABLE closing_part (
    number bigint NOT NULL REFERENCES closing,
    kind text NOT NULL CHECK (kind IN ('unit', 'named', 'officer')),
    -- Nothing for the whole province.
    unit text NOT NULL,
    officer text NOT NULL DEFAULT '',
    -- Canonical JSON, compressed by zlib, and its SHA-256 before that.
    content bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (number, unit, kind, officer),
    CHECK ((kind = 'officer') = (officer <> ''))
);
ALTER TABLE closing_part ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TRIGGER closing_part_stays
    BEFORE UPDATE OF number, kind, unit, content, digest OR DELETE OR TRUNCATE ON closing_part
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whoever reads figures reads what is told of units; what names officers as everywhere, by unit or as oneself.
ALTER TABLE closing_part ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON closing_part FOR SELECT TO motcua_reader USING (
    kind = 'unit'
    OR (SELECT all_units_seen('motcua.officers'))
    OR unit = ANY ((SELECT units_seen('motcua.officers'))::text[])
    OR officer = (SELECT officer_asking())
);
