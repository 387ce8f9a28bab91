"""Wherever a command takes a file, a hyphen alone is standard input, and no wrong option is taken for a file."""

import pytest
from cyclopts import CycloptsError

from steelyard.cli.__main__ import build

TAKES_A_FILE = (
    "pay --file", "payments bulk", "market send", "message send", "message check", "sheet put --file", "credit give",
    "currency rules INR", "currency reconcile", "fx put", "fx rules INR", "calendar amend INR",
    "liquidity bound", "verify batch", "iso check", "iso answer", "iso convert --to json",
)  # fmt: skip


@pytest.mark.parametrize("command", TAKES_A_FILE)
def test_a_hyphen_alone_is_standard_input(command):
    """`steelyard liquidity bound -` and all others that read files."""
    _, bound, _ = build().parse_args([*command.split(), "-"], exit_on_error=False, print_error=False)

    assert "-" in (*bound.args, *bound.kwargs.values())


@pytest.mark.parametrize("command", TAKES_A_FILE)
def test_an_option_that_is_none_is_not_taken_for_a_file(command):
    """A mistyped option is refused, never read."""
    with pytest.raises(CycloptsError, match="--nosuch"):
        build().parse_args([*command.split(), "--nosuch"], exit_on_error=False, print_error=False)
