"""How many messages of which topic, voice, dialect and channel, how long, and with what personal data: counts only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.check_rows import Finding, Row

_QUANTILES = (0, 5, 50, 95, 100)


@dataclass(frozen=True, slots=True)
class Minima:
    """What training messages have to reach; held-out ones do not count. 0 asks for nothing.

    Attributes:
        voices: Different voices that a topic must be told by.
        per_dialect, per_channel: Over all topics; only dialects and channels that occur at all are compared.
    """

    per_topic: int = 250
    voices: int = 5
    per_dialect: int = 0
    per_channel: int = 0


def count(rows: Sequence[Row], texts: Sequence[str], topics: Sequence[str]) -> dict[str, Any]:
    """``topics``, ``voices`` (words at the quantiles), ``dialects``, ``channels``, ``cells``, ``words``."""
    by_topic: dict[str, list[Row]] = {topic: [] for topic in topics}
    lengths: dict[str, list[int]] = defaultdict(list)
    held: dict[str, bool] = {}
    for row, text in zip(rows, texts, strict=True):
        by_topic[row.topic].append(row)
        lengths[row.voice].append(len(text.split()))
        held[row.voice] = row.held_out
    return {
        "topics": [_topic(topic, members) for topic, members in by_topic.items()],
        "voices": [
            {"voice": voice, "held_out": held[voice], "messages": len(words), "words": _quantiles(words)}
            for voice, words in lengths.items()
        ],
        "words": _quantiles([n for words in lengths.values() for n in words]),
        "dialects": _splits((row.dialect, row.held_out) for row in rows),
        "channels": _splits((row.channel, row.held_out) for row in rows),
        "cells": [
            {"topic": t, "voice": v, "dialect": d, "channel": c, "messages": n}
            for (t, v, d, c), n in sorted(Counter((r.topic, r.voice, r.dialect, r.channel) for r in rows).items())
        ],
    }


def find_imbalance(counts: Mapping[str, Any], minima: Minima) -> list[Finding]:
    """Warnings for everything below its minimum."""
    wanted = [("topic", t["topic"], t["training"], minima.per_topic, "messages") for t in counts["topics"]]
    wanted += [("topic", t["topic"], t["voices"], minima.voices, "voices") for t in counts["topics"]]
    wanted += [("dialect", d, n["training"], minima.per_dialect, "messages") for d, n in counts["dialects"].items()]
    wanted += [("channel", c, n["training"], minima.per_channel, "messages") for c, n in counts["channels"].items()]
    return [
        Finding("warning", "balance", f"{kind} {name} has {have} training {unit}, at least {least} are wanted",
                more={kind: name, unit: have, "wanted": least})
        for kind, name, have, least, unit in wanted
        if have < least
    ]  # fmt: skip


def count_personal(types: Sequence[Sequence[str]]) -> dict[str, dict[str, int]]:
    """Type of personal data to ``found`` and ``messages``, most frequent first. ``types``: what each message holds."""
    found = Counter(kind for kinds in types for kind in kinds)
    holders = Counter(kind for kinds in types for kind in set(kinds))
    return {kind: {"found": n, "messages": holders[kind]} for kind, n in found.most_common()}


def _topic(topic: str, members: Sequence[Row]) -> dict[str, Any]:
    train = [row for row in members if not row.held_out]
    return {
        "topic": topic,
        "training": len(train),
        "held_out": len(members) - len(train),
        "voices": len({row.voice for row in train}),
        "dialects": dict(Counter(row.dialect for row in train).most_common()),
        "channels": dict(Counter(row.channel for row in train).most_common()),
    }


def _splits(pairs: Iterable[tuple[str, bool]]) -> dict[str, dict[str, int]]:
    counted = Counter(pairs)
    names = sorted({name for name, _ in counted}, key=lambda name: (-counted[name, False], name))
    return {name: {"training": counted[name, False], "held_out": counted[name, True]} for name in names}


def _quantiles(words: Sequence[int]) -> dict[str, int]:
    values = np.percentile(words, _QUANTILES) if words else np.zeros(len(_QUANTILES))
    return {f"p{q}": int(v) for q, v in zip(_QUANTILES, values, strict=True)}
