"""Charts of the report as SVG text: no script or outside file; colours come from the page's style and its theme.

Shares are in [0, 1]. Every mark has a ``<title>``, which browsers show on hover and screen readers read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from training.report_html import Html, number, percent

CELL = 17
_MARGIN_LEFT, _MARGIN_BOTTOM, _MARGIN_TOP, _MARGIN_RIGHT = 46, 40, 10, 14
_WIDTH, _HEIGHT = 460, 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; ``points`` are (x, y) shares, ``kind`` is the style's class."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """What a chart's axes say and show; ``y_from`` is the lowest share drawn."""

    x: str
    y: str
    y_from: float = 0.0
    diagonal: bool = False
    levels: Sequence[float] = ()


def line_chart(label: str, axes: Axes, lines: Sequence[Line], marks: Sequence[Line] = ()) -> Html:
    """Lines over a grid; ``marks`` are drawn as dots."""
    width, height = _WIDTH - _MARGIN_LEFT - _MARGIN_RIGHT, _HEIGHT - _MARGIN_TOP - _MARGIN_BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        shown = (max(y, axes.y_from) - axes.y_from) / (1 - axes.y_from)
        return _MARGIN_LEFT + x * width, _MARGIN_TOP + (1 - shown) * height

    parts = []
    for step in range(6):
        x, y = at(step / 5, axes.y_from + (1 - axes.y_from) * step / 5)
        parts.append(f'<line class="grid" x1="{_MARGIN_LEFT}" x2="{_MARGIN_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_MARGIN_LEFT - 6, y + 4, percent(axes.y_from + (1 - axes.y_from) * step / 5, 0), "end"))
        parts.append(_text(x, _HEIGHT - _MARGIN_BOTTOM + 16, percent(step / 5, 0), "middle"))
    if axes.diagonal:
        (x1, y1), (x2, y2) = at(axes.y_from, axes.y_from), at(1, 1)
        parts.append(f'<line class="level" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
    for place, level in enumerate(axes.levels):
        _, y = at(0, level)
        parts.append(
            f'<line class="level" x1="{_MARGIN_LEFT}" x2="{_MARGIN_LEFT + width}" y1="{y:.1f}" y2="{y:.1f}"/>'
            # Beside one another: the levels lie close.
            + _text(_MARGIN_LEFT + width - 2 - 32 * place, y - 3, percent(level, 0), "end")
        )
    for line in lines:
        if line.points:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*p) for p in line.points))
            dash = ' stroke-dasharray="5 4"' if line.dashed else ""
            title = f"<title>{escape(line.name)}</title>"
            parts.append(f'<polyline class="line {line.kind}" points="{path}"{dash}>{title}</polyline>')
    for mark in marks:
        for share_x, share_y in mark.points:
            x, y = at(share_x, share_y)
            title = f"<title>{escape(mark.name)}: {percent(share_x)}, {percent(share_y)}</title>"
            parts.append(f'<circle class="dot {mark.kind}" cx="{x:.1f}" cy="{y:.1f}" r="4">{title}</circle>')
    parts.append(_text(_MARGIN_LEFT + width / 2, _HEIGHT - 6, axes.x, "middle", "axis"))
    parts.append(
        f'<text class="axis" text-anchor="middle" transform="translate(11 {_MARGIN_TOP + height / 2:.0f}) rotate(-90)">'
        f"{escape(axes.y)}</text>"
    )
    return _svg(_WIDTH, _HEIGHT, label, parts)


def whiskers(label: str, figures: Sequence[tuple[str, str, dict[str, Any] | None]], width: int = 170) -> Html:
    """Dots with their intervals from 0 to 1, one below the other.

    Args:
        figures: Name, style class, and ``{"value", "low", "high"}`` of each.
    """
    step, height = 9, 9 * len(figures) + 3
    ticks = [f"{3 + (width - 6) * x / 4:.0f}" for x in range(5)]
    parts = [f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height}"/>' for x in ticks]
    for row, (name, kind, figure) in enumerate(figures):
        if figure is None or figure["value"] is None:
            continue
        y = 6 + row * step
        low, middle, high = (3 + (width - 6) * figure[key] for key in ("low", "value", "high"))
        title = f"{name}: {percent(figure['value'])} ({percent(figure['low'])} – {percent(figure['high'])})"
        parts.append(
            f'<g class="{kind}"><title>{escape(title)}</title>'
            f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="dot {kind}" cx="{middle:.1f}" cy="{y}" r="3.2"/></g>'
        )
    return _svg(width, height, label, parts, fixed=True)


def heat_table(
    label: str, names: Sequence[str], groups: Sequence[str], rows: Sequence[Sequence[float]],
    title: Callable[[int, int], str], cell: int = CELL, long_numbers: bool = False,
) -> Html:  # fmt: skip
    """A square table as heat: each row's shares, hits on the diagonal, misses inside and outside the group apart.

    Args:
        groups: Group of each name; neighbours of one group are framed together.
        rows: Counts; row i is what was meant by name i.
        title: What hovering over cell (row, column) says.
        long_numbers: The counts are large: they are shown rounded.
    """
    size = len(names)
    room = 8 + round(5.6 * max(len(name) for name in names))
    edge, side = room + size * cell, room + size * cell + 6
    parts = []
    for i, name in enumerate(names):
        middle = room + (i + 0.5) * cell
        parts.append(_text(room - 5, middle + 3, name, "end", "name"))
        turned = f'transform="translate({middle + 3:.1f} {room - 5}) rotate(-90)"'
        parts.append(f'<text class="name" {turned}>{escape(name)}</text>')
    for i in range(size + 1):
        heavy = i in (0, size) or groups[i] != groups[i - 1]
        kind, at = ("frame" if heavy else "grid"), room + i * cell
        parts.append(f'<line class="{kind}" x1="{room}" x2="{edge}" y1="{at}" y2="{at}"/>')
        parts.append(f'<line class="{kind}" x1="{at}" x2="{at}" y1="{room}" y2="{edge}"/>')
    for i, row in enumerate(rows):
        total = sum(row)
        for j, count in enumerate(row):
            if count:
                kind = "hit" if i == j else "near" if groups[i] == groups[j] else "far"
                strength = 0.15 + 0.85 * (count / total) ** 0.7
                shown = number(count) if count < 10_000 or not long_numbers else number(count / 1000) + "rb"
                dark = " strong" if strength > 0.7 else ""
                x, y = room + j * cell, room + i * cell
                parts.append(
                    f'<g><title>{escape(title(i, j))}</title>'
                    f'<rect class="{kind}" x="{x}" y="{y}" width="{cell}" height="{cell}" '
                    f'fill-opacity="{strength:.2f}"/>'
                    f'<text class="count{dark}" text-anchor="middle" x="{x + cell / 2}" y="{y + cell / 2 + 3}">'
                    f"{shown}</text>"
                    "</g>"
                )
    return _svg(side, side, label, parts, fixed=True)


def _text(x: float, y: float, words: str, anchor: str, kind: str = "tick") -> str:
    return f'<text class="{kind}" text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _svg(width: float, height: float, label: str, parts: Sequence[str], fixed: bool = False) -> Html:
    size = f' width="{width}" height="{height}"' if fixed else ""
    name = escape(label, quote=True)
    return Html(f'<svg viewBox="0 0 {width} {height}"{size} role="img" aria-label="{name}">{"".join(parts)}</svg>')
