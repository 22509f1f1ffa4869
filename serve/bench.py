"""Bench: how fast and how large, beside the usual baseline on the same texts. One run on one machine.

Each side is measured in a process of its own, so that peak memory is its own. The baseline is the transformers
text-classification pipeline in fp32 with a BERT of IndoBERT-base's size; its weights are random, which costs the same
time as trained ones. Its vocabulary is learned from the very texts, so it cuts them into few pieces: in its favour.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from models.runtime import SELF_TEST
from pipeline.errors import InvalidInput, SapaError, TemporaryError
from pipeline.messages import Decision, Message
from pipeline.policy import Policy

BATCH = 64
BASELINE_BATCHES = (1, 32)
BASELINE_VOCABULARY = 30_521  # IndoBERT-base (Wilie et al. 2020), as are 12 layers of 768
_WARM_UP = 5
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def built_in_texts(bundle: Path, policy: Path | None = None) -> list[str]:
    """The written messages that the bundle tests itself with; the taxonomy's examples where it has none."""
    stored = bundle / SELF_TEST
    if stored.is_file():
        return list(json.loads(stored.read_text(encoding="utf-8"))["texts"])
    return [text for topic in Policy.load(policy).taxonomy.topics for text in topic.examples]


def compare(texts: Sequence[str], seconds: float, options: Mapping[str, Any], baseline: bool) -> dict[str, Any]:
    """Figures of the flow and, if asked for and installed, of the baseline.

    Args:
        seconds: Time of each measurement: single messages, batches.
        options: Settings of the flow, as ``serve.settings.load`` takes them.

    Errors: ``InvalidInput`` without texts; ``TemporaryError`` if a measurement dies.
    """
    if not texts:
        raise InvalidInput("there is no message to measure with")
    task = {"texts": list(texts), "seconds": seconds, "options": dict(options)}
    report: dict[str, Any] = {
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
        },
        "messages": len(texts),
        "mean_characters": round(sum(map(len, texts)) / len(texts), 1),
        "sapa": _in_child("flow", task),
    }
    if baseline and all(find_spec(module) for module in ("torch", "transformers")):
        report["baseline"] = _in_child("baseline", task)
        report["ratio"] = {
            "throughput": report["sapa"]["messages_per_s"] / report["baseline"]["messages_per_s"],
            "single_p50": report["baseline"]["single_ms"]["p50"] / report["sapa"]["single_ms"]["p50"],
            "peak_memory": report["baseline"]["peak_mib"] / report["sapa"]["peak_mib"],
        }
    return report


def measure_flow(texts: Sequence[str], seconds: float, options: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of the flow of these settings, in this process."""
    from serve import settings, wiring

    assembly = wiring.assemble(settings.load(**options))
    now = datetime.now(UTC)
    channel = assembly.flow.policy.channels[0]
    messages = [Message(str(n), text, channel, now) for n, text in enumerate(texts)]
    infer_ms: list[float] = []

    def one(index: int) -> None:
        (result,) = assembly.flow.run([messages[index % len(messages)]])
        if isinstance(result, Decision):
            infer_ms.append(result.timings_ms["infer"])

    single_ms = _times(one, seconds)
    per_s = _rate(lambda batch: assembly.flow.run(batch), messages, BATCH, seconds)
    return {
        "bundle": assembly.bundle.version,
        "graph": assembly.graph,
        "single_ms": _percentiles(single_ms),
        "inference_ms": _percentiles(infer_ms[_WARM_UP:]),
        "messages_per_s": per_s,
        "batch": BATCH,
        "peak_mib": _peak_mib(),
        "bundle_mib": sum(f["bytes"] for f in assembly.bundle.details["files"].values()) / 2**20,
    }


def measure_baseline(texts: Sequence[str], seconds: float, layers: int = 12) -> dict[str, Any]:
    """Figures of the baseline, in this process; the better of its batch sizes counts."""
    # Without their types, which are of no use here and differ between versions.
    torch: Any = import_module("torch")
    transformers: Any = import_module("transformers")
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=BASELINE_VOCABULARY, num_hidden_layers=layers, num_labels=38)
    model = transformers.BertForSequenceClassification(config).eval()
    classify = transformers.pipeline(
        "text-classification", model=model, tokenizer=_word_pieces(texts), device=torch.device("cpu")
    )
    given = list(texts)
    single_ms = _times(lambda index: classify(given[index % len(given)], truncation=True), seconds)

    def rate(size: int) -> float:
        return _rate(lambda batch: classify(batch, batch_size=size, truncation=True), given, 2 * size, seconds)

    rates = {size: rate(size) for size in BASELINE_BATCHES}
    best = max(rates, key=rates.__getitem__)
    return {
        "model": f"BERT {layers} x 768, fp32, transformers {transformers.__version__}, torch {torch.__version__}",
        "single_ms": _percentiles(single_ms),
        "messages_per_s": rates[best],
        "batch": best,
        "peak_mib": _peak_mib(),
    }


def _word_pieces(texts: Sequence[str]) -> Any:
    """A WordPiece tokenizer learned from ``texts``, filled up to the size of IndoBERT's vocabulary."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    learned = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learned.normalizer = normalizers.BertNormalizer()
    learned.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=BASELINE_VOCABULARY, special_tokens=_SPECIAL, show_progress=False)
    learned.train_from_iterator(texts, trainer)
    learned.add_tokens([f"[unused{n}]" for n in range(BASELINE_VOCABULARY - learned.get_vocab_size())])
    learned.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    transformers: Any = import_module("transformers")
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=learned, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=512,
    )  # fmt: skip


def _times(call: Callable[[int], Any], seconds: float) -> list[float]:
    """Milliseconds of each call, one after the other, for ``seconds``; the first few are not counted."""
    for index in range(_WARM_UP):
        call(index)
    taken: list[float] = []
    end = perf_counter() + seconds
    while perf_counter() < end or not taken:
        start = perf_counter()
        call(len(taken))
        taken.append((perf_counter() - start) * 1000)
    return taken


def _rate(call: Callable[[list[Any]], Any], items: Sequence[Any], size: int, seconds: float) -> float:
    """Items a second in lists of ``size``, going round the items for at least ``seconds``."""
    repeated = [*items, *(items[n % len(items)] for n in range(size))]
    call(repeated[:size])
    done = 0
    start = perf_counter()
    while perf_counter() - start < seconds or not done:
        at = done % len(items)
        call(repeated[at : at + size])
        done += size
    return done / (perf_counter() - start)


def _percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(milliseconds) or [0.0]
    return {f"p{q}": ordered[min(len(ordered) - 1, len(ordered) * q // 100)] for q in (50, 99)} | {
        "count": len(milliseconds)
    }


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)  # bytes there, kibibytes here


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _in_child(side: str, task: Mapping[str, Any]) -> dict[str, Any]:
    child = subprocess.run(
        [sys.executable, "-m", "serve.bench", side], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    if child.returncode:
        last = (child.stderr.strip().splitlines() or ["no message"])[-1]
        raise TemporaryError(f"the measurement of {side} ended with {child.returncode}: {last}")
    return dict(json.loads(child.stdout.splitlines()[-1]))


def _child() -> None:
    task = json.load(sys.stdin)
    try:
        if sys.argv[1] == "flow":
            figures = measure_flow(task["texts"], task["seconds"], task["options"])
        else:
            figures = measure_baseline(task["texts"], task["seconds"])
    except SapaError as error:
        sys.exit(str(error))
    print(json.dumps(figures))


if __name__ == "__main__":
    _child()
