"""Exported programs solved by HiGHS, CBC and SCIP, and decoded until nothing is missing.

    cargo build --release
    pip install --target .tools/solvers highspy==1.16.0 pulp==3.3.2 pyscipopt==6.3.0
    PYTHONPATH=.tools/solvers python3 tests/solvers/compare.py > results/solvers/solvers.csv

PuLP is there for the CBC that it ships. DEEPMATRIX names another program than the one just built.
One line for each layer and solver: the log objective of the first solution and of the last, the
rounds of `decode --cuts` until the decoded mapping costs what its objective says, and that
mapping's cycles. Ends with an error if two solvers disagree.
"""

import csv
import json
import math
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import highspy
import pulp
import pyscipopt

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("DEEPMATRIX", ROOT / "target/release/deepmatrix"))
TINY = ("tests/solvers/tiny.yaml", "inputs/tiny/tiny-hw.yaml")
CASES = [
    (*TINY, layer, columns)
    for layer in "vector square tall deep attention pointwise window strided row batch".split()
    for columns in ("survivors", "all")
    if columns == "survivors" or layer in ("vector", "square", "tall", "deep", "attention")
] + [
    ("inputs/networks/vgg16.yaml", "inputs/hardware/shared-32x32.yaml", "conv1_2", "survivors"),
    ("inputs/networks/vgg16.yaml", "inputs/hardware/starved-32x32.yaml", "conv4_1", "survivors"),
    ("inputs/networks/vgg16-hard.yaml", "inputs/hardware/hard-32x32.yaml", "conv5_1", "survivors"),
]
NEAR = 1e-6  # of log objectives
MOST_ROUNDS = 20


def highs(model, solution):
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
    solver.readModel(str(model))
    solver.run()
    status = solver.modelStatusToString(solver.getModelStatus())
    assert status == "Optimal", status
    solver.writeSolution(str(solution), 0)
    return solver.getInfo().objective_function_value


def cbc(model, solution):
    cbc_path = pulp.apis.PULP_CBC_CMD().path
    options = "-primalTolerance 1e-9 -integerTolerance 1e-9 -allowableGap 1e-9 -ratioGap 0 -threads 0"
    command = [cbc_path, str(model), *options.split(), "-solve", "-solution", str(solution)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    first = solution.read_text().splitlines()[0]
    assert first.startswith("Optimal"), first
    return float(first.split()[-1])


def scip(model, solution):
    solver = pyscipopt.Model()
    solver.hideOutput()
    solver.readProblem(str(model))
    solver.setParam("numerics/feastol", 1e-9)
    solver.setParam("limits/gap", 0.0)
    solver.optimize()
    assert solver.getStatus() == "optimal", solver.getStatus()
    solver.writeBestSol(str(solution), write_zeros=False)
    return solver.getObjVal()


def deepmatrix(*arguments):
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"{arguments}: {done.stderr}")
    return done.stdout


def seconds():
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + others.ru_utime


def solve(case, name, solver, folder):
    network, hardware, layer, columns = case
    asked = ["--layer", layer, "--columns", columns]
    model, solution = folder / f"{layer}.lp", folder / f"{layer}.sol"
    # CBC's reader of LP files takes no name of more than 100 letters; that of MPS files does.
    read = folder / f"{layer}.mps" if name == "CBC" else model
    deepmatrix("export", network, hardware, *asked, "-o", model)
    deepmatrix("export", network, hardware, *asked, "-o", folder / f"{layer}.mps")
    start, first = seconds(), None
    for rounds in range(MOST_ROUNDS):
        objective = solver(read, solution)
        first = objective if first is None else first
        decoded = json.loads(
            deepmatrix(
                "decode", solution, "--for", network, hardware, *asked,
                "--cuts", model, "--format", "json",
            )
        )
        if decoded["check"] == "accepted":
            break
        read = model
    else:
        sys.exit(f"{layer}, {name}: still {decoded['check']} after {MOST_ROUNDS} rounds")
    return {
        "network": pathlib.Path(network).stem,
        "hardware": pathlib.Path(hardware).stem,
        "layer": layer,
        "columns": columns,
        "solver": name,
        "first_log_objective": f"{first:.9f}",
        "log_objective": f"{objective:.9f}",
        "rounds_of_cuts": rounds,
        "cycles": decoded["cycles"],
        "cpu_seconds": f"{seconds() - start:.1f}",
    }


def rows_only():
    """The file of the rows: what solvers print themselves goes to standard error."""
    rows = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return rows


def main():
    file, writer = rows_only(), None
    for case in CASES:
        rows = []
        for name, solver in (("HiGHS", highs), ("CBC", cbc), ("SCIP", scip)):
            with tempfile.TemporaryDirectory() as folder:
                rows.append(solve(case, name, solver, pathlib.Path(folder)))
            if writer is None:
                writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
                writer.writeheader()
            writer.writerow(rows[-1])
            file.flush()
        logs = [float(row["log_objective"]) for row in rows]
        if max(logs) - min(logs) > NEAR or len({row["cycles"] for row in rows}) != 1:
            sys.exit(f"{case}: the solvers disagree: {rows}")
        if rows[0]["cycles"] < math.floor(math.exp(logs[0]) * (1 - NEAR)):
            sys.exit(f"{case}: fewer cycles than the optimum says: {rows}")


main()
