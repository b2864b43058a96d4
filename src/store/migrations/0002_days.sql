-- The day sheet looks for what begins and ends around a day.
CREATE INDEX field_starts_at ON field (value) WHERE name = 'starts_at';
CREATE INDEX field_ends_at ON field (value) WHERE name = 'ends_at';

-- Bookings of the backup that reach beyond it and that no record has told of since; replaced with the results.
CREATE TABLE standing (
    position INTEGER PRIMARY KEY,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    booking TEXT NOT NULL
) STRICT;
CREATE INDEX standing_by_last_day ON standing (last_day);
