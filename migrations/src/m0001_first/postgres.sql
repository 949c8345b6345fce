-- Instants are microseconds since the epoch; text that is ordered has the collation "C", which
-- compares by bytes as SQLite does.

CREATE TABLE users (
    id                  UUID    NOT NULL PRIMARY KEY,
    username            TEXT COLLATE "C" NOT NULL UNIQUE,
    email               TEXT,
    -- The form in which two spellings of an address are one.
    email_key           TEXT    UNIQUE,
    display_name        TEXT,
    -- The display name in lower case, for searching: the databases' own lower() disagree beyond ASCII.
    display_name_key    TEXT,
    role                TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    password_hash       TEXT    NOT NULL,
    epoch               BIGINT  NOT NULL,
    created_at          BIGINT  NOT NULL,
    password_changed_at BIGINT  NOT NULL
);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';

-- No foreign key: an attempt may belong to a name that nobody has. An empty network means "of the account".
CREATE TABLE attempts (
    account       UUID    NOT NULL,
    budget        TEXT    NOT NULL,
    network       TEXT    NOT NULL,
    streak        BIGINT  NOT NULL,
    streak_began  BIGINT,
    consecutive   BIGINT  NOT NULL,
    last_admitted BIGINT,
    PRIMARY KEY (account, budget, network)
);
CREATE INDEX attempts_last_admitted ON attempts (last_admitted);

CREATE TABLE secret_keys (
    id            UUID    NOT NULL PRIMARY KEY,
    user_id       UUID    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest        BYTEA   NOT NULL CHECK (octet_length(digest) = 32),
    created_at    BIGINT  NOT NULL,
    expires_at    BIGINT,
    superseded_at BIGINT
);
CREATE INDEX secret_keys_user ON secret_keys (user_id);
CREATE INDEX secret_keys_expires_at ON secret_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE auth_sessions (
    digest     BYTEA   NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32),
    user_id    UUID    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    epoch      BIGINT  NOT NULL,
    proved_at  BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX auth_sessions_user ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_at ON auth_sessions (expires_at);

CREATE TABLE sessions (
    id         UUID    NOT NULL PRIMARY KEY,
    user_id    UUID    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    factors    TEXT    NOT NULL,
    proved_at  BIGINT  NOT NULL,
    epoch      BIGINT  NOT NULL,
    opened_at  BIGINT  NOT NULL,
    used_at    BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    address    TEXT,
    user_agent TEXT,
    request_id TEXT
);
CREATE INDEX sessions_user ON sessions (user_id, opened_at);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- A row per token: a used one is remembered for as long as its session exists, so that its reuse is seen.
CREATE TABLE refresh_tokens (
    digest     BYTEA   NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32),
    session_id UUID    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at  BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    used_at    BIGINT
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE spent_tokens (
    token      UUID    NOT NULL PRIMARY KEY,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX spent_tokens_expires_at ON spent_tokens (expires_at);

CREATE TABLE signing_keys (
    kid         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    algorithm   TEXT    NOT NULL,
    public_der  BYTEA   NOT NULL,
    private     BYTEA   NOT NULL,
    state       TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    state_since BIGINT  NOT NULL
);
-- At most one key waits, and at most one signs.
CREATE UNIQUE INDEX signing_keys_single ON signing_keys (state) WHERE state IN ('next', 'active');

CREATE TABLE revocations (
    position   BIGINT  NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    subject    UUID    NOT NULL,
    epoch      BIGINT,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX revocations_expires_at ON revocations (expires_at);

-- One row. It stays locked until the commit, so places become visible in order and without gaps.
CREATE TABLE revocation_counter (
    id       BIGINT  NOT NULL PRIMARY KEY CHECK (id = 1),
    position BIGINT  NOT NULL
);
INSERT INTO revocation_counter (id, position) VALUES (1, 0);

-- No foreign key: an entry outlives the account that it is about.
CREATE TABLE events (
    position   BIGINT  NOT NULL PRIMARY KEY,
    at         BIGINT  NOT NULL,
    kind       TEXT    NOT NULL,
    actor      UUID,
    subject    UUID,
    address    TEXT,
    user_agent TEXT,
    request_id TEXT,
    -- A JSON array of [name, value] pairs: order counts, and names may repeat.
    details    TEXT    NOT NULL,
    link       BYTEA   NOT NULL CHECK (octet_length(link) = 32)
);
CREATE INDEX events_subject ON events (subject, position);
CREATE INDEX events_kind ON events (kind, position);

CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION events_are_append_only();
CREATE TRIGGER events_are_not_truncated BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_append_only();

-- One row: the end of the log.
CREATE TABLE event_head (
    id       BIGINT  NOT NULL PRIMARY KEY CHECK (id = 1),
    position BIGINT  NOT NULL,
    link     BYTEA   NOT NULL CHECK (octet_length(link) = 32)
);
INSERT INTO event_head (id, position, link) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
