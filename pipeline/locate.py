"""Where the matter is: from the names in a message to one unit, or to the units that remain possible.

Three steps. Find the names, and for each the role it stands in: where the matter is ("di", "ing", an address), where
somebody comes from or works, an office, a comparison. Weigh which kabupaten explains all names best; a name means every
region called so, and a second name decides between them. Resolve only if one unit holds nearly all the weight: a wrong
unit costs more than a question.
Not covered: hamlets and house numbers, distances ("5 km from"), places that a customer describes without a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path

from pipeline.gazetteer import DEFAULT, HOME, LEVELS, Gazetteer, Sense, Toponym
from pipeline.messages import Aligned, Entity, Place

_TOKEN = re.compile(r"(?:https?://|www\.)\S{1,2000}|\[[A-Z_]{2,20}(?::[^\[\]]{0,20})?\]|(?:up|UP|Up)3|[^\W\d_]+")
_SENTENCE = re.compile(r"[!?;\n]|\.(?!\d)")
_PAUSE = re.compile(r"[,:()\"|\u2013\u2014=]")
_DATE = re.compile(r"\s*,?\s{0,3}\d{1,2}\s{1,3}[A-Za-z]")
_ELONGATED = re.compile(r"(.)\1{2,}")
_LEVEL_CUES = ("kabupaten", "kota", "kecamatan", "desa", "provinsi")
_MOST = 40
"""So many different names are weighed; a message with more is a list, and nobody's address."""
_LIKELY = 0.2
"""Share of a name's weight that a neighbour may narrow it down to."""
_FEW = 6
"""In so few words a capital means something even when most words have one."""
_NEAR = 4
"""How many words before "di" may say that the place is another one ("dulu saya tinggal di")."""


@dataclass(slots=True)
class _Text:
    """A message in tokens. ``gaps[i]`` lies before token i: 0 blank, 1 pause, 2 end of a sentence."""

    raw: str
    keys: list[str]
    spans: list[tuple[int, int]]
    capital: list[bool]
    gaps: list[int]

    def key(self, i: int) -> str:
        return self.keys[i] if 0 <= i < len(self.keys) else ""

    def pair(self, i: int) -> str:
        return f"{self.key(i - 1)} {self.key(i)}"

    def starts_sentence(self, i: int) -> bool:
        return i == 0 or self.gaps[i] == 2


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name in the text, tokens ``first`` to ``last``.

    Attributes:
        role: A key of the policy's ``doubt``, or ``none`` when it says nothing about where the matter is.
        cued: A word before it says what role it has.
        level: Level that a word before it names, or None.
        accepted: False while only a neighbouring name could show that it is a name.
        address: The names of one address share this token number: they are one testimony, not several.
    """

    first: int
    last: int
    name: Toponym
    senses: tuple[Sense, ...]
    role: str
    cued: bool
    level: str | None
    accepted: bool
    office: bool
    address: int


class Locator:
    """Resolves the place of a message. Read-only after construction, so one instance serves all threads."""

    def __init__(self, policy: Path = DEFAULT) -> None:
        self.gazetteer = Gazetteer(policy)
        self._reading = self.gazetteer.policy.reading
        self._cues = self.gazetteer.cues
        self._levels = {word: level for level in _LEVEL_CUES for word in self._cues[level]}
        self._prefixes = sorted(
            ((p, u.slug) for u in self.gazetteer.policy.units for p in u.idpel), key=lambda x: -len(x[0])
        )

    def locate(self, text: Aligned, idpel_prefix: str | None) -> tuple[Place, tuple[Entity, ...]]:
        """The place, and the places named with their spans in the received text.

        Args:
            text: The cleaned, redacted text; placeholders such as ``[ALAMAT]`` are no names.
            idpel_prefix: First digits of a customer number; gives ``Place.hint`` and nothing else.
        """
        hint = next((slug for prefix, slug in self._prefixes if idpel_prefix and idpel_prefix.startswith(prefix)), None)
        tokens = self._tokens(text.text)
        mentions = [m for m in self._join(tokens, self._find(tokens)) if m.accepted and m.role != "none"]
        place, chosen = self._resolve(_unique(mentions))
        entities = []
        for mention in mentions:
            start, end = text.span(tokens.spans[mention.first][0], tokens.spans[mention.last][1])
            entities.append(Entity("place", start, end, self._spelled(mention, chosen), personal=False))
        return replace(place, hint=hint), tuple(entities)

    def _tokens(self, raw: str) -> _Text:
        keys: list[str] = []
        spans: list[tuple[int, int]] = []
        capital: list[bool] = []
        gaps: list[int] = []
        for match in _TOKEN.finditer(raw):
            between = raw[spans[-1][1] : match.start()] if spans else ""
            gaps.append(self._gap(between, keys[-1] if keys else ""))
            spans.append(match.span())
            word = match[0]
            is_word = (word[-1].isalpha() and "/" not in word) or word[-1] == "3"
            keys.append(_ELONGATED.sub(r"\1", word.lower()) if is_word else word if word[0] == "[" else "[LINK]")
            capital.append(word[0].isupper())
        mixed = not all(capital) if len(capital) < _FEW else sum(capital) < 0.6 * len(capital)
        return _Text(raw, keys, spans, [c and mixed for c in capital], gaps)

    def _gap(self, between: str, before: str) -> int:
        if between in (" ", "", "-", "/"):
            return 0
        if (before in self._levels or before in self._cues["street"]) and not any(c in between for c in "!?;\n,("):
            return 0  # "Kec. Suruh", "Jl. Solo"
        if before in self._cues["located"] and not any(c in between for c in "!?;\n,(."):
            return 0  # "alamat: Juwana", "RT 02/05 Karangkobar"
        if _SENTENCE.search(between):
            return 2
        return 1 if _PAUSE.search(between) else 0

    def _find(self, text: _Text) -> list[_Mention]:
        found: list[_Mention] = []
        i = 0
        while i < len(text.keys):
            longest = 1
            for count in range(self._reach(text, i), 0, -1):
                key = "".join(text.keys[i : i + count])
                if key in self.gazetteer.skipped:
                    longest = count
                    break
                name = self.gazetteer.find(key)
                repaired = name is None and count == 1
                if repaired:
                    name = self.gazetteer.repair(key)
                if name is None or (count == 2 and not self._is_whole(text, i, name)):
                    continue
                if not self._is_phrase(text, i, i + count - 1, key):
                    found.append(self._mention(text, i, i + count - 1, name, key, repaired))
                longest = count
                break
            i += longest
        return found

    def _reach(self, text: _Text, i: int) -> int:
        """How many tokens a name beginning at i may have: those not parted by a pause."""
        most = max(2, self.gazetteer.heads.get(text.keys[i], 0))
        count = 1
        while (
            count < most and i + count < len(text.keys) and text.gaps[i + count] == 0 and text.keys[i + count][0] != "["
        ):
            count += 1
        return count if text.keys[i][0] != "[" else 1

    def _is_whole(self, text: _Text, i: int, name: Toponym) -> bool:
        """Two words are one name if it is written so, or ("Kuto Arjo") if it is long and speaks for itself."""
        if text.keys[i] in self.gazetteer.heads and " " in name.display:
            return True
        if text.keys[i] in self.gazetteer.heads and name.spot:
            return True
        long = min(len(text.keys[i]), len(text.keys[i + 1])) >= 3
        return long and name.plain and not name.need and any(LEVELS.index(s.level) < 3 for s in name.senses)

    def _is_phrase(self, text: _Text, first: int, last: int, key: str) -> bool:
        """The word before or after makes the name no place: "solo karir", "roh kudus", "bakso Malang"."""
        if (
            first == last
            and (key in self._levels or key in self._cues["dusun"])
            and text.key(first - 1) not in self._levels
        ):
            return True
        if key in self.gazetteer.short and text.raw[max(0, text.spans[first][0] - 1)] in "/0123456789":
            return True  # "0412/LM/XI/2025/SMG"
        before = text.key(first - 1) if first and text.gaps[first] == 0 else ""
        after = text.key(last + 1) if last + 1 < len(text.keys) and text.gaps[last + 1] == 0 else ""
        return (
            before in self.gazetteer.before.get(key, ())
            or after in self.gazetteer.after.get(key, ())
            or before in self._cues["product"]
        )

    def _mention(self, text: _Text, first: int, last: int, name: Toponym, key: str, repaired: bool) -> _Mention:
        role, cued, level, start = self._role(text, first, name)
        offices = self.gazetteer.offices.get(key, ()) if role in ("unit", "office") and level is None else ()
        if offices:
            wanted = "UP3" if text.key(start).endswith("up3") else "ULP" if role == "unit" else ""
            name = next((office for office in offices if office.display.startswith(wanted)), offices[0])
        if role in ("unit", "office"):
            role = "office"
        if not cued and self._stands_alone(text, start, last):
            dated = _DATE.match(text.raw, text.spans[last][1])
            role, alone = ("plain" if dated else "located"), True
        else:
            alone = False
        if not any(sense.units for sense in name.senses) and not cued and role == "plain" and first > 2:
            role = "away"  # a far city in the middle of a sentence is more often talk than a place
        accepted = bool(offices) or self._is_clear(text, first, name, role, cued, level, alone)
        if (
            repaired
            and not cued
            and level is None
            and (name.senses[0].level != "kabupaten" or not name.senses[0].units)
        ):
            accepted = False
        senses = _at_level(name.senses, level)
        return _Mention(first, last, name, senses, role, cued, level, accepted, bool(offices), first)

    def _role(self, text: _Text, first: int, name: Toponym) -> tuple[str, bool, str | None, int]:
        """Role, whether a word says so, level named, and the token from which the words before belong to the name."""
        cues, i, level = self._cues, first - 1, None
        here = text.key(i) if first and text.gaps[first] == 0 else ""
        if here in cues["dusun"] or (here in cues["title"] and (name.need or not name.plain)):
            return "none", True, None, first
        if here in cues["street"] or (here and text.pair(i) in cues["street"]):
            whole = any(s.level in ("provinsi", "kabupaten") for s in name.senses)
            return (
                ("weak" if name.spot else "none" if whole else "weak" if name.plain and not name.need else "away"),
                True,
                None,
                first,
            )
        if here in self._levels:
            level, i = self._levels[here], i - 1
        landmark = False
        while (
            i >= 0
            and text.gaps[i + 1] == 0
            and first - i <= _NEAR
            and (text.keys[i] in cues["landmark"] or text.keys[i] in self._levels)
        ):
            landmark, i = True, i - 1
        start = i + 1
        cue = text.key(i) if i >= 0 and text.gaps[i + 1] == 0 else ""
        if not cue:
            return ("located" if landmark or level in ("kecamatan", "desa") else "plain"), landmark, level, start
        if cue in cues["housing"]:
            return "weak", True, level, start
        if cue in cues["not"] or cue in cues["like"]:
            return "none", True, level, start
        if cue in cues["unit"] or cue in cues["office"]:
            return ("located" if level else "unit" if cue in cues["unit"] else "office"), True, level, i
        near = self._near(text, i)
        gone = cues["move"] | cues["return"]
        home = bool(name.senses[0].units)
        if not home and (cue in cues["people"] or (cue in cues["from"] and text.key(i - 1) not in cues["self"])):
            return "away", True, level, start
        if home and cue in cues["to"] and near & (cues["settle"] | cues["call"]):
            return "located", True, level, start  # "pindah ke", "tolong kirim petugas ke"
        if home and cue in cues["to"] and near & cues["return"]:
            return "weak", True, level, start  # "pulang ke"
        if cue in cues["from"]:
            beyond = {text.key(j) for j in range(first + 1, first + 4)}
            return (
                ("none" if near & (gone | cues["settle"] | cues["past"]) or beyond & gone else "weak"),
                True,
                level,
                start,
            )
        if cue in cues["people"] or cue in cues["if"]:
            return "weak", True, level, start
        if cue in cues["away"]:
            return "away", True, level, start
        if cue in cues["located"] or cue.startswith("[ALAMAT"):
            role = self._located(text, i, near, name)
            return ("away" if role == "located" and self._contrasts(text, first) else role), True, level, start
        return ("located" if landmark or level in ("kecamatan", "desa") else "plain"), landmark, level, start

    def _near(self, text: _Text, i: int) -> set[str]:
        """The words before token i in its clause, as far as they bear on it."""
        near: set[str] = set()
        for j in range(i - 1, max(-1, i - 1 - _NEAR), -1):
            if text.gaps[j + 1] or text.keys[j] in self._cues["break"]:
                break
            if text.pair(j) in self._cues["idle"] or text.pair(j + 1) in self._cues["idle"]:
                continue
            near.add(text.keys[j])
        return near

    def _located(self, text: _Text, i: int, near: set[str], name: Toponym) -> str:
        cues = self._cues
        close = text.key(i - 1) if text.gaps[i] == 0 and text.pair(i) not in cues["idle"] else ""
        if close in cues["like"] or close in cues["not"] or near & cues["past"]:
            return "none"
        abroad = not name.senses[0].units and not near & cues["house"]
        if near & cues["away_near"] or (
            abroad and near & (cues["people"] | cues["move"] | cues["return"] | cues["settle"] | cues["hearsay"])
        ):
            return "away"
        return "weak" if close in cues["if"] or (abroad and close in cues["self"]) else "located"

    def _contrasts(self, text: _Text, first: int) -> bool:
        """What follows says that it is otherwise here: "di Sleman boleh, kok di sini tidak"."""
        turned = False
        for i in range(first + 1, min(first + 12, len(text.keys))):
            if text.gaps[i] == 2:
                return False
            turned = turned or text.keys[i] in self._cues["contrast"]
            if turned and text.keys[i] in self._cues["here"]:
                return True
        return False

    def _stands_alone(self, text: _Text, first: int, last: int) -> bool:
        opens = first <= 0 or text.gaps[first] > 0
        return opens and (last + 1 == len(text.keys) or text.gaps[last + 1] > 0)

    def _is_clear(
        self, text: _Text, first: int, name: Toponym, role: str, cued: bool, level: str | None, alone: bool
    ) -> bool:
        """The token is a name here, by itself and its cues; a neighbour may still show it later."""
        capital = text.capital[first] and not text.starts_sentence(first)
        if not name.plain and not any(s.units for s in name.senses):
            return level == "kecamatan"  # a kecamatan elsewhere in Indonesia is more often a hamlet here
        if level is not None and (level != "kota" or any(s.level == "kabupaten" for s in name.senses)):
            return True
        whole = name.senses[0].level in ("provinsi", "kabupaten")
        if name.need == "hard":
            beyond = first + 1 < len(text.keys) and text.capital[first + 1] and text.gaps[first + 1] == 0
            return cued and role == "located" and capital and not beyond
        if name.need == "soft":
            indonesian = text.key(first - 1) in ("di", "d")
            beyond = first + 1 < len(text.keys) and text.capital[first + 1] and not text.gaps[first + 1]
            if beyond and text.keys[first + 1] not in self._levels:
                return False  # "GOR Guntur Darjono"; a neighbour that is a place shows it later
            if cued and role != "plain":
                return capital or whole or indonesian
            return capital or alone or (whole and first == 0 and len(text.keys[first]) > 3)
        if name.plain:
            return True
        return cued or capital or alone or (text.capital[first] and len(name.display) >= 7)

    def _join(self, text: _Text, mentions: list[_Mention]) -> list[_Mention]:
        """Neighbours of one address share their role, and show of one another that they are names."""
        for order in (range(1, len(mentions)), range(len(mentions) - 1, 0, -1)):
            for b in order:
                left, right = mentions[b - 1], mentions[b]
                again = left.name is right.name and left.level == right.level
                if again or not self._touch(text, left, right) or _rival(left, right):
                    continue
                ours, theirs = _agreeing(left.senses, right.senses), _agreeing(right.senses, left.senses)
                if not (ours and theirs):
                    continue
                if left.accepted != right.accepted:
                    doubtful, sure = (right, left) if left.accepted else (left, right)
                    if not self._is_shown(text, doubtful, sure):
                        continue
                role_left, role_right = left.role, right.role
                if not right.cued and left.cued:
                    role_right = role_left
                elif not left.cued and right.role == "located":
                    role_left = role_right
                mentions[b - 1] = replace(left, role=role_left, accepted=True, senses=ours)
                cued = right.cued or left.cued
                mentions[b] = replace(
                    right, role=role_right, accepted=True, cued=cued, senses=theirs, address=left.address
                )
        return mentions

    def _touch(self, text: _Text, left: _Mention, right: _Mention) -> bool:
        if not (left.accepted or right.accepted) or right.first - left.last > 3:
            return False
        between = range(left.last + 1, right.first)
        return all(text.gaps[i] < 2 for i in range(left.last + 1, right.first + 1)) and all(
            text.keys[i] in self._levels for i in between
        )

    def _is_shown(self, text: _Text, doubtful: _Mention, sure: _Mention) -> bool:
        """A neighbour shows an ordinary word to be a name only if both have their capital: "di Bener, Purworejo"."""
        if doubtful.name.need != "hard":
            return True
        if not (text.capital[doubtful.first] and text.capital[sure.first]):
            return False
        # At the start of a sentence every word has one; beside its own kabupaten it cannot mislead: "Tulis Batang".
        return not text.starts_sentence(doubtful.first) or sure.senses[0].level == "kabupaten"

    def _resolve(self, mentions: Sequence[_Mention]) -> tuple[Place, str | None]:
        """The place, and the code of the kabupaten (or province) chosen, None when open."""
        firm = [m for m in mentions if m.role != "away"]
        if not firm:
            away = [unit for unit, _ in self._shares(mentions, self._weigh(mentions)) if unit]
            return _open("place_ambiguous" if away else "place_missing", tuple(away)), None
        weights = self._weigh(mentions)
        shares = self._shares(firm, weights)
        unit, share = shares[0]
        if share < self._reading.sure_at:
            return self._ambiguous(firm, weights, tuple(u for u, _ in shares if u)), None
        of_unit = {
            code: w
            for code, w in weights.items()
            if (unit in self._units_at(firm, code) if unit else not self._units_at(firm, code))
        }
        best = max(of_unit, key=lambda code: of_unit[code])
        sure = of_unit[best] >= self._reading.sure_at * sum(of_unit.values())
        mention, sense = self._finest(firm, best)
        name = self._name(mention, sense)
        kabupaten = self.gazetteer.spelled(best) if sure and len(best) == 5 else None
        level = None if mention.office and not sure else sense.level
        if not unit:
            return Place(name, level, kabupaten, None, "lain", True, "place_outside"), best
        return Place(name, level, kabupaten, unit, HOME[best[:2]], False, "place_resolved"), best

    def _ambiguous(self, mentions: Sequence[_Mention], weights: dict[str, float], candidates: tuple[str, ...]) -> Place:
        best = max(weights, key=lambda code: weights[code])
        sure = weights[best] >= self._reading.sure_at and len(best) == 5
        provinces = {HOME.get(code[:2]) for code, w in weights.items() if w >= self._reading.listed_at}
        one = len({m.name.display for m in mentions}) == 1
        name: str | None = mentions[0].name.display if one else None
        level = None
        if sure or (one and len(best) == 2):
            mention, sense = self._finest(mentions, best)
            name, level = self._name(mention, sense), sense.level
        kabupaten = self.gazetteer.spelled(best) if sure else None
        province = provinces.pop() if len(provinces) == 1 else None
        return Place(name, level, kabupaten, None, province, False, "place_ambiguous", candidates)

    def _weigh(self, mentions: Sequence[_Mention]) -> dict[str, float]:
        """Share of each kabupaten (of a province, when nothing finer is named): how well it explains all names."""
        codes = {sense.code[:5] for m in mentions for sense in m.senses if len(sense.code) >= 5}
        codes = codes or {sense.code for m in mentions for sense in m.senses}
        logs = dict.fromkeys(codes, 0.0)
        against: dict[str, dict[int, float]] = {code: {} for code in codes}
        for mention in mentions:
            total = sum(sense.weight for sense in mention.senses)
            village = all(sense.level == "desa" for sense in mention.senses)
            doubt = max(self._reading.doubt[mention.role], self._reading.doubt["village"] if village else 0.0)
            own: dict[str, float] = {}
            for sense in mention.senses:
                own[sense.code[:5]] = max(own.get(sense.code[:5], 0.0), sense.weight / total)
            for code in codes:
                share = own.get(code) or own.get(code[:2]) or 0.0
                if share >= self._reading.listed_at:
                    logs[code] += log(share)
                else:  # so small a share is a far village of that name: chance
                    doubts = against[code]
                    doubts[mention.address] = min(doubt, doubts.get(mention.address, 1.0))
        for code, doubts in against.items():
            logs[code] += sum(map(log, doubts.values()))
        most = max(logs.values(), default=0.0)
        weights = {code: exp(value - most) for code, value in logs.items()}
        total = sum(weights.values())
        return {code: weight / total for code, weight in weights.items()}

    def _shares(self, mentions: Sequence[_Mention], weights: dict[str, float]) -> list[tuple[str, float]]:
        """Units with their shares, greatest first; "" stands for outside."""
        shares: dict[str, float] = {}
        for code, weight in weights.items():
            units = self._units_at(mentions, code) or ("",)
            for unit in units:
                shares[unit] = shares.get(unit, 0.0) + weight / len(units)
        ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return [item for item in ranked if item[1] >= self._reading.listed_at]

    def _units_at(self, mentions: Iterable[_Mention], code: str) -> tuple[str, ...]:
        """The units that the finest names leave open, if the matter is in this kabupaten."""
        finest = 0
        units: dict[str, None] = {}
        named: set[str] = set()
        for mention in mentions:
            senses = [s for s in mention.senses if s.code.startswith(code)]
            if mention.office:
                named.update(unit for s in senses for unit in s.units)
                continue
            if not senses:
                continue
            top = max(senses, key=lambda s: (s.weight, -len(s.code)))
            depth = LEVELS.index(top.level)
            if depth > finest:
                finest, units = depth, {}
            if depth == finest:
                units.update((unit, None) for s in senses if s.level == top.level for unit in s.units)
        if not units:
            units = dict.fromkeys(sorted(named)) if named else dict.fromkeys(self.gazetteer.units_of(code))
        return tuple(unit for unit in units if unit in named) or tuple(units)

    def _finest(self, mentions: Iterable[_Mention], code: str) -> tuple[_Mention, Sense]:
        """The name that says most exactly where in this kabupaten, and what it means there."""
        best: tuple[_Mention, Sense] | None = None
        rank: tuple[int, ...] = ()
        for mention in mentions:
            senses = [s for s in mention.senses if s.code.startswith(code) or code.startswith(s.code)]
            if senses:
                top = max(senses, key=lambda s: (s.weight, -len(s.code)))
                new = (not mention.office, LEVELS.index(top.level), mention.role == "located")
                if best is None or new > rank:
                    best, rank = (mention, top), new
        if best is None:
            raise AssertionError("a weighed kabupaten comes from a name")
        return best

    def _name(self, mention: _Mention, sense: Sense) -> str:
        if mention.name.spot or len(sense.code) <= 5:
            return mention.name.display
        return self.gazetteer.spelled(sense.code)

    def _spelled(self, mention: _Mention, chosen: str | None) -> str:
        senses = [s for s in mention.senses if chosen and s.code.startswith(chosen)]
        return (
            self._name(mention, max(senses, key=lambda s: (s.weight, -len(s.code)))) if senses else mention.name.display
        )


def _at_level(senses: tuple[Sense, ...], level: str | None) -> tuple[Sense, ...]:
    """The senses of the level named; all of them if there is none ("kecamatan Purwokerto")."""
    if level is None:
        return senses
    if level == "kota":
        kept = tuple(s for s in senses if s.level == "kabupaten" and int(s.code[3:5]) > 70)
    elif level == "kabupaten":
        kept = tuple(s for s in senses if s.level == "kabupaten" and int(s.code[3:5]) < 70)
    else:
        kept = tuple(s for s in senses if s.level == level)
    return kept or senses


def _rival(left: _Mention, right: _Mention) -> bool:
    """Two kabupaten side by side, not a place and what lies around it."""
    a, b = left.senses[0], right.senses[0]
    return a.level == b.level == "kabupaten" and a.code != b.code


def _agreeing(senses: tuple[Sense, ...], others: tuple[Sense, ...]) -> tuple[Sense, ...]:
    """What a name means beside another: a region inside or around it, else a likely one of the same kabupaten."""
    nested = tuple(s for s in senses if any(s.code.startswith(o.code) or o.code.startswith(s.code) for o in others))
    if nested:
        return nested
    kabupaten = {other.code[:5] for other in others}
    near = tuple(s for s in senses if s.code[:5] in kabupaten)
    # Two villages that happen to lie in one kabupaten are no reason to leave what the name mostly means.
    return near if sum(s.weight for s in near) >= _LIKELY * sum(s.weight for s in senses) else ()


def _open(reason: str, candidates: tuple[str, ...]) -> Place:
    return Place(None, None, None, None, None, False, reason, candidates)


def _unique(mentions: Iterable[_Mention]) -> list[_Mention]:
    """Each name once, in the role that says most about the matter."""
    order = ("away", "weak", "office", "plain", "located")
    kept: dict[tuple[str, bool], _Mention] = {}
    for mention in mentions:
        key = (mention.name.display, mention.office)
        if key not in kept or order.index(mention.role) > order.index(kept[key].role):
            kept[key] = mention
    return list(kept.values())[:_MOST]
