"""Names of people: found by the words around them, then by the words they are made of.

No list holds all names, and many Javanese names are ordinary words (Slamet, Bagus, Untung, Rejeki). So a word becomes
a name only by two pieces of evidence: a cue beside it (a title, "atas nama", "saya", a sign-off, a customer number)
and its own look (a known name, the build of a Javanese name, a capital where capitals mean something). A known full
name needs no cue. All words and cues are policy; this module holds the order in which they are weighed.

Not covered: a name written in lower case with no cue ("kemarin didatangi joko"), and nicknames that are words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

NAME, STAFF = "NAMA", "NAMA_PETUGAS"
_MOST_WORDS = 5  # of one name; longer runs are headings

_SHORTENED = frozenset(("muh", "moh", "moch", "mohd", "abd", "ach", "akh", "siti", "st", "sri"))
_BARE = re.compile(
    r"(?!n[yg]|di|ke|sak|ter|ber|me|pe|se)(?=[a-z]*[aiueo])[a-z]{4,10}(?<!nya)(?<!ne)(?<!ke)(?<!no)(?<!pun)(?<!ya)(?<!in)(?<!i)\Z"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019`-][^\W\d_]+)*")
_BOUNDARY = re.compile(r"\s{0,3}(?:[,.;:!?()\[\]\n/\"🙏-]|\d|\Z)")
_JOINED = re.compile(r" {1,2}\Z")
_INITIAL_JOINED = re.compile(r"\.? {0,2}\Z")
_GAPS = {  # what may stand between a cue and the name
    "label": re.compile(r"\s{0,2}[:=(\"'-]?\s{0,2}[\"']?\Z"),
    "called": re.compile(r"\s{0,2}[:=(\"'-]?\s{0,2}[\"']?\Z"),
    "named": re.compile(r"\s{0,2}[:=(\"'-]?\s{0,2}[\"']?\Z"),
    "sign": re.compile(r"[\s,.!:()🙏😊~\u2013\u2014-]{0,8}\Z"),
    "staff": re.compile(r"[ :.]{0,3}\Z"),
    "": re.compile(r" {0,2}\Z"),
}


CueKind = Literal[
    "label",  # "a.n.", "nama saya": what follows is a name
    "called",  # "namanya", "jenenge": most likely a name
    "named",  # "pemilik", "saksi": often a name
    "speaker",  # "Pelanggan:" of a transcript: often a sentence
    "title",  # "Pak", "Bu"
    "honour",  # "Bapak", "Mas", "Kang": titles that are words in other uses too
    "role",  # "Pak RT", "Kades"
    "self",  # "saya", "kulo", "inyong"
    "kin",  # "suami saya"
    "weak",  # "rumah", "karo": known names only
    "sign",  # "Hormat kami"
    "staff",  # "petugas", "oknum"
    "agent",  # the greeting of a call centre: "CS: selamat pagi dengan"
    "official",  # "Gubernur": a name that stays
]


class NamePolicy(BaseModel):
    """Words and cues of names. Word lists are one string, words apart by white space.

    Attributes:
        given: Given names that are hardly ever anything else.
        ambiguous: Given names that are also words: they need a cue.
        flimsy: Of these, the ones that praise ("mas bagus", "mbak cantik"): in lower case a cue is not enough.
        family: Second names and family names.
        build: Regex of what Javanese names look like; only in force beside a cue.
        not_names: Titles, offices, companies, and frequent words outside the dictionary of root words.
        everyday: Root words in daily use. Other root words ("feri", "ragil") can be names where a capital says so.
        public: People in the news; kept unless they are given as a customer's name.
        heroes: People after whom streets are named; kept when no cue stands beside them.
        cues: Kind of cue to its regexes; the first kind that fits counts.
        after_self, after_staff: What follows "saya <name>" and makes it a name; what follows a name of staff.
        not_before: Words before a known name that make it part of a place or a company ("Jalan Ahmad Yani").
        roads: Words before a title that make the name a place too ("RSUD dr. Moewardi").
        prepositions: Words after which a single known name without a cue may as well be a place.
        said: Verbs of news ("mengatakan"): the name beside them is kept when an office stands near.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    given: str
    ambiguous: str
    flimsy: str
    family: str
    build: str
    not_names: str
    everyday: str
    public: list[str]
    heroes: list[str]
    cues: dict[CueKind, list[str]]
    after_self: str
    after_staff: str
    not_before: str
    roads: str
    prepositions: str
    said: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A text cut into words, and whether its capitals mean anything."""

    text: str
    starts: list[int]
    ends: list[int]
    words: list[str]
    lower: list[str]
    capitals_tell: bool

    def capital(self, k: int) -> bool:
        """Word k is written with a capital, in a text where that is evidence."""
        return self.capitals_tell and self.words[k][0].isupper()

    def boundary(self, k: int) -> bool:
        """A mark, a digit, a placeholder or the end follows word k."""
        return _BOUNDARY.match(self.text, self.ends[k]) is not None


class NameFinder:
    """Finds names. Built once; it keeps no state between texts.

    Args:
        policy: The words and cues.
        places: Names of kabupaten, kecamatan and desa, lower case.
        roots: Root words of Indonesian, lower case.
        given, family: More names, such as those of lokal.
    """

    def __init__(
        self,
        policy: NamePolicy,
        places: frozenset[str],
        roots: frozenset[str],
        given: frozenset[str] = frozenset(),
        family: frozenset[str] = frozenset(),
    ) -> None:
        self._flimsy = frozenset(policy.flimsy.split())
        self._ambiguous = frozenset(policy.ambiguous.split()) | self._flimsy
        self._not_names = frozenset(policy.not_names.split())
        self._everyday = frozenset(policy.everyday.split())
        self._given = (frozenset(policy.given.split()) | given) - self._ambiguous - self._not_names
        self._family = (frozenset(policy.family.split()) | family) - self._not_names
        self._plain = roots - self._given - self._family - self._ambiguous - places
        self._places = places
        self._roots = roots
        self._build = re.compile(rf"(?:{policy.build})\Z")
        self._public = frozenset(name.lower() for name in policy.public)
        self._known_by_all = self._public | frozenset(name.lower() for name in policy.heroes)
        kinds = "|".join(f"(?P<{kind}>{'|'.join(forms)})" for kind, forms in policy.cues.items())
        self._cue = re.compile(rf"(?=[a-z1])(?<!\w)(?:{kinds})(?!\w)", re.IGNORECASE)
        self._after_self = re.compile(rf"\s*(?:{policy.after_self})(?!\w)", re.IGNORECASE)
        self._after_staff = re.compile(rf"\s?\(?(?:{policy.after_staff})(?!\w)", re.IGNORECASE)
        self._not_before = frozenset(policy.not_before.split())
        self._roads = frozenset(policy.roads.split())
        self._prepositions = frozenset(policy.prepositions.split())
        self._said = re.compile(rf"(?<!\w)(?:{policy.said})(?!\w)", re.IGNORECASE)

    def find(self, text: str, numbers: Sequence[tuple[int, int]]) -> list[tuple[int, int, str]]:
        """Spans of names with their type, sorted, apart from each other; the type is empty for a name that stays.

        Args:
            text: Cleaned text; placeholders in square brackets are stepped over.
            numbers: Sorted spans of customer numbers and telephones: a name next to one is the customer's.
        """
        cut = self._cut(text)
        found: dict[int, tuple[int, str]] = {}  # first word -> (word after the last, type)
        kept: set[int] = set()
        for kinds, start, end in self._chains(text):
            self._after_cue(cut, kinds, start, end, found, kept)
        for start, end in numbers:
            self._beside(cut, start, end, found)
        self._bare(cut, found, kept)
        spans: list[tuple[int, int, str]] = []
        for first, (stop, kind) in sorted(found.items()):
            start, end = cut.starts[first], cut.ends[stop - 1]
            if spans and start < spans[-1][1]:
                continue
            if kind == NAME and self._after_staff.match(text, end):
                kind = STAFF
            spans.append((start, end, kind))
        return sorted([*spans, *((cut.starts[k], cut.ends[k], "") for k in kept)])

    def is_name(self, value: str) -> bool:
        """``value`` starts with a known given name and holds nothing that is not a name: the test of a foreign find."""
        words = [word.lower() for word in _WORD.findall(value)]
        return (
            bool(words)
            and value[0].isupper()
            and words[0] in self._given
            and words[0] not in self._places
            and all(word in self._given or word in self._family or word in self._ambiguous for word in words)
        )

    def _cut(self, text: str) -> _Text:
        found = [
            m for m in _WORD.finditer(text) if not (text[m.start() - 1 : m.start()] in ("[", "_") and m[0].isupper())
        ]
        words = [m[0] for m in found]
        lower = [word.lower() for word in words]
        letters, shouted = sum(map(len, words)), sum(len(word) for word in words if word.isupper())
        plain = [word[0].isupper() for word, low in zip(words, lower, strict=True) if low in self._plain]
        tell = shouted <= 0.6 * letters and (len(plain) < 4 or sum(plain) <= 0.6 * len(plain))
        return _Text(text, [m.start() for m in found], [m.end() for m in found], words, lower, tell)

    def _chains(self, text: str) -> list[tuple[list[str], int, int]]:
        """Runs of cues that touch ("petugas bernama Pak"): their kinds, start and end."""
        chains: list[tuple[list[str], int, int]] = []
        for match in self._cue.finditer(text):
            kind = match.lastgroup or ""
            gap = text[chains[-1][2] : match.start()] if chains else ""
            if chains and len(gap) <= 3 and not gap.strip(" :.=(/"):
                chains[-1] = ([*chains[-1][0], kind], chains[-1][1], match.end())
            else:
                chains.append(([kind], match.start(), match.end()))
        return chains

    def _after_cue(
        self, cut: _Text, kinds: list[str], start: int, end: int, found: dict[int, tuple[int, str]], kept: set[int]
    ) -> None:
        first = bisect_left(cut.starts, end)
        office = "official" in kinds and not {"label", "staff", "agent"} & set(kinds)
        if office:  # "Bupati Kebumen Lilis ...": the place is part of the office
            skip = bisect_left(cut.starts, start) + 8
            while first < min(skip, len(cut.words)) and (
                cut.lower[first] in self._places or cut.lower[first] in self._not_names
            ):
                end = cut.ends[first]
                first += 1
        if first >= len(cut.words):
            return
        before = bisect_left(cut.starts, start) - 1
        if before >= 0 and cut.lower[before] in self._roads and start - cut.ends[before] <= 2:
            return
        kind = kinds[-1]
        gap = cut.text[end : cut.starts[first]]
        if not _GAPS.get(kind, _GAPS[""]).match(gap):
            return
        if not self._accept(cut, kind, first):
            return
        stop = self._extend(cut, first, label=kind == "label")
        if kind in ("self", "sign") and not self._closes(cut, kind, first, stop):
            return
        if office:
            kept.update(range(first, stop))
        elif first not in found:
            if kind not in ("label", "named", "called", "self") and self._is_public(cut, first, stop, self._public):
                kept.update(range(first, stop))
                return
            found[first] = (stop, STAFF if {"staff", "agent"} & set(kinds) else NAME)

    def _accept(self, cut: _Text, kind: str, k: int) -> bool:
        """Word k can begin a name after a cue of this kind."""
        word, capital = cut.lower[k], cut.capital(k)
        title = kind == "title"
        kind = "honour" if title else kind
        if len(word) == 1:
            # "a.n. S. Haryono"; initials alone tell nobody's name
            dotted = cut.words[k].isupper() and cut.text[cut.ends[k] : cut.ends[k] + 1] == "."
            return dotted and kind in ("label", "honour") and self._nameish(cut, k + 1) and cut.capital(k + 1)
        if word in self._not_names:
            return False
        if word in self._given:
            return kind not in ("kin", "weak") or capital or (not self._is_word(word) and len(word) > 3)
        if kind == "weak":
            follows = cut.boundary(k) or self._after_self.match(cut.text, cut.ends[k]) is not None
            return capital and follows and word in self._ambiguous - self._flimsy
        if kind == "honour" and any(word.removesuffix(end) in self._given for end in ("ne", "e", "nya")):
            return True  # "omahe Pak Sukimine"
        if word in self._flimsy:
            sure = kind in ("label", "honour", "role", "called", "agent")
            if kind in ("self", "sign"):
                sure = cut.text[cut.ends[k] : cut.ends[k] + 1] in (",", ".")[: 1 + (kind == "self")] or (
                    kind == "self" and self._after_self.match(cut.text, cut.ends[k]) is not None
                )
            return self._nameish(cut, k + 1) or (capital and sure)
        if word in self._ambiguous:
            return capital or kind in ("label", "named", "called", "honour") or self._nameish(cut, k + 1)
        strong = kind in ("label", "named", "called", "honour")
        if word in self._family:
            return (capital and (strong or not self._is_word(word))) or (strong and not self._is_word(word))
        told = strong or kind == "self"
        unlisted = word not in self._roots and word not in self._places and not cut.words[k].isupper()
        if capital and told and unlisted and self._after_self.match(cut.text, cut.ends[k]):
            return True  # "kulo Ngadikan saking Playen", though "ng-adik-an" could be a form of a word
        if self._is_word(word, everyday=capital and (strong or kind == "role")) or word in self._places:
            # "Pak Kadar.", "a.n. Kasturi,": a word of the dictionary, but alone and with a capital beside a strong cue
            alone = word not in self._places and self._stands(cut, k)
            return kind in ("label", "honour") and capital and (alone or self._nameish(cut, k + 1))
        if self._build.match(word):
            if kind == "self":
                return capital or self._after_self.match(cut.text, cut.ends[k]) is not None
            return capital or kind not in ("sign", "role", "kin", "speaker")
        if k + 1 < len(cut.words) and cut.ends[k] + 1 == cut.starts[k + 1]:
            following = cut.lower[k + 1]
            surely = following in self._family or following in self._given
            if surely and not self._is_word(following) and _BARE.match(word) and kind in ("label", "honour", "self"):
                return True  # "sy hotman sitorus"
        if capital:
            if cut.words[k].isupper():  # an abbreviation, where not all is written in capitals
                return kind == "label" and len(word) > 4
            return strong or kind in ("self", "sign", "kin")
        # "pak wasro sampun lapor": neither a word nor a form of one
        return (kind == "label" and len(word) > 3 and self._stands(cut, k)) or (title and _BARE.match(word) is not None)

    def _stands(self, cut: _Text, k: int) -> bool:
        """Nothing but a mark, a number or the end follows word k, so it is no start of a sentence."""
        mark = _BOUNDARY.match(cut.text, cut.ends[k])
        return mark is not None and mark[0].strip()[:1] not in ("?", "-", ":")

    def _closes(self, cut: _Text, kind: str, first: int, stop: int) -> bool:
        """After "saya" and after a sign-off a name is followed by a mark or by "dari", "warga", ..."""
        word, end = cut.lower[first], cut.ends[stop - 1]
        given = word in self._given and (cut.capital(first) or not self._is_word(word))
        if kind == "sign" and not given and word not in self._flimsy and not self._strong(cut, first):
            return cut.text[end : end + 40].strip(" .!🙏😊)") == "" or cut.text[end : end + 1] == "\n"
        if cut.boundary(stop - 1) or self._after_self.match(cut.text, end):
            return True
        if stop < len(cut.words) and cut.capital(stop) and cut.lower[stop] in self._places:
            return True
        return kind == "self" and (stop - first > 1 or given)

    def _extend(self, cut: _Text, first: int, *, label: bool = False) -> int:
        """The word after the last one of the name that begins at ``first``; a label vouches for unknown words."""
        at_first = cut.words[first][0].isupper()
        stop = first + 1
        while stop < len(cut.words) and stop - first < _MOST_WORDS:
            gap = cut.text[cut.ends[stop - 1] : cut.starts[stop]]
            short = len(cut.words[stop - 1]) <= 2 or cut.lower[stop - 1] in _SHORTENED
            joined = _INITIAL_JOINED if short else _JOINED
            if not joined.match(gap):
                break
            word, capital = cut.lower[stop], cut.words[stop][0].isupper()
            if word in ("bin", "binti") and self._nameish(cut, stop + 1):
                stop += 2
                continue
            if len(word) == 1:
                if not capital or cut.text[cut.ends[stop] : cut.ends[stop] + 1].isalnum():
                    break
                stop += 1
                continue
            if word in self._not_names or (capital != at_first and not label):
                break
            known = word in self._family or word in self._given
            if not known and word in self._ambiguous:
                known = capital or cut.boundary(stop)
            if not known and not self._is_word(word, everyday=cut.capital(stop)) and word not in self._places:
                plain = cut.capital(stop) and len(word) > 2 and not (cut.words[stop].isupper() and len(word) < 5)
                known = plain or self._build.match(word) is not None or (label and len(word) > 3)
            if not known:
                break
            stop += 1
        return stop

    def _beside(self, cut: _Text, start: int, end: int, found: dict[int, tuple[int, str]]) -> None:
        """A name right before or right after a customer's number."""
        after = bisect_left(cut.starts, end)
        near = after < len(cut.words) and cut.starts[after] - end <= 3 and after not in found
        if near and self._strong(cut, after) and not self._names_a_place(cut, after):
            stop = self._extend(cut, after)
            if cut.boundary(stop - 1) or stop - after > 1 or self._places_next(cut, stop):
                found[after] = (stop, NAME)
        last = bisect_left(cut.starts, start) - 1
        if last >= 0 and start - cut.ends[last] <= 3 and cut.text[cut.ends[last] : start].strip(" ,.:(-") == "":
            first = last
            while first > 0 and last - first < 3 and _JOINED.match(cut.text[cut.ends[first - 1] : cut.starts[first]]):
                if not self._nameish(cut, first - 1):
                    break
                first -= 1
            sure = self._strong(cut, first) and not self._names_a_place(cut, first)
            if sure and self._extend(cut, first) == last + 1:
                found.setdefault(first, (last + 1, NAME))

    def _bare(self, cut: _Text, found: dict[int, tuple[int, str]], kept: set[int]) -> None:
        """Known names with no cue: a full name, or one name that is nothing else and stands inside a sentence."""
        taken = {k for first, (stop, _) in found.items() for k in range(first, stop)} | kept
        k = 0
        while k < len(cut.words):
            word = cut.lower[k]
            built = self._looks_built(cut, k)
            if k in taken or not (built or word in self._given or word in self._ambiguous):
                k += 1
                continue
            stop = self._extend(cut, k)
            if self._names_a_place(cut, k):
                kept.update(range(k, stop))
                k = stop
                continue
            if any(j in taken for j in range(k, stop)):
                k = stop
                continue
            known = [j for j in range(k, stop) if cut.lower[j] in self._given or cut.lower[j] in self._family]
            given = word in self._given
            sure = given or (word not in self._flimsy and cut.words[k][0].isupper())
            full = stop - k > 1 and sure and len(known) > int(given)
            if full and not cut.words[k][0].isupper():
                full = all(not self._is_word(cut.lower[j]) or cut.lower[j] in self._given for j in range(k, stop))
            lone = (
                (built or (given and stop - k == 1))
                and cut.capital(k)
                and len(word) > 3
                and word not in self._places
                and not self._is_word(word)
                and not (k and cut.lower[k - 1] in self._prepositions)
            )
            if (full or lone) and self._in_the_news(cut, k, stop):
                kept.update(range(k, stop))
            elif full or lone:
                found[self._first(cut, k, taken)] = (stop, NAME)
            k = stop

    def _first(self, cut: _Text, k: int, taken: set[int]) -> int:
        """The first word of the full name whose known word is k: an unknown capital before it belongs to it."""
        first = k
        while first and k - first < 2 and first - 1 not in taken and cut.capital(first - 1):
            word, gap = cut.lower[first - 1], cut.text[cut.ends[first - 1] : cut.starts[first]]
            short = len(word) < 3 or cut.words[first - 1].isupper()
            if gap != " " or short or self._is_word(word) or word in self._places:
                break
            first -= 1
        return first

    def _looks_built(self, cut: _Text, k: int) -> bool:
        """Word k looks so much like a Javanese name that it needs no cue: a capital, length, no place's ending."""
        word = cut.lower[k]
        return (
            cut.capital(k)
            and len(word) > 5
            and not word.endswith(("sari", "dewi", "arjo", "rejo", "no"))
            and word not in self._not_names
            and self._build.match(word) is not None
        )

    def _in_the_news(self, cut: _Text, first: int, stop: int) -> bool:
        """A person of the news, or someone quoted by office."""
        if self._is_public(cut, first, stop, self._known_by_all):
            return True
        near = cut.text[max(0, cut.starts[first] - 70) : cut.ends[stop - 1] + 70]
        return self._said.search(near) is not None and any(m.lastgroup == "official" for m in self._cue.finditer(near))

    def _is_public(self, cut: _Text, first: int, stop: int, names: frozenset[str]) -> bool:
        return any(" ".join(cut.lower[first:end]) in names for end in range(first + 1, stop + 1))

    def _names_a_place(self, cut: _Text, k: int) -> bool:
        """A street, a school, a company named after someone: looked for in the three words before."""
        for j in range(max(0, k - 3), k):
            gap = cut.text[cut.ends[j] : cut.starts[k]]
            if cut.lower[j] in self._not_before and len(gap) <= 26 and not set(",;:!?[\n") & set(gap):
                return True
        return False

    def _strong(self, cut: _Text, k: int) -> bool:
        word = cut.lower[k]
        if word in self._not_names:
            return False
        if word in self._given:
            return True
        if not cut.capital(k):
            return False
        if word in self._ambiguous:
            return word not in self._flimsy
        return not self._is_word(word) and word not in self._places and self._build.match(word) is not None

    def _nameish(self, cut: _Text, k: int) -> bool:
        if k >= len(cut.words):
            return False
        word = cut.lower[k]
        return word not in self._not_names and (
            word in self._given
            or word in self._family
            or word in self._ambiguous - self._flimsy
            or (self._build.match(word) is not None and not self._is_word(word) and word not in self._places)
        )

    def _places_next(self, cut: _Text, k: int) -> bool:
        return k >= len(cut.words) or cut.lower[k] in self._places or cut.capital(k)

    def _is_word(self, word: str, *, everyday: bool = False) -> bool:
        """``word`` is in the dictionary (or in daily use), as it stands or without one prefix and one suffix."""
        roots = self._everyday if everyday else self._roots
        if word in roots or word in self._not_names:
            return True
        for suffix in ("", *_SUFFIXES):
            if suffix and not word.endswith(suffix):
                continue
            stem = word[: len(word) - len(suffix)]
            for prefix in ("", *_PREFIXES):
                rest = stem[len(prefix) :]
                if stem.startswith(prefix) and len(rest) > 3 and (prefix or suffix) and rest in roots:
                    return True
        return False


_SUFFIXES = ("nya", "ne", "kan", "an", "ku", "mu", "lah", "kah", "pun", "ipun", "ake", "ke", "e", "i")
_PREFIXES = (
    "meng", "meny", "mem", "men", "me", "peng", "peny", "pem", "pen", "per", "pe", "ber", "ter", "di", "ke", "se",
    "nge", "ng", "ny", "sak", "dipun", "tak",
)  # fmt: skip
