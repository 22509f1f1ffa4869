"""The Ombudsman verdict follows the order resmi, antrean, pantau, tidak, and joins facts and model lopsidedly."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PolicyError
from pipeline.extract import Extractor
from pipeline.messages import Aligned, Facts, Scores
from pipeline.ombudsman import POLICY, OmbudsmanRules, Verdict
from pipeline.policy_models import FormThresholds, OmbudsmanThresholds

RULES = OmbudsmanRules()
EXTRACTOR = Extractor()
NOW = datetime(2025, 11, 20, tzinfo=UTC)
OMBUDSMAN_AT = OmbudsmanThresholds(resmi_at=0.4, antrean_at=0.3, pantau_at=0.5, source="[P]")
FORMS_AT = FormThresholds(default_at=0.5, overrides={"permintaan_imbalan": 0.4}, source="[P]")
STATUSES = ("resmi", "antrean", "pantau", "tidak")
FORMS = (
    "penundaan_berlarut", "tidak_melayani", "tidak_kompeten", "penyalahgunaan_wewenang", "penyimpangan_prosedur",
    "permintaan_imbalan", "tidak_patut", "berpihak", "diskriminasi", "konflik_kepentingan",
)  # fmt: skip


def scores(antrean: float = 0.0, resmi: float = 0.0, pantau: float = 0.0, **forms: float) -> Scores:
    """Scores of the two heads that matter here."""
    rest = max(0.0, 1.0 - antrean - resmi - pantau)
    return Scores(
        topic={},
        secondary={},
        intent={},
        urgency={},
        forms=dict.fromkeys(FORMS, 0.0) | forms,
        ombudsman={"resmi": resmi, "antrean": antrean, "pantau": pantau, "tidak": rest},
    )


def judge(
    text: str, given_scores: Scores, facts: Facts | None = None, topic: str = "meter.rusak", urgency: str = "normal"
) -> Verdict:
    facts = facts if facts is not None else EXTRACTOR.extract(Aligned(text), NOW)
    return RULES.judge(
        given_scores, facts, text, topic=topic, urgency=urgency, ombudsman_at=OMBUDSMAN_AT, forms_at=FORMS_AT
    )


@pytest.mark.parametrize(
    ("text", "model", "status", "reason"),
    [
        ("Ombudsman RI Perwakilan DIY meminta penjelasan tertulis atas laporan warga", 0.0, "resmi", "the letter"),
        ("kasus ini sudah saya laporkan ke Ombudsman minggu lalu", 0.0, "antrean", "a report filed"),
        ("sudah 5 kali lapor meteran rusak, tidak ada yang datang", 0.03, "antrean", "contacts, little support"),
        ("wis ping telu lapor durung ana sing teka, nek ngene terus tak wadul ombudsman", 0.2, "antrean", "threat"),
        ("lapor tiga minggu lalu, sampai sekarang belum ada jawaban", 0.12, "antrean", "a wait without answer"),
        ("petugas minta 300 ribu biar meteran cepat dipasang, ada rekamannya", 0.1, "antrean", "a grave form told"),
        ("listrik diputus padahal sudah lunas, petugasnya lihat struk", 0.1, "antrean", "cut although paid"),
        ("meteran eror tolong dicek", 0.35, "antrean", "the model alone, low threshold"),
        ("kalau malam ini belum nyala saya lapor Ombudsman", 0.2, "pantau", "a threat at first contact"),
        ("denda ini sedang disidangkan di PN Bantul", 0.3, "pantau", "in court"),
        ("kejadian kebakaran tahun 2019 baru sekarang saya urus kompensasinya", 0.1, "pantau", "older than two years"),
        ("selamat ya PLN dapat nilai hijau dari Ombudsman", 0.05, "tidak", "praise"),
        ("meteran eror tolong dicek", 0.1, "tidak", "nothing told"),
        ("GOBLOK SEMUA LELET PELAYANAN BURUK", 0.1, "tidak", "anger is no evidence"),
        ("dulu lapor 4 kali, sekarang sudah diperbaiki, terima kasih", 0.4, "tidak", "solved"),
    ],
)
def test_the_status_follows_the_order(text: str, model: float, status: str, reason: str) -> None:
    verdict = judge(text, scores(antrean=model))
    assert verdict.status == status, reason
    assert verdict.reasons or status == "tidak"


def test_a_fact_alone_decides_nothing_that_the_model_excludes() -> None:
    assert judge("sudah lapor 2 kali belum ada kabar", scores(antrean=0.0)).status == "tidak"


def test_what_is_told_as_solved_needs_a_sure_model() -> None:
    text = "lapor 4 kali, sekarang sudah diperbaiki, terima kasih"
    assert judge(text, scores(antrean=0.9)).status == "antrean"


def test_danger_with_an_ignored_report_is_a_case() -> None:
    text = "kabel menjuntai di depan TK sudah 5 hari lapor, belum ada yang datang"
    facts = replace(EXTRACTOR.extract(Aligned(text), NOW), contacts=1)
    assert judge(text, scores(antrean=0.06), facts, urgency="darurat").reasons == ("danger_ignored",)
    assert judge(text, scores(antrean=0.06), facts, urgency="normal").status == "tidak"


def test_outside_the_scope_there_are_no_forms_and_only_letters() -> None:
    text = "sudah lapor 4 kali internet mati, petugas minta uang rokok"
    told = scores(antrean=0.9, permintaan_imbalan=0.9)
    assert judge(text, told, topic="luar_lingkup") == Verdict("tidak", (), ("ombudsman_out_of_scope",))
    letter = "Ombudsman RI Perwakilan Jawa Tengah meminta klarifikasi atas laporan masyarakat"
    assert judge(letter, scores(), topic="luar_lingkup").status == "resmi"


@pytest.mark.parametrize(
    ("text", "given_scores", "forms", "reason"),
    [
        ("tolong dicek", scores(tidak_melayani=0.6, tidak_patut=0.7), ("tidak_patut", "tidak_melayani"), "by falling"),
        ("tolong dicek", scores(tidak_melayani=0.4), (), "below the default"),
        ("tolong dicek", scores(permintaan_imbalan=0.4), ("permintaan_imbalan",), "its own threshold"),
        ("petugas minta amplop", scores(permintaan_imbalan=0.06), ("permintaan_imbalan",), "its cue lowers it"),
        (
            "petugas bentak ibu saya",
            scores(tidak_patut=0.3),
            ("tidak_patut",),
            "the cue of a lesser form",
        ),
        ("orang ngaku petugas minta 200 ribu", scores(permintaan_imbalan=0.3), (), "fraud by no staff"),
    ],
)
def test_forms_need_less_when_their_cue_is_told(
    text: str, given_scores: Scores, forms: tuple[str, ...], reason: str
) -> None:
    assert judge(text, given_scores).forms == forms, reason


def test_a_procedure_skipped_is_grave_only_with_loss() -> None:
    assert judge("P2TL datang tanpa surat tugas", scores(antrean=0.1)).status == "tidak"
    assert judge("P2TL datang tanpa surat tugas, meteran dibongkar, denda 9 juta", scores(antrean=0.1)).reasons == (
        "grave_form:penyimpangan_prosedur",
    )


@given(
    st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 5), st.integers(0, 60),
    st.sampled_from(["none", "mention", "threat", "filed", "letter"]), st.booleans(), st.booleans(),
)  # fmt: skip
@settings(deadline=None)
def test_more_told_never_means_less_attention(
    antrean: float, resmi: float, contacts: int, days: int, how: str, money: bool, promise: bool
) -> None:
    facts = Facts(contacts=contacts, waiting_days=days, ombudsman=how, money_asked=money, broken_promise=promise)
    verdict = judge("mohon dicek", scores(antrean, resmi), facts)
    more = replace(facts, contacts=contacts + 1, waiting_days=days + 20)
    assert verdict.status in STATUSES
    assert STATUSES.index(judge("mohon dicek", scores(antrean, resmi), more).status) <= STATUSES.index(verdict.status)


def test_a_policy_that_names_unknown_sets_is_refused(tmp_path: Path) -> None:
    shutil.copytree(POLICY, tmp_path / "policy")
    file = tmp_path / "policy" / "ombudsman.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("[kerabat]", "[kerabatt]", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="kerabatt"):
        OmbudsmanRules(tmp_path / "policy")
