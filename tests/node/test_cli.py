"""The command line of an operator, against a real folder: what each command prints and how it ends."""

import json
import os
import stat
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from steelyard.node.config import load_config
from tests.node.nodes import run, running

GROUPS = {
    "node": "run verify replay state-hash snapshot rebuild-projection backup restore".split(),
    "journal": ["show", "queue", "export"],
    "config": ["show"],
}


def steelyard(*arguments, **environment):
    """Run the real command line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STEELYARD_")}
    return subprocess.run(
        [sys.executable, "-m", "steelyard.cli", *map(str, arguments)],
        capture_output=True, text=True, check=False, env={**kept, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Give the folder of a node that has started once: its journal holds row 1."""
    folder = tmp_path_factory.mktemp("cli") / "n"
    done = steelyard(
        "init", folder, "--network", "nor-sud", "--hub-bic", "STEEXX00", "--profile", "test", "--json"
    )
    assert 0 == done.returncode, done.stderr
    made = json.loads(done.stdout)
    assert {"p-operator-1", "p-operator-2"} == set(made["codes"])

    async def story():
        async with running(load_config(folder, environment={}, flags={"projector": "off"})[0]):
            pass

    run(story())
    return folder


@pytest.mark.parametrize(("group", "command"), [(g, c) for g, commands in GROUPS.items() for c in commands])
def test_every_command_explains_itself(group, command):
    """`--help` names every option."""
    done = steelyard(group, command, "--help")

    assert 0 == done.returncode
    assert "--config" in done.stdout


def test_init_asks_for_a_passphrase_and_writes_over_nothing(begun, tmp_path):
    """2 and a line; the node that is there stays as it is."""
    before = (begun / "genesis.toml").read_bytes()
    words = ("init", begun, "--network", "x", "--hub-bic", "STEEXX00", "--profile", "test")

    assert 2 == steelyard(*words).returncode
    assert before == (begun / "genesis.toml").read_bytes()
    without = steelyard("init", tmp_path / "n", "--network", "x", "--hub-bic", "STEEXX00")
    assert (2, True) == (without.returncode, "passphrase" in without.stderr)
    given = steelyard(
        "init",
        tmp_path / "n",
        "--network",
        "x",
        "--hub-bic",
        "STEEXX00",
        STEELYARD_NODE_KEY_PASSPHRASE="horse",
    )
    assert 0 == given.returncode
    assert "horse" not in given.stdout + given.stderr


def test_init_names_every_fault_and_writes_nothing(tmp_path):
    """2, a line for each."""
    done = steelyard("init", tmp_path / "n", "--network", "nor sud", "--hub-bic", "STEE", "--profile", "test")

    assert 2 == done.returncode
    assert ["--network", "--hub-bic"] == [line.split()[1] for line in done.stderr.splitlines()]
    assert not (tmp_path / "n").exists()


def test_settings_are_shown_with_their_origin(begun):
    """And a password in an address is masked."""
    shown = steelyard(
        "config", "show", "--origin", "--json", "--config", begun,
        STEELYARD_JOURNAL="postgresql://node:secret@db/x", STEELYARD_GATEWAYS="3",
    )  # fmt: skip
    found = json.loads(shown.stdout)

    assert {"value": 3, "origin": "environment"} == found["gateways"]
    assert {"value": "postgresql://node:***@db/x", "origin": "environment"} == found["journal"]
    assert "test" == found["profile"]["value"]
    assert found["profile"]["origin"].endswith("steelyard.toml")
    assert "default" == found["listen"]["origin"]
    assert "secret" not in shown.stdout
    wrong = steelyard("config", "show", "--config", begun, STEELYARD_GATEWAYS="many")
    assert (2, True) == (wrong.returncode, "gateways" in wrong.stderr)


def test_a_journal_is_verified_replayed_and_hashed(begun):
    """From row 1 and from a snapshot: one hash."""
    verified = steelyard("node", "verify", "--json", "--contents", "--config", begun)
    replayed = steelyard("node", "replay", "--from", 1, "--json", "--config", begun)
    hashed = steelyard("node", "state-hash", "--config", begun)

    assert (0, []) == (verified.returncode, json.loads(verified.stdout)["faults"])
    assert 0 == replayed.returncode, replayed.stderr
    assert f"1 {json.loads(replayed.stdout)['state_hash']}" == hashed.stdout.strip()
    assert "1" == steelyard("node", "snapshot", "--config", begun).stdout.strip()
    again = json.loads(steelyard("node", "replay", "--from", 1, "--json", "--config", begun).stdout)
    assert again["same_as_snapshot"] is True
    tail = steelyard("node", "replay", "--config", begun).stdout
    whole = steelyard("node", "replay", "--from", 1, "--config", begun).stdout
    assert tail.startswith("nothing replayed, as the newest snapshot is of the last row (--from 1")
    assert whole.startswith("journal is good: rows 1-1 chained, replayed 1 commands from row 1 in ")
    for line in (tail, whole):
        assert (1, True) == (line.count("\n"), f"state hash {again['state_hash']}" in line)


def test_rows_are_shown_and_exported(begun, tmp_path):
    """A row that is not there is 2; so is a file that is."""
    shown = steelyard("journal", "show", 1, "--config", begun)

    assert "genesis" in shown.stdout
    assert 2 == steelyard("journal", "show", 99, "--config", begun).returncode
    for batch in ("x", "01a207a2-3280-d03b-c267-1ae5d1ae88eb"):
        assert 2 == steelyard("journal", "queue", batch, "--config", begun).returncode
    assert 0 == steelyard("journal", "export", tmp_path / "x", "--config", begun).returncode
    assert 2 == steelyard("journal", "export", tmp_path / "x", "--config", begun).returncode


def test_a_copy_is_made_and_restored(begun, tmp_path):
    """Into an empty place; twice is 2, with a line."""
    copy, new = tmp_path / "copy", tmp_path / "new"
    assert 0 == steelyard("node", "backup", copy, "--config", begun).returncode
    assert 2 == steelyard("node", "backup", copy, "--config", begun).returncode
    new.mkdir()
    (new / "steelyard.toml").write_text('profile = "test"\n')
    restored = steelyard("node", "restore", copy, "--json", "--config", new)
    assert (0, 1) == (restored.returncode, json.loads(restored.stdout)["rows"])
    again = steelyard("node", "restore", copy, "--config", new)
    assert (2, True) == (again.returncode, "already" in again.stderr)
    hashes = {steelyard("node", "state-hash", "--config", folder).stdout for folder in (begun, new)}
    assert 1 == len(hashes)


def test_what_a_node_makes_is_its_user_s_alone(tmp_path):
    """Folder 0700, every file 0600, also while it runs with a wide umask; so are keys made beside it and copies."""
    before = os.umask(0o022)
    try:
        made = tmp_path / "n"
        words = ("--network", "nor-sud", "--hub-bic", "STEEXX00", "--profile", "test")
        assert 0 == steelyard("init", made, *words).returncode
        modes = {0o700: [made], 0o600: [*made.iterdir()]}
        with served(made):
            modes[0o600] += [path for path in made.iterdir() if not path.name.endswith(".new")]
            key = steelyard(
                "api-key", "new", "--node", made, "--owner", "operator", "--holder", "p-operator-1"
            )
            assert 0 == key.returncode, key.stderr
            assert {"journal.db-wal", "journal.db-shm"} <= {path.name for path in modes[0o600]}
            wrong = {str(path): oct(path.stat().st_mode) for mode, paths in modes.items() for path in paths
                     if stat.S_IMODE(path.stat().st_mode) != mode}  # fmt: skip
            assert {} == wrong
        assert 0 == steelyard("node", "backup", tmp_path / "copy", "--config", made).returncode
        assert 0o700 == stat.S_IMODE((tmp_path / "copy").stat().st_mode)
        kept = {path.name for path in made.iterdir() if path.is_file()}
        assert {"access.db", "journal.db", "evidence.db", "projection.db", "health.json"} <= kept
    finally:
        os.umask(before)


@contextmanager
def served(folder):
    """Run a node of a folder until the block ends; it must have made every store by then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "steelyard.cli", "node", "run", "--config", str(folder), "--no-gateway"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 30
        while not ((folder / "projection.db-wal").exists() and (folder / "node.sock").exists()):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        assert 0 == process.wait(20)


def test_a_projection_is_made_anew(begun):
    """Up to the last row."""
    assert "1" == steelyard("node", "rebuild-projection", "--config", begun).stdout.strip()


def test_what_is_wrong_is_one_line(tmp_path):
    """No traceback: a folder without settings, a node without a genesis file, an unknown option."""
    nowhere = steelyard("node", "verify", "--config", tmp_path / "none")
    (tmp_path / "steelyard.toml").write_text('profile = "test"\n')
    no_genesis = steelyard("node", "run", "--no-gateway", "--config", tmp_path)
    unknown = steelyard("node", "verify", "--colour", "blue")

    assert (2, 73, 2) == (nowhere.returncode, no_genesis.returncode, unknown.returncode)
    for done in (nowhere, no_genesis, unknown):
        assert "Traceback" not in done.stderr
    assert "steelyard init" in no_genesis.stderr
