-- The urn's database, empty; the server is to write down nothing of what comes into it.
CREATE DATABASE urn OWNER pulse_owner ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
\connect urn
ALTER SCHEMA public OWNER TO pulse_owner;
ALTER DATABASE urn SET log_min_error_statement = panic;
ALTER DATABASE urn SET log_error_verbosity = terse;
ALTER DATABASE urn SET log_statement = none;
ALTER DATABASE urn SET log_min_duration_statement = -1;
