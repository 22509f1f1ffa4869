"""Exports a classifier to ONNX and quantises it: two graphs that share one file of 8-bit weights.

Weights: symmetric int8, one scale an output column (a row for embeddings). ``encoder.onnx`` also quantises activations
to uint8 with ranges measured beforehand, so a text's scores do not depend on its batch mates; ``encoder.safe.onnx``
widens the weights to fp32. Outlier channels of the activations are first divided by a smoothing vector that the weights
take up (SmoothQuant, Xiao et al. 2023). Written on the ONNX graph itself because ``onnxruntime.quantization`` can
neither smooth nor write two graphs over one weight file; measured against it in ``docs/experiments.md``.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from models.encoder import MultiTaskClassifier
from models.labels import HEADS
from models.runtime import INT8_GRAPH, SAFE_GRAPH
from pipeline.errors import BundleError

OPSET = 23  # from here on attention is one operator; ONNX Runtime runs it from 1.23
WEIGHTS = "encoder.data"
_SMALLEST = {"MatMul": 1_024, "Gather": 1_000_000}
"""Elements from which a weight or a table is quantised: position tables stay fp32, as do the heads (Gemm)."""
_ALIGNMENT = 4096  # so that the weights can be memory-mapped
_SMOOTHING = {"narrowing": 0.8, "other": 0.6}
"""Share of an activation channel's range that moves into the weights. Products that narrow read the outputs of GELU,
which have outliers; 0.5 to 0.9 were measured for both kinds."""
_KEPT = 0.999
"""Share of tokens whose extreme activations the uint8 range covers; beyond it they saturate."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Matrix:
    """A quantised weight: ``values * scale`` along ``axis`` is the (smoothed) original."""

    values: NDArray[np.int8]
    scale: Floats
    place: tuple[int, int]


@dataclass(frozen=True)
class _Activation:
    """The input of quantised products: multiplied by ``smoothing``, then ``round(x / scale) + zero`` in uint8."""

    smoothing: Floats
    scale: np.float32
    zero: np.uint8


class _Outputs(nn.Module):
    def __init__(self, model: MultiTaskClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        logits = self.model(input_ids, attention_mask)
        return tuple(logits[head] for head in HEADS)


def to_onnx(model: MultiTaskClassifier) -> ModelProto:
    """The fp32 graph: ``input_ids``, ``attention_mask`` (batch, tokens) int64 to one output a head."""
    ids = torch.randint(5, 100, (2, 16))
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens")
    axes = {0: batch, 1: tokens}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        program = torch.onnx.export(
            _Outputs(model.eval().cpu()), (ids, torch.ones_like(ids)), dynamo=True, opset_version=OPSET, verbose=False,
            input_names=["input_ids", "attention_mask"], output_names=list(HEADS),
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        )  # fmt: skip
        path = Path(folder) / "model.onnx"
        if program is None:
            raise BundleError("the exporter gave no graph")
        program.save(str(path), external_data=False)
        return _without_notes(onnx.load(str(path)))


def _without_notes(model: ModelProto) -> ModelProto:
    """The graph without the exporter's stack traces and value notes: a third of the file, and paths of this machine."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for thing in (*model.graph.initializer, *model.graph.value_info, *model.graph.input, *model.graph.output):
        thing.doc_string = ""
        del thing.metadata_props[:]
    del model.graph.value_info[:]
    del model.metadata_props[:], model.graph.metadata_props[:]
    return model


def write_quantised(model: ModelProto, folder: Path, samples: Sequence[Sequence[int]]) -> None:
    """Writes ``encoder.onnx``, ``encoder.safe.onnx`` and their shared ``encoder.data`` into ``folder``.

    Args:
        samples: Token ids of typical texts, a few hundred: the ranges of the activations are measured on them.
    """
    tables = _constants(model, "Gather", 0)
    weights = _constants(model, "MatMul", 1)
    users = {
        n.output[0]: (n.input[0], n.input[1])
        for n in model.graph.node
        if n.op_type == "MatMul" and n.input[1] in weights
    }
    activations = _measure(model, weights, list(users.values()), samples)
    smoothed = {w: weights[w] / activations[x].smoothing[:, None] for x, w in users.values()}
    matrices: dict[str, _Matrix] = {}
    offset = 0
    with (folder / WEIGHTS).open("wb") as file:
        for name, (array, axis) in (
            {n: (a, 0) for n, a in tables.items()} | {n: (a, 1) for n, a in smoothed.items()}
        ).items():
            values, scale = quantise(array, axis)
            file.seek(offset)
            file.write(values.tobytes())
            matrices[name] = _Matrix(values, scale, (offset, values.nbytes))
            offset += -(-values.nbytes // _ALIGNMENT) * _ALIGNMENT
    for graph, int8 in ((INT8_GRAPH, True), (SAFE_GRAPH, False)):
        onnx.save(_rewrite(model, matrices, activations, int8), str(folder / graph))


def quantise(array: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Symmetric int8 values and the scale along ``axis``; ``values * scale`` is within half a step of ``array``."""
    largest = np.abs(array).max(axis=1 - axis, keepdims=True)
    scale = np.maximum(largest, 1e-12).astype(np.float32) / 127
    values = np.clip(np.rint(array / scale), -127, 127).astype(np.int8)
    return values, scale.reshape(-1)


def _constants(model: ModelProto, operator: str, at: int) -> dict[str, Floats]:
    """Large constant fp32 matrices that are input ``at`` of such an operator, by name."""
    initial = {t.name: t for t in model.graph.initializer}
    names = [n.input[at] for n in model.graph.node if n.op_type == operator and n.input[at] in initial]
    found = {
        name: numpy_helper.to_array(initial[name]) for name in names if initial[name].data_type == TensorProto.FLOAT
    }
    return {name: array for name, array in found.items() if array.ndim == 2 and array.size >= _SMALLEST[operator]}


def _measure(
    model: ModelProto, weights: dict[str, Floats], pairs: Sequence[tuple[str, str]], samples: Sequence[Sequence[int]]
) -> dict[str, _Activation]:
    """Smoothing and range of every activation that meets a weight; two passes over the samples."""
    names = sorted({x for x, _ in pairs})
    probe = ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])

    def activations(ids: Sequence[int]) -> dict[str, Floats]:
        feed = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), dtype=np.int64)}
        return {n: v.reshape(-1, v.shape[-1]) for n, v in zip(names, session.run(names, feed), strict=True)}

    largest = {name: np.zeros(1, dtype=np.float32) for name in names}
    for ids in samples:
        for name, values in activations(ids).items():
            largest[name] = np.maximum(largest[name], np.abs(values).max(axis=0))
    smoothing: dict[str, Floats] = {}
    for name in names:
        matrices = [weights[w] for x, w in pairs if x == name]
        share = _SMOOTHING["narrowing" if matrices[0].shape[0] > matrices[0].shape[1] else "other"]
        weight = np.max([np.abs(matrix).max(axis=1) for matrix in matrices], axis=0)
        ratio = np.maximum(largest[name], 1e-5) ** share / np.maximum(weight, 1e-5) ** (1 - share)
        smoothing[name] = (np.exp(np.log(ratio).mean()) / ratio).astype(np.float32)
    lows: dict[str, list[Floats]] = {name: [] for name in names}
    highs: dict[str, list[Floats]] = {name: [] for name in names}
    for ids in samples:
        for name, values in activations(ids).items():
            lows[name].append((values * smoothing[name]).min(axis=1))
            highs[name].append((values * smoothing[name]).max(axis=1))
    out = {}
    for name in names:
        low = min(0.0, float(np.quantile(np.concatenate(lows[name]), 1 - _KEPT)))
        high = max(0.0, float(np.quantile(np.concatenate(highs[name]), _KEPT)))
        scale = np.float32(max(high - low, 1e-6) / 255)
        out[name] = _Activation(smoothing[name], scale, np.uint8(np.clip(round(-low / float(scale)), 0, 255)))
    return out


def _rewrite(
    model: ModelProto, matrices: dict[str, _Matrix], activations: dict[str, _Activation], int8: bool
) -> ModelProto:
    """The graph with its large matrices replaced by quantised ones."""
    nodes: list[NodeProto] = []
    constants: dict[str, TensorProto] = {}
    done: set[str] = set()

    def constant(name: str, value: NDArray[np.generic] | np.generic) -> str:
        constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def add(op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        if output not in done:  # query, key and value share their input
            done.add(output)
            nodes.append(helper.make_node(op, inputs, [output], name=f"{op}_{output}", **attributes))
        return output

    for node in model.graph.node:
        at = {"MatMul": 1, "Gather": 0}.get(node.op_type)
        name = node.input[at] if at is not None else ""
        if name not in matrices:
            nodes.append(node)
            continue
        matrix, weight, out = matrices[name], f"{name}_q", node.output[0]
        if node.op_type == "Gather":
            scale = constant(f"{name}_scale", matrix.scale.reshape(-1, 1))
            wide = add(
                "Cast", [add("Gather", [weight, node.input[1]], f"{out}_q")], f"{out}_wide", to=TensorProto.FLOAT
            )
            add("Mul", [wide, add("Gather", [scale, node.input[1]], f"{out}_scale")], out)
            continue
        left = node.input[0]
        given = activations[left]
        smooth = add("Mul", [left, constant(f"{left}_smoothing", given.smoothing)], f"{left}_smooth")
        if int8:
            zero = constant(f"{left}_zero", given.zero)
            small = add("QuantizeLinear", [smooth, constant(f"{left}_scale", given.scale), zero], f"{left}_u8")
            none = constant(f"{weight}_zero", np.zeros(len(matrix.scale), np.int8))
            product = add("MatMulInteger", [small, weight, zero, none], f"{out}_i32")
            wide = add("Cast", [product], f"{out}_wide", to=TensorProto.FLOAT)
            add("Mul", [wide, constant(f"{out}_scale", matrix.scale * given.scale)], out)
        else:
            scale = constant(f"{name}_scale", matrix.scale)
            add("MatMul", [smooth, add("DequantizeLinear", [weight, scale], f"{name}_wide", axis=1)], out)
    for name, matrix in matrices.items():
        tensor = TensorProto(name=f"{name}_q", data_type=TensorProto.INT8, dims=matrix.values.shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", matrix.place[0]), ("length", matrix.place[1])):
            tensor.external_data.add(key=key, value=str(value))
        constants[tensor.name] = tensor
    kept = [t for t in model.graph.initializer if t.name not in matrices]
    graph = helper.make_graph(nodes, "sapa", model.graph.input, model.graph.output, [*kept, *constants.values()])
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
