-- What each device is to show and know: every version is kept, with who made it. Ingest publishes the
-- newest at the broker, and again when a device goes on reporting another.
CREATE TABLE device_config (
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    content jsonb NOT NULL,
    -- Of the page that QR codes open, as it was when this was made.
    phone_address text,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (unit, counter, device, version),
    FOREIGN KEY (unit, counter, device) REFERENCES device (unit, counter, id)
);

-- The key with which a device signs tokens for telephones. A renewed one ends the one before: tokens
-- that were signed with that are read until they expire.
CREATE TABLE phone_key (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    key bytea NOT NULL CHECK (length(key) = 32),
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (unit, counter, device) REFERENCES device (unit, counter, id)
);
CREATE UNIQUE INDEX phone_key_in_use ON phone_key (unit, counter, device) WHERE ended_at IS NULL;

-- Hashes of PINs and keys: the reading role sees none; the writing role where devices are managed.
ALTER TABLE device_config ENABLE ROW LEVEL SECURITY;
ALTER TABLE phone_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY managed ON device_config FOR ALL TO motcua_writer USING (
    (SELECT all_units_seen('motcua.devices_managed'))
    OR unit = ANY ((SELECT units_seen('motcua.devices_managed'))::text[])
);
CREATE POLICY managed ON phone_key FOR ALL TO motcua_writer USING (
    (SELECT all_units_seen('motcua.devices_managed'))
    OR unit = ANY ((SELECT units_seen('motcua.devices_managed'))::text[])
);
