"""`make bench`: run every benchmark, print one table with machine and commit, keep it as JSON.

Usage: python -m bench [NAME ...]
Each module runs in a process of its own, so that none warms or burdens another.
"""

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.figures import ROOT, Figure, machine, table

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"__init__", "__main__", "figures"}


def names() -> list[str]:
    """Give every benchmark module, sorted."""
    found = (path.stem for path in HERE.glob("*.py"))
    return sorted(
        name
        for name in found
        if name not in NOT_BENCHMARKS and "def rows(" in (HERE / f"{name}.py").read_text("utf-8")
    )


def main() -> int:
    """Run the named benchmarks, or all."""
    where = machine()
    kept: dict[str, object] = {"machine": where}
    print(f"{where['cpu']}, {where['cores']} cores, Python {where['python']}, commit {where['commit']}")
    failed = False
    for name in sys.argv[1:] or names():
        print(f"\n{name}", flush=True)
        run = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", "--json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            failed = True
            print(run.stderr.strip().splitlines()[-1:] or ["it ended with an error"])
            continue
        result = json.loads(run.stdout.splitlines()[-1])
        kept[name] = result["figures"]
        print(table(msgspec.convert(result["figures"], list[Figure])), flush=True)
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    target = folder / f"{str(where['at'])[:19].replace(':', '')}-{where['commit']}.json"
    target.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(f"\nkept in {target.relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
