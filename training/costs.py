"""What decisions cost against the labels: the prices are data in ``costs.yaml``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml
from pydantic import Field, ValidationError

from models.labels import Labels
from pipeline.errors import InvalidInput
from pipeline.messages import Decision, Rejected
from pipeline.policy import ACTIONS, Policy
from pipeline.policy_models import Sourced, Strict
from training.data import Example
from training.figures import domain

COSTS = Path(__file__).parent / "costs.yaml"
UNDECIDED = ACTIONS[-1]
"""What happens to a rejected message: a person reads it."""

Result = Decision | Rejected
_Model = TypeVar("_Model", bound=Strict)


class _ByAction(Sourced):
    auto: float = Field(ge=0)
    suggest: float = Field(ge=0)
    review: float = Field(ge=0)


class _Finding(Sourced):
    missed: float = Field(ge=0)
    false_alarm: float = Field(ge=0)


class _TopicCosts(Strict):
    right: _ByAction
    second_topic: _ByAction
    same_domain: _ByAction
    other_domain: _ByAction


class Costs(Strict):
    """costs.yaml: what a decision costs, in ``unit``."""

    unit: str
    topic: _TopicCosts
    hazard: _Finding
    ombudsman: _Finding


def load_costs(path: Path = COSTS) -> Costs:
    """The costs at ``path``. Errors: ``InvalidInput`` names the keys that are wrong."""
    return load_checked(path, Costs)


def load_checked(path: Path, kind: type[_Model]) -> _Model:
    """A YAML file of the training package. Errors: ``InvalidInput`` names the keys that are wrong."""
    try:
        return kind.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidInput(f"cannot read {path}: {type(error).__name__}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"{path.name} is wrong: {faults}") from None


def cost_figures(
    results: Sequence[Result], examples: Sequence[Example], labels: Labels, policy: Policy, costs: Costs
) -> dict[str, Any]:
    """Sum of the costs by kind, the matrix from true to decided domain, and what it would cost to read everything."""
    kinds: dict[str, dict[str, float]] = defaultdict(lambda: {"messages": 0, "cost": 0.0})
    domains = list(dict.fromkeys(domain(t) for t in labels.topics))
    matrix = np.zeros((len(domains), len(domains)))
    top, cases = policy.urgencies[0], policy.routing.perwakilan_for

    def add(kind: str, cost: float) -> float:
        kinds[kind]["messages"] += 1
        kinds[kind]["cost"] += cost
        return cost

    for result, example in zip(results, examples, strict=True):
        decided = result if isinstance(result, Decision) else None
        row = _outcome(decided, example)
        action = decided.action if decided else UNDECIDED
        total = add(f"{row}/{action}", float(getattr(getattr(costs.topic, row), action)))
        for name, price, sought, (truth, found) in (
            ("hazard", costs.hazard, (top,), (example.urgency, decided and decided.urgency)),
            ("ombudsman", costs.ombudsman, cases, (example.ombudsman, decided and decided.ombudsman)),
        ):
            if truth in sought and found not in sought:
                total += add(f"{name}/missed", price.missed)
            elif found in sought and truth not in sought and truth is not None:
                total += add(f"{name}/false_alarm", price.false_alarm)
        guessed = domain(decided.topic) if decided else domain(example.topic)
        matrix[domains.index(domain(example.topic)), domains.index(guessed)] += total
    size = len(examples)
    return {
        "unit": costs.unit,
        "per_100": 100 * float(matrix.sum()) / size,
        "per_100_if_all_are_read": 100 * costs.topic.right.review,
        "kinds": {kind: dict(kinds[kind]) for kind in sorted(kinds)},
        "matrix": {"domains": domains, "rows": matrix.tolist()},
    }


def _outcome(decided: Decision | None, example: Example) -> str:
    if decided is None or decided.topic == example.topic:
        return "right"  # what nobody decided is read by a person: its cost is that of review
    if decided.topic in example.secondary:
        return "second_topic"
    return "same_domain" if domain(decided.topic) == domain(example.topic) else "other_domain"
