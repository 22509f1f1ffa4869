"""History: what a message tells of the matter so far: contacts, waits, promises, money asked, the Ombudsman."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipeline.cues import Cues, Found, Span
from pipeline.dates import Dated
from pipeline.measure import Quantity, moments
from pipeline.words import Words

_MANY = 2  # "bola-bali lapor": at least two
_MOST_CONTACTS = 50  # more is a meter reading or a year
_LONGEST_WAIT = 3650
_TWO_YEARS = 2 * 365


class History:
    """Reads the history by cue sets whose names are the policy's; see ``extraction.yaml``."""

    def __init__(self, cues: Cues) -> None:
        self._cues = cues

    def read(
        self, words: Words, quantities: Sequence[Quantity], dates: Sequence[Dated], report_numbers: int, today: date
    ) -> dict[str, Any]:
        """The fields of ``Facts`` but its entities."""
        found = self._cues.find(words)
        present = next((item.day for item in reversed(dates) if item.present), today)
        contacts = _contacts(found, quantities, dates, report_numbers)
        waited = _waited(found, quantities, dates, present)
        old = _age(found, quantities, dates, present)
        return {
            "contacts": contacts,
            "waiting_days": waited,
            "broken_promise": _broken_promise(found),
            "money_asked": _money_asked(found),
            "ombudsman": _ombudsman(found),
            "other_body": bool(found["badan_lain"]),
            "in_court": bool(found["sidang"]) and not found["bukan_sidang"],
            "too_old": old > _TWO_YEARS,
        }


def _contacts(found: Found, quantities: Sequence[Quantity], dates: Sequence[Dated], report_numbers: int) -> int:
    """Earlier contacts told: the largest number that any way of telling gives."""
    counted = [report_numbers]
    sentence = found.words.sentence
    for quantity in moments(list(quantities), "count"):
        span = (quantity.start, quantity.end)
        if _about(span, "kontak", found) and quantity.value <= _MOST_CONTACTS:
            counted.append(int(quantity.value))
    for span in found["kali_kontak"]:
        counted.append(_number(span, found))
    for name in ("sering_kontak", "lempar", "tiap_tanya"):
        if found[name] and (name != "lempar" or found["kontak"]):
            counted.append(_MANY)
    contacts = [
        span
        for span in found["kontak"]
        if not found.close(span, "bukan_kontak", before=0, after=0)
        and not found.close(span, "ombudsman", before=-1, after=3)
    ]
    past = [span for span in contacts if found.close(span, "lalu", before=5, after=4, within=sentence)]
    if past or (contacts and found["unserved"]):
        counted.append(1)
    if found["lapor_lagi"] and past:
        counted.append(_MANY)
    counted.append(_dated_contacts(contacts, dates, found))
    most = max(counted)
    return 0 if found["pertama"] and most <= _MANY else most


def _about(span: Span, name: str, found: Found) -> bool:
    """Whether a count is of ``name`` and not of something nearer ("mati 3x")."""
    sentence = found.words.sentence
    for reach in range(5):
        if found.close(span, "tandingan", before=reach, after=reach, within=sentence):
            return False
        if found.close(span, name, before=reach, after=reach, within=sentence):
            return True
    return False


def _number(span: Span, found: Found) -> int:
    """Two, or the number in digits within the span."""
    for word in found.words.words[span[0] : span[1]]:
        if word.isdecimal() and len(word) < 3 and int(word) <= _MOST_CONTACTS:
            return int(word)
    return _MANY


def _dated_contacts(contacts: Sequence[Span], dates: Sequence[Dated], found: Found) -> int:
    """Days on which a contact is told: dates in the same sentence as one."""
    sentence = found.words.sentence
    told = {sentence[start] for start, _ in contacts}
    return len({item.day for item in dates if sentence[item.start] in told and item.exact and not item.present})


def _waited(found: Found, quantities: Sequence[Quantity], dates: Sequence[Dated], present: date) -> int:
    """Days since the earliest contact, order or promise that is told."""
    clause = found.words.clause
    longest = 0.0
    for quantity in moments(list(quantities), "duration"):
        span = (quantity.start, quantity.end)
        gone = (
            found.close(span, "sudah_lama", before=2, after=-1, within=clause)
            or found.close(span, "silam", before=-1, after=1, within=found.words.sentence)
            or found.close(span, "mulai", before=1, after=-1, within=clause)
        )
        if gone and not found.close(span, "bukan_tunggu", before=1, after=0, within=clause) and _matters(span, found):
            longest = max(longest, quantity.value / 24)
    for item in dates:
        span = (item.start, item.end)
        told = item.day < present and not found.close(span, "bukan_lalu", before=2, after=1, within=clause)
        if told and any(found.close(span, name, before=7, after=7) for name in ("kontak", "pesan", "janji")):
            longest = max(longest, (present - item.day).days)
    return round(min(longest, _LONGEST_WAIT))


def _matters(span: Span, found: Found) -> bool:
    """Whether a contact, order or promise is told near."""
    return any(found.close(span, name, before=12, after=12) for name in ("kontak", "pesan", "janji"))


def _broken_promise(found: Found) -> bool:
    return any(found.close(span, "unserved", before=12, after=25) for span in found["janji"])


def _money_asked(found: Found) -> bool:
    if found["bukan_petugas"]:
        return False
    for span in found["minta_uang"]:
        if found.close(span, "uang_sah_kuat", before=1, after=1):
            continue
        dark = found.close(span, "uang_gelap", before=10, after=14)
        money = found.close(span, "uang", before=3, after=8)
        staff = found.close(span, "petugas", before=14, after=10)
        due = found.close(span, "bayar_sah", before=3, after=6)
        if money and (dark or (staff and not due)):
            return True
    return any(found.close(span, "petugas", before=16, after=16) for span in found["uang_gelap_kuat"])


def _ombudsman(found: Found) -> str:
    """How the Ombudsman occurs: its own letter before a report filed there, both before a threat."""
    if not found.any(("ombudsman", "omb_resmi")):
        return "none"
    named = [span for span in found["ombudsman"] if not found.close(span, "omb_dalam", before=0, after=0)]
    if not named:
        return "letter" if not found["omb_dalam"] else "mention"
    if found["omb_sudah"]:
        return "letter" if found["omb_resmi"] and not found["omb_sudah_sendiri"] else "filed"
    if found["omb_resmi"]:
        return "letter"
    return "threat" if any(found.close(span, "omb_ancam", before=8, after=4) for span in named) else "mention"


def _age(found: Found, quantities: Sequence[Quantity], dates: Sequence[Dated], present: date) -> float:
    """Days since the event told, if it is told as past."""
    clause = found.words.clause
    ages: list[float] = [
        (present - item.day).days
        for item in dates
        if found.close((item.start, item.end), "peristiwa", before=10, after=8)
    ]
    ages += [
        quantity.value / 24
        for quantity in moments(list(quantities), "duration")
        if found.close((quantity.start, quantity.end), "silam", before=-1, after=0, within=clause)
        and found.close((quantity.start, quantity.end), "peristiwa", before=10, after=8)
    ]
    return max(ages, default=0)
