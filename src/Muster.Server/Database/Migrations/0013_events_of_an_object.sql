CREATE INDEX events_subject ON events (organisation, subject, number);
