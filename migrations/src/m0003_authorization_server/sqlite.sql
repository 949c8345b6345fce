-- Lists that are only ever read whole are text in JSON.

CREATE TABLE clients (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    party          TEXT    NOT NULL,
    authentication TEXT    NOT NULL,
    -- A secret is kept in one of two forms, never in both.
    secret_digest  BLOB    CHECK (length(secret_digest) = 32),
    secret_hash    TEXT,
    settings       TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    CHECK (secret_digest IS NULL OR secret_hash IS NULL)
) STRICT;

CREATE TABLE password_resets (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    digest     BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
    epoch      INTEGER NOT NULL,
    stage      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_resets_expires_at ON password_resets (expires_at);

CREATE TABLE aidbox_resources (
    kind       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    account_id BLOB    REFERENCES users (id) ON DELETE CASCADE,
    document   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX aidbox_resources_account ON aidbox_resources (account_id) WHERE account_id IS NOT NULL;

ALTER TABLE auth_sessions ADD COLUMN request TEXT;

-- The defaults are what is true of every row before this migration, and of what the version before still writes.
ALTER TABLE sessions ADD COLUMN parent_id BLOB    REFERENCES sessions (id) ON DELETE SET NULL;
ALTER TABLE sessions ADD COLUMN audience TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sessions ADD COLUMN actor TEXT;
ALTER TABLE sessions ADD COLUMN claims TEXT NOT NULL DEFAULT '{}';
CREATE INDEX sessions_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX sessions_client ON sessions (client_id, opened_at);

CREATE TABLE browsers (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    session_id BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX browsers_session ON browsers (session_id);

CREATE TABLE consents (
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scopes     TEXT    NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_client ON consents (client_id);

-- Account and parent session stand beside the login that names them, and the client beside the request, so that a row goes
-- with any of them.
CREATE TABLE codes (
    digest       BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    client_id    TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    parent_id    BLOB    REFERENCES sessions (id) ON DELETE CASCADE,
    request      TEXT    NOT NULL,
    redirect_uri TEXT,
    login        TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    -- The session that it was spent for. No foreign key: that it was spent is remembered when the session is gone.
    opened       BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_client ON codes (client_id);
CREATE INDEX codes_user ON codes (user_id);
CREATE INDEX codes_parent ON codes (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX codes_expires_at ON codes (expires_at);

CREATE TABLE devices (
    digest        BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    user_code     BLOB    NOT NULL UNIQUE CHECK (length(user_code) = 32),
    client_id     TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    request       TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    -- These three only when it is approved.
    login         TEXT,
    user_id       BLOB    REFERENCES users (id) ON DELETE CASCADE,
    parent_id     BLOB    REFERENCES sessions (id) ON DELETE CASCADE,
    -- Microseconds.
    poll_interval INTEGER NOT NULL,
    polled_at     INTEGER,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_client ON devices (client_id);
CREATE INDEX devices_user ON devices (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX devices_parent ON devices (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX devices_expires_at ON devices (expires_at);

CREATE TABLE pushed_requests (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    client_id  TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    parameters TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_expires_at ON pushed_requests (expires_at);

CREATE TABLE opaque_tokens (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    token      BLOB    NOT NULL,
    session_id BLOB    REFERENCES sessions (id) ON DELETE CASCADE,
    client_id  TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scopes     TEXT    NOT NULL,
    audience   TEXT    NOT NULL,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX opaque_tokens_session ON opaque_tokens (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX opaque_tokens_client ON opaque_tokens (client_id);
CREATE INDEX opaque_tokens_expires_at ON opaque_tokens (expires_at);

-- No foreign keys: a notice outlives what it is about.
CREATE TABLE logout_notices (
    id         BLOB    NOT NULL PRIMARY KEY,
    client_id  TEXT    NOT NULL,
    endpoint   TEXT    NOT NULL,
    user_id    BLOB    NOT NULL,
    session_id BLOB    NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX logout_notices_due_at ON logout_notices (due_at, id);
