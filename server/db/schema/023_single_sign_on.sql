-- Sign-ins by the province's single sign-on that have been begun: what the provider's answer is checked
-- against. `browser` is the digest of a cookie, so that an answer is good in the browser that asked.

CREATE TABLE sign_on_flow (
    state bytea PRIMARY KEY,
    browser bytea NOT NULL,
    verifier text NOT NULL,
    nonce text NOT NULL,
    ends_at timestamptz NOT NULL
);
