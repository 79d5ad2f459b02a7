-- v1: session, rooms and inbox
CREATE TABLE session (
	account       TEXT   PRIMARY KEY, -- hash of the user ID
	device_id     TEXT   NOT NULL,
	access_token  TEXT   NOT NULL,
	refresh_token TEXT   NOT NULL DEFAULT '',
	token_expiry  BIGINT NOT NULL DEFAULT 0, -- Unix milliseconds; 0: never
	client_id     TEXT   NOT NULL DEFAULT '', -- of OAuth 2.0
	since         TEXT   NOT NULL DEFAULT '', -- next_batch of the last /sync that was stored
	created       BIGINT NOT NULL -- Unix milliseconds
);

CREATE TABLE room (
	room_id    TEXT    PRIMARY KEY,
	language   TEXT    NOT NULL DEFAULT '', -- empty: not chosen
	direct     BOOLEAN NOT NULL DEFAULT false, -- it was made as a direct message
	named      BOOLEAN NOT NULL DEFAULT false, -- it has an m.room.name
	joined     BOOLEAN NOT NULL DEFAULT false,
	welcomed   BOOLEAN NOT NULL DEFAULT false,
	last_event TEXT    NOT NULL DEFAULT '' -- the newest event stored, where paging back may stop
);

CREATE TABLE inbox (
	hash     TEXT   PRIMARY KEY, -- of the event ID
	seq      BIGINT NOT NULL, -- order of arrival
	room_id  TEXT   NOT NULL, -- empty once handled
	event_id TEXT   NOT NULL, -- empty once handled
	received BIGINT NOT NULL, -- Unix milliseconds
	begun    BOOLEAN NOT NULL DEFAULT false, -- an answer may be on its way
	handled  BIGINT NOT NULL DEFAULT 0, -- Unix milliseconds; 0: not yet
	reply_id TEXT   NOT NULL DEFAULT '' -- event ID of the answer, if there is one
);
CREATE INDEX inbox_handled ON inbox (handled, seq);
