"""Fine-tunes the encoder with its heads. The straight line from a recipe to a bundle is ``run`` in ``training.run``."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed

from models.encoder import HeadSizes, MultiTaskClassifier
from models.labels import HEADS, MULTI_LABEL, Labels
from models.runtime import truncate
from training.data import Example
from training.recipe import FitRecipe
from training.targets import IGNORED, encode_targets

_NEIGHBOURS = {
    "a": "sq",
    "i": "uo",
    "e": "wr",
    "o": "ip",
    "u": "yi",
    "n": "bm",
    "t": "ry",
    "k": "jl",
    "r": "et",
    "s": "ad",
}


def head_sizes(labels: Labels) -> HeadSizes:
    """Sizes of the heads for these labels."""
    return HeadSizes(*(len(labels.of(h)) for h in ("topic", "intent", "urgency", "forms", "ombudsman")))


class Collator:
    """Tokenises and pads a batch; in training it may slip keys, so that each epoch sees other typos."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, max_tokens: int, typo_rate: float, seed: int) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.typo_rate = typo_rate
        self.random = random.Random(seed)

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        texts = [slip_keys(r["text"], self.typo_rate, self.random) if self.typo_rate else r["text"] for r in rows]
        ids = [truncate(i, self.max_tokens) for i in self.tokenizer(texts)["input_ids"]]
        width = max(map(len, ids))
        pad = self.tokenizer.pad_token_id
        batch = {
            "input_ids": torch.tensor([i + [pad] * (width - len(i)) for i in ids]),
            "attention_mask": torch.tensor([[1] * len(i) + [0] * (width - len(i)) for i in ids]),
        }
        for head in HEADS:
            batch[f"labels_{head}"] = torch.tensor([r[head] for r in rows])
        return batch


def slip_keys(text: str, rate: float, source: random.Random) -> str:
    """The text with one slip (swap, drop, double, neighbour) in about ``rate`` of its words of four letters or more."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) < 4 or source.random() >= rate or not word.isalpha():
            continue
        at = source.randrange(1, len(word) - 1)
        kind = source.randrange(4)
        if kind == 0:
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif kind == 1:
            word = word[:at] + word[at + 1 :]
        elif kind == 2:
            word = word[:at] + word[at] + word[at:]
        else:
            word = word[:at] + source.choice(_NEIGHBOURS.get(word[at].lower(), word[at])) + word[at + 1 :]
        words[i] = word
    return " ".join(words)


class MultiTaskTrainer(Trainer):
    """transformers' Trainer with the sum of the heads' losses."""

    def __init__(
        self, model: MultiTaskClassifier, *, fit: FitRecipe, class_weights: Mapping[str, Tensor], **kwargs: Any
    ) -> None:
        super().__init__(model=model, **kwargs)
        self.classifier = model
        self.fit = fit
        self.class_weights = class_weights

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Weighted sum over heads; examples without a label for a head do not count there."""
        targets = {head: inputs.pop(f"labels_{head}") for head in HEADS}
        logits = model(**inputs)
        loss = torch.zeros((), device=logits["topic"].device)
        for head in HEADS:
            weight = self.fit.loss_weights.get(head, 0.0)
            if not weight:
                continue
            scores, target = logits[head].float(), targets[head]
            if head in MULTI_LABEL:
                known = target[:, :1] != IGNORED
                each = nn.functional.binary_cross_entropy_with_logits(scores, target.clamp(min=0), reduction="none")
                term = (each.sum(1, keepdim=True) * known).sum() / known.sum().clamp(min=1) / 4
            elif (target != IGNORED).any():
                term = nn.functional.cross_entropy(
                    scores, target, ignore_index=IGNORED, label_smoothing=self.fit.label_smoothing,
                    weight=self.class_weights[head].to(scores.device),
                )  # fmt: skip
            else:
                continue
            loss = loss + weight * term
        return (loss, logits) if return_outputs else loss

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """AdamW with a rate that falls layer by layer towards the input, and a larger one for the heads."""
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(_parameter_groups(self.classifier, self.fit), foreach=True)
        return self.optimizer


def _parameter_groups(model: MultiTaskClassifier, fit: FitRecipe) -> list[dict[str, Any]]:
    layers = int(model.encoder.config.num_hidden_layers)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = layers
        if ".layer." in name or ".layers." in name:
            depth = int(next(part for part in name.split(".") if part.isdigit()))
        elif "embedding" in name:
            depth = 0
        rate = fit.head_rate if name.startswith("heads.") else fit.encoder_rate * fit.layer_decay ** (layers - depth)
        decay = fit.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()]


def label_frequencies(rows: Sequence[Mapping[str, Any]], labels: Labels) -> dict[str, Tensor]:
    """Share of the labelled examples that have each label; head to (labels,)."""
    out = {}
    for head in HEADS:
        target = np.array([row[head] for row in rows])
        if head in MULTI_LABEL:
            known = target[target[:, 0] != IGNORED] if target.size else target
            share = known.mean(0) if len(known) else np.zeros(len(labels.of(head)))
        else:
            counts = np.bincount(target[target != IGNORED], minlength=len(labels.of(head)))
            share = counts / max(counts.sum(), 1)
        out[head] = torch.tensor(share, dtype=torch.float32)
    return out


def class_weights(frequency: Tensor) -> Tensor:
    """Weight of each label: one over the root of its frequency, mean 1 over the examples; unseen labels 1."""
    weights = torch.where(frequency > 0, frequency.clamp(min=1e-9).rsqrt(), torch.zeros_like(frequency))
    return torch.where(frequency > 0, weights / (weights * frequency).sum().clamp(min=1e-9), torch.ones_like(frequency))


def fine_tune(
    source: str, layers: int | None, fit: FitRecipe, labels: Labels, train: Sequence[tuple[Example, str]],
    run_folder: Path, seed: int, resume: bool = True,
) -> tuple[MultiTaskClassifier, PreTrainedTokenizerBase]:  # fmt: skip
    """A fine-tuned classifier and its tokenizer.

    Args:
        source: Encoder checkpoint: hub name or folder.
        train: Pairs of example and prepared text.
        run_folder: Checkpoints and logs; a run that was killed goes on from its newest checkpoint.
    """
    set_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = MultiTaskClassifier.from_checkpoint(source, head_sizes(labels), layers)
    rows = [{"text": text, "length": len(text)} | encode_targets(example, labels) for example, text in train]
    frequencies = label_frequencies(rows, labels)
    model.start_from(frequencies)
    dataset = Dataset.from_list(rows)
    arguments = TrainingArguments(
        output_dir=str(run_folder), num_train_epochs=fit.epochs, per_device_train_batch_size=fit.batch_size,
        learning_rate=fit.encoder_rate, warmup_steps=fit.warmup, lr_scheduler_type="linear", max_grad_norm=1.0,
        train_sampling_strategy="group_by_length", length_column_name="length", remove_unused_columns=False,
        bf16=fit.bf16, save_strategy="epoch", save_total_limit=1, logging_steps=50, report_to=[],
        seed=seed, data_seed=seed, dataloader_drop_last=True, use_cpu=not torch.cuda.is_available(),
    )  # fmt: skip
    trainer = MultiTaskTrainer(
        model=model, args=arguments, train_dataset=dataset, fit=fit,
        data_collator=Collator(tokenizer, fit.max_tokens, fit.typo_rate, seed),
        class_weights={head: class_weights(frequency) for head, frequency in frequencies.items()},
    )  # fmt: skip
    has_checkpoint = resume and any(run_folder.glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=has_checkpoint or None)
    # Trainer leaves the forward function wrapped in autocast; export and evaluation want it in fp32.
    trained = trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)
    return trained.float().eval(), tokenizer


@torch.inference_mode()
def predict(
    model: MultiTaskClassifier,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    max_tokens: int,
    batch_size: int = 64,
) -> dict[str, NDArray[np.float32]]:
    """Logits of every head; head to (texts, labels)."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts: dict[str, list[NDArray[np.float32]]] = {head: [] for head in HEADS}
    collate = Collator(tokenizer, max_tokens, 0.0, 0)
    device = next(model.parameters()).device
    for start in range(0, len(order), batch_size):
        rows = [{"text": texts[i]} | dict.fromkeys(HEADS, 0) for i in order[start : start + batch_size]]
        batch = collate(rows)
        out = model(input_ids=batch["input_ids"].to(device), attention_mask=batch["attention_mask"].to(device))
        for head in HEADS:
            parts[head].append(out[head].float().cpu().numpy())
    back = np.argsort(order)
    return {head: np.concatenate(p)[back] for head, p in parts.items()}
