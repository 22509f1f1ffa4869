from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InvalidMessage, PolicyError
from pipeline.messages import Hazard, Judgement, Message, Place, Route
from pipeline.policy import Policy
from pipeline.route import route

POLICY = Policy.load()
WIB = timezone(timedelta(hours=7))
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=WIB)
AT = POLICY.thresholds_for("tarif.info")

NOWHERE = Place(None, None, None, None, None, False, "place_missing")
OUTSIDE = Place("Surabaya", "kabupaten", None, None, "lain", True, "place_outside")


def in_unit(unit: str, province: str | None = None) -> Place:
    return Place("Desa", "desa", None, unit, province or POLICY.units[unit].perwakilan, False, "place_resolved")


def either(*units: str) -> Place:
    return Place("Desa", "desa", None, None, None, False, "place_ambiguous", units)


def judged(topic: str = "tarif.info", **fields: Any) -> Judgement:
    sure = Judgement(
        topic=topic,
        score=0.97,
        alternatives=(("luar_lingkup", 0.01),),
        secondary=(),
        intent="keluhan",
        urgency="normal",
        forms=(),
        ombudsman="tidak",
        degraded=False,
        reasons=(),
    )
    return replace(sure, **fields)


def message(received_at: datetime = MONDAY, channel: str = "wa") -> Message:
    return Message("m-1", "isi", channel, received_at)


def routed(judgement: Judgement, place: Place = NOWHERE, received_at: datetime = MONDAY, channel: str = "wa") -> Route:
    return route(judgement, place, message(received_at, channel), POLICY)


@pytest.mark.parametrize(
    ("topic", "place", "fields", "queue"),
    [
        ("gangguan.padam_area", in_unit("klaten"), {"urgency": "tinggi", "intent": "gangguan"}, "dcc-yogyakarta"),
        ("gangguan.padam_area", in_unit("tegal"), {"urgency": "tinggi", "intent": "gangguan"}, "dcc-purwokerto"),
        ("gangguan.padam_berulang", in_unit("klaten"), {}, "up3-klaten-jaringan"),
        # power is off now, whatever the topic's own desk
        ("gangguan.padam_berulang", in_unit("klaten"), {"urgency": "tinggi"}, "dcc-yogyakarta"),
        ("meter.rusak", in_unit("kudus"), {}, "up3-kudus-te"),
        ("meter.rusak", in_unit("kudus"), {"urgency": "tinggi"}, "dcc-semarang"),
        ("sambungan.pasang_baru", in_unit("demak"), {}, "up3-demak-pelanggan"),
        ("sambungan.pasang_baru", NOWHERE, {}, "uid-tanya-lokasi"),
        # nobody is asked for an address to be told a price
        ("sambungan.pasang_baru", NOWHERE, {"intent": "pertanyaan", "urgency": "rendah"}, "uid-niaga"),
        ("gangguan.padam_area", NOWHERE, {"intent": "apresiasi", "urgency": "rendah"}, "uid-niaga"),
        ("gangguan.padam_area", in_unit("tegal"), {"intent": "apresiasi", "urgency": "rendah"}, "up3-tegal-pelanggan"),
        ("gangguan.padam_area", NOWHERE, {"urgency": "tinggi"}, "uid-tanya-lokasi"),
        # two units, but one control centre
        ("gangguan.padam_area", either("surakarta", "sukoharjo"), {"urgency": "tinggi"}, "dcc-yogyakarta"),
        ("gangguan.padam_area", either("semarang", "klaten"), {"urgency": "tinggi"}, "uid-tanya-lokasi"),
        ("meter.catat", either("surakarta", "sukoharjo"), {}, "uid-tanya-lokasi"),
        # danger that may become one is not left to a question for the address
        ("bahaya.jaringan", NOWHERE, {"urgency": "tinggi"}, "uid-piket-dcc"),
        ("tagihan.transaksi", NOWHERE, {}, "uid-niaga"),  # needs no unit
        ("layanan.aplikasi", NOWHERE, {}, "uid-sti"),
        ("aset.lampu_jalan", in_unit("kudus"), {}, "uid-teruskan-pemda"),
        ("kompensasi.ganti_rugi", in_unit("kudus"), {}, "uid-hukum"),
        ("tagihan.lonjakan", OUTSIDE, {}, "uid-teruskan-uid-lain"),
        ("layanan.aplikasi", OUTSIDE, {}, "uid-sti"),  # one application for the whole country
        ("luar_lingkup", OUTSIDE, {}, "uid-luar-lingkup"),
        ("layanan.pungli_penipuan", OUTSIDE, {}, "uid-hukum"),
        ("luar_lingkup", NOWHERE, {"ombudsman": "resmi"}, "uid-kom"),  # the Ombudsman gets no "not ours"
    ],
)
def test_a_sure_judgement_goes_to_the_desk_that_owns_the_matter(
    topic: str, place: Place, fields: dict[str, Any], queue: str
) -> None:
    assert routed(judged(topic, **fields), place).queue == queue


@pytest.mark.parametrize(
    ("fields", "action", "reason"),
    [
        ({"score": AT.auto_at}, "auto", "score_auto"),  # a score on the threshold has reached it
        ({"score": AT.auto_at - 0.001}, "suggest", "score_below_auto"),
        ({"score": AT.suggest_at}, "suggest", "score_below_auto"),
        ({"score": AT.suggest_at - 0.001}, "review", "score_below_suggest"),
        ({"score": 0.0}, "review", "score_below_suggest"),
        ({"score": float("nan")}, "review", "score_below_suggest"),
        ({"score": 0.97, "degraded": True}, "suggest", "degraded"),
        ({"score": 0.85, "alternatives": (("tarif.diskon", 0.75),)}, "suggest", "margin_small"),
        # exactly the margin, which binary fractions miss by a hair
        ({"score": 0.85, "alternatives": (("tarif.diskon", 0.70),)}, "auto", "score_auto"),
        # the best topic may stand in its own list of alternatives
        ({"score": 0.97, "alternatives": (("tarif.info", 0.97), ("tarif.diskon", 0.02))}, "auto", "score_auto"),
        ({"score": 0.97, "alternatives": ()}, "auto", "score_auto"),
        ({"topic": "luar_lingkup", "score": 0.59}, "review", "outside_scope_unsure"),
        ({"topic": "luar_lingkup", "score": 0.61}, "suggest", "score_below_auto"),
        ({"topic": "layanan.pungli_penipuan", "score": 0.86}, "suggest", "score_below_auto"),  # its own threshold
        ({"topic": "bahaya.jaringan", "score": 0.62}, "auto", "score_auto"),
    ],
)
def test_the_action_follows_the_thresholds(fields: dict[str, Any], action: str, reason: str) -> None:
    result = routed(judged(**fields), in_unit("kudus"))

    assert result.action == action
    assert reason in result.reasons


def test_a_doubtful_message_goes_to_a_reviewer_and_to_no_guessed_desk() -> None:
    result = routed(judged("sambungan.pasang_baru", score=0.2), in_unit("kudus"))

    assert (result.action, result.queue, result.copies) == ("review", "uid-telaah", ())
    assert result.unit == "kudus"


def test_a_doubtful_outage_is_reviewed_and_seen_by_the_control_centre() -> None:
    result = routed(judged("gangguan.padam_area", score=0.2, urgency="tinggi"), in_unit("kudus"))

    assert result.queue == "uid-telaah"
    assert "dcc-semarang" in result.copies


@pytest.mark.parametrize("score", [0.01, 0.4, 0.99])
@pytest.mark.parametrize(
    ("place", "queue"),
    [
        (in_unit("yogyakarta"), "dcc-yogyakarta"),
        (either("klaten", "surakarta"), "dcc-yogyakarta"),
        (NOWHERE, "uid-piket-dcc"),
        (OUTSIDE, "uid-piket-dcc"),
    ],
)
@pytest.mark.parametrize("topic", ["bahaya.jaringan", "meter.rusak", "layanan.umum", "luar_lingkup"])
def test_an_emergency_reaches_people_at_three_in_the_morning_whatever_the_score(
    topic: str, place: Place, queue: str, score: float
) -> None:
    night = datetime(2026, 5, 31, 3, 0, tzinfo=WIB)  # a Sunday, and Waisak

    result = routed(judged(topic, score=score, urgency="darurat", intent="gangguan"), place, night)

    assert result.queue == queue
    assert result.deadlines.first_answer == night + timedelta(minutes=5)
    assert result.deadlines.done <= night + timedelta(days=1)
    assert ("uid-telaah" in result.copies) == (result.action == "review")


def test_a_live_wire_is_made_safe_within_three_quarters_of_an_hour() -> None:
    night = datetime(2026, 3, 21, 3, 0, tzinfo=WIB)  # Lebaran

    result = routed(judged("bahaya.jaringan", urgency="darurat"), in_unit("demak"), night)

    assert result.deadlines.done == night + timedelta(minutes=45)


def test_the_hazard_rules_raise_the_urgency_and_never_lower_it() -> None:
    quiet = judged("layanan.umum", urgency="rendah", score=0.3)
    raised = route(quiet, in_unit("klaten"), message(), POLICY, Hazard("darurat", "kabel_putus"))
    kept = route(judged(urgency="darurat"), NOWHERE, message(), POLICY, Hazard("tinggi", "tiang_miring"))
    cleared = route(quiet, in_unit("klaten"), message(), POLICY, Hazard(None, None, "sudah_selesai"))

    assert raised.queue == "dcc-yogyakarta"
    assert "hazard_rule:kabel_putus" in raised.reasons
    assert kept.queue == "uid-piket-dcc"
    assert cleared.queue == "uid-telaah"


@pytest.mark.parametrize("status", ["antrean", "resmi"])
@pytest.mark.parametrize(
    ("place", "office", "reason"),
    [
        (in_unit("yogyakarta"), "diy", None),
        (in_unit("klaten"), "jateng", None),
        (in_unit("klaten", province="diy"), "diy", None),  # where it happened counts, not whose unit it is
        (Place("Jogja", "provinsi", None, None, "diy", False, "place_ambiguous"), "diy", None),
        (either("surakarta", "sukoharjo"), "jateng", None),  # whichever it is
        (either("yogyakarta", "klaten"), "jateng", "perwakilan_default"),  # Prambanan
        (NOWHERE, "jateng", "perwakilan_default"),
        (OUTSIDE, "jateng", "perwakilan_default"),
    ],
)
def test_the_ombudsman_liaison_gets_a_copy_and_never_the_message_alone(
    place: Place, office: str, reason: str | None, status: str
) -> None:
    with_status = routed(judged("penertiban.sanksi", ombudsman=status), place)
    without = routed(judged("penertiban.sanksi"), place)

    assert with_status.perwakilan == office
    assert f"ombudsman-{office}" in with_status.copies
    assert with_status.queue == without.queue
    assert set(without.copies) <= set(with_status.copies)
    assert ("perwakilan_default" in with_status.reasons) == (reason is not None)


def test_a_threat_alone_leaves_a_note_and_names_no_office_by_default() -> None:
    result = routed(judged(ombudsman="pantau"))

    assert "ombudsman-pantau" in result.copies
    assert result.perwakilan is None


def test_the_ombudsman_is_answered_in_a_working_day_and_twelve_days() -> None:
    friday = datetime(2026, 3, 6, 14, 0, tzinfo=WIB)

    result = routed(judged("kompensasi.ganti_rugi", ombudsman="resmi"), in_unit("kudus"), friday)

    assert result.deadlines.first_answer == datetime(2026, 3, 9, 16, 0, tzinfo=WIB)
    assert result.deadlines.done == friday + timedelta(days=12)
    assert "clock_rule:ombudsman" in result.reasons


def test_danger_and_an_ignored_report_do_not_wait_for_a_reviewer() -> None:
    judgement = judged("bahaya.jaringan", score=0.2, urgency="tinggi", ombudsman="antrean", forms=("tidak_melayani",))

    result = routed(judgement, in_unit("yogyakarta"))

    assert result.queue == "dcc-yogyakarta"
    assert {"uid-k3l", "ombudsman-diy", "uid-telaah"} <= set(result.copies)
    assert result.deadlines.done <= MONDAY + timedelta(hours=24)


@pytest.mark.parametrize("urgency", POLICY.urgencies)
@pytest.mark.parametrize("score", [0.1, 0.97])
@pytest.mark.parametrize("forms", [(), ("permintaan_imbalan",)])
def test_the_accused_unit_never_reads_a_report_of_bribery(urgency: str, score: float, forms: tuple[str, ...]) -> None:
    judgement = judged(
        "layanan.pungli_penipuan", urgency=urgency, score=score, forms=forms, secondary=("layanan.petugas",)
    )

    result = routed(judgement, in_unit("klaten"))

    assert not [queue for queue in (result.queue, *result.copies) if "klaten" in queue]
    assert "confidential" in result.reasons


def test_a_bribe_beside_another_matter_reaches_the_lawyers_too() -> None:
    result = routed(judged("penertiban.sanksi", forms=("permintaan_imbalan",), ombudsman="antrean"), in_unit("klaten"))

    assert result.queue == "up3-klaten-te"
    assert "uid-hukum" in result.copies


@pytest.mark.parametrize(
    ("topic", "fields", "indicator"),
    [
        ("gangguan.padam_area", {"intent": "gangguan"}, "lama_gangguan"),
        ("gangguan.padam_area", {"intent": "apresiasi"}, None),  # praise touches no indicator
        ("gangguan.padam_berulang", {}, "jumlah_gangguan"),
        ("sambungan.pasang_baru", {}, "kecepatan_pb_tr"),
        ("sambungan.ubah_daya", {"intent": "pertanyaan"}, None),
        ("meter.catat", {}, "kesalahan_baca"),
        ("tagihan.koreksi_refund", {"intent": "permintaan"}, "koreksi_rekening"),
        ("layanan.pengaduan", {"secondary": ("gangguan.padam_rumah",)}, "kecepatan_tanggap"),
        ("layanan.pengaduan", {}, None),
        ("kompensasi.mutu_layanan", {"secondary": ("meter.catat",)}, "kesalahan_baca"),
        ("kompensasi.mutu_layanan", {}, "lama_gangguan"),
        ("luar_lingkup", {}, None),
    ],
)
def test_the_service_level_indicator_is_named(topic: str, fields: dict[str, Any], indicator: str | None) -> None:
    assert routed(judged(topic, **fields), in_unit("kudus")).tmp_indicator == indicator


def test_the_earliest_clock_counts_and_lapor_has_its_own() -> None:
    slow = judged("produk.program_sosial", intent="pertanyaan")

    by_wa = routed(slow, in_unit("kudus"))
    by_lapor = routed(slow, in_unit("kudus"), channel="lapor")

    assert by_wa.deadlines.done == MONDAY + timedelta(days=14)
    assert by_lapor.deadlines.done == MONDAY + timedelta(days=5)
    assert "clock_rule:lapor_informasi" in by_lapor.reasons


def test_an_answer_is_never_due_after_the_end() -> None:
    friday_night = datetime(2026, 3, 6, 23, 0, tzinfo=WIB)  # an answer next working day, but done within 24 hours

    deadlines = routed(judged("bahaya.pohon", urgency="normal", ombudsman="resmi"), NOWHERE, friday_night).deadlines

    assert deadlines.first_answer <= deadlines.done == friday_night + timedelta(days=1)


def test_old_messages_and_years_without_holidays_are_said() -> None:
    result = routed(judged(), in_unit("kudus"), datetime(2021, 6, 1, 9, 0, tzinfo=WIB))

    assert {"clock_outside_validity", "calendar_year_unknown"} <= set(result.reasons)


def test_of_two_clocks_the_one_in_force_on_the_day_of_receipt_counts() -> None:
    clocks = POLICY.clocks
    (old,) = [clock for clock in clocks.topics if clock.topic == "tarif.info"]
    until = datetime(2026, 6, 30, tzinfo=WIB).date()
    slower = next(clock for clock in clocks.topics if clock.topic == "layanan.aplikasi").urgency
    new = old.model_copy(update={"valid_from": until + timedelta(days=1), "urgency": slower})
    ended = old.model_copy(update={"valid_to": until})
    others = tuple(clock for clock in clocks.topics if clock is not old)
    policy = replace(POLICY, clocks=clocks.model_copy(update={"topics": (new, *others, ended)}))

    def done(received_at: datetime) -> datetime:
        return route(judged(), in_unit("kudus"), message(received_at), policy).deadlines.done

    # still the 30th of June in Jawa, although its last hour
    assert done(datetime(2026, 6, 30, 16, 59, tzinfo=UTC)) == datetime(2026, 7, 1, 16, 0, tzinfo=WIB)
    assert done(datetime(2026, 6, 30, 17, 0, tzinfo=UTC)) == datetime(2026, 7, 8, 16, 0, tzinfo=WIB)


def test_what_the_policy_does_not_know_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"topic gangguan\.gempa is not in the policy"):
        routed(judged("gangguan.gempa"))
    with pytest.raises(PolicyError, match="urgency gawat"):
        routed(judged(urgency="gawat"))
    with pytest.raises(PolicyError, match="unit surabaya is not in the policy; known: semarang"):
        routed(judged(), Place("x", "desa", None, "surabaya", "jateng", False, "place_resolved"))


def test_a_message_without_an_offset_is_refused() -> None:
    with pytest.raises(InvalidMessage, match="offset"):
        routed(judged(), NOWHERE, datetime.fromisoformat("2026-03-02 09:00"))


def some(values: tuple[str, ...], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


TOPICS, UNITS = tuple(POLICY.topics), tuple(POLICY.units)
scores = st.floats(0, 1)
judgements = st.builds(
    Judgement,
    topic=st.sampled_from(TOPICS),
    score=scores,
    alternatives=st.lists(st.tuples(st.sampled_from(TOPICS), scores), max_size=3).map(tuple),
    secondary=some(TOPICS, 2),
    intent=st.sampled_from(POLICY.intents),
    urgency=st.sampled_from(POLICY.urgencies),
    forms=some(POLICY.forms),
    ombudsman=st.sampled_from(POLICY.ombudsman_statuses),
    degraded=st.booleans(),
    reasons=st.just(()),
)
places = st.one_of(
    st.sampled_from([NOWHERE, OUTSIDE]),
    st.sampled_from(UNITS).map(in_unit),
    some(UNITS).map(lambda units: either(*units)),
)
times = st.integers(0, 10 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=WIB) + timedelta(minutes=minutes)
)


@settings(max_examples=400)
@given(judgements, places, times, st.sampled_from(POLICY.channels))
def test_every_judgement_has_exactly_one_declared_queue_and_the_ombudsman_never_replaces_it(
    judgement: Judgement, place: Place, received_at: datetime, channel: str
) -> None:
    sent = message(received_at, channel)
    result = route(judgement, place, sent, POLICY)
    kinds = [POLICY.queues[queue].kind for queue in (result.queue, *result.copies)]

    assert kinds[0] != "liaison"
    assert len(set(result.copies) | {result.queue}) == len(kinds)
    assert (judgement.ombudsman == "tidak") == ("liaison" not in kinds)
    assert judgement.urgency != "darurat" or kinds[0] == "duty"
    assert result.unit in (None, place.unit)
    assert received_at < result.deadlines.first_answer <= result.deadlines.done
    assert result.deadlines.done.isoformat().endswith("+07:00")
    assert result.reasons
    assert route(judgement, place, sent, POLICY) == result


@settings(max_examples=200)
@given(judgements, places, times)
def test_an_ombudsman_status_only_adds_copies_and_shortens_deadlines(
    judgement: Judgement, place: Place, received_at: datetime
) -> None:
    plain = routed(replace(judgement, ombudsman="tidak"), place, received_at)
    filed = routed(replace(judgement, ombudsman="antrean"), place, received_at)

    assert set(plain.copies) <= {*filed.copies, filed.queue}
    assert filed.deadlines.done <= plain.deadlines.done
    assert filed.deadlines.first_answer <= plain.deadlines.first_answer


@settings(max_examples=200)
@given(judgements, places, times)
def test_an_emergency_found_by_a_rule_is_never_left_to_office_hours(
    judgement: Judgement, place: Place, received_at: datetime
) -> None:
    result = route(judgement, place, message(received_at), POLICY, Hazard("darurat", "uji"))

    assert POLICY.queues[result.queue].kind == "duty"
    assert result.deadlines.first_answer <= received_at + timedelta(minutes=5)
    assert result.deadlines.done <= received_at + timedelta(days=1)
