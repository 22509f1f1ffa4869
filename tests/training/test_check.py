"""Every finding is shown by a fault planted in a corpus that is otherwise sound."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

for needed in ("cleanlab", "datasketch", "sklearn"):
    pytest.importorskip(needed, reason="the training extra is not installed")

from models.labels import Labels  # noqa: E402  only after the extra is known to be there
from pipeline.errors import InvalidInput  # noqa: E402
from pipeline.policy import Policy  # noqa: E402
from pipeline.prepare import TextPreparer  # noqa: E402
from serve.cli import app  # noqa: E402
from training.check import _prepare, check  # noqa: E402
from training.check_balance import Minima  # noqa: E402
from training.check_rows import read_rows  # noqa: E402
from training.commands import policy_labels  # noqa: E402

ROOT = Path(__file__).parent.parent.parent
CORPUS = sorted((ROOT / "training" / "corpus").glob("**/*.jsonl"))
LABELS = Labels(
    ("gangguan.padam_area", "tagihan.lonjakan", "tarif.diskon"), ("keluhan",), ("normal",), ("tidak_patut",), ("tidak",)
)
CHANNELS = ("wa", "sosial", "lainnya")
NOTHING_WANTED = Minima(0, 0, 0, 0)
SECRET = "Zwartkopf"

# Words of a topic, and words of none; sentences drawn from them are all different.
WORDS = {
    "gangguan.padam_area": "padam peteng oglangan gelap mati sekampung lilin gardu njegleg tetangga",
    "tagihan.lonjakan": "tagihan melonjak larang boros rekening naik mahal membengkak bayar lipat",
    "tarif.diskon": "diskon separo rabat stimulus potongan februari jatah berakhir promo rega",
}
FILLERS = """
wingi esuk sore bengi pasar kidul lor wetan kulon warung omah simbah bapak ibu adik kakung sawah kali sekolah mushola
kok yo tenan iki kae mau nganti malah jare niku saking wonten boten nggih mbak mas pak bu lah wah duh hujan angin panas
"""


def _sound(count: int, seed: int) -> list[dict[str, Any]]:
    source = random.Random(seed)
    rows = []
    for n in range(count):
        topic = list(WORDS)[n % len(WORDS)]
        words = source.sample(WORDS[topic].split(), 3) + source.sample(FILLERS.split(), 9)
        source.shuffle(words)
        rows.append({"id": f"s{seed}-{n}", "text": " ".join(words), "topic": topic, "channel": "wa", "dialect": "mix"})
    return rows


def _write(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n", encoding="utf-8")
    return path


def _check(*files: Path, **options: Any) -> dict[str, Any]:
    return check(files, LABELS, CHANNELS, **{"minima": NOTHING_WANTED, "judge_labels": False} | options)


def _told(report: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    return [(f["level"], f["check"], f["line"], f["detail"]) for f in report["findings"]]


def test_a_sound_corpus_is_fit_and_nothing_is_found(tmp_path: Path) -> None:
    train, held = _write(tmp_path / "a.jsonl", _sound(150, 1)), _write(tmp_path / "held_out" / "b.jsonl", _sound(30, 2))
    report = _check(train, held, judge_labels=True)
    assert (report["fit"], report["findings"], report["messages"]) == (True, [], 180)
    assert [f["held_out"] for f in report["files"]] == [False, True]


@pytest.mark.parametrize(
    ("row", "kind", "detail"),
    [
        ("{broken", "schema", "not JSON at column 2"),
        ("[" * 100_000, "schema", "not readable JSON (RecursionError)"),
        ("[]", "schema", "not a JSON object"),
        ({"topic": "tarif.diskon"}, "schema", "text: field required"),
        ({"text": 3, "topic": "tarif.diskon"}, "schema", "text: input should be a valid string"),
        ({"text": " \n", "topic": "tarif.diskon"}, "schema", "text: empty"),
        ({"text": "\u200b", "topic": "tarif.diskon"}, "schema", "text: nothing is left of it when it is prepared"),
        ({"text": "x" * 20_001, "topic": "tarif.diskon"}, "schema", "text: string should have at most 20000"),
        ({"text": "x", "topic": "tarif.diskon", "urgancy": "normal"}, "schema", "unknown field urgancy; nearest: u"),
        ({"text": "x", "topic": "tarif.diskon", "id": "s1-0"}, "schema", "the id is used already, in a.jsonl line 1"),
        ({"text": "x", "topic": "tarif.diskn"}, "label", "unknown topic tarif.diskn; nearest: tarif.diskon"),
        ({"text": "x", "topic": "tarif.diskon", "forms": ["marah"]}, "label", "unknown forms marah; nearest: none"),
        ({"text": "x", "topic": "tarif.diskon", "channel": "wa2"}, "label", "unknown channel wa2; nearest: wa"),
        ({"text": "x", "topic": "tarif.diskon", "dialect": "jw"}, "label", "unknown dialect jw; nearest: jv"),
        ({"text": "x", "topic": "tarif.diskon", "secondary": ["tarif.diskon"]}, "label", "the topic is among"),
    ],
)  # fmt: skip
def test_a_faulty_line_is_told_by_file_and_line(tmp_path: Path, row: object, kind: str, detail: str) -> None:
    report = _check(_write(tmp_path / "a.jsonl", [*_sound(4, 1), row]))
    assert not report["fit"]
    (finding,) = report["findings"]
    assert (finding["level"], finding["check"], finding["file"], finding["line"]) == ("error", kind, "a.jsonl", 5)
    assert finding["detail"].startswith(detail)


def test_all_faults_of_all_lines_are_told(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl", [
        {"text": "x", "topic": "nope", "urgency": "nope"}, *_sound(2, 1), "{", {"text": "y", "topic": "z", "x": 1},
    ])  # fmt: skip
    assert [(level, kind, line) for level, kind, line, _ in _told(_check(path))] == [
        ("error", "label", 1), ("error", "label", 1),
        ("error", "schema", 4),
        ("error", "schema", 5), ("error", "label", 5),
    ]  # fmt: skip


def test_bytes_that_are_not_text_and_empty_files_are_told(tmp_path: Path) -> None:
    broken, empty = tmp_path / "a.jsonl", _write(tmp_path / "b.jsonl", [])
    broken.write_bytes(b'{"text": "\xff"}\n')
    assert [d for *_, d in _told(_check(broken, empty))] == ["not UTF-8 at byte 11", "holds no labelled message"]


def test_compressed_files_are_read_and_missing_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, _sound(6, 1))).encode()))
    assert _check(path)["messages"] == 6
    with pytest.raises(InvalidInput, match="No such file"):
        _check(tmp_path / "none.jsonl")


def test_a_duplicate_is_an_error_even_if_case_and_phone_number_differ(tmp_path: Path) -> None:
    one = {"id": "x", "text": "tulung hubungi 081234567890 listrik omah simbah mati", "topic": "gangguan.padam_area"}
    two = {"id": "y", "text": "Tulung hubungi 085712345678 LISTRIK omah simbah mati", "topic": "tarif.diskon"}
    report = _check(_write(tmp_path / "a.jsonl", [*_sound(5, 1), one]), _write(tmp_path / "b.jsonl", [two]))
    assert _told(report) == [("error", "duplicate", 1, "the same as x (a.jsonl line 6), with another topic")]
    assert not report["fit"]


@pytest.mark.parametrize("apart", ["folder", "option"])
def test_a_training_message_that_is_held_out_too_is_a_leak(tmp_path: Path, apart: str) -> None:
    rows = _sound(12, 1)
    train = _write(tmp_path / "a.jsonl", rows)
    held = _write(tmp_path / ("held_out" if apart == "folder" else "apart") / "h.jsonl", [rows[7] | {"id": "h"}])
    report = _check(train, held) if apart == "folder" else _check(train, held_out=[held])
    assert _told(report) == [("error", "leak", 1, "the same as s1-7 (a.jsonl line 8)")]


def test_a_greeting_that_two_writers_wrote_is_only_a_warning(tmp_path: Path) -> None:
    train = _write(tmp_path / "a.jsonl", [{"id": "x", "text": "wilujeng sonten", "topic": "tarif.diskon"}])
    held = _write(tmp_path / "held_out" / "h.jsonl", [{"id": "h", "text": "Wilujeng sonten", "topic": "tarif.diskon"}])
    report = _check(train, held)
    assert [(level, kind) for level, kind, *_ in _told(report)] == [("warning", "leak")]
    assert report["fit"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda words: [*words[:5], *words[6:]], "a word left out"),
        (lambda words: words[6:] + words[:6], "halves swapped"),
        (lambda words: ["halo", "min", *words], "a greeting before it"),
    ],
)
def test_near_duplicates_are_warned_of_and_between_the_splits_refused(tmp_path: Path, change: Any, reason: str) -> None:
    rows = _sound(20, 1)
    altered = rows[3] | {"id": "y", "text": " ".join(change(rows[3]["text"].split()))}
    inside = _check(_write(tmp_path / "a.jsonl", [*rows, altered]))
    assert [told[:3] for told in _told(inside)] == [("warning", "near_duplicate", 21)], reason
    assert inside["fit"]
    assert inside["findings"][0]["more"]["like"] == "s1-3"
    across = _check(_write(tmp_path / "a.jsonl", rows), _write(tmp_path / "held_out" / "h.jsonl", [altered]))
    (finding,) = across["findings"]
    assert finding["check"] == "leak"
    assert across["fit"] == (finding["more"]["jaccard"] < 0.8)


def test_shared_openings_and_runs_of_words_of_one_voice_are_templates(tmp_path: Path) -> None:
    opened = [r | {"id": f"o{i}", "text": f"nuwun sewu badhe matur {r['text']}"} for i, r in enumerate(_sound(6, 3))]
    closing = "mugi enggal dipun tindaki matur sembah nuwun"
    framed = [r | {"id": f"f{i}", "text": f"{r['text']} {closing}"} for i, r in enumerate(_sound(7, 4))]
    found = _check(_write(tmp_path / "a.jsonl", [*_sound(40, 1), *opened, *framed]))["findings"]
    assert [(f["level"], f["check"]) for f in found] == [("warning", "template")] * 2
    assert [len(f["more"]["ids"]) for f in found] == [7, 6]
    assert [f["more"]["ids"][0] for f in found] == ["f0", "o0"]
    spread = [_write(tmp_path / f"v{i}.jsonl", [row]) for i, row in enumerate(opened)]
    assert _check(*spread)["findings"] == [], "six voices may open alike"


def test_a_message_with_the_label_of_another_topic_is_suspected(tmp_path: Path) -> None:
    rows = _sound(180, 1)
    wrong = {30: "tarif.diskon", 61: "gangguan.padam_area", 92: "gangguan.padam_area"}
    right = {at: rows[at]["topic"] for at in wrong}
    for at, topic in wrong.items():
        assert rows[at]["topic"] != topic
        rows[at]["topic"] = topic
    rows[92]["secondary"] = [right[92]]  # both topics are labelled: nothing to suspect
    found = _check(_write(tmp_path / "a.jsonl", rows), judge_labels=True)["findings"]
    suspected = {f["id"]: (f["level"], f["more"]["given"], f["more"]["suggested"]) for f in found}
    assert suspected == {f"s1-{at}": ("warning", wrong[at], right[at]) for at in (30, 61)}
    assert all(0.5 < f["more"]["confidence"] <= 1 for f in found)


def test_what_is_below_its_minimum_is_warned_of_and_held_out_messages_do_not_count(tmp_path: Path) -> None:
    rows = [r for r in _sound(30, 1) if r["topic"] != "tarif.diskon"]
    rows[0]["channel"], rows[1]["dialect"] = "sosial", "ngapak"
    files = _write(tmp_path / "a.jsonl", rows), _write(tmp_path / "held_out" / "h.jsonl", _sound(90, 2))
    report = _check(*files, minima=Minima(per_topic=10, voices=1, per_dialect=2, per_channel=2))
    assert report["fit"]
    assert [d for *_, d in _told(report)] == [
        "topic tarif.diskon has 0 training messages, at least 10 are wanted",
        "topic tarif.diskon has 0 training voices, at least 1 are wanted",
        "dialect ngapak has 1 training messages, at least 2 are wanted",
        "channel sosial has 1 training messages, at least 2 are wanted",
    ]
    assert [t["training"] for t in report["counts"]["topics"]] == [10, 10, 0]
    assert sum(cell["messages"] for cell in report["counts"]["cells"]) == 110
    assert report["counts"]["words"] == {"p0": 12, "p5": 12, "p50": 12, "p95": 12, "p100": 12}


def test_personal_data_is_counted_by_type_and_shown_nowhere(tmp_path: Path) -> None:
    rows = _sound(6, 1)
    rows[0]["text"] += " hp 081234567890"
    rows[1]["text"] += " hp 085712345678 utawa 081398765432"
    rows[2]["text"] += " imel budi.zwartkopf@contoh.id"
    report = _check(_write(tmp_path / "a.jsonl", rows))
    assert report["personal"]["TELP"] == {"found": 3, "messages": 2}
    assert report["personal"]["EMAIL"] == {"found": 1, "messages": 1}
    assert "0812345" not in json.dumps(report)


def test_texts_are_compared_as_the_model_sees_them() -> None:
    rows, _ = read_rows(CORPUS[:1], frozenset(), policy_labels(Policy.load()), Policy.load().channels)
    kept, texts, *_ = _prepare(rows[:40])
    preparer = TextPreparer()
    assert texts == [preparer.model_text(row.text).strip() for row in kept]


def test_no_text_is_printed_or_written_whatever_is_wrong(tmp_path: Path) -> None:
    """The canary stands in the text, and where a text does not belong: label, field name, id, voice."""
    sentence = f"bu {SECRET} griyanipun peteng sanget wiwit wau dalu"
    good = {"text": sentence, "topic": "gangguan.padam_area", "channel": "wa"}
    rows = [
        good, good | {"id": sentence}, good | {"id": "z", "source": sentence}, good | {"topic": sentence},
        good | {sentence: 1}, good | {"text": [sentence]}, f'{{"text": "{sentence}"', good | {"urgency": {sentence: 1}},
        good | {"text": sentence + " nggih"},
    ]  # fmt: skip
    path, out = _write(tmp_path / "a.jsonl", rows), tmp_path / "report.json"
    done = CliRunner().invoke(app, ["data", "check", str(path), "--json", str(out)])
    assert done.exit_code == 1
    assert "not fit for training" in done.output
    for word in (SECRET, "griyanipun"):
        assert word.casefold() not in (done.output + out.read_text(encoding="utf-8")).casefold()


def test_the_command_tells_wrong_use_where_there_is_no_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["data", "check"])
    assert done.exit_code == 2


def test_the_committed_corpus_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "report.json"
    done = CliRunner().invoke(app, ["data", "check", "--no-labels", "--json", str(out)])
    report = json.loads(out.read_text(encoding="utf-8"))
    assert [f for f in report["findings"] if f["level"] == "error"] == []
    assert done.exit_code == 0
    assert len(report["files"]) == len(CORPUS)
    assert report["messages"] > 10_000
