-- Versions of schemes that the province put in force on its pages, each as its file: the newest of a version
-- holds from its own `valid_from` on. Only ever added.
CREATE TABLE scheme_version (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scheme text NOT NULL,
    version integer NOT NULL,
    valid_from date NOT NULL,
    added_at timestamptz NOT NULL,
    added_by text NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    file text NOT NULL
);
CREATE INDEX scheme_version_newest ON scheme_version (scheme, version, number DESC);
CREATE TRIGGER scheme_version_stays
    BEFORE UPDATE OR DELETE OR TRUNCATE ON scheme_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
