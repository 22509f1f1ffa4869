"""Hazards are found in three languages, and what only looks like one is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PolicyError
from pipeline.hazards import POLICY, URGENCIES, HazardRules, judge_urgency
from pipeline.messages import Aligned, Hazard
from pipeline.normalise import clean
from pipeline.policy_models import HazardThresholds

THRESHOLDS = HazardThresholds(darurat_alone=0.4, darurat_with_tinggi_rule=0.25, darurat_when_cleared=0.65, source="[P]")


@pytest.fixture(scope="module")
def rules() -> HazardRules:
    return HazardRules()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kabel PLN putus jatuh di jalan depan balai RW, tolong cepat", "live wire down"),
        ("kbl listrik ny menjuntai setinggi dada di gang mushola", "within reach"),
        ("wayer sing menyang omahe pak kaum pedhot, saiki ngglethak nang latar", "Javanese: broken and lying"),
        ("kabele semampir nang pager wesi, wong liwat padha wedi", "ngapak: hangs over an iron fence"),
        ("trafo pojok pasar ngetokke kembang api terus ket maghrib", "sparks"),
        ("Saking meteran kula medal kukus lan mambu sangit", "krama: smoke at the meter box"),
        ("box meteran kok sangit ya bau plastik kebakar, masih nyala sih", "burnt smell at the meter box"),
        ("anakku kesetrum pas nyekel cagak ngarep omah", "shock"),
        ("pagar besi saya nyetrum kalau dipegang sejak kemarin sore", "a condition of touch is no hypothesis"),
        ("sambungan di tiang mercik nek udan, wis rong bengi", "a condition of weather is no hypothesis"),
        ("kabelnya sudah menjuntai di pagar, takut anak kesetrum", "a physical sign beats the fear"),
        ("Tiang listrik roboh menimpa teras rumah warga RT 4", "pole fallen on a house"),
        ("cagak PLN wis nyender nang gendheng omahku", "leans on a house"),
        ("sapiku mati kesetrum nang sawah, kabele esih nang lemah", "an animal killed, the wire still there"),
        ("rob masuk, kotak meteran sudah kerendam tapi lampu masih hidup", "meter box under water"),
        ("ibu saya pakai konsentrator oksigen, listrik rumah mati dari tadi", "medical device without power"),
        ("bapak ngagem ventilator, griya kula pejah piyambak", "krama: medical device without power"),
        ("My father is on home oxygen and we have no power", "English"),
        ("gardu belakang sekolah meledak keluar api", "explosion with fire"),
        ("KABEL PUTUSSS DI JALANNN TOLONGGG", "capitals and elongation"),
        ("kabel mléyot lan pedhot, tiba ing dalan", "accents as in Javanese spelling"),
        ("kemarin sudah diperbaiki petugas, tapi sekarang kabelnya jatuh lagi di jalan", "solved, then again"),
    ],
)
def test_a_danger_is_found(rules: HazardRules, text: str, reason: str) -> None:
    assert rules.find(text).level == "darurat", reason


@pytest.mark.parametrize(
    ("text", "cleared_by", "reason"),
    [
        ("lihat tagihan bulan ini berasa kesetrum, 900 ribu", None, "simile"),
        ("harga tambah dayanya bikin kesetrum harga", "idiom", "idiom"),
        ("Setrika saya kalau dipegang nyetrum, beli yang baru di mana ya", "perangkat_pribadi", "private appliance"),
        ("kabel indihome menjuntai di gang kami, bisa dirapikan?", "telekomunikasi", "telecom wire without shock"),
        ("matur nuwun, kabel sing pedhot wis didandani petugas", "selesai", "solved and thanked"),
        ("besok ada lomba poster bahaya kesetrum di sekolah kami", "tontonan", "an event, no event of danger"),
        ("takut kalau kesetrum, bolehkah saya mengecat tembok dekat meteran", "andai", "hypothetical"),
        ("iso kesetrum ora nek nyapu cedhak meteran", "mungkin", "Javanese: a question of what may be"),
        ("listrikku mati wiwit mau, ora ana setrume babar blas", None, "setrum is Javanese for current"),
        ("pulsanya hangus pas ganti meteran, kok gitu", None, "credit that burns"),
        ("tak cek meteran ora mambu sangit, ora ana kukuse", None, "denied signs"),
        ("suamiku biyen tahun 2015 kesetrum cagak, njaluk ganti rugi piye carane", "tuntutan", "a past claim"),
        ("telur di inkubator penetas ayam saya rusak karena listrik mati", None, "an incubator for eggs"),
        ("layangan nyangkut di kabel, talinya menjuntai sampai tanah", "benda_lain", "the string hangs, not the wire"),
        ("Terima kasih petugas yang mengganti trafo terbakar kemarin, sigap sekali", "selesai", "praise"),
    ],
)
def test_what_only_looks_like_danger_is_cleared(
    rules: HazardRules, text: str, cleared_by: str | None, reason: str
) -> None:
    hazard = rules.find(text)
    assert hazard.level != "darurat", reason
    assert cleared_by is None or hazard.cleared_by == cleared_by, reason


@pytest.mark.parametrize(
    "text",
    [
        "tiang depan rumah miring, hampir roboh",
        "cagake doyong nemen, selak ambruk pak",
        "kabel SR kami kendor, masih di atas genteng",
    ],
)
def test_a_pole_or_wire_that_may_fall_is_urgent(rules: HazardRules, text: str) -> None:
    assert rules.find(text).level == "tinggi"


def test_an_aligned_text_is_read_like_its_string(rules: HazardRules) -> None:
    text = "kabel&nbsp;putus di jalan"
    assert rules.find(clean(text)) == rules.find(clean(text).text)
    assert rules.find(Aligned("")) == Hazard(None, None, None)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_an_answer(text: str) -> None:
    assert HAZARD_RULES.find(text).level in (None, "tinggi", "darurat")


HAZARD_RULES = HazardRules()


def test_every_rule_and_exception_has_a_source_and_a_level() -> None:
    assert HAZARD_RULES.rule_ids
    assert len(set(HAZARD_RULES.rule_ids)) == len(HAZARD_RULES.rule_ids)


# --- judge_urgency


def scores(darurat: float, tinggi: float = 0.0, normal: float = 0.0, rendah: float = 0.0) -> dict[str, float]:
    return {"darurat": darurat, "tinggi": tinggi, "normal": normal, "rendah": rendah}


@pytest.mark.parametrize(
    ("model", "hazard", "urgency", "reason"),
    [
        (scores(0.0, rendah=1.0), Hazard("darurat", "setrum"), "darurat", "a rule decides alone"),
        (scores(0.4, normal=0.6), Hazard(None, None), "darurat", "the model reaches its threshold"),
        (scores(0.39, normal=0.61), Hazard(None, None), "normal", "the model stays below it"),
        (scores(0.3, normal=0.7), Hazard("tinggi", "tiang_miring"), "darurat", "a tinggi rule lowers it"),
        (scores(0.5, normal=0.5), Hazard(None, None, "selesai"), "normal", "an exception raises it"),
        (scores(0.7, normal=0.3), Hazard(None, None, "selesai"), "darurat", "a sure model overrules an exception"),
        (scores(0.1, normal=0.9), Hazard("tinggi", "tiang_miring"), "tinggi", "a rule raises the urgency"),
        (scores(0.1, tinggi=0.8, normal=0.1), Hazard(None, None), "tinggi", "the model's best otherwise"),
    ],
)
def test_urgency_joins_rule_and_model(model: dict[str, float], hazard: Hazard, urgency: str, reason: str) -> None:
    judged, reasons = judge_urgency(model, hazard, THRESHOLDS)
    assert judged == urgency, reason
    assert reasons


@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
    st.sampled_from([None, "tinggi", "darurat"]),
    st.sampled_from([None, "selesai"]),
)
def test_a_rule_never_lowers_the_urgency(model: list[float], level: str | None, cleared: str | None) -> None:
    given_scores = dict(zip(URGENCIES, model, strict=True))
    judged, _ = judge_urgency(given_scores, Hazard(level, "r" if level else None, cleared), THRESHOLDS)
    plain, _ = judge_urgency(given_scores, Hazard(None, None, cleared), THRESHOLDS)
    assert URGENCIES.index(judged) <= URGENCIES.index(plain)


# --- policy


def changed_policy(tmp_path: Path, old: str, new: str) -> Path:
    shutil.copytree(POLICY, tmp_path / "policy")
    file = tmp_path / "policy" / "hazards.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path / "policy"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("exceptions:\n", "exeptions: []\nexceptions:\n", "unknown key exeptions; valid keys: sets, exceptions, rules"),
        ("unless: [selesai, tontonan", "unless: [selesay, tontonan", "selesay"),
        ("@kawat _6 @nempel", "@kawet _6 @nempel", "kawet"),
        ("level: darurat", "level: gawat", "level"),
        ("    all: [[medis], [padam]]", "    all: [[medis], [padam]]\n    all: []", "given twice"),
    ],
)
def test_a_wrong_policy_is_refused_by_name(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        HazardRules(changed_policy(tmp_path, old, new))
