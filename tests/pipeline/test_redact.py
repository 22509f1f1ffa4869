"""Redaction: what must vanish vanishes, what looks like it stays, and nothing of it depends on chance."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import OperatorError, PolicyError
from pipeline.messages import Aligned
from pipeline.normalise import clean
from pipeline.redact import DEFAULT, Redactor, load

REDACTOR = Redactor()

NUMBERS = [
    ("idpel 521234567890 listrik mati", "idpel [IDPEL] listrik mati", ""),
    ("521234567890 wis peteng", "[IDPEL] wis peteng", "no cue: twelve digits of our region"),
    ("idpel521234567890tolong dicek", "idpel[IDPEL]tolong dicek", "glued on both sides"),
    ("ID Pelanggan: 52.1234.567.890 cek", "ID Pelanggan: [IDPEL] cek", ""),
    ("IDPEL 5212 3456 7890 padam", "IDPEL [IDPEL] padam", ""),
    ("5212-3456-7890 kuwi idpelku", "[IDPEL] kuwi idpelku", "dashes, cue behind"),
    ("idpel 52/123/456/7890", "idpel [IDPEL]", "slashes, and no number of a letter"),
    ("idpel saya 5 2 1 2 3 4 5 6 7 8 9 0 min", "idpel saya [IDPEL] min", "digit by digit"),
    ("idpel 52123456\n7890 gelap", "idpel [IDPEL] gelap", "split over two lines"),
    ("id pel: 52l2345678OO tolong", "id pel: [IDPEL] tolong", "letters for digits"),
    ("idpel 52123456789 kurang satu ya?", "idpel [IDPEL] kurang satu ya?", "a digit too few, with a cue"),
    ("nomor pelanggan 5212345678901 salah", "nomor pelanggan [IDPEL] salah", "a digit too many, with a cue"),
    ("pelanggan 542345678901 melonjak", "pelanggan [IDPEL] melonjak", "another region is a customer too"),
    ("idpel ٥٢١٢٣٤٥٦٧٨٩٠", "idpel [IDPEL]", "Arabic-Indic digits"),
    (
        "idpel \uff15\uff12\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
        "idpel [IDPEL]",
        "fullwidth digits",
    ),
    ("idpel:5️⃣2️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣0️⃣", "idpel:[IDPEL]", "keycap emoji"),
    ("idpel 5212\u200b34567890 ya", "idpel [IDPEL] ya", "a zero-width space inside"),
    ("idpel <b>5212</b>34567890", "idpel <b>[IDPEL]", "markup inside the number goes with it"),
    ("IDPEL. 522 301 122 334 , dan 522 301 122 335", "IDPEL. [IDPEL] , dan [IDPEL]", "two of them"),
    ("token 1234-5678-9012-3456-7891 gagal", "token [TOKEN] gagal", ""),
    ("71234567890123456789 kok gagal terus", "[TOKEN] kok gagal terus", "twenty digits need no cue"),
    ("token 1234.5678.9012.3456.7891 used", "token [TOKEN] used", ""),
    ("token 5581,9023,4471,0098,1267 gagal", "token [TOKEN] gagal", "commas"),
    ("kode 2233 4455 6677 8899 0012 ditolak", "kode [TOKEN] ditolak", "groups of four need no cue"),
    ("token 1234-5678-... sisanya lupa", "token [TOKEN]-... sisanya lupa", "the rest is missing"),
    ("token 3398 0493 1186 5520 91 kurang", "token [TOKEN] kurang", "two digits are missing"),
    ("tokenku 2233445566778899001", "tokenku [TOKEN]", "nineteen digits"),
    ("kct 11112222333344445556 lan 99998888777766665554", "kct [TOKEN] lan [TOKEN]", "a pair"),
    ("nik 3374011501890002", "nik [NIK]", ""),
    ("NIK saya 33.74.01.150189.0002 ditolak", "NIK saya [NIK] ditolak", "by its parts"),
    ("3374 0115 0189 0002 terlampir", "[NIK] terlampir", "no cue: a date of birth inside"),
    ("ktp 337401150189000 kurang digit", "ktp [NIK] kurang digit", "a digit too few"),
    ("No KK 3374011501890002 dikirim", "No KK [KK] dikirim", "the cue decides between equals"),
    ("no meter 14455566677 mati", "no meter [NO_METER] mati", ""),
    ("meteran 1445-5566-677 bunyi", "meteran [NO_METER] bunyi", ""),
    ("nometer14455566677", "nometer[NO_METER]", "glued"),
    ("14455566677 no meterku", "[NO_METER] no meterku", "cue behind"),
    ("no meter 1445556667 (10 digit)", "no meter [NO_METER] (10 digit)", "and a count that stays"),
    ("hp 081234567890", "hp [TELP]", ""),
    ("wa08123456789 ya", "wa[TELP] ya", "glued"),
    ("hubungi +62 812-3456-7890", "hubungi [TELP]", ""),
    ("6281234567890", "[TELP]", ""),
    ("call 0062 857 1122 3344", "call [TELP]", ""),
    ("(0812) 3456 7890", "[TELP]", "brackets go with it"),
    ("Bu Tini (0812 3456 7890)", "Bu [NAMA] ([TELP])", "brackets around it stay"),
    ("0812/3456/7890", "[TELP]", ""),
    ("O8l2 3456 7890", "[TELP]", "letters for digits"),
    ("08 12 34 56 78 90", "[TELP]", "pairs"),
    ("0813 5200 1177 2 hari belum nyala", "[TELP] 2 hari belum nyala", "the count behind it stays"),
    ("0857 4413 07xx", "[TELP]", "half hidden by the writer"),
    ("telp 024-7654321", "telp [TELP]", "landline"),
    ("(0271) 765432 kantor desa", "[TELP] kantor desa", ""),
    ("0274512345", "[TELP]", "landline without a cue"),
    ("https://wa.me/6281234567890", "https://wa.me/[TELP]", "in a link"),
    ("0857-4433-2211/0813-2211-3344", "[TELP]/[TELP]", ""),
    ("rek BCA 1234567890", "rek BCA [REKENING]", ""),
    ("transfer ke BRI 0123-01-012345-53-1", "transfer ke BRI [REKENING]", ""),
    ("virtual account 8810812345678901", "virtual account [REKENING]", "sixteen digits, but the cue says account"),
    ("agenda 523301122334455667", "agenda [AGENDA]", ""),
    ("no registrasi 5230112233445 belum", "no registrasi [AGENDA] belum", ""),
    ("NPWP 01.234.567.8-901.000", "NPWP [NPWP]", ""),
    ("npwp 01 234 567 8 901 000", "npwp [NPWP]", ""),
    ("paspor A1234567", "paspor [ID_LAIN]", ""),
    ("nip 198503152010011003", "nip [ID_LAIN]", ""),
    ("plat H 1234 AB parkir", "plat [PLAT] parkir", ""),
    ("AD 5521 KL nabrak tiang", "[PLAT] nabrak tiang", "no cue"),
    ("nopol k 3321 bd", "nopol [PLAT]", "lower case beside a cue"),
]

SPOKEN = [
    ("lima dua tiga papat nol sanga siji siji papat loro enem wolu", "[IDPEL]", "Indonesian and Javanese mixed"),
    ("id pel lima dua, eee dua tiga, kosong empat, satu delapan, tujuh kosong tiga dua nggih",
     "id pel [IDPEL] nggih", "with pauses"),
    ("meternya satu empat kosong dua sembilan tiga satu enam lima tujuh dua", "meternya [NO_METER]", ""),
    ("hp nol delapan lima tujuh dobel empat satu dua tujuh enam tiga", "hp [TELP]", "dobel"),
    ("nomer telpon 0 delapan satu dua 3456 tujuh delapan sembilan", "nomer telpon [TELP]", "half words, half digits"),
    ("setunggal kalih tigo sekawan gangsal enem pitu wolu songo kosong setunggal kalih", "[IDPEL]", "krama"),
    ("er te tiga er we lima gelap semua", "[ALAMAT] gelap semua", "a transcript's RT"),
    ("dua rumah mati tiga tiang miring", "dua rumah mati tiga tiang miring", "ordinary counts"),
    ("nomor ge lima dua dua lima satu satu nol lima satu dua", "nomor ge lima dua dua lima satu satu nol lima satu dua",
     "a report number"),
]  # fmt: skip

CONTACTS = [
    ("budi.santoso99@gmail.com", "[EMAIL]", ""),
    ("siti@example.com", "[EMAIL]", "a domain that lokal-id leaves alone"),
    ("email budi99 at gmail dot com", "email [EMAIL]", "spelled out"),
    ("kirim ke budi99@gmail,com ya", "kirim ke [EMAIL] ya", "mistyped"),
    ("@budi_santoso tolong", "[AKUN] tolong", ""),
    ("ig: suparmi.88", "ig: [AKUN]", ""),
    ("fb.com/joko.susilo.92", "[AKUN]", ""),
    ("-7.123456, 110.123456", "[ALAMAT]", "coordinates"),
    ("titik 110.4312,-7.0211", "titik [ALAMAT]", "longitude first"),
    ("https://maps.app.goo.gl/AbCdEf123 ya", "[ALAMAT] ya", "a map link"),
    ("plus code 6C4P+2M Semarang", "plus code [ALAMAT] Semarang", ""),
]

NAMES = [
    ("a.n. Suparmi", "a.n. [NAMA]", "one name is a whole name"),
    ("an. sutrisno kok mati", "an. [NAMA] kok mati", "lower case"),
    ("atas nama wagiyem, sragen", "atas nama [NAMA], sragen", "the place stays"),
    ("atas nama Warsiti Kertasari", "atas nama [NAMA] Kertasari", "so does a village"),
    ("Nama: SRI LESTARI\nAlamat: Klaten", "Nama: [NAMA]\nAlamat: Klaten", ""),
    ("saya Suparmi dari Wedi", "saya [NAMA] dari Wedi", ""),
    ("kulo Sutrisno, Pedan", "kulo [NAMA], Pedan", ""),
    ("inyong Darsun sekang Cilongok", "inyong [NAMA] sekang Cilongok", ""),
    ("jenengku Ngatemi", "jenengku [NAMA]", ""),
    ("asma kula Sastro", "asma kula [NAMA]", ""),
    ("Plg: Tarsono, Bumiayu", "Plg: [NAMA], Bumiayu", ""),
    ("sy hotman sitorus, mohon dicek", "sy [NAMA], mohon dicek", "unknown, but before a family name"),
    ("Pak Untung rumahnya gelap", "Pak [NAMA] rumahnya gelap", "a word, but after a title"),
    ("pak wasro sampun lapor", "pak [NAMA] sampun lapor", "in no list"),
    ("Kang Darsun, Lik Warno karo Yu Ginah", "Kang [NAMA], Lik [NAMA] karo Yu [NAMA]", ""),
    ("Bpk. H. Slamet Riyadi", "Bpk. H. [NAMA]", "also the name of a street"),
    ("Pak RT Slamet sudah lapor", "Pak RT [NAMA] sudah lapor", "behind a role"),
    ("Terima kasih, Suyatno", "Terima kasih, [NAMA]", "a sign-off"),
    ("Hormat kami,\nRetnoningsih", "Hormat kami,\n[NAMA]", ""),
    ("matur suwun\n- Kuswanto", "matur suwun\n- [NAMA]", ""),
    ("Suparjo / 0813.2200.1100 / Ds. Pakis", "[NAMA] / [TELP] / Ds. Pakis", "beside a number"),
    ("521987654321(Wahono)", "[IDPEL]([NAMA])", ""),
    ("Siti Aminah warga Weleri", "[NAMA] warga Weleri", "a full name needs no cue"),
    ("SAYA SUPARMI DARI WEDI", "SAYA [NAMA] DARI WEDI", "capitals tell nothing here"),
    ("my name is Hendra", "my name is [NAMA]", ""),
    ("oknum Budi minta uang 500rb", "oknum [NAMA_PETUGAS] minta uang 500rb", "staff"),
    ("petugas bernama Joko kasar", "petugas bernama [NAMA_PETUGAS] kasar", ""),
    ("petugas catat meter namanya Pak Yanto", "petugas catat meter namanya Pak [NAMA_PETUGAS]", ""),
    ("mas Teguh teknisi ULP Kebumen", "mas [NAMA_PETUGAS] teknisi ULP Kebumen", "the role behind the name"),
    ("CS: selamat siang dengan Bima. Pelanggan: Pak Marno",
     "CS: selamat siang dengan [NAMA_PETUGAS]. Pelanggan: Pak [NAMA]", "a transcript"),
]  # fmt: skip

ADDRESSES = [
    ("Jl. Kenari No. 14 RT 02/05 Kel. Mlati", "[ALAMAT] Kel. Mlati", "the kelurahan stays"),
    ("Jl. Jend. Sudirman 45, Kec. Banyumanik", "[ALAMAT], Kec. Banyumanik", "named after a person"),
    ("jln melati no 7b ambarawa", "[ALAMAT] ambarawa", ""),
    ("rumah di jln parangtritis km 6 no 21", "rumah di [ALAMAT]", ""),
    ("rt 02 rw 05 kel banyumanik", "[ALAMAT] kel banyumanik", ""),
    ("rumah rt2rw3 gelap", "rumah [ALAMAT] gelap", "glued"),
    ("gg. 2 no 5 tlogosari", "[ALAMAT] tlogosari", ""),
    ("Perum Puri Kencana Blok C7 Kajen", "[ALAMAT] Kajen", ""),
    ("blok F no 12 gelap", "[ALAMAT] gelap", ""),
    ("Dusun Krajan RT 03 RW 01 Desa Sumber", "[ALAMAT] Desa Sumber", ""),
    ("rumah nomor 12", "[ALAMAT]", ""),
    ("alamat: Rejosari RT 2 RW 4, Ds. Tegowanu", "alamat: Rejosari [ALAMAT], Ds. Tegowanu", ""),
    ("tiang di depan rumah Bu Darmi no 15", "tiang di depan rumah Bu [NAMA] [ALAMAT]", "found at the second look"),
]

CLEAN = [
    "Rp 1.250.000 sudah dibayar, dulu 1.042.000",
    "token 100.000 dapat 66,9 kWh",
    "token 20.000 50.000 100.000 admin 2.500",
    "beli token 50rb 2x, 1,5 juta setahun",
    "stand 12345 jadi 12890, awal 12045 akhir 12398",
    "stan kwh: 01234 05678 09123",
    "daya 1300 VA ke 2200 VA, MCB 6A 10A 16A",
    "450 900 1300 2200 3500 4400 5500 6600",
    "2019 2020 2021 2022 2023",
    "angka 5 10 15 20 25 30 35 40",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "tanggal 17-08-2025 jam 13.40 sampai 17.00",
    "struk 16/11/25 13:22:05 Rp52.500 kWh 34,70",
    "jam 08.00-16.00, 18.00 - 06.00",
    "laporan G5225111700123 dan K5225112100222 belum selesai",
    "aduan LGWP50485021",
    "0179/LM/VI/2022/SMG",
    "surat B/0231/LM.21-14/0112.2025/IX/2025",
    "UU 27/2022 dan UU Nomor 8 Tahun 1999, Permen ESDM 18/2019 Pasal 6",
    "telepon 123 dan 137",
    "WA 08122123123 tidak dibalas",
    "@pln_123 @plnklaten @pln.semarang @ombudsmanRI137 tolong",
    "email ke pln123@pln.co.id",
    "2 lampu @100 watt, voucher @50rb",
    "kode pos 50275, Semarang 50123",
    "naik 12,5% jadi Rp 1.444,70 per kWh",
    "versi 5.2.1 dan Android 13",
    "no tiket 20251117001 dan no ref 7720194488123",
    "no resi JNE 0123456789012345",
    "gagal bayar 20251117143000",
    "https://twitter.com/i/status/1578929827134210048",
    "R-N 187 V, S-N 191 V, T-N 223 V",
    "tarif R-1/1300 VA B-2 6600 VA S-2 450 VA",
    "40 KK 12 rumah 3 tiang, 3 RT padam",
    "lampu jalan mati 5 titik",
    "Jalan raya mati semua lampunya",
    "jl rusak di depan pasar",
    "tiang miring di Jl. Pemuda, Jl. Wates km 8, Jl. Gajah Mada",
    "sak RT peteng kabeh, gang mawar gelap, dukuh Wates padam",
    "perumahan Griya Indah padam, blok barat mati",
    "Pak RT, Bu Lurah, Pak Kadus, Mas admin, Pak PLN, mbak CS, mas petugas",
    "Bapak/Ibu petugas yang terhormat, Yth. Bapak Direktur Utama PLN",
    "mas bagus pelayanannya, mbak CS ayu",
    "terima kasih banyak min, terima kasih PLN, suwun mas",
    "untung tidak kebakaran, saya untung ada genset",
    "sugeng enjang, mugi slamet sedoyo, rahayu",
    "bejo ora kobong, wahyu apa ini, sri rejeki di taman",
    "nama saya jangan disebut, namanya juga musibah, atas nama warga",
    "saya warga Juwiring, kulo nyuwun tulung, Omah kulo Grobogan",
    "malem Rebo mati, dina Kemis mati, Pasar Legi padam, Jumat Kliwon",
    "Gubernur Ahmad Luthfi meresmikan gardu",
    "Manajer PLN UP3 Semarang Bambang Setiawan mengatakan padam karena hujan",
    "Menteri Bahlil Lahadalia bilang tarif tidak naik",
    "Jalan Ahmad Yani dan Jalan Slamet Riyadi banjir",
    "RSUD dr. Moewardi Solo, RS Kariadi, bandara Adi Soemarmo",
    "PT Djarum, CV Sumber Rejeki, UMKM Budi Jaya",
    "gardu KDS 05-123, penyulang SRL 11, trafo 160 kVA",
    "an organic, jam 7 an mati",
]


def _rows(*tables: list[tuple[str, str, str]]) -> list[object]:
    return [pytest.param(text, wanted, id=reason or text[:40]) for table in tables for text, wanted, reason in table]


@pytest.mark.parametrize(("text", "wanted"), _rows(NUMBERS, SPOKEN, CONTACTS, NAMES, ADDRESSES))
def test_personal_data_is_replaced_by_its_placeholder(text: str, wanted: str) -> None:
    assert REDACTOR.redact_text(text) == wanted


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_personal_data_stays(text: str) -> None:
    assert REDACTOR.redact_text(text) == text


@pytest.mark.parametrize("text", [row[0] for table in (NUMBERS, SPOKEN, CONTACTS, NAMES, ADDRESSES) for row in table])
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = REDACTOR.redact_text(text)
    assert REDACTOR.redact_text(once) == once


def test_placeholders_are_never_touched() -> None:
    text = " ".join(load().placeholders.values()) + " a.n. [NAMA] hp [TELP] idpel [IDPEL]"
    assert REDACTOR.redact_text(text) == text


def test_entities_are_spans_of_the_received_text() -> None:
    number = "".join(chr(0xFF10 + digit) for digit in (5, 2, 1, 2, 3, 4, 5)) + "\u200b67890"
    received = f"Yth PLN&amp;co, idpel {number} hp 0812-3456-7890"
    redacted = REDACTOR.redact(clean(received), received)
    assert [(e.type, received[e.start : e.end]) for e in redacted.entities] == [
        ("IDPEL", number),
        ("TELP", "0812-3456-7890"),
    ]
    assert redacted.received == "Yth PLN&amp;co, idpel [IDPEL] hp [TELP]"
    assert redacted.clean.text == "Yth PLN&co, idpel [IDPEL] hp [TELP]"
    at = redacted.clean.text.index("[TELP]")
    assert received[slice(*redacted.clean.span(at, at + 6))] == "0812-3456-7890"


def test_an_entity_shows_nothing_of_the_number_and_keeps_secrets_out_of_its_repr() -> None:
    received = "idpel 523312345678 nik 3374011501890002"
    redacted = REDACTOR.redact(clean(received), received)
    assert [entity.value for entity in redacted.entities] == ["[IDPEL]", "[NIK]"]
    assert all(entity.personal for entity in redacted.entities)
    assert "3312345678" not in repr(redacted)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("idpel 523312345678 lan 529912345678", "52331"),
        ("IDPEL 5233-1234-5678", "52331"),
        ("lima dua tiga tiga satu dua tiga empat lima enam tujuh delapan", "52331"),
        ("tokene 1234 5678 9012 3456 7891", None),
        ("listrik mati", None),
    ],
)
def test_the_prefix_of_the_first_customer_number_is_kept_as_a_hint(text: str, prefix: str | None) -> None:
    assert REDACTOR.redact(clean(text), text).idpel_prefix == prefix


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_redacted_without_overlap_and_only_once(text: str) -> None:
    redacted = REDACTOR.redact(clean(text), text)
    at = 0
    for entity in redacted.entities:
        assert at <= entity.start < entity.end <= len(text)
        at = entity.end
    again = REDACTOR.redact(redacted.clean, redacted.received)
    assert again.entities == ()


@given(
    st.from_regex(r"5[1-6][0-9]{10}", fullmatch=True),
    st.sampled_from(["", " ", "-", "."]),
    st.sampled_from([12, 4, 3, 6]),
    st.sampled_from(["idpel ", "ID Pelanggan: ", "no pelanggan ", "idpelku "]),
    st.sampled_from(["", " mati", "\nterima kasih", ", tolong"]),
)
@settings(max_examples=150, deadline=None)
def test_a_customer_number_vanishes_however_it_is_grouped(
    digits: str, separator: str, size: int, before: str, after: str
) -> None:
    written = separator.join(digits[at : at + size] for at in range(0, 12, size))
    result = REDACTOR.redact_text(f"{before}{written}{after}")
    assert written not in result
    assert not any(character.isdigit() for character in result)


@given(
    st.integers(1, 99_999),
    st.sampled_from(["Rp {}.000", "{} kWh", "stand {}", "{} VA", "{} pelanggan padam", "{} watt"]),
)
@settings(max_examples=100, deadline=None)
def test_quantities_stay(number: int, frame: str) -> None:
    text = "min " + frame.format(number)
    assert REDACTOR.redact_text(text) == text


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "1234 ", "1234-", "0812 ", " ", "pak ", "Pak Budi ", "jl mawar ", "lima ", "a@"]
)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        start = time.process_time()
        REDACTOR.redact(Aligned(text), text)
        return time.process_time() - start

    seconds(1_000)
    small, large = seconds(25_000), seconds(100_000)
    assert large < 8 * small + 0.5, "four times the text took more than eight times as long"


def test_megabytes_of_digits_are_read_in_seconds() -> None:
    took = []
    for size in (1_000_000, 2_000_000):
        text = "7" * size
        start = time.process_time()
        assert REDACTOR.redact(Aligned(text), text).entities == ()
        took.append(time.process_time() - start)
    assert took[0] < 20
    assert took[1] < 3 * took[0] + 0.5


def test_a_typical_message_takes_about_a_millisecond() -> None:
    text = (
        "Selamat siang, saya Suparmi dari Wedi, idpel 521234567890. Listrik padam sejak jam 13.40, sudah lapor 123 "
        "dengan nomor G5225111700123 tapi belum ada petugas. Mohon ditindaklanjuti."
    )
    start = time.process_time()
    for _ in range(50):
        REDACTOR.redact_text(text)
    assert (time.process_time() - start) / 50 < 0.015  # ten times the target: slow machines must not fail


def _changed(tmp_path: Path, old: str, new: str) -> Path:
    folder = tmp_path / "policy"
    folder.mkdir()
    text = (DEFAULT / "redaction.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "redaction.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_a_missing_policy_is_refused_at_construction(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"redaction\.yaml"):
        Redactor(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("version: 1", "version: 1\nunknown_key: 2", "unknown_key.*valid keys: .*version"),
        ("  reach: 40", "  reach: 40\n  rich: 1", r"numbers\.rich.*valid keys: .*reach"),
        ('  IDPEL: "[IDPEL]"', "", "no placeholder for IDPEL"),
        ("EMAIL: EMAIL", "SUREL: EMAIL", "does not have"),
        ("regex: '<<RTRW>>'", "regex: '(<<RTRW>>'", "no regex"),
        ("    speaker:", "    speeker:", "cues"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_with_its_fault(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        Redactor(_changed(tmp_path, old, new))


def test_another_policy_folder_is_obeyed(tmp_path: Path) -> None:
    folder = _changed(tmp_path, '  TELP: "[TELP]"', '  TELP: "[NOMOR]"')
    assert Redactor(folder).redact_text("hp 081234567890") == "hp [NOMOR]"


def test_a_recogniser_that_is_missing_is_no_silent_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lokal", None)
    with pytest.raises(OperatorError, match="lokal"):
        Redactor()


def test_every_rule_and_block_of_the_policy_names_its_source() -> None:
    policy = load()
    assert all(rule.source for rule in policy.rules)
    assert all((policy.numbers.source, policy.names.source, policy.lokal.source, policy.placeholders_source))


def test_the_policy_is_not_tied_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(DEFAULT / "redaction.yaml", tmp_path / "redaction.yaml")
    monkeypatch.chdir(tmp_path)
    assert Redactor(Path()).redact_text("a.n. Suparmi") == "a.n. [NAMA]"
