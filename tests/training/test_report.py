"""The evaluation report: figures that can be checked by hand, a page that is whole and gives nothing away."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.labels import Labels
from pipeline.messages import Scores
from training.costs import load_costs
from training.data import Example
from training.evaluate import macro_f1
from training.figures import detection, form_figures, label_figures, length_slice, share, threshold_curve, topic_figures
from training.report_charts import Axes, Line, heat_table, line_chart, whiskers
from training.report_html import Html, number, percent, tag

ROOT = Path(__file__).parent.parent.parent
NAME, PHONE, IDPEL = "Zwartkopf", "0812-3456-7890", "521030123456"
LABELS = Labels(("a.x", "a.y", "b.z"), ("keluhan",), ("normal",), (), ("tidak",))


def _example(topic: str, secondary: tuple[str, ...] = (), channel: str = "wa", text: str = "apa") -> Example:
    return Example("x", text, topic, secondary, None, None, None, None, channel, None, "s")


def _scores(topic: str, probability: float) -> Scores:
    rest = (1 - probability) / (len(LABELS.topics) - 1)
    return Scores({t: probability if t == topic else rest for t in LABELS.topics}, {}, {}, {}, {}, {})


# --- figures


def test_figures_of_four_messages_are_those_counted_by_hand() -> None:
    guess = [("a.x", 0.9), ("a.y", 0.8), ("a.y", 0.7), ("a.y", 0.6)]
    examples = [_example("a.x"), _example("a.x", ("a.y",)), _example("a.y"), _example("b.z", channel="email")]
    figures = topic_figures([_scores(*g) for g in guess], examples, LABELS)
    assert figures["accuracy"]["value"] == 0.5
    assert figures["accuracy_with_second"]["value"] == 0.75
    assert figures["domain_accuracy"]["value"] == 0.75
    assert figures["confusion"]["rows"] == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert figures["per_topic"]["a.y"]["precision"]["value"] == pytest.approx(1 / 3)
    assert figures["per_topic"]["a.x"]["recall"]["value"] == 0.5
    assert figures["per_topic"]["b.z"]["f1"]["value"] == 0.0  # never named: no precision, which counts as none right
    assert figures["macro_f1"]["value"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert figures["slices"]["channel"]["email"]["accuracy"]["count"] == 0
    assert figures["automation"]["0.95"]["value"] == 0.25
    assert figures["automation"]["0.95"]["confidence_from"] == pytest.approx(0.9)
    assert figures["risk_coverage"] == [[0.25, 1.0], [0.5, 0.5], [0.75, pytest.approx(2 / 3)], [1.0, 0.5]]


@settings(max_examples=8, deadline=None)  # each draws a thousand samples
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_macro_f1_is_that_of_scikit_learn_and_lies_near_its_interval(pairs: list[tuple[int, int]]) -> None:
    truth, guess = (np.array(side) for side in zip(*pairs, strict=True))
    examples = [_example(LABELS.topics[t]) for t in truth]
    figure = topic_figures([_scores(LABELS.topics[g], 0.8) for g in guess], examples, LABELS)["macro_f1"]
    assert figure["value"] == pytest.approx(macro_f1(truth, guess))
    assert 0 <= figure["low"] <= figure["high"] <= 1


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_in_its_interval_which_narrows_with_more_messages(count: int, more: int) -> None:
    size = count + more
    if size == 0:
        assert share(0, 0)["value"] is None
        return
    figure, finer = share(count, size), share(10 * count, 10 * size)
    assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    assert finer["high"] - finer["low"] < figure["high"] - figure["low"]


def test_wilsons_interval_is_the_published_one() -> None:
    figure = share(10, 20)  # Newcombe 1998, Statistics in Medicine 17: about 0.299 to 0.701
    assert (figure["low"], figure["high"]) == (pytest.approx(0.2993, abs=1e-4), pytest.approx(0.7007, abs=1e-4))


def test_unlabelled_messages_do_not_count() -> None:
    figures = label_figures(["keluhan", None, "saran"], ["keluhan", "saran", "keluhan"], ("keluhan", "saran"))
    assert figures["accuracy"] == share(1, 2)
    assert figures["per_label"]["keluhan"] == {"recall": share(1, 1), "precision": share(1, 2)}
    forms = form_figures([("a",), None, ()], [("a", "b"), ("a",), ()], ("a", "b"))
    assert forms["f1"] == pytest.approx(2 / 3)
    assert forms["recall"] == share(1, 1)
    assert form_figures([None], [("a",)], ("a", "b"))["f1"] is None


def test_a_higher_threshold_never_finds_more() -> None:
    source = np.random.default_rng(0)
    truth, p = (source.random(200) < 0.3).tolist(), source.random(200).tolist()
    recalls = [point["recall"] for point in threshold_curve(truth, p)]
    assert recalls == sorted(recalls, reverse=True)  # type: ignore[type-var]
    assert detection([True, True], [True, False])["recall"]["value"] == 0.5


@pytest.mark.parametrize(("words", "name"), [(1, "1-8"), (8, "1-8"), (9, "9-25"), (80, "26-80"), (81, "81+")])
def test_every_length_has_its_slice(words: int, name: str) -> None:
    assert length_slice("kata " * words) == name


# --- charts and pieces of the page


def test_numbers_are_written_as_indonesians_write_them() -> None:
    assert (percent(0.934), percent(0.5, 0), percent(None)) == ("93,4%", "50%", "–")
    assert (number(12345.6, 1), number(999)) == ("12.345,6", "999")


def test_what_is_not_html_is_escaped_wherever_it_stands() -> None:
    assert tag("p", "<script>", Html("<b>x</b>")) == "<p>&lt;script&gt;<b>x</b></p>"
    assert Html("<b>x</b>") + "<i>" == "<b>x</b>&lt;i&gt;"
    chart = heat_table("<a>", ["<n>", "m"], ["g", "g"], [[1, 0], [0, 2]], lambda i, j: "<t>")
    assert "<t>" not in chart
    assert "<n>" not in chart


def test_lines_stay_inside_their_chart() -> None:
    line = Line("x", "m0", [(0.0, 0.1), (0.5, 1.0), (1.0, 0.9)])  # the first lies below the lowest share drawn
    chart = line_chart("c", Axes("x", "y", y_from=0.8), [line])
    (points,) = re.findall(r'points="([^"]+)"', chart)
    places = [tuple(map(float, p.split(","))) for p in points.split()]
    assert [x for x, _ in places] == [46.0, 246.0, 446.0]
    assert [y for _, y in places] == [260.0, 10.0, 135.0]  # the lowest share drawn, the top, half way


def test_a_figure_without_a_value_draws_nothing() -> None:
    assert "circle" not in whiskers("w", [("a", "m0", share(0, 0)), ("b", "m1", None)])
    assert whiskers("w", [("a", "m0", share(1, 2))]).count("<circle") == 1


def test_every_cost_says_where_it_is_from() -> None:
    costs = load_costs()
    assert costs.hazard.missed > costs.ombudsman.missed > costs.topic.other_domain.auto > costs.topic.same_domain.auto
    assert costs.topic.right.auto == 0


# --- the whole report


@pytest.fixture(scope="module")
def report(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the command line on messages that hold personal data and what could break a page."""
    folder = tmp_path_factory.mktemp("report")
    rows: list[Mapping[str, Any]] = [
        {"text": f"Listrik padam sak RT ing Kutoarjo <script>alert(1)</script>, nama saya {NAME}, telp {PHONE}",
         "topic": "tagihan.lonjakan", "urgency": "tinggi", "ombudsman": "tidak", "intent": "gangguan", "forms": []},
        {"text": f"IDPEL {IDPEL} token ditolak terus GAGAL padahal bayar Rp150.000", "topic": "meter.token_ditolak",
         "urgency": "normal", "ombudsman": "antrean", "forms": ["tidak_melayani"], "dialect": "id", "channel": "email"},
        {"text": "kabel jatuh di jalan keluar percikan api", "topic": "bahaya.jaringan", "urgency": "darurat"},
        {"text": "   ", "topic": "luar_lingkup", "urgency": "rendah", "channel": "kanal_baru"},
    ]  # fmt: skip
    path = folder / "pesan.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    out = folder / "report"
    done = subprocess.run(
        [sys.executable, "-m", "serve.cli", "evaluate", tiny_bundle, "--data", path, "--report", out,
         "--against", tiny_bundle],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("model      messages  topic accuracy")
    return out


def test_metrics_hold_every_figure_of_every_model(report: Path) -> None:
    metrics = json.loads((report / "metrics.json").read_text(encoding="utf-8"))
    assert list(metrics["models"]) == ["keywords", "against"]
    for figures in metrics["models"].values():
        assert set(figures) == {
            "version", "topic", "hazard", "ombudsman", "intent", "urgency", "ombudsman_status", "forms", "actions",
            "cost", "behaviour",
        }  # fmt: skip
        assert figures["hazard"]["flow"]["recall"] == share(1, 1)
        assert figures["ombudsman"]["flow"]["recall"]["of"] == 1
        assert sum(action["share"]["count"] for action in figures["actions"].values()) == 4
        assert sum(map(sum, figures["topic"]["confusion"]["rows"])) == 4
        total = sum(kind["cost"] for kind in figures["cost"]["kinds"].values())
        assert figures["cost"]["per_100"] == pytest.approx(100 * total / 4)
        assert sum(map(sum, figures["cost"]["matrix"]["rows"])) == pytest.approx(total)
    assert {key: metrics[key] for key in ("messages", "data")} == {"messages": 4, "data": ["pesan.jsonl"]}


def test_no_personal_data_and_no_text_but_redacted_ones_leave_the_machine(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    metrics = (report / "metrics.json").read_text(encoding="utf-8")
    for secret in (NAME, PHONE, IDPEL):
        assert secret not in page + metrics
    assert "[NAMA]" in page
    assert "Kutoarjo" in page
    assert "Kutoarjo" not in metrics


def test_the_page_is_one_whole_file_without_scripts_or_outside_files(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img|iframe|object)|src=|url\(|https?://|@import", page)
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"&lt;(svg|br|b|small|code|table)", page)  # no piece of the page was escaped by mistake
    assert "prefers-color-scheme: dark" in page


def test_every_tag_closes_and_every_link_of_the_page_has_its_target(report: Path) -> None:
    page = _Page()
    page.feed((report / "report.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert page.links
    assert page.links <= page.anchors


def test_colours_of_the_page_are_all_defined_in_both_themes(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    light, dark = (set(re.findall(r"--(\w+):", block)) for block in re.findall(r":root \{(.*?)\}", page, re.DOTALL)[:2])
    assert light == dark
    assert set(re.findall(r"var\(--(\w+)\)", page)) <= light


class _Page(HTMLParser):
    """Which tags are open, which anchors there are and are linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links |= {str(given["href"])[1:]} if given.get("href") else set()
        self.anchors |= {str(given["id"])} if given.get("id") else set()
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
