"""Ombudsman: does a message go to the liaison, and which forms of maladministration does it tell?

The codebook's order: ``resmi`` (the Ombudsman writes), ``antrean`` (a case, or about to be one), ``pantau`` (to be
watched), ``tidak``. Model and facts are joined lopsidedly: the model alone decides at a low threshold, a fact needs
only little support from it, and what is told as solved needs much. Words and numbers: ``policy/ombudsman.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from pipeline.cues import Cues, CueSet, Found, read_policy
from pipeline.errors import PolicyError
from pipeline.messages import Aligned, Facts, Scores
from pipeline.policy_models import FormThresholds, OmbudsmanThresholds, Probability, Sourced, Strict
from pipeline.words import split_words

POLICY = Path(__file__).parent / "policy"


class _FactNumbers(Sourced):
    contacts_at: int = Field(ge=1)
    waiting_days_at: int = Field(ge=1)


class _Support(Sourced):
    """Least P(antrean) + P(resmi) beside a fact, in [0, 1]; least probability of a form (``*form*``), of a letter.

    Attributes:
        first_threat, not_admissible, solved: What the queue needs at least when this is told, whatever else is.
        grave_cue: Least P(antrean) + P(resmi) beside the cue of a grave form.
        grave_form: Least probability of a grave form without a cue.
        letter_without_name: Least P(resmi) when the Ombudsman is not named.
    """

    contacts_and_wait: Probability
    one_fact: Probability
    threat: Probability
    first_threat: Probability
    not_admissible: Probability
    danger: Probability
    broken_promise: Probability
    solved: Probability
    many_contacts: Probability
    form_cue: Probability
    grave_form_cue: Probability
    grave_cue: Probability
    grave_form: Probability
    letter_without_name: Probability


class _Forms(Sourced):
    """Which forms are grave, alone or with a loss told; the cue sets of each; topics that have none."""

    grave: frozenset[str]
    grave_with_loss: frozenset[str]
    money_asked: frozenset[str]
    cues: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    none_for: frozenset[str]
    danger_urgency: frozenset[str]


class _OmbudsmanPolicy(Strict):
    facts: _FactNumbers
    support: _Support
    forms: _Forms
    sets: Mapping[str, CueSet]


class Verdict(NamedTuple):
    """Ombudsman status, forms by falling probability, and machine codes of the reasons."""

    status: str
    forms: tuple[str, ...]
    reasons: tuple[str, ...]


class OmbudsmanRules:
    """The Ombudsman rules of a policy folder (``ombudsman.yaml``). Errors: ``PolicyError``."""

    def __init__(self, policy: Path = POLICY) -> None:
        self._policy = read_policy(policy, "ombudsman.yaml", _OmbudsmanPolicy)
        self._cues = Cues(self._policy.sets)
        named = {name for names in self._policy.forms.cues.values() for name in names} | {"selesai", "rugi"}
        if unknown := sorted(named - self._policy.sets.keys()):
            raise PolicyError(f"ombudsman.yaml: unknown sets: {', '.join(unknown)}")

    def judge(
        self,
        scores: Scores,
        facts: Facts,
        text: Aligned | str,
        *,
        topic: str,
        urgency: str,
        ombudsman_at: OmbudsmanThresholds,
        forms_at: FormThresholds,
    ) -> Verdict:
        """Status, forms and reasons of one message.

        Args:
            text: The cleaned and redacted text, for the cues.
            topic, urgency: As decided before, for the policy's exceptions.
            ombudsman_at, forms_at: What the model needs alone (``thresholds.yaml``).
        """
        found = self._cues.find(split_words(text if isinstance(text, str) else text.text))
        in_scope = topic not in self._policy.forms.none_for
        forms = tuple(self._forms(scores, facts, found, forms_at)) if in_scope else ()
        letter = self._letter(scores, facts, ombudsman_at)
        if letter:
            return Verdict("resmi", forms, (letter,))
        if not in_scope:
            return Verdict("tidak", (), ("ombudsman_out_of_scope",))
        reasons = tuple(self._queue(scores, facts, found, forms, urgency, ombudsman_at))
        if reasons:
            return Verdict("antrean", forms, reasons)
        reasons = tuple(_watch(scores, facts, ombudsman_at))
        return Verdict("pantau" if reasons else "tidak", forms, reasons)

    def _letter(self, scores: Scores, facts: Facts, at: OmbudsmanThresholds) -> str | None:
        model = scores.ombudsman.get("resmi", 0.0)
        if facts.ombudsman == "letter":
            return "ombudsman_letter"
        needed = at.resmi_at if facts.ombudsman != "none" else self._policy.support.letter_without_name
        return "ombudsman_model" if model >= needed and facts.ombudsman != "filed" else None

    def _queue(
        self,
        scores: Scores,
        facts: Facts,
        found: Found,
        forms: tuple[str, ...],
        urgency: str,
        at: OmbudsmanThresholds,
    ) -> Iterator[str]:
        """The reasons for the liaison's queue; none if it does not belong there."""
        model = scores.ombudsman.get("antrean", 0.0) + scores.ombudsman.get("resmi", 0.0)
        support = self._policy.support
        if facts.ombudsman == "filed":
            yield "ombudsman_filed"
            return
        if model < self._least(facts, found):
            return
        if model >= at.antrean_at:
            yield "ombudsman_model"
        for form in (*self._policy.forms.grave, *self._policy.forms.grave_with_loss):
            told = self._told(form, facts, found)
            if form in self._policy.forms.grave_with_loss and not found["rugi"]:
                continue
            strong = form in forms and (told or scores.forms.get(form, 0.0) >= support.grave_form)
            if strong or (told and model >= support.grave_cue):
                yield f"grave_form:{form}"
        yield from self._history(facts, found, urgency, model)

    def _least(self, facts: Facts, found: Found) -> float:
        """What the model needs for the queue, whatever else is told."""
        support = self._policy.support
        least = [support.solved] if found["selesai"] else []
        if facts.in_court or facts.too_old:
            least.append(support.not_admissible)
        if facts.ombudsman == "threat" and facts.contacts == 0:
            least.append(support.first_threat)
        return max(least, default=0.0)

    def _history(self, facts: Facts, found: Found, urgency: str, model: float) -> Iterator[str]:
        """Reasons from earlier contacts, each with the support it needs."""
        support, numbers = self._policy.support, self._policy.facts
        if facts.contacts < 1:
            return
        many = facts.contacts >= numbers.contacts_at
        long = facts.waiting_days >= numbers.waiting_days_at
        if many and model >= (support.many_contacts if facts.contacts > numbers.contacts_at else support.one_fact):
            yield "contacts"
        if long and model >= (support.contacts_and_wait if many else support.one_fact):
            yield "waiting_days"
        if facts.ombudsman == "threat" and model >= support.threat:
            yield "ombudsman_threat_after_contact"
        ignored = many or facts.waiting_days > 0 or facts.broken_promise or bool(found["diabaikan"])
        if urgency in self._policy.forms.danger_urgency and ignored and model >= support.danger:
            yield "danger_ignored"
        if facts.broken_promise and model >= support.broken_promise:
            yield "broken_promise"

    def _told(self, form: str, facts: Facts, found: Found) -> bool:
        """Whether a fact or a cue tells of a form."""
        forms = self._policy.forms
        if found.any(forms.unless.get(form, ())):
            return False
        return found.any(forms.cues.get(form, ())) or (facts.money_asked and form in forms.money_asked)

    def _forms(self, scores: Scores, facts: Facts, found: Found, at: FormThresholds) -> Iterator[str]:
        """The forms told, by falling probability."""
        support = self._policy.support
        grave = self._policy.forms.grave | self._policy.forms.grave_with_loss
        for form in sorted(scores.forms, key=lambda form: (-scores.forms[form], form)):
            needed = at.overrides.get(form, at.default_at)
            if self._told(form, facts, found):
                needed = min(needed, support.grave_form_cue if form in grave else support.form_cue)
            if scores.forms[form] >= needed:
                yield form


def _watch(scores: Scores, facts: Facts, at: OmbudsmanThresholds) -> Iterator[str]:
    """The reasons to watch a message that is no case yet."""
    if facts.ombudsman == "threat":
        yield "ombudsman_threat"
    if facts.in_court:
        yield "in_court"
    if facts.too_old:
        yield "too_old"
    if scores.ombudsman.get("pantau", 0.0) >= at.pantau_at:
        yield "ombudsman_model"
