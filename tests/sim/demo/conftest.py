"""Two runs of one small demonstration, for all tests about it."""

import asyncio
import fcntl
import io
import os

import pytest
from rich.console import Console

from steelyard.cli.demo import make_key
from steelyard.sim.demo.run import Wanted, run


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Two runs of one small day, each killed once at some moment of the same wave; made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return [_run(shared / f"demo{number}") for number in (1, 2)]


def _run(out):
    """Run the day, or give what another worker has run: its folder and what it printed."""
    printed = out.with_suffix(".txt")
    if not printed.exists():
        console = Console(file=io.StringIO(), width=110)
        assert asyncio.run(run(Wanted(out, 300, pictures=False, force=True), make_key, console, str))
        printed.write_text(console.file.getvalue(), "utf-8")
    return out, printed.read_text("utf-8")
