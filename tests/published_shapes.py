"""The shapes that Stripe and Google publish for the objects that `rebook simulate` writes.

Sources: https://docs.stripe.com/api, of the versions in which invoices and charges still name each other, and
https://developers.google.com/workspace/calendar/api/v3/reference/events. A field is written as its type: s text, i whole
number, b true or false, o object, a array; `?` where it may be null. Fields that are not listed are not published.
"""

import datetime
import re

STRIPE = {
    "charge": ("ch_", """
        amount i, amount_captured i, amount_refunded i, application s?, application_fee s?, application_fee_amount i?,
        balance_transaction s?, billing_details o, calculated_statement_descriptor s?, captured b, created i, currency s,
        customer s?, description s?, disputed b, failure_code s?, failure_message s?, fraud_details o?, invoice s?, livemode b,
        metadata o, on_behalf_of s?, outcome o?, paid b, payment_intent s?, payment_method s?, payment_method_details o?,
        receipt_email s?, receipt_number s?, refunded b, shipping o?, statement_descriptor s?, statement_descriptor_suffix s?,
        status s, transfer_data o?, transfer_group s?"""),
    "payment_intent": ("pi_", """
        amount i, amount_capturable i, amount_details o, amount_received i, application s?, application_fee_amount i?,
        automatic_payment_methods o?, canceled_at i?, cancellation_reason s?, capture_method s, client_secret s?,
        confirmation_method s, created i, currency s, customer s?, description s?, invoice s?, last_payment_error o?,
        latest_charge s?, livemode b, metadata o, next_action o?, on_behalf_of s?, payment_method_types a, receipt_email s?,
        setup_future_usage s?, shipping o?, status s, transfer_data o?, transfer_group s?"""),
    "checkout.session": ("cs_", """
        allow_promotion_codes b?, amount_subtotal i?, amount_total i?, cancel_url s?, client_reference_id s?, created i,
        currency s?, customer s?, customer_details o?, expires_at i, livemode b, metadata o?, mode s, payment_intent s?,
        payment_method_types a, payment_status s, status s?, success_url s?, url s?"""),
    "refund": ("re_", """
        amount i, balance_transaction s?, charge s?, created i, currency s, metadata o?, payment_intent s?, reason s?,
        receipt_number s?, source_transfer_reversal s?, status s?, transfer_reversal s?"""),
    "customer": ("cus_", """
        address o?, balance i, created i, currency s?, default_source s?, delinquent b?, description s?, discount o?, email s?,
        invoice_prefix s?, livemode b, metadata o, name s?, phone s?, preferred_locales a, shipping o?, tax_exempt s?"""),
    "invoice": ("in_", """
        account_country s?, account_name s?, amount_due i, amount_paid i, amount_remaining i, attempt_count i, attempted b,
        auto_advance b, billing_reason s?, charge s?, collection_method s, created i, currency s, custom_fields a?, customer s?,
        customer_email s?, customer_name s?, customer_phone s?, description s?, due_date i?, footer s?, lines o, livemode b,
        metadata o?, number s?, paid b, payment_intent s?, period_end i, period_start i, status s?, status_transitions o,
        subtotal i, total i"""),
}
STATUSES = {
    "charge": {"succeeded", "pending", "failed"},
    "payment_intent": {"succeeded", "processing", "canceled", "requires_action", "requires_capture", "requires_confirmation",
                       "requires_payment_method"},
    "checkout.session": {"open", "complete", "expired"},
    "refund": {"pending", "requires_action", "succeeded", "failed", "canceled"},
    "invoice": {"draft", "open", "paid", "uncollectible", "void"},
}
THREE_DECIMALS = {"bhd", "jod", "kwd", "omr", "tnd"}
EVENT = """
    kind s, etag s, id s, status s, htmlLink s, created s, updated s, summary s, description s, location s, creator o,
    organizer o, start o, end o, iCalUID s, sequence i, attendees a, extendedProperties o, reminders o, eventType s"""
EVENT_NEEDS = {"kind", "etag", "id", "status", "created", "updated", "start", "end", "iCalUID", "sequence"}
EVENTS = """
    kind s, etag s, summary s, description s, updated s, timeZone s, accessRole s, defaultReminders a, items a"""
TYPES = {"s": str, "i": int, "b": bool, "o": dict, "a": list}


def fields(text):
    return dict(field.split() for field in text.split(","))


def faults(found, published, whole=True):
    """Fields of another type, those that are not published, and where it must be whole those that are missing."""
    wrong = [f"{name} is not published" for name in found if name not in published]
    wrong += [f"{name} is missing" for name in published if whole and name not in found]
    for name, kind in published.items():
        value = found.get(name)
        if value is None:
            if name in found and not kind.endswith("?"):
                wrong.append(f"{name} is null")
        elif type(value) is not TYPES[kind[0]]:
            wrong.append(f"{name} is {value!r}")
    return wrong


def check_stripe(page):
    """What is wrong with a page of a list, a line each."""
    wrong = []
    if set(page) != {"object", "data", "has_more", "url"} or page["object"] != "list":
        wrong.append(f"no page of a list: {sorted(page)}")
    for item in page["data"]:
        kind = item.get("object")
        if kind not in STRIPE:
            wrong.append(f"an object of kind {kind!r}")
            continue
        prefix, published = STRIPE[kind]
        optional = {"invoice"} if kind in ("charge", "payment_intent") else set()
        published = {"id": "s", "object": "s", **fields(published)}
        found = faults(item, {name: kind for name, kind in published.items() if name in item or name not in optional})
        found += sense(kind, item)
        if not item["id"].startswith(prefix):
            found.append(f"does not begin with {prefix}")
        wrong += [f"{kind} {item['id']}: {fault}" for fault in found]
    ids = [item["id"] for item in page["data"]]
    return wrong + ["an id stands twice"] * (len(ids) != len(set(ids)))


def sense(kind, item):
    """What the types do not say."""
    wrong = []
    if kind in STATUSES and item["status"] not in STATUSES[kind]:
        wrong.append(f"status {item['status']}")
    if item.get("currency") and not re.fullmatch("[a-z]{3}", item["currency"]):
        wrong.append(f"currency {item['currency']}")
    if item.get("currency") in THREE_DECIMALS and any(item.get(name, 0) % 10 for name in ["amount", "amount_total", "total"]):
        wrong.append("an amount of three decimals that does not end in zero")
    metadata = item.get("metadata") or {}
    if len(metadata) > 50 or any(len(key) > 40 or type(value) is not str or len(value) > 500 for key, value in metadata.items()):
        wrong.append(f"metadata {metadata}")
    if kind == "charge":
        if item["refunded"] != (item["captured"] and item["amount_refunded"] == item["amount"]):
            wrong.append("refunded, and not its whole amount")
        if not 0 <= item["amount_refunded"] <= item["amount_captured"] <= item["amount"]:
            wrong.append("more captured than charged, or more refunded than captured")
        if item["payment_method_details"]["type"] not in item["payment_method_details"]:
            wrong.append("a payment method without its details")
    if kind == "invoice" and [line["invoice"] for line in item["lines"]["data"]] != [item["id"]]:
        wrong.append("its line is another invoice's")
    return wrong


def check_calendar_page(page):
    """What is wrong with a page of `events.list`, a line each."""
    wrong = faults(page, fields(EVENTS))
    if page["kind"] != "calendar#events":
        wrong.append(f"a page of kind {page['kind']}")
    for event in page["items"]:
        found = faults(event, fields(EVENT), whole=False)
        found += [f"{name} is missing" for name in sorted(EVENT_NEEDS - set(event))]
        if event["kind"] != "calendar#event" or event["status"] not in ("confirmed", "tentative", "cancelled"):
            found.append(f"kind {event['kind']}, status {event['status']}")
        if not re.fullmatch("[a-v0-9]{5,1024}", event["id"]):
            found.append("an id that is not base32hex")
        try:
            if not moment(event["start"]) < moment(event["end"]):
                found.append("ends before it starts")
            if datetime.datetime.fromisoformat(event["updated"]) < datetime.datetime.fromisoformat(event["created"]):
                found.append("updated before it was made")
        except (ValueError, KeyError, TypeError) as error:
            found.append(f"no moment: {error!r}")
        if not all(type(guest.get("email")) is str for guest in event.get("attendees", [])):
            found.append("a guest without an address")
        private = event.get("extendedProperties", {}).get("private", {})
        if not all(type(value) is str for value in private.values()):
            found.append(f"properties {private}")
        wrong += [f"event {event['id']}: {fault}" for fault in found]
    return wrong


def moment(edge):
    """A day, or a time that names its zone."""
    if set(edge) == {"date"}:
        return datetime.date.fromisoformat(edge["date"])
    if set(edge) != {"dateTime", "timeZone"}:
        raise ValueError(f"neither a day nor a time: {edge}")
    at = datetime.datetime.fromisoformat(edge["dateTime"])
    if at.tzinfo is None:
        raise ValueError(f"no offset: {edge}")
    return at
