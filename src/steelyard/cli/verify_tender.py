"""`steelyard verify tender`: recompute an award from its published file."""

import sys
from typing import TYPE_CHECKING

from steelyard.cli.reading import File, content
from steelyard.cli.session import DONE, REFUSED, USAGE, Switch, end

if TYPE_CHECKING:
    from steelyard.flows.tender_file import Verdict


def tender(file: File, /, *, json: Switch = False) -> int:
    """Check an award's file: that bids are those committed to, and that the award comes of them, to the minor unit.

    Nothing of the node is needed. Commitments are hashed anew, feasibility, cost and the reasons of rejected offers
    are made anew, and an award that is said to be proved is computed anew by the solver and must be the same. Exit 0:
    right. 1: something is wrong. 2: the file is no award.

    Parameters
    ----------
    file
        The file, as `steelyard tender file` fetches it.
    json
        Print one JSON object.
    """
    import msgspec

    from steelyard.flows import tender_file  # here, so that help stays quick
    from steelyard.solve.tender import CpSatTender

    try:
        found = tender_file.read(content(file))
    except tender_file.FileMalformed as trouble:
        end(f"{file}: {trouble}", USAGE)
    verdict = tender_file.verify(found, solver=CpSatTender())
    if json:
        print(msgspec.json.encode({"right": not verdict.faults, **msgspec.to_builtins(verdict)}).decode())
    else:
        for fault in verdict.faults:
            print(f"{file}: {fault}", file=sys.stderr)
        print(_words(verdict))
    return REFUSED if verdict.faults else DONE


def _words(verdict: "Verdict") -> str:
    """Say in a line what was found."""
    if verdict.faults:
        count = len(verdict.faults)
        return f"not right: {count} fault{'s' * (count != 1)}"
    anew = "computed anew and the same" if verdict.is_anew else "checked, not computed anew"
    if not verdict.cargoes:
        proof = "proved that there is none" if verdict.proved else "not proved that there is none"
        return f"right: no award was found, {proof}; {verdict.offers} offers of {verdict.bids} bids, {anew}"
    proof = "proved the least" if verdict.proved else f"not proved the least (bound {verdict.bound_minor})"
    return f"right: {verdict.cost_minor} minor units, {proof}; {verdict.offers} offers of {verdict.bids} bids, {anew}"
