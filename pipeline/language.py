"""Language: which language a message is in, guessed from small words and affixes.

``id`` Indonesian, ``jv`` Javanese (ngoko, krama), ``ngapak`` western Javanese, ``mix`` Indonesian with Javanese, ``en``
English, ``other`` nothing known. A hint for people and reports; nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from pipeline.cues import read_policy
from pipeline.errors import PolicyError
from pipeline.policy_models import Probability, Sourced, Strict
from pipeline.words import split_words

POLICY = Path(__file__).parent / "policy"
LANGUAGES = ("id", "jv", "ngapak", "mix", "en", "other")


class _Numbers(Sourced):
    """Shares in [0, 1] between which the guess changes; see the comments in ``language.yaml``."""

    shortest_stem: int = Field(ge=1)
    ngapak_share: Probability
    mix_low: Probability
    mix_high: Probability
    en_share: Probability
    affix_weight: Probability


class _WordList(Sourced):
    words: frozenset[str]

    @field_validator("words", mode="before")
    @classmethod
    def _separate(cls, value: object) -> object:
        return frozenset(value.split()) if isinstance(value, str) else value


class _Affixes(Sourced):
    jv_prefixes: tuple[str, ...]
    jv_suffixes: tuple[str, ...]
    ngapak_suffixes: tuple[str, ...]
    id_prefixes: tuple[str, ...]
    id_suffixes: tuple[str, ...]


class _LanguagePolicy(Strict):
    numbers: _Numbers
    words: Mapping[str, _WordList]
    affixes: _Affixes


class LanguageGuess:
    """Guesses by the word lists of a policy folder (``language.yaml``). Errors: ``PolicyError``."""

    def __init__(self, policy: Path = POLICY) -> None:
        loaded = read_policy(policy, "language.yaml", _LanguagePolicy)
        if set(loaded.words) != {"id", "jv", "ngapak", "en"}:
            raise PolicyError("language.yaml: words must list id, jv, ngapak, en")
        self._numbers = loaded.numbers
        self._affixes = loaded.affixes
        self._words: dict[str, str] = {}
        for language, listed in loaded.words.items():
            for word in listed.words:
                # a word in two lists tells nothing, but ngapak is a kind of Javanese
                known = self._words.setdefault(word, language)
                if known != language:
                    self._words[word] = "ngapak" if {known, language} == {"jv", "ngapak"} else ""

    def guess(self, text: str) -> str:
        """One of ``LANGUAGES``. Placeholders and numbers count for nothing."""
        numbers = self._numbers
        weight = dict.fromkeys(("id", "jv", "ngapak", "en"), 0.0)
        for word in split_words(text).words:
            if not word[0].isalpha():
                continue
            known = self._words.get(word)
            if known:
                weight[known] += 1
            elif known is None and (hint := self._by_affix(word)):
                weight[hint] += numbers.affix_weight
        javanese = weight["jv"] + weight["ngapak"]
        local = javanese + weight["id"]
        if local + weight["en"] == 0:
            return "other"
        if weight["en"] > numbers.en_share * (local + weight["en"]):
            return "en"
        share = javanese / local if local else 0.0
        if share < numbers.mix_low:
            return "id"
        if share < numbers.mix_high:
            return "mix"
        return "ngapak" if weight["ngapak"] >= numbers.ngapak_share * javanese else "jv"

    def _by_affix(self, word: str) -> str | None:
        """What an unknown word's affixes say of it; None if nothing."""
        affixes, least = self._affixes, self._numbers.shortest_stem
        for language, prefixes, suffixes in (
            ("ngapak", (), affixes.ngapak_suffixes),
            ("id", affixes.id_prefixes, affixes.id_suffixes),
            ("jv", affixes.jv_prefixes, affixes.jv_suffixes),
        ):
            for affix in prefixes:
                if word.startswith(affix) and len(word) >= len(affix) + least:
                    return language
            for affix in suffixes:
                if word.endswith(affix) and len(word) >= len(affix) + least:
                    return language
        return None
