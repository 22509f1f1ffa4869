"""The few pieces of HTML that the report is made of: everything that is not ``Html`` is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any


def percent(value: float | None, digits: int = 1) -> str:
    """A share as Indonesians write it: 0.934 is "93,4%"; a dash for none."""
    return "–" if value is None else f"{100 * value:.{digits}f}".replace(".", ",") + "%"


def number(value: float, digits: int = 0) -> str:
    """A number as Indonesians write it: 1234.5 with one digit is "1.234,5"."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


class Html(str):
    """Text that is HTML already; what is added to it is escaped unless it is, too."""

    __slots__ = ()

    def __add__(self, other: str) -> Html:
        return Html(str.__add__(self, shown(other)))


def shown(value: object) -> Html:
    """A value as HTML: ``Html`` as it is, a figure with its interval, anything else escaped."""
    if isinstance(value, Html):
        return value
    if isinstance(value, Mapping):
        return _figure(value)
    return Html(escape(str(value)))


def joined(parts: Iterable[object]) -> Html:
    """All parts, one after the other."""
    return Html("".join(shown(part) for part in parts))


def tag(name: str, *parts: object, cls: str = "", href: str = "") -> Html:
    """One element around its parts."""
    given = {key: value for key, value in (("class", cls), ("href", href)) if value}
    attributes = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in given.items())
    return Html(f"<{name}{attributes}>{joined(parts)}</{name}>")


def section(anchor: str, title: str, about: str, *parts: object) -> Html:
    """A titled card of the page with a sentence of explanation."""
    words = tag("p", about, cls="about") if about else Html("")
    return Html(f'<section id="{anchor}">{tag("h2", title)}{words}{joined(parts)}</section>')


def table(head: Sequence[object], rows: Iterable[Sequence[object]], caption: str = "") -> Html:
    """A table; the first cell of a row is its heading, a row of one cell heads a group, ``Text`` cells are broad."""
    body = []
    for row in rows:
        if len(row) == 1:
            body.append(f'<tr class="group"><th colspan="{len(head)}" scope="rowgroup">{shown(row[0])}</th></tr>')
            continue
        first, *others = row
        cells = "".join(f'<td{" class=text" if isinstance(c, Text) else ""}>{shown(c)}</td>' for c in others)
        body.append(f'<tr><th scope="row">{shown(first)}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{shown(h)}</th>' for h in head)
    above = tag("caption", caption) if caption else ""
    inside = f"{above}<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody>"
    return Html(f'<div class="wide"><table>{inside}</table></div>')


class Text(str):
    """A longer text in a table, such as a redacted message."""

    __slots__ = ()


def key(names: Iterable[tuple[str, str]]) -> Html:
    """The legend: style class and name of each colour."""
    return tag("div", *(Html(f'<span><i class="{kind}"></i>{escape(name)}</span>') for kind, name in names), cls="key")


def _figure(figure: Mapping[str, Any]) -> Html:
    if figure["value"] is None:
        return Html("–")
    span = f"{percent(figure['low'], 0)[:-1]}–{percent(figure['high'], 0)[:-1]}"
    counted = f" · {figure['count']}/{figure['of']}" if "of" in figure else ""
    return Html(f"<b>{percent(figure['value'])}</b> <small>{span}{counted}</small>")
