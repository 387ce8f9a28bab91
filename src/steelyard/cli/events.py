"""`steelyard events`: what happens, as it happens."""

from itertools import islice
from typing import Annotated

from cyclopts import Parameter

from steelyard.cli.output import shown
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node


def events(
    *,
    after: str | None = None,
    types: Annotated[str | None, Parameter(name=["--type"])] = None,
    count: Annotated[int, Parameter(name=["--count", "-n"])] = 0,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Follow what happens and concerns oneself, until interrupted.

    Parameters
    ----------
    after
        Id of the event to begin after; without it, from now on.
    types
        Of these types alone, such as payment.settled,payment.rejected.
    count
        End after so many; 0 for never.
    """
    import msgspec

    with node(common) as (client, out):
        for one in islice(client.events.stream(after=after, types=types), count or None):
            if out.json:
                print(msgspec.json.encode(one).decode(), flush=True)
            else:
                print(one.id, one.at, one.type, shown(one.subject), sep="\t", flush=True)
    return DONE
