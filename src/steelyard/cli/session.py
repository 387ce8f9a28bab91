"""What every command that talks to a node shares: its options, the client, and how trouble ends a command.

Each option may come from three places: flag, environment (STEELYARD_URL, STEELYARD_KEY, STEELYARD_KEY_FILE,
STEELYARD_USE) or the file of profiles, `~/.config/steelyard/profiles.toml`, in which a table names a node:

    [ghaf]
    url = "https://node.example"
    key_file = "ghaf.key"        # relative to this file; readable by its owner alone
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from cyclopts import Group, Parameter

from steelyard.cli.output import Output
from steelyard.cli.wording import NO_OPTIONS, Options, said

if TYPE_CHECKING:
    from steelyard.client import ClientError, Key, Steelyard

DONE, REFUSED, USAGE, NOT_DUE, UNKNOWN, UNREACHED, INTERRUPTED = 0, 1, 2, 3, 5, 6, 130
DEFAULT_URL = "http://127.0.0.1:8080"
_GROUP = Group("Node and output", sort_key=9)

Switch = Annotated[bool, Parameter(negative=())]


@Parameter(name="*", group=_GROUP)
@dataclass(frozen=True)
class Common:
    """Options of every command that talks to a node.

    Parameters
    ----------
    url
        Address of the node: http://host:port, https://host, or unix:/path.
    key
        API key; better kept in a file that --key-file, or a profile, names.
    key_file
        File with the API key, readable by its owner alone.
    profile
        Name of a node in ~/.config/steelyard/profiles.toml.
    idempotency_key
        Key of an earlier try whose outcome is unknown: the same again under it is safe.
    json
        Print one JSON object, or one a line for lists.
    quiet
        Print results only: no headings, no hints, no progress.
    no_colour
        Print without colours.
    """

    url: str | None = None
    key: str | None = None
    key_file: Path | None = None
    profile: str | None = None
    idempotency_key: str | None = None
    json: Switch = False
    quiet: Switch = False
    no_colour: Annotated[bool, Parameter(name=["--no-colour", "--no-color"], negative=())] = False

    @property
    def output(self) -> Output:
        """How results are printed."""
        return Output(json=self.json, quiet=self.quiet, colour=not self.no_colour)


NOTHING_GIVEN = Common()


def end(text: str, code: int) -> NoReturn:
    """End the command with one line on standard error."""
    print(f"steelyard: {' '.join(text.split())}", file=sys.stderr)
    raise SystemExit(code)


@contextmanager
def node(
    common: Common, *, deadline_s: float = 15.0, options: Options = NO_OPTIONS
) -> Iterator["tuple[Steelyard, Output]"]:
    """Give a client of the node and where to print; what goes wrong ends the command with its exit code."""
    from steelyard.client import AddressError, ClientError, KeyFault, Refused, Resend, Steelyard
    from steelyard.client.errors import KeyIsMalformed

    resend = Resend(deadline_s=deadline_s, reach_s=1.0)
    try:
        url, key = where(common)
        with Steelyard(url, key=key, resend=resend, fresh=True) as client:
            client.core.first_key = common.idempotency_key
            yield client, common.output
    except Refused as refused:
        end(f"refused: {refused.code}: {refused.reason}{_iso(refused.iso)}", REFUSED)
    except (AddressError, KeyFault, KeyIsMalformed) as fault:
        end(str(fault), USAGE)
    except ClientError as error:
        end(*trouble(error, options))


def where(common: Common) -> "tuple[str, Key | None]":
    """Give the node's address and the key: of a flag, else the environment, else the profile."""
    from steelyard.client import Key

    profile = _profile(common.profile or os.environ.get("STEELYARD_USE", ""))
    url = common.url or os.environ.get("STEELYARD_URL") or profile.get("url") or DEFAULT_URL
    given = common.key or ("" if common.key_file else os.environ.get("STEELYARD_KEY", ""))
    if given:
        return url, Key(given)
    file = common.key_file or os.environ.get("STEELYARD_KEY_FILE") or profile.get("key_file")
    return url, Key.load(file) if file else None


def _profile(name: str) -> dict[str, Any]:
    """Read a table of the file of profiles, `default` where none is named and there is one."""
    import tomllib

    file = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "steelyard" / "profiles.toml"
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        tables = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        end(f"{file} cannot be read: {error}", USAGE)
    found = tables.get(name or "default", {})
    if name and not found:
        end(f"there is no profile {name} in {file}", USAGE)
    unknown = sorted(set(found) - {"url", "key_file"}) if isinstance(found, dict) else ["a table is needed"]
    if unknown:
        end(f"{file}: {name or 'default'}: {unknown[0]} is no part of a profile: url, key_file", USAGE)
    if "key_file" in found:
        found["key_file"] = file.parent / Path(found["key_file"]).expanduser()
    return dict(found)


def trouble(error: "ClientError", options: Options = NO_OPTIONS) -> tuple[str, int]:
    """Give the line that says what went wrong, with a hint, and the exit code."""
    from steelyard.client import OutcomeUnknown, ProblemError, Unreachable

    if isinstance(error, Unreachable):
        return f"node not reached: {error} (hint: is it running there? --url names another)", UNREACHED
    if isinstance(error, OutcomeUnknown):
        again = f" (hint: the same again with --idempotency-key {error.key} is safe)" if error.key else ""
        return f"outcome unknown: {error}{again}", UNKNOWN
    if isinstance(error, ProblemError):
        hint = HINTS.get(error.code) or HINTS.get(error.problem.type.rpartition("/")[2], "")
        doubt = UNKNOWN if error.in_doubt else None
        problem, text = error.problem, str(error)
        if problem.detail and error.code == "not-found":
            hint = ""  # it says itself what is not there
        if options and problem.errors:
            text = f"{problem.code}: {problem.title}: {said(problem.errors, options)}"
        return f"{text}{f' (hint: {hint})' if hint else ''}", doubt or code_of(error.status)
    return str(error), UNREACHED


HINTS = {
    "not-authenticated": "--key-file, STEELYARD_KEY_FILE, STEELYARD_KEY or a profile names an API key",
    "key-unknown": "a key is known to the node that made it alone; `steelyard serve` makes new ones at every start",
    "not-allowed": "the key's holder needs the role for this; see docs/reference/rights.md",
    "not-found": "what is not yours looks as if it were not there",
    "version-is-stale": "read it again and decide anew",
    "node-is-busy": "try again in a moment",
    "projection-lags": "try again in a moment",
    "outcome-unknown": "ask for it by its UETR or id",
    "step-up-needed": "this takes a person who is logged in",
}


def code_of(status: int) -> int:
    """Give the exit code of a problem's status."""
    if status in (401, 403, 429, 502, 503):
        return UNREACHED
    if status in (500, 504):
        return UNKNOWN
    return REFUSED if status in (409, 412, 428) else USAGE


def _iso(code: str | None) -> str:
    return f" [{code}]" if code else ""
