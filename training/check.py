"""Proves that labelled messages are fit for training. Nothing here gives a text away: files, lines, ids, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.labels import Labels
from pipeline.errors import InvalidInput
from pipeline.normalise import clean, spell
from pipeline.prepare import DATA
from pipeline.redact import Redactor
from training.check_alike import find_duplicates, find_near_duplicates, find_templates
from training.check_balance import Minima, count, count_personal, find_imbalance
from training.check_labels import find_label_errors
from training.check_rows import Finding, Row, read_rows

HELD_OUT = "held_out"
"""Files in a folder of this name are held out."""


def check(
    files: Sequence[Path], labels: Labels, channels: Sequence[str], *, held_out: Sequence[Path] = (),
    minima: Minima | None = None, judge_labels: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """The report, in JSON form.

    Rows with an error of schema or label are told and left out of the other checks.

    Args:
        held_out: Files that are held out, besides those in a folder ``held_out``.
        judge_labels: Whether to look for label errors, which takes most of the time.

    Returns:
        ``fit`` (no error), ``messages``, ``files``, ``levels``, ``findings`` (errors first), ``counts``
        (``training.check_balance.count``), ``personal`` (type to counts).

    Errors:
        InvalidInput: a file cannot be read, or there is none.
    """
    apart = frozenset(path for path in files if path.parent.name == HELD_OUT) | frozenset(held_out)
    paths = list(dict.fromkeys([*files, *held_out]))
    if not paths:
        raise InvalidInput("no file to check")
    rows, findings = read_rows(paths, apart, labels, channels)
    rows, texts, personal, empty = _prepare(rows)
    findings += empty
    findings += find_duplicates(rows, texts)
    findings += find_near_duplicates(rows, texts)
    findings += find_templates(rows, texts)
    if judge_labels:
        findings += find_label_errors(rows, texts)
    counts = count(rows, texts, labels.topics)
    findings += find_imbalance(counts, minima or Minima())
    levels = Counter(finding.level for finding in findings)
    order = {"error": 0, "warning": 1, "note": 2}
    return {
        "fit": not levels["error"],
        "messages": len(rows),
        "files": [{"file": path.name, "held_out": path in apart} for path in paths],
        "levels": {level: levels[level] for level in ("error", "warning")},
        "findings": [finding.as_dict() for finding in sorted(findings, key=lambda f: order[f.level])],
        "counts": counts,
        "personal": count_personal(personal),
    }


def _prepare(rows: Sequence[Row]) -> tuple[list[Row], list[str], list[list[str]], list[Finding]]:
    """Rows that can be prepared, their texts as the model sees them, the types of personal data found, the other rows.

    These are the steps of ``TextPreparer``, which does not give what redaction found; a test holds them together.
    """
    redactor = Redactor(DATA)
    kept: list[Row] = []
    texts: list[str] = []
    personal: list[list[str]] = []
    faults: list[Finding] = []
    for row in rows:
        redacted = redactor.redact(clean(row.text), row.text)
        if text := spell(redacted.clean.text).strip():
            kept.append(row)
            texts.append(text)
            personal.append([entity.type for entity in redacted.entities])
        else:
            faults.append(Finding("error", "schema", "text: nothing is left of it when it is prepared", **row.where))
    return kept, texts, personal, faults
