"""`steelyard fund`, `redeem`, `issue`: money in and out."""

from steelyard.cli import told
from steelyard.cli.reading import money
from steelyard.cli.session import NOTHING_GIVEN, Common, node


def fund(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Ask to bring money in: it is issued here once the settlement agent advises that it is locked outside.

    Parameters
    ----------
    amount
        How much, such as 'INR 7350.00'.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.funds.ask(asked))


def redeem(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take money out: it is set aside, paid outside by the RTGS, and then given back to the settlement agent.

    Parameters
    ----------
    amount
        How much, such as 'INR 7350.00'.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.redemptions.ask(asked))


def issue(participant: str, amount: str, /, *, reference: str, common: Common = NOTHING_GIVEN) -> int:
    """Issue money by hand, as settlement agent; above its own line this takes a second person.

    Parameters
    ----------
    participant
        BIC of who gets it.
    amount
        How much, such as 'INR 7350.00'.
    reference
        Outside reference of the money that is locked.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.funds.issue(participant, asked, reference))
