"""Normalise: from the received text to one that later stages can read.

Two steps. ``clean`` repairs what transport and keyboards do to characters (Unicode forms, invisible characters, HTML)
and keeps the alignment to the received text, so that every later span can be given in its code points. ``spell``
evens out how people type (elongation, digits inside words, keyboard noise) for whatever reads words.
Both are idempotent. Nothing is stemmed: a pretrained tokenizer expects whole words.
"""

from __future__ import annotations

import html
import re
import unicodedata

from pipeline.messages import Aligned

PREPARE_VERSION = "1"
"""Changes whenever ``prepare`` changes what a model sees; a bundle records the version it was trained with."""

_ASCII_ONLY = re.compile(r"[\t\n\x20-\x7e]*\Z")
# "&amp;amp;lt;" is one chain: undone level by level it would take a round a level.
_ENTITY = re.compile(
    r"&(?:(?:amp|#0{0,5}38|#[xX]0{0,4}26);)*+(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
    r"|&(?:(?:amp|#0{0,5}38|#[xX]0{0,4}26);)++"
)
_TAG = re.compile(
    r"</?(?:br|p|div|span|b|i|u|a|em|strong|li|ul|ol|td|tr|table|html|body)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE
)
_LINE_TAG = re.compile(r"</?(?:br|p|div|li|tr)\b", re.IGNORECASE)
# Zero-width and direction marks, soft hyphen, byte-order mark, control characters except tab and line feed.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"[^\S\n]")

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
_ELONGATION = re.compile(r"([^\W\d_])\1{2,}")
_REPEATED_MARK = re.compile(r"([!?.,~*_=+\-])\1{2,}")
_REDUPLICATION = re.compile(r"\b([^\W\d_]{3,24})(?:2|²)(?=(?:nya|an|ne|e|in|ku|mu)?\b)", re.IGNORECASE)
# "l4mpu", "p4d4m"; not "R1M" (a tariff class), "2x", "jam7": a digit between letters of a word of four or more.
_DIGITS_IN_WORD = re.compile(r"\b(?![rbips]\d[a-z]{0,2}\b)(?=\w{4,24}\b)[a-z]+(?:[0134][a-z]+)+(?=2?\b)", re.IGNORECASE)
_LEET = str.maketrans("0134", "oiea")
_BLANKS = re.compile(r"[^\S\n]{2,}")
_LINES = re.compile(r"\s*\n\s*")


def clean(text: str) -> Aligned:
    """The text with repaired characters, aligned to the received one; cleaning it again changes nothing."""
    aligned = Aligned(text)
    if _ASCII_ONLY.match(text) and "&" not in text and "<" not in text:
        return aligned
    previous = None
    while previous != aligned.text:  # "&amp;lt;" needs more than one round
        previous = aligned.text
        aligned = _compose(aligned).sub(_ENTITY, _unescape).sub(_TAG, lambda m: "\n" if _LINE_TAG.match(m[0]) else " ")
        aligned = aligned.sub(_INVISIBLE, lambda m: "\n" if m[0] in "\x85\x0b\x0c" else "").sub(_SPACE, " ")
    return aligned


def spell(text: str) -> str:
    """The text as a reader would type it carefully, in lower case.

    One space, no elongation, "mati2" as "mati-mati", "l4mpu" as "lampu". Capitals are how people shout or what their
    keyboard chose; without them the encoder does better on unseen wording (``docs/experiments.md``).
    """
    previous = None
    text = text.lower()
    while previous != text:  # one rule can make work for another
        previous = text
        text = _URL.sub(" tautan ", text)
        text = _ELONGATION.sub(r"\1", text)
        text = _REPEATED_MARK.sub(r"\1\1", text)
        text = _REDUPLICATION.sub(r"\1-\1", text)
        text = _DIGITS_IN_WORD.sub(lambda m: m[0].translate(_LEET), text)
        text = _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
    return text


def normalise(text: str) -> str:
    """``spell`` after ``clean``: for whoever needs only the text."""
    return spell(clean(text).text)


def _unescape(match: re.Match[str]) -> str:
    last = match[0].rstrip(";").rpartition(";")[2].lstrip("&")  # the end of the chain says what it stands for
    new = html.unescape(f"&{last};")
    return new if len(new) <= 2 and new != "\r" else match[0]


def _compose(aligned: Aligned) -> Aligned:
    """NFKC, one edit for each base character and its marks."""
    text = aligned.text
    if unicodedata.is_normalized("NFKC", text):
        return aligned
    edits = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        part = text[start:end]
        new = unicodedata.normalize("NFKC", part)
        if new != part:
            edits.append((start, end, new))
        start = end
    return aligned.replace(edits)
