"""The tables of the projection: what the journal says, laid out for questions.

Everything here is a function of the journal's rows and can be made anew at any time. `key` is a command's
place, `seq << 20 | position`, so that it sorts as the journal does; `n` numbers facts or notices of one
outcome. Instants are ns since 1970 UTC, dates days since 1970-01-01, ids bytes, amounts minor units;
lists of facts (fees, hops) are JSON text. Legs lie in segments of their own (`segments.py`).

Tables that grow without end and are only added to have few indexes; each must pay for itself.
"""

from steelyard.storage.tables import (
    auctions,
    batches,
    clearing,
    credit,
    directory,
    exchange,
    forwards,
    funds,
    journal,
    market,
    payments,
    prices,
    tenders,
    titles,
)
from steelyard.storage.tables.base import COUNTER, PROJECTION
from steelyard.storage.tables_access import LONG

NOUNS = (
    auctions,
    batches,
    clearing,
    credit,
    directory,
    exchange,
    forwards,
    funds,
    journal,
    market,
    payments,
    prices,
    tenders,
    titles,
)
"""Every file of tables there is; what declares its tables in `PROJECTION` by being read."""

__all__ = ["COUNTER", "LONG", "NOUNS", "PROJECTION"]
