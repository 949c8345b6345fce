-- Instants are microseconds since the epoch; identifiers are UUIDs as 16 bytes. Text compares by bytes.

CREATE TABLE users (
    id                  BLOB    NOT NULL PRIMARY KEY,
    username            TEXT    NOT NULL UNIQUE,
    email               TEXT,
    -- The form in which two spellings of an address are one.
    email_key           TEXT    UNIQUE,
    display_name        TEXT,
    -- The display name in lower case, for searching: the databases' own lower() disagree beyond ASCII.
    display_name_key    TEXT,
    role                TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    password_hash       TEXT    NOT NULL,
    epoch               INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    password_changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';

-- No foreign key: an attempt may belong to a name that nobody has. An empty network means "of the account".
CREATE TABLE attempts (
    account       BLOB    NOT NULL,
    budget        TEXT    NOT NULL,
    network       TEXT    NOT NULL,
    streak        INTEGER NOT NULL,
    streak_began  INTEGER,
    consecutive   INTEGER NOT NULL,
    last_admitted INTEGER,
    PRIMARY KEY (account, budget, network)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_last_admitted ON attempts (last_admitted);

CREATE TABLE secret_keys (
    id            BLOB    NOT NULL PRIMARY KEY,
    user_id       BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    superseded_at INTEGER
) STRICT;
CREATE INDEX secret_keys_user ON secret_keys (user_id);
CREATE INDEX secret_keys_expires_at ON secret_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE auth_sessions (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    epoch      INTEGER NOT NULL,
    proved_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_sessions_user ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY,
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    factors    TEXT    NOT NULL,
    proved_at  INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    opened_at  INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    address    TEXT,
    user_agent TEXT,
    request_id TEXT
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id, opened_at);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- A row per token: a used one is remembered for as long as its session exists, so that its reuse is seen.
CREATE TABLE refresh_tokens (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    session_id BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE spent_tokens (
    token      BLOB    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_tokens_expires_at ON spent_tokens (expires_at);

CREATE TABLE signing_keys (
    kid         TEXT    NOT NULL PRIMARY KEY,
    algorithm   TEXT    NOT NULL,
    public_der  BLOB    NOT NULL,
    private     BLOB    NOT NULL,
    state       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    state_since INTEGER NOT NULL
) STRICT;
-- At most one key waits, and at most one signs.
CREATE UNIQUE INDEX signing_keys_single ON signing_keys (state) WHERE state IN ('next', 'active');

CREATE TABLE revocations (
    position   INTEGER NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    subject    BLOB    NOT NULL,
    epoch      INTEGER,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocations_expires_at ON revocations (expires_at);

-- One row. It stays locked until the commit, so places become visible in order and without gaps.
CREATE TABLE revocation_counter (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO revocation_counter (id, position) VALUES (1, 0);

-- No foreign key: an entry outlives the account that it is about.
CREATE TABLE events (
    position   INTEGER NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    actor      BLOB,
    subject    BLOB,
    address    TEXT,
    user_agent TEXT,
    request_id TEXT,
    -- A JSON array of [name, value] pairs: order counts, and names may repeat.
    details    TEXT    NOT NULL,
    link       BLOB    NOT NULL CHECK (length(link) = 32)
) STRICT;
CREATE INDEX events_subject ON events (subject, position);
CREATE INDEX events_kind ON events (kind, position);

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- One row: the end of the log.
CREATE TABLE event_head (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL,
    link     BLOB    NOT NULL CHECK (length(link) = 32)
) STRICT;
INSERT INTO event_head (id, position, link) VALUES (1, 0, zeroblob(32));
