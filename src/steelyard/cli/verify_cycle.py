"""`steelyard verify cycle`: check a netting cycle from its published file."""

import sys
from typing import TYPE_CHECKING

from steelyard.cli.reading import File, content
from steelyard.cli.session import DONE, REFUSED, USAGE, Switch, end

if TYPE_CHECKING:
    from steelyard.liquidity import cycle_file


def cycle(file: File, /, *, json: Switch = False) -> int:
    """Check a netting cycle's file: that the cut, what settled, nets, pay-ins and hashes are as it says, and its bound.

    Nothing of the node is needed, and no solver. Every figure is made anew from the obligations in the file. Exit 0:
    proved. 1: something is wrong, or nothing proves the bound. 2: the file is no cycle.

    Parameters
    ----------
    file
        The file, as `steelyard cycle certificate` fetches it.
    json
        Print one JSON object.
    """
    import msgspec

    from steelyard.liquidity import cycle_file  # here, so that help stays quick

    try:
        found = cycle_file.read(content(file))
    except cycle_file.FileMalformed as trouble:
        end(f"{file} is no file of `steelyard cycle certificate`: {trouble}", USAGE)
    verdict = cycle_file.verify(found)
    if json:
        print(msgspec.json.encode({"proved": verdict.is_proved, **msgspec.to_builtins(verdict)}).decode())
    else:
        for fault in verdict.faults:
            print(f"{file}: {fault}", file=sys.stderr)
        print(_words(verdict, found.report))
    return DONE if verdict.is_proved else REFUSED


def _words(verdict: "cycle_file.Verdict", report: "cycle_file.Report") -> str:
    """Say in a line what was found."""
    if verdict.faults:
        count = len(verdict.faults)
        return f"not proved: {count} fault{'s' * (count != 1)}"
    if not verdict.certificates:
        return "not proved: no certificate: the machine did without a solver"
    sums = ", ".join(
        f"{one.settles.minor} of at most {one.bound.minor} minor units of {one.currency}"
        f" ({one.distance_bp} bp from the bound)"
        for one in report.by_currency
        if one.bound is not None
    )
    return (
        f"proved: {verdict.settled} of {verdict.obligations} obligations settled, nets come to nothing and are paid in;"
        f" {sums or 'nothing settled'}"
    )
