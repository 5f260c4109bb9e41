"""The operators of network files in PyTorch: shapes of their parameters, and what they compute."""

import math

import torch
import torch.nn.functional as F

WEIGHTED = {"linear", "conv1d", "conv2d", "conv3d"} | {
    f"conv_transpose{axes}d" for axes in (1, 2, 3)
}

FUNCTIONS = {
    "relu": F.relu,
    "relu6": F.relu6,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
    "elu": F.elu,
    "leaky_relu": F.leaky_relu,
    "softplus": F.softplus,
    "mish": F.mish,
    "exp": torch.exp,
    "log": torch.log,
    "abs": torch.abs,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "reciprocal": torch.reciprocal,
    "neg": torch.neg,
    "square": torch.square,
    "erf": torch.erf,
    "sin": torch.sin,
    "cos": torch.cos,
    "sign": torch.sign,
    "round": torch.round,
    "clip": lambda x: x.clamp(-1, 1),
    "softmax": lambda x: F.softmax(x, -1),
    "log_softmax": lambda x: F.log_softmax(x, -1),
}

PAIRS = {
    "sub": torch.sub,
    "div": torch.div,
    "pow": torch.pow,
    "max": torch.maximum,
    "min": torch.minimum,
    "greater": torch.gt,
}

REDUCTIONS = {
    "sum": lambda x, axes: x.sum(axes, keepdim=True),
    "mean": lambda x, axes: x.mean(axes, keepdim=True),
    "max": lambda x, axes: x.max(*axes, keepdim=True).values,
    "min": lambda x, axes: x.min(*axes, keepdim=True).values,
    "l1": lambda x, axes: x.norm(1, axes, keepdim=True),
    "l2": lambda x, axes: x.norm(2, axes, keepdim=True),
    "sum_square": lambda x, axes: x.square().sum(axes, keepdim=True),
    "log_sum_exp": lambda x, axes: x.logsumexp(axes, keepdim=True),
}


def each_axis(layer, key):
    """A size for each axis of a layer whose operator ends in the number of axes."""
    axes, value = int(layer["op"][-2]), layer[key]
    return list(value) if isinstance(value, list) else [value] * axes


def with_channels_second(x, function):
    """Applies a function over rows to tokens, whose channels are the last axis."""
    return function(x.transpose(1, 2)).transpose(1, 2)


def rotate(x):
    """Rotary embedding as of complex numbers: each pair by the angle of its position."""
    positions, pairs = x.shape[-2], x.shape[-1] // 2
    angles = torch.outer(torch.arange(positions), torch.rand(pairs))
    turned = torch.view_as_complex(x.unflatten(-1, (pairs, 2))) * torch.polar(torch.ones(()), angles)
    return torch.view_as_real(turned).flatten(-2)


def product_of(left, right):
    """A product; several heads of the left operand that read one of the right are more rows of it."""
    groups = left.shape[1] // right.shape[1] if left.dim() == 4 else 1
    rows = left.reshape(*right.shape[:-2], groups * left.shape[-2], left.shape[-1]) if groups > 1 else left
    return torch.matmul(rows, right).reshape(*left.shape[:-1], right.shape[-1])


def parameters(layer, inputs):
    """Shapes of the layer's parameters."""
    op = layer["op"]
    x = inputs[0] if inputs else None
    if op == "linear":
        features = math.prod(x.shape[1:]) if x.dim() == 4 else x.shape[-1]
        shapes = {"weight": [layer["out_features"], features], "bias": [layer["out_features"]]}
    elif op in WEIGHTED:
        k, g = layer["out_channels"], layer.get("groups", 1)
        channels = x.shape[2 if op.endswith("1d") else 1]
        weight = [channels, k // g] if "transpose" in op else [k, channels // g]
        shapes = {"weight": weight + each_axis(layer, "kernel"), "bias": [k]}
    elif op == "batch_norm":
        return {"scale": [x.shape[1]], "shift": [x.shape[1]]}
    elif op.endswith("_norm"):
        size = [x.shape[1 if op in ("group_norm", "instance_norm") else -1]]
        given = {"scale": layer.get("scale", True), "shift": layer.get("shift", op != "rms_norm")}
        return {which: size for which in ("scale", "shift") if given[which]}
    elif "parameter" in layer:
        return {"operand": layer["parameter"]}
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
    if op == "parameter":
        return torch.randn(layer["shape"], requires_grad=True)
    first = x[0]
    keys = ("stride", "padding", "dilation", "groups", "output_padding")
    steps = {key: layer[key] for key in keys if key in layer}
    bias = p.get("bias")
    if op == "linear":
        return F.linear(first.flatten(1) if first.dim() == 4 else first, p["weight"], bias)
    if op in WEIGHTED:
        convolve = lambda t: getattr(F, op)(t, p["weight"], bias, **steps)
        return with_channels_second(first, convolve) if op.endswith("1d") else convolve(first)
    if op == "batch_norm":
        mean, variance = torch.zeros_like(p["scale"]), torch.ones_like(p["scale"])
        return F.batch_norm(first, mean, variance, p["scale"], p["shift"], training=True)
    if op == "layer_norm":
        return F.layer_norm(first, first.shape[-1:], p.get("scale"), p.get("shift"))
    if op == "rms_norm":
        return F.rms_norm(first, first.shape[-1:], p.get("scale"))
    if op == "group_norm":
        return F.group_norm(first, layer["groups"], p.get("scale"), p.get("shift"))
    if op == "instance_norm":
        return F.instance_norm(first, weight=p.get("scale"), bias=p.get("shift"))
    if op == "embedding":
        return F.embedding(first, p["table"])
    if op[:8] in ("max_pool", "avg_pool"):
        more = {key: layer[key] for key in ("stride", "padding", "ceil_mode") if key in layer}
        function = getattr(F, f"{op[:8]}{op[8:] or '2d'}")
        pool = lambda t: function(t, layer["kernel"], **more)
        return with_channels_second(first, pool) if op.endswith("1d") else pool(first)
    if op == "concat":
        axis = layer.get("axis")
        channels = 1 if first.dim() == 4 else first.dim() - 1
        return torch.cat(x, channels if axis is None else axis + 1)
    if op == "transpose":
        moved = first.permute(0, *(axis + 1 for axis in layer["axes"]))
        return moved if layer.get("view") else moved.contiguous()
    if op == "reduce":
        return REDUCTIONS[layer["function"]](first, [axis + 1 for axis in layer["axes"]])
    if op == "slice":
        axis = layer["axis"] + 1
        part = slice(layer.get("start", 0), layer.get("end"), layer.get("step", 1))
        return first[(slice(None),) * axis + (part,)]
    if op == "pad":
        return F.pad(first, [side for pair in reversed(layer["padding"]) for side in pair])
    if op == "resize":
        mode = {"linear": "bilinear", "cubic": "bicubic"}.get(layer["mode"], layer["mode"])
        return F.interpolate(first, layer.get("size"), layer.get("scale"), mode)
    if op == "gather":
        return first.index_select(layer["axis"] + 1, torch.arange(*layer["indices"]))
    if op in FUNCTIONS:
        return FUNCTIONS[op](first)
    if op in PAIRS or op in ("add", "mul"):
        return function_of(layer, x, p)
    return {
        "matmul": lambda: product_of(x[0], x[1]),
        "where": lambda: torch.where(*x),
        "cumsum": lambda: first.cumsum(layer["axis"] + 1),
        "rope": lambda: rotate(first),
        "topk": lambda: first.topk(layer["k"]),
        "split": lambda: first.split(layer["sizes"], layer["axis"] + 1),
        "expand": lambda: first.expand(first.shape[0], *layer["shape"]),
        "gather_elements": lambda: first.gather(layer["axis"] + 1, x[1]),
        "depth_to_space": lambda: F.pixel_shuffle(first, layer["block"]),
        "space_to_depth": lambda: F.pixel_unshuffle(first, layer["block"]),
        "global_max_pool": lambda: F.max_pool2d(first, first.shape[2:]),
        "global_avg_pool": lambda: first.mean((2, 3), keepdim=True),
        "flatten": lambda: first.flatten(1),
        "reshape": lambda: first.reshape(first.shape[0], *layer["shape"]),
    }[op]()


def function_of(layer, x, p):
    """A function of several tensors, or of one and a number, a parameter or a constant."""
    op, function = layer["op"], PAIRS.get(layer["op"])
    if "value" in layer and op in ("max", "min"):
        return x[0].clamp(**{"min" if op == "max" else "max": layer["value"]})
    others = list(x[1:]) + list(p.values()) + [layer[key] for key in ("value",) if key in layer]
    if "constant" in layer:
        others.append(torch.randn(layer["constant"]))
    if op == "add":
        return sum(others, start=x[0])
    return math.prod(others, start=x[0]) if op == "mul" else function(x[0], *others)
