-- Each move of a pull request's head that a payload told of, and whose it was. A
-- repository's number survives its renames. The rows are kept for good: a change
-- is picked long after it was pushed.
CREATE TABLE pushed (
    repo_id   BIGINT NOT NULL,
    number    BIGINT NOT NULL,
    from_head {key} NOT NULL, -- '' as it was opened
    to_head   {key} NOT NULL,
    by_id     BIGINT NOT NULL,
    login     TEXT NOT NULL,
    bot       BIGINT NOT NULL, -- 1: yes
    PRIMARY KEY (repo_id, number, from_head, to_head, by_id)
);
