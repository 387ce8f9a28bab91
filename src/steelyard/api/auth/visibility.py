"""What a caller may see: the one place that says so. What he may not see answers as if it were not there."""

from typing import NamedTuple

from steelyard.api.auth.caller import Caller
from steelyard.api.problems import ProblemError
from steelyard.members.rights import Scope
from steelyard.members.state import Members
from steelyard.storage.queries import Filter

Views = list[list[Filter]]
"""A list is the union of these; rows of each pass all its filters. No view at all: nothing is seen."""


class View(NamedTuple):
    """The owners whose things a caller sees; None for everybody's."""

    owners: tuple[str, ...] | None

    def sees(self, *owners: str) -> bool:
        """Tell whether a thing of any of these owners is seen."""
        return self.owners is None or any(owner in self.owners for owner in owners)

    def need(self, *owners: str) -> None:
        """Raise not-found where a thing of these owners is not seen."""
        if not self.sees(*owners):
            raise ProblemError("not-found")

    def of(self, *columns: str) -> Views:
        """Give the views of a list whose rows belong to the owners named in these columns."""
        if self.owners is None:
            return [[]]
        return [[(column, "in", self.owners)] for column in columns]


def view_of(caller: Caller, members: Members) -> View:
    """Give what a caller's reading reaches: its own, its member's, or the whole network's."""
    reach = caller.reach
    if reach is Scope.NETWORK:
        return View(None)
    if reach is Scope.OWN_MEMBER:
        home = members.home(caller.owner)
        others = sorted(bic for bic, one in members.participants.items() if one.member == home and home)
        agents = sorted(bic for bic, one in members.agents.items() if one.code == home)
        return View(tuple(dict.fromkeys((caller.owner, *agents, *others))))
    return View((caller.owner,)) if reach is not None else View(())


def payment_views(view: View) -> Views:
    """Give the views of payments: the payer's side sees all of its own, the payee's side what reached it.

    A creditor agent learns of a payment when it is offered or settles: then there is a bundle. One that is
    held, waits, or was refused before stays unknown to it.
    """
    if view.owners is None:
        return [[]]
    return [
        [("debtor_agent", "in", view.owners)],
        [("creditor_agent", "in", view.owners), ("bundle_id", "!=", b"")],
    ]


def sees_payment(view: View, *, debtor_agent: str, creditor_agent: str, has_bundle: bool) -> bool:
    """Tell whether one payment is seen."""
    return view.sees(debtor_agent) or (has_bundle and view.sees(creditor_agent))
