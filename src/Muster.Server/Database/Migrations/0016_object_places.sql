-- Where an object lies in an S3 bucket: many small ones in one S3 object, a pack. Not used while objects are files in a folder.
CREATE TABLE object_places (
    kind bigint NOT NULL,
    digest {bytes} NOT NULL,
    -- The pack's name, used once and never again: what no row names will never be named.
    pack {text} NOT NULL,
    start bigint NOT NULL,
    stored_length bigint NOT NULL,
    encoding bigint NOT NULL,
    length bigint NOT NULL,
    added bigint NOT NULL,
    PRIMARY KEY (kind, digest)
);
CREATE INDEX object_places_pack ON object_places (pack);

-- Which store has the objects, so that a server with other settings does not take all of them for lost.
CREATE TABLE object_store (
    "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 1),
    place {text} NOT NULL
);
