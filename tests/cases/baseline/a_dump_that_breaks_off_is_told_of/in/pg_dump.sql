-- PostgreSQL database dump
CREATE TABLE public.visits (id integer NOT NULL, who text, at timestamp without time zone);
COPY public.visits (id, who, at) FROM stdin;
1	it's \\	2026-01-01 00:00:00
2	b\\n'; DROP	2026-01-02 00:00:00
