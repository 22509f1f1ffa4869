"""A recipe: how a bundle is made, as YAML. Unknown keys are refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import InvalidInput


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataRecipe(_Strict):
    """Labelled files; each entry is a path or a glob, relative to the recipe's folder."""

    train: tuple[str, ...]
    dev: dict[str, tuple[str, ...]]
    """Named evaluation sets; temperatures are fitted on all of them together."""
    private_train: tuple[str, ...] = ()
    """Further training files whose texts may not ship with a bundle, such as real messages."""
    labels: tuple[str, ...] = ()
    """Labels without texts, joined by ``id`` with ``private_texts``; left out when there are none."""
    private_texts: tuple[str, ...] = ()
    """Unlabelled messages (``.jsonl`` or ``.jsonl.gz``) whose ids ``labels`` may name; their texts may not ship."""


class FitRecipe(_Strict):
    """How the encoder is fine-tuned."""

    epochs: float = Field(default=5, gt=0)
    batch_size: int = Field(default=32, ge=2)
    encoder_rate: float = Field(default=1.2e-4, gt=0)
    head_rate: float = Field(default=4e-3, gt=0)
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    """Each layer below the top learns at this fraction of the rate of the layer above it."""
    warmup: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    max_tokens: int = Field(default=192, ge=16)
    typo_rate: float = Field(default=0.0, ge=0, le=0.3)
    """Share of words that get one keyboard slip in each epoch."""
    loss_weights: dict[str, float] = {
        "topic": 1.0, "secondary": 1.0, "intent": 0.3, "urgency": 0.6, "forms": 1.0, "ombudsman": 0.6,
    }  # fmt: skip
    bf16: bool = False


class Recipe(_Strict):
    """All that decides what a training run gives."""

    name: str
    encoder: str
    """Where the encoder comes from: a hub name, or a folder relative to the recipe. The model card names it."""
    encoder_copy: Path | None = None
    """Folder with a copy of ``encoder``, for machines that do not reach the hub."""
    layers: int | None = None
    seed: int = 1
    data: DataRecipe
    fit: FitRecipe = FitRecipe()
    keyword_features: int = Field(default=40_000, ge=100)
    folder: Path = Path()

    def files(self, patterns: Iterable[str]) -> list[Path]:
        """The files of these patterns, sorted within each; errors: ``InvalidInput`` if one matches nothing."""
        found: list[Path] = []
        for pattern in patterns:
            matches = sorted(self.folder.glob(pattern)) if "*" in pattern else [self.folder / pattern]
            missing = [m for m in matches if not m.is_file()] or ([] if matches else [self.folder / pattern])
            if missing:
                raise InvalidInput(f"recipe {self.name}: no such data file: {', '.join(map(str, missing))}")
            found += matches
        return found

    def encoder_source(self) -> str:
        """The copy if one is given, the local folder if there is one, else the hub name."""
        if self.encoder_copy is not None:
            return str(self.encoder_copy)
        local = self.folder / self.encoder
        return str(local) if local.exists() else self.encoder


def load_recipe(path: Path) -> Recipe:
    """The recipe at ``path``. Errors: ``InvalidInput`` with the keys that are wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidInput(f"cannot read the recipe {path}: {type(error).__name__}") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"the recipe {path} is not a mapping")
    try:
        return Recipe(**(content | {"folder": path.resolve().parent}))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"the recipe {path} is wrong: {faults}; keys are {sorted(Recipe.model_fields)}") from error
