--
-- PostgreSQL database dump
--
SET client_encoding = 'SQL_ASCII';
CREATE TABLE visits (id integer NOT NULL, who text, at timestamp without time zone, scan bytea);
COPY visits (id, who, at, scan) FROM stdin;
1	René	2026-01-01 00:00:00	\\x00ff
2	ZoÃ«	2026-01-02 00:00:00	\\xff00
3	Müller	2026-01-03 00:00:00	\N
\.
