-- Which images have an object that was found damaged. A row counts only while its object is: what heals the one heals the other.
CREATE TABLE damaged_image_objects (
    organisation {uuid} NOT NULL,
    image {uuid} NOT NULL,
    kind bigint NOT NULL,
    digest {bytes} NOT NULL,
    PRIMARY KEY (organisation, image, kind, digest),
    FOREIGN KEY (organisation, image) REFERENCES images (organisation, id),
    FOREIGN KEY (kind, digest) REFERENCES objects (kind, digest)
);
CREATE INDEX damaged_image_objects_digest ON damaged_image_objects (kind, digest);
