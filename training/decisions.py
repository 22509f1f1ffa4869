"""The whole flow's decisions against the labels: hazards, Ombudsman matters, what is done by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from models.labels import Labels
from pipeline.classify import Classifier
from pipeline.flow import Flow
from pipeline.judge import Judge
from pipeline.messages import Decision, Message, Scores
from pipeline.policy import ACTIONS, Policy
from pipeline.prepare import Preparer
from training.costs import UNDECIDED, Costs, Result, cost_figures
from training.data import Example
from training.figures import chosen, detection, form_figures, label_figures, share, threshold_curve

RECEIVED_AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
"""When the messages count as received: labelled ones carry no time, and figures must not change with the clock."""
WORST = 30
_SHOWN_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model makes of the messages; item i of each belongs to message i.

    Attributes:
        results: Decisions of the whole flow with this model.
    """

    scores: Sequence[Scores]
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class Fault:
    """A message whose topic is wrong. ``redacted`` is what the flow lets be shown, never the received text."""

    id: str
    redacted: str = field(repr=False)
    channel: str
    confidence: float
    truth: str
    decided: str
    action: str


class _Replay:
    """A classifier whose scores are already there, so that the flow does not infer twice."""

    def __init__(self, classifier: Classifier, known: Mapping[str, Scores]) -> None:
        self._classifier = classifier
        self._known = known

    @property
    def version(self) -> str:
        return self._classifier.version

    @property
    def topics(self) -> Sequence[str]:
        return self._classifier.topics

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return [self._known[text] if text in self._known else self._classifier.classify([text])[0] for text in texts]


def answer(
    classifier: Classifier, examples: Sequence[Example], texts: Sequence[str], policy: Policy, preparer: Preparer
) -> Answers:
    """Scores and decisions; ``texts`` are the prepared ones.

    Errors: ``PolicyError`` if the classifier's topics are not the policy's.
    """
    scores = classifier.classify(texts)
    flow = Flow(preparer, Judge(policy), _Replay(classifier, dict(zip(texts, scores, strict=True))), policy)
    messages = [
        Message(e.id, e.text, e.channel if e.channel in policy.channels else policy.channels[-1], RECEIVED_AT)
        for e in examples
    ]
    return Answers(scores, flow.run(messages))


def decision_figures(
    answers: Answers, examples: Sequence[Example], labels: Labels, policy: Policy, costs: Costs
) -> dict[str, Any]:
    """Figures of the decisions, and of the heads besides the topic."""
    scores, results = answers.scores, answers.results
    decided = [r if isinstance(r, Decision) else None for r in results]
    urgency, status = [e.urgency for e in examples], [e.ombudsman for e in examples]
    forms = [e.forms for e in examples]
    cut = policy.thresholds.forms
    at = {form: cut.overrides.get(form, cut.default_at) for form in labels.forms}
    head_forms = [[f for f in labels.forms if s.forms[f] >= at[f]] for s in scores]
    return {
        "hazard": hazard_figures(answers, examples, policy),
        "ombudsman": ombudsman_figures(answers, examples, policy),
        "intent": label_figures([e.intent for e in examples], [chosen(s.intent) for s in scores], labels.intents),
        "urgency": {
            "flow": label_figures(urgency, [d.urgency if d else None for d in decided], labels.urgencies),
            "head": label_figures(urgency, [chosen(s.urgency) for s in scores], labels.urgencies),
        },
        "ombudsman_status": {
            "flow": label_figures(status, [d.ombudsman if d else None for d in decided], labels.ombudsman),
            "head": label_figures(status, [chosen(s.ombudsman) for s in scores], labels.ombudsman),
        },
        "forms": {
            "flow": form_figures(forms, [d.forms if d else () for d in decided], labels.forms),
            "head": form_figures(forms, head_forms, labels.forms),
        },
        "actions": _actions(results, examples),
        "cost": cost_figures(results, examples, labels, policy, costs),
    }


def hazard_figures(answers: Answers, examples: Sequence[Example], policy: Policy) -> dict[str, Any]:
    """How many dangers the flow finds, and the urgency head over its thresholds."""
    top = policy.urgencies[0]
    rows = [i for i, e in enumerate(examples) if e.urgency is not None]
    truth = [examples[i].urgency == top for i in rows]
    flow = detection(truth, [getattr(answers.results[i], "urgency", None) == top for i in rows])
    probability = [answers.scores[i].urgency.get(top, 0.0) for i in rows]
    return {"flow": flow, "head": threshold_curve(truth, probability)}


def ombudsman_figures(answers: Answers, examples: Sequence[Example], policy: Policy) -> dict[str, Any]:
    """How many matters for the liaison officer the flow finds, and the Ombudsman head over its thresholds."""
    cases = policy.routing.perwakilan_for
    rows = [i for i, e in enumerate(examples) if e.ombudsman is not None]
    truth = [examples[i].ombudsman in cases for i in rows]
    flow = detection(truth, [getattr(answers.results[i], "ombudsman", None) in cases for i in rows])
    probability = [sum(p for s, p in answers.scores[i].ombudsman.items() if s in cases) for i in rows]
    return {"flow": flow, "head": threshold_curve(truth, probability)}


def _actions(results: Sequence[Result], examples: Sequence[Example]) -> dict[str, Any]:
    """Share of messages by what the flow does with them under the policy in force, and how many of these are right."""
    right: dict[str, list[bool]] = {action: [] for action in ACTIONS}
    for result, example in zip(results, examples, strict=True):
        action = result.action if isinstance(result, Decision) else UNDECIDED
        right[action].append(isinstance(result, Decision) and result.topic == example.topic)
    return {a: {"share": share(len(r), len(examples)), "right": share(sum(r), len(r))} for a, r in right.items()}


def worst(answers: Answers, examples: Sequence[Example], most: int = WORST) -> list[Fault]:
    """The wrong topics of which the model was surest; a labelled second topic is no fault."""
    found = [
        Fault(e.id, _shortened(r.redacted), e.channel, r.score, e.topic, r.topic, r.action)
        for r, e in zip(answers.results, examples, strict=True)
        if isinstance(r, Decision) and r.topic not in (e.topic, *e.secondary)
    ]
    return sorted(found, key=lambda fault: (-fault.confidence, fault.id))[:most]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS].rstrip() + " …"
