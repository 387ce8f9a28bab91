"""Two runs of one small demonstration, for all tests about it."""

import asyncio
import io

import pytest
from rich.console import Console

from steelyard.cli.demo import make_key
from steelyard.sim.demo.run import Wanted, run


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Two runs of one small day, each killed once at some moment of the same wave."""
    folders = []
    for number in (1, 2):
        out = tmp_path_factory.mktemp(f"demo{number}")
        console = Console(file=io.StringIO(), width=110)
        assert asyncio.run(run(Wanted(out, 300, pictures=False, force=True), make_key, console, str))
        folders.append((out, console.file.getvalue()))
    return folders
