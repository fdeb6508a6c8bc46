-- Bytes are shared: one row for each object in the store, whoever sent it.
CREATE TABLE objects (
    kind bigint NOT NULL,
    digest {bytes} NOT NULL,
    length bigint NOT NULL,
    stored_length bigint NOT NULL,
    created bigint NOT NULL,
    -- When it was found to be wrong or gone; until it is sent again nobody has it.
    damaged bigint NULL,
    PRIMARY KEY (kind, digest)
);
CREATE INDEX objects_damaged ON objects (damaged) WHERE damaged IS NOT NULL;

-- Rights are not: who may name it. Seen only: a machine had it, which gives no right to content.
CREATE TABLE organisation_objects (
    organisation {uuid} NOT NULL REFERENCES organisations,
    kind bigint NOT NULL,
    digest {bytes} NOT NULL,
    seen_only bigint NOT NULL,
    added bigint NOT NULL,
    PRIMARY KEY (organisation, kind, digest),
    FOREIGN KEY (kind, digest) REFERENCES objects (kind, digest)
);
CREATE INDEX organisation_objects_digest ON organisation_objects (kind, digest);
