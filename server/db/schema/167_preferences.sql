-- How pages look to whoever has an account: columns, language, theme. Nothing else rests on it.
CREATE TABLE account_preference (
    account uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    chosen jsonb NOT NULL CHECK (jsonb_typeof(chosen) = 'object' AND octet_length(chosen::text) <= 2048),
    changed_at timestamptz NOT NULL
);
