"""`steelyard market send`: a file of messages about one's orders."""

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from steelyard.cli.output import columns
from steelyard.cli.reading import File, content
from steelyard.cli.session import DONE, NOT_DUE, NOTHING_GIVEN, REFUSED, UNKNOWN, USAGE, Common, end, node
from steelyard.cli.wording import UUID

if TYPE_CHECKING:
    from steelyard.client.market import OrdersAnswer
    from steelyard.client.order_messages import OrderMessage

RESULTS = columns("line, order=order_id, state, price, currency, traded, open, cancelled, refusal")


def send(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Send a file of messages about orders: a JSON object a line, as the API takes it; each line has its own result.

    A line enters, changes or cancels an order, such as
    {"new": {"instrument": "WHT-SPOT", "side": "buy", "quantity": 50, "price": "890.00", "currency": "AED"}},
    {"order_id": "...", "change": {"quantity": 40}} or {"order_id": "...", "cancel": true}; a new one may bear an
    order_id of one's own, a UUID of version 7, that later lines name. A thousand lines are one command each.
    The same file sent again does nothing twice: it goes under a key made from its content; another --idempotency-key
    means the messages once more. Exit codes: 0 all were done, 1 some were refused, 5 of some the outcome is unknown.

    Parameters
    ----------
    file
        The file; - is standard input.
    """
    raw = content(file)
    lines = _lines(raw, file)
    if not lines:
        end(f"{file} has no message", NOT_DUE)
    name, codes = common.idempotency_key or sha256(raw).hexdigest(), set[str]()
    with node(common, deadline_s=60.0) as (client, out), out.progress("lines", lines[-1][0]) as tell:
        from steelyard.client.order_messages import MESSAGES_MAX

        def results() -> Iterator[dict[str, Any]]:
            for start in range(0, len(lines), MESSAGES_MAX):
                some = lines[start : start + MESSAGES_MAX]
                key = f"{name}-{start // MESSAGES_MAX}"
                found = client.orders.send([message for _, message in some], key=key)
                for row in _rows(some, found):
                    codes.add(row["state"])
                    yield row
                tell(some[-1][0])

        out.rows(results(), RESULTS)
    if "unknown" in codes:
        return UNKNOWN
    return REFUSED if "refused" in codes else DONE


def _lines(raw: bytes, file: str) -> "list[tuple[int, OrderMessage]]":
    """Read the messages of a file, each with the number of its line."""
    import msgspec

    from steelyard.client.order_messages import OrderMessage

    read, found = msgspec.json.Decoder(OrderMessage).decode, []
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append((number, read(line)))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            end(f"{file}: line {number}: {_plainly(str(error))}", USAGE)
    return found


def _plainly(fault: str) -> str:
    """Say a fault of an order's id without the pattern that it did not match.

    >>> _plainly("Expected `str` matching regex '^[0-9a-f]{8}$' - at `$.order_id`")
    'order_id: is not a UUID in small letters'
    """
    is_pattern = "matching regex" in fault and fault.endswith(" - at `$.order_id`")
    return f"order_id: is not {UUID}" if is_pattern else fault


def _rows(some: "list[tuple[int, OrderMessage]]", found: "OrdersAnswer") -> Iterator[dict[str, Any]]:
    """Give what became of each line of one command."""
    import msgspec

    if found.orders:
        for (line, _), one in zip(some, found.orders, strict=True):
            yield {"line": line, **msgspec.to_builtins(one)}
        return
    why = found.refusal.code if found.refusal is not None else None
    state = "refused" if found.outcome == "refused" else "unknown"
    for line, message in some:
        yield {"line": line, "order_id": message.order_id, "state": state, "refusal": why}
