"""What people see: tables, questions and bars on a terminal, plain text elsewhere."""

import os
import pty
import subprocess
import sys

import pytest

from steelyard.cli import output
from steelyard.cli.output import Output
from tests.api.world import GHAF, TAMR

PAY = (
    "pay", "--to", TAMR, "--payer", "A B", "--payer-account", "AE070331234567890123456", "--payee", "C D",
    "--payee-account", "IFSC:1", "--amount", "INR 9.00", "--sell", "AED",
)  # fmt: skip


@pytest.fixture
def typed(network):
    """Give a function that runs a command on a terminal, types an answer, and gives (code, what was shown)."""

    def run(*tokens, answer=""):
        ours, theirs = pty.openpty()
        environment = os.environ | {
            "STEELYARD_URL": network.address, "STEELYARD_KEY": network.keys[GHAF], "COLUMNS": "160", "TERM": "xterm",
        }  # fmt: skip
        running = subprocess.Popen(
            [sys.executable, "-m", "steelyard.cli", *tokens],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True,
        )  # fmt: skip
        os.close(theirs)
        if answer:
            os.write(ours, answer.encode() + b"\n")
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other side has closed
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
        return running.wait(30), shown.decode("utf-8", "replace")

    return run


def test_a_list_is_a_table_on_a_terminal(typed, at):
    """And tab-separated in a pipe."""
    code, shown = typed("member", "list")

    assert 0 == code
    assert "─" in shown
    assert "\t" not in shown
    assert "code\tname" in at("member", "list").out


def test_the_cost_is_shown_and_agreed_to_before_anything_is_paid(typed):
    """Yes pays, anything else does not."""
    code, shown = typed(*PAY, answer="n")
    assert 1 == code, shown
    assert "not paid" in shown
    assert "debit" in shown
    code, shown = typed(*PAY, answer="y")
    assert 0 == code, shown
    assert "SETTLED" in shown


def test_hints_are_for_people(typed, at):
    """None in a pipe."""
    code, shown = typed("quote", "--sell", "AED", "--buy", "INR", "--send", "5.00")

    assert 0 == code
    assert "steelyard pay --quote" in shown
    assert "" == at("quote", "--sell", "AED", "--buy", "INR", "--send", "5.00").err


def test_long_work_has_a_bar_on_a_terminal_and_a_line_a_minute_elsewhere(capfd, monkeypatch):
    """Quiet work has neither."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with Output().progress("lines", 5_000) as tell:
        for done in range(0, 5_001, 500):
            now[0] += 13
            tell(done)
    assert ["lines: 2,000 of 5,000", "lines: 4,500 of 5,000"] == capfd.readouterr().err.splitlines()
    with Output(quiet=True).progress("lines", 10) as tell:
        now[0] += 100
        tell(10)
    assert ("", "") == tuple(capfd.readouterr())


def test_a_bar_is_drawn_on_a_terminal(typed, tmp_path):
    """And is gone when the work is done."""
    file = tmp_path / "none.ndjson"
    file.write_text("{}\n")

    code, shown = typed("payments", "bulk", str(file))

    assert 1 == code, shown
    assert "lines" in shown


def test_everything_of_a_thing_is_shown_where_no_fields_are_named(capfd):
    """Nested parts by their path, empty ones left out."""
    Output().item({"a": {"b": 1, "c": None}, "d": [{"e": True}], "f": ["x", "y"]})

    assert ["a.b\t1", "d.1.e\tyes", "f\tx, y"] == capfd.readouterr().out.splitlines()


def test_texts_of_others_are_shown_and_not_obeyed():
    """Control characters and those that turn the direction."""
    assert "a\\x1bb\\x9bc\\u202ed" == output.shown("a\x1bb\x9bc\u202ed")
    assert "Ünïcode عربي" == output.shown("Ünïcode عربي")
