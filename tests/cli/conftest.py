"""Commands against a real node: one small network for all tests of the command line."""

import json
import tempfile
from pathlib import Path

import pytest

from steelyard.cli.__main__ import build
from tests.api.world import GHAF
from tests.client.live import live


@pytest.fixture(scope="session")
def network():
    """Give the small network behind its socket."""
    with (
        tempfile.TemporaryDirectory(prefix="sy") as place,
        live(Path(place) / "node", place=Path(place)) as here,
    ):
        yield here


class Ran:
    """How a command ended, and what it printed."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    @property
    def rows(self):
        """The lines of a list, as dicts by its headings."""
        head, *lines = (line.split("\t") for line in self.out.splitlines())
        return [dict(zip(head, line, strict=True)) for line in lines]

    @property
    def fields(self):
        """The lines of one thing, by its names."""
        return dict(line.split("\t", 1) for line in self.out.splitlines() if "\t" in line)

    @property
    def json(self):
        """The objects, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __repr__(self):
        return f"<{self.code}: {self.out!r} {self.err!r}>"


@pytest.fixture
def alone(capfd, monkeypatch, tmp_path):
    """Give a function that runs a command as typed, with no profile and no variables of ours around."""
    for name in ("URL", "KEY", "KEY_FILE", "USE", "CONFIG"):
        monkeypatch.delenv(f"STEELYARD_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*tokens):
        capfd.readouterr()
        code = 0
        try:
            build()([str(token) for token in tokens])
        except SystemExit as ended:
            code = ended.code or 0
        return Ran(code, *capfd.readouterr())

    return run


@pytest.fixture
def at(alone, network, monkeypatch):
    """Give a function that runs a command against the network, as an owner."""
    monkeypatch.setenv("STEELYARD_URL", network.address)

    def run(*tokens, who=GHAF):
        monkeypatch.setenv("STEELYARD_KEY", network.keys[who])
        return alone(*tokens)

    return run


@pytest.fixture
def approved(at):
    """Give a function that runs a command by one person and lets the second approve what was shown."""

    def run(*tokens, first, second):
        proposed = at(*tokens, "--json", who=first)
        assert proposed.code == 0, proposed
        (done,) = proposed.json
        assert done["state"] == "PROPOSED", done
        return at(
            "approval", "approve", done["subject"], "--shown", done["details"]["shown"], "--json", who=second
        )

    return run
