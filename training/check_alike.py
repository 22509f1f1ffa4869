"""Messages that are too much alike: duplicates, near duplicates, leaks between the splits, templates.

Everything is compared as the model sees it (prepared text, without case), so two messages that differ only in a phone
number are the same. Near duplicates: MinHash over character 4-grams finds the candidates, their Jaccard similarity
decides. ``docs/corpus.md`` says what was measured against RapidFuzz.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from datasketch import MinHash, MinHashLSH

from training.check_rows import Finding, Row
from training.data import text_hash

SHORT_WORDS = 4
"""Below it two writers write the same by chance ("sugeng enjang"): alike is then a warning at most."""
NEAR, COPY = 0.5, 0.8
"""Jaccard similarity of a near duplicate, and of one that between the splits is a leak."""
OPENING_WORDS, GRAM_WORDS = 4, 7
"""Length of an opening and of a run of words, shared by ``TEMPLATE_MESSAGES`` of one voice."""
TEMPLATE_MESSAGES = 5
_PERMUTATIONS = 128
_WORD = re.compile(r"\w+")


def find_duplicates(rows: Sequence[Row], texts: Sequence[str]) -> list[Finding]:
    """Rows whose prepared text is that of an earlier row; ``leak`` if one is held out and the other is not."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        groups[text_hash(text)].append(i)
    found = []
    for first, *others in groups.values():
        for other in others:
            short = len(_WORD.findall(texts[first])) < SHORT_WORDS
            leak = rows[first].held_out != rows[other].held_out
            labels = "" if rows[first].topic == rows[other].topic else ", with another topic"
            found.append(
                Finding(
                    "warning" if short else "error",
                    "leak" if leak else "duplicate",
                    f"the same as {_place(rows[first])}{labels}" + (" (a few words only)" if short else ""),
                    **rows[other].where,
                    more={"like": rows[first].id},
                )
            )
    return found


def find_near_duplicates(rows: Sequence[Row], texts: Sequence[str]) -> list[Finding]:
    """Pairs of rows that are alike but not the same; an error only between the splits and from ``COPY`` on."""
    shingles = {i: _shingles(text) for i, text in enumerate(texts) if len(_WORD.findall(text)) >= SHORT_WORDS}
    encoded = ([s.encode() for s in grams] for grams in shingles.values())
    index = MinHashLSH(threshold=NEAR, num_perm=_PERMUTATIONS)
    found = []
    for i, sketch in zip(shingles, MinHash.generator(encoded, num_perm=_PERMUTATIONS), strict=True):
        for j in sorted(index.query(sketch)):
            alike = len(shingles[i] & shingles[j]) / len(shingles[i] | shingles[j])
            if alike < NEAR or text_hash(texts[i]) == text_hash(texts[j]):
                continue
            crosses = rows[i].held_out != rows[j].held_out
            found.append(
                Finding(
                    "error" if crosses and alike >= COPY else "warning",
                    "leak" if crosses else "near_duplicate",
                    f"{alike:.0%} like {_place(rows[j])}",
                    **rows[i].where,
                    more={"like": rows[j].id, "jaccard": round(alike, 3)},
                )
            )
        index.insert(i, sketch)
    return found


def find_templates(rows: Sequence[Row], texts: Sequence[str]) -> list[Finding]:
    """Openings and long runs of words that many messages of one voice share: the mark of a frame that was filled in."""
    voices: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        voices[row.voice].append(i)
    return [finding for voice, members in voices.items() for finding in _templates(voice, members, rows, texts)]


def _templates(voice: str, members: Sequence[int], rows: Sequence[Row], texts: Sequence[str]) -> Iterator[Finding]:
    openings: dict[tuple[str, ...], set[int]] = defaultdict(set)
    runs: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for i in members:
        words = tuple(_WORD.findall(texts[i].casefold()))
        if len(words) > OPENING_WORDS:
            openings[words[:OPENING_WORDS]].add(i)
        for at in range(len(words) - GRAM_WORDS + 1):
            runs[words[at : at + GRAM_WORDS]].add(i)
    told: list[set[int]] = []
    shared = [(f"the first {OPENING_WORDS} words", m) for m in openings.values()]
    shared += [(f"{GRAM_WORDS} or more words in a row", m) for m in runs.values()]
    # Largest first, so that the runs inside a longer frame are told once.
    for what, sharers in sorted(shared, key=lambda pair: (-len(pair[1]), pair[0])):
        if len(sharers) < TEMPLATE_MESSAGES:
            break
        if any(sharers <= earlier for earlier in told):
            continue
        told.append(sharers)
        ids = [rows[i].id for i in sorted(sharers)]
        listed = ", ".join(ids[:5]) + (" and others" if len(ids) > 5 else "")
        yield Finding(
            "warning", "template", f"{len(ids)} messages of {voice} share {what}: {listed}",
            rows[min(sharers)].file, more={"voice": voice, "ids": ids},
        )  # fmt: skip


def _shingles(text: str) -> set[str]:
    even = " ".join(text.casefold().split())
    return {even[at : at + 4] for at in range(max(1, len(even) - 3))}


def _place(row: Row) -> str:
    return f"{row.id} ({row.file} line {row.line})"
