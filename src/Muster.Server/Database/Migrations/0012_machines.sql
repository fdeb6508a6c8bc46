CREATE TABLE invitations (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL,
    hash {text} NOT NULL UNIQUE,
    name {text} NULL,
    uses bigint NOT NULL,
    used bigint NOT NULL,
    created_by {text} NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    PRIMARY KEY (organisation, id)
);

-- Wanted beside seen. Only a person changes what is wanted (and with it order_number); only its agent changes what was seen.
CREATE TABLE machines (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL UNIQUE,
    name {text} NOT NULL,
    mode {text} NOT NULL,
    required_image {uuid} NULL,
    version bigint NOT NULL,
    order_number bigint NOT NULL,
    wanted_at bigint NOT NULL,
    host {text} NOT NULL,
    joined bigint NOT NULL,
    facts {text} NULL,
    agent_version {text} NULL,
    address {text} NULL,
    link {text} NOT NULL,
    state {text} NOT NULL,
    why {text} NOT NULL,
    tree {bytes} NULL,
    seen_order bigint NOT NULL,
    entries bigint NOT NULL,
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    missing bigint NOT NULL,
    extra bigint NOT NULL,
    changed bigint NOT NULL,
    last_update {text} NULL,
    seen_at bigint NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, name),
    FOREIGN KEY (organisation, required_image) REFERENCES images (organisation, id)
);
CREATE INDEX machines_image ON machines (organisation, required_image);
CREATE INDEX machines_wanted ON machines (wanted_at);

CREATE TABLE machine_labels (
    organisation {uuid} NOT NULL,
    machine {uuid} NOT NULL,
    label {text} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (organisation, machine, label),
    FOREIGN KEY (organisation, machine) REFERENCES machines (organisation, id) ON DELETE CASCADE
);
CREATE INDEX machine_labels_value ON machine_labels (organisation, label, value);

CREATE TABLE conditions (
    organisation {uuid} NOT NULL,
    machine {uuid} NOT NULL,
    code {text} NOT NULL,
    -- Who raised it and may clear it: agent or server.
    source {text} NOT NULL,
    severity {text} NOT NULL,
    title {text} NOT NULL,
    text {text} NOT NULL,
    cure {text} NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (organisation, machine, code),
    FOREIGN KEY (organisation, machine) REFERENCES machines (organisation, id) ON DELETE CASCADE
);

CREATE TABLE drift (
    organisation {uuid} NOT NULL,
    id {uuid} NOT NULL,
    machine {uuid} NOT NULL,
    path {bytes} NOT NULL,
    shown {text} NOT NULL,
    what {text} NOT NULL,
    facets {text} NOT NULL,
    outcome {text} NOT NULL,
    microseconds bigint NULL,
    found_by {text} NOT NULL,
    culprit {text} NULL,
    sentence {text} NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, machine) REFERENCES machines (organisation, id) ON DELETE CASCADE
);
CREATE INDEX drift_at ON drift (organisation, at, id);
CREATE INDEX drift_machine ON drift (organisation, machine, at, id);
