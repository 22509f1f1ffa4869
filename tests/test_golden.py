"""Golden decisions of the shipped bundle: what a reviewer sees change when a rule, a place or a model changes.

Scores and timings are left out: they differ a little between processors. After a change that is meant, write the file
anew with ``python -m tests.test_golden`` and read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.messages import Decision, Message
from serve.intake import parse_time
from serve.settings import load
from serve.wiring import assemble

FOLDER = Path(__file__).parent / "golden"
KEPT = (
    "topic", "urgency", "ombudsman", "perwakilan", "queue", "copies", "unit", "deadlines", "tmp_indicator", "entities",
    "redacted", "language",
)  # fmt: skip


def decide() -> list[dict[str, Any]]:
    flow = assemble(load()).flow
    rows = _read("messages.jsonl")
    received_at = parse_time("2026-11-23T09:00:00+07:00")
    results = flow.run([Message(row["id"], row["text"], row["channel"], received_at) for row in rows])
    decisions = [r.as_dict() for r in results if isinstance(r, Decision)]
    assert len(decisions) == len(rows)
    return [{"id": d["id"]} | {key: d[key] for key in KEPT} for d in decisions]


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_the_decisions_on_file_are_still_made() -> None:
    stored = _read("decisions.jsonl")
    for now, before in zip(decide(), stored, strict=True):
        assert now == before


if __name__ == "__main__":
    lines = [json.dumps(decision, ensure_ascii=False) for decision in decide()]
    (FOLDER / "decisions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
