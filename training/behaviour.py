"""Behavioural tests: changes of a message that must not change its topic, and how often they do.

The changes are data in ``behaviour.yaml``; each is the same at every run. Invariance tests after Ribeiro et al. 2020,
Beyond Accuracy: Behavioral Testing of NLP Models with CheckList.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from pipeline.classify import Classifier
from pipeline.messages import Decision, Entity
from pipeline.policy_models import Sourced, Strict, Text
from training.costs import Result, load_checked
from training.data import Example
from training.figures import chosen, share

BEHAVIOUR = Path(__file__).parent / "behaviour.yaml"
MOST_MESSAGES = 400
"""Messages that are changed, evenly taken from the data: ten changes of each are scored by every model."""
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = 5


class Change(Sourced):
    """One test.

    Attributes:
        every: For ``typos``: one long word in so many gets a slip, at least one.
        texts: What is added, or the places put in; message i gets the i-th, round and round.
        endings: For ``prepend_append``, what is added at the end.
        words: For ``words``: lower-case word to what replaces it.
    """

    id: str
    kind: Literal["typos", "upper", "append", "prepend_append", "amounts", "places", "words"]
    title: Text
    about: Text
    every: int = Field(default=5, ge=1)
    texts: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    words: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        both = bool(self.texts and self.endings)
        several = len(self.texts) > 1
        needs = {"append": bool(self.texts), "prepend_append": both, "places": several, "words": bool(self.words)}
        if not needs.get(self.kind, True):
            raise ValueError(f"test {self.id}: kind {self.kind} needs its texts or words")
        return self


class Behaviour(Strict):
    """behaviour.yaml."""

    tests: tuple[Change, ...]


def load_behaviour(path: Path = BEHAVIOUR) -> tuple[Change, ...]:
    """The tests at ``path``. Errors: ``InvalidInput`` names the keys that are wrong."""
    return load_checked(path, Behaviour).tests


def changed(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    """The text as the test changes it; the same text where there is nothing to change.

    Args:
        entities: What the flow found in ``text``: where amounts and places are.
        number: Which of the test's texts, and which slips.
    """
    return _KINDS[change.kind](change, text, entities, number)


def behaviour_figures(
    tests: Sequence[Change], classifier: Classifier, prepare: Callable[[str], str], examples: Sequence[Example],
    results: Sequence[Result],
) -> dict[str, Any]:  # fmt: skip
    """By test: the share of changed messages whose topic is another, and of right ones that become wrong.

    Args:
        prepare: Gives the text a model sees.
        results: Decisions on ``examples``; a rejected message is left out.
    """
    decided = [(e, r) for e, r in zip(examples, results, strict=True) if isinstance(r, Decision)]
    step = max(1, -(-len(decided) // MOST_MESSAGES))
    out = {}
    for test in tests:
        pairs = [
            (example, result, new)
            for number, (example, result) in enumerate(decided[::step])
            if (new := changed(test, example.text, result.entities, number)) != example.text
        ]
        scores = classifier.classify([prepare(new) for _, _, new in pairs])
        topics = [chosen(s.topic) for s in scores]
        moved = [(e.topic == r.topic) for (e, r, _), topic in zip(pairs, topics, strict=True) if topic != r.topic]
        right = sum(e.topic == r.topic for e, r, _ in pairs)
        out[test.id] = {"failures": share(len(moved), len(pairs)), "right_to_wrong": share(sum(moved), right)}
    return out


def _typos(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    source = random.Random(number)
    words = [m.span() for m in _WORD.finditer(text) if m.end() - m.start() >= _LONG_WORD]
    slips = sorted(source.sample(words, -(-len(words) // change.every)), reverse=True)
    for start, end in slips:
        at = source.randrange(start + 1, end - 1)
        new = source.choice((text[at + 1] + text[at], text[at + 1], text[at] * 2 + text[at + 1]))  # swap, drop, double
        text = text[:at] + new + text[at + 2 :]
    return text


def _append(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    return text + change.texts[number % len(change.texts)]


def _polite(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    return change.texts[number % len(change.texts)] + text + change.endings[number % len(change.endings)]


def _amounts(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    def other(match: str) -> str:
        return "".join(str(int(c) % 9 + 1) if c in "123456789" else c for c in match)  # never a zero, never the same

    return _replace(text, [e for e in entities if e.type == "amount"], other)


def _places(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    def other(found: str) -> str:
        names = [n for n in change.texts if n.casefold() not in found.casefold()]
        name = names[number % len(names)]
        return name.lower() if found.islower() else name.upper() if found.isupper() else name

    return _replace(text, [e for e in entities if e.type == "place"], other)


def _replace(text: str, entities: Sequence[Entity], other: Callable[[str], str]) -> str:
    before = len(text)
    for entity in sorted(entities, key=lambda e: -e.start):
        if entity.end <= before:  # of two that overlap the first is kept
            text = text[: entity.start] + other(text[entity.start : entity.end]) + text[entity.end :]
            before = entity.start
    return text


def _words(change: Change, text: str, entities: Sequence[Entity], number: int) -> str:
    def swap(match: re.Match[str]) -> str:
        new = change.words.get(match.group().lower())
        if new is None:
            return match.group()
        return new.upper() if match.group().isupper() else new.capitalize() if match.group()[0].isupper() else new

    return _WORD.sub(swap, text)


_KINDS: Mapping[str, Callable[[Change, str, Sequence[Entity], int], str]] = {
    "typos": _typos, "upper": lambda change, text, entities, number: text.upper(), "append": _append,
    "prepend_append": _polite, "amounts": _amounts, "places": _places, "words": _words,
}  # fmt: skip
