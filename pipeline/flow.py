"""The stages in order: prepare, classify, judge, route. HTTP and batch both call ``Flow.run``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from time import perf_counter

from pipeline.classify import Classifier
from pipeline.errors import InvalidMessage, PolicyError, SapaError
from pipeline.judge import Judge
from pipeline.messages import Decision, Judgement, Message, Prepared, Rejected, Route, Scores
from pipeline.normalise import PREPARE_VERSION
from pipeline.policy import Policy
from pipeline.prepare import Preparer
from pipeline.route import route

logger = logging.getLogger("sapa.flow")


class Flow:
    """Decides messages.

    Args:
        classifier: Scores texts; its topics must be those of the policy.
        fallback: Scores what ``classifier`` could not; its scores say that they are degraded.

    Raises:
        PolicyError: the classifier's topics and the policy's differ; both differences are named.
    """

    def __init__(
        self,
        preparer: Preparer,
        judge: Judge,
        classifier: Classifier,
        policy: Policy,
        fallback: Classifier | None = None,
    ) -> None:
        for scorer in (classifier, fallback):
            if scorer is not None:
                _same_topics(scorer, policy)
        self.policy = policy
        self._preparer = preparer
        self._judge = judge
        self._classifier = classifier
        self._fallback = fallback
        self.versions: Mapping[str, str] = {
            "bundle": classifier.version,
            "policy": policy.version,
            "taxonomy": policy.taxonomy_version,
            "prepare": PREPARE_VERSION,
        }

    @property
    def topics(self) -> Sequence[str]:
        """Topic labels of the classifier."""
        return self._classifier.topics

    def run(self, messages: Sequence[Message]) -> list[Decision | Rejected]:
        """One result a message, in order. A bad message is a ``Rejected`` and never fails its batch mates."""
        results: list[Decision | Rejected | None] = [None] * len(messages)
        prepared: list[tuple[int, Prepared, float]] = []
        for index, message in enumerate(messages):
            start = perf_counter()
            try:
                prepared.append((index, self._preparer.prepare(message), perf_counter() - start))
            except InvalidMessage as error:
                results[index] = Rejected(message.id, error.code, str(error))
            except SapaError as error:
                results[index] = _failed(message, error)
        start = perf_counter()
        scores = self._scores([item.model_text for _, item, _ in prepared])
        infer_s = (perf_counter() - start) / max(len(prepared), 1)
        for (index, item, prepare_s), score in zip(prepared, scores, strict=True):
            start = perf_counter()
            try:
                judgement = self._judge.judge(item, score)
                way = route(judgement, item.place, item.message, self.policy)
            except SapaError as error:
                results[index] = _failed(item.message, error)
                continue
            times = {"prepare": prepare_s, "infer": infer_s, "route": perf_counter() - start}
            results[index] = self._decision(item, judgement, way, times)
        return [result for result in results if result is not None]

    def _scores(self, texts: Sequence[str]) -> list[Scores]:
        if not texts:
            return []
        try:
            return self._classifier.classify(texts)
        except SapaError as error:
            if self._fallback is None:
                raise
            logger.error("classifier %s failed on %d texts (%s), using the fallback", self._classifier.version,
                         len(texts), type(error).__name__)  # fmt: skip
            return self._fallback.classify(texts)

    def _decision(self, item: Prepared, judgement: Judgement, way: Route, times: Mapping[str, float]) -> Decision:
        entities = (*item.redacted.entities, *item.facts.entities, *item.place_entities)
        return Decision(
            id=item.message.id, topic=judgement.topic, score=judgement.score, alternatives=judgement.alternatives,
            secondary=judgement.secondary, intent=judgement.intent, urgency=judgement.urgency, forms=judgement.forms,
            ombudsman=judgement.ombudsman, perwakilan=way.perwakilan, action=way.action, queue=way.queue,
            copies=way.copies, unit=way.unit, place=item.place, deadlines=way.deadlines,
            tmp_indicator=way.tmp_indicator, entities=tuple(sorted(entities, key=lambda e: (e.start, e.end))),
            redacted=item.redacted.received, language=item.language,
            reasons=tuple(dict.fromkeys((*judgement.reasons, *way.reasons, item.place.reason))),
            degraded=judgement.degraded, versions=self.versions,
            timings_ms={stage: seconds * 1000 for stage, seconds in times.items()},
        )  # fmt: skip


def _same_topics(classifier: Classifier, policy: Policy) -> None:
    model, known = set(classifier.topics), set(policy.topics)
    if model != known:
        raise PolicyError(
            f"policy and model {classifier.version} differ in topics; "
            f"only in the policy: {', '.join(sorted(known - model)) or 'none'}; "
            f"only in the model: {', '.join(sorted(model - known)) or 'none'}"
        )


def _failed(message: Message, error: SapaError) -> Rejected:
    logger.error("message %s failed: %s", message.id, type(error).__name__)
    return Rejected(message.id, "internal_error", "the decision failed; the message needs a person")
