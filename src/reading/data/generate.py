#!/usr/bin/env python3
"""Writes the names of months, weekdays, parts of the day and currencies in all languages of the Unicode CLDR.

    pip install babel==2.18.0
    python3 src/reading/data/generate.py

Output: names.txt, sketched.txt, clock.txt, signs.txt, shared.txt, powers.txt and digits.txt beside this file. `extra.txt` is written by
hand, in the same format, and holds what CLDR has no place for.

A line is a kind, its numbers, a tab, and names joined by `|`: lower case, without dots, words one space apart.

Short names clash with ordinary words and with each other. So a language whose translation is complete in CLDR
goes before one that is a sketch: where both use a name, the first decides what it means; a sketch adds names of
months and weekdays only, and none of three letters or fewer (they stand apart, in sketched.txt). Where complete
languages differ (listopad), the name means both.
"""

import re
import unicodedata
from collections import defaultdict
from datetime import date
from pathlib import Path

from babel import localedata
from babel.core import get_global

HERE = Path(__file__).parent
HEADER = "# Made by generate.py from the Unicode CLDR (as in babel 2.18.0); not edited by hand.\n"
# A language that names so many currencies and languages is taken as complete.
COMPLETE_CURRENCIES = 150
COMPLETE_LANGUAGES = 400
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ß": "ss"}
UMLAUT_LANGUAGES = {"de", "gsw", "lb", "da", "nb", "nn", "no", "sv", "fi"}
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# A sign of these is a consonant with its vowel: May is two of them in most languages of India (मई, মে, மே).
SYLLABIC = ("BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "MALAYALAM", "ORIYA", "SINHALA", "TAMIL", "TELUGU")
FIELD = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z']+)")


def key(name):
    """The form in which the reader looks a name up."""
    name = unicodedata.normalize("NFC", name).replace("\u200c", "").replace("\u200f", "").replace("\u200e", "")
    name = "".join(char if is_word(char) else " " for char in name.lower())
    name = unicodedata.normalize("NFC", name.replace("i\u0307", "i"))
    return " ".join(name.split())


def is_word(char):
    return unicodedata.category(char)[0] in "LMN"


def fields(pattern):
    """A CLDR date pattern as [(field letter or None, text)]."""
    found = []
    for literal, run, letter, other in FIELD.findall(str(pattern)):
        if letter:
            found.append((letter, run))
        else:
            text = literal or other
            if found and found[-1][0] is None:
                found[-1] = (None, found[-1][1] + text)
            else:
                found.append((None, text))
    return found


def patterns(data):
    for name in ("date_formats", "time_formats", "datetime_skeletons"):
        for pattern in data[name].values():
            yield str(pattern)


class Names:
    """Meaning by name, with the language's completeness."""

    def __init__(self):
        self.by_name = defaultdict(lambda: defaultdict(bool))

    def add(self, name, meaning, complete, whole=False):
        name = key(name)
        shortest = {"month": 3, "month-day": 3, "period": 1 if key(name)[:1] >= "\u0590" else 2}.get(meaning[0], 2)
        letters = name.replace(" ", "")
        if not letters or any(char.isdecimal() for char in letters):
            return
        script = unicodedata.name(letters[0], "").split()[0]
        if whole and script in SYLLABIC:
            shortest = 2
        spaced = script not in ("CJK", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
        if not complete and name.count(" ") > 1:
            return
        if spaced and (len(letters) < shortest or (len(letters) < 4 and not complete)):
            return
        self.by_name[name][meaning] |= complete

    def add_marker(self, text, kind):
        name = key(text)
        if name and not any(char.isdecimal() for char in name):
            self.by_name[name][(kind,)] = True

    def lines(self, complete):
        grouped = defaultdict(set)
        for name, meanings in self.by_name.items():
            if any(meanings.values()) != complete:
                continue
            told = {meaning for meaning, known in meanings.items() if known == complete}
            for meaning in told:
                # A month that may stand before the day may stand behind it as well.
                if meaning[0] != "month" or ("month-day", meaning[1]) not in told:
                    grouped[meaning].add(name)
        for meaning in sorted(grouped):
            yield " ".join(map(str, meaning)) + "\t" + "|".join(sorted(grouped[meaning]))


def is_complete(data):
    return len(data["currency_names"]) >= COMPLETE_CURRENCIES and len(data["languages"]) >= COMPLETE_LANGUAGES


def month_affixes(data):
    """What is written onto a month's name without a space: Hebrew d בMMMM, Basque MMMM'ren'."""
    found = set()
    for pattern in patterns(data):
        parts = fields(pattern)
        for at, (letter, run) in enumerate(parts):
            if letter in ("M", "L") and len(run) >= 3:
                before = parts[at - 1][1] if at and parts[at - 1][0] is None else " "
                after = parts[at + 1][1] if at + 1 < len(parts) and parts[at + 1][0] is None else " "
                before = re.search(r"\w*$", before).group()
                after = re.match(r"\w*", after).group()
                found.add((before, after))
    return found or {("", "")}


def month_first(data):
    """Whether the language writes the month before the day."""
    found = set()
    for pattern in patterns(data):
        letters = [letter for letter, run in fields(pattern) if letter in ("M", "L", "d") and (letter == "d" or len(run) >= 3)]
        if len(letters) == 2:
            found.add(letters[0] != "d")
    return found


def collect():
    names, clock = Names(), Names()
    for identifier in sorted(localedata.locale_identifiers()):
        data = localedata.LocaleDataDict(localedata.load(identifier))
        language = identifier.split("_")[0]
        complete = is_complete(data)
        kinds = {"month-day" if first else "month" for first in month_first(data)}
        affixes = month_affixes(data)
        for context in data["months"].values():
            for width in ("wide", "abbreviated"):
                for number, name in dict(context.get(width) or {}).items():
                    numbered = re.fullmatch(r"(\D*)(\d+)(\D*)", name)
                    if numbered and int(numbered[2]) == number:
                        for word, kind in ((numbered[1], "month-before"), (numbered[3], "month-after")):
                            clock.add(word, (kind,), True)
                        continue
                    spellings = {name} | {before + name + after for before, after in affixes}
                    if language in UMLAUT_LANGUAGES:
                        spellings |= {re.sub("[äöüøåß]", lambda hit: UMLAUTS[hit[0]], name.lower())}
                    for spelling in spellings:
                        for kind in kinds:
                            names.add(spelling, (kind, number), complete, whole=width == "wide")
        for context in data["days"].values():
            for width in ("wide", "abbreviated", "short"):
                for number, name in dict(context.get(width) or {}).items():
                    names.add(name, ("weekday", number + 1), complete)
        if complete:
            collect_clock(data, clock)
    return names, clock


# What a word behind such a field of a pattern says.
MARKERS = {"H": "hour", "h": "hour", "K": "hour", "k": "hour", "m": "minute", "s": "second"}


def collect_clock(data, clock):
    rules = dict(data.get("day_period_rules", {}).get(None, {}))
    for widths in data.get("day_periods", {}).values():
        for width in ("wide", "abbreviated"):
            for period, name in dict(dict(widths).get(width) or {}).items():
                if period in ("am", "pm"):
                    clock.add(name, ("period", 0, 12) if period == "am" else ("period", 12, 24), True)
                for rule in rules.get(period, []):
                    if "at" in rule:
                        clock.add(name, ("at", rule["at"] // 3600), True)
                    else:
                        clock.add(name, ("period", rule["from"] // 3600, rule["before"] // 3600), True)
    for pattern in patterns(data):
        parts = fields(pattern)
        for (before, _), (letter, text), (after, _) in zip([(None, "")] + parts, parts, parts[1:] + [(None, "")]):
            if letter is not None or not any(map(is_word, text)):
                continue
            kind = MARKERS.get(before)
            if kind == "minute" and not hour_is_marked(parts):
                kind = "hour"  # HH:mm น. marks the whole
            if kind:
                clock.add_marker(text, kind)
            elif {before, after} & set("yMLdE"):
                for word in re.split(r"[\s,،]+", text):
                    clock.add_marker(word, {"y": "year", "d": "day"}.get(before, "inner"))


def hour_is_marked(parts):
    return any(
        letter in ("H", "h", "K", "k") and following is None and any(map(is_word, text))
        for (letter, _), (following, text) in zip(parts, parts[1:])
    )


def currencies():
    """The codes of the currencies in use."""
    today = date.today()
    codes = set()
    for tenders in get_global("territory_currencies").values():
        codes |= {code for code, _, end, tender in tenders if tender and (end is None or date(*end) > today)}
    return codes


def collect_signs():
    """Signs and names of currencies in use: those that belong to one currency name it, the rest only mark money.

    Signs of plain letters (Le, KM, den) are words as well: they are `shy`, taken only beside decimals.
    """
    codes, signs, names = currencies(), defaultdict(set), defaultdict(set)
    for identifier in sorted(localedata.locale_identifiers()):
        data = localedata.LocaleDataDict(localedata.load(identifier))
        if not is_complete(data):
            continue
        for code in codes & set(data["currency_symbols"]):
            sign = re.sub("[\u200b-\u200f]", "", data["currency_symbols"][code]).replace("\u202f", " ").replace("\xa0", " ")
            if sign and sign not in codes:
                signs[unicodedata.normalize("NFKC", sign).removesuffix(".")].add(code)
        for code in codes & set(data["currency_names"]):
            spellings = {data["currency_names"][code]}
            spellings |= set(dict(data["currency_names_plural"].get(code, {})).values())
            for name in map(str.lower, spellings):
                if name.isalpha() and (code == "EUR" or len(name) <= 4) and (code == "EUR" or not unicodedata.name(name[0]).startswith("LATIN")):
                    names[name].add(code)
    table = defaultdict(set)
    for sign, users in signs.items():
        shy = sign.replace(" ", "").isascii() and sign.replace(" ", "").isalpha()
        table["shy" if shy else "sign", users.pop().lower() if len(users) == 1 else "?"].add(sign)
    for name, users in names.items():
        if len(users) == 1:
            table["name", users.pop().lower()].add(name)
    table["code",] = {code.lower() for code in codes}
    for meaning in sorted(table):
        yield " ".join(meaning) + "\t" + "|".join(sorted(table[meaning]))


def words(name):
    return re.sub(r"\(.*?\)", " ", name.lower()).split()


def collect_nouns():
    """What people call money in each language, in all forms of its plural: forint, dinara, korun, lej.

    In a currency's name it stands first or last, as the language has it; where the words that several currencies share
    stand tells which.
    """
    yield "noun\t" + "|".join(sorted(nouns()))


def nouns():
    """Each noun with the currencies that it may mean: those called so in some language, in whatever form of the word."""
    codes = currencies()
    nouns = defaultdict(set)
    for identifier in sorted(localedata.locale_identifiers()):
        data = localedata.LocaleDataDict(localedata.load(identifier))
        if not is_complete(data):
            continue
        names, users, own, family = [], defaultdict(set), set(), defaultdict(set)
        for code in sorted(codes & set(data["currency_names"])):
            spellings = {data["currency_names"][code]} | set(dict(data["currency_names_plural"].get(code, {})).values())
            for spelling in sorted(map(words, spellings)):
                names.append(spelling)
                for word in spelling:
                    users[word].add(code)
                    family[word[:4]].add(code)
        pairs = [tuple(len(users[word]) for word in name) for name in names if len(name) == 2]
        at = 0 if sum(first > last for first, last in pairs) > sum(last > first for first, last in pairs) else -1
        for name in filter(None, names):
            noun = name[at]
            # Without spaces a drum's lesson (ドラム) would be paid in drams; `names` has what is used there.
            if UNSPACED.match(noun):
                continue
            letters = all(unicodedata.category(char)[0] in "LM" for char in noun)
            # Of three letters there are everyday words: von, nov, так.
            least = 4 if unicodedata.name(noun[0]).startswith(("LATIN", "CYRILLIC")) else 3
            if letters and least <= len(noun) <= 12 and (len(name) <= 2 or len(users[noun]) > 1):
                own.add(noun)
        for noun in own:
            nouns[noun] |= family[noun[:4]]
    return nouns


def collect_shared():
    """What signs and nouns that name no currency may mean: `$` is every dollar's and many a peso's."""
    codes, shared = currencies(), defaultdict(set)
    symbols = set()
    for identifier in sorted(localedata.locale_identifiers()):
        data = localedata.LocaleDataDict(localedata.load(identifier))
        if is_complete(data):
            symbols |= {(code, sign) for code, sign in data["currency_symbols"].items() if code in codes and sign not in codes}
    for sign in {char for _, sign in symbols for char in sign if unicodedata.category(char) == "Sc"}:
        shared[sign] = {code for code, said in symbols if sign in said}
    for noun, users in nouns().items():
        shared[noun] |= users
    table = defaultdict(set)
    for name, users in shared.items():
        table[".".join(sorted(map(str.lower, users)))].add(name)
    for users in sorted(table):
        yield f"among {users}\t" + "|".join(sorted(table[users]))


def collect_powers():
    """What multiplies the number before it: 만, 千, mil, тыс, lakh. A number's zeros in its pattern are left out of the power.

    A single letter is anything, what means two powers says nothing, and nothing is hired out for thousands of millions.
    """
    powers = defaultdict(set)
    for identifier in sorted(localedata.locale_identifiers()):
        data = localedata.LocaleDataDict(localedata.load(identifier))
        if not is_complete(data):
            continue
        for width in data["compact_decimal_formats"].values():
            for magnitudes in dict(width).values():
                for magnitude, pattern in dict(magnitudes).items():
                    text = str(getattr(pattern, "pattern", pattern)).split(";")[0]
                    found = re.fullmatch(r"(\D*)(0+)(\D*)", text.replace("'", ""))
                    if not found:
                        continue
                    name = key(found[1] + " " + found[3])
                    letters = name.replace(" ", "")
                    alone = len(letters) == 1 and unicodedata.name(letters).split()[0] not in ("CJK", "HANGUL")
                    if letters and not alone:
                        powers[name].add(len(magnitude) - len(found[2]))
    table = defaultdict(set)
    for name, found in powers.items():
        if len(found) == 1 and 0 < max(found) <= 8:
            table[max(found)].add(name)
    for power in sorted(table):
        yield f"power {power}\t" + "|".join(sorted(table[power]))


def collect_digits():
    """The zero of every script that writes decimal numbers; nine follow it."""
    zeros = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Nd" and unicodedata.digit(chr(code)) == 0]
    yield "zeros\t" + "|".join(f"{ord(zero):x}" for zero in zeros)


if __name__ == "__main__":
    names, clock = collect()
    tables = {
        "names": names.lines(complete=True),
        "sketched": names.lines(complete=False),
        "clock": clock.lines(complete=True),
        "signs": [*collect_signs(), *collect_nouns()],
        "shared": collect_shared(),
        "powers": collect_powers(),
        "digits": collect_digits(),
    }
    for name, lines in tables.items():
        text = HEADER + "\n".join(lines) + "\n"
        (HERE / f"{name}.txt").write_text(text, encoding="utf-8")
