"""`steelyard verify`: check what a node has published, without it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from steelyard.cli.reading import File, content
from steelyard.cli.session import DONE, REFUSED, USAGE, Switch, end
from steelyard.cli.verify_cycle import cycle
from steelyard.cli.verify_tender import tender

if TYPE_CHECKING:
    from steelyard.liquidity import batch_file
    from steelyard.liquidity.file_shapes import Report
    from steelyard.market.auctions import published

app = App(name="verify", help="Check what a node has published, without it.", version_flags=())
app.command(cycle)
app.command(tender)


@app.command
def batch(file: File, /, *, snapshot: Path | None = None, json: Switch = False) -> int:
    """Check a batch's file: that its certificates prove the bound, and that all it says comes to what it says.

    Nothing of the node is needed, and no solver. With the queue of the batch at hand, in the file or beside it, the
    networks are made anew from it and compared; orders of an FX batch are held to its rule, one by one, and the PvP
    queue is scanned anew. An auction and a run of that queue are proved by them alone. Exit 0: proved. 1: something
    is wrong, or nothing proves the bound. 2: the file is no batch.

    Parameters
    ----------
    file
        The file, as `steelyard batch certificate` fetches it.
    snapshot
        The queue that the batch was computed from, in a file of its own.
    json
        Print one JSON object.
    """
    import msgspec

    from steelyard.liquidity import batch_file  # here, so that help stays quick

    try:
        found = batch_file.read(content(file))
    except batch_file.FileMalformed as trouble:
        end(f"{file} is no file of `steelyard batch certificate`: {trouble}", USAGE)
    try:
        queue = batch_file.read_snapshot(content(str(snapshot))) if snapshot is not None else None
    except batch_file.FileMalformed as trouble:
        end(f"{snapshot}: {trouble}", USAGE)
    verdict = batch_file.verify(found, queue)
    is_proved = verdict.is_proved
    if json:
        print(msgspec.json.encode({"proved": is_proved, **msgspec.to_builtins(verdict)}).decode())
    else:
        for fault in verdict.faults:
            print(f"{file}: {fault}", file=sys.stderr)
        print(_words(verdict, is_proved, found.report))
    return DONE if is_proved else REFUSED


@app.command
def auction(file: File, /, *, root: str | None = None, json: Switch = False) -> int:
    """Check an auction's file: that its orders are those committed to, and give its price and its fills.

    Nothing of the node is needed. The root that stands in the journal is given by --root; without it the file is
    checked against itself. Exit 0: right. 1: something is wrong. 2: the file is no auction.

    Parameters
    ----------
    file
        The file that was published.
    root
        The Merkle root in the journal, 64 hexadecimal digits.
    json
        Print one JSON object.
    """
    import msgspec

    from steelyard.market.auctions import published  # here, so that help stays quick

    if root is not None and not _is_root(root):
        end(f"--root: {root!r} is not 64 hexadecimal digits", USAGE)
    try:
        found = published.read(content(file))
    except published.FileMalformed as trouble:
        end(f"{file}: {trouble}", USAGE)
    verdict = published.verify(found, None if root is None else root.lower())
    if json:
        print(msgspec.json.encode({"right": not verdict.faults, **msgspec.to_builtins(verdict)}).decode())
    else:
        for fault in verdict.faults:
            print(f"{file}: {fault}", file=sys.stderr)
        print(_auction_words(verdict, found))
    return REFUSED if verdict.faults else DONE


def _is_root(text: str) -> bool:
    return len(text) == 64 and all(digit in "0123456789abcdefABCDEF" for digit in text)


def _auction_words(verdict: "published.Verdict", found: "published.AuctionFile") -> str:
    """Say in a line what was found."""
    if verdict.faults:
        count = len(verdict.faults)
        return f"not right: {count} fault{'s' * (count != 1)}"
    against = "as the journal has them" if verdict.has_root else "the journal's root was not given"
    result = found.result
    outcome = (
        "no price"
        if result is None
        else f"price {result.price}, volume {result.volume}, surplus {result.surplus}, {len(result.trades)} trades"
    )
    return (
        f"right: {outcome}, from {verdict.orders} orders of which {verdict.sealed} sealed,"
        f" {verdict.unrevealed} never opened ({against})"
    )


_FROM = {"fx_auction": "the orders", "fx_reference": "the orders", "pvp": "the queue"}
_NEEDS = {
    "fx_auction": "an auction without a certificate is proved by its orders (--snapshot)",
    "pvp": "a run of the PvP queue is proved by the queue (--snapshot)",
}


def _words(verdict: "batch_file.Verdict", is_proved: bool, report: "Report") -> str:
    """Say in a line what was found."""
    if not is_proved:
        count = len(verdict.faults)
        needs = _NEEDS.get(report.kind, "no certificate: the machine did without a solver")
        found = f"{count} fault{'s' * (count != 1)}" if count else needs
        return f"not proved: {found}"
    against = "made anew from the queue" if verdict.has_queue else "the queue itself is not in the file"
    settled = int(report.settled or 0) + int(report.parts or 0)
    if report.bound is None:
        return f"proved: {settled} value units of {report.queued} settled, worked out anew from {_FROM[report.kind]}"
    units = (
        "value units" if report.kind in ("pool", *_FROM) else f"minor units of {' '.join(report.currencies)}"
    )
    return (
        f"proved: {settled} of at most {report.bound} {units} settled, {report.distance_bp} bp from the bound"
        f" ({verdict.certificates} certificate{'s' * (verdict.certificates != 1)}; {against})"
    )
