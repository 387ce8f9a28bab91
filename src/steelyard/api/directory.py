"""The gateway's copy of what the state says about who takes part, decoded once for each version of it.

It serves authentication, the scales of amounts, visibility and the checks of messages. What decides about
money is the state itself: a copy that is a moment old can only turn away or let through what the state
then decides anew.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from steelyard.flows.world import Head, Network
from steelyard.iso20022.context import MESSAGE_ROUTE, Limits
from steelyard.iso20022.context import Context as IsoContext
from steelyard.iso20022.context import Participant as IsoParticipant
from steelyard.iso20022.lexical import full_bic
from steelyard.iso20022.profiles import PROFILES, builtin
from steelyard.members.calendars import Calendars
from steelyard.members.participants import ParticipantState
from steelyard.members.state import Members
from steelyard.node.link import Context
from steelyard.packs.reference import reference
from steelyard.values.calendars import Calendar, is_business
from steelyard.values.instants import SECOND

HUB = next(profile for profile in PROFILES if profile is builtin("hub"))
OTHERS = tuple(profile for profile in PROFILES if profile.name == "cbpr")
_GONE = (
    ParticipantState.SUSPENDED,
    ParticipantState.CLOSED,
    ParticipantState.APPLIED,
    ParticipantState.TESTING,
)


class AssetRow(Struct, frozen=True):
    """One asset as the engine has it."""

    asset_no: int
    code: str
    asset_class: str
    scale: int
    issuer: str
    state: str


class _Days:
    """Open days of a currency, as the rules about settlement dates ask for them."""

    __slots__ = ("_calendar",)

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def is_open(self, day: int) -> bool:
        """Tell whether money of the currency moves on a day."""
        return is_business(self._calendar, day)


class Directory:
    """One version of the copy."""

    def __init__(self, context: Context) -> None:
        self.version = context.version
        self.at_ns = context.at_ns
        self.network: Network = msgspec.msgpack.decode(context.sections["world"], type=Head).network
        self.members = Members.decode(context.sections["members"])
        self.calendars = Calendars.decode(context.sections["calendars"])
        self.assets = {row[1]: AssetRow(*row) for row in context.assets}
        self.by_no = {row.asset_no: row for row in self.assets.values()}
        self.scales: Mapping[str, int] = {code: row.scale for code, row in self.assets.items()}
        self.currencies = frozenset(
            row.code for row in self.assets.values() if row.asset_class == "CURRENCY" and row.state == "open"
        )
        self._participants = self._iso_participants()
        self._asset_of: dict[int, str] = {}
        self._second = 0
        self._contexts: dict[tuple[str | None, Limits], IsoContext] = {}

    def asset_of_account(self, account_no: int) -> str:
        """Give the asset of an account that serves a purpose of somebody, empty where none is known."""
        if not self._asset_of:
            self._asset_of.update({row[3]: row[2] for row in self.members.accounts.rows()})
        return self._asset_of.get(account_no, "")

    def scale(self, asset: str) -> int:
        """Give the digits of an asset's minor unit, 0 for one that is not known here."""
        return self.scales.get(asset, 0)

    def context(self, sender: str | None, now_at: int, limits: Limits = MESSAGE_ROUTE) -> IsoContext:
        """Give what the check of a message may know; made anew once a second for each sender."""
        second = now_at // SECOND
        if second != self._second:
            self._contexts.clear()
            self._second = second
        found = self._contexts.get((sender, limits))
        if found is None:
            found = self._contexts[(sender, limits)] = self._context(sender, now_at, limits)
        return found

    def _context(self, sender: str | None, now_at: int, limits: Limits) -> IsoContext:
        days = {code: _Days(self.calendars.of(code, now_at)) for code in self.calendars.assets()}
        dates = [self.calendars.today(code, now_at) for code in self.currencies]
        known = [on for on in dates if on is not None]
        return IsoContext(
            now_at,
            min(known, default=now_at // (86_400 * SECOND)),
            self.network.hub_bic,
            HUB,
            reference(),
            self._participants,
            self.currencies,
            clearing_system=("proprietary", self.network.hub_bic[:4]),
            calendars=days,
            sender=sender,
            limits=limits,
            others=OTHERS,
            node_prefix=self.network.node_prefix[:6] or "HUB",
        )

    def _iso_participants(self) -> dict[str, IsoParticipant]:
        found = {
            full_bic(one.bic): IsoParticipant(one.bic, one.state not in _GONE)
            for one in self.members.participants.values()
        }
        for bic in self.members.agents:
            found.setdefault(full_bic(bic), IsoParticipant(bic))
        return found
