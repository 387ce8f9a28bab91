"""`steelyard doctor`: what it finds, and what it says to do."""

import os
import socket

import pytest

from steelyard.cli import doctor
from steelyard.node.init import init

CHECKS = ["python", "libraries", "room", "fsync", "sqlite", "listen", "clock", "open files"]


@pytest.fixture
def folder(tmp_path):
    """Give the folder of a node of the test profile."""
    init(tmp_path / "node", network_id="x", hub_bic="STEEXX00", profile="test")
    return tmp_path / "node"


def verdicts(ran):
    """Give the verdict of each check."""
    return {row["check"]: row["verdict"] for row in ran.rows}


def test_a_good_machine_passes(alone, folder):
    """Each check says what it found."""
    ran = alone("doctor", folder)

    assert 0 == ran.code, ran
    assert set(CHECKS) <= set(verdicts(ran))
    assert "FAIL" not in verdicts(ran).values()
    assert [row["check"] for row in ran.rows] == [
        one["check"] for one in alone("doctor", folder, "--json").json
    ]
    assert set() == {row["verdict"] for row in alone("doctor", folder, "--quiet").rows} & {"ok", "FAIL"}


def test_a_folder_where_a_node_shall_be_is_looked_at_too(alone, tmp_path):
    """Nothing is left behind in it."""
    empty = tmp_path / "new"
    empty.mkdir()

    assert 0 == alone("doctor", empty).code
    assert [] == list(empty.iterdir())


def test_a_folder_that_is_not_there_is_a_fault(alone, tmp_path):
    """A misspelt name would else be found in order."""
    ran = alone("doctor", tmp_path / "nowhere")

    assert (2, "", 1) == (ran.code, ran.out, len(ran.err.splitlines()))
    assert f"there is no folder {tmp_path / 'nowhere'}" in ran.err


def test_a_port_that_is_taken_is_said(alone, folder):
    """It may be a node's own, so it is no failure."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = folder / "steelyard.toml"
        settings.write_text(settings.read_text() + f'\nlisten = "127.0.0.1:{taken.getsockname()[1]}"\n')
        ran = alone("doctor", folder)

    assert "warn" == verdicts(ran)["listen"], ran


def test_a_key_that_others_can_read_has_to_be_mended(alone, folder):
    """With the command that does it."""
    (folder / "node.key").chmod(0o644)

    ran = alone("doctor", folder)

    assert 1 == ran.code
    assert {"chmod 600 " + str(folder / "node.key")} == {
        row["to do"] for row in ran.rows if row["check"] == "node key"
    }


def test_settings_that_do_not_start_are_said(alone, folder, monkeypatch):
    """A profile that this release refuses; a name nobody knows is bad input."""
    monkeypatch.setenv("STEELYARD_PROFILE", "production")
    ran = alone("doctor", folder)
    assert (1, "FAIL") == (ran.code, verdicts(ran)["settings"])
    monkeypatch.setenv("STEELYARD_PROFILE", "festive")
    assert 2 == alone("doctor", folder).code


@pytest.mark.parametrize(
    ("name", "value", "check", "verdict"),
    [
        ("FREE_MIN", 1 << 62, "room", "FAIL"),
        ("FREE_LOW", 1 << 62, "room", "warn"),
        ("FSYNC_SLOW_MS", 0.0, "fsync", "warn"),
        ("FSYNC_UNREAL_MS", 1e9, "fsync", "warn"),
        ("PYTHON_MIN", (4, 0), "python", "FAIL"),
        ("PARTS", ("no_such_library",), "libraries", "FAIL"),
        ("YEAR_MIN", 9999, "clock", "FAIL"),
        ("FILES_MIN", 1 << 62, "open files", "warn"),
    ],
)
def test_each_bound_is_kept(alone, folder, monkeypatch, name, value, check, verdict):
    """What lies beyond has something to do beside it."""
    bounds = {"FSYNC_SLOW_MS": 1e9, "FSYNC_UNREAL_MS": 0.0} | {name: value}
    for bound, given in bounds.items():
        monkeypatch.setattr(doctor, bound, given)

    ran = alone("doctor", folder)

    row = next(row for row in ran.rows if row["check"] == check)
    assert verdict == row["verdict"], ran
    assert row["to do"]
    assert ran.code == (1 if verdict == "FAIL" else 0)


def test_a_database_that_is_not_there_is_said(alone, folder, monkeypatch):
    """With why."""
    monkeypatch.setenv("STEELYARD_JOURNAL", "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1")
    ran = alone("doctor", folder)

    assert (1, "FAIL") == (ran.code, verdicts(ran)["postgresql"]), ran


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(alone, folder):
    """By whom it has to be owned."""
    folder.chmod(0o500)
    try:
        ran = alone("doctor", folder)
    finally:
        folder.chmod(0o700)

    assert "FAIL" == verdicts(ran)["folder"]
