from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import PolicyError
from pipeline.policy import EMBEDDED, Policy, topics_of

Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load()


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A function that puts one altered file into an operator's folder."""

    def change(name: str, old: str, new: str) -> Path:
        text = (EMBEDDED / name).read_text(encoding="utf-8")
        assert old in text, "the test's edit no longer fits the file"
        (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return change


def test_the_embedded_policy_knows_every_label_of_the_codebook(policy: Policy) -> None:
    assert len(policy.topics) == 38
    assert policy.intents[0] == "gangguan"
    assert policy.urgencies == ("darurat", "tinggi", "normal", "rendah")
    assert len(policy.forms) == 10
    assert policy.ombudsman_statuses == ("resmi", "antrean", "pantau", "tidak")
    assert {"wa", "sosial", "ulasan", "email", "lapor", "telepon", "loket", "webinar", "lainnya"} <= set(
        policy.channels
    )
    assert len(policy.tmp.indicators) == 13
    assert len(policy.units) == 13
    assert [topic for topic, label in policy.topics.items() if label.outside_scope] == ["luar_lingkup"]


def test_every_topic_has_two_examples_of_its_own(policy: Policy) -> None:
    examples = [example for topic in policy.taxonomy.topics for example in topic.examples]

    assert len(examples) == len(set(examples)) == 76


def test_queues_exist_for_every_unit_and_zone(policy: Policy) -> None:
    assert policy.dccs == ("purwokerto", "semarang", "yogyakarta")
    assert policy.perwakilan == ("diy", "jateng")
    assert policy.queues["dcc-yogyakarta"].kind == "duty"
    assert policy.queues["up3-klaten-te"].kind == "work"
    assert policy.queues["ombudsman-diy"].kind == "liaison"
    assert not [queue for queue in policy.queues if "{" in queue]


def test_the_version_is_short_stable_and_covers_every_file(policy: Policy, edit: Edit) -> None:
    assert len(policy.version) == 12
    assert int(policy.version, 16) >= 0
    assert Policy.load().version == policy.version
    assert Policy.load(edit("thresholds.yaml", "margin_at: 0.15", "margin_at: 0.16")).version != policy.version


def test_the_version_does_not_depend_on_line_endings(policy: Policy, tmp_path: Path) -> None:
    content = (EMBEDDED / "routing.yaml").read_bytes().replace(b"\r\n", b"\n")
    (tmp_path / "routing.yaml").write_bytes(content.replace(b"\n", b"\r\n"))

    assert Policy.load(tmp_path).version == policy.version


def test_an_operators_file_replaces_the_embedded_one_and_the_others_stay(policy: Policy, edit: Edit) -> None:
    own = Policy.load(edit("thresholds.yaml", "auto_at: 0.80", "auto_at: 0.99"))

    assert own.thresholds_for("tarif.info").auto_at == 0.99
    assert own.topics == policy.topics
    assert own.files["thresholds.yaml"].parent != own.files["routing.yaml"].parent == EMBEDDED


def test_the_files_in_force_can_be_written_to_one_folder(policy: Policy, edit: Edit, tmp_path: Path) -> None:
    own = Policy.load(edit("thresholds.yaml", "auto_at: 0.80", "auto_at: 0.99"))
    whole = tmp_path / "whole"
    whole.mkdir()

    own.write_to(whole)

    assert Policy.load(whole).version == own.version
    assert {path.name for path in whole.iterdir()} == set(policy.files)


def test_a_misspelt_file_name_is_refused_with_the_valid_ones(tmp_path: Path) -> None:
    (tmp_path / "routng.yaml").write_text("queues: []\n", encoding="utf-8")

    with pytest.raises(PolicyError, match=r"unknown policy file routng\.yaml; valid files: .*routing\.yaml"):
        Policy.load(tmp_path)


def test_other_files_in_the_folder_do_not_matter(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Catatan operator\n", encoding="utf-8")

    assert Policy.load(tmp_path).version == policy.version


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="does not exist"):
        Policy.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("routing.yaml", "without_unit:", "without_unitt:", "unknown key without_unitt; valid keys: without_unit, "),
        (
            "routing.yaml",
            "    queue: uid-sti\n",
            "    quue: uid-sti\n",
            r"topics\.layanan\.aplikasi.*quue.*queue, copies",
        ),
        (
            "routing.yaml",
            "when: {urgency: [darurat]}",
            "when: {urgensi: [darurat]}",
            "urgensi; valid keys: topic, urgency",
        ),
        ("clocks.yaml", "{minutes: 5}", "{minute: 5}", "unknown key minute; valid keys: minutes, days"),
        ("taxonomy.yaml", "default_urgency", "urgency", "unknown key urgency; valid keys: .*default_urgency"),
        ("thresholds.yaml", "  darurat_alone", "  darurat_at", "unknown key darurat_at; valid keys: .*darurat_alone"),
        ("programmes.yaml", "aliases:", "alias:", "unknown key alias; valid keys: .*aliases"),
        ("channels.yaml", "title: WhatsApp", "judul: WhatsApp", "unknown key judul; valid keys: .*title"),
        (
            "tmp.yaml",
            "compensated: false",
            "compensation: false",
            "unknown key compensation; valid keys: .*compensated",
        ),
    ],
)
def test_an_unknown_key_is_refused_and_the_valid_ones_are_named(
    name: str, old: str, new: str, said: str, edit: Edit
) -> None:
    with pytest.raises(PolicyError, match=f"{name}.*{said}"):
        Policy.load(edit(name, old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "thresholds.yaml",
            '  source: "[P] a long letter has some 6,000 characters"\n',
            "",
            "limits.*source.*required",
        ),
        ("clocks.yaml", '    source: "[P]"\n    valid_from', "    valid_from", "source.*required"),
        ("clocks.yaml", 'source: "[P]"', 'source: "said so at lunch"', "source.*web address"),
        ("programmes.yaml", 'source: "[M-high]"', 'source: ""', "source.*web address"),
    ],
)
def test_what_has_no_source_is_refused(name: str, old: str, new: str, said: str, edit: Edit) -> None:
    with pytest.raises(PolicyError, match=f"{name}.*{said}"):
        Policy.load(edit(name, old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("routing.yaml", "  tarif.info:\n", "  tarif.infoo:\n", "missing tarif.info; .*unknown tarif.infoo"),
        ("clocks.yaml", "topic: tarif.info", "topic: tarif.infoo", "clocks.yaml topics: missing tarif.info"),
        ("clocks.yaml", "      rendah:", "      santai:", "missing rendah; .*unknown santai"),
        ("thresholds.yaml", "  bahaya.pohon:", "  bahaya.kayu:", "thresholds.yaml topics: unknown bahaya.kayu"),
        ("thresholds.yaml", "diskriminasi:", "pilih_kasih:", "forms.overrides: unknown pilih_kasih; known: penundaan"),
        (
            "programmes.yaml",
            "topic: tarif.promo_daya",
            "topic: tarif.promo",
            "programmes.yaml topic: unknown tarif.promo",
        ),
        ("routing.yaml", "topic: [bahaya.*]", "topic: [bahya.*]", r"when.topic: unknown topic bahya\.\*"),
        ("routing.yaml", "secondary: [layanan.pungli", "secondary: [layanan.pungl", "unknown topic layanan.pungl"),
        ("routing.yaml", "{urgency: [darurat]}", "{urgency: [gawat]}", "darurat when.urgency: unknown gawat; known"),
        ("routing.yaml", "{action: [review]}", "{action: [telaah]}", "when.action: unknown telaah; known: auto"),
        ("clocks.yaml", "channel: [lapor]", "channel: [laporgub]", "when.channel: unknown laporgub; known: wa"),
        (
            "routing.yaml",
            "    queue: uid-sti\n",
            "    queue: uid-it\n",
            "topics.layanan.aplikasi: unknown uid-it; known",
        ),
        (
            "routing.yaml",
            "    copies: [ombudsman-pantau]",
            "    copies: [ombudsman]",
            "copy_rules.ombudsman_pantau: unkn",
        ),
        ("routing.yaml", "up3-{unit}-te", "up3-{ulp}-te", "unknown ulp; known: unit"),
        ("routing.yaml", "without_unit: uid-tanya-lokasi", 'without_unit: "dcc-{dcc}"', "must not need a unit"),
        (
            "routing.yaml",
            "default_perwakilan: jateng",
            "default_perwakilan: jatim",
            "unknown jatim; known: diy, jateng",
        ),
        ("routing.yaml", "perwakilan_for: [antrean,", "perwakilan_for: [antri,", "perwakilan_for: unknown antri"),
        ("tmp.yaml", "indicator: tegangan_tr", "indicator: tegangan", "tmp.yaml tegangan indicator: unknown tegangan"),
        ("taxonomy.yaml", "default_urgency: rendah", "default_urgency: rendh", "default_urgency: unknown rendh"),
        ("routing.yaml", "  - id: telaah\n", "  - id: darurat\n", "queue_rules: darurat occurs twice"),
        ("channels.yaml", "id: chat", "id: wa", "channels: wa occurs twice"),
        ("units.yaml", "slug: demak", "slug: kudus", "a slug occurs twice"),
    ],
)
def test_a_name_that_no_other_file_declares_is_refused(name: str, old: str, new: str, said: str, edit: Edit) -> None:
    with pytest.raises(PolicyError, match=said):
        Policy.load(edit(name, old, new))


def test_every_wrong_name_is_reported_at_once(edit: Edit) -> None:
    edit("thresholds.yaml", "  bahaya.pohon:", "  bahaya.kayu:")

    with pytest.raises(PolicyError, match=r"bahaya\.kayu.*; .*tarif\.promo"):
        Policy.load(edit("programmes.yaml", "topic: tarif.promo_daya", "topic: tarif.promo"))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        # YAML reads a bare 16:00 as 960, which would pass as sixteen minutes past midnight
        ("clocks.yaml", 'closes: "16:00"', "closes: 16:00", "in quotes"),
        # and a year alone as a second of 1970
        ("programmes.yaml", "valid_from: 2025-01-01", "valid_from: 2025", "2025-02-28"),
        ("programmes.yaml", "valid_to: 2025-02-28", "valid_to: 2024-02-28", "2025-01-01 is after valid_to 2024-02-28"),
        ("programmes.yaml", "valid_to: 2025-02-28", "valid_to: 2025-02-30", "programmes.yaml"),
        ("programmes.yaml", "    valid_to: 2025-02-28\n", "", "valid_to.*required"),  # "no end" has to be said
        ("thresholds.yaml", "margin_at: 0.15", "margin_at: 15", "less than or equal to 1"),
        ("thresholds.yaml", "max_characters: 20000", "max_characters: 0", "greater than 0"),
        ("routing.yaml", "  tarif.info:\n", "  tarif.diskon:\n", "given twice"),
        ("routing.yaml", "queues:\n", "queues: [\n", "routing.yaml cannot be read.*line"),
        ("routing.yaml", "kind: ask", "kind: asking", "pattern"),
        ("taxonomy.yaml", "intents:\n", "intents: []\nintens:\n", "unknown key intens"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(name: str, old: str, new: str, said: str, edit: Edit) -> None:
    with pytest.raises(PolicyError, match=said):
        Policy.load(edit(name, old, new))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tmp.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(PolicyError, match=r"tmp\.yaml cannot be read"):
        Policy.load(tmp_path)


def test_a_topic_without_thresholds_of_its_own_has_the_default_ones(policy: Policy) -> None:
    assert policy.thresholds_for("tarif.info") == policy.thresholds.default
    assert policy.thresholds_for("luar_lingkup").auto_at > policy.thresholds.default.auto_at


def test_a_missed_ombudsman_report_costs_more_than_a_needless_one(policy: Policy) -> None:
    assert policy.thresholds.ombudsman.antrean_at < 0.5
    assert policy.thresholds.ombudsman.resmi_at < 0.5


def test_the_more_urgent_wins_and_unknown_urgencies_are_refused(policy: Policy) -> None:
    assert policy.more_urgent("rendah", "tinggi") == "tinggi"
    assert policy.more_urgent("darurat", "normal") == "darurat"
    with pytest.raises(PolicyError, match="urgency gawat is not in the policy; known: darurat"):
        policy.more_urgent("gawat", "normal")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("bahaya.*", {"bahaya.jaringan", "bahaya.pohon"}),
        ("bahaya.pohon", {"bahaya.pohon"}),
        ("bahaya", set()),  # a domain is written with its star
        ("luar_lingkup", {"luar_lingkup"}),
        ("*", set()),
    ],
)
def test_an_entry_means_a_topic_or_a_domain(entry: str, expected: set[str], policy: Policy) -> None:
    assert topics_of(entry, policy.topics) == expected


@pytest.mark.parametrize(
    ("alias", "programme", "day"),
    [
        ("power hero", "power_hero", date(2025, 11, 15)),
        ("super wow", "super_wow", date(2020, 8, 1)),
        ("super merdeka", "super_merdeka", date(2020, 10, 3)),
        ("energi kemerdekaan", "energi_kemerdekaan", date(2025, 8, 10)),
        ("diskon 50%", "diskon_2025", date(2025, 2, 28)),
    ],
)
def test_programmes_are_found_by_what_customers_call_them(
    alias: str, programme: str, day: date, policy: Policy
) -> None:
    (found,) = [entry for entry in policy.programmes if alias in entry.aliases]

    assert found.id == programme
    assert found.in_force(day)


def test_no_two_programmes_share_an_alias(policy: Policy) -> None:
    aliases = [alias.lower() for entry in policy.programmes for alias in entry.aliases]

    assert sorted(aliases) == sorted(set(aliases))


def test_compensation_grows_with_the_hours(policy: Policy) -> None:
    steps = policy.tmp.outage_compensation

    assert [step.percent for step in steps] == sorted({step.percent for step in steps})
    assert [step.up_to_hours for step in steps] == [2, 4, 8, 16, 40, None]
