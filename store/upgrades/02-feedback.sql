-- v2: what people think of answers
CREATE TABLE feedback (
	topic TEXT   PRIMARY KEY, -- what the answers were about, as the knowledge base names it
	up    BIGINT NOT NULL DEFAULT 0, -- how often people reacted with a thumb up
	down  BIGINT NOT NULL DEFAULT 0
);
