"""`steelyard participant`: who takes part."""

from typing import Annotated

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, Switch, node

app = App(
    name="participant", help="List participants; enter, admit, suspend and lift them.", version_flags=()
)

COLUMNS = (
    ("bic", "bic"), ("name", "name"), ("member", "member"), ("state", "state"), ("provider", "provider"),
    ("sends", "sends"), ("receives", "receives"), ("currencies", "currencies"),
)  # fmt: skip
Many = Annotated[list[str] | None, Parameter(negative=())]


@app.command(name="list")
def list_(*, member: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List the participants.

    Parameters
    ----------
    member
        Of this member alone.
    """
    with node(common) as (client, out):
        out.rows(client.directory.participants(member=member, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(bic: str, /, *, settings: Switch = False, common: Common = NOTHING_GIVEN) -> int:
    """Show a participant.

    Parameters
    ----------
    bic
        The participant.
    settings
        What it has set for itself.
    """
    with node(common) as (client, out):
        out.item(client.network.settings(bic).value if settings else client.directory.participant(bic))
    return DONE


@app.command
def add(
    bic: str,
    /,
    *,
    member: str,
    name: str,
    lei: str | None = None,
    provider: Switch = False,
    currency: Many = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Enter an applicant; admit and let-in follow.

    Parameters
    ----------
    bic
        The applicant.
    member
        Code of its member.
    name
        Its name.
    lei
        Its LEI.
    provider
        It quotes exchange rates.
    currency
        A currency it asks to hold; may stand several times.
    """
    from steelyard.client.acts import ParticipantAsked

    fields = {
        "bic": bic, "member": member, "name": name, "lei": lei, "provider": provider, "currencies": currency or [],
    }  # fmt: skip
    asked = made(ParticipantAsked, fields)
    with node(common) as (client, out):
        return told.done(out, client.network.enter_participant(asked))


@app.command
def admit(bic: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Admit an applicant to testing.

    Parameters
    ----------
    bic
        The applicant.
    """
    return _moved(bic, "admit", "", common)


@app.command
def refuse(bic: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Turn an applicant away.

    Parameters
    ----------
    bic
        The applicant.
    reason
        Why, in few words.
    """
    return _moved(bic, "refuse", reason, common)


@app.command
def let_in(bic: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Let a participant in that has passed its tests.

    Parameters
    ----------
    bic
        The participant.
    """
    return _moved(bic, "let_in", "", common)


@app.command
def suspend(
    bic: str, /, *, sending_only: Switch = False, reason: str = "", common: Common = NOTHING_GIVEN
) -> int:
    """Suspend a participant.

    Parameters
    ----------
    bic
        The participant.
    sending_only
        It may still receive.
    reason
        Why, in few words.
    """
    with node(common) as (client, out):
        return told.done(out, client.network.suspend(bic, sending_only=sending_only, reason=reason))


@app.command
def lift(bic: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Lift a suspension.

    Parameters
    ----------
    bic
        The participant.
    reason
        Why, in few words.
    """
    return _moved(bic, "lift", reason, common)


@app.command
def leave(bic: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Leave the network, as the participant itself.

    Parameters
    ----------
    bic
        The participant.
    reason
        Why, in few words.
    """
    return _moved(bic, "leave", reason, common)


@app.command(name="set")
def set_(
    bic: str,
    /,
    *,
    accept: Many = None,
    line: Many = None,
    best_quote: bool | None = None,
    requote_tolerance_bp: int | None = None,
    outside_hours: str | None = None,
    reports_credit: bool | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Change one's own settings; what is left out stays.

    Parameters
    ----------
    bic
        Oneself.
    accept
        Take payments in an asset without an offer up to an amount: AED:1000.00, AED:any, AED:none.
    line
        Let one's own orders take two people above an amount: AED:1000.00, AED:none.
    best_quote
        Take the best quote where a payment names none.
    requote_tolerance_bp
        How much dearer a new quote may be than one that died, in hundredths of a percent.
    outside_hours
        Payments outside the hours: next_day or refuse.
    reports_credit
        Whether one reports that payees have their money.
    """
    from steelyard.client.acts import Settings

    fields = {
        "accepts": _pairs(accept), "lines": _pairs(line), "best_quote": best_quote,
        "requote_tolerance_bp": requote_tolerance_bp, "outside_hours": outside_hours,
        "reports_credit": reports_credit,
    }  # fmt: skip
    asked = made(Settings, fields)
    with node(common) as (client, out):
        version = client.network.settings(bic).version
        return told.done(out, client.network.change_settings(bic, asked, version))


def _pairs(words: list[str] | None) -> dict[str, str | None] | None:
    if words is None:
        return None
    pairs = (word.partition(":") for word in words)
    return {asset: None if value in ("", "none") else value for asset, _, value in pairs}


def _moved(bic: str, step: str, reason: str, common: Common) -> int:
    with node(common) as (client, out):
        return told.done(out, client.network.move_participant(bic, step, reason=reason))
