#!/usr/bin/env python3
"""Plans with fused stages and without, as rows of table.csv.

Usage: measure.py PROGRAM FILE.csv NETWORK[:training]... (names or files; default: those of inputs/)
       with KIB="64 256 1024", LENGTH=6, PORT="" (bytes per cycle of the shared memory's port) in the environment.
Rows that the file has are kept: a run that was stopped goes on.
"""

import csv
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
FIELDS = ["network", "mode", "kib", "shared_port", "layers_alone", "residency", "stages", "bound", "gap",
          "outer_bytes", "stages_of", "cpu_seconds", "wall_seconds"]


def hardware(kib, port, folder):
    """The hardware of inputs/ with another capacity, and a port of the shared memory."""
    text = (HERE / "inputs" / "hw_64k_bw16.yaml").read_text()
    text = text.replace("65536", str(kib * 1024)).replace("f64k", f"f{kib}k")
    if port:
        text = text.replace("{memory: sram,", f"{{memory: sram, bandwidth_bytes_per_cycle: {port},")
    path = pathlib.Path(folder) / f"hw_{kib}k.yaml"
    path.write_text(text)
    return path


def run(program, network, mode, path, *more):
    """The result as JSON, with the seconds that it took."""
    command = [program, "solve", network, str(path), "--format", "json", "--quiet", *more]
    command += ["--mode", mode] if mode == "training" else []
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), os.times().elapsed
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout), cpu, os.times().elapsed - begin


def main():
    program, file, *networks = sys.argv[1:]
    networks = networks or sorted(str(p) for p in (HERE / "inputs").glob("*.yaml") if not p.name.startswith("hw_"))
    length, port = os.environ.get("LENGTH", "6"), os.environ.get("PORT", "")
    rows = []
    if pathlib.Path(file).exists():
        with open(file, newline="") as old:
            rows = list(csv.DictReader(old))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for one in networks:
            network, _, mode = one.partition(":")
            mode = mode or "inference"
            name = pathlib.Path(network).stem
            for kib in map(int, os.environ.get("KIB", "64 256 1024").split()):
                key = {"network": name, "mode": mode, "kib": str(kib), "shared_port": port}
                if any(all(row[k] == v for k, v in key.items()) for row in rows):
                    continue
                path = hardware(kib, port, folder)
                alone, _, _ = run(program, network, mode, path, "--stage-length", "1")
                own, cpu, wall = run(program, network, mode, path, "--stage-length", length, "--no-cache")
                plan, before = own["memory_plan"], alone["memory_plan"]
                row = key | {
                    "layers_alone": alone["total_layers"]["cycles"], "residency": before["cycles"],
                    "stages": plan["cycles"], "bound": plan["bound_cycles"], "gap": f"{plan['gap']:.6f}",
                    "outer_bytes": plan["outer_bytes"], "stages_of": "+".join(str(len(s["operations"])) for s in plan.get("stages", [])),
                    "cpu_seconds": f"{cpu:.1f}", "wall_seconds": f"{wall:.1f}",
                }
                rows.append({k: str(v) for k, v in row.items()})
                print(" ".join(f"{k}={v}" for k, v in row.items()), flush=True)
                with open(file, "w", newline="") as new:
                    table = csv.DictWriter(new, FIELDS)
                    table.writeheader()
                    table.writerows(rows)


main()
