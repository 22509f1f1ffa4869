"""The seam between the pipeline and whatever scores text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from pipeline.messages import Scores


@runtime_checkable
class Classifier(Protocol):
    """Scores prepared texts: ``models.runtime`` with the encoder, ``models.keywords`` as fallback and test double."""

    @property
    def version(self) -> str:
        """Version of the bundle that the scores come from."""

    @property
    def topics(self) -> Sequence[str]:
        """Topic labels, in the order of the model's head."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of ``texts``; item i belongs to text i. Errors: ``TemporaryError`` if it cannot score now."""
