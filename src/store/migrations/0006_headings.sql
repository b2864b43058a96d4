-- What a review needs at once of every question: written after a build, and written anew where the build has moved on.
CREATE TABLE heading (
    booking INTEGER NOT NULL,
    position INTEGER NOT NULL,
    booking_id TEXT NOT NULL,
    conflict TEXT NOT NULL,
    evidence TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT,
    starts TEXT NOT NULL,
    gap INTEGER,
    likeness TEXT NOT NULL,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;
-- What a filter looks for in it.
CREATE TABLE wording (
    booking INTEGER NOT NULL,
    position INTEGER NOT NULL,
    customer TEXT NOT NULL,
    resource TEXT NOT NULL,
    tenant TEXT,
    text TEXT NOT NULL,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;

-- The backup's rows, as far as answers are checked against them.
CREATE TABLE backup_resource (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    name TEXT,
    code TEXT,
    class TEXT,
    tenant TEXT
) STRICT;
CREATE TABLE backup_customer (
    key TEXT PRIMARY KEY,
    name TEXT,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    phone TEXT,
    address TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX backup_customer_by_address ON backup_customer (address);
CREATE TABLE backup_booking (
    key TEXT PRIMARY KEY,
    resource TEXT,
    starts_at TEXT,
    ends_at TEXT,
    status TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX backup_booking_by_resource ON backup_booking (resource);

-- Other bookings are looked for by these.
CREATE INDEX field_by_value ON field (name, lower(value))
    WHERE name = 'reference' OR name = 'booking.key' OR name = 'customer.key' OR name = 'customer.name'
       OR name = 'customer.email' OR name = 'customer.phone' OR name = 'resource.key';
-- What waits for an answer.
CREATE INDEX charge_in_conflict ON charge (booking, currency, amount, refunded) WHERE bucket = 'in_conflict';
