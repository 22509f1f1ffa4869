"""The encoder with its heads, in torch: only training and export need it; serving runs the exported graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from models.labels import HEADS, MULTI_LABEL


@dataclass(frozen=True)
class HeadSizes:
    """Number of labels of each head; ``secondary`` has those of ``topic``."""

    topic: int
    intent: int
    urgency: int
    forms: int
    ombudsman: int

    def of(self, head: str) -> int:
        """Number of labels of ``head``."""
        return int(getattr(self, "topic" if head == "secondary" else head))


class MultiTaskClassifier(nn.Module):
    """One BERT-like encoder, its mean-pooled state standardised, and one linear head a task.

    The pooled state of a sentence encoder is anisotropic (cosines near 0.9 between unrelated texts): a bare linear
    head learns slowly, so the state is standardised by batch statistics that become part of the exported graph.
    """

    def __init__(self, encoder: PreTrainedModel, sizes: HeadSizes, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.sizes = sizes
        width = int(encoder.config.hidden_size)
        self.standardise = nn.BatchNorm1d(width, affine=False)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({head: nn.Linear(width, sizes.of(head)) for head in HEADS})

    @classmethod
    def from_checkpoint(
        cls, name_or_folder: str | Path, sizes: HeadSizes, layers: int | None = None
    ) -> MultiTaskClassifier:
        """A classifier with fresh heads on a pretrained encoder.

        Args:
            name_or_folder: A hub name such as ``indobenchmark/indobert-base-p2`` or a local folder.
            layers: Keep only so many encoder layers, evenly spaced; None keeps all.
        """
        config = AutoConfig.from_pretrained(str(name_or_folder))
        encoder = AutoModel.from_pretrained(str(name_or_folder), config=config, dtype=torch.float32)
        if layers is not None and layers < config.num_hidden_layers:
            every = config.num_hidden_layers / layers
            keep = [round((i + 1) * every) - 1 for i in range(layers)]
            encoder.encoder.layer = nn.ModuleList(encoder.encoder.layer[i] for i in keep)
            encoder.config.num_hidden_layers = layers
        return cls(encoder, sizes)

    def start_from(self, frequencies: Mapping[str, Tensor]) -> None:
        """Sets the biases of the heads to the log-odds (multi-label) or logs of the label frequencies.

        Rare labels would otherwise spend the whole run on learning that they are rare: Adam moves a bias by at most
        its rate in a step.
        """
        for head, frequency in frequencies.items():
            p = frequency.clamp(1e-4, 1 - 1e-4)
            layer = self.heads[head]
            assert isinstance(layer, nn.Linear)
            layer.bias.data.copy_(torch.log(p / (1 - p)) if head in MULTI_LABEL else torch.log(p))

    def pooled(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Standardised mean state over real tokens; (batch, width)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        standardised: Tensor = self.standardise(mean.float())
        return standardised

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Mapping[str, Tensor]:
        """Logits of every head; head to (batch, labels)."""
        state = self.dropout(self.pooled(input_ids, attention_mask))
        return {head: layer(state) for head, layer in self.heads.items()}
