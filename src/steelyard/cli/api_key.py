"""`steelyard api-key`: keys of scripts, over the API, or with --node in the folder of a node on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from steelyard.cli.output import Output
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, USAGE, Common, end
from steelyard.cli.session import node as connected

if TYPE_CHECKING:
    from steelyard.node.config import Config
    from steelyard.storage.access import Access, ApiKey

app = App(name="api-key", help="Make, list and revoke API keys.", version_flags=())

COLUMNS = (
    ("id", "id"), ("owner", "owner"), ("holder", "holder"), ("label", "label"), ("scopes", "scopes"),
    ("addresses", "addresses"), ("created", "created_at"), ("expires", "expires_at"), ("state", "state"),
)  # fmt: skip
Many = Annotated[list[str] | None, Parameter(negative=())]
Node = Annotated[Path | None, Parameter(name=["--node"])]


@app.command
def new(
    *,
    holder: str | None = None,
    label: str = "",
    scope: Many = None,
    address: Many = None,
    days: int = 90,
    save: Path | None = None,
    node: Node = None,
    owner: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Make a key. It is shown this once, or goes into a file.

    Parameters
    ----------
    holder
        The person (p-…) or system key (k-…) it acts as; without it, oneself.
    label
        What it is for.
    scope
        An action it may do, such as read; may stand several times. Without any: all its holder may.
    address
        An address or network it may be used from; may stand several times. Without any: everywhere.
    days
        For how many days it is good, 1 to 400.
    save
        A new file to write the key to instead of showing it.
    node
        Folder of a node on this machine: makes the key there, without the API.
    owner
        With --node: for whom the holder acts, a BIC or operator.
    """
    asked: dict[str, Any] = {"label": label, "scopes": scope or [], "addresses": address or [], "days": days}
    if node is not None:
        return _new_here(node, asked, holder, owner, save, common.output)
    if owner is not None:
        end("--owner goes with --node", USAGE)
    with connected(common) as (client, out):
        found = client.api_keys.new(holder=holder, **asked)
        return _show_new(out, found, save)


@app.command(name="list")
def list_(*, node: Node = None, owner: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List keys, revoked ones too.

    Parameters
    ----------
    node
        Folder of a node on this machine.
    owner
        With --node: whose keys, a BIC or operator.
    """
    if node is None:
        with connected(common) as (client, out):
            out.rows(client.api_keys.list(limit=1_000), COLUMNS)
        return DONE
    if owner is None:
        end("--node needs --owner: whose keys?", USAGE)
    with _store(node) as (_, access):
        common.output.rows([_shown(key) for key in access.keys(owner)], COLUMNS)
    return DONE


@app.command
def revoke(id: str, /, *, node: Node = None, common: Common = NOTHING_GIVEN) -> int:
    """Revoke a key for good; within a second nobody gets in by it.

    Parameters
    ----------
    id
        The key's id, the part after its profile.
    node
        Folder of a node on this machine.
    """
    if node is None:
        with connected(common) as (client, out):
            out.item(client.api_keys.revoke(id), COLUMNS)
        return DONE
    with _store(node) as (_, access):
        if not access.revoke_key(id, _now()):
            end(f"{id} is no key here, or is revoked already", REFUSED)
        key = access.key(id)
        common.output.item(_shown(key) if key else {"id": id}, COLUMNS)
    return DONE


def _new_here(
    folder: Path, asked: dict[str, Any], holder: str | None, owner: str | None, save: Path | None, out: Output
) -> int:
    """Make a key in the folder of a node."""
    from steelyard.api.auth import keys

    if holder is None or owner is None:
        end("--node needs --holder and --owner: for whom does the key act?", USAGE)
    with _store(folder) as (settings, access):
        try:
            made = keys.make(
                env=settings.profile, owner=owner, holder=holder, scopes=tuple(asked["scopes"]),
                addresses=tuple(asked["addresses"]), label=asked["label"], at=_now(), days=asked["days"],
            )  # fmt: skip
        except ValueError as error:
            end(str(error), USAGE)
        access.add_key(made.key)
    from steelyard.client.types import ApiKeyShown

    row = _shown(made.key) | {"key": made.text.reveal()}
    return _show_new(out, ApiKeyShown(**row), save)


def _show_new(out: Output, found: Any, save: Path | None) -> int:
    """Show a new key once, or write it to a file that its owner alone may read."""
    from steelyard.client import Key

    if save is not None and found.key:
        try:
            Key(found.key).save(save)
        except OSError as error:
            end(f"{save} cannot be written ({error.strerror}); revoke key {found.id} and make another", USAGE)
        found.key = None
    if out.json:
        out.item(found)
        return DONE
    out.item(found, COLUMNS)
    print(f"saved\t{save}" if save is not None else f"key\t{found.key}")
    if save is None:
        out.hint("The key is shown this once.")
    return DONE


@contextmanager
def _store(folder: Path) -> Iterator["tuple[Config, Access]"]:
    """Open the access store of a node's folder."""
    from steelyard.cli.node import load
    from steelyard.storage.access import open_access
    from steelyard.storage.database import DatabaseFault
    from steelyard.storage.journal import JournalError

    settings = load(folder)
    try:
        access = open_access(settings.address("access"), profile=settings.commit_profile)
    except (DatabaseFault, JournalError, OSError) as error:
        end(f"the access store of {folder} cannot be opened: {error}", USAGE)
    try:
        yield settings, access
    finally:
        access.close()


def _shown(key: "ApiKey") -> dict[str, Any]:
    from steelyard.values.instants import format_instant

    state = "revoked" if key.revoked_at else "active" if key.holds(_now()) else "expired"
    return {
        "id": key.id, "owner": key.owner, "holder": key.holder, "label": key.label, "scopes": list(key.scopes),
        "addresses": list(key.addresses), "created_at": format_instant(key.created_at),
        "expires_at": format_instant(key.expires_at), "state": state,
    }  # fmt: skip


def _now() -> int:
    import time

    return time.time_ns()
