-- A deleted image keeps its row: its name is never used again.
CREATE TABLE images (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL,
    name {text} NOT NULL,
    folded {text} NOT NULL,
    image {bytes} NOT NULL,
    tree {bytes} NOT NULL,
    -- Digest of what the image's filter leaves of its tree: a machine in sync has it.
    managed {bytes} NOT NULL,
    entries bigint NOT NULL,
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    created_by {text} NOT NULL,
    created bigint NOT NULL,
    deleted bigint NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, name)
);
CREATE INDEX images_created ON images (organisation, created, id) WHERE deleted IS NULL;
