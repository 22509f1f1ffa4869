"""The page of the report, in Indonesian: one HTML file without scripts or outside files, light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.policy import Policy
from training.behaviour import Change
from training.decisions import Fault
from training.report_html import Html, joined, number, percent, section, shown, tag
from training.report_sections import (
    automation,
    behaviour,
    calibration,
    confusion,
    costs,
    findings,
    labels_besides,
    per_topic,
    slices,
    summary,
    worst_errors,
)

_STYLE = Path(__file__).parent / "report.css"
ROLES = {"encoder": "Sapa", "keywords": "Kata kunci", "against": "Bundel pembanding"}
_CONTENTS = {
    "ringkasan": "Ringkasan",
    "otomatis": "Otomatis",
    "temuan": "Bahaya dan Ombudsman",
    "keyakinan": "Keyakinan",
    "topik": "Per topik",
    "irisan": "Per kanal dan dialek",
    "tertukar": "Topik yang tertukar",
    "lain": "Niat, urgensi, bentuk",
    "biaya": "Biaya salah rute",
    "perilaku": "Ketahanan",
    "kesalahan": "Kesalahan terburuk",
    "arti": "Arti angka",
}


def page(metrics: Mapping[str, Any], faults: Sequence[Fault], policy: Policy, tests: Sequence[Change]) -> str:
    """The report of ``report.measure``. The first model is the one reported on; the others stand beside each figure."""
    models = {ROLES.get(role, role): figures for role, figures in metrics["models"].items()}
    name, main = next(iter(models.items()))
    about = (
        f"{name} ({main['version']}) dinilai pada {number(metrics['messages'])} pesan berlabel"
        f"{_files(metrics)}. Kebijakan {metrics['policy']}, dibuat {metrics['created'][:10]}."
    )
    sections = (
        summary("ringkasan", models),
        automation("otomatis", models),
        findings("temuan", models),
        calibration("keyakinan", models),
        per_topic("topik", models, policy),
        slices("irisan", models),
        confusion("tertukar", models, policy),
        labels_besides("lain", models, policy),
        costs("biaya", models),
        behaviour("perilaku", models, tests),
        worst_errors("kesalahan", faults, policy),
        _reading(),
    )
    contents = joined(tag("a", text, href=f"#{anchor}") for anchor, text in _CONTENTS.items())
    header = tag("header", tag("h1", "Laporan evaluasi Sapa"), tag("p", about, cls="about"), tag("nav", contents))
    body = header + tag("main", _cards(models), *sections)
    return (
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Laporan evaluasi {name} {main['version']}</title>"
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body>{body}</body></html>\n"
    )


def _files(metrics: Mapping[str, Any]) -> str:
    return f" ({', '.join(metrics['data'])})" if metrics.get("data") else ""


def _cards(models: Mapping[str, Any]) -> Html:
    """The five figures that a head of service asks for first."""

    def card(value: str, meaning: str, beside: Sequence[str]) -> Html:
        names = list(models)[1:]
        others = "; ".join(f"{n}: {b}" for n, b in zip(names, beside[1:], strict=True))
        return tag("div", tag("strong", value), tag("span", meaning), tag("small", others))

    def of(*keys: str) -> list[str]:
        values = []
        for figures in models.values():
            for key in keys:
                figures = figures[key]
            values.append(percent(figures["value"], 0 if keys[-1] == "recall" else 1))
        return values

    def found(kind: str) -> Html:
        recall = next(iter(models.values()))[kind]["flow"]["recall"]
        meaning = {"hazard": "bahaya bagi nyawa ditemukan", "ombudsman": "perkara Ombudsman ditemukan"}[kind]
        values = of(kind, "flow", "recall")
        return card(values[0], f"{meaning} ({recall['count']} dari {recall['of']})", values)

    right, auto = of("topic", "accuracy"), of("topic", "automation", "0.97")
    cost = [number(figures["cost"]["per_100"]) for figures in models.values()]
    read = number(next(iter(models.values()))["cost"]["per_100_if_all_are_read"])
    return tag(
        "div",
        card(right[0], "pesan mendapat topik yang benar", right),
        found("hazard"),
        found("ombudsman"),
        card(auto[0], "pesan bisa dirutekan otomatis bila 97% harus benar", auto),
        card(cost[0], f"menit kerja per 100 pesan akibat rute; bila semua dibaca petugas tanpa keliru: {read}", cost),
        cls="cards",
    )


def _reading() -> Html:
    terms = {
        "Akurasi": "bagian pesan yang topiknya tepat sama dengan label petugas.",
        "Ketepatan (presisi)": "dari pesan yang diberi topik ini, berapa yang memang begitu.",
        "Temuan (recall)": "dari pesan yang memang bertopik ini, berapa yang ditemukan.",
        "F1": "rata-rata harmonis ketepatan dan temuan; makro-F1 memberi bobot sama pada setiap topik, "
        "juga yang jarang.",
        "Rentang": "angka kecil di samping adalah rentang 95%: bila pesan lain diambil dari sumber yang sama, "
        "angkanya kira-kira jatuh di situ. Bootstrap 1.000 kali untuk topik, Wilson untuk bagian sederhana.",
        "Domain": "kelompok topik, yaitu bagian sebelum titik: gangguan, tagihan, meter, dan seterusnya.",
        "Kata kunci": "model sederhana dalam bundel yang sama: pembanding, dan cadangan bila model utama gagal.",
        "Galat kalibrasi (ECE)": "selisih rata-rata antara keyakinan yang disebut model dan kebenaran yang terjadi; "
        "0 terbaik.",
    }
    rows = [Html(f"<p><b>{shown(term)}</b>: {shown(text)}</p>") for term, text in terms.items()]
    return section("arti", "Arti angka", "", *rows)
