-- Who may ask: people's accounts with their roles, keys for programs, and walls' screens. Secrets are
-- kept as digests: passwords as argon2id, random tokens of 256 bits as SHA-256.

CREATE TABLE account (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    full_name text NOT NULL DEFAULT '',
    -- The officer whose own figures this person sees.
    officer text,
    password text,
    password_at timestamptz,
    -- Who the province's single sign-on says that this is.
    issuer text,
    subject text,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (issuer, subject)
);

CREATE TABLE account_role (
    account uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    role text NOT NULL,
    -- Where the role holds; none for the whole province.
    unit text REFERENCES unit,
    UNIQUE NULLS NOT DISTINCT (account, role, unit)
);

-- A link that sets a password once.
CREATE TABLE account_link (
    token bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);

-- Somebody signed in. It ends at `ends_at`, or when it has not been used for long.
CREATE TABLE sign_in (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token bytea NOT NULL UNIQUE,
    account uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    began_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    second_factor boolean NOT NULL,
    address text NOT NULL,
    agent text NOT NULL
);
CREATE INDEX sign_in_account ON sign_in (account, began_at DESC);

-- Attempts that failed, by name as it was typed and by address: they slow the next ones down.
CREATE TABLE sign_in_failure (
    name text NOT NULL,
    address text NOT NULL,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (name, address)
);

-- A time-based one-time password; it counts once `confirmed_at` is set. `last_step` is the newest step
-- that was accepted: a code works once.
CREATE TABLE second_factor (
    account uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    secret text NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE recovery_code (
    account uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    code bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account, code)
);

CREATE TABLE api_key (
    name text PRIMARY KEY,
    token bytea NOT NULL UNIQUE,
    rights text[] NOT NULL,
    unit text REFERENCES unit,
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz,
    used_at timestamptz,
    revoked_at timestamptz
);

-- A wall's screen. Its first address carries a code that works once and is exchanged for the token.
CREATE TABLE screen (
    name text PRIMARY KEY,
    unit text REFERENCES unit,
    -- None for every scene.
    scenes text[],
    code bytea UNIQUE,
    code_ends_at timestamptz,
    token bytea UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    entered_at timestamptz,
    used_at timestamptz,
    revoked_at timestamptz
);
