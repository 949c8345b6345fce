CREATE TABLE authenticators (
    id           UUID    NOT NULL PRIMARY KEY,
    user_id      UUID    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    algorithm    TEXT    NOT NULL,
    digits       BIGINT  NOT NULL,
    -- Seconds; only what moves with time has one.
    period       BIGINT,
    secret       BYTEA   NOT NULL,
    state        TEXT    NOT NULL,
    -- The time step or counter of the last accepted code; -1 before the first.
    position     BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    -- Only while it is pending.
    expires_at   BIGINT,
    confirmed_at BIGINT,
    used_at      BIGINT,
    -- No foreign key: the one that it replaces may be deleted first.
    replaces     UUID
);
CREATE INDEX authenticators_user ON authenticators (user_id);
CREATE INDEX authenticators_expires_at ON authenticators (expires_at) WHERE expires_at IS NOT NULL;

-- A row per code, so that one statement spends one code.
CREATE TABLE recovery_codes (
    digest     BYTEA   NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32),
    user_id    UUID    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    origin     TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT,
    used_at    BIGINT
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);
CREATE INDEX recovery_codes_expires_at ON recovery_codes (expires_at) WHERE expires_at IS NOT NULL;

-- The defaults are what was true of every row before this migration, and of what the version before still writes.
ALTER TABLE users ADD COLUMN password_is_weak BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN enrolment TEXT NOT NULL DEFAULT 'done';

-- No foreign key: a session whose authenticator is gone is for the program to refuse.
ALTER TABLE sessions ADD COLUMN authenticator UUID;

ALTER TABLE auth_sessions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'login';
ALTER TABLE auth_sessions ADD COLUMN factors TEXT NOT NULL DEFAULT 'pwd';

ALTER TABLE signing_keys ADD COLUMN purpose TEXT NOT NULL DEFAULT 'access_token';
-- For each purpose at most one key waits, and at most one signs.
DROP INDEX signing_keys_single;
CREATE UNIQUE INDEX signing_keys_single ON signing_keys (purpose, state) WHERE state IN ('next', 'active');
