-- Where records come from, and how far each was read.
CREATE TABLE source (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    cursor TEXT,
    finished_at TEXT
) STRICT;

-- One thing as a source knows it; its bytes are in its revisions.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL REFERENCES source (name),
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    container TEXT NOT NULL,
    origin TEXT NOT NULL,
    current INTEGER REFERENCES revision (seq)
) STRICT;
CREATE INDEX record_by_source ON record (source, id);

-- Bytes as received, in the order in which they were first seen.
CREATE TABLE revision (
    seq INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES record (seq),
    hash BLOB NOT NULL,
    size INTEGER NOT NULL,
    zlib BLOB NOT NULL,
    UNIQUE (record, hash)
) STRICT;
CREATE TRIGGER revision_is_never_edited BEFORE UPDATE ON revision
BEGIN SELECT raise(ABORT, 'what was received is never edited'); END;

-- Damage that was met and passed over; `scope` is what replaces its own: a source, a stage.
CREATE TABLE problem (
    scope TEXT NOT NULL,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    place TEXT NOT NULL,
    message TEXT NOT NULL,
    hint TEXT NOT NULL,
    PRIMARY KEY (scope, position)
) STRICT, WITHOUT ROWID;

-- The results of the last build, replaced as a whole.
CREATE TABLE booking (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    action TEXT NOT NULL
) STRICT;
CREATE TABLE field (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (booking, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE payment (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    currency TEXT NOT NULL,
    paid_at TEXT NOT NULL,
    baseline_refunded INTEGER,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE booking_record (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    position INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX booking_by_record ON booking_record (record);
CREATE TABLE claim (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    field TEXT NOT NULL,
    position INTEGER NOT NULL,
    record TEXT NOT NULL,
    states TEXT NOT NULL,
    value TEXT NOT NULL,
    place TEXT NOT NULL,
    rule TEXT NOT NULL,
    standing TEXT NOT NULL,
    said_at TEXT,
    PRIMARY KEY (booking, field, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE conflict (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT,
    reason TEXT NOT NULL,
    candidates TEXT NOT NULL,
    suggested INTEGER,
    evidence TEXT NOT NULL,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;
-- The account of the money: every succeeded charge once.
CREATE TABLE charge (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    currency TEXT NOT NULL,
    paid_at TEXT NOT NULL,
    bucket TEXT NOT NULL,
    booking TEXT,
    reason TEXT NOT NULL
) STRICT;

-- A person's answers: they outlive every build.
CREATE TABLE decision (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    booking TEXT NOT NULL,
    conflict TEXT NOT NULL,
    evidence TEXT NOT NULL,
    answer TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TRIGGER decision_is_never_edited BEFORE UPDATE ON decision
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;

CREATE TABLE run (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    command TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;
CREATE TABLE timing (
    run INTEGER NOT NULL REFERENCES run (seq),
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    milliseconds INTEGER NOT NULL,
    items INTEGER NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- What the last build wants remembered: the summary, hashes of what it was made from.
CREATE TABLE fact (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
