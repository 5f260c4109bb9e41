#!/usr/bin/env python3
"""Records what PyTorch's automatic differentiation does for the networks beside this file.

    pip install torch pyyaml
    python3 tests/autograd/compare.py        # writes tests/autograd/recorded.json

`layers.py` has the operators. Each network file is built in PyTorch and one step is run. For each layer the record holds
  output          shape of its output
  gradients       shape of the gradient that reached its output, of its parameters and of its
                  inputs (null where autograd computed none)
  reached         how many gradients were added up for its output
  saved           shapes of the tensors that its forward pass kept for the backward pass
  backward        operators of ATen that its backward pass ran, with the shapes of what they gave;
                  views are left out
  macs            multiply-accumulates of forward, backward-data and backward-weight, counted by the
                  layer itself: with ones everywhere the sum of a result is the number of its products
  flops           of the forward pass by torch.utils.flop_counter, two for each multiply-accumulate,
                  padding included
`tests/programs/autograd.rs` compares the graph that deepmatrix derives with the record.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from layers import WEIGHTED, compute, parameters

HERE = Path(__file__).parent

# Operators that only look at the same elements in another way, or make room for others.
VIEWS = {
    "alias", "as_strided", "detach", "expand", "permute", "reshape", "select", "slice", "split",
    "squeeze", "t", "transpose", "unsqueeze", "view", "_unsafe_view", "_reshape_alias",
    "view_as", "narrow", "split_with_sizes", "empty", "empty_like", "new_empty", "ones_like",
    "new_empty_strided", "_to_copy", "unbind", "view_as_real", "view_as_complex", "_conj",
}


class Trace(TorchDispatchMode):
    """Every operator of the backward pass, filed under the layer whose output's gradient it got."""

    def __init__(self):
        super().__init__()
        self.layer, self.operators = None, {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.split("::")[1]
        if name not in VIEWS:
            results = result if isinstance(result, (tuple, list)) else [result]
            shapes = [list(r.shape) if isinstance(r, torch.Tensor) else None for r in results]
            self.operators.setdefault(self.layer, []).append([name, shapes])
        return result


class Tap(torch.autograd.Function):
    """Hands a tensor on, and its gradient back to `see`."""

    @staticmethod
    def forward(ctx, tensor, see):
        ctx.see = see
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx, gradient):
        ctx.see(gradient)
        return gradient, None


def multiply_accumulates(layer, inputs, own):
    """Products of each pass: with ones everywhere, the sums of what the passes give."""
    if layer["op"] not in WEIGHTED | {"matmul"}:
        return None
    ones = lambda shape: torch.ones(shape, dtype=torch.float64, requires_grad=True)
    x = [ones(i.shape) for i in inputs]
    weight = {"weight": ones(own["weight"].shape)} if own else {}
    y = compute(layer, x, weight)
    kernel = weight["weight"] if own else x[1]
    data, kernel = torch.autograd.grad(y.sum(), [x[0], kernel])
    return [int(t.sum().item()) for t in (y, data, kernel)]


def forward_flops(layer, inputs, own):
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        compute(layer, [i.detach() for i in inputs], own)
    return counter.get_total_flops()


def shape_of(tensor):
    """The shape of a saved tensor in real numbers."""
    return list(tensor.shape) + [2] * tensor.is_complex()


def loss_of(file, layers):
    """Kind of the loss, and the layer that it reads."""
    given = file.get("loss", "cross_entropy")
    given = {"kind": given} if isinstance(given, str) else given
    read = {name for layer in layers for name in layer["from"]}
    outputs = [layer["name"] for layer in layers if layer["name"] not in read]
    return given.get("kind", "cross_entropy"), given.get("from", outputs[-1])


def with_producers(layers):
    before = "input"
    for layer in layers:
        producers = layer.get("from", [] if layer["op"] == "parameter" else before)
        layer["from"] = producers if isinstance(producers, list) else [producers]
        before = layer["name"]
    return layers


def network_input(file):
    sizes, batch = file["input"], file["batch"]
    if set(sizes) == {"sequence"}:
        return torch.randint(0, 4, (batch, sizes["sequence"]))
    axes = ("channels", "height", "width", "sequence", "features")
    shape = sizes.get("shape") or [sizes[axis] for axis in axes if axis in sizes]
    return torch.randn(batch, *shape)


def parts_of(layer, output):
    """Names and values of what a layer gives: one, or several of which each is a layer of ours."""
    name, op = layer["name"], layer["op"]
    if op == "split":
        return {f"{name}.{index}": part for index, part in enumerate(output)}
    if op == "topk":
        return {name: output.values, f"{name}.indices": output.indices}
    return {name: output}


def record(file):
    torch.manual_seed(0)
    layers = with_producers(file["layers"])
    kind, source = loss_of(file, layers)
    by_name = {layer["name"]: layer for layer in layers}
    # torch.nn.functional.cross_entropy contains the softmax.
    if kind == "cross_entropy" and by_name[source]["op"] == "softmax":
        layers.remove(by_name[source])
        source = by_name[source]["from"][0]
    values, all_parameters, records, mains = {"input": network_input(file)}, {}, {}, {}
    shared = {layer["shares"] for layer in layers if "shares" in layer}
    read = {name for layer in layers for name in layer["from"]}
    trace = Trace()

    def enter(name, main):
        def see(gradient):
            trace.layer = main
            records[name]["gradients"]["output"] = list(gradient.shape)
        return see

    def leave(taken, slot):
        def see(gradient):
            trace.layer = None
            taken[slot] = list(gradient.shape)
        return see

    for layer in layers:
        inputs = [values[producer] for producer in layer["from"]]
        owner = layer.get("shares", layer["name"])
        if owner == layer["name"]:
            all_parameters[owner] = {
                which: torch.randn(shape, requires_grad=True)
                for which, shape in parameters(layer, inputs).items()
            }
        own = all_parameters[owner]
        saved = []
        keep = lambda tensor, saved=saved: (saved.append(shape_of(tensor)), tensor)[1]
        taken = [None] * len(inputs)
        tapped = [
            Tap.apply(value, leave(taken, slot)) if value.requires_grad else value
            for slot, value in enumerate(inputs)
        ]
        used = own
        if owner in shared:
            used = {which: Tap.apply(tensor, leave({}, which)) for which, tensor in own.items()}
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            output = compute(layer, tapped, used)
        parts = {
            name: part for name, part in parts_of(layer, output).items()
            if part.dim() and (part.requires_grad or name == layer["name"] or name in read)
        }
        # The backward pass of several parts is that of the last one with a gradient.
        main = [name for name, part in parts.items() if part.requires_grad or len(parts) == 1][-1]
        mains[layer["name"]] = main
        for name, part in parts.items():
            is_main = name == main
            records[name] = {
                "op": layer["op"],
                "macs": multiply_accumulates(layer, inputs, own) if is_main else None,
                "flops": forward_flops(layer, inputs, own) if is_main else 0,
                "saved": saved if is_main else [],
                "gradients": {
                    "output": None,
                    "inputs": taken if is_main else [None] * len(inputs),
                    "parameters": {},
                },
                "output": list(part.shape),
            }
            values[name] = Tap.apply(part, enter(name, main)) if part.requires_grad else part

    reached = {name: 0 for name in records}

    def reach(name):
        def see(_):
            trace.layer = None
            reached[name] += 1
        return see

    output = Tap.apply(values[source], reach(source))
    if kind == "mse":
        loss = F.mse_loss(output, torch.randn_like(output))
    else:
        classes = 1 if output.dim() == 4 else output.dim() - 1
        rows = output.movedim(classes, -1).flatten(0, -2)
        loss = F.cross_entropy(rows, torch.randint(0, rows.shape[1], (rows.shape[0],)))
    with trace:
        loss.backward()
    for layer in layers:
        own = records[mains[layer["name"]]]
        for which, parameter in all_parameters[layer.get("shares", layer["name"])].items():
            shape = None if parameter.grad is None else list(parameter.grad.shape)
            own["gradients"]["parameters"][which] = shape
        for producer, gradient in zip(layer["from"], own["gradients"]["inputs"]):
            if gradient is not None and producer != "input":
                reached[producer] += 1
    for name, count in reached.items():
        records[name]["backward"] = trace.operators.get(name, [])
        records[name]["reached"] = count
    sums = sum(name in ("add", "add_") for name, _ in trace.operators.get(None, []))
    return {"loss": kind, "source": source, "sums": sums, "layers": records}


def lines(value, depth=0):
    """JSON with a line for each layer."""
    if depth == 4 or not isinstance(value, dict):
        return json.dumps(value)
    indent = "  " * (depth + 1)
    items = (f"{indent}{json.dumps(key)}: {lines(item, depth + 1)}" for key, item in value.items())
    return "{\n" + ",\n".join(items) + "\n" + "  " * depth + "}"


def main():
    networks = {}
    for path in sorted((HERE / "networks").glob("*.yaml")):
        file = yaml.safe_load(path.read_text())
        networks[file["name"]] = record(file)
    recorded = {
        "command": "python3 tests/autograd/compare.py",
        "torch": torch.__version__,
        "networks": networks,
    }
    (HERE / "recorded.json").write_text(lines(recorded) + "\n")


if __name__ == "__main__":
    main()
