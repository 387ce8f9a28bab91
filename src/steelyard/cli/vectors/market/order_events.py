"""Events of order book cases, in every way that they are written.

The name of an event is under `op`, `event` or `ev`, or the one key of an object, or the first of a pair; what
remains are its fields. Where an event has one field only, that may stand alone: `{"cancel": "a"}`, `["phase", "call"]`.
"""

from typing import Any

from steelyard.cli.vectors.market.values import whole
from steelyard.market import orders as o
from steelyard.market.instruments import SelfTrade
from steelyard.market.phases import CALLS, Phase

EVENTS = ("new", "cancel", "replace", "phase", "uncross", "mass_cancel", "bands", "settlement")
TAGS = ("op", "event", "ev", "type")
ALONE = {"new": "id", "cancel": "id", "replace": "id", "phase": "to", "settlement": "price"}
"""The field that may stand where the fields do"""
SIDES = {"buy": o.Side.BUY, "sell": o.Side.SELL}
FIELDS: dict[str, frozenset[str]] = {
    "new": frozenset("id side qty price type tif stop peak post_only aon member group stp until".split()),
    "cancel": frozenset({"id"}),
    "replace": frozenset({"id", "qty", "price"}),
    "phase": frozenset({"to", "on"}),
    "uncross": frozenset({"to", "forced"}),
    "mass_cancel": frozenset({"member", "group", "side"}),
    "bands": frozenset({"reference", "limit_low", "limit_high", "dyn_low", "dyn_high"}),
    "settlement": frozenset({"price"}),
}


class Names:
    """Numbers for what cases name, from 1, in the order in which it comes up."""

    def __init__(self) -> None:
        self._orders: dict[Any, int] = {}
        self._names: list[Any] = []
        self._owners: dict[Any, int] = {}

    def number(self, name: Any) -> int:
        """Give the number of an order."""
        if name not in self._orders:
            self._names.append(name)
            self._orders[name] = len(self._names)
        return self._orders[name]

    def order(self, number: int) -> Any:
        """Give the name of an order."""
        return self._names[number - 1]

    def owner(self, name: Any) -> int:
        """Give the number of a member or a group, 0 for nobody."""
        return 0 if name is None or name == "" else self._owners.setdefault(name, len(self._owners) + 1)


def split(written: Any) -> tuple[str, dict[str, Any]]:
    """Give name and fields of an event, in whatever way it is written.

    >>> split({"op": "cancel", "id": "a"}) == split({"cancel": {"id": "a"}}) == split(["cancel", "a"])
    True
    >>> split({"new": "a", "type": "market", "side": "buy", "qty": 5})[1]["type"]
    'market'
    """
    if isinstance(written, str):
        written = [written]
    if isinstance(written, list):
        return _named(written[0], written[1] if len(written) > 1 else {})
    for tag in TAGS:
        if isinstance(written.get(tag), str) and written[tag] in EVENTS:
            return written[tag], {key: value for key, value in written.items() if key != tag}
    for name in EVENTS:
        if name in written:
            _, fields = _named(name, written[name])
            return name, fields | {key: value for key, value in written.items() if key != name}
    raise ValueError(f"no event is named in {written!r}")


def _named(name: str, fields: Any) -> tuple[str, dict[str, Any]]:
    if name not in EVENTS:
        raise ValueError(f"unknown event {name!r}")
    if isinstance(fields, dict):
        return name, fields
    return name, {ALONE[name]: fields} if name in ALONE and fields is not None else {}


def read_event(written: Any, names: Names) -> o.Event:
    """Make the event that is meant; ValueError where a field is unknown."""
    name, fields = split(written)
    strange = sorted(fields.keys() - FIELDS[name])
    if strange:
        raise ValueError(f"unknown field {strange[0]!r} of {name}")
    given = {key: value for key, value in fields.items() if value is not None}
    match name:
        case "new":
            return _new(given, names)
        case "cancel":
            return o.Cancel(names.number(given["id"]))
        case "replace":
            return o.Replace(names.number(given["id"]), _whole(given, "qty"), _whole(given, "price"))
        case "phase":
            return o.PhaseTo(read_phase(given["to"]), on=_whole(given, "on") or 0)
        case "uncross":
            to = given.get("to")
            return o.Uncross(None if to is None else read_phase(to), bool(given.get("forced", False)))
        case "mass_cancel":
            side = given.get("side")
            return o.MassCancel(
                names.owner(given["member"]) if "member" in given else None,
                names.owner(given["group"]) if "group" in given else None,
                None if side is None else SIDES[side],
            )
        case "bands":
            return o.Bands(**{key: whole(value) for key, value in given.items()})
    return o.Settlement(whole(given["price"]))


def read_phase(name: str) -> Phase:
    """Give the phase of a name; a `call` is the opening one.

    >>> read_phase("call"), read_phase("halt")
    (<Phase.OPENING_CALL: 2>, <Phase.HALT: 7>)
    """
    return Phase.OPENING_CALL if name.lower() == "call" else Phase[name.upper()]


def wanted_phases(name: str) -> frozenset[Phase]:
    """Give the phases that an expectation may mean; `call` is any of the three."""
    return CALLS if name.lower() == "call" else frozenset({read_phase(name)})


def _new(given: dict[str, Any], names: Names) -> o.NewOrder:
    stp = given.get("stp")
    return o.NewOrder(
        order_id=names.number(given["id"]),
        side=SIDES[given["side"]],
        quantity=whole(given["qty"]),
        price=_whole(given, "price"),
        type=o.Type[given.get("type", "limit").upper()],
        tif=o.Tif[given.get("tif", "gtc").upper()],
        stop=_whole(given, "stop"),
        peak=_whole(given, "peak"),
        post_only=bool(given.get("post_only", False)),
        aon=bool(given.get("aon", False)),
        member=names.owner(given.get("member")),
        group=names.owner(given.get("group")),
        stp=None if stp is None else SelfTrade[stp.upper()],
        until_on=_whole(given, "until") or 0,
    )


def _whole(given: dict[str, Any], key: str) -> int | None:
    return whole(given[key]) if key in given else None
