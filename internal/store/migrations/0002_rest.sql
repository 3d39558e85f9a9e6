-- What a key rests on: the facts of other things that its last good run read.
CREATE TABLE rest (
    key       {key} NOT NULL,
    fact      {key} NOT NULL,
    worked_at BIGINT NOT NULL, -- the end of that run
    PRIMARY KEY (key, fact)
);
CREATE INDEX rest_fact ON rest (fact, key);

-- A fact that some run has read. Its generation is the instant of the last event
-- that made it stale, or of the first look at it; a later one is always greater.
CREATE TABLE fact (
    id         {key} PRIMARY KEY,
    generation BIGINT NOT NULL
);
