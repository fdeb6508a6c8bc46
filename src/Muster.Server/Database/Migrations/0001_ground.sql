-- The ground floor: who owns, who may, what is secret, what was planned, what happened.
-- Times are microseconds since 1970. Every row of an organisation begins with it.

CREATE TABLE installation (
    "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 1),
    installation {uuid} NOT NULL,
    epoch bigint NOT NULL,
    created bigint NOT NULL
);

CREATE TABLE organisations (
    organisation {uuid} NOT NULL PRIMARY KEY,
    name {text} NOT NULL UNIQUE,
    created bigint NOT NULL
);

CREATE TABLE users (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL,
    name {text} NOT NULL,
    password {text} NOT NULL,
    must_change_password bigint NOT NULL,
    version bigint NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, name)
);

-- The only kind of permission there is: a subject, a pattern of operations, a scope.
CREATE TABLE grants (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL,
    subject {text} NOT NULL,
    pattern {text} NOT NULL,
    scope {text} NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, subject, pattern, scope)
);

CREATE TABLE sessions (
    organisation {uuid} NOT NULL,
    hash {text} NOT NULL UNIQUE,
    user_id {uuid} NOT NULL,
    created bigint NOT NULL,
    used bigint NOT NULL,
    address {text} NOT NULL,
    PRIMARY KEY (organisation, hash),
    FOREIGN KEY (organisation, user_id) REFERENCES users (organisation, id) ON DELETE CASCADE
);

CREATE TABLE tokens (
    organisation {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    name {text} NOT NULL,
    hash {text} NOT NULL UNIQUE,
    operations {text} NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    used bigint NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, user_id, name),
    FOREIGN KEY (organisation, user_id) REFERENCES users (organisation, id) ON DELETE CASCADE
);

-- Sealed under the key-encryption key, which is never in this database.
CREATE TABLE secrets (
    organisation {uuid} NOT NULL,
    kind {text} NOT NULL,
    id {text} NOT NULL,
    sealed {bytes} NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (organisation, kind, id)
);

-- Every certificate we issued to somebody who shows it to us. What is not here is foreign.
CREATE TABLE certificates (
    organisation {uuid} NOT NULL REFERENCES organisations,
    serial {text} NOT NULL UNIQUE,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    public_key {text} NOT NULL,
    issued bigint NOT NULL,
    expires bigint NOT NULL,
    revoked bigint NULL,
    PRIMARY KEY (organisation, serial)
);
CREATE INDEX certificates_subject ON certificates (organisation, subject);

CREATE TABLE plans (
    organisation {uuid} NOT NULL REFERENCES organisations,
    caller {text} NOT NULL,
    hash {text} NOT NULL,
    operation {text} NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    "plan" {text} NOT NULL,
    arguments {bytes} NOT NULL,
    result {bytes} NULL,
    PRIMARY KEY (organisation, caller, hash)
);
CREATE INDEX plans_expires ON plans (expires);

CREATE TABLE idempotency_keys (
    organisation {uuid} NOT NULL REFERENCES organisations,
    caller {text} NOT NULL,
    idempotency_key {text} NOT NULL,
    request {text} NOT NULL,
    result {bytes} NOT NULL,
    expires bigint NOT NULL,
    PRIMARY KEY (organisation, caller, idempotency_key)
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires);

-- Written without a number in the change's transaction; numbered afterwards by whoever holds the lease.
CREATE TABLE events (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL,
    number bigint NULL,
    time bigint NOT NULL,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    data {text} NOT NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, number)
);
CREATE INDEX events_unnumbered ON events (id) WHERE number IS NULL;

-- The newest number given, kept when old events go, so that numbers never repeat.
CREATE TABLE event_numbers (
    organisation {uuid} NOT NULL PRIMARY KEY REFERENCES organisations,
    newest bigint NOT NULL,
    forgotten bigint NOT NULL
);

CREATE TABLE leases (
    name {text} NOT NULL PRIMARY KEY,
    holder {text} NOT NULL,
    until bigint NOT NULL
);
