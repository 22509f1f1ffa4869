"""Telemetry: the metrics of one application. Labels come from policy and code, never from a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from pipeline.messages import Decision, Rejected

_DOUBTS = frozenset({"score_below_suggest", "score_below_auto", "margin_small", "outside_scope_unsure", "degraded"})
"""Reasons of ``pipeline.route.decide`` for leaving a message to a person."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Telemetry:
    """Counts requests and decisions."""

    def __init__(self, versions: Mapping[str, str], waiting: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sapa_http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.request_s = Histogram(
            "sapa_http_request_seconds", "From the first byte to the last", ("route",), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.stage_s = Histogram(
            "sapa_stage_seconds", "Time of one message in a stage", ("stage",), buckets=_SECONDS, registry=self.registry
        )
        self.predictions = Counter(
            "sapa_predictions", "Decisions", ("topic", "action", "bundle"), registry=self.registry
        )
        self.urgencies = Counter("sapa_urgencies", "Decisions by urgency", ("urgency",), registry=self.registry)
        self.ombudsman = Counter("sapa_ombudsman", "Decisions by Ombudsman status", ("status",), registry=self.registry)
        self.abstentions = Counter(
            "sapa_abstentions", "Decisions left to a person, by reason", ("reason",), registry=self.registry
        )
        self.degraded = Counter("sapa_degraded", "Decisions of the fallback", registry=self.registry)
        self.rejections = Counter("sapa_rejections", "Messages not decided", ("code",), registry=self.registry)
        self.personal = Counter("sapa_personal_data", "Personal data found", ("type",), registry=self.registry)
        accepted = Gauge("sapa_requests_accepted", "Requests being decided or waiting for it", registry=self.registry)
        accepted.set_function(waiting)
        info = Gauge("sapa_info", "What runs", tuple(versions), registry=self.registry)
        info.labels(**versions).set(1)

    def count(self, results: Sequence[Decision | Rejected], waited_s: float) -> None:
        """Counts the results of one request, which waited so long for a worker."""
        self.stage_s.labels("queue").observe(waited_s)
        for result in results:
            if isinstance(result, Rejected):
                self.rejections.labels(result.code).inc()
            else:
                self._count(result)

    def render(self) -> bytes:
        """The exposition in Prometheus' text format."""
        return generate_latest(self.registry)

    def _count(self, decision: Decision) -> None:
        self.predictions.labels(decision.topic, decision.action, decision.versions.get("bundle", "")).inc()
        self.urgencies.labels(decision.urgency).inc()
        self.ombudsman.labels(decision.ombudsman).inc()
        for reason in _DOUBTS.intersection(decision.reasons):
            self.abstentions.labels(reason).inc()
        if decision.degraded:
            self.degraded.inc()
        for stage, milliseconds in decision.timings_ms.items():
            self.stage_s.labels(stage).observe(milliseconds / 1000)
        for entity in decision.entities:
            if entity.personal:
                self.personal.labels(entity.type).inc()
