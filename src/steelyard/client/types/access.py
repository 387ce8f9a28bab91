"""The shapes of keys, sessions and the sandbox's clock."""

from typing import Annotated

from msgspec import Meta

from steelyard.client.types.base import Asked, Told


class ApiKeyAsked(Asked):
    """A key to make. Without scopes it may do all that its holder may."""

    holder: Annotated[str, Meta(pattern=r"^[pk]-[A-Za-z0-9-]{1,40}$(?!\n)")] | None = None
    label: Annotated[str, Meta(max_length=70)] = ""
    scopes: list[Annotated[str, Meta(pattern=r"^[a-z_.*]{1,40}$(?!\n)")]] = []
    addresses: list[Annotated[str, Meta(max_length=50)]] = []
    days: Annotated[int, Meta(ge=1, le=400)] = 90


class ApiKeyShown(Told):
    """A key without its secret; `key` is there once, in the answer that made it."""

    id: str
    owner: str
    holder: str
    label: str
    scopes: list[str]
    addresses: list[str]
    created_at: str
    expires_at: str
    state: str
    key: str | None = None


class LogInAsked(Asked):
    """What a person of the staff logs in with."""

    person: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    code: Annotated[str, Meta(max_length=32)] = ""
    """The six digits of the authenticator, or a recovery code"""


class StepUpAsked(Asked):
    """What a person logs in with once more."""

    password: Annotated[str, Meta(min_length=1, max_length=256)]
    code: Annotated[str, Meta(max_length=32)] = ""


class EnrolAsked(Asked):
    """The first coming in of a person: a one-time code, and the password from now on."""

    code: Annotated[str, Meta(min_length=8, max_length=64)]
    password: Annotated[str, Meta(min_length=12, max_length=256)]


class Enrolled(Told):
    """What an enrolment gives, shown once: the secret for the authenticator and recovery codes."""

    person: str
    owner: str
    totp_secret: str
    totp_address: str
    recovery_codes: list[str]


class SessionShown(Told):
    """A running session. `csrf` goes into the header `Steelyard-Csrf` of every change."""

    person: str
    owner: str
    roles: list[str]
    csrf: str
    expires_at: str
    idle_until: str


class AdvanceAsked(Asked):
    """Where to move a simulated clock: `cut_off`, `next_business_day`, an instant, or a span such as PT15M.

    `next_business_day` is the first time at which the currencies of all active members are open together, on a
    later business day of each.
    """

    to: Annotated[str, Meta(min_length=1, max_length=40)]


class Advanced(Told):
    """Where the simulated clock stands now."""

    at: str
    seq: int
