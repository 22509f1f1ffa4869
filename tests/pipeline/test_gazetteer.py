"""What a name can mean: the regions of the package, the policy's units and places, and repaired spellings."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from pipeline.errors import PolicyError
from pipeline.gazetteer import DEFAULT, Gazetteer, Toponym, key_of, load_units

GAZETTEER = Gazetteer()
SLUGS = (
    "semarang demak salatiga surakarta sukoharjo klaten yogyakarta magelang purwokerto cilacap tegal pekalongan kudus"
)


def found(name: str) -> Toponym:
    toponym = GAZETTEER.find(key_of(name))
    assert toponym is not None
    return toponym


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    for name in ("units.yaml", "places.csv"):
        shutil.copy(DEFAULT / name, tmp_path / name)
    return tmp_path


def add_place(policy: Path, *row: str) -> None:
    with (policy / "places.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(row)


def test_the_thirteen_units_have_their_zone_province_and_office() -> None:
    units = load_units().units
    assert " ".join(unit.slug for unit in units) == SLUGS
    assert {unit.zone for unit in units} == {"semarang", "yogyakarta", "purwokerto"}
    assert [unit.slug for unit in units if unit.perwakilan == "diy"] == ["yogyakarta"]
    assert sum(len(unit.ulps) for unit in units) == 80  # 79 of the sources and Gringsing


def test_every_region_of_the_utility_has_a_unit_and_no_other_has() -> None:
    home = [code for code in GAZETTEER.names if code[:2] in ("33", "34")]
    assert len(home) > 9_000
    assert all(GAZETTEER.units_of(code) for code in home)
    assert not any(GAZETTEER.units_of(code) for code in GAZETTEER.names if code[:2] not in ("33", "34"))


@pytest.mark.parametrize(
    ("path", "units"),
    [
        ("Kab. Semarang", ("salatiga",)),
        ("Kab. Sukoharjo", ("sukoharjo",)),
        ("Kab. Sukoharjo/Kartasura", ("surakarta",)),
        ("Kab. Karanganyar", ("sukoharjo", "surakarta")),
        ("Kab. Karanganyar/Jaten/Ngringo", ("surakarta",)),
        ("Kab. Karanganyar/Tawangmangu", ("sukoharjo",)),
        ("Kab. Wonosobo/Kepil", ("purwokerto", "magelang")),
        ("Kab. Wonosobo/Kertek", ("purwokerto",)),
    ],
)
def test_the_nearest_rule_says_which_units_serve_a_region(path: str, units: tuple[str, ...]) -> None:
    assert GAZETTEER.units_of(GAZETTEER.code(path)) == units


def test_a_name_means_every_region_called_so_the_likeliest_first() -> None:
    rembang = found("Rembang")
    assert rembang.senses[0].code == GAZETTEER.code("Kab. Rembang")
    assert GAZETTEER.code("Kab. Purbalingga/Rembang") in {sense.code for sense in rembang.senses}


def test_a_nickname_keeps_the_villages_of_the_same_name() -> None:
    codes = {sense.code for sense in found("Bandung").senses}
    assert GAZETTEER.code("Kota Bandung") in codes
    assert GAZETTEER.code("Kab. Boyolali/Wonosegoro/Bandung") in codes


def test_no_far_city_hides_a_kabupaten_or_kecamatan_of_the_region() -> None:
    for code, name in GAZETTEER.names.items():
        if code[:2] in ("33", "34") and len(code) in (5, 8):
            bare = name.partition(" ")[2] if len(code) == 5 else name
            assert any(sense.units for sense in found(bare).senses), name


@pytest.mark.parametrize(("word", "need"), [("Ayah", "hard"), ("Bener", "hard"), ("Batang", "soft"), ("Kroya", "")])
def test_an_ordinary_word_needs_a_cue(word: str, need: str) -> None:
    assert found(word).need == need


@pytest.mark.parametrize(
    ("typed", "meant", "reason"),
    [
        ("purwokertp", "Banyumas", "one slip"),
        ("wonosbo", "Wonosobo", "a letter lost"),
        ("pekalogan", "Pekalongan", "a letter lost"),
        ("purbaligngga", "Purbalingga", "two letters swapped and one too many"),
        ("kendla", "Kendal", "two letters swapped"),
        ("semarange", "Semarang", "Javanese ending"),
        ("mbanjarnegara", "Banjarnegara", "Javanese nasal"),
        ("kartosoera", "Kartasura", "old spelling, Javanese o"),
        ("djepara", "Jepara", "old spelling"),
        ("disragen", "Sragen", "glued preposition"),
    ],
)
def test_a_misspelt_name_is_repaired(typed: str, meant: str, reason: str) -> None:
    repaired = GAZETTEER.repair(typed)
    assert repaired is not None, reason
    assert repaired.display == meant


@pytest.mark.parametrize(
    "word",
    ["sekarang", "sekrang", "pelanggan", "pemasang", "setengah", "kondangan", "dibantu", "berubah", "klambi"],
)
def test_an_ordinary_word_is_not_repaired_into_a_place(word: str) -> None:
    assert GAZETTEER.repair(word) is None


def test_a_short_token_is_never_repaired() -> None:
    assert GAZETTEER.repair("solp") is None


def test_an_unknown_key_is_named_with_the_valid_ones(policy: Path) -> None:
    raw = yaml.safe_load((policy / "units.yaml").read_text(encoding="utf-8"))
    raw["units"][0]["servs"] = []
    (policy / "units.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"units\.0\.servs.*serves"):
        load_units(policy)


def test_a_kabupaten_that_no_unit_serves_is_refused(policy: Path) -> None:
    text = (policy / "units.yaml").read_text(encoding="utf-8")
    (policy / "units.yaml").write_text(text.replace("[Kab. Cilacap, Kab. Kebumen]", "[Kab. Cilacap]"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"no unit serves Kab\. Kebumen"):
        Gazetteer(policy)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("nickname", "x", "Kota Tegal", "test"), "unknown kind 'nickname'; valid: .*alias"),
        (("alias", "x", "Kota Atlantis", "test"), "no region is called 'Kota Atlantis'"),
        (("alias", "x", "", "test"), "alias x has no target"),
        (("alias", "x", "Kota Tegal", ""), "needs a name and a source"),
        (("unit_of", "Kab. Tegal/Slawi", "nowhere", "test"), "unknown unit.*valid: semarang"),
        (("alias", "x"), "the columns are kind, name, target, source"),
    ],
)
def test_a_wrong_row_is_refused_with_what_is_valid(policy: Path, row: tuple[str, ...], message: str) -> None:
    add_place(policy, *row)
    with pytest.raises(PolicyError, match=message):
        Gazetteer(policy)


def test_a_missing_file_is_an_error_of_the_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"units\.yaml"):
        Gazetteer(tmp_path)


def test_a_place_added_to_the_policy_is_found(policy: Path) -> None:
    add_place(policy, "spot", "bukit contoh", "Kab. Tegal/Slawi", "test")
    added = Gazetteer(policy).find("bukitcontoh")
    assert added is not None
    assert added.senses[0].units == ("tegal",)
