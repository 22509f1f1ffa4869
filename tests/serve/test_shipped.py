"""What ships, as a newcomer meets it: no setting, no option, the bundle of the project."""

from __future__ import annotations

import json

import pytest

from tests.serve.conftest import Sapa

AS_SHIPPED = {"SAPA_BUNDLE": "", "SAPA_CLASSIFIER": ""}
OUTAGE = "Min, sak gang peteng kabeh kit bar magrib, tanggane ya mati. Kapan uripe?"


def test_the_shipped_bundle_is_whole_and_runs_here(sapa: Sapa) -> None:
    done = sapa("bundle", "verify", env=AS_SHIPPED)
    assert done.returncode == 0, done.stderr.decode()
    assert b"every byte as sealed" in done.stdout
    assert b"self-test passed with encoder" in done.stdout


@pytest.mark.parametrize("graph", ["auto", "safe"])
def test_the_encoder_decides_with_either_graph(sapa: Sapa, graph: str) -> None:
    done = sapa("classify", OUTAGE, env=AS_SHIPPED | {"SAPA_GRAPH": graph})
    assert (done.returncode, done.stderr) == (0, b"")
    decision = json.loads(done.stdout)
    assert (decision["topic"], decision["degraded"]) == ("gangguan.padam_area", False)


def test_the_shipped_policy_holds_and_fits_the_shipped_bundle(sapa: Sapa) -> None:
    done = sapa("policy", "check", env=AS_SHIPPED)
    assert done.returncode == 0, done.stderr.decode()
    assert b"warning" not in done.stderr
