"""Reads labelled files for ``sapa data check``: every fault of every line, not only the first one."""

from __future__ import annotations

import difflib
import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.labels import Labels
from pipeline.errors import InvalidInput
from pipeline.language import LANGUAGES

MAX_CHARACTERS = 20_000  # what serving accepts, see pipeline.prepare.Preparer
_NAMEABLE = re.compile(r"[\w.:-]{1,64}")  # a label, field or id; anything longer might be a customer's text

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, told by file, line and id: never by the text.

    Attributes:
        check: ``schema``, ``label``, ``duplicate``, ``leak``, ``near_duplicate``, ``template``, ``label_error`` or
            ``balance``.
        file, line, id: Empty or 0 where the finding is about more than one message.
        more: Figures of the finding, for programs.
    """

    level: Level
    check: str
    detail: str
    file: str = ""
    line: int = 0
    id: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message without faults. ``voice``: the file it is written in, or its ``source``."""

    file: str
    line: int
    id: str
    held_out: bool
    voice: str
    text: str = field(repr=False)
    topic: str
    secondary: tuple[str, ...]
    channel: str
    dialect: str

    @property
    def where(self) -> dict[str, Any]:
        """The arguments by which a ``Finding`` points here."""
        return {"file": self.file, "line": self.line, "id": self.id}


class _Schema(BaseModel):
    """Fields of a line; ``training.data`` needs ``text`` and ``topic`` only."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(max_length=MAX_CHARACTERS)
    topic: str
    id: str | None = None
    secondary: list[str] = []
    intent: str | None = None
    urgency: str | None = None
    forms: list[str] | None = None
    ombudsman: str | None = None
    channel: str = "lainnya"
    dialect: str | None = None
    source: str | None = None


def read_rows(
    paths: Sequence[Path], held_out: frozenset[Path], labels: Labels, channels: Sequence[str]
) -> tuple[list[Row], list[Finding]]:
    """The rows without faults, in order, and the faults of the others.

    Errors: ``InvalidInput`` for a file that cannot be read at all.
    """
    rows: list[Row] = []
    faults: list[Finding] = []
    seen: dict[str, str] = {}
    for path in paths:
        count = 0
        for number, line in _lines(path):
            count += 1
            found = _problems(line, labels, channels)
            if isinstance(found, _Schema):
                name = found.id or f"{path.stem}-{number}"
                shown = _shown(name) or f"line {number}"
                if name not in seen:
                    seen[name] = f"{path.name} line {number}"
                    rows.append(_row(found, path, number, shown, path in held_out))
                    continue
                found = [("schema", f"the id is used already, in {seen[name]}")]
            faults += [Finding("error", check, detail, path.name, number) for check, detail in found]
        if not count:
            faults.append(Finding("error", "schema", "holds no labelled message", path.name))
    return rows, faults


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InvalidInput(f"{path} cannot be read: {reason}") from error


def _problems(line: bytes, labels: Labels, channels: Sequence[str]) -> _Schema | list[tuple[str, str]]:
    """The row, or its faults as (check, detail)."""
    try:
        content = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return [("schema", f"not UTF-8 at byte {error.start + 1}")]
    except json.JSONDecodeError as error:
        return [("schema", f"not JSON at column {error.colno}")]
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
        return [("schema", f"not readable JSON ({type(error).__name__})")]
    if not isinstance(content, dict):
        return [("schema", "not a JSON object")]
    row = None
    faults = []
    try:
        row = _Schema(**content)
    except ValidationError as error:
        # Only pydantic's own words and the place are taken over: its input would be the customer's text.
        for fault in error.errors(include_input=False, include_url=False):
            if fault["type"] == "extra_forbidden":
                faults.append(("schema", _unknown("field", str(fault["loc"][0]), list(_Schema.model_fields))))
            else:
                faults.append(("schema", f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg'].lower()}"))
    if row is not None and not row.text.strip():
        faults.append(("schema", "text: empty"))
    known = {head: labels.of(head) for head in ("topic", "secondary", "intent", "urgency", "forms", "ombudsman")}
    for head, choices in (known | {"channel": channels, "dialect": LANGUAGES}).items():
        given = content.get(head)
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, str) and value not in choices:
                faults.append(("label", _unknown(head, value, choices)))
    if row is not None and row.topic in row.secondary:
        faults.append(("label", "the topic is among the secondary ones"))
    return faults or row or []


def _row(found: _Schema, path: Path, number: int, shown: str, held_out: bool) -> Row:
    voice = _shown(found.source or "") or path.name.split(".")[0]
    return Row(
        path.name, number, shown, held_out, voice, found.text, found.topic, tuple(found.secondary),
        found.channel, found.dialect or "unknown",
    )  # fmt: skip


def _unknown(kind: str, value: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(value[:64], choices, n=3, cutoff=0.3)
    return f"unknown {kind} {_shown(value) or '(not a name)'}; nearest: {', '.join(near) or 'none'}"


def _shown(name: str) -> str:
    return name if _NAMEABLE.fullmatch(name) else ""
