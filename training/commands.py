"""What ``sapa train`` and ``sapa evaluate`` do. The command line imports this module only when it is asked to train."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.bundle import Bundle, open_bundle
from models.keywords import KeywordClassifier
from models.labels import Labels
from models.runtime import INT8_GRAPH, EncoderClassifier
from pipeline.classify import Classifier
from pipeline.errors import BundleError, MissingExtra
from pipeline.policy import Policy
from pipeline.prepare import TextPreparer
from training.data import read_examples
from training.recipe import load_recipe


def train(
    recipe: Path, out: Path, work: Path, *, private_train: Sequence[Path] = (), private_texts: Sequence[Path] = (),
    dev: Sequence[Path] = (), encoder_copy: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Runs a recipe into a bundle at ``out``; the figures by model and evaluation set.

    Args:
        private_train: Labelled files to train on besides the recipe's; their texts do not ship.
        private_texts: Unlabelled messages for which the recipe has labels by id.
        dev: Labelled files that become the evaluation set ``real`` besides the recipe's sets.
        encoder_copy: Folder with a copy of the recipe's encoder.

    Errors:
        InvalidInput, BundleError; MissingExtra without the training extra.
    """
    try:
        from training.run import run
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "torch", "train") from error
    plan = load_recipe(recipe)
    data = plan.data.model_copy(
        update={
            "private_train": (*plan.data.private_train, *(str(p.resolve()) for p in private_train)),
            "private_texts": (*plan.data.private_texts, *(str(p.resolve()) for p in private_texts)),
            "dev": plan.data.dev | ({"real": tuple(str(p.resolve()) for p in dev)} if dev else {}),
        }
    )
    plan = plan.model_copy(update={"data": data, "encoder_copy": encoder_copy or plan.encoder_copy})
    policy = Policy.load()
    _, metrics = run(plan, policy_labels(policy), policy.taxonomy_version, out, work)
    return metrics


def policy_labels(policy: Policy) -> Labels:
    """The label sets of the policy's taxonomy, in its order."""
    return Labels(tuple(policy.topics), policy.intents, policy.urgencies, policy.forms, policy.ombudsman_statuses)


def evaluate(
    bundle: Path, data: Sequence[Path], report: Path | None = None, against: Path | None = None
) -> dict[str, Any]:
    """Figures of a bundle and of its keyword model on labelled files; model to figures.

    Args:
        report: Folder for ``report.html`` and ``metrics.json``.
        against: Another bundle, measured beside this one.

    Errors: ``InvalidInput`` for the files, ``BundleError`` for the bundle, ``MissingExtra`` without scikit-learn.
    """
    try:
        from training.evaluate import evaluate as figures
        from training.report import measure, write_report
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "scikit-learn", "train") from error
    opened = open_bundle(bundle)
    examples = read_examples(data, opened.labels)
    preparer = TextPreparer()
    texts = [preparer.model_text(example.text) for example in examples]
    models: dict[str, Classifier] = {} if _is_bare(opened) else {"encoder": EncoderClassifier(opened)}
    models["keywords"] = _keywords(opened)
    if against is not None:
        models["against"] = _decider(_with_labels_of(opened, against))
    if report is not None:
        policy = Policy.load()
        measured, faults = measure(models, examples, opened.labels, policy)
        write_report(report, measured | {"data": [path.name for path in data]}, faults, policy)
    return {name: figures(model.classify(texts), examples, opened.labels) for name, model in models.items()}


def gate(new: Path, old: Path, data: Sequence[Path]) -> tuple[list[str], list[str]]:
    """What was compared, and why ``new`` may not take the place of ``old``; no reasons if it may.

    Errors: as ``evaluate``.
    """
    try:
        from training.gate import as_lines, load_margins, refusals
        from training.gate import measure as look
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "scikit-learn", "train") from error
    opened = open_bundle(new)
    deciders = [_decider(opened), _decider(_with_labels_of(opened, old))]
    examples = read_examples(data, opened.labels)
    preparer = TextPreparer()
    texts = [preparer.model_text(example.text) for example in examples]
    ours, theirs = look(deciders, examples, texts, opened.labels, Policy.load())
    return as_lines(ours, theirs), refusals(ours, theirs, load_margins())


def _decider(bundle: Bundle) -> Classifier:
    """What decides when this bundle serves."""
    return _keywords(bundle) if _is_bare(bundle) else EncoderClassifier(bundle)


def _keywords(bundle: Bundle) -> KeywordClassifier:
    """The keyword model as one of its own: as a fallback it would leave every decision to a person."""
    try:
        return KeywordClassifier.load(bundle.folder, bundle.labels, bundle.version, degraded=False)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BundleError(f"{bundle.version}: the keyword model cannot be read ({type(error).__name__})") from error


def _is_bare(bundle: Bundle) -> bool:
    """Whether the bundle was sealed without an encoder."""
    return INT8_GRAPH not in bundle.details["files"]


def _with_labels_of(bundle: Bundle, folder: Path) -> Bundle:
    other = open_bundle(folder)
    if other.labels != bundle.labels:
        raise BundleError(f"{other.version} and {bundle.version} have other labels: they cannot be compared")
    return other


def as_table(metrics: dict[str, Any]) -> str:
    """Figures of ``evaluate`` for a person to read."""
    lines = [f"{'model':<10} {'messages':>8}  {'topic accuracy':<22} {'macro-F1':<22} {'ECE':>6}  auto at 95% right"]
    for name, figures in metrics.items():
        topic = figures["topic"]
        spans = [
            f"{topic[key]:.3f} ({topic[key + '_interval'][0]:.3f}-{topic[key + '_interval'][1]:.3f})"
            for key in ("accuracy", "macro_f1")
        ]
        automated = topic["automation"]["0.95"]
        size = figures["messages"]
        row = f"{name:<10} {size:>8}  {spans[0]:<22} {spans[1]:<22} {topic['ece']:>6.3f}  {automated:.2f}"
        lines.append(row)
    return "\n".join(lines)


def as_json(metrics: dict[str, Any]) -> str:
    """Figures of ``evaluate`` for a program to read."""
    return json.dumps(metrics, indent=1)
