"""May a new bundle serve? Reasons to refuse, and the command on two sealed bundles."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundle import seal
from models.keywords import KeywordClassifier
from models.labels import Labels
from pipeline.errors import InvalidInput
from pipeline.policy import Policy
from training.commands import gate
from training.gate import Found, Measured, load_margins, messages_per_s, refusals

MARGINS = load_margins()
OLD = Measured(
    "old-1", {"a.x": 0.80, "a.y": 0.90}, {"a.x": 20, "a.y": 19}, Found(97, 100), Found(90, 100), 0.03, 200.0
)
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"f1": {"a.x": 0.71, "a.y": 0.90}}, "a.x: F1 falls from 0.800 to 0.710 on 20 messages"),
        ({"hazard": Found(94, 100)}, r"hazard recall is 0.940 \(94 of 100\), at least 0.95"),
        ({"ombudsman": Found(84, 100)}, "Ombudsman recall is 0.840"),
        ({"ece": 0.051}, "calibration error rises from 0.030 to 0.051"),
        ({"messages_per_s": 99.0}, "speed falls from 200 to 99 messages/s; at least 50%"),
        ({"hazard": Found(5, 5)}, "hazard recall is not shown: 5 such messages"),  # all found, of too few
        ({"ombudsman": Found(0, 0)}, "Ombudsman recall is not shown: 0 such messages"),  # unlabelled data prove nothing
    ],
)
def test_each_loss_is_a_reason_of_its_own(changes: Mapping[str, object], reason: str) -> None:
    (told,) = refusals(replace(OLD, **changes), OLD, MARGINS)  # type: ignore[arg-type]
    assert re.search(reason, told)


@pytest.mark.parametrize(
    "changes",
    [
        {"f1": {"a.x": 0.72, "a.y": 0.90}},  # exactly the margin, which floats put a little above it
        {"f1": {"a.x": 0.80, "a.y": 0.10}},  # too few messages to say
        {"hazard": Found(95, 100), "ombudsman": Found(85, 100)},
        {"ece": 0.05},
        {"messages_per_s": 100.0},
    ],
)
def test_a_loss_within_its_margin_is_let_pass(changes: Mapping[str, object]) -> None:
    assert refusals(replace(OLD, **changes), OLD, MARGINS) == []  # type: ignore[arg-type]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(1, 1_000))
def test_a_bundle_as_good_as_itself_is_refused_for_its_floors_only(
    f1: float, ece: float, share: float, speed: float
) -> None:
    same = Measured("b", {"a.x": f1}, {"a.x": 50}, Found(round(share * 100), 100), Found(90, 100), ece, speed)
    reasons = refusals(same, same, MARGINS)
    assert [reason.split()[0] for reason in reasons] == (["hazard"] if round(share * 100) < 95 else [])


def test_margins_without_a_source_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text("speed: {share_kept_at_least: 0.5}", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"speed\.source"):
        load_margins(path)


def test_the_slower_of_two_models_measures_slower(keyword_model: KeywordClassifier) -> None:
    class Slow(KeywordClassifier):
        def classify(self, texts: list[str]) -> list[object]:  # type: ignore[override]
            return [super(Slow, self).classify([text] * 8)[0] for text in texts]

    slow = Slow(keyword_model.vocabulary, keyword_model.labels, keyword_model.weights, keyword_model.biases, {}, "slow")
    fast_per_s, slow_per_s = messages_per_s([keyword_model, slow], ["listrik padam di rumah saya"] * 40)
    assert slow_per_s < fast_per_s


@pytest.fixture(scope="module")
def data(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The taxonomy's own examples, twenty of them called dangerous and in the Ombudsman's hands."""
    path = tmp_path_factory.mktemp("gate") / "labelled.jsonl"
    rows = [
        {"text": text, "topic": topic.id, "urgency": "normal", "ombudsman": "tidak"}
        for topic in policy.taxonomy.topics
        for text in topic.examples
    ]
    rows += [
        {"text": f"kabel jatuh di jalan, ada percikan api, saya sudah lapor Ombudsman juga, nomer {i}",
         "topic": "bahaya.jaringan", "urgency": "darurat", "ombudsman": "antrean"}
        for i in range(20)
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory, keyword_model: KeywordClassifier, labels: Labels) -> Path:
    """A bundle that has unlearned one topic."""
    weights = {head: weight.copy() for head, weight in keyword_model.weights.items()}
    weights["topic"][:, labels.topics.index("bahaya.jaringan")] = 0
    model = KeywordClassifier(keyword_model.vocabulary, labels, weights, keyword_model.biases, {}, "forgetful")
    folder = tmp_path_factory.mktemp("gate") / "forgetful"
    details = {"name": "forgetful", "labels": labels.as_dict(), "max_tokens": 16, "scalings": {}, "pad_token": 0}
    seal(folder, details, model.save)
    return folder


def test_a_bundle_may_take_its_own_place(tiny_bundle: Path, data: Path) -> None:
    compared, reasons = gate(tiny_bundle, tiny_bundle, [data])
    assert [reason for reason in reasons if "speed" not in reason] == []
    assert any(line.startswith("hazards found") and "20/20" in line for line in compared)


def test_the_command_refuses_with_exit_code_1_and_names_the_topic(
    tiny_bundle: Path, forgetful: Path, data: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "serve.cli", "bundle", "gate", forgetful, tiny_bundle, "--data", data],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "sapa: refused: bahaya.jaringan: F1 falls from" in done.stderr
    assert "forgetful-" in done.stdout
    assert "percikan" not in done.stdout + done.stderr
