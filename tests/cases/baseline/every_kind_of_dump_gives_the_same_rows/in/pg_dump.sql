--
-- PostgreSQL database dump
--

\restrict CFbbtcNGSa12FGxL4MdPzGTZ7X5wikzWkEE3sYZcV8Cyk1XbgSKaPjME3DbACbl

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
-- Name: 状態; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public."状態" AS ENUM (
    '予約済',
    'キャンセル',
    '来院済'
);


ALTER TYPE public."状態" OWNER TO postgres;

--
-- Name: touch(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.made := now(); RETURN NEW; END; $$;


ALTER FUNCTION public.touch() OWNER TO postgres;

--
-- Name: two(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.two() RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT 1;
 SELECT 2;
END;


ALTER FUNCTION public.two() OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: chairs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.chairs (
    code character(4) NOT NULL,
    label text NOT NULL,
    door text
);


ALTER TABLE public.chairs OWNER TO postgres;

--
-- Name: TABLE chairs; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON TABLE public.chairs IS 'it''s; a chair';


--
-- Name: 予約; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public."予約" (
    no text NOT NULL,
    patient integer NOT NULL,
    chair character(4),
    "開始" timestamp with time zone NOT NULL,
    "終了" timestamp with time zone NOT NULL,
    st public."状態" DEFAULT '予約済'::public."状態" NOT NULL,
    yen integer NOT NULL,
    made timestamp with time zone,
    CONSTRAINT "予約_check" CHECK (("終了" > "開始"))
);


ALTER TABLE public."予約" OWNER TO postgres;

--
-- Name: open; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.open AS
 SELECT "予約".no,
    "予約".patient,
    "予約".chair,
    "予約"."開始",
    "予約"."終了",
    "予約".st,
    "予約".yen,
    "予約".made
   FROM public."予約"
  WHERE ("予約".st = '予約済'::public."状態");


ALTER TABLE public.open OWNER TO postgres;

--
-- Name: payments; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.payments (
    id bigint NOT NULL,
    booking text NOT NULL,
    charge text NOT NULL,
    amount numeric(12,2) NOT NULL,
    back numeric(12,2) DEFAULT 0 NOT NULL,
    paid timestamp with time zone NOT NULL,
    net numeric GENERATED ALWAYS AS ((amount - back)) STORED
);


ALTER TABLE public.payments OWNER TO postgres;

--
-- Name: payments_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.payments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: 患者; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public."患者" (
    id integer NOT NULL,
    sei text NOT NULL,
    mei text NOT NULL,
    mail text,
    tel character varying(40),
    "登録" timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public."患者" OWNER TO postgres;

--
-- Name: 患者_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public."患者_id_seq"
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public."患者_id_seq" OWNER TO postgres;

--
-- Name: 患者_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public."患者_id_seq" OWNED BY public."患者".id;


--
-- Name: 患者 id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."患者" ALTER COLUMN id SET DEFAULT nextval('public."患者_id_seq"'::regclass);


--
-- Data for Name: chairs; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.chairs (code, label, door) FROM stdin;
a1  	診察室 1	1-A
b2  	診察室 2	\N
\.


--
-- Data for Name: payments; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.payments (id, booking, charge, amount, back, paid) FROM stdin;
1	C-001	ch_a	5500.00	0.00	2026-01-05 01:02:00+00
2	C-002	ch_b	12000.00	12000.00	2026-01-06 14:32:00+00
\.


--
-- Data for Name: 予約; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public."予約" (no, patient, chair, "開始", "終了", st, yen, made) FROM stdin;
C-001	1	a1  	2026-02-20 06:00:00+00	2026-02-20 06:45:00+00	予約済	5500	2026-01-05 01:01:00+00
C-002	2	b2  	2026-02-21 00:30:00+00	2026-02-21 01:00:00+00	キャンセル	12000	2026-01-06 14:31:00+00
C-003	3	\N	2026-02-21 15:00:00+00	2026-02-21 16:00:00+00	来院済	0	2026-01-06 15:01:00+00
\.


--
-- Data for Name: 患者; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public."患者" (id, sei, mei, mail, tel, "登録") FROM stdin;
1	山田	花子	hanako@shika.example	+81 90-1234-5678	2026-01-05 01:00:00+00
2	O'Brien	Seán	sean@mail.example	\N	2026-01-06 14:30:00+00
3	Back\\slash	Tab\there	x;y@mail.example	06-1111-2222; -- no comment	2026-01-06 15:00:00+00
4	Line\nbreak	"quoted" `ticks` $$ \\. /* no */	\N		2026-02-28 03:00:00+00
\.


--
-- Name: payments_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.payments_id_seq', 2, true);


--
-- Name: 患者_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public."患者_id_seq"', 1, false);


--
-- Name: chairs chairs_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.chairs
    ADD CONSTRAINT chairs_pkey PRIMARY KEY (code);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: 予約 予約_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."予約"
    ADD CONSTRAINT "予約_pkey" PRIMARY KEY (no);


--
-- Name: 患者 患者_mail_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."患者"
    ADD CONSTRAINT "患者_mail_key" UNIQUE (mail);


--
-- Name: 患者 患者_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."患者"
    ADD CONSTRAINT "患者_pkey" PRIMARY KEY (id);


--
-- Name: patients_mail_ci; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX patients_mail_ci ON public."患者" USING btree (lower(mail));


--
-- Name: payments_charge; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX payments_charge ON public.payments USING btree (charge);


--
-- Name: 予約_patient_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX "予約_patient_idx" ON public."予約" USING btree (patient);


--
-- Name: 予約 touched; Type: TRIGGER; Schema: public; Owner: postgres
--

CREATE TRIGGER touched BEFORE UPDATE ON public."予約" FOR EACH ROW EXECUTE FUNCTION public.touch();


--
-- Name: payments payments_booking_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_booking_fkey FOREIGN KEY (booking) REFERENCES public."予約"(no) ON DELETE CASCADE;


--
-- Name: 予約 予約_chair_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."予約"
    ADD CONSTRAINT "予約_chair_fkey" FOREIGN KEY (chair) REFERENCES public.chairs(code);


--
-- Name: 予約 予約_patient_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public."予約"
    ADD CONSTRAINT "予約_patient_fkey" FOREIGN KEY (patient) REFERENCES public."患者"(id);


--
-- PostgreSQL database dump complete
--

\unrestrict CFbbtcNGSa12FGxL4MdPzGTZ7X5wikzWkEE3sYZcV8Cyk1XbgSKaPjME3DbACbl

