"""Lexicon: word patterns and which of them a word fits.

A pattern is a word, ``kabel*`` (begins so), ``*nya`` (ends so), ``~ombudsman`` (about one typing slip away) or ``#`` (a
number in digits). A look-up costs the length of the word, however many patterns there are.
"""

from __future__ import annotations

from collections.abc import Iterator

_CACHED_WORDS = 50_000
_FUZZY_LENGTH = range(5, 25)


class Lexicon:
    """Word patterns ("atoms") and which of them a word fits, remembered per word."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._exact: dict[str, list[int]] = {}
        self._prefix: dict[str, list[int]] = {}
        self._suffix: dict[str, list[int]] = {}
        self._slips: dict[str, list[int]] = {}
        self._number: list[int] = []
        self._seen: dict[str, frozenset[int]] = {}

    def atom(self, pattern: str) -> int:
        """The number of a word pattern, entered if it is new."""
        if pattern in self._ids:
            return self._ids[pattern]
        new = self._ids[pattern] = len(self._ids)
        if pattern == "#":
            self._number.append(new)
        elif pattern.startswith("~"):
            for form in _slips(pattern[1:]):
                self._slips.setdefault(form, []).append(new)
        elif pattern.endswith("*"):
            self._prefix.setdefault(pattern[:-1], []).append(new)
        elif pattern.startswith("*"):
            self._suffix.setdefault(pattern[1:], []).append(new)
        else:
            self._exact.setdefault(pattern, []).append(new)
        return new

    def fits(self, word: str) -> frozenset[int]:
        """The atoms that ``word`` fits."""
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _CACHED_WORDS:
                self._seen.clear()
            known = self._seen[word] = frozenset(self._look_up(word))
        return known

    def _look_up(self, word: str) -> Iterator[int]:
        yield from self._exact.get(word, ())
        for cut in range(1, min(len(word), 24) + 1):
            yield from self._prefix.get(word[:cut], ())
            yield from self._suffix.get(word[-cut:], ())
        if word[:1].isdigit():
            yield from self._number
        elif self._slips and len(word) in _FUZZY_LENGTH:
            for form in _slips(word):
                yield from self._slips.get(form, ())


def _slips(word: str) -> set[str]:
    """The word and what one deletion leaves: two words that share one are about one typing slip apart (SymSpell)."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
