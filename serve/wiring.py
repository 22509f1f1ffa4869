"""Wiring: the only place that chooses. From the settings to a flow that runs, or to an error that says what to mend."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from models.bundle import Bundle, open_bundle
from models.keywords import KeywordClassifier
from models.loading import shipped_bundle
from models.runtime import EncoderClassifier
from pipeline.classify import Classifier
from pipeline.errors import BundleError, PolicyError
from pipeline.flow import Flow
from pipeline.judge import Judge
from pipeline.policy import Policy
from pipeline.prepare import Preparer
from serve.intake import DEFAULT_CHANNEL
from serve.settings import Settings

logger = logging.getLogger("sapa.wiring")


@dataclass(frozen=True, slots=True)
class Assembly:
    """A flow and what it was made of.

    Attributes:
        classifier: The model that decides.
        graph: File of the encoder's graph in use, or ``keywords``.
        degraded: Why the keyword model decides although the encoder was asked for; None when all is well.
    """

    flow: Flow
    bundle: Bundle
    classifier: Classifier
    graph: str
    degraded: str | None


def assemble(settings: Settings) -> Assembly:
    """The flow that the settings ask for.

    An encoder that does not start in a sound bundle gives way to the bundle's keyword model; its decisions say so.

    Errors:
        PolicyError: the policy is wrong.
        BundleError: the bundle is missing, altered, or has other labels than the policy.
    """
    policy = Policy.load(settings.policy)
    if DEFAULT_CHANNEL not in policy.channels:
        raise PolicyError(f"channels.yaml: {DEFAULT_CHANNEL} is missing; messages that name no channel get it")
    bundle = open_bundle(settings.bundle or shipped_bundle())
    _cross_check(policy, bundle)
    alone = settings.classifier == "keywords"
    keywords = _keywords(bundle, degraded=not alone)
    if alone:
        return _assembly(policy, bundle, keywords, None, "keywords", None)
    try:
        encoder = EncoderClassifier(bundle, threads=settings.threads, graph=settings.graph)
    except BundleError as error:
        logger.warning("warning: the encoder does not start, the keyword model decides: %s", error)
        return _assembly(policy, bundle, keywords, None, "keywords", str(error))
    return _assembly(policy, bundle, encoder, keywords, encoder.graph, None)


def _assembly(
    policy: Policy, bundle: Bundle, classifier: Classifier, fallback: Classifier | None, graph: str,
    degraded: str | None,
) -> Assembly:  # fmt: skip
    preparer, judge = _stages(policy)
    flow = Flow(preparer, judge, classifier, policy, fallback=fallback)
    return Assembly(flow, bundle, classifier, graph, degraded)


def _stages(policy: Policy) -> tuple[Preparer, Judge]:
    """The stages read their data from one folder, the operator's files in place; they keep nothing of it open."""
    with TemporaryDirectory(prefix="sapa-policy-") as folder:
        policy.write_to(Path(folder))
        return Preparer(Path(folder), policy.thresholds.limits.max_characters), Judge(policy, Path(folder))


def _keywords(bundle: Bundle, degraded: bool) -> KeywordClassifier:
    try:
        return KeywordClassifier.load(bundle.folder, bundle.labels, bundle.version, degraded)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BundleError(f"{bundle.version}: the keyword model cannot be read ({type(error).__name__})") from error


def _cross_check(policy: Policy, bundle: Bundle) -> None:
    """Both differences are named: which side is to be mended is the operator's to say."""
    labels = bundle.labels
    pairs = {
        "topics": (labels.topics, policy.topics),
        "intents": (labels.intents, policy.intents),
        "urgencies": (labels.urgencies, policy.urgencies),
        "forms": (labels.forms, policy.forms),
        "ombudsman": (labels.ombudsman, policy.ombudsman_statuses),
    }
    problems = [problem for head, (model, known) in pairs.items() if (problem := _difference(head, model, known))]
    if problems:
        raise BundleError(f"{bundle.version} does not fit policy {policy.version}: {'; '.join(problems)}")


def _difference(head: str, model: Iterable[str], known: Iterable[str]) -> str | None:
    model, known = set(model), set(known)
    sides = (("only the model knows", model - known), ("only the policy knows", known - model))
    told = [f"{words} {', '.join(sorted(names))}" for words, names in sides if names]
    return f"{head}: {', '.join(told)}" if told else None
