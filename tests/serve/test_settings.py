"""Settings are read from the environment, refused when unknown, and all named in ``.env.example``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import InvalidInput
from serve import settings
from tests.serve.conftest import ROOT


def test_the_example_names_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = dict(line.removeprefix("#").partition("=")[::2] for line in lines if line.startswith(("#SAPA_", "SAPA_")))
    assert list(named) == settings.names()
    for name, field in zip(named, settings.Settings.model_fields.values(), strict=True):
        shown = "" if field.default is None else str(field.default).lower()
        assert named[name] == shown, name


def test_the_environment_is_read_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPA_PORT", "9000")
    monkeypatch.setenv("SAPA_THREADS", "3")
    monkeypatch.setenv("SAPA_POLICY", "")  # empty is not set
    chosen = settings.load(port=9001, host=None)
    assert (chosen.port, chosen.threads, chosen.host, chosen.policy) == (9001, 3, "127.0.0.1", None)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SAPA_PROT", "1", "did you mean SAPA_PORT"),
        ("SAPA_SOMETHING_ELSE", "1", "valid settings: SAPA_BUNDLE"),
        ("SAPA_PORT", "seventy", "SAPA_PORT: Input should be a valid integer"),
        ("SAPA_GRAPH", "fp8", "'auto', 'int8' or 'safe'"),
        ("SAPA_WORKERS", "0", "SAPA_WORKERS"),
    ],
)
def test_what_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput, match=words):
        settings.load()


def test_a_value_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPA_PORT", "hunter2")
    with pytest.raises(InvalidInput) as caught:
        settings.load()
    assert "hunter2" not in str(caught.value)


def test_no_file_in_the_working_folder_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SAPA_PORT=9999\n")
    monkeypatch.chdir(tmp_path)
    assert settings.load().port == 8000
