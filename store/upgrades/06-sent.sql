-- v6: what the bot has sent, so that a homeserver that takes it twice is found out
CREATE TABLE sent (
	txn      TEXT   PRIMARY KEY, -- transaction ID: a hash
	room     TEXT   NOT NULL, -- hash of the room ID
	event_id TEXT   NOT NULL, -- the event that stands
	noted    BIGINT NOT NULL -- Unix milliseconds
);

CREATE TABLE copy (
	event_id TEXT PRIMARY KEY, -- to be redacted
	room_id  TEXT NOT NULL,
	stands   TEXT NOT NULL -- the event that it is a copy of
);
