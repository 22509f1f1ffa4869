"""The sections of the report's page, in Indonesian. ``models`` maps a name to its figures; the first is reported on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.policy import Policy
from training.behaviour import Change
from training.decisions import Fault
from training.figures import QUALITIES, domain
from training.report_charts import Axes, Line, heat_table, line_chart, whiskers
from training.report_html import Html, Text, joined, key, number, percent, section, shown, table, tag

Models = Mapping[str, Any]
_PAIRS = 12
_COST_KINDS = {
    "right": "topik benar",
    "second_topic": "topik kedua",
    "same_domain": "topik salah, domain sama",
    "other_domain": "domain salah",
    "hazard": "bahaya",
    "ombudsman": "Ombudsman",
    "auto": "otomatis",
    "suggest": "disarankan",
    "review": "dibaca petugas",
    "missed": "terlewat",
    "false_alarm": "alarm palsu",
}
_AXES = {"channel": "Kanal", "dialect": "Dialek", "length": "Panjang (kata)", "source": "Sumber"}


def legend(models: Models) -> Html:
    """Which colour is which model."""
    return key((f"m{i}", name) for i, name in enumerate(models))


def summary(anchor: str, models: Models) -> Html:
    """The main figures, the models side by side."""
    lines: dict[str, tuple[str, ...]] = {
        "Topik benar": ("topic", "accuracy"),
        "Topik benar, label kedua juga diterima": ("topic", "accuracy_with_second"),
        "Domain benar": ("topic", "domain_accuracy"),
        "Makro-F1 topik": ("topic", "macro_f1"),
        "Galat kalibrasi (ECE)": ("topic", "ece"),
        "Niat benar": ("intent", "accuracy"),
        "Urgensi benar": ("urgency", "flow", "accuracy"),
        "Bahaya ditemukan": ("hazard", "flow", "recall"),
        "Tanda bahaya yang tepat": ("hazard", "flow", "precision"),
        "Perkara Ombudsman ditemukan": ("ombudsman", "flow", "recall"),
        "Tanda Ombudsman yang tepat": ("ombudsman", "flow", "precision"),
        "Bentuk maladministrasi ditemukan": ("forms", "flow", "recall"),
    }
    rows = [[title, *(_at(figures, path) for figures in models.values())] for title, path in lines.items()]
    return section(
        anchor,
        "Ringkasan",
        "Angka utama dengan rentang 95%. "
        "Bahaya, Ombudsman, urgensi, dan bentuk: keputusan seluruh alur, model bersama aturan.",
        table(["", *models], rows),
    )


def automation(anchor: str, models: Models) -> Html:
    """How much can be done without a person, and how much of it is right."""
    chart = line_chart(
        "Bagian pesan yang otomatis dan kebenarannya",
        Axes(
            "bagian pesan yang dirutekan otomatis, paling yakin lebih dulu",
            "bagian yang benar",
            _floor(models),
            levels=QUALITIES,
        ),
        [Line(name, f"m{i}", figures["topic"]["risk_coverage"]) for i, (name, figures) in enumerate(models.items())],
    )
    rates = [
        [f"{percent(q, 0)} benar", *(m["topic"]["automation"][f"{q:.2f}"] for m in models.values())] for q in QUALITIES
    ]
    now = [
        [_COST_KINDS[action], *(_action(m["actions"][action]) for m in models.values())]
        for action in next(iter(models.values()))["actions"]
    ]
    return section(
        anchor,
        "Berapa yang bisa otomatis",
        "Makin banyak pesan dirutekan tanpa dibaca, makin banyak yang keliru. "
        "Garis putus adalah 95, 97, dan 99 persen benar.",
        legend(models),
        tag(
            "div",
            chart,
            tag(
                "div",
                table(["Bagian otomatis bila", *models], rates),
                tag("h3", "Dengan ambang kebijakan sekarang"),
                table(["", *models], now),
            ),
            cls="pair",
        ),
    )


def findings(anchor: str, models: Models) -> Html:
    """Hazards and Ombudsman matters: the whole flow, and the head alone over its thresholds."""
    parts = []
    for kind, title in (
        ("hazard", "Bahaya bagi nyawa (darurat)"),
        ("ombudsman", "Perkara Ombudsman (antrean dan resmi)"),
    ):
        rows = [[name, m[kind]["flow"]["recall"], m[kind]["flow"]["precision"]] for name, m in models.items()]
        head = next(iter(models.values()))[kind]["head"]
        lines = [
            Line(words, cls, [(p["threshold"], p[what]) for p in head if p[what] is not None])
            for what, words, cls in (("recall", "Temuan", "m0"), ("precision", "Ketepatan", "m2"))
        ]
        chart = line_chart(f"{title}: kepala model saja", Axes("ambang keyakinan kepala model", "bagian"), lines)
        parts.append(
            tag(
                "div",
                tag("h3", title),
                table(["Seluruh alur", "ditemukan", "tepat"], rows),
                tag("p", "Kepala model saja, menurut ambangnya:", cls="note"),
                key((("m0", "ditemukan"), ("m2", "tepat"))),
                chart,
            )
        )
    return section(
        anchor,
        "Bahaya dan Ombudsman",
        "Keduanya lebih baik salah menandai daripada terlewat. "
        "Yang dihitung adalah keputusan akhir: aturan dan model bersama-sama.",
        tag("div", *parts, cls="pair"),
    )


def calibration(anchor: str, models: Models) -> Html:
    """Whether 80% sure means 80% right."""
    lines, marks = [], []
    for i, (name, figures) in enumerate(models.items()):
        points = [(b["confidence"], b["right"]["value"]) for b in figures["topic"]["reliability"]]
        lines.append(Line(name, f"m{i}", points))
        marks.append(Line(f"{name} (yakin, benar)", f"m{i}", points))
    axes = Axes("keyakinan yang disebut model", "yang ternyata benar", diagonal=True)
    rows = [[name, figures["topic"]["ece"]] for name, figures in models.items()]
    bins = [
        [f"{percent(b['from'], 0)}–{percent(b['to'], 0)}", percent(b["confidence"]), b["right"]]
        for b in next(iter(models.values()))["topic"]["reliability"]
    ]
    return section(
        anchor,
        "Bisakah keyakinannya dipercaya",
        "Titik di garis putus: bila model berkata 80% yakin, 80% memang benar. "
        "Di bawah garis berarti terlalu percaya diri.",
        legend(models),
        tag(
            "div",
            line_chart("Keyakinan dan kebenaran", axes, lines, marks),
            tag(
                "div",
                table(["", "galat kalibrasi (ECE)"], rows),
                tag("h3", next(iter(models))),
                table(["keyakinan", "rata-rata", "benar"], bins),
            ),
            cls="pair",
        ),
    )


def per_topic(anchor: str, models: Models, policy: Policy) -> Html:
    """Precision, recall and F1 of each topic, grouped by domain."""
    main = next(iter(models.values()))["topic"]["per_topic"]
    rows: list[list[object]] = []
    above = ""
    for topic in (t for t in policy.topics if t in main):
        if domain(topic) != above:
            above = domain(topic)
            rows.append([above])
        beside = [m["topic"]["per_topic"][topic]["f1"] for m in models.values()]
        drawn = whiskers(f"F1 {topic}", [(n, f"m{i}", f) for i, (n, f) in enumerate(zip(models, beside, strict=True))])
        name = shown(policy.topics[topic].title) + Html("<br>") + tag("code", topic)
        row = main[topic]
        rows.append([name, row["support"], row["precision"], row["recall"], *beside, drawn])
    head = ["Topik", "pesan", "ketepatan", "temuan", *(f"F1 {name}" for name in models), "F1, 0 sampai 100%"]
    about = "Topik dengan sedikit pesan punya rentang lebar: angkanya baru petunjuk."
    return section(anchor, "Per topik", about, legend(models), table(head, rows))


def slices(anchor: str, models: Models) -> Html:
    """Accuracy by channel, dialect, length and source."""
    main = next(iter(models.values()))["topic"]["slices"]
    rows: list[list[object]] = []
    for axis, title in _AXES.items():
        rows.append([title])
        for name in main[axis]:
            beside = [m["topic"]["slices"][axis][name] for m in models.values()]
            figures = [(n, f"m{i}", b["accuracy"]) for i, (n, b) in enumerate(zip(models, beside, strict=True))]
            f1 = percent(beside[0]["macro_f1"])
            drawn = whiskers(name or axis, figures)
            rows.append([name or "tidak dicatat", *(b["accuracy"] for b in beside), f1, drawn])
    head = ["", *(f"{name}: topik benar" for name in models), f"{next(iter(models))}: makro-F1", "0 sampai 100%"]
    about = "Apakah ada kanal atau bahasa yang dilayani lebih buruk?"
    return section(anchor, "Per kanal, dialek, panjang, sumber", about, legend(models), table(head, rows))


def confusion(anchor: str, models: Models, policy: Policy) -> Html:
    """Which topic is taken for which."""
    drawn = []
    for name, figures in models.items():
        topics, rows = figures["topic"]["confusion"]["topics"], figures["topic"]["confusion"]["rows"]

        def title(i: int, j: int, topics: Sequence[str] = topics, rows: Sequence[Sequence[int]] = rows) -> str:
            share = percent(rows[i][j] / sum(rows[i]), 0)
            return f"{rows[i][j]} pesan ({share}): seharusnya {topics[i]}, diputus {topics[j]}"

        heat = heat_table(f"Topik yang tertukar, {name}", topics, [domain(t) for t in topics], rows, title)
        drawn.append(tag("div", heat, cls="wide"))
    first, *others = drawn
    names = list(models)[1:]
    more = [tag("details", tag("summary", f"Tabel {n}"), heat) for n, heat in zip(names, others, strict=True)]
    topics, rows = (next(iter(models.values()))["topic"]["confusion"][k] for k in ("topics", "rows"))
    cells = ((count, i, j) for i, row in enumerate(rows) for j, count in enumerate(row) if i != j and count)
    pairs = sorted(cells, reverse=True)
    listed = [
        [policy.topics[topics[i]].title, policy.topics[topics[j]].title, f"{count} dari {sum(rows[i])}"]
        for count, i, j in pairs[:_PAIRS]
    ]
    return section(
        anchor,
        "Topik yang tertukar",
        "Baris: topik yang benar. Kolom: topik yang diputus. "
        "Makin pekat, makin besar bagian barisnya; tunjuk sebuah kotak untuk keterangannya.",
        key((("hit", "benar"), ("near", "salah, domain sama"), ("far", "salah, domain lain"))),
        first,
        *more,
        tag("h3", "Yang paling sering tertukar"),
        table(["Seharusnya", "Diputus sebagai", "pesan"], listed),
    )


def labels_besides(anchor: str, models: Models, policy: Policy) -> Html:
    """Intent, urgency, Ombudsman status and forms."""
    kinds = policy.taxonomy
    titles = {label.id: label.title for label in (*kinds.intents, *kinds.urgencies, *kinds.forms, *kinds.ombudsman)}
    head = ["", *(f"{name}: {what}" for name in models for what in ("ditemukan", "tepat"))]
    parts = []
    for title, path in (
        ("Niat", ("intent",)),
        ("Urgensi, seluruh alur", ("urgency", "flow")),
        ("Status Ombudsman, seluruh alur", ("ombudsman_status", "flow")),
        ("Bentuk maladministrasi, seluruh alur", ("forms", "flow")),
    ):
        axes = [_at(figures, path) for figures in models.values()]
        rows = [
            [titles[label], *(axis["per_label"][label][what] for axis in axes for what in ("recall", "precision"))]
            for label in axes[0]["per_label"]
        ]
        overall = [a.get("accuracy") or {"value": a["f1"]} for a in axes]
        what = "benar" if "accuracy" in axes[0] else "mikro-F1"
        words = "; ".join(f"{name} {percent(o['value'])}" for name, o in zip(models, overall, strict=True))
        parts.append(tag("h3", title) + tag("p", f"{what}: {words}", cls="note") + table(head, rows))
    return section(anchor, "Niat, urgensi, status, bentuk", "", *parts)


def costs(anchor: str, models: Models) -> Html:
    """What wrong decisions cost, by kind and from domain to domain."""
    main = next(iter(models.values()))["cost"]
    kinds = sorted({k for m in models.values() for k in m["cost"]["kinds"]}, key=lambda k: -_kind(main, k)["cost"])
    rows: list[list[object]] = []
    for kind in kinds:
        beside = [_kind(m["cost"], kind) for m in models.values()]
        words = ", ".join(_COST_KINDS[word] for word in kind.split("/"))
        rows.append([words, *(f"{number(k['cost'])} ({k['messages']:.0f})" for k in beside)])
    rows.append(["per 100 pesan", *(tag("b", number(m["cost"]["per_100"])) for m in models.values())])
    domains, matrix = main["matrix"]["domains"], main["matrix"]["rows"]

    def title(i: int, j: int) -> str:
        return f"{number(matrix[i][j])} menit: seharusnya {domains[i]}, diputus {domains[j]}"

    heat = heat_table("Biaya dari domain ke domain", domains, domains, matrix, title, cell=38, long_numbers=True)
    return section(
        anchor,
        "Biaya salah rute",
        "Taksiran menit kerja, untuk membandingkan, bukan tagihan. "
        f"Harga tiap kekeliruan ada di training/costs.yaml. Bila semua pesan dibaca petugas tanpa keliru: "
        f"{number(main['per_100_if_all_are_read'])} menit per 100 pesan.",
        table(["Jenis: menit (pesan)", *models], rows),
        tag("h3", f"Menit dari domain ke domain, {next(iter(models))}"),
        tag("div", heat, cls="wide"),
    )


def behaviour(anchor: str, models: Models, tests: Sequence[Change]) -> Html:
    """How often a change that should not matter changes the topic."""
    rows = []
    for test in tests:
        beside = [m["behaviour"][test.id] for m in models.values()]
        name = shown(test.title) + Html("<br>") + tag("small", test.about)
        rows.append([name, *(b["failures"] for b in beside), beside[0]["right_to_wrong"]])
    head = ["Perubahan", *(f"{name}: topik berubah" for name in models), f"{next(iter(models))}: benar menjadi salah"]
    about = (
        "Pesan diubah dengan cara yang tidak mengubah maksudnya. "
        "Makin kecil bagian yang topiknya ikut berubah, makin baik."
    )
    return section(anchor, "Ketahanan", about, table(head, rows))


def worst_errors(anchor: str, faults: Sequence[Fault], policy: Policy) -> Html:
    """The wrong topics of which the model was surest, redacted."""
    rows = [
        [
            percent(f.confidence, 0),
            Text(f.redacted),
            policy.topics[f.truth].title,
            policy.topics[f.decided].title,
            joined((f.channel, Html("<br>"), _COST_KINDS[f.action], Html("<br>"), tag("code", f.id))),
        ]
        for f in faults
    ]
    about = f"{len(faults)} pesan yang topiknya salah, paling yakin lebih dulu. Data pribadi sudah disamarkan."
    head = ["yakin", "Pesan (disamarkan)", "Seharusnya", "Diputus", "kanal, tindakan, id"]
    return section(anchor, "Kesalahan terburuk", about, table(head, rows))


def _at(figures: Any, path: Sequence[str]) -> Any:
    for step in path:
        figures = figures[step]
    return figures


def _kind(cost: Mapping[str, Any], kind: str) -> Mapping[str, float]:
    found: Mapping[str, float] = cost["kinds"].get(kind, {"messages": 0, "cost": 0.0})
    return found


def _action(action: Mapping[str, Any]) -> Html:
    right = action["right"]["value"]
    words = Html("") if right is None else tag("small", f" · {percent(right)} benar")
    return joined((action["share"], words))


def _floor(models: Models) -> float:
    """The lowest share drawn: the curves live near 1, and an axis from 0 would hide them."""
    lowest = min(y for m in models.values() for _, y in m["topic"]["risk_coverage"])
    return min(0.8, int(lowest * 10) / 10)
