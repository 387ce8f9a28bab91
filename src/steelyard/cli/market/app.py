"""`steelyard market`: see it, trade on it, run it; and put files of orders through a book without a node."""

import gzip
import hashlib
import zlib
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, TextIO

from cyclopts import App, Parameter

from steelyard.cli.market import contracts, picture, public, running, sending, trading
from steelyard.cli.session import DONE, USAGE, Switch, end

app = App(name="market", help="See the market, trade on it, run it.", version_flags=())

for _command in (
    public.show, public.limits, public.book, public.trades, public.feed, picture.day, picture.picture, trading.buy,
    trading.sell, sending.send, trading.orders, trading.change, trading.cancel, trading.cancel_all, trading.own_trades,
    trading.agree_reversal, trading.open_account, trading.deposit, trading.withdraw, trading.commit,
    trading.take_out, trading.quote, trading.quotes, trading.unquote, running.list_instrument, running.phase,
    running.reference, running.seed, running.end_call, running.group, running.reverse,
):  # fmt: skip
    app.command(_command)
app.command(contracts.contracts)
app.command(public.list_, name="list")

PACK = 10_000
"""Messages that are worked off at once"""


@app.command
def replay(
    flow: Path,
    /,
    *,
    reports: Annotated[Path | None, Parameter(negative=())] = None,
    keep_time: Switch = False,
) -> int:
    """Put a file of order messages through a book, write what it says to each, and print the SHA-256 of that.

    The file has the lines seq,op,side,ioc,order_id,price_ticks,qty below that header, plain or compressed with gzip:
    op N (new), M (change) or C (cancel), side B or S, ioc 1 or 0, such as 1,N,B,0,17,1000,5. A change takes the order
    out and puts it in anew, behind all others of its price. The hash is over the report lines without their header,
    each ended by a newline; a second one over the trades alone. Exit 2: the file is none, or cannot be read.

    Parameters
    ----------
    flow
        The file of messages.
    reports
        Where the reports go, compressed with gzip if the name ends with .gz.
    keep_time
        Let a change keep its time where the price is the same and less is open.
    """
    from steelyard.cli.market import flow as files  # here, so that help stays quick
    from steelyard.market.book import Book
    from steelyard.market.instruments import Instrument

    book = Book(Instrument(code="REPLAY"))
    all_lines, trade_lines, messages, trades = hashlib.sha256(), hashlib.sha256(), 0, 0
    try:
        with ExitStack() as opened:
            source = opened.enter_context(_reading(flow))
            target = _writing(reports, opened) if reports is not None else None
            if target is not None:
                target.write(f"{files.REPORT_HEADER}\n")
            for seqs, records in files.packs(files.read(source, to_back=not keep_time), of=PACK):
                lines = list(files.reports(seqs, book.apply_many(records)))
                traded = [line for line in lines if ",trade," in line]
                messages += len(seqs)
                trades += len(traded)
                text = "".join(lines)
                all_lines.update(text.encode())
                trade_lines.update("".join(traded).encode())
                if target is not None:
                    target.write(text)
    except files.FlowMalformed as trouble:
        end(f"{flow}: {trouble}", USAGE)
    except UnicodeDecodeError:
        end(f"{flow}: line 1: it is not {files.HEADER}", USAGE)
    except (OSError, EOFError, zlib.error) as trouble:
        end(f"{' '.join(str(trouble).split())}", USAGE)
    print(f"{messages} messages, {trades} trades, {len(book.orders)} orders open")
    print(f"reports {all_lines.hexdigest()}")
    print(f"trades  {trade_lines.hexdigest()}")
    return DONE


def _reading(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="ascii") if path.suffix == ".gz" else path.open(encoding="ascii")


def _writing(path: Path, opened: ExitStack) -> TextIO:
    """Open a file so that the same lines give the same bytes, whenever they are written."""
    if path.suffix != ".gz":
        return opened.enter_context(path.open("w", encoding="ascii", newline="\n"))
    raw = opened.enter_context(path.open("wb"))
    packed = gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0)
    return opened.enter_context(TextIOWrapper(packed, encoding="ascii", newline="\n"))
