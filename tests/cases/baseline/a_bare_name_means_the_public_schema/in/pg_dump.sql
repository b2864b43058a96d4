--
-- PostgreSQL database dump
--

\restrict cTP8NWfl0UyHTu6VcwDBv8CwAgyBDm4f1Hp5oHm6H4vvYWxsMcNbedYb1QDnoyY

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = off;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET escape_string_warning = off;
SET row_security = off;

--
-- Name: second; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA second;


ALTER SCHEMA second OWNER TO postgres;

--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.f() RETURNS text
    LANGUAGE sql
    AS $$SELECT '\'; --'::text$$;


ALTER FUNCTION public.f() OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: visits; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.visits (
    id integer NOT NULL,
    who text,
    at timestamp with time zone
);


ALTER TABLE public.visits OWNER TO postgres;

--
-- Name: visits; Type: TABLE; Schema: second; Owner: postgres
--

CREATE TABLE second.visits (
    id integer
);


ALTER TABLE second.visits OWNER TO postgres;

--
-- Data for Name: visits; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.visits (id, who, at) FROM stdin;
1	it's \\	2026-01-01 00:00:00+00
2	b\\n'; DROP	2026-01-02 00:00:00+00
3	tab\tend	\N
\.


--
-- Data for Name: visits; Type: TABLE DATA; Schema: second; Owner: postgres
--

COPY second.visits (id) FROM stdin;
9
\.


--
-- Name: visits visits_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\unrestrict cTP8NWfl0UyHTu6VcwDBv8CwAgyBDm4f1Hp5oHm6H4vvYWxsMcNbedYb1QDnoyY

