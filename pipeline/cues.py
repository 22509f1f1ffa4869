"""Cues: from words to the places where a policy's word lists occur.

The rules of extraction, hazards and Ombudsman are word lists in YAML; this module only finds them. A cue is a line of
elements between blanks:

    kabel*        a word that begins so        *nya      a word that ends so        ~ombudsman   one typing slip away
    a|b|@c        one of these                 ?a        may be absent              #            a number in digits
    @kawat        any span of the set "kawat"  _4        up to four words of the same sentence    __9   of the text

A set may drop its spans near other sets: ``not_after: {negasi: 2}`` drops those that begin at most two words after one
of "negasi" in the same sentence. Matching is linear in the text: no regular expression of a policy is ever run.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator

from pipeline.errors import PolicyError
from pipeline.lexicon import Lexicon
from pipeline.policy_models import Sourced
from pipeline.words import Words

Span = tuple[int, int]
"""Half-open range of word numbers."""

LONGEST = 48
"""Words of the longest match that is looked back for."""

Policy = TypeVar("Policy", bound=BaseModel)


class CueSet(Sourced):
    """One named word list of a policy.

    Attributes:
        cues: Cues as the module describes; in YAML one text, with commas or line ends between them.
        not_after, not_before: Other sets and the greatest number of words between; such spans are dropped.
    """

    cues: tuple[str, ...] = Field(min_length=1)
    not_after: Mapping[str, int] = Field(default_factory=dict)
    not_before: Mapping[str, int] = Field(default_factory=dict)

    @field_validator("cues", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(cue for part in value.replace("\n", ",").split(",") if (cue := part.strip()))
        return value


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a key may not be given twice; the plain loader would keep the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if repeated := sorted({key for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(problem=f"key {', '.join(repeated)} is given twice")
        built: dict[Any, Any] = super().construct_mapping(node, deep)
        return built


def read_policy(folder: Path, name: str, model: type[Policy]) -> Policy:
    """The YAML file ``name`` of a policy folder as ``model``. Errors: ``PolicyError`` names the file and the field."""
    path = folder / name
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = getattr(error, "problem", None) or type(error).__name__
        raise PolicyError(f"{name} cannot be read: {problem}") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise PolicyError("; ".join(_complaints(name, error))) from None


def _complaints(name: str, error: ValidationError) -> Iterator[str]:
    for item in error.errors()[:5]:
        where = ".".join(str(part) for part in item["loc"]) or "top level"
        yield f"{name}: {where}: {item['msg'].removeprefix('Value error, ')}"


@dataclass(frozen=True, slots=True)
class _Element:
    """One element of a cue. ``gap`` is -1 unless the element is a gap; ``cross`` lets it leave the sentence."""

    atoms: frozenset[int] = frozenset()
    sets: tuple[str, ...] = ()
    optional: bool = False
    gap: int = -1
    cross: bool = False


class Found(Mapping[str, "list[Span]"]):
    """Where each set of a policy occurs in one text, in order of position."""

    def __init__(self, words: Words, spans: dict[str, list[Span]]) -> None:
        self.words = words
        self._spans = spans

    def __getitem__(self, name: str) -> list[Span]:
        return self._spans.get(name, [])

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def any(self, names: Iterable[str]) -> bool:
        """Whether one of the sets occurs."""
        return any(self._spans.get(name) for name in names)

    def close(self, span: Span, name: str, *, before: int, after: int, within: Sequence[int] | None = None) -> bool:
        """Whether ``name`` occurs near ``span``.

        Args:
            before, after: Greatest number of words between; -1 looks to the other side only.
            within: ``words.sentence`` or ``words.clause`` if both must lie in the same one.
        """
        others = self._spans.get(name)
        if not others:
            return False
        start, end = span
        for at in range(bisect_left(others, (start - max(before, 0) - LONGEST, 0)), len(others)):
            first, last = others[at]
            if first > end + max(after, 0):
                break
            if last <= start:
                near, ours, theirs = start - last <= before, start, last - 1
            elif first >= end:
                near, ours, theirs = first - end <= after, end - 1, first
            else:
                near, ours, theirs = min(before, after) >= 0, start, start
            if near and (within is None or within[ours] == within[theirs]):
                return True
        return False


class Cues:
    """Finds the sets of a policy in texts. Errors: ``PolicyError`` for an unknown or circular reference."""

    def __init__(self, sets: Mapping[str, CueSet]) -> None:
        self._sets = dict(sets)
        self._lexicon = Lexicon()
        self._phrases = {
            name: tuple(self._compile(name, cue) for cue in cue_set.cues) for name, cue_set in self._sets.items()
        }
        try:
            self._order = tuple(TopologicalSorter({name: self._needs(name) for name in self._sets}).static_order())
        except CycleError as error:
            raise PolicyError(f"cue sets refer to each other in a circle: {' -> '.join(error.args[1])}") from error

    @cached_property
    def _starters(self) -> dict[str, tuple[dict[int, list[tuple[_Element, ...]]], list[tuple[_Element, ...]]]]:
        """Per set: its cues by the atoms they begin with, and those that begin with another set."""
        starters = {}
        for name, phrases in self._phrases.items():
            by_atom: dict[int, list[tuple[_Element, ...]]] = {}
            by_set = []
            for phrase in phrases:
                for atom in phrase[0].atoms:
                    by_atom.setdefault(atom, []).append(phrase)
                if phrase[0].sets:
                    by_set.append(phrase)
            starters[name] = (by_atom, by_set)
        return starters

    def find(self, words: Words) -> Found:
        """Where each set occurs in ``words``."""
        atoms = [self._lexicon.fits(word) for word in words.words]
        places: dict[int, list[int]] = {}
        for i, fitting in enumerate(atoms):
            for atom in fitting:
                places.setdefault(atom, []).append(i)
        spans: dict[str, list[Span]] = {}
        starts: dict[str, dict[int, list[int]]] = {}
        found = Found(words, spans)
        for name in self._order:
            by_atom, by_set = self._starters[name]
            here: set[Span] = set()
            for atom in by_atom.keys() & places.keys():
                for i in places[atom]:
                    for phrase in by_atom[atom]:
                        end = _match(phrase, 1, i + 1, words, atoms, starts)
                        if end > 0:
                            here.add((i, end))
            for phrase in by_set:
                for other in phrase[0].sets:
                    for i, ends in starts.get(other, {}).items():
                        for after in ends:
                            end = _match(phrase, 1, after, words, atoms, starts)
                            if end > 0:
                                here.add((i, end))
            if here:
                kept = [span for span in sorted(here) if not self._dropped(name, span, found)]
                if kept:
                    spans[name] = kept
                    starts[name] = {}
                    for i, end in kept:
                        starts[name].setdefault(i, []).append(end)
        return found

    def _dropped(self, name: str, span: Span, found: Found) -> bool:
        cue_set = self._sets[name]
        clause = found.words.clause
        return any(
            found.close(span, other, before=n, after=-1, within=clause) for other, n in cue_set.not_after.items()
        ) or any(found.close(span, other, before=-1, after=n, within=clause) for other, n in cue_set.not_before.items())

    def _needs(self, name: str) -> set[str]:
        cue_set = self._sets[name]
        referred = {ref for phrase in self._phrases[name] for element in phrase for ref in element.sets}
        referred |= {*cue_set.not_after, *cue_set.not_before}
        unknown = referred - self._sets.keys()
        if unknown:
            raise PolicyError(f"cue set {name} refers to unknown sets: {', '.join(sorted(unknown))}")
        return referred

    def _compile(self, name: str, cue: str) -> tuple[_Element, ...]:
        elements = tuple(self._element(part) for part in cue.split())
        if not elements or elements[0].gap >= 0 or elements[0].optional:
            raise PolicyError(f"cue set {name}: a cue begins with a word or a set")
        return elements

    def _element(self, part: str) -> _Element:
        if part.startswith("_") and part.strip("_").isdigit():
            return _Element(gap=int(part.strip("_")), cross=part.startswith("__"))
        optional = part.startswith("?")
        choices = part.removeprefix("?").split("|")
        return _Element(
            atoms=frozenset(self._lexicon.atom(choice) for choice in choices if not choice.startswith("@")),
            sets=tuple(choice[1:] for choice in choices if choice.startswith("@")),
            optional=optional,
        )


def _match(
    phrase: tuple[_Element, ...],
    k: int,
    i: int,
    words: Words,
    atoms: Sequence[frozenset[int]],
    starts: Mapping[str, Mapping[int, Sequence[int]]],
) -> int:
    """End of the match of ``phrase[k:]`` that begins at word ``i``, the nearest first; -1 if there is none."""
    if k == len(phrase):
        return i
    element = phrase[k]
    if element.gap >= 0:
        for j in range(i, min(len(atoms), i + element.gap + 1)):
            if not element.cross and words.sentence[j] != words.sentence[i - 1]:
                break
            end = _match(phrase, k + 1, j, words, atoms, starts)
            if end > 0:
                return end
        return -1
    crossed = phrase[k - 1].gap >= 0 and phrase[k - 1].cross
    if i < len(atoms) and (crossed or words.sentence[i] == words.sentence[i - 1]):
        if atoms[i] & element.atoms:
            end = _match(phrase, k + 1, i + 1, words, atoms, starts)
            if end > 0:
                return end
        for name in element.sets:
            for after in starts.get(name, {}).get(i, ()):
                end = _match(phrase, k + 1, after, words, atoms, starts)
                if end > 0:
                    return end
    return _match(phrase, k + 1, i, words, atoms, starts) if element.optional else -1
