-- v5: which commands are described in a room's state
ALTER TABLE room ADD COLUMN described TEXT NOT NULL DEFAULT ''; -- a fingerprint; empty: none
