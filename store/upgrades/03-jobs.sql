-- v3: what the bot does in a room of its own accord, such as the tip of the week
CREATE TABLE job (
	room_id    TEXT   NOT NULL,
	kind       TEXT   NOT NULL, -- such as tip
	name       TEXT   NOT NULL, -- tells the jobs of a kind in one room apart; may be empty
	occurrence BIGINT NOT NULL, -- the moment that comes next, Unix milliseconds; 0: none, the job is paused
	due        BIGINT NOT NULL, -- when to do it: that moment, or a little later; Unix milliseconds
	begun      BIGINT NOT NULL DEFAULT 0, -- since when it may have been done, Unix milliseconds; 0: it was not
	state      TEXT   NOT NULL, -- what the kind keeps: JSON
	PRIMARY KEY (room_id, kind, name)
);
CREATE INDEX job_due ON job (due);
