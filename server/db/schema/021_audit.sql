-- What was done and seen. Rows are only added; one link of a chain of digests a minute holds those
-- that came since the one before, so that a row that is changed or taken out breaks the chain.

CREATE TABLE audit_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    -- Who: an account, a key, a screen, a command's user.
    actor text NOT NULL,
    kind text NOT NULL,
    action text NOT NULL,
    -- What it was done to: a scope, an account, an officer.
    subject text NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE INDEX audit_entry_subject ON audit_entry (subject, id);

-- `digest` is that of the entries from `first` to `last`, `link` that of the link before and it.
CREATE TABLE audit_link (
    number bigint PRIMARY KEY,
    made_at timestamptz NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    entries bigint NOT NULL,
    digest bytea NOT NULL,
    link bytea NOT NULL,
    -- Whose entries were removed when their time was over; the link stays.
    purged_at timestamptz,
    CHECK (first <= last)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_entry_stays
    BEFORE UPDATE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_link_stays
    BEFORE DELETE OR TRUNCATE ON audit_link
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Entries go only when their time is over, whole links at a time.
CREATE FUNCTION refuse_early_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_link WHERE purged_at IS NOT NULL AND OLD.id BETWEEN first AND last
    ) THEN
        RAISE EXCEPTION 'audit entry % is kept', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER audit_entry_kept
    BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_early_removal();

-- Of a link nothing changes but that its entries are gone.
CREATE FUNCTION refuse_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.number, OLD.made_at, OLD.first, OLD.last, OLD.entries, OLD.digest, OLD.link)
        IS DISTINCT FROM
        (NEW.number, NEW.made_at, NEW.first, NEW.last, NEW.entries, NEW.digest, NEW.link)
        OR OLD.purged_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'audit link % stays', OLD.number USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_link_unchanged
    BEFORE UPDATE ON audit_link
    FOR EACH ROW EXECUTE FUNCTION refuse_link_change();
