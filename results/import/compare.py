"""ZigZag's multiply-accumulates of the models in tests/onnx beside those of deepmatrix.

    python3 -m venv env && env/bin/pip install zigzag-dse==3.9.1 six
    env/bin/python results/import/compare.py > results/import/counts.csv

Open sizes are bound as tests/onnx/NAME.macs.json says; weights are not needed for shapes.
"""

import contextlib
import csv
import io
import json
import logging
import pathlib
import sys
import tempfile

import onnx
from zigzag.parser.onnx.onnx_model_parser import ONNXModelParser

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "onnx"
MAPPING = """- name: default
  spatial_mapping:
    D1:
      - K, 32
    D2:
      - C, 32
  memory_operand_links:
    O: O
    W: I2
    I: I1
"""


def bound(model, sizes):
    """The model with its named sizes bound, and its shapes inferred."""
    for value in list(model.graph.input) + list(model.graph.output):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in sizes:
                dim.dim_value = sizes[dim.dim_param]
    for value in model.graph.value_info:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in sizes:
                dim.dim_value = sizes[dim.dim_param]
    return onnx.shape_inference.infer_shapes(model, data_prop=True)


def zigzag(path, sizes, mapping):
    """The sum over the layers that ZigZag makes of a model."""
    model = bound(onnx.load(path, load_external_data=False), sizes)
    with contextlib.redirect_stdout(io.StringIO()):
        workload = ONNXModelParser(model, mapping).run()
    counts = (getattr(node, "total_mac_count", 0) for node in workload.topological_sort())
    return int(sum(counts))


def main():
    logging.disable(logging.CRITICAL)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as mapping:
        mapping.write(MAPPING)
        mapping.flush()
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(["model", "macs", "zigzag_macs", "ratio", "error"])
        for path in sorted(FOLDER.glob("*.onnx")):
            counted = json.loads(path.with_suffix(".macs.json").read_text())
            macs, theirs, error = counted["total_macs"], None, ""
            try:
                theirs = zigzag(path, counted["bound"], mapping.name)
            except Exception as problem:  # Whatever stops it is its answer.
                error = f"{type(problem).__name__}: {problem}".splitlines()[0][:100]
            ratio = "" if theirs is None else f"{theirs / macs:.6g}"
            out.writerow([path.stem, macs, "" if theirs is None else theirs, ratio, error])


if __name__ == "__main__":
    main()
