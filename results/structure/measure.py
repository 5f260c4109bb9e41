#!/usr/bin/env python3
"""Measures the structure of the source: sizes of files and functions, circles of files, and in how
many files something is spelt out. `results/structure/measure.py [FOLDER]` prints a Markdown table.

A file uses another one if it names it, or what it exports, by a path (`use` or in the code);
`pub use` is followed to the file that defines the name. Tests beside the code are left out.
"""

import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
SOURCE = ROOT / "src"


def without_tests(text):
    """The text before the tests of the file, without comments, texts in quotes and where it is visible."""
    text = re.split(r"^#\[cfg\(test\)\]\nmod \w+ \{", text, maxsplit=1, flags=re.M)[0]
    text = re.sub(r"//[^\n]*|\"(?:\\.|[^\"\\])*\"", "", text)
    return re.sub(r"\bpub\(in [^)]*\)", "pub", text)


def module_of(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return tuple(p for p in parts if p not in ("mod", "lib"))


FILES = {module_of(path): path for path in sorted(SOURCE.rglob("*.rs")) if path.name != "main.rs"}
TEXTS = {module: without_tests(path.read_text()) for module, path in FILES.items()}


def expand(tree, prefix=()):
    """All paths of the text after `use`, lists in braces written out."""
    tree = tree.strip()
    head, brace, rest = tree.partition("{")
    names = tuple(n for n in re.split(r"::|\s+as\s+\w+", head.strip().rstrip(":")) if n)
    if not brace:
        return [prefix + names] if names else []
    paths, depth, start = [], 0, 0
    inner = rest.rsplit("}", 1)[0]
    for index, char in enumerate(inner + ","):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            paths += expand(inner[start:index], prefix + names)
            start = index + 1
    return paths


def absolute(module, path):
    """A path from the crate's root, or None for another crate's or a local name."""
    if path[0] == "crate":
        return path[1:]
    if path[0] == "self":
        return module + path[1:]
    if path[0] == "super":
        own = list(module)
        while path and path[0] == "super":
            own, path = own[:-1], path[1:]
        return tuple(own) + path
    if module + path[:1] in FILES:
        return module + path
    return None


def uses(module, text):
    for statement in re.findall(r"\b(?:pub(?:\([^)]*\))?\s+)?use\s+([^;]+);", text):
        for path in expand(re.sub(r"\s+", " ", statement)):
            if path and (found := absolute(module, path)):
                yield found
    for path in re.findall(r"\b((?:crate|super|self)(?:::\w+)+)", text):
        if found := absolute(module, tuple(path.split("::"))):
            yield found


EXPORTS = {}
for own, source in TEXTS.items():
    for statement in re.findall(r"\bpub(?:\([^)]*\))?\s+use\s+([^;]+);", source):
        for exported in expand(re.sub(r"\s+", " ", statement)):
            if exported and (target := absolute(own, exported)):
                EXPORTS[own + exported[-1:]] = target


def file_of(path, depth=0):
    """The module of the file in which a path ends."""
    for length in range(len(path), 0, -1):
        prefix = path[:length]
        if prefix in EXPORTS and depth < 9:
            return file_of(EXPORTS[prefix] + path[length:], depth + 1)
        if prefix in FILES:
            return prefix
    return None


GRAPH = {m: {f for p in uses(m, t) if (f := file_of(p)) and f != m} for m, t in TEXTS.items()}
for own, source in TEXTS.items():
    # A folder's own file names its parts to declare and to hand on: that is no use of them.
    declared = {own + (name,) for name in re.findall(r"\bmod (\w+);", source)}
    named = {f for p in uses(own, re.sub(r"\bpub(?:\([^)]*\))?\s+use\s+[^;]+;", "", source)) if (f := file_of(p))}
    GRAPH[own] -= declared - named


def circles():
    """Strongly connected sets of more than one file (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in GRAPH[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = []
            while not part or part[-1] != node:
                part.append(stack.pop())
            if len(part) > 1:
                found.append(sorted(part))

    for node in GRAPH:
        if node not in index:
            visit(node)
    return sorted(found, key=len, reverse=True)


def functions():
    lengths = []
    for path in FILES.values():
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if match := re.match(r"(\s*)(?:pub(?:\([^)]*\))?\s+)?(?:const |async |unsafe )*fn \w+", line):
                end = next((i for i in range(number, len(lines)) if lines[i].rstrip() in (match[1] + "}",)), number)
                lengths.append(end - number + 1)
    return lengths


def spread(values):
    values = sorted(values)
    return f"{statistics.median(values):.0f} / {values[int(len(values) * 0.9)]} / {values[-1]}"


def mentions(pattern):
    return sum(bool(re.search(pattern, text)) for text in TEXTS.values())


# Reports name formats in the implementors of `Exporter` and in the registry, programs by an enum.
OUTPUT_FORMAT = r"Format::|impl Exporter for|json::Json|csv::Csv|dot::Dot"

sys.setrecursionlimit(10_000)
rings = circles()
commit = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%h"], capture_output=True, text=True).stdout.strip()
test_programs = len(list((ROOT / "tests").glob("*.rs"))) + len(list((ROOT / "tests").glob("*/main.rs")))
print(f"| commit {commit} | |\n|---|--:|")
print(f"| files | {len(FILES)} |")
print(f"| lines of a file (median / 90 % / most) | {spread([len(p.read_text().splitlines()) for p in FILES.values()])} |")
print(f"| files of more than 400 lines | {sum(len(p.read_text().splitlines()) > 400 for p in FILES.values())} |")
print(f"| lines of a function (median / 90 % / most) | {spread(functions())} |")
print(f"| circles of files, and files in them | {len(rings)}, {sum(map(len, rings))} |")
print(f"| files in the largest circle | {max(map(len, rings), default=0)} |")
print(f"| files that name an overlap | {mentions(r'Overlap::')} |")
print(f"| files that name an objective | {mentions(r'Measure::')} |")
print(f"| files that name a kind of operator | {mentions(r'LayerKind::|Operator::')} |")
print(f"| files that name an output format | {mentions(OUTPUT_FORMAT)} |")
print(f"| test programs, each of which is linked by itself | {test_programs} |")
for ring in rings:
    print(f"\n* {len(ring)}: " + ", ".join("::".join(module) for module in ring))
