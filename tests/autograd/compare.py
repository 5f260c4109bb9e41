#!/usr/bin/env python3
"""Records what PyTorch's automatic differentiation does for the networks beside this file.

    pip install torch pyyaml
    python3 tests/autograd/compare.py        # writes tests/autograd/recorded.json

Each network file is built in PyTorch and one step is run. For each layer the record holds
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
import math
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

HERE = Path(__file__).parent

# Operators that only look at the same elements in another way, or make room for others.
VIEWS = {
    "alias", "as_strided", "detach", "expand", "permute", "reshape", "select", "slice", "split",
    "squeeze", "t", "transpose", "unsqueeze", "view", "_unsafe_view", "_reshape_alias",
    "view_as", "narrow", "split_with_sizes", "empty", "empty_like", "new_empty", "ones_like",
    "new_empty_strided", "_to_copy",
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


def pair(value):
    return list(value) if isinstance(value, list) else [value, value]


def with_channels_second(x, function):
    """Applies a convolution over rows to tokens, whose channels are the last axis."""
    return function(x.transpose(1, 2)).transpose(1, 2)


def parameters(layer, inputs):
    """Shapes of the layer's parameters."""
    op = layer["op"]
    x = inputs[0] if inputs else None
    if op == "linear":
        features = math.prod(x.shape[1:]) if x.dim() == 4 else x.shape[-1]
        shapes = {"weight": [layer["out_features"], features], "bias": [layer["out_features"]]}
    elif op in ("conv2d", "conv_transpose2d"):
        k, g, taps = layer["out_channels"], layer.get("groups", 1), pair(layer["kernel"])
        weight = [k, x.shape[1] // g] if op == "conv2d" else [x.shape[1], k // g]
        shapes = {"weight": weight + taps, "bias": [k]}
    elif op in ("conv1d", "conv_transpose1d"):
        k, g, taps = layer["out_channels"], layer.get("groups", 1), layer["kernel"]
        weight = [k, x.shape[2] // g] if op == "conv1d" else [x.shape[2], k // g]
        shapes = {"weight": weight + [taps], "bias": [k]}
    elif op == "batch_norm":
        return {"scale": [x.shape[1]], "shift": [x.shape[1]]}
    elif op == "layer_norm":
        return {"scale": [x.shape[-1]], "shift": [x.shape[-1]]}
    elif op == "embedding":
        return {"table": [layer["vocabulary"], layer["features"]]}
    else:
        return {}
    if not layer.get("bias"):
        del shapes["bias"]
    return shapes


def compute(layer, x, p):
    """The layer's output, from its inputs and its parameters by name."""
    op = layer["op"]
    first = x[0]
    keys = ("stride", "padding", "dilation", "groups", "output_padding")
    steps = {key: layer[key] for key in keys if key in layer}
    bias = p.get("bias")
    if op == "linear":
        return F.linear(first.flatten(1) if first.dim() == 4 else first, p["weight"], bias)
    if op == "conv2d":
        return F.conv2d(first, p["weight"], bias, **steps)
    if op == "conv_transpose2d":
        return F.conv_transpose2d(first, p["weight"], bias, **steps)
    if op == "conv1d":
        return with_channels_second(first, lambda t: F.conv1d(t, p["weight"], bias, **steps))
    if op == "conv_transpose1d":
        row = lambda t: F.conv_transpose1d(t, p["weight"], bias, **steps)
        return with_channels_second(first, row)
    if op == "batch_norm":
        mean, variance = torch.zeros_like(p["scale"]), torch.ones_like(p["scale"])
        return F.batch_norm(first, mean, variance, p["scale"], p["shift"], training=True)
    if op == "layer_norm":
        return F.layer_norm(first, first.shape[-1:], p["scale"], p["shift"])
    if op == "embedding":
        return F.embedding(first, p["table"])
    if op in ("max_pool", "avg_pool"):
        pool = F.max_pool2d if op == "max_pool" else F.avg_pool2d
        more = {key: layer[key] for key in ("stride", "padding", "ceil_mode") if key in layer}
        return pool(first, layer["kernel"], **more)
    if op == "concat":
        axis = layer.get("axis")
        channels = 1 if first.dim() == 4 else first.dim() - 1
        return torch.cat(x, channels if axis is None else axis + 1)
    if op == "transpose":
        moved = first.permute(0, *(axis + 1 for axis in layer["axes"]))
        return moved if layer.get("view") else moved.contiguous()
    return {
        "relu": lambda: F.relu(first),
        "relu6": lambda: F.relu6(first),
        "gelu": lambda: F.gelu(first, approximate="tanh"),
        "softmax": lambda: F.softmax(first, -1),
        "matmul": lambda: torch.matmul(x[0], x[1]),
        "add": lambda: sum_of(x),
        "mul": lambda: math.prod(x[1:], start=first),
        "global_avg_pool": lambda: first.mean((2, 3), keepdim=True),
        "flatten": lambda: first.flatten(1),
        "reshape": lambda: first.reshape(first.shape[0], *layer["shape"]),
    }[op]()


def sum_of(tensors):
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return total


def multiply_accumulates(layer, inputs, own):
    """Products of each pass: with ones everywhere, the sums of what the passes give."""
    if layer["op"] not in ("linear", "conv2d", "conv1d", "conv_transpose2d", "conv_transpose1d", "matmul"):
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
        producers = layer.get("from", before)
        layer["from"] = producers if isinstance(producers, list) else [producers]
        before = layer["name"]
    return layers


def network_input(file):
    sizes, batch = file["input"], file["batch"]
    if set(sizes) == {"sequence"}:
        return torch.randint(0, 4, (batch, sizes["sequence"]))
    axes = ("channels", "height", "width", "sequence", "features")
    return torch.randn(batch, *(sizes[axis] for axis in axes if axis in sizes))


def record(file):
    torch.manual_seed(0)
    layers = with_producers(file["layers"])
    kind, source = loss_of(file, layers)
    by_name = {layer["name"]: layer for layer in layers}
    # torch.nn.functional.cross_entropy contains the softmax.
    if kind == "cross_entropy" and by_name[source]["op"] == "softmax":
        layers.remove(by_name[source])
        source = by_name[source]["from"][0]
    values, all_parameters, records, trace = {"input": network_input(file)}, {}, {}, Trace()

    def enter(name):
        def see(gradient):
            trace.layer = name
            records[name]["gradients"]["output"] = list(gradient.shape)
        return see

    def leave(name, slot):
        def see(gradient):
            trace.layer = None
            records[name]["gradients"]["inputs"][slot] = list(gradient.shape)
        return see

    for layer in layers:
        name, inputs = layer["name"], [values[producer] for producer in layer["from"]]
        own = {
            which: torch.randn(shape, requires_grad=True)
            for which, shape in parameters(layer, inputs).items()
        }
        all_parameters[name] = own
        records[name] = {
            "op": layer["op"],
            "macs": multiply_accumulates(layer, inputs, own),
            "flops": forward_flops(layer, inputs, own),
            "saved": [],
            "gradients": {"output": None, "inputs": [None] * len(inputs), "parameters": {}},
        }
        tapped = [
            Tap.apply(value, leave(name, slot)) if value.requires_grad else value
            for slot, value in enumerate(inputs)
        ]
        saved = records[name]["saved"]
        keep = lambda tensor, saved=saved: (saved.append(list(tensor.shape)), tensor)[1]
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            output = compute(layer, tapped, own)
        records[name]["output"] = list(output.shape)
        values[name] = Tap.apply(output, enter(name)) if output.requires_grad else output

    reached = {layer["name"]: 0 for layer in layers}

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
        own = records[layer["name"]]
        for which, parameter in all_parameters[layer["name"]].items():
            shape = None if parameter.grad is None else list(parameter.grad.shape)
            own["gradients"]["parameters"][which] = shape
        own["backward"] = trace.operators.get(layer["name"], [])
        for producer, gradient in zip(layer["from"], own["gradients"]["inputs"]):
            if gradient is not None and producer != "input":
                reached[producer] += 1
    for name, count in reached.items():
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
