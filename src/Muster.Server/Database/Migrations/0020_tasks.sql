-- Durable work. A row is one task; who runs it holds it until a time of the database's clock, and each claim has a number, so that
-- a server that was thought dead cannot write for a task that another has taken over.
CREATE TABLE tasks (
    organisation {uuid} NOT NULL REFERENCES organisations,
    id {uuid} NOT NULL,
    kind {text} NOT NULL,
    title {text} NOT NULL,
    subject_kind {text} NULL,
    subject {text} NULL,
    subject_name {text} NULL,
    arguments {text} NOT NULL,
    state {text} NOT NULL,
    ending {text} NULL,
    attempt bigint NOT NULL,
    due bigint NOT NULL,
    created bigint NOT NULL,
    created_by {text} NOT NULL,
    started bigint NULL,
    ended bigint NULL,
    cancel bigint NOT NULL,
    cancelled_by {text} NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    unit {text} NOT NULL,
    doing {text} NULL,
    code {text} NULL,
    why {text} NULL,
    cure {text} NULL,
    holder {text} NULL,
    until bigint NULL,
    claim bigint NOT NULL,
    logged bigint NOT NULL,
    PRIMARY KEY (organisation, id)
);

CREATE INDEX tasks_open ON tasks (due, organisation, id) WHERE ended IS NULL;

CREATE INDEX tasks_created ON tasks (organisation, created, id);

CREATE INDEX tasks_ended ON tasks (ended) WHERE ended IS NOT NULL;

CREATE TABLE task_steps (
    organisation {uuid} NOT NULL,
    task {uuid} NOT NULL,
    number bigint NOT NULL,
    name {text} NOT NULL,
    title {text} NOT NULL,
    undoable bigint NOT NULL,
    state {text} NOT NULL,
    attempts bigint NOT NULL,
    started bigint NULL,
    ended bigint NULL,
    note {text} NULL,
    why {text} NULL,
    PRIMARY KEY (organisation, task, number),
    FOREIGN KEY (organisation, task) REFERENCES tasks (organisation, id) ON DELETE CASCADE
);

CREATE TABLE task_lines (
    organisation {uuid} NOT NULL,
    task {uuid} NOT NULL,
    number bigint NOT NULL,
    time bigint NOT NULL,
    step bigint NOT NULL,
    level {text} NOT NULL,
    line {text} NOT NULL,
    PRIMARY KEY (organisation, task, number),
    FOREIGN KEY (organisation, task) REFERENCES tasks (organisation, id) ON DELETE CASCADE
);

-- When an organisation was last served: the one that has waited longest comes next.
CREATE TABLE task_turns (
    organisation {uuid} NOT NULL PRIMARY KEY REFERENCES organisations,
    served bigint NOT NULL
);
