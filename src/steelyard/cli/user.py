"""`steelyard user`: the persons and system keys that act for an owner."""

from typing import Annotated

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

app = App(name="user", help="List, add and revoke persons and system keys.", version_flags=())

COLUMNS = (
    ("actor", "actor"), ("owner", "owner"), ("kind", "kind"), ("roles", "roles"), ("state", "state"),
    ("holder", "holder"),
)  # fmt: skip
Roles = Annotated[list[str], Parameter(name=["--role"], negative=())]


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List the persons and system keys that one sees."""
    with node(common) as (client, out):
        out.rows(client.directory.persons(limit=1_000), COLUMNS)
    return DONE


@app.command
def me(*, common: Common = NOTHING_GIVEN) -> int:
    """Tell who one is to the node, and what one may do."""
    with node(common) as (client, out):
        out.item(client.directory.me())
    return DONE


@app.command
def add(
    actor: str,
    /,
    *,
    owner: str,
    role: Roles,
    holder: str | None = None,
    human: str = "",
    public_key: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Let a person (p-…) or a system (k-…) act for an owner.

    A person gets a one-time code to enrol with, shown this once.

    Parameters
    ----------
    actor
        Id of the person or system key.
    owner
        For whom: a BIC, or operator.
    role
        A role; may stand several times.
    holder
        The person who answers for a system key.
    human
        What tells this human from others, such as a staff number; kept as a keyed digest alone.
    public_key
        Ed25519 public key, in hex.
    """
    if actor.startswith("k-") != (holder is not None):
        end("--holder names the person who answers for a system key, and belongs to nothing else", USAGE)
    with node(common) as (client, out):
        try:
            if holder is not None:
                key = client.network.add_system_key(actor, owner, role, holder, public_key=public_key)
                return told.done(out, key)
            found = client.network.add_person(actor, owner, role, human=human, public_key=public_key)
        except ValueError as error:
            end(str(error), USAGE)
        code = told.done(out, found)  # type: ignore[arg-type]
        if found.code and not out.json:
            print(f"enrolment code\t{found.code}\nholds until\t{found.code_expires_at}")
        return code


@app.command
def roles(actor: str, /, *, role: Roles, common: Common = NOTHING_GIVEN) -> int:
    """Set an actor's roles from now on.

    Parameters
    ----------
    actor
        The person or system key.
    role
        A role; may stand several times.
    """
    with node(common) as (client, out):
        try:
            return told.done(out, client.network.set_roles(actor, role))
        except ValueError as error:
            end(str(error), USAGE)


@app.command
def revoke(actor: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Let a person or system act no more.

    Parameters
    ----------
    actor
        The person or system key.
    reason
        Why, in few words.
    """
    with node(common) as (client, out):
        return told.done(out, client.network.revoke(actor, reason=reason))
