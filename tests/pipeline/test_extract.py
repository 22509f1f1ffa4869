"""Facts are read from Indonesian, Javanese and ngapak as customers write them, with their spans."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import PolicyError
from pipeline.extract import POLICY, Extractor
from pipeline.messages import Aligned, Facts
from pipeline.normalise import clean

EXTRACTOR = Extractor()
NOW = datetime(2025, 11, 20, 8, 0, tzinfo=UTC)  # a Thursday


def read(text: str) -> Facts:
    return EXTRACTOR.extract(Aligned(text), NOW)


def values(text: str, kind: str) -> list[str]:
    return [entity.value for entity in read(text).entities if entity.type == kind]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("daya 900 watt", "power_va", ["900"]),
        ("rumah saya 1300va mau naik ke 5500", "power_va", ["1300", "5500"]),
        ("MCB masih 6 ampere", "power_va", ["1300"]),
        ("gudang kami 33 kVA", "power_va", ["33000"]),
        ("munggah saka 900 dadi 2200", "power_va", ["900", "2200"]),
        ("beli token 900", "power_va", []),  # no cue of power
        ("tarif R1M kok mahal", "tariff", ["R1M"]),
        ("pelanggan R-1/900 VA", "tariff", ["R-1/900 VA"]),
        ("golongan B2 toko kami", "tariff", ["B2"]),
        ("rumah di blok B2 nomor 4", "tariff", []),  # an address
        ("bayar Rp 1.218.000 lunas", "amount", ["1218000"]),
        ("Rp. 75.000 terpotong", "amount", ["75000"]),
        ("diminta 500rb", "amount", ["500000"]),
        ("denda 14,7 jt", "amount", ["14700000"]),
        ("tagihan satu setengah juta", "amount", ["1500000"]),
        ("token sewu entek", "amount", ["1000"]),
        ("njaluk selawe ewu", "amount", ["25000"]),
        ("bayar seket ewu", "amount", ["50000"]),
        ("pulsa satus ewu", "amount", ["100000"]),
        ("kalih atus ewu dereng mlebet", "amount", ["200000"]),
        ("telung atus patang puluh lima ewu", "amount", ["345000"]),
        ("seratus dua puluh lima ribu", "amount", ["125000"]),
        ("sudah 3 minggu", "duration", ["P21D"]),
        ("wis rong minggu", "duration", ["P14D"]),
        ("sampun kalih wulan", "duration", ["P60D"]),
        ("seminggu luwih", "duration", ["P7D"]),
        ("3 dino ora murub", "duration", ["P3D"]),
        ("mati 5 jam", "duration", ["PT5H"]),
        ("mati 30 menit", "duration", ["PT30M"]),
        ("janjinya 14 hari kerja", "duration", ["P20D"]),
        ("token 450 sasi iki", "duration", []),  # a class of power before a word for month
        ("nyala jam 7 malam", "clock", ["07:00"]),
        ("pukul 18.30 padam", "clock", ["18:30"]),
        ("wiwit jam setengah pitu", "clock", ["06:30"]),
        ("sejak 2 Maret", "date", ["2025-03-02"]),
        ("surat 4, 11, dan 18 November", "date", ["2025-11-04", "2025-11-11", "2025-11-18"]),
        ("bayar tgl 25", "date", ["2025-10-25"]),  # the last 25th
        ("diajukan 21/8", "date", ["2025-08-21"]),
        ("rumah RT 3/2", "date", []),  # an address
        ("lapor kemarin", "date", ["2025-11-19"]),
        ("hari Senin saya datang", "date", ["2025-11-17"]),
        ("laporan G5225102000417 ditutup", "report_number", ["G5225102000417"]),
        ("aduan LGWP20987654", "report_number", ["LGWP20987654"]),
        ("no lap 3525501", "report_number", ["3525501"]),
        ("nomor 0179/LM/VI/2022/SMG", "report_number", ["0179/LM/VI/2022/SMG"]),
        ("layar meter tulisannya PERIKSA", "meter_display", ["PERIKSA"]),
        ("dilebokke metu rejek", "meter_display", ["REJECT"]),
        ("tolong periksa rumah saya", "meter_display", []),  # to inspect
        ("saya gagal login", "meter_display", []),
        ("sisa 43 kwh hilang", "kwh", ["43"]),
        ("stand 8812 ditulis salah", "stand", ["8812"]),
        ("ikut promo Power Hero", "programme", ["power_hero"]),
    ],
)
def test_an_entity_has_its_canonical_value(text: str, kind: str, expected: list[str]) -> None:
    assert values(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "contacts"),
    [
        ("sudah lapor 4x belum ada petugas", 4),
        ("sampun kaping kalih lapor dereng wonten ingkang rawuh", 2),
        ("wis ping telu lapor ora digubris", 3),
        ("sudah tiga kali telpon 123, tetap gelap", 3),
        ("bola-bali lapor kok meneng wae", 2),
        ("kemarin lapor, hari ini lapor lagi, belum ada yang datang", 2),
        ("wis tek lapori pindho, urung ana sing mara", 2),
        ("dua laporan saya, G5225102000417 dan G5225102300418, ditutup semua", 2),
        ("saya lapor 2 Mei, 9 Mei, dan 16 Mei, belum dijawab", 3),
        ("setiap ditanya jawabannya selalu antre", 2),
        ("tadi pagi saya sudah telepon 123, belum ada yang datang", 1),
        ("saya mau lapor, listrik mati", 0),  # the present message is no earlier contact
        ("listrik mati 3x sehari", 0),  # a count of outages
        ("token sudah saya masukkan 5 kali GAGAL terus", 0),  # a count of attempts
        ("baru kali ini saya komplain, tolong dijawab", 0),  # said to be the first
    ],
)
def test_earlier_contacts_are_counted(text: str, contacts: int) -> None:
    assert read(text).contacts == contacts


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("sudah 3 minggu lapor belum ada jawaban", 21),
        ("wis rong sasi lapor, durung ana sing teka", 60),
        ("lapor sejak 2 Oktober belum ditanggapi", 49),
        ("saya lapor 4 Maret, sekarang 4 April belum ada kabar", 31),  # the writer's own present
        ("lampu mati sudah 3 hari", 0),  # an outage, no wait for an answer
        ("anak saya umur 2 tahun, tolong cepat", 0),
        ("laporan saya kemarin sudah beres", 1),
    ],
)
def test_the_wait_runs_from_a_contact_an_order_or_a_promise(text: str, days: int) -> None:
    assert read(text).waiting_days == days


@pytest.mark.parametrize(
    ("text", "asked", "reason"),
    [
        ("petugas minta 200rb biar cepat dipasang", True, "plain"),
        ("wong PLN sing ngganti meteran njaluk amplop seket ewu", True, "Javanese"),
        ("oknum regu narik duit rokok saben omah", True, "a name for dark money"),
        ("kami disuruh transfer ke rekening pribadi petugas", True, "a private account"),
        ("saya minta uang saya dikembalikan", False, "the customer asks"),
        ("ada orang mengaku petugas minta 300 ribu", False, "no staff: fraud has no form"),
        ("petugas menolak diberi uang rokok, salut", False, "refused"),
        ("berapa biaya resmi tambah daya 1300 ke 2200", False, "a question of price"),
    ],
)
def test_money_asked_by_staff_is_told_from_other_money(text: str, asked: bool, reason: str) -> None:
    assert read(text).money_asked is asked, reason


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("listrik mati", "none"),
        ("PLN dapat nilai hijau dari Ombudsman, selamat", "mention"),
        ("koyo Ombudsman wae takon terus", "mention"),
        ("tolong teruskan ke ombudsmen PLN", "mention"),
        ("sepupu saya kerja di Ombudsman", "mention"),
        ("kantor Ombudsman Jogja di mana ya", "mention"),
        ("tidak perlu sampai Ombudsman, sudah beres", "mention"),
        ("kalau besok belum nyala saya lapor Ombudsman", "threat"),
        ("nek ora dibales tak wadul ombusman", "threat"),
        ("angger urung teka nyong maring ombutsman sisan", "threat"),
        ("perkara ini sudah saya laporkan ke Ombudsman Jateng", "filed"),
        ("laporan saya ke ORI perwakilan sudah diterima", "filed"),
        ("Ombudsman RI Perwakilan DIY meminta klarifikasi tertulis dalam 14 hari", "letter"),
        ("saya teruskan surat dari Ombudsman tentang tagihan Pak Karto", "letter"),
    ],
)
def test_the_ombudsman_is_mentioned_threatened_told_or_writes(text: str, how: str) -> None:
    assert read(text).ombudsman == how


def test_other_bodies_courts_and_old_matters_are_noted() -> None:
    assert read("saya adukan ke YLKI saja").other_body
    assert not read("saya lapor ke PLN").other_body
    assert read("perkara ini sedang disidangkan di PN Sleman").in_court
    assert not read("besok ada sidang skripsi").in_court
    assert read("kejadian kebakaran tahun 2019, baru sekarang mau klaim").too_old
    assert not read("kejadian kemarin sore").too_old
    assert read("dijanjikan besok dipasang, sampai sekarang belum").broken_promise


def test_spans_are_those_of_the_received_text() -> None:
    received = "tagihan&nbsp;saya <b>Rp&nbsp;250.000</b> naik"
    facts = EXTRACTOR.extract(clean(received), NOW)
    amount = next(entity for entity in facts.entities if entity.type == "amount")
    assert received[amount.start : amount.end].startswith("Rp")
    assert received[amount.start : amount.end].endswith("250.000")


def test_placeholders_of_redaction_are_no_facts() -> None:
    facts = read("[NAMA] [IDPEL] [TELP] mohon dicek")
    assert facts.entities == ()
    assert facts.contacts == 0


@given(st.text(max_size=400))
@example("1" * 5000)
@example("1/" * 500)
@settings(max_examples=80, deadline=None)
def test_entities_lie_in_the_text_in_order(text: str) -> None:
    entities = read(text).entities
    assert all(0 <= entity.start < entity.end <= len(text) for entity in entities)
    assert [entity.start for entity in entities] == sorted(entity.start for entity in entities)
    assert not any(entity.personal for entity in entities)


@given(st.integers(min_value=0, max_value=60))
def test_a_number_of_contacts_is_read_or_refused(times: int) -> None:
    assert read(f"sudah lapor {times} kali belum ada petugas").contacts in (times, 1)


def test_an_unknown_key_names_the_valid_ones(tmp_path: Path) -> None:
    shutil.copytree(POLICY, tmp_path / "policy")
    file = tmp_path / "policy" / "extraction.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\nextra: 1\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"unknown key extra; valid keys: .*numbers"):
        Extractor(tmp_path / "policy")
