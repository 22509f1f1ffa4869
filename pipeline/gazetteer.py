"""Which regions a name can mean, and which units serve them.

The administrative names are Kemendagri's, as the package ``lokal`` ships them (Kepmendagri 300.2.2-2138/2025): all of
Central Java and Yogyakarta down to the village, the rest of Indonesia down to the kecamatan. ``policy/units.yaml`` says
which unit serves which kabupaten, ``policy/places.csv`` what customers say instead and what only looks like a place.
Hamlets are in neither: a name after "dusun" is no evidence.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from pipeline.errors import PolicyError

DEFAULT = Path(__file__).parent / "policy"
LEVELS = ("provinsi", "kabupaten", "kecamatan", "desa")
HOME = {"33": "jateng", "34": "diy"}
"""The provinces of the utility, by Kemendagri code."""

_OFFICIAL = re.compile(r"^(?:Kab\.|Kota)\s+(?:Adm\.\s+)?")
_DIRECTION = re.compile(r"^(.{5,})(?:kidul|lor|wetan|kulon|tengah|kidoel)$")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_OLD_SPELLING = (
    (re.compile("oe"), "u"),
    (re.compile("dj"), "j"),
    (re.compile("tj"), "c"),
    (re.compile("o"), "a"),
    (re.compile(r"(.)\1"), r"\1"),
)
_ENDINGS = ("nipun", "ipun", "nya", "ne", "e")
_NASAL = (("mb", "b"), ("nd", "d"), ("nj", "j"), ("ngg", "g"))
_GLUED = ("di", "sak", "se")
_PREFIXES = (
    "se",
    "sak",
    "ke",
    "ka",
    "di",
    "dipun",
    "te",
    "ter",
    "be",
    "ber",
    "pe",
    "per",
    "pa",
    "peng",
    "pem",
    "pen",
    "me",
    "meng",
    "mem",
    "men",
    "ng",
    "n",
    "m",
)
_SUFFIXES = ("an", "kan", "ake", "aken", "i", "nya", "e", "ne", "ipun", "ku", "mu", "nana", "en")
_SHORTEST_REPAIRED = 6
_CUES = frozenset(
    {
        "kabupaten",
        "kota",
        "kecamatan",
        "desa",
        "dusun",
        "housing",
        "provinsi",
        "unit",
        "office",
        "located",
        "landmark",
        "from",
        "people",
        "away",
        "away_near",
        "if",
        "idle",
        "like",
        "not",
        "past",
        "move",
        "return",
        "to",
        "street",
        "product",
        "title",
        "break",
        "self",
        "settle",
        "call",
        "house",
        "hearsay",
        "here",
        "contrast",
    }
)
_KINDS = {
    "unit_of",
    "open",
    "town",
    "alias",
    "spot",
    "skip",
    "hard",
    "soft",
    "not_after",
    "not_before",
    "never",
    "steady",
} | {f"cue_{cue}" for cue in _CUES}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ulp(_Strict):
    """A service unit; ``at`` is a path such as "Kab. Karanganyar/Jaten"."""

    name: str
    at: str | None = None
    code: str | None = None


class Unit(_Strict):
    """A UP3: ``serves`` names the kabupaten it serves by default, ``idpel`` the beginnings of numbers it created."""

    slug: str
    name: str
    aliases: tuple[str, ...]
    serves: tuple[str, ...]
    zone: str
    province: str
    perwakilan: str
    ulps: tuple[Ulp, ...]
    idpel: tuple[str, ...]
    source: str


class Weights(_Strict):
    """How often a bare name means a region of that level, in relation to one another."""

    provinsi: float
    kabupaten: float
    kota: float
    town: float
    kecamatan: float
    seat: float
    desa: float
    part: float
    open_kabupaten: float
    open_kecamatan: float
    open_desa: float
    outside_kabupaten: float
    outside_kecamatan: float


class Reading(_Strict):
    """How names are weighed; ``units.yaml`` says what each number means."""

    source: str
    weight: Weights
    doubt: dict[str, float]
    sure_at: float
    typo_factor: float
    listed_at: float


class Units(_Strict):
    """``units.yaml``."""

    source: str
    zone_source: str
    reading: Reading
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Sense:
    """One region that a name may mean.

    Attributes:
        code: Kemendagri code; its first five characters are the kabupaten.
        units: Slugs of the units that serve it; empty outside the utility's region.
        weight: In relation to the other senses of the same name.
    """

    code: str
    level: str
    units: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Toponym:
    """A name and all it may mean, heaviest first.

    Attributes:
        need: "" if the name speaks for itself; ``soft`` or ``hard`` if it is an ordinary word and needs a cue.
        plain: False for a name that stands below a kecamatan, or only outside: it needs a cue, too.
        display: How to write it when the sense is open.
        spot: True for a known place that is no region: it keeps its own name.
    """

    display: str
    senses: tuple[Sense, ...]
    need: str = ""
    plain: bool = True
    spot: bool = False


def key_of(name: str) -> str:
    """The letters of a name: "Kulon Progo" and "kulonprogo" are one."""
    return _NOT_LETTERS.sub("", name.lower())


def load_units(policy: Path = DEFAULT) -> Units:
    """``units.yaml``, checked. Raises ``PolicyError`` naming the key."""
    path = policy / "units.yaml"
    try:
        return Units.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name}: {type(error).__name__}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        valid = f"; valid keys of a unit: {', '.join(Unit.model_fields)}" if first["type"] == "extra_forbidden" else ""
        raise PolicyError(f"{path.name}: {where}: {first['msg']}{valid}") from error


class Gazetteer:
    """Names to what they may mean. Built once: about a third of a second; lookups are dictionary reads.

    Attributes:
        cues: Kind of cue to its words (a two-word cue holds one space).
        before, after: Name key to the words that, standing there, make it no place.
        skipped: Keys of phrases that hold a name and mean no place.
        heads: First word of every name of several words, to the greatest number of words.
    """

    def __init__(self, policy: Path = DEFAULT) -> None:
        self.policy = load_units(policy)
        self.slugs = tuple(unit.slug for unit in self.policy.units)
        self._weights = self.policy.reading.weight
        self.names, self._codes = _regions()
        rows = tuple(_rows(policy / "places.csv"))
        of = {kind: [row for row in rows if row[0] == kind] for kind in _KINDS}
        self.cues: Mapping[str, frozenset[str]] = {
            cue: frozenset(word for row in of[f"cue_{cue}"] for word in row[1]) for cue in _CUES
        }
        self.before = {key_of(name): frozenset(row[2]) for row in of["not_before"] for name in row[1]}
        self.after = {key_of(name): frozenset(row[2]) for row in of["not_after"] for name in row[1]}
        self.skipped = frozenset(key_of(name) for row in of["skip"] for name in row[1])
        self._never = frozenset(name for row in of["never"] for name in row[1])
        self._steady = frozenset(key_of(name) for row in of["steady"] for name in row[1])
        self._needs = {key_of(name): need for need in ("soft", "hard") for row in of[need] for name in row[1]}
        self.short = frozenset(key for key in self._needs if len(key) <= 4)
        self._units = self._served(of["unit_of"])
        self._towns = {self.code(path) for row in of["town"] for path in row[1]}
        self.offices: dict[str, tuple[Toponym, ...]] = {}
        self._add_offices()
        self._exact: dict[str, Toponym] = {}
        self.heads: dict[str, int] = {}
        for row in of["skip"]:
            for name in row[1]:
                self._add_head(name)
        self._add_official({key_of(name) for row in of["open"] for name in row[1]})
        for row in of["alias"] + of["spot"]:
            self._add_alias(row)
        self._roots = frozenset(StemmerFactory().get_words())
        self._folded, self._deleted = self._repairs()

    def code(self, path: str) -> str:
        """The code behind "Jawa Timur", "Kab. Sleman", "Kab. Sleman/Depok" or "Kab. Sleman/Depok/Caturtunggal"."""
        try:
            return self._codes[path]
        except KeyError:
            raise PolicyError(
                f"places: no region is called {path!r}; write 'Kab. Sleman/Depok' or 'Kota Salatiga'"
            ) from None

    def spelled(self, code: str) -> str:
        """The name of a region as the policy writes it: "Kab. Purworejo", "Kutoarjo"."""
        return self.names[code]

    def units_of(self, code: str) -> tuple[str, ...]:
        """The units that may serve a region, the default first; empty outside."""
        while code not in self._units and "." in code:
            code = code[: code.rfind(".")]
        return self._units.get(code, ())

    def find(self, key: str) -> Toponym | None:
        """What is called exactly so."""
        return self._exact.get(key)

    def repair(self, key: str) -> Toponym | None:
        """What was probably meant by a token that is no name: Javanese endings, old spelling, slips of the finger."""
        if len(key) < _SHORTEST_REPAIRED or key in self._never or key in self._roots:
            return None
        for stem in _stems(key):
            found = self._exact.get(stem)
            if found and found.plain and not found.need and len(stem) >= 4:
                return found
        for glued in _GLUED:
            found = self._exact.get(key.removeprefix(glued)) if key.startswith(glued) else None
            if (
                found
                and found.plain
                and not found.need
                and (glued == "di" or (found.senses[0].units and len(key) >= 8))
            ):
                return found
        if any(stem in self._roots for stem in _bare(key)):
            return None
        name = self._folded.get(_fold(key)) or self._nearest(key)
        return self._exact[name] if name else None

    def _served(self, exceptions: Iterable[tuple[str, list[str], list[str]]]) -> dict[str, tuple[str, ...]]:
        served: dict[str, tuple[str, ...]] = {}
        for unit in self.policy.units:
            for name in unit.serves:
                served[self.code(name)] = (unit.slug,)
        for province in HOME:
            units = [
                unit.slug
                for unit in self.policy.units
                if any(self.code(name).startswith(province) for name in unit.serves)
            ]
            served[province] = tuple(units)
            missing = [
                name
                for code, name in self.names.items()
                if code.startswith(province) and len(code) == 5 and code not in served
            ]
            if missing:
                raise PolicyError(f"units.yaml: no unit serves {', '.join(missing)}")
        for _, paths, slugs in exceptions:
            unknown = set(slugs) - set(self.slugs)
            if unknown or not slugs:
                raise PolicyError(
                    f"places.csv: unit_of {paths[0]}: unknown unit {sorted(unknown)}; valid: {', '.join(self.slugs)}"
                )
            for path in paths:
                served[self.code(path)] = tuple(slugs)
        return served

    def _add_offices(self) -> None:
        for unit in self.policy.units:
            area = tuple(Sense(self.code(name), "kabupaten", (unit.slug,), 1.0) for name in unit.serves)
            for alias in (unit.name.removeprefix("UP3 "), *unit.aliases):
                self.offices[key_of(alias)] = (Toponym(unit.name, area, spot=True),)
        for unit in self.policy.units:
            for ulp in unit.ulps:
                path = ulp.at or next(
                    (f"{k}/{ulp.name}" for k in unit.serves if f"{k}/{ulp.name}" in self._codes), f"Kab. {ulp.name}"
                )
                code = self.code(path)
                self._towns.add(code)
                here = Toponym(f"ULP {ulp.name}", (Sense(code, _level(code), (unit.slug,), 1.0),), spot=True)
                key = key_of(ulp.name)
                self.offices[key] = (*self.offices.get(key, ()), here)

    def _add_official(self, open_keys: set[str]) -> None:
        found: dict[str, list[Sense]] = {}
        shown: dict[str, str] = {}
        for code, name in self.names.items():
            bare = _bare_name(code, name)
            key = key_of(bare)
            seat = code.count(".") == 3 and key_of(self.names[code[:8]]) == key
            weight = self._weights.seat if seat else self._weight(code)
            sense = Sense(code, _level(code), self.units_of(code), weight)
            found.setdefault(key, []).append(sense)
            shown.setdefault(key, bare)
            self._add_head(bare)
            if sense.level == "desa" and (part := _DIRECTION.match(key)):
                found.setdefault(part[1], []).append(Sense(code, "desa", sense.units, self._weights.part))
                shown.setdefault(part[1], bare.rsplit(" ", 1)[0])
        for key, senses in found.items():
            if key in open_keys:
                senses = [
                    Sense(s.code, s.level, s.units, getattr(self._weights, f"open_{s.level}") if s.units else s.weight)
                    for s in senses
                ]
            senses.sort(key=lambda s: (-s.weight, s.code))
            need = self._needs.get(key, "")
            plain = any(LEVELS.index(s.level) <= (2 if s.units else 1) for s in senses)
            self._exact[key] = Toponym(shown[key], tuple(senses), need, plain)

    def _add_alias(self, row: tuple[str, list[str], list[str]]) -> None:
        kind, names, targets = row
        senses = []
        for target in targets:
            path, _, weight = target.partition("=")
            code = self.code(path)
            senses.append(
                Sense(code, _level(code), self.units_of(code), float(weight) if weight else self._weights.town)
            )
        if not senses:
            raise PolicyError(f"places.csv: {kind} {names[0]} has no target")
        reached = tuple(sense.code for sense in senses)
        for name in names:
            key = key_of(name)
            same = self._exact.get(key)
            others = [s for s in same.senses if s.units and not s.code.startswith(reached)] if same else []
            every = tuple(sorted((*senses, *others), key=lambda s: -s.weight))
            display = name.title() if kind == "spot" else _bare_name(senses[0].code, self.names[senses[0].code])
            self._exact[key] = Toponym(display, every, self._needs.get(key, ""), True, kind == "spot")
            self._add_head(name)

    def _add_head(self, name: str) -> None:
        words = name.lower().replace("-", " ").split()
        if len(words) > 1:
            self.heads[words[0]] = max(len(words), self.heads.get(words[0], 0))

    def _weight(self, code: str) -> float:
        level = _level(code)
        if code[:2] not in HOME:
            return {"provinsi": self._weights.provinsi, "kabupaten": self._weights.outside_kabupaten}.get(
                level, self._weights.outside_kecamatan
            )
        if code in self._towns and level == "kecamatan":
            return self._weights.town
        weight = getattr(
            self._weights, "kota" if self.names[code].startswith("Kota ") and level == "kabupaten" else level
        )
        return float(weight)

    def _repairs(self) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
        """Indexes of the names that a repair may reach: those that speak for themselves."""
        folded: dict[str, str] = {}
        deleted: dict[str, tuple[str, ...]] = {}
        for key, name in self._exact.items():
            home = bool(name.senses[0].units)
            official = key_of(name.display) == key and not name.spot
            shortest = _SHORTEST_REPAIRED + (0 if official and home else 2 if home else 1)
            if (
                len(key) < shortest
                or name.need
                or not name.plain
                or not any(LEVELS.index(s.level) < 3 for s in name.senses)
            ):
                continue
            if home:
                twin = self._exact.get(folded.get(_fold(key), key))
                folded[_fold(key)] = key if twin and twin.senses[0].code == name.senses[0].code else ""
            if home or name.senses[0].level == "kabupaten":
                for left in _deletions(key, self._slips(key, name)):
                    deleted[left] = (*deleted.get(left, ()), key)
        return folded, deleted

    def _slips(self, key: str, name: Toponym) -> int:
        """Two for the long names of the region's kabupaten that no ordinary word comes near, else one."""
        known = name.senses[0].level == "kabupaten" and bool(name.senses[0].units)
        return 2 if known and len(key) >= 8 and key not in self._steady else 1

    def _nearest(self, key: str) -> str | None:
        """The one name at the least distance: one slip, two from eight letters on."""
        near = {name for left in _deletions(key, 2 if len(key) >= 7 else 1) for name in self._deleted.get(left, ())}
        reach = {name: self._slips(name, self._exact[name]) for name in near}
        ranked = sorted((distance, name) for name in near if (distance := _distance(key, name)) <= reach[name])
        if not ranked or ranked[0][1][0] != key[0] or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
            return None
        return ranked[0][1]


def _bare_name(code: str, name: str) -> str:
    """Without "Kab." and "Kota", which belong to a name of that level only ("Kota Kudus" is a kecamatan)."""
    return _OFFICIAL.sub("", name) if len(code) == 5 else name


def _level(code: str) -> str:
    return LEVELS[code.count(".")]


def _regions() -> tuple[dict[str, str], dict[str, str]]:
    """Names by code, and codes by path, of all regions that matter."""
    try:
        folder = resources.files("lokal").joinpath("data")
        base, villages = (
            json.loads(gzip.decompress(folder.joinpath(f"{n}.json.gz").read_bytes())) for n in ("wilayah", "desa")
        )
    except (OSError, ValueError) as error:
        raise PolicyError("the package lokal does not hold data/wilayah.json.gz and data/desa.json.gz") from error
    names: dict[str, str] = {
        code: name.replace("Kabupaten ", "Kab. ", 1)
        .replace("Administrasi", "Adm.")
        .replace("Daerah Khusus Ibukota", "DKI")
        for code, name in base.items()
    }
    names.update((code, name) for code, name in villages.items() if code[:2] in HOME)
    codes: dict[str, str] = {}
    for code, name in names.items():
        parents = [names[code[:length]] for length in (5, 8) if len(code) > length]
        codes.setdefault("/".join([*parents, name]), code)
    return names, codes


def _rows(path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Kind, names, targets of each row."""
    try:
        lines: list[dict[str, Any]] = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), strict=True))
    except (OSError, csv.Error) as error:
        raise PolicyError(f"{path.name}: {type(error).__name__}") from error
    for number, line in enumerate(lines, start=2):
        if set(line) != {"kind", "name", "target", "source"} or None in line.values():
            raise PolicyError(f"{path.name}: row {number}: the columns are kind, name, target, source")
        if line["kind"] not in _KINDS:
            raise PolicyError(
                f"{path.name}: row {number}: unknown kind {line['kind']!r}; valid: {', '.join(sorted(_KINDS))}"
            )
        if not line["source"].strip() or not line["name"].strip():
            raise PolicyError(f"{path.name}: row {number}: a row needs a name and a source")
        yield (
            line["kind"],
            [part.strip() for part in line["name"].split("|")],
            [part.strip() for part in line["target"].split("|") if part.strip()],
        )


def _stems(key: str) -> Iterator[str]:
    bases = [key, *(new + key[len(old) :] for old, new in _NASAL if key.startswith(old))]
    for base in bases:
        if base != key:
            yield base
        for ending in _ENDINGS:
            if base.endswith(ending):
                yield base[: -len(ending)]


def _bare(key: str) -> Iterator[str]:
    """The word without Indonesian and Javanese affixes, in every reading that leaves four letters."""
    for start in ("", *(prefix for prefix in _PREFIXES if key.startswith(prefix))):
        for end in ("", *(suffix for suffix in _SUFFIXES if key.endswith(suffix))):
            bare = key[len(start) : len(key) - len(end)]
            if len(bare) >= 4:
                yield bare


def _fold(key: str) -> str:
    for pattern, new in _OLD_SPELLING:
        key = pattern.sub(new, key)
    return key


def _deletions(key: str, count: int) -> set[str]:
    return {"".join(left) for n in range(count + 1) for left in itertools.combinations(key, len(key) - n)}


def _distance(a: str, b: str) -> int:
    """Edit distance with neighbours swapped counting once."""
    before, last = list(range(len(b) + 1)), list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            cost = min(row[-1] + 1, last[j] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
