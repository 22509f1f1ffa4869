"""The model card of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def model_card(details: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Markdown: what the model is, where it comes from, what it gets right, what it must not be used for."""
    encoder = details["encoder"]
    rows = "\n".join(
        f"| {name} ({m['messages']}) | {model} "
        f"| {m['topic']['accuracy']:.3f} ({_span(m['topic']['accuracy_interval'])}) "
        f"| {m['topic']['macro_f1']:.3f} ({_span(m['topic']['macro_f1_interval'])}) | {m['topic']['ece']:.3f} |"
        for model, sets in metrics.items()
        for name, m in sets.items()
    )
    return f"""# {details["name"]}

Reads messages of electricity customers in Indonesian, Javanese and their mixtures; heads for topic, further topics,
intent, urgency, maladministration forms and Ombudsman status.

- Encoder: {encoder["type"]}, {encoder["layers"]} layers, {encoder["width"]} wide, from `{encoder["origin"]}`.
  The shipped encoder is multilingual-e5-small (Wang et al. 2024, MIT licence; BERT architecture, XLM-R unigram
  pieces), its vocabulary cut to 24,000 pieces by frequency in Indonesian and Javanese text.
- Trained on {details["training"]["messages"]} messages ({details["training"]["own_messages"]} of them written for the
  project and shipped with it), {details["created"]}; recipe, prepare version and hashes in `manifest.json`.
- Weights: int8, one scale a column; checked against fp32 before sealing.

Held-out messages, 95% bootstrap intervals:

| set (messages) | model | topic accuracy | macro-F1 | ECE |
|---|---|---|---|---|
{rows}

## Limits

It routes messages to people; it decides no claim and refuses nobody. Topics that are rare in real traffic were learned
from written messages and are less sure. Other utilities' programmes and places are unknown to it.
"""


def _span(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.3f}-{interval[1]:.3f}"
