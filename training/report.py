"""The evaluation report: ``metrics.json`` for programs, ``report.html`` for the people who answer for the service."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.labels import Labels
from pipeline.classify import Classifier
from pipeline.policy import Policy
from pipeline.prepare import DATA, Preparer, TextPreparer
from training.behaviour import behaviour_figures, load_behaviour
from training.costs import load_costs
from training.data import Example
from training.decisions import RECEIVED_AT, Fault, answer, decision_figures, worst
from training.figures import topic_figures
from training.report_page import page

logger = logging.getLogger("sapa.report")

FORMAT = 1


def measure(
    models: Mapping[str, Classifier], examples: Sequence[Example], labels: Labels, policy: Policy
) -> tuple[dict[str, Any], list[Fault]]:
    """All figures of the models on the same messages, and the worst errors of the first.

    Args:
        models: Role to classifier; the first is the one that is reported on, the others stand beside it.

    Errors: ``PolicyError`` if a model's topics are not the policy's.
    """
    costs, tests = load_costs(), load_behaviour()
    preparer, read = Preparer(DATA, policy.thresholds.limits.max_characters), TextPreparer()
    texts = [read.model_text(example.text) for example in examples]
    figures: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, classifier in models.items():
        logger.info("measuring %s (%s) on %d messages", name, classifier.version, len(examples))
        answers = answer(classifier, examples, texts, policy, preparer)
        figures[name] = {
            "version": classifier.version,
            "topic": topic_figures(answers.scores, examples, labels),
            **decision_figures(answers, examples, labels, policy, costs),
            "behaviour": behaviour_figures(tests, classifier, read.model_text, examples, answers.results),
        }
        if len(figures) == 1:
            faults = worst(answers, examples)
    metrics = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "policy": policy.version,
        "received_at": RECEIVED_AT.isoformat(),
        "messages": len(examples),
        "models": figures,
    }
    return metrics, faults


def write_report(folder: Path, metrics: Mapping[str, Any], faults: Sequence[Fault], policy: Policy) -> None:
    """Writes ``metrics.json`` (figures and ids, no text) and ``report.html`` (redacted texts of the worst errors)."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = [
        {"id": f.id, "confidence": round(f.confidence, 4), "truth": f.truth, "decided": f.decided} for f in faults
    ]
    content = json.dumps({**metrics, "worst": listed}, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "metrics.json").write_text(content, encoding="utf-8")
    (folder / "report.html").write_text(page(metrics, faults, policy, load_behaviour()), encoding="utf-8")
