-- The main database, empty: made by an administrator of the server, where the roles are there already.
CREATE DATABASE pulse OWNER pulse_owner ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
\connect pulse
ALTER SCHEMA public OWNER TO pulse_owner;
