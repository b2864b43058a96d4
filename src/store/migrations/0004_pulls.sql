-- A pull of one source over the network. One without an end is gone on with by the next, if it asks for the same.
CREATE TABLE pull (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    asked TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    finished_at TEXT,
    failure TEXT
) STRICT;
CREATE INDEX pull_by_source ON pull (source, seq);

-- What was asked of the server, and how far it was answered: changed only together with the records it counts.
CREATE TABLE part (
    pull INTEGER NOT NULL REFERENCES pull (seq),
    name TEXT NOT NULL,
    asked TEXT NOT NULL,
    cursor TEXT,
    pages INTEGER NOT NULL,
    objects INTEGER NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    expected INTEGER,
    state TEXT NOT NULL,
    PRIMARY KEY (pull, name)
) STRICT, WITHOUT ROWID;

-- Cursors that outlive a pull.
CREATE TABLE bookmark (
    source TEXT NOT NULL,
    scope TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (source, scope)
) STRICT, WITHOUT ROWID;
