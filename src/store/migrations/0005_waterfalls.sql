-- What each comparison told for the records of a booking: part of the results of the last build.
CREATE TABLE waterfall (
    booking INTEGER NOT NULL REFERENCES booking (seq),
    position INTEGER NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (booking, position)
) STRICT, WITHOUT ROWID;
