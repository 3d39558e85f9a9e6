-- A delivery that was taken. It is inserted in the transaction that enqueues
-- its work, so a row here means that nothing is left to do for a redelivery.
CREATE TABLE delivery (
    guid        TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    repo        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    taken_at    BIGINT NOT NULL
);
CREATE INDEX delivery_taken_at ON delivery (taken_at);

-- A key's standing. generation counts its events; the rest is about the runs
-- since the last good one.
CREATE TABLE subject (
    key        {key} PRIMARY KEY,
    generation BIGINT NOT NULL,
    failures   BIGINT NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    failed_at  BIGINT NOT NULL DEFAULT 0,
    wait_until BIGINT NOT NULL DEFAULT 0, -- a rate limit: no event pulls it forward
    parked_at  BIGINT NOT NULL DEFAULT 0  -- given up until an event or a person comes
);
CREATE INDEX subject_parked ON subject (parked_at) WHERE parked_at > 0;

-- A comment with commands, as it was signed.
CREATE TABLE ask (
    key      {key} PRIMARY KEY,
    repo     TEXT NOT NULL, -- lower case: the order is kept per repository
    number   BIGINT NOT NULL,
    comment  BIGINT NOT NULL,
    made_at  BIGINT NOT NULL,
    body     TEXT NOT NULL, -- JSON of reconcile.Ask
    taken_at BIGINT NOT NULL,
    done_at  BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    outcome  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX ask_open ON ask (repo, made_at, comment) WHERE done_at = 0;
CREATE INDEX ask_done_at ON ask (done_at);

-- A pull request as the newest payload or read showed it.
CREATE TABLE sighting (
    repo       TEXT NOT NULL, -- lower case
    number     BIGINT NOT NULL,
    spelling   TEXT NOT NULL, -- of the repository, as GitHub last used it
    repo_id    BIGINT NOT NULL,
    pull       TEXT NOT NULL, -- JSON of github.PullRequest
    state      TEXT NOT NULL,
    updated_at BIGINT NOT NULL, -- by GitHub's clock: the newest wins
    head       TEXT NOT NULL,
    head_since BIGINT NOT NULL, -- by GitHub's clock: when it was pushed; 0 if no payload told
    head_by    BIGINT NOT NULL, -- the id of who pushed it, likewise
    head_seen  BIGINT NOT NULL, -- our clock: when it was first seen
    event_at   BIGINT NOT NULL, -- our clock: when the last payload was taken in
    read_at    BIGINT NOT NULL, -- our clock: when the newest read since then began
    PRIMARY KEY (repo, number)
);
CREATE INDEX sighting_open ON sighting (repo, head) WHERE state = 'open';

CREATE TABLE cache (
    key        {key} PRIMARY KEY,
    value      {bytes} NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX cache_expires_at ON cache (expires_at);

-- Effects that must not be repeated. Rows are kept for good: they are few.
CREATE TABLE ledger (
    key         {key} PRIMARY KEY,
    state       TEXT NOT NULL,
    receipt     TEXT NOT NULL DEFAULT '', -- JSON of reconcile.Receipt
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE audit (
    id       {id},
    at       BIGINT NOT NULL,
    key      {key} NOT NULL,
    handler  TEXT NOT NULL,
    repo     TEXT NOT NULL, -- lower case
    outcome  TEXT NOT NULL,
    why      TEXT NOT NULL,
    receipts TEXT NOT NULL, -- JSON of []reconcile.Receipt
    attempt  BIGINT NOT NULL,
    took     BIGINT NOT NULL -- microseconds
);
CREATE INDEX audit_key ON audit (key, id);
CREATE INDEX audit_repo ON audit (repo, id);
CREATE INDEX audit_at ON audit (at);

-- A process that works jobs. seen_at is the database's clock.
CREATE TABLE replica (
    id      TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL
);
