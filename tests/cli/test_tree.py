"""The tree of commands as a whole: help, options, reference page, tests of each, start and end of the program."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cyclopts import App

from steelyard.cli import (
    account,
    api_key,
    approval,
    batch,
    calendar,
    completion,
    credit,
    currency,
    cycle,
    fund,
    funding,
    fx_order,
    liquidity,
    member,
    message,
    offer,
    participant,
    payments,
    pvp,
    quote,
    reference,
    sheet,
    statement,
    status,
    surplus,
    told,
    trade,
    user,
)
from steelyard.cli.__main__ import COMMANDS, build
from steelyard.client import credit as lines
from steelyard.client import cycles as netting
from steelyard.client import liquidity as shapes
from steelyard.client import pvp as queue
from steelyard.client import surplus as stays
from steelyard.client import types
from tests.client.server import Silence, serving

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

COMMON = ("--url", "--key", "--key-file", "--profile", "--json", "--quiet", "--no-colour", "--no-color")


def leaves(app, words=()):
    """Give every command that does something: (its words, its app)."""
    subs = [name for name in app if not name.startswith("-")]
    if app.default_command is not None or not subs:
        yield words, app
    for name in subs:
        found = app[name]
        yield from leaves(found, (*words, name))


LEAVES = list(leaves(build()))
SPEAKING = [(words, app) for words, app in LEAVES if "common" in app.default_command.__code__.co_varnames]


@pytest.mark.parametrize(("words", "app"), LEAVES, ids=[" ".join(words) for words, _ in LEAVES])
def test_every_command_has_help(alone, words, app):
    """What it does, and each of its options in words; those that talk to a node have all the common ones."""
    shown = alone(*words, "--help")

    assert (0, "") == (shown.code, shown.err)
    assert shown.out.startswith("Usage: steelyard " + " ".join(words))
    bare = re.findall(r"^│ \*?\s*(--?[a-z-]+|[A-Z][A-Z-]+)(?: --[a-z-]+)*(?: [A-Z.]+)?\s*│$", shown.out, re.M)
    assert [] == bare, "options without words"
    if (words, app) in SPEAKING:
        for option in COMMON:
            assert f" {option} " in shown.out


def test_most_commands_talk_to_a_node():
    """So that the tests below are about something."""
    assert len(SPEAKING) > 55


def test_every_command_that_talks_to_a_node_is_tested_against_one():
    """By its words, in the tests beside."""
    text = "".join(
        file.read_text("utf-8") for file in sorted(HERE.glob("test_*.py")) if file.name != "test_tree.py"
    )
    untried = []
    for words, _ in SPEAKING:
        pattern = r'",\s*"'.join(map(re.escape, words))
        steps = words[0] == "participant" and f'"{words[1]}"' in text and "step" in text
        if not (re.search(f'"{pattern}"', text) or steps):
            untried.append(words)

    assert [] == untried


def test_the_reference_is_what_the_commands_say():
    """`python -m steelyard.cli.reference > docs/reference/cli.md` makes it anew."""
    assert reference.page() == (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")


TABLES = [
    (status.NODE, types.Status), (status.MEMBERS, types.MemberStatus), (status.PAYMENT, types.Payment),
    (payments.COLUMNS, types.Payment), (payments.STEPS, types.PaymentStep), (payments.LEGS, types.LegRow),
    (quote.QUOTE_COLUMNS, types.Quote), (offer.COLUMNS, types.Offer), (message.SENT, types.PaymentAnswer),
    (message.FINDINGS, types.Finding), (message.COLUMNS, types.MessageOut), (account.COLUMNS, types.AccountState),
    (account.RESERVED, types.Reservation), (statement.HEAD, types.Statement),
    (statement.ENTRIES, types.StatementEntry), (sheet.COLUMNS, types.Sheet), (trade.COLUMNS, types.Trade),
    (approval.COLUMNS, types.Approval), (participant.COLUMNS, types.Participant), (member.COLUMNS, types.Member),
    (calendar.ALL, types.CalendarShown), (calendar.DAYS, types.CalendarDay), (user.COLUMNS, types.Person),
    (api_key.COLUMNS, types.ApiKeyShown), (funding.COLUMNS, types.Funding), (funding.OUT, types.Redemption),
    (liquidity.ACCOUNTS, shapes.LiquidityAccount), (liquidity.QUEUE, shapes.QueuedPayment),
    (liquidity.LIMITS, shapes.OwnLimit), (liquidity.KEPT, shapes.Kept), (liquidity.CAPS, shapes.HoldingCap),
    (liquidity.POOL, shapes.PoolChoice), (batch.FIELDS, shapes.Batch),
    (cycle.COLUMNS, netting.Cycle), (cycle.SCHEDULES, netting.CycleSchedule),
    (surplus.ROWS, stays.SurplusRow), (surplus.TIMING, stays.ThroughputRow),
    (fx_order.COLUMNS, types.FxOrder), (pvp.COLUMNS, queue.PvpPosition),
    (credit.COLUMNS, lines.CreditLine), (credit.CASES, lines.CreditCase),
    (currency.RATES, types.RateShown), (told.DONE_FIELDS, types.Done), (told.PAYMENT_FIELDS, types.PaymentAnswer),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "kind"), TABLES, ids=[kind.__name__ for _, kind in TABLES])
def test_every_column_is_a_field_of_what_it_shows(columns, kind):
    """A field that is renamed in the API leaves no empty column."""
    assert set() == {path.split(".")[0] for _, path in columns} - set(kind.__struct_fields__)


def test_every_line_of_the_tree_is_there():
    """Each command of the table has its module."""
    assert [name for name, *_ in COMMANDS] == [name for name in build() if not name.startswith("-")]
    assert callable(fund.fund)


def test_options_that_do_not_exist_are_told_in_one_line(alone):
    """Exit code 2; so for a command that does not exist."""
    for tokens in (
        ("status", "--bogus"),
        ("dance",),
        ("payments", "dance"),
        ("quote",),
        ("pay", "--charges", "ME"),
    ):
        ended = alone(*tokens)
        assert (2, "", 1) == (ended.code, ended.out, len(ended.err.splitlines())), ended
        assert ended.err.startswith("steelyard")


def program(*words, **more):
    """Start the program."""
    return subprocess.Popen(
        [sys.executable, "-m", "steelyard.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def test_help_loads_nothing_that_commands_need():
    """Neither the client nor anything of the server: that is why it is quick."""
    barred = "httpcore litestar lxml numpy sqlalchemy cryptography steelyard.client.steelyard steelyard.node"
    code = (
        "import sys; from steelyard.cli.__main__ import build\n"
        "try: build()(['--help'])\n"
        "except SystemExit: pass\n"
        f"print(*[name for name in '{barred}'.split() if name in sys.modules], file=sys.stderr)"
    )

    err = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr

    assert "" == err.strip()


def test_an_interrupted_command_ends_with_130():
    """In the middle of waiting for a node."""
    with serving(lambda asked: Silence()) as server:
        running = program("status", "--url", server.address)
        until = time.monotonic() + 20
        while not server.all and time.monotonic() < until:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)

    assert (130, b"", b"") == (running.returncode, out, err)


def test_a_reader_that_goes_away_is_no_fault():
    """As when the output goes through head."""
    running = program("iso", "schema", "pacs.008.001.08")
    running.stdout.close()
    err = running.stderr.read()

    assert (0, b"") == (running.wait(20), err)


@pytest.fixture
def twig(monkeypatch):
    """One branch of the tree instead of the whole: a script of all of it takes seconds to write."""
    small = App(name="steelyard")
    small.command(participant.app)
    monkeypatch.setattr(completion, "_tree", lambda: small)


@pytest.mark.usefixtures("twig")
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_is_a_script_that_starts_no_program_of_ours(alone, shell):
    script = alone("completion", "show", shell).out

    assert "let-in" in script
    assert "--idempotency-key" in script


def test_completion_knows_every_command(alone, tmp_path):
    """And bash, reading the script, answers what may follow."""
    file = tmp_path / "steelyard.bash"
    assert f"{file}\n" == alone("completion", "install", "bash", "--out", file).out
    script = file.read_text("utf-8")
    assert [] == [
        words for words, _ in LEAVES if words and not re.search(rf"\b{re.escape(words[-1])}\b", script)
    ]
    words = f"source {file}; COMP_WORDS=(steelyard part); COMP_CWORD=1; _steelyard; echo ${{COMPREPLY[@]}}"

    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)

    assert "participant" in done.stdout, done


@pytest.mark.usefixtures("twig")
def test_completion_says_where_it_cannot_be(alone, monkeypatch):
    """A shell it does not know, a place that cannot be written."""
    monkeypatch.setenv("SHELL", "/bin/tcsh")

    assert 2 == alone("completion", "show").code
    assert 2 == alone("completion", "install", "bash", "--out", "/proc/none/x").code


def test_the_tree_is_an_app():
    """For whoever puts it into another program."""
    assert isinstance(build(), App)
