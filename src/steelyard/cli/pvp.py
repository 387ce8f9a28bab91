"""`steelyard pvp`: where members of the PvP queue stand; terms and pay-ins, for settlement agents."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(
    name="pvp", help="Show where members of the PvP queue stand; set terms and pay-ins.", version_flags=()
)

COLUMNS = (
    ("participant", "participant"), ("currency", "currency"), ("position", "position"), ("limit", "limit"),
    ("usable", "usable"), ("aggregate", "aggregate"), ("free", "free"), ("overdue", "overdue"),
)  # fmt: skip


@app.command(name="list")
def list_(
    *, participant: str | None = None, currency: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """List where members stand, per currency: one's own, as settlement agent one's banks' too.

    Parameters
    ----------
    participant
        Of this participant.
    currency
        In this currency.
    """
    with node(common) as (client, out):
        out.rows(client.pvp.list(participant=participant, currency=currency, limit=1_000), COLUMNS)
    return DONE


@app.command
def terms(
    participant: str,
    currency: str,
    /,
    *,
    short: str = "0",
    haircut_bp: int = 1_000,
    aggregate: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Say how far a participant may be short of one's currency; what lets it be shorter takes two people.

    Parameters
    ----------
    participant
        BIC of the participant.
    currency
        Code of one's own currency.
    short
        How far below zero, such as 1000000.00.
    haircut_bp
        By how much holdings of the currency count less, and what is short of it more, in basis points.
    aggregate
        Enrols a bank of one's own member: the most it may be short in all.
    """
    from steelyard.client.pvp import PvpTermsAsked

    fields = {
        "participant": participant, "currency": currency, "short": short, "haircut_bp": haircut_bp,
        "aggregate": aggregate,
    }  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.pvp.set_terms(made(PvpTermsAsked, fields)))


@app.command(name="pay-ins")
def pay_ins(participant: str, currency: str, /, *, step: list[str], common: Common = NOTHING_GIVEN) -> int:
    """Fix by when a bank of one's own member pays in what it is short now.

    Parameters
    ----------
    participant
        BIC of the bank.
    currency
        Code of one's own currency.
    step
        Time and share in basis points of the whole, summed up, such as 2026-11-24T09:00:00Z=5000; up to five.
    """
    from steelyard.client.pvp import PayInsAsked

    steps = []
    for words in step:
        due_at, _, share = words.partition("=")
        steps.append({"due_at": due_at, "share_bp": int(share) if share.isdigit() else -1})
    asked = made(PayInsAsked, {"participant": participant, "currency": currency, "steps": steps})
    with node(common) as (client, out):
        return told.done(out, client.pvp.set_pay_ins(asked))
