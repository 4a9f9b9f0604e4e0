-- Runs in one transaction, in the schema that migrate() was given; the tables of pg-boss are in it already.

CREATE TABLE secret (
  hook_id    text COLLATE "C" NOT NULL,
  secret     text COLLATE "C" NOT NULL,
  webhook    text,
  -- Set while the secret is pending: the window it came through, and when it dies unless it is confirmed.
  window_id  text,
  expires_at timestamptz,
  place      bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (hook_id, secret)
);
CREATE INDEX secret_expires_at ON secret (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE handshake_window (
  hook_id    text COLLATE "C" PRIMARY KEY,
  id         text NOT NULL,
  confirm    boolean NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX handshake_window_expires_at ON handshake_window (expires_at);

-- Deliveries that are durable but not split into events yet. The events are jobs of pg-boss.
CREATE TABLE delivery (
  place          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id             text NOT NULL,
  hook_id        text NOT NULL,
  received_at_ms bigint NOT NULL,
  traceparent    text,
  body           bytea NOT NULL,
  kept_at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- A body is written once, read once and deleted: compressing it, or moving it out of its row, costs more than it saves.
ALTER TABLE delivery ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE delivery SET (toast_tuple_target = 8160);

CREATE TABLE parked_delivery (
  place          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id             text NOT NULL,
  hook_id        text NOT NULL,
  received_at_ms bigint NOT NULL,
  traceparent    text,
  body           bytea NOT NULL
);

CREATE TABLE failed_event (
  place     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hook_id   text NOT NULL,
  event     text NOT NULL,
  attempts  integer NOT NULL,
  reason    text NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Events that were queued within the last 7 days.
CREATE TABLE seen (
  hook_id text COLLATE "C" NOT NULL,
  key     text COLLATE "C" NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (hook_id, key)
);
CREATE INDEX seen_seen_at ON seen (seen_at);
