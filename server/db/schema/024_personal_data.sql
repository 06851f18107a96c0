-- Personal data: requests of the people they are about, breaches, and one officer's data as a whole.

CREATE TABLE privacy_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('access', 'correct', 'erase', 'restrict', 'object', 'complain')),
    -- Whom it is about, in the office's own words: a code, a file number; never more than is needed.
    about text NOT NULL,
    channel text NOT NULL,
    received_at timestamptz NOT NULL,
    -- Two working days (Law 91/2025/QH15), by the default calendar at the time of receipt.
    acknowledge_by timestamptz NOT NULL,
    acknowledged_at timestamptz,
    closed_at timestamptz,
    outcome text,
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);

CREATE TABLE privacy_breach (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    found_at timestamptz NOT NULL,
    -- 72 hours (article 23).
    notify_by timestamptz NOT NULL,
    what text NOT NULL,
    whose text NOT NULL,
    measures text NOT NULL,
    notified_at timestamptz,
    -- The file is kept for five years.
    keep_until timestamptz NOT NULL
);

-- Every row that names an officer, from whichever table has a column for it, also one that comes later.
CREATE FUNCTION officer_rows(code text) RETURNS TABLE (source text, found jsonb) LANGUAGE plpgsql STABLE AS $$
DECLARE
    place record;
BEGIN
    RETURN QUERY SELECT 'officer', to_jsonb(officer) FROM officer WHERE officer.code = officer_rows.code;
    FOR place IN
        SELECT c.relname AS name, a.attname AS named
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND a.attname IN ('officer', 'stated_officer') AND NOT a.attisdropped
        ORDER BY 1, 2
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %1$L, to_jsonb(found) - ''password'' FROM %1$I AS found WHERE found.%2$I = $1',
            place.name, place.named
        ) USING code;
    END LOOP;
END
$$;

-- Replaces an officer's code everywhere by one that says nothing, and removes the name: totals stay
-- whole, and nobody can tell whose they are. Returns how many rows were changed.
CREATE FUNCTION erase_officer(code text, replacement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place record;
    changed bigint;
    total bigint := 0;
BEGIN
    -- Triggers that see counts move from one officer to another do nothing: nobody's become another's.
    PERFORM set_config('motcua.renaming', 'on', true);
    INSERT INTO officer (code, name) VALUES (replacement, replacement);
    UPDATE account SET officer = NULL WHERE officer = erase_officer.code;
    FOR place IN
        SELECT c.relname AS name, a.attname AS named
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND a.attname IN ('officer', 'stated_officer') AND NOT a.attisdropped
            AND c.relname <> 'account'
        ORDER BY c.relname LIKE '%\_total', 1, 2
    LOOP
        -- Totals of dossiers follow by triggers of the rows that they are made of: what is left are
        -- rows of zeros.
        EXECUTE CASE WHEN place.name LIKE '%\_total' THEN format(
            'DELETE FROM %1$I WHERE %2$I = $2 AND $1 IS NOT NULL', place.name, place.named
        ) ELSE format(
            'UPDATE %1$I SET %2$I = $1 WHERE %2$I = $2', place.name, place.named
        ) END USING replacement, code;
        GET DIAGNOSTICS changed = ROW_COUNT;
        total := total + changed;
    END LOOP;
    DELETE FROM officer WHERE officer.code = erase_officer.code;
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('motcua.renaming', '', true);
    RETURN total + changed;
END
$$;
REVOKE ALL ON FUNCTION officer_rows(text), erase_officer(text, text) FROM PUBLIC;
