"""Policy: what to decide, as data. Loaded from the embedded folder, overridden file by file by an operator's.

``Policy.load`` refuses what cannot be meant: unknown or repeated keys, missing sources, labels, queues and places that
are not declared. What it takes to *prove* a policy, every combination of them, is in ``pipeline.policy_check``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.clock import Clocks
from pipeline.errors import PolicyError
from pipeline.policy_models import (
    Channels,
    Programme,
    Programmes,
    QueueKind,
    Routing,
    Rule,
    Taxonomy,
    Thresholds,
    Tmp,
    TopicLabel,
    TopicRoute,
    TopicThresholds,
    Unit,
    Units,
    When,
)

try:  # ten times faster, where PyYAML was built with libyaml
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

EMBEDDED = Path(__file__).parent / "policy"
ACTIONS = ("auto", "suggest", "review")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

_SUFFIXES = frozenset({".yaml", ".yml", ".csv"})
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Policy:
    """Everything the operator may decide, checked once.

    Attributes:
        version: Twelve hexadecimal digits of the SHA-256 of all policy files, line endings evened out.
        files: Path of the file in force, by name.
    """

    version: str
    files: Mapping[str, Path] = field(repr=False)
    taxonomy: Taxonomy = field(repr=False)
    routing: Routing = field(repr=False)
    tmp: Tmp = field(repr=False)
    clocks: Clocks = field(repr=False)
    thresholds: Thresholds = field(repr=False)
    programmes: tuple[Programme, ...] = field(repr=False)
    channels: tuple[str, ...] = field(repr=False)
    units: Mapping[str, Unit] = field(repr=False)

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """The embedded policy, files of ``folder`` in place of those of the same name.

        Errors: ``PolicyError`` names every file and key that is wrong, with the valid ones.
        """
        files = _files(folder)
        units = _read(files, "units.yaml", Units).units
        policy = cls(
            version=_hash(files),
            files=MappingProxyType(files),
            taxonomy=_read(files, "taxonomy.yaml", Taxonomy),
            routing=_read(files, "routing.yaml", Routing),
            tmp=_read(files, "tmp.yaml", Tmp),
            clocks=_read(files, "clocks.yaml", Clocks),
            thresholds=_read(files, "thresholds.yaml", Thresholds),
            programmes=_read(files, "programmes.yaml", Programmes).programmes,
            channels=tuple(channel.id for channel in _read(files, "channels.yaml", Channels).channels),
            units=MappingProxyType({unit.slug: unit for unit in units}),
        )
        problems = list(cross_check(policy))
        if len(policy.units) < len(units):
            problems.append("units.yaml: a slug occurs twice")
        if problems:
            raise PolicyError("; ".join(problems))
        return policy

    @property
    def taxonomy_version(self) -> str:
        """Version of the topics and labels."""
        return self.taxonomy.version

    @cached_property
    def topics(self) -> Mapping[str, TopicLabel]:
        """Topics by id, in the taxonomy's order."""
        return MappingProxyType({topic.id: topic for topic in self.taxonomy.topics})

    @cached_property
    def intents(self) -> tuple[str, ...]:
        """Intent ids, in the order in which they win when two fit."""
        return tuple(label.id for label in self.taxonomy.intents)

    @cached_property
    def urgencies(self) -> tuple[str, ...]:
        """Urgency ids, the most urgent first."""
        return tuple(label.id for label in self.taxonomy.urgencies)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Ids of the forms of maladministration."""
        return tuple(label.id for label in self.taxonomy.forms)

    @cached_property
    def ombudsman_statuses(self) -> tuple[str, ...]:
        """Ombudsman statuses, in the order of their tests."""
        return tuple(label.id for label in self.taxonomy.ombudsman)

    @cached_property
    def dccs(self) -> tuple[str, ...]:
        """Control centres of the units."""
        return tuple(sorted({unit.dcc for unit in self.units.values() if unit.dcc}))

    @cached_property
    def perwakilan(self) -> tuple[str, ...]:
        """Ombudsman offices of the units."""
        return tuple(sorted({unit.perwakilan for unit in self.units.values() if unit.perwakilan}))

    @cached_property
    def queues(self) -> Mapping[str, QueueKind]:
        """Every declared queue, the placeholders of its name filled in."""
        values = {"unit": tuple(self.units), "dcc": self.dccs, "perwakilan": self.perwakilan}
        return MappingProxyType({name: kind for kind in self.routing.queues for name in _expand(kind.queue, values)})

    def thresholds_for(self, topic: str) -> TopicThresholds:
        """The topic's own thresholds, else the default ones."""
        return self.thresholds.topics.get(topic, self.thresholds.default)

    def route_for(self, topic: str) -> TopicRoute:
        """The topic's own queue and copies. Errors: ``PolicyError`` if the policy does not know the topic."""
        try:
            return self.routing.topics[topic]
        except KeyError:
            raise PolicyError(f"topic {topic} is not in the policy") from None

    def more_urgent(self, one: str, other: str) -> str:
        """The more urgent of two. Errors: ``PolicyError`` if the policy does not know one of them."""
        for urgency in (one, other):
            if urgency not in self.urgencies:
                raise PolicyError(f"urgency {urgency} is not in the policy; known: {', '.join(self.urgencies)}")
        return min(one, other, key=self.urgencies.index)

    def write_to(self, folder: Path) -> None:
        """Copies the files in force into ``folder``: one place for stages that read a whole policy folder."""
        for name, path in self.files.items():
            (folder / name).write_bytes(path.read_bytes())


def topics_of(entry: str, topics: Iterable[str]) -> frozenset[str]:
    """The topics that an entry of a condition means: one id, or a domain such as ``bahaya.*``."""
    if entry.endswith(".*"):
        return frozenset(topic for topic in topics if topic.partition(".")[0] == entry[:-2])
    return frozenset(topic for topic in topics if topic == entry)


def cross_check(policy: Policy) -> Iterator[str]:
    """What one file says that another does not know, in plain words."""
    yield from _compare("routing.yaml topics", policy.routing.topics, policy.topics)
    yield from _compare("clocks.yaml topics", {clock.topic for clock in policy.clocks.topics}, policy.topics)
    yield from _known("thresholds.yaml topics", policy.thresholds.topics, policy.topics)
    yield from _known("thresholds.yaml forms.overrides", policy.thresholds.forms.overrides, policy.forms)
    yield from _known("programmes.yaml topic", (entry.topic for entry in policy.programmes), policy.topics)
    yield from _known("routing.yaml perwakilan_for", policy.routing.perwakilan_for, policy.ombudsman_statuses)
    yield from _known("routing.yaml default_perwakilan", [policy.routing.default_perwakilan], policy.perwakilan)
    indicators = [indicator.id for indicator in policy.tmp.indicators]
    for topic in policy.taxonomy.topics:
        yield from _known(f"taxonomy.yaml {topic.id} default_urgency", [topic.default_urgency], policy.urgencies)
    for clock in policy.clocks.topics:
        yield from _compare(f"clocks.yaml {clock.topic} urgency", clock.urgency, policy.urgencies)
    for where, when in _conditions(policy):
        yield from _when(where, when, policy)
    for rule in policy.tmp.rules:
        yield from _known(f"tmp.yaml {rule.id} indicator", [rule.indicator], indicators)
    yield from _queues(policy)
    for where, ids in _id_lists(policy, indicators):
        if repeated := sorted({entry for entry in ids if ids.count(entry) > 1}):
            yield f"{where}: {', '.join(repeated)} occurs twice"


def _id_lists(policy: Policy, indicators: list[str]) -> Iterator[tuple[str, list[str]]]:
    yield "taxonomy.yaml topics", [topic.id for topic in policy.taxonomy.topics]
    for name in ("intents", "urgencies", "forms", "ombudsman"):
        yield f"taxonomy.yaml {name}", [label.id for label in getattr(policy.taxonomy, name)]
    yield "channels.yaml channels", list(policy.channels)
    yield "programmes.yaml programmes", [entry.id for entry in policy.programmes]
    yield "tmp.yaml indicators", indicators
    yield "tmp.yaml rules", [rule.id for rule in policy.tmp.rules]
    yield "routing.yaml queues", [kind.queue for kind in policy.routing.queues]
    yield "routing.yaml queue_rules", [rule.id for rule in policy.routing.queue_rules]
    yield "routing.yaml copy_rules", [rule.id for rule in policy.routing.copy_rules]


def _conditions(policy: Policy) -> Iterator[tuple[str, When]]:
    rules: dict[str, tuple[Rule, ...]] = {
        "routing.yaml": (*policy.routing.queue_rules, *policy.routing.copy_rules),
        "tmp.yaml": policy.tmp.rules,
        "clocks.yaml": policy.clocks.rules,
    }
    for name, listed in rules.items():
        for rule in listed:
            yield f"{name} {rule.id} when", rule.when


def _when(where: str, when: When, policy: Policy) -> Iterator[str]:
    for name in ("topic", "secondary"):
        for entry in sorted(getattr(when, name) or ()):
            if not topics_of(entry, policy.topics):
                yield f"{where}.{name}: unknown topic {entry}"
    for name, known in (
        ("urgency", policy.urgencies),
        ("intent", policy.intents),
        ("ombudsman", policy.ombudsman_statuses),
        ("action", ACTIONS),
        ("channel", policy.channels),
        ("forms", policy.forms),
    ):
        yield from _known(f"{where}.{name}", getattr(when, name) or (), known)


def _queues(policy: Policy) -> Iterator[str]:
    routing = policy.routing
    declared = [kind.queue for kind in routing.queues]
    named = {"without_unit": [routing.without_unit]}
    named |= {f"topics.{topic}": [entry.queue, *entry.copies] for topic, entry in routing.topics.items()}
    named |= {f"queue_rules.{rule.id}": [rule.queue, *rule.copies] for rule in routing.queue_rules}
    named |= {f"copy_rules.{rule.id}": list(rule.copies) for rule in routing.copy_rules}
    for where, queues in named.items():
        yield from _known(f"routing.yaml {where}", queues, declared)
    for queue in declared:
        yield from _known(f"routing.yaml queues {queue}", PLACEHOLDER.findall(queue), ("unit", "dcc", "perwakilan"))
    if PLACEHOLDER.search(routing.without_unit):
        yield "routing.yaml without_unit: must not need a unit itself"


def _known(where: str, values: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    known = list(known)
    if unknown := sorted(set(values) - set(known)):
        yield f"{where}: unknown {', '.join(unknown)}; known: {', '.join(known)}"


def _compare(where: str, values: Iterable[str], wanted: Iterable[str]) -> Iterator[str]:
    values, wanted = set(values), set(wanted)
    if missing := sorted(wanted - values):
        yield f"{where}: missing {', '.join(missing)}"
    if unknown := sorted(values - wanted):
        yield f"{where}: unknown {', '.join(unknown)}"


def _expand(template: str, values: Mapping[str, tuple[str, ...]]) -> list[str]:
    names = [template]
    for key, options in values.items():
        names = [n.replace(f"{{{key}}}", o) for n in names for o in (options if f"{{{key}}}" in n else ("",))]
    return names


# --- reading


class _Loader(SafeLoader):
    """YAML in which a key may not be given twice; the plain loader would keep the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if repeated := {key for key in keys if keys.count(key) > 1}:
            problem = f"key {', '.join(sorted(repeated))} is given twice"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)


def _files(folder: Path | None) -> dict[str, Path]:
    files = {path.name: path for path in EMBEDDED.iterdir() if path.suffix in _SUFFIXES}
    if folder is not None:
        if not folder.is_dir():
            raise PolicyError(f"policy folder {folder} does not exist")
        own = {path.name: path for path in folder.iterdir() if path.suffix in _SUFFIXES}
        if unknown := sorted(own.keys() - files.keys()):
            raise PolicyError(f"unknown policy file {', '.join(unknown)}; valid files: {', '.join(sorted(files))}")
        files |= own
    return dict(sorted(files.items()))


def _hash(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in files.items():
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def _read(files: Mapping[str, Path], name: str, model: type[_Model]) -> _Model:
    if name not in files:
        raise PolicyError(f"{name} is missing from the policy")
    try:
        data = _Loader(files[name].read_text(encoding="utf-8")).get_single_data()
    except (yaml.YAMLError, ValueError, OSError) as error:  # ValueError: bad UTF-8, or a day such as 30 February
        raise PolicyError(f"{name} cannot be read: {' '.join(str(error).split())}") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise PolicyError("; ".join(f"{name}: {_complaint(item)}" for item in error.errors())) from None


def _complaint(item: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "top level"
    return f"{where}: {str(item['msg']).removeprefix('Value error, ')}"
