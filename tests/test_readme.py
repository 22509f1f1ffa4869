"""The README's promises: its files exist, its commands run, its setup is the one of the Makefile."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("#")[0].strip().removeprefix(".venv/bin/")
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines()
    if line.split("#")[0].strip().removeprefix(".venv/bin/").startswith("sapa ")
]
SLOW = ("sapa serve", "sapa train", "sapa bench")


def test_every_file_that_the_readme_links_to_exists() -> None:
    missing = [target for target in re.findall(r"\]\(([^)#:]+)\)", README) if not (ROOT / target).exists()]
    assert missing == []


def test_the_commands_of_the_readme_are_known_ones() -> None:
    assert {command.split()[1] for command in COMMANDS} >= {"classify", "policy", "serve", "train", "evaluate", "bench"}


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.startswith(SLOW)])
def test_a_command_of_the_readme_runs(command: str, tmp_path: Path) -> None:
    for name in ("pipeline", "training", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "runs").mkdir()
    bundle = next((ROOT / "models" / "bundles").glob("*/manifest.json")).parent
    (tmp_path / "runs" / "sapa").symlink_to(bundle)
    (tmp_path / "pesan.jsonl").write_text('{"id": "1", "text": "token ditolak terus, GAGAL"}\n', encoding="utf-8")
    shutil.copytree(ROOT / "pipeline" / "policy", tmp_path / "eigen")
    if "policy export" in command:
        shutil.rmtree(tmp_path / "eigen")
    words = re.findall(r'"([^"]*)"|(\S+)', command)
    arguments = [quoted or plain for quoted, plain in words][1:]
    done = subprocess.run(
        [sys.executable, "-m", "serve.cli", *arguments], cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
