#!/usr/bin/env python3
"""Every model of tests/onnx through `check`, `graph`, `solve`, `solve --memory-plan` and `solve --mode training`.

    cargo build --release
    python3 results/import/plans.py > results/import/plans.csv        # [BINARY [MODEL…]]

Sizes that a model leaves open are bound as tests/onnx/NAME.macs.json says. Seconds are those of the processor, of the process
and of all that it starts. A command that panics or that ends with another status than 0 or 1 stops the run.
"""

import csv
import json
import pathlib
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "onnx"
HARDWARE = ROOT / "inputs" / "hardware" / "shared-32x32.yaml"
# Of a plan's program; its mappings have the default, which is processor time, so that other work does not count.
LIMITS = ["--plan-time-limit", "60"]
COLUMNS = [
    "model", "status", "nests", "nests_proved", "cycles", "gap", "cpu_seconds", "plan_cycles",
    "plan_gap", "plan_gap_among_modes", "plan_cpu_seconds", "training_rows", "training_nests",
    "training_nests_proved", "training_cycles", "training_cpu_seconds", "training_error",
]


def spent():
    """Processor seconds of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(binary, *arguments):
    """The standard output, the errors, and the processor seconds of a command."""
    before = spent()
    process = subprocess.run(
        [binary, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if process.returncode not in (0, 1) or "panicked" in process.stderr:
        sys.exit(f"{arguments}: status {process.returncode}: {process.stderr}")
    return process.stdout, process.stderr.strip(), spent() - before


def nests(result):
    """The rows that multiply and accumulate, and those of them that are proved."""
    rows = [row for row in result["layers"] if int(row["macs"] or 0) > 0]
    return rows, [row for row in rows if row["status"] == "optimal"]


def training(binary, base):
    """The columns of the training step."""
    out, errors, seconds = run(binary, "solve", *base, "--no-memory-plan", "--mode", "training")
    if not out:
        line = " ".join(errors.split())
        return {"training_error": line.removeprefix(f"error: {base[0]}: ")}
    result = json.loads(out)
    rows, proved = nests(result)
    return {
        "training_rows": len(result["layers"]),
        "training_nests": len(rows),
        "training_nests_proved": len(proved),
        "training_cycles": result["total"]["cycles"],
        "training_cpu_seconds": f"{seconds:.1f}",
    }


def measure(binary, path):
    """The line of one model."""
    bound = json.loads(path.with_suffix(".macs.json").read_text())["bound"]
    sizes = [word for name, size in bound.items() for word in ("--dim", f"{name}={size}")]
    for command in (["check", path], ["graph", path], ["graph", path, "--format", "json"]):
        out, errors, _ = run(binary, *command, *sizes)
        if not out or errors.startswith("error"):
            sys.exit(f"{path}: {command[0]}: {errors}")
    base = [path, HARDWARE, *sizes, "--jobs", "1", "--format", "json"]
    out, errors, seconds = run(binary, "solve", *base, "--no-memory-plan")
    if not out:
        sys.exit(f"{path}: {errors}")
    result = json.loads(out)
    rows, proved = nests(result)
    total = result["total"]
    statuses = {row["status"] for row in result["layers"]}
    line = {
        "model": path.stem,
        "status": "optimal" if statuses == {"optimal"} else " ".join(sorted(statuses)),
        "nests": len(rows),
        "nests_proved": len(proved),
        "cycles": total["cycles"],
        "gap": f"{1 - total['bound_cycles'] / total['cycles']:.3g}",
        "cpu_seconds": f"{seconds:.1f}",
    }
    out, errors, seconds = run(binary, "solve", *base, "--memory-plan", "--no-cache", *LIMITS)
    plan = json.loads(out)["memory_plan"] if out else None
    if plan is None:
        sys.exit(f"{path}: no memory plan: {errors}")
    line |= {
        "plan_cycles": plan["cycles"],
        "plan_gap": f"{plan['gap']:.3g}",
        "plan_gap_among_modes": f"{plan['modes']['gap']:.3g}",
        "plan_cpu_seconds": f"{seconds:.1f}",
    }
    return line | training(binary, base)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "deepmatrix"
    wanted = sys.argv[2:]
    out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    out.writeheader()
    for path in sorted(MODELS.glob("*.onnx")):
        if not wanted or path.stem in wanted:
            out.writerow(measure(str(binary), path))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
