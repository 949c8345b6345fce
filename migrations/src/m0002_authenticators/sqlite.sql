CREATE TABLE authenticators (
    id           BLOB    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    algorithm    TEXT    NOT NULL,
    digits       INTEGER NOT NULL,
    -- Seconds; only what moves with time has one.
    period       INTEGER,
    secret       BLOB    NOT NULL,
    state        TEXT    NOT NULL,
    -- The time step or counter of the last accepted code; -1 before the first.
    position     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    -- Only while it is pending.
    expires_at   INTEGER,
    confirmed_at INTEGER,
    used_at      INTEGER,
    -- No foreign key: the one that it replaces may be deleted first.
    replaces     BLOB
) STRICT;
CREATE INDEX authenticators_user ON authenticators (user_id);
CREATE INDEX authenticators_expires_at ON authenticators (expires_at) WHERE expires_at IS NOT NULL;

-- A row per code, so that one statement spends one code.
CREATE TABLE recovery_codes (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    origin     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);
CREATE INDEX recovery_codes_expires_at ON recovery_codes (expires_at) WHERE expires_at IS NOT NULL;

-- The defaults are what was true of every row before this migration, and of what the version before still writes.
ALTER TABLE users ADD COLUMN password_is_weak INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN enrolment TEXT NOT NULL DEFAULT 'done';

-- No foreign key: a session whose authenticator is gone is for the program to refuse.
ALTER TABLE sessions ADD COLUMN authenticator BLOB;

ALTER TABLE auth_sessions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'login';
ALTER TABLE auth_sessions ADD COLUMN factors TEXT NOT NULL DEFAULT 'pwd';

ALTER TABLE signing_keys ADD COLUMN purpose TEXT NOT NULL DEFAULT 'access_token';
-- For each purpose at most one key waits, and at most one signs.
DROP INDEX signing_keys_single;
CREATE UNIQUE INDEX signing_keys_single ON signing_keys (purpose, state) WHERE state IN ('next', 'active');
