--
-- PostgreSQL database dump
--

\restrict 9px8AKbUeofxazwASvJg75Rc2EQM0aJWeFaMeCNMoetpgTMnszahdaM2wN2hClj

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

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
-- Data for Name: visits; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.visits VALUES (1, 'it''s \', '2026-01-01 00:00:00+00');
INSERT INTO public.visits VALUES (2, 'b\n''; DROP', '2026-01-02 00:00:00+00');
INSERT INTO public.visits VALUES (3, 'tab	end', NULL);


--
-- Name: visits visits_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\unrestrict 9px8AKbUeofxazwASvJg75Rc2EQM0aJWeFaMeCNMoetpgTMnszahdaM2wN2hClj

