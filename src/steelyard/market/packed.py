"""Messages to a book as records of 32 bytes, little-endian, for who has many of them.

A record is `form` u32, member u32, order, price, quantity i64. `form` says what it is, in bits from the lowest:
3 for the message (new 0, cancel 1, replace 2), 1 side, 2 type, 3 time in force, post-only, all or none, 3 for
self-trade (0: as the instrument says, else one more than the mode), then of a replacement whether the quantity is
what is open and whether the order goes to the back, then whether more follows. If so the next record is group u32,
until u32, stop, peak i64, and 8 bytes of nothing.

A price, stop or peak of 0 is none; so is a quantity of -1 in a replacement.
"""

from struct import Struct

from steelyard.market.instruments import SelfTrade
from steelyard.market.orders import Cancel, NewOrder, Replace, Side, Tif, Type

RECORD = Struct("<IIqqq")
NEW, CANCEL, REPLACE = range(3)
SELL_BIT = 1 << 3
PLAIN_BUY, PLAIN_SELL = NEW, NEW | SELL_BIT
"""A limit order, good till cancelled, without conditions"""
TYPE_AT, TIF_AT, POST_ONLY_BIT, AON_BIT, STP_AT = 4, 6, 1 << 9, 1 << 10, 11
OF_OPEN_BIT, TO_BACK_BIT, MORE_BIT = 1 << 14, 1 << 15, 1 << 16
AS_IT_IS = -1

SIDES, TYPES, TIFS = tuple(Side), tuple(Type), tuple(Tif)
MODES: tuple[SelfTrade | None, ...] = (None, *SelfTrade)

Fields = tuple[int, int, int, int, int]
"""The fields of one record, or of what follows it"""
NOTHING_MORE: Fields = (0, 0, 0, 0, 0)


def pack(event: NewOrder | Cancel | Replace) -> bytes:
    """Write one message.

    >>> fields = RECORD.unpack(pack(Cancel(7)))
    >>> unpack(fields, NOTHING_MORE)
    Cancel(order_id=7, why=<Why.ASKED: 0>)
    """
    match event:
        case NewOrder():
            form = NEW | event.side << 3 | event.type << TYPE_AT | event.tif << TIF_AT
            form |= POST_ONLY_BIT * event.post_only | AON_BIT * event.aon
            form |= (0 if event.stp is None else event.stp + 1) << STP_AT
            more = (event.group, event.until_on, event.stop or 0, event.peak or 0, 0)
            form |= MORE_BIT * (more != NOTHING_MORE)
            record = RECORD.pack(form, event.member, event.order_id, event.price or 0, event.quantity)
            return record + RECORD.pack(*more) if form & MORE_BIT else record
        case Cancel():
            return RECORD.pack(CANCEL, 0, event.order_id, 0, 0)
        case Replace():
            form = REPLACE | OF_OPEN_BIT * event.of_open | TO_BACK_BIT * event.to_back
            quantity = AS_IT_IS if event.quantity is None else event.quantity
            return RECORD.pack(form, 0, event.order_id, event.price or 0, quantity)


def unpack(fields: Fields, more: Fields) -> NewOrder | Cancel | Replace:
    """Read one message; ValueError if its form means nothing."""
    form, member, order_id, price, quantity = fields
    kind = form & 7
    if kind == NEW:
        group, until, stop, peak, _ = more
        tif, stp, type_ = form >> TIF_AT & 7, form >> STP_AT & 7, form >> TYPE_AT & 3
        known = form < MORE_BIT << 1 and not form & (OF_OPEN_BIT | TO_BACK_BIT)
        if not known or type_ >= len(TYPES) or tif >= len(TIFS) or stp >= len(MODES):
            raise ValueError(f"form {form:#x} is no order")
        return NewOrder(
            order_id, SIDES[form >> 3 & 1], quantity, price or None, TYPES[type_], TIFS[tif], stop or None,
            peak or None, bool(form & POST_ONLY_BIT), bool(form & AON_BIT), member, group, MODES[stp], until,
        )  # fmt: skip
    if kind == REPLACE and form & ~(OF_OPEN_BIT | TO_BACK_BIT) == REPLACE:
        wanted = None if quantity == AS_IT_IS else quantity
        return Replace(order_id, wanted, price or None, bool(form & OF_OPEN_BIT), bool(form & TO_BACK_BIT))
    if form == CANCEL:
        return Cancel(order_id)
    raise ValueError(f"form {form:#x} is no message")
