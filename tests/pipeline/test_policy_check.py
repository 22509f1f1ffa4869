from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from models.keywords import KeywordClassifier
from pipeline.flow import Flow
from pipeline.judge import Judge
from pipeline.messages import Decision, Message, Rejected
from pipeline.policy import EMBEDDED, Policy
from pipeline.policy_check import CheckReport, check
from pipeline.policy_diff import Change, diff
from pipeline.policy_models import CopyRule, QueueRule, When
from pipeline.prepare import Preparer

Edit = Callable[..., Policy]

POLICY = Policy.load()
TOPICS = tuple(POLICY.topics)
WIB = timezone(timedelta(hours=7))


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A function that loads the policy with one altered file."""

    def change(name: str, *changes: tuple[str, str]) -> Policy:
        text = (EMBEDDED / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, "the test's edit no longer fits the file"
            text = text.replace(old, new, 1)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return Policy.load(tmp_path)

    return change


@pytest.fixture(scope="module")
def report() -> CheckReport:
    return check(POLICY, TOPICS)


def test_the_embedded_policy_is_proven(report: CheckReport) -> None:
    assert report.problems == ()
    assert report.ok


def test_every_topic_place_urgency_and_intent_is_among_what_was_proven(report: CheckReport) -> None:
    places = len(POLICY.units) + len(POLICY.dccs) + 2  # and unknown, outside

    combinations = len(TOPICS) * places * len(POLICY.urgencies) * len(POLICY.intents)

    assert report.counts["topics"] == 38
    assert report.counts["units"] == 13
    assert report.counts["combinations_routed"] >= combinations
    assert report.counts["combinations_routed"] % combinations == 0
    assert report.counts["numbers_sourced"] > 300


def test_topics_that_only_the_model_or_only_the_policy_knows_are_named() -> None:
    problems = check(POLICY, [*TOPICS[1:], "gangguan.gempa"]).problems

    assert problems == (
        "the model knows topics that the policy does not: gangguan.gempa",
        f"the policy knows topics that the model does not: {TOPICS[0]}",
    )


def test_rules_that_nothing_reaches_are_found() -> None:
    routing = POLICY.routing
    shadowed = QueueRule(
        id="terlambat",
        when=When(urgency=frozenset({"darurat"}), intent=frozenset({"keluhan"})),
        queue="uid-kom",
        source="[P]",
    )
    impossible = QueueRule(id="mustahil", when=When(outside=True, unit_known=True), queue="uid-kom", source="[P]")
    empty = CopyRule(id="kosong", when=When(forms=frozenset()), copies=("uid-kom",), source="[P]")
    unused = routing.queues[0].model_copy(update={"queue": "uid-arsip"})
    tmp_rule = POLICY.tmp.rules[0].model_copy(update={"id": "padam_lagi"})
    clock_rule = POLICY.clocks.rules[0].model_copy(update={"id": "tanpa_kanal", "when": When(channel=frozenset())})
    policy = replace(
        POLICY,
        routing=routing.model_copy(
            update={
                "queue_rules": (impossible, *routing.queue_rules, shadowed),
                "copy_rules": (*routing.copy_rules, empty),
                "queues": (*routing.queues, unused),
            }
        ),
        tmp=POLICY.tmp.model_copy(update={"rules": (*POLICY.tmp.rules, tmp_rule)}),
        clocks=POLICY.clocks.model_copy(update={"rules": (*POLICY.clocks.rules, clock_rule)}),
    )

    assert check(policy).problems == (
        "queue rule mustahil never decides: no case is left for it",
        "queue rule terlambat never decides: no case is left for it",
        "copy rule kosong never holds",
        "queue uid-arsip is declared but never used",
        "rule padam_lagi of tmp.yaml never decides",
        "clock rule tanpa_kanal never holds",
    )


def test_a_policy_that_loses_emergencies_secrets_or_the_ombudsman_is_found(edit: Edit) -> None:
    policy = edit(
        "routing.yaml",
        ('queue: "dcc-{dcc}"\n    copies: [uid-k3l]\n    topic_copies: true', 'queue: "up3-{unit}-jaringan"'),
        ("    queue: uid-hukum\n    copies: [uid-k3l]", '    queue: "up3-{unit}-manajer"'),
        ('copies: ["ombudsman-{perwakilan}", uid-sekretariat-gm]', "copies: [uid-sekretariat-gm]"),
        ("queue: uid-tanya-lokasi, kind: ask", "queue: uid-tanya-lokasi, kind: liaison"),
    )

    problems = check(policy).problems

    assert (
        "topic meter.rusak, urgency darurat, Ombudsman tidak: up3-{unit}-jaringan is not staffed around the clock"
        in (problems)
    )
    # the zone is known, its unit is not: a question for the address is no answer to an emergency either
    assert any("darurat" in problem and "uid-tanya-lokasi is not staffed" in problem for problem in problems)
    assert any("layanan.pungli_penipuan" in item and "confidential report reaches a unit" in item for item in problems)
    assert any("Ombudsman resmi: no Ombudsman liaison gets a copy" in problem for problem in problems)
    assert any("liaison uid-tanya-lokasi replaces the operational queue" in problem for problem in problems)
    assert "queue ombudsman-{perwakilan} is declared but never used" in problems


def test_a_unit_without_zone_or_office_is_found() -> None:
    stray = POLICY.units["demak"].model_copy(update={"dcc": None, "perwakilan": None, "source": "lunch"})

    problems = check(replace(POLICY, units={**POLICY.units, "demak": stray})).problems

    assert problems == (
        "unit demak has no dcc: its hazards would go to nobody near",
        "unit demak has no perwakilan",
        "unit demak: its source is neither a web address nor a mark",
    )


def test_thresholds_in_the_wrong_order_are_found(edit: Edit) -> None:
    policy = edit("thresholds.yaml", ("suggest_at: 0.45", "suggest_at: 0.85"))

    assert check(policy).problems == ("thresholds of default: suggest_at 0.85 is above auto_at 0.8",)


def test_clocks_that_sleep_cross_or_overlap_are_found(edit: Edit) -> None:
    policy = edit(
        "clocks.yaml",
        ("first_answer: {minutes: 5}, done: {minutes: 225}", "first_answer: {working_hours: 1}, done: {minutes: 225}"),
        ("tinggi: {first_answer: {minutes: 10}", "tinggi: {first_answer: {working_days: 1}"),
    )
    (first, *_) = policy.clocks.topics
    later = first.model_copy(update={"valid_from": date(2026, 7, 1), "urgency": policy.clocks.topics[-1].urgency})
    clocks = policy.clocks.model_copy(update={"topics": (*policy.clocks.topics, later)})

    problems = check(replace(policy, clocks=clocks)).problems

    assert "clock of gangguan.padam_area, darurat: stands still at night; use minutes or days" in problems
    assert "clock of gangguan.padam_area, tinggi: the first answer may be due after the end" in problems
    assert "clocks of gangguan.padam_area: two are in force on 2026-07-01" in problems


def test_a_number_without_source_or_validity_is_found() -> None:
    kinds = POLICY.routing.queues
    undated = kinds[0].model_copy(update={"title": 24})
    policy = replace(
        POLICY,
        taxonomy=POLICY.taxonomy.model_copy(update={"version": 2026}),
        routing=POLICY.routing.model_copy(update={"queues": (undated, *kinds[1:])}),
    )

    assert check(policy).problems == (
        "the number taxonomy.version has no source",
        "the number routing.queues.title has no validity dates",
    )


def test_what_loading_refuses_is_reported_when_a_policy_is_built_by_hand() -> None:
    topics = {topic: entry for topic, entry in POLICY.routing.topics.items() if topic != "tarif.info"}

    problems = check(replace(POLICY, routing=POLICY.routing.model_copy(update={"topics": topics}))).problems

    assert problems == ("routing.yaml topics: missing tarif.info",)


# --- diff


@pytest.fixture(scope="module")
def decided(keyword_model: KeywordClassifier) -> Decision:
    message = Message("a", "rahasia pelanggan, diskon token Pedan", "wa", datetime(2026, 3, 2, 9, 0, tzinfo=WIB))
    (decision,) = Flow(Preparer(), Judge(POLICY), keyword_model, POLICY).run([message])
    assert isinstance(decision, Decision)
    return decision


def test_the_same_decision_differs_in_nothing(decided: Decision) -> None:
    assert diff(decided, replace(decided, timings_ms={}, versions={})) == []


def test_a_change_is_shown_per_field(decided: Decision) -> None:
    assert diff(decided, replace(decided, action="review", queue="uid-telaah")) == [
        Change("a", "action", decided.action, "review"),
        Change("a", "queue", decided.queue, "uid-telaah"),
    ]


def test_a_message_that_only_one_policy_decides_shows_its_error(decided: Decision) -> None:
    changes = diff(decided, Rejected("a", "text_too_long", "37 characters, at most 10"))
    assert Change("a", "error", None, "text_too_long") in changes
    assert Change("a", "queue", decided.queue, None) in changes


def test_nothing_of_the_customers_text_shows_in_a_diff(decided: Decision) -> None:
    shown = repr(diff(decided, Rejected("a", "empty_text", "")))
    assert "uid-" in shown or "up3-" in shown
    assert "rahasia" not in shown
