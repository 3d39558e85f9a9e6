-- Whose an ask is, and when its turn comes: 0 in the order of its repository, 1 after all
-- of those. 0 as an author is that of an ask that was taken before.
ALTER TABLE ask ADD COLUMN author BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ask ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
DROP INDEX ask_open;
CREATE INDEX ask_turn ON ask (repo, turn, made_at, comment) WHERE done_at = 0;
CREATE INDEX ask_author ON ask (repo, author, turn) WHERE done_at = 0;
