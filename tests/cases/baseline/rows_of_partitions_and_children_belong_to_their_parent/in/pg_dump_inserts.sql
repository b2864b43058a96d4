--
-- PostgreSQL database dump
--

\restrict XG0lHHFdYJBK0tnEVLIIzjaR6Q2e0cDJWdefEqduJNy2TezHeIvEVKasBjqo9rN

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

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: guests; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.guests (
    id integer NOT NULL,
    label text
);


ALTER TABLE public.guests OWNER TO postgres;

--
-- Name: old_guests; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.old_guests (
    since integer
)
INHERITS (public.guests);


ALTER TABLE public.old_guests OWNER TO postgres;

--
-- Name: stays; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.stays (
    id bigint NOT NULL,
    guest text NOT NULL,
    arrives date NOT NULL,
    leaves date NOT NULL,
    booked timestamp without time zone
)
PARTITION BY RANGE (arrives);


ALTER TABLE public.stays OWNER TO postgres;

--
-- Name: stays_2025; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.stays_2025 (
    id bigint NOT NULL,
    guest text NOT NULL,
    arrives date NOT NULL,
    leaves date NOT NULL,
    booked timestamp without time zone
);


ALTER TABLE public.stays_2025 OWNER TO postgres;

--
-- Name: stays_2026; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.stays_2026 (
    id bigint NOT NULL,
    guest text NOT NULL,
    arrives date NOT NULL,
    leaves date NOT NULL,
    booked timestamp without time zone
)
PARTITION BY LIST (guest);


ALTER TABLE public.stays_2026 OWNER TO postgres;

--
-- Name: stays_2026_rest; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.stays_2026_rest (
    id bigint NOT NULL,
    guest text NOT NULL,
    arrives date NOT NULL,
    leaves date NOT NULL,
    booked timestamp without time zone
);


ALTER TABLE public.stays_2026_rest OWNER TO postgres;

--
-- Name: stays_2025; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays ATTACH PARTITION public.stays_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');


--
-- Name: stays_2026; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays ATTACH PARTITION public.stays_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');


--
-- Name: stays_2026_rest; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays_2026 ATTACH PARTITION public.stays_2026_rest DEFAULT;


--
-- Data for Name: guests; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.guests VALUES
	(1, 'Ada');


--
-- Data for Name: old_guests; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.old_guests VALUES
	(2, 'Bo', 1999);


--
-- Data for Name: stays_2025; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.stays_2025 VALUES
	(1, 'Ada', '2025-12-30', '2026-01-02', '2025-11-01 10:00:00');


--
-- Data for Name: stays_2026_rest; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.stays_2026_rest VALUES
	(2, 'Bo', '2026-03-01', '2026-03-04', '2026-01-01 11:00:00.25');


--
-- Name: guests guests_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.guests
    ADD CONSTRAINT guests_pkey PRIMARY KEY (id);


--
-- Name: stays stays_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays
    ADD CONSTRAINT stays_pkey PRIMARY KEY (id, arrives, guest);


--
-- Name: stays_2025 stays_2025_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays_2025
    ADD CONSTRAINT stays_2025_pkey PRIMARY KEY (id, arrives, guest);


--
-- Name: stays_2026 stays_2026_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays_2026
    ADD CONSTRAINT stays_2026_pkey PRIMARY KEY (id, arrives, guest);


--
-- Name: stays_2026_rest stays_2026_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.stays_2026_rest
    ADD CONSTRAINT stays_2026_rest_pkey PRIMARY KEY (id, arrives, guest);


--
-- Name: stays_2025_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.stays_pkey ATTACH PARTITION public.stays_2025_pkey;


--
-- Name: stays_2026_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.stays_pkey ATTACH PARTITION public.stays_2026_pkey;


--
-- Name: stays_2026_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.stays_2026_pkey ATTACH PARTITION public.stays_2026_rest_pkey;


--
-- PostgreSQL database dump complete
--

\unrestrict XG0lHHFdYJBK0tnEVLIIzjaR6Q2e0cDJWdefEqduJNy2TezHeIvEVKasBjqo9rN

