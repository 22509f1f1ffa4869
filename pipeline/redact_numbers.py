"""Numbers that point to a person or a household, however people write them.

A number is read as groups of digits, joined by what stands between them; kinds are told apart by length and build, then
by the nearest cue word. Kinds, cues and what stays are data: the ``numbers`` of ``policy/redaction.yaml``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import lokal
from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_NEAR = 14  # characters between a cue and a number that it surely names
_GROUP = re.compile(r"\d+(?:(?:[xX]{2,8}|\*{2,8})\d*)*+|(?<=\d[ .-])(?:[xX]{3,6}|\*{3,6})(?!\w)")
_SEPARATOR = re.compile(r"(?: {1,3}| ?[-\u2013\u2014./_|()] ?| ?\n ?|\) ?[-.] ?|[,~+]|\ufe0f?\u20e3 ?)\Z")
_TOKEN = re.compile(r"[^\W_]+")
_PAUSE = re.compile(r"[\s,.\-\u2026/]{0,6}\Z")
_LETTER_DIGITS = re.compile(r"(?<![A-Za-z])[oOlI]{1,3}(?=\d)|(?<=\d)[oOlI]{1,4}(?=\d)|(?<=\d)[oOlI]{1,4}(?![^\W_])")
_LETTER_TO_DIGIT = str.maketrans("oOlI", "0011")
_STAMP = re.compile(r"20[12]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d\Z")
_DAY = re.compile(r"2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_TOKEN_SHAPES = {(4, 5), (5, 4), (4, 10), (10, 2), (2, 10), (1, 20)}  # (digits in a group, groups)
_METER_SHAPE = [4, 4, 3]


class Kind(_Strict):
    """A kind of number by its cue words.

    Attributes:
        type: What a number after this cue is; empty if the cue only says that it is none (``keep``) or nothing at all.
        keep: The number stays, whatever it looks like.
        usual, least, most: Digits it has, and digits it is accepted with when it is written wrongly.
    """

    cue: list[str]
    type: str = ""
    keep: bool = False
    usual: int = 0
    least: int = 0
    most: int = 0


class Numbers(_Strict):
    """How numbers are read. ``amounts`` and ``dates`` are regexes of what is no part of a longer number."""

    source: str
    kinds: dict[str, Kind]
    amounts: list[str]
    counts: list[str]
    own: list[str]
    area_codes: list[str]
    customer: str
    reach: int
    digit_words: dict[str, str]
    fillers: str


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits that stand together.

    Attributes:
        joins: The next group may belong to the same number.
        separator: What stands between this group and the next, without spaces.
        count: It is a quantity: "900" of "900 VA".
    """

    start: int
    end: int
    digits: str = field(repr=False)
    joins: bool
    separator: str
    count: bool


@dataclass(slots=True)
class Claims:
    """What has been found in one text. A claim on taken ground is refused."""

    text: str = field(repr=False)
    taken: bytearray = field(repr=False)
    spans: list[tuple[int, int, str, str]] = field(default_factory=list, repr=False)

    def free(self, start: int, end: int) -> bool:
        return start < end and self.taken.find(1, start, end) < 0

    def add(self, start: int, end: int, kind: str, digits: str = "") -> None:
        if self.free(start, end):
            self.taken[start:end] = b"\x01" * (end - start)
            if kind:
                self.spans.append((start, end, kind, digits))


class NumberFinder:
    """Finds numbers that point to a person or a household, written in any way people write them."""

    def __init__(self, policy: Numbers) -> None:
        self._kinds = policy.kinds
        kinds = "|".join(f"(?P<{name}>{'|'.join(kind.cue)})" for name, kind in policy.kinds.items())
        self._cue = re.compile(rf"(?=[a-z2(])(?<![a-z])(?:{kinds})", re.IGNORECASE)
        self._amount = re.compile("|".join(policy.amounts), re.IGNORECASE)
        self._count = re.compile(rf"\s?(?:{'|'.join(policy.counts)})(?![a-z])|[akmvwx](?![a-z.])", re.IGNORECASE)
        self._own = frozenset(policy.own)
        self._area = re.compile(rf"(?:{'|'.join(policy.area_codes)})[2-9]\d{{4,7}}\Z")
        self._area_alone = re.compile(rf"0?(?:{'|'.join(policy.area_codes)})\Z|62\Z|0\Z")
        self._customer = re.compile(policy.customer)
        self._reach = policy.reach
        self._digit = {word: digit for digit, words in policy.digit_words.items() for word in words.split()}
        self._digit_word = re.compile(rf"(?<!\w)(?:{'|'.join(self._digit)})(?!\w)", re.IGNORECASE)
        self._fillers = frozenset(policy.fillers.split())

    def find(self, claims: Claims) -> None:
        """Claims every number in ``claims.text`` that is personal data."""
        view = _as_digits(claims.text)
        cues = [(m.end(), m.start(), m.lastgroup or "") for m in self._cue.finditer(view)]
        groups = self._groups(view, claims)
        if not groups:
            self._spelled(claims, cues)
            return
        seen, at = 0, 0
        while at < len(groups):
            group = groups[at]
            while seen < len(cues) and cues[seen][0] <= group.start:
                seen += 1
            far = group.start - cues[seen - 1][0] if seen else self._reach + 1
            kind = self._kinds[cues[seen - 1][2]] if far <= self._reach else None
            near = far <= _NEAR
            if kind is None and seen < len(cues) and 0 <= cues[seen][1] - group.end <= 2:
                kind = self._kinds[cues[seen][2]]  # "14420093817 no meter saya"
            result = self._read(groups, at, view, kind, near)
            if result is None:
                at += 1
                continue
            type_, last = result
            digits = "".join(g.digits for g in groups[at : last + 1])
            start, end = group.start, groups[last].end
            before, after = view[start - 1 : start] if start else "", view[end : end + 1]
            start -= before == "+" or (before == "(" and after != ")")
            start -= view[start - 1 : start] == "(" and ")" in view[start:end]
            end += after == ")" and "(" in view[start:end]
            while view[end : end + 1] in ("\ufe0f", "\u20e3"):  # the frame of a keycap emoji
                end += 1
            claims.add(start, end, type_, digits)
            at = last + 1
        self._spelled(claims, cues)

    def _groups(self, view: str, claims: Claims) -> list[_Group]:
        matches = [m for m in _GROUP.finditer(view) if claims.free(m.start(), m.end())]
        amounts = bytearray(len(view)) if matches else bytearray()
        for match in self._amount.finditer(view) if matches else ():
            amounts[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
        matches = [m for m in matches if amounts.find(1, m.start(), m.end()) < 0]
        groups = []
        for k, match in enumerate(matches):
            following = matches[k + 1].start() if k + 1 < len(matches) else match.end() + 9
            separator = view[match.end() : following] if following - match.end() <= 4 else ""
            joins = _SEPARATOR.match(separator) is not None
            few = len(match[0]) <= 3 or (len(match[0]) <= 6 and match[0].endswith(("00", "50")))
            count = few and self._count.match(view, match.end()) is not None
            groups.append(_Group(match.start(), match.end(), match[0], joins, separator.strip(" "), count))
        return groups

    def _read(self, groups: list[_Group], at: int, view: str, kind: Kind | None, near: bool) -> tuple[str, int] | None:
        """Type of the number that begins at ``groups[at]`` and its last group, or None; an empty type is kept."""
        if groups[at].count:
            return None
        keep = kind is not None and kind.keep
        told = kind if kind is not None and kind.type else None
        first = groups[at].digits
        glued = view[groups[at].start - 1 : groups[at].start].isalpha()
        if told is None and first[0] not in "068" and _in_a_row(groups, at):
            weak = "" if keep else self._single(first) or self._likely(first, glued=glued)
            return (weak, at) if weak else None
        runs = list(_runs(groups, at))
        if told is None or told.type not in ("NIK", "KK", "NPWP"):
            phone = self._phone(groups, at, runs, view, told)
            if phone is not None:
                return phone
        if keep:
            return None
        if told is not None:
            for last, digits in runs:
                lone = near and len(first) < told.least
                if len(first) == 1 and 0 < told.usual < _same(groups, at) <= told.most:
                    return told.type, at + _same(groups, at) - 1  # digit by digit, one too many
                if len(digits) == told.usual and _sane(groups, at, last, lone=lone):
                    return told.type, last
            if not told.usual and told.type != "TELP":  # an account of 16 digits may look like a NIK
                loose = self._told(groups, at, runs, told, near)
                if loose is not None and sum(len(g.digits) for g in groups[at : loose[1] + 1]) > 12:
                    return loose
        built = self._built(groups, at, runs)
        if built is not None:
            return built
        if told is not None:
            loose = self._told(groups, at, runs, told, near)
            if loose is not None:
                return loose
        weak = self._likely(first, glued=glued)
        return (weak, at) if weak else None

    def _phone(
        self, groups: list[_Group], at: int, runs: list[tuple[int, str]], view: str, told: Kind | None
    ) -> tuple[str, int] | None:
        """A telephone number from ``groups[at]`` on; ("", last) for one of the utility's own."""
        first = groups[at].digits
        plus = view[groups[at].start - 1 : groups[at].start] == "+"
        bracket = view[groups[at].start - 1 : groups[at].start] == "("
        cued = told is not None and told.type == "TELP"
        if first[0] not in "068" or (first[0] == "8" and not cued and not 10 <= len(first) <= 12):
            return None
        best: int | None = None
        national = ""
        for last, digits in runs:
            if last > at:
                pairs = all(len(g.digits) <= 2 for g in groups[at + 1 : last + 1])
                more = pairs or len(groups[last].digits) >= 3 or (len(groups[last].digits) == 2 and len(digits) <= 12)
                if best is not None and (groups[last].count or not more):
                    break
            if len(digits) > 16:
                break
            nation = _national(digits, plus)
            if nation is None:
                continue
            if nation in self._own:
                return "", last
            alone = last == at or self._area_alone.match(first) is not None
            if self._dials(nation, cued, told, apart=last > at, bracket=bracket, zero=first[0] != "8", area=alone):
                best, national = last, nation
        return ("TELP", best) if best is not None and national else None

    def _dials(
        self, nation: str, cued: bool, told: Kind | None, *, apart: bool, bracket: bool, zero: bool, area: bool
    ) -> bool:
        plain = nation.replace("x", "0").replace("X", "0").replace("*", "0")
        if plain[:1] == "8":
            info = lokal.parse_phone("0" + plain)
            if cued and zero:
                return 8 <= len(plain) <= 13
            return bool(info.valid) and (bool(info.operator) or (zero and not apart)) and (zero or len(plain) != 11)
        other = told is not None and told.type in ("REKENING", "METER", "IDPEL", "AGENDA")
        if not zero or not area or (other and not bracket):
            return False
        return self._area.match(plain) is not None and (len(plain) >= 8 or cued or bracket)

    def _built(self, groups: list[_Group], at: int, runs: list[tuple[int, str]]) -> tuple[str, int] | None:
        """What the number is by its length and build alone."""
        group = groups[at]
        digits = group.digits
        if digits.isdecimal():
            single = self._single(digits)
            if single:
                return single, at
        if not group.joins or _in_a_row(groups, at):
            return None
        same = _same(groups, at)
        if (len(digits), same) in _TOKEN_SHAPES and not _listed(groups, at, at + same - 1):
            return "TOKEN", at + same - 1
        for last, joined in runs[1:]:
            if len(joined) not in (11, 12, 16) or not joined.isdecimal() or not _sane(groups, at, last):
                continue
            if last - at < same - 1:
                continue  # the list goes on
            if len(joined) == 16 and lokal.parse_nik(joined).valid:
                return "NIK", last
            whole = not groups[last].joins and not _round(groups, at, last)
            if len(joined) == 16 and (len(digits), same) == (4, 4) and (whole or _luhn(joined)):
                return "REKENING", last
            if len(joined) == 12 and self._customer.match(joined) and not _listed(groups, at, last):
                return "IDPEL", last
            sizes = [len(g.digits) for g in groups[at : last + 1]]
            if len(joined) == 11 and joined[0] != "0" and sizes == _METER_SHAPE:
                return ("METER", last) if group.separator == "-" else None
        return None

    def _single(self, digits: str) -> str:
        """What digits that stand together are beyond doubt, or an empty string."""
        size = len(digits)
        if size in (20, 40):
            return "TOKEN"
        if size == 16 and lokal.parse_nik(digits).valid:
            return "NIK"
        if size == 12 and self._customer.match(digits):
            return "IDPEL"
        return ""

    def _likely(self, digits: str, *, glued: bool) -> str:
        """What digits that stand together, with no cue, most likely are, or an empty string."""
        size = len(digits)
        if glued or not digits.isdecimal():
            return ""
        if size == 16:
            return "REKENING" if _luhn(digits) and digits[0] in "3456" else "NIK"
        if size in (19, 21):
            return "TOKEN"  # a digit too few, a digit too many
        if size == 12:
            return "IDPEL" if digits[0] in "1234" and not _STAMP.match(digits) else ""
        if size == 11:
            return "METER" if digits[0] != "0" else ""
        if size in (13, 18) and self._customer.match(digits) and not _DAY.match(digits, 2):
            return "AGENDA"
        return ""

    def _told(
        self, groups: list[_Group], at: int, runs: list[tuple[int, str]], told: Kind, near: bool
    ) -> tuple[str, int] | None:
        """The number after a cue, written with digits too many or too few."""
        first = groups[at]
        best: int | None = None
        for last, digits in runs:
            if len(digits) > told.most:
                break
            if last > at and groups[last - 1].separator != first.separator and first.separator != "\n":
                break
            tail = len(groups[last].digits)
            if last > at and tail < 2 <= len(first.digits) and first.separator not in ("-", "."):
                more = len(digits) <= told.usual or (not told.usual and last - at > 2)
                if more and not groups[last].count:
                    best = last  # "idpel 5230112345 6"
                break
            if len(digits) < told.least or not _sane(groups, at, last):
                continue
            if told.type == "TOKEN" and len(digits) < 12 and [len(g.digits) for g in groups[at : last + 1]] != [4, 4]:
                continue
            even = len(first.digits) in (1, 3, 4) and tail <= len(first.digits) + 1
            if last > at and best is not None and first.separator == "" and not even:
                break
            best = last
            if last > at + 1 and tail < len(groups[last - 1].digits) and first.separator == "":
                break
        if best is None and told.type == "TELP" and near and len(first.digits) in (6, 7, 8):
            return ("TELP", at) if first.digits[0] in "2345678" and not first.digits.endswith("000") else None
        return None if best is None else (told.type, best)

    def _spelled(self, claims: Claims, cues: list[tuple[int, int, str]]) -> None:
        """Numbers read out: "lima dua tiga ...", as in transcripts; digits may stand between the words."""
        text = claims.text
        hits = self._digit_word.finditer(text)
        if sum(1 for _, _ in zip(range(4), hits, strict=False)) < 4:
            return
        run: list[tuple[int, int, str, bool]] = []
        skipped = 0
        for match in _TOKEN.finditer(text):
            word = match[0].lower()
            digit = self._digit.get(word) or (word if word.isdecimal() and len(word) <= 4 else None)
            if run and not _PAUSE.match(text[run[-1][1] : match.start()] if not skipped else ""):
                self._flush(run, claims, cues)
                run, skipped = [], 0
            if digit is not None:
                run.append((match.start(), match.end(), digit, not word.isdecimal()))
                skipped = 0
            elif run and word in self._fillers and skipped < 2:
                skipped += 1
            elif run:
                self._flush(run, claims, cues)
                run, skipped = [], 0
        self._flush(run, claims, cues)

    def _flush(self, run: list[tuple[int, int, str, bool]], claims: Claims, cues: list[tuple[int, int, str]]) -> None:
        words = sum(spelled for *_, spelled in run)
        if words < 4:
            return
        start, end = run[0][0], run[-1][1]
        digits = _compose("".join(digit for _, _, digit, _ in run))
        near = [name for stop, _, name in cues if 0 <= start - stop <= self._reach]
        kind = self._kinds[near[-1]] if near else None
        if kind is not None and kind.keep:
            return
        told = kind.type if kind is not None else ""
        if len(digits) < 8 and not told:
            return
        if digits.startswith(("08", "628")) and 10 <= len(digits) <= 14:
            type_ = "TELP"
        else:
            exact = kind is not None and kind.usual == len(digits)
            type_ = told if exact else self._single(digits) or told or self._likely(digits, glued=False) or "IDPEL"
        claims.add(start, end, type_, digits)


def _as_digits(text: str) -> str:
    """The text with every digit in ASCII, and o, O, l, I among digits as 0 and 1; code points keep their places."""
    if not text.isascii():
        text = "".join(
            str(unicodedata.decimal(character)) if character > "\x7f" and character.isdecimal() else character
            for character in text
        )
    return _LETTER_DIGITS.sub(lambda m: m[0].translate(_LETTER_TO_DIGIT), text)


def _runs(groups: list[_Group], at: int) -> Iterator[tuple[int, str]]:
    """(last group, digits) of every number that could begin at ``groups[at]``."""
    digits = groups[at].digits
    yield at, digits
    last = at
    while groups[last].joins and last + 1 < len(groups) and len(digits) < 42:
        last += 1
        digits += groups[last].digits
        yield last, digits


def _same(groups: list[_Group], at: int) -> int:
    """How many groups of one length stand in a row from ``at``; at most 21."""
    last = at
    while last - at < 20 and groups[last].joins and len(groups[last + 1].digits) == len(groups[at].digits):
        last += 1
        if groups[last].count:
            return last - at
    return last - at + 1


def _in_a_row(groups: list[_Group], at: int) -> bool:
    """The group before is as long and as far away as the next one: this is the middle of a list."""
    if at == 0 or not groups[at - 1].joins:
        return False
    before, group = groups[at - 1], groups[at]
    return len(before.digits) == len(group.digits) and before.separator == group.separator


def _sane(groups: list[_Group], at: int, last: int, *, lone: bool = False) -> bool:
    """No quantity among the groups, no lone digit among longer groups, and not a list of round numbers or years."""
    part = groups[at : last + 1]
    if any(group.count for group in part):
        return False
    if len(part) == 1:
        return not (len(part[0].digits) <= 9 and part[0].digits.endswith("000"))
    sizes = {len(group.digits) for group in part}
    if 1 in sizes and sizes != {1} and not lone and part[0].separator not in ("-", "."):
        return False
    values = [group.digits for group in part if group.digits.isdecimal()]
    years = all(len(value) == 4 and value[:2] in ("19", "20") for value in values)
    return not years and not all(value.endswith(("00", "50")) for value in values)


def _listed(groups: list[_Group], at: int, last: int) -> bool:
    """The groups look like a list of numbers: round ones, or ever larger ones with spaces between."""
    part = groups[at : last + 1]
    if not _sane(groups, at, last):
        return True
    values = [int(group.digits) for group in part]
    rising = all(a < b for a, b in pairwise(values))
    return rising and len(part) > 2 and part[0].separator == "" and len(part[0].digits) < 5


def _round(groups: list[_Group], at: int, last: int) -> bool:
    """Whether the groups read as a row of years or of round amounts, such as the steps of power."""
    parts = [group.digits for group in groups[at : last + 1]]
    return all(part.endswith("00") for part in parts) or all(part[:2] in ("19", "20") for part in parts)


def _national(digits: str, plus: bool) -> str | None:
    """A telephone number without 0 or +62, or None if the digits cannot be one."""
    if digits.startswith("0062"):
        return digits[4:].removeprefix("0")
    if digits.startswith("62") and (plus or len(digits) >= 10):
        return digits[2:].removeprefix("0")
    if digits[0] == "0":
        return digits[1:]
    return digits if digits[0] == "8" else None


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if k % 2 else 1) for k, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _compose(digits: str) -> str:
    """Digits of a number read out: "p" stands for puluh, "b" for belas, "D" for dobel."""
    digits = re.sub(r"(\d)b", r"1\1", digits)
    digits = re.sub(r"D(\d)", r"\1\1", digits)
    digits = re.sub(r"(\d)p(?=\d)", r"\1", digits)
    return digits.replace("p", "0").replace("b", "1").replace("D", "")
