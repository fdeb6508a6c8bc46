-- The server that its agent talks to, or talked to last: the holder of the lease "server/HOLDER" while that server lives.
ALTER TABLE machines ADD COLUMN server {text} NULL;
