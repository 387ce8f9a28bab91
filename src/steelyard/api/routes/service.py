"""The node about itself: health, readiness, figures, status, problems and the address book of routes."""

from html import escape

import msgspec

from steelyard.api import problems, refusals, wire
from steelyard.api.call import Call, Reply, tell
from steelyard.api.problems import ProblemError
from steelyard.api.route import HTML, JSON, PUBLIC, TEXT, Route
from steelyard.client.types import MemberStatus, Status
from steelyard.members.calendars import CUSTOMER
from steelyard.members.members import MemberState


async def live(call: Call) -> Reply:
    """Say that the process answers."""
    return tell({"live": True})


async def ready(call: Call) -> Reply:
    """Say whether the node takes commands, or why not."""
    found = await call.gateway.read("health")
    report = found.decoded(dict)
    why = list(report.get("faults", []))
    if call.gateway.link.stopping:
        why.append("the node is stopping")
    return tell({"ready": not why, "why": why}, status=503 if why else 200)


async def health(call: Call) -> Reply:
    """Give the node's health as it sees it."""
    found = await call.gateway.read("health")
    return tell(found.decoded(dict))


async def metrics(call: Call) -> Reply:
    """Give the figures of this gateway and of the node in the text form of Prometheus."""
    found = await call.gateway.read("metrics")
    text = call.gateway.figures.text() + str(found.decoded(str))
    return Reply(200, text.encode(), "text/plain; version=0.0.4")


async def status(call: Call) -> Reply:
    """Say how the node and its members are, to everybody."""
    directory, gateway = call.directory, call.gateway
    at = await gateway.fresh_now()
    report = (await gateway.read("health")).decoded(dict)
    return tell(
        Status(
            network_id=directory.network.network_id,
            hub_bic=directory.network.hub_bic,
            profile=gateway.config.profile,
            at=wire.at_text(at),
            seq=report["watermark"],
            applied_seq=report["applied_seq"],
            clock=directory.network.clock,
            members=[member_status(call, code, at) for code in sorted(directory.members.members)],
        )
    )


def member_status(call: Call, code: str, at: int) -> MemberStatus:
    """Say whether a member's currency is open now."""
    member, calendars = call.directory.members.members[code], call.directory.calendars
    opens, closes = (ask(member.asset, CUSTOMER, at) for ask in (calendars.opens_at, calendars.closes_at))
    is_open = member.state is MemberState.ACTIVE and opens == at
    return MemberStatus(
        code=code,
        asset=member.asset,
        state=member.state.value,
        open=is_open,
        closes_at=wire.at_or_none(closes) if is_open else None,
        opens_at=None if is_open else wire.at_or_none(opens),
    )


async def problem_page(call: Call) -> Reply:
    """Explain a kind of problem."""
    kind = problems.BY_SLUG.get(call.path_params["slug"])
    if kind is None:
        raise ProblemError("not-found")
    about = {"type": f"/problems/{kind.slug}", "title": kind.title, "status": kind.status,
             "explanation": kind.explanation, "retryable": kind.retryable}  # fmt: skip
    return _page(call, kind.slug, kind.title, kind.explanation, about)


async def refusal_page(call: Call) -> Reply:
    """Explain a refusal: the rule that was broken."""
    name = call.path_params["name"]
    found = refusals.BY_NAME.get(name)
    if found is None:
        raise ProblemError("not-found")
    _, iso = wire.refusal(found.code)
    title, sentence = refusals.title(found), refusals.sentence(found)
    about = {"type": f"/problems/refusals/{name}", "title": title, "detail": sentence, "code": name,
             "number": found.code, "rule": found.rule, "iso_code": iso}  # fmt: skip
    return _page(call, name, f"{title} ({name}, {found.code})", f"{sentence}.", about)


async def problem_list(call: Call) -> Reply:
    """List every kind of problem and every refusal."""
    return tell(
        {
            "problems": [f"/problems/{kind.slug}" for kind in problems.KINDS],
            "refusals": [f"/problems/refusals/{name}" for name in refusals.BY_NAME],
        }
    )


def _page(call: Call, name: str, title: str, words: str, about: dict[str, object]) -> Reply:
    if not call.accepts(HTML):
        return Reply(200, msgspec.json.encode(about), JSON)
    text = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(name)}</title>"
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p>"
    )
    return Reply(200, text.encode(), f"{HTML}; charset=utf-8")


ROUTES = (
    Route("GET", "/health", PUBLIC, health, "Health of the node"),
    Route("GET", "/health/live", PUBLIC, live, "Whether the process answers"),
    Route("GET", "/health/ready", PUBLIC, ready, "Whether the node takes commands"),
    Route("GET", "/metrics", PUBLIC, metrics, "Figures for Prometheus", tells=(TEXT,)),
    Route("GET", "/v1/status", PUBLIC, status, "Status of the network and its members", told=Status),
    Route("GET", "/problems", PUBLIC, problem_list, "All kinds of problems and refusals"),
    Route(
        "GET", "/problems/{slug}", PUBLIC, problem_page, "What a kind of problem means", tells=(JSON, HTML)
    ),
    Route(
        "GET", "/problems/refusals/{name}", PUBLIC, refusal_page, "What a refusal means", tells=(JSON, HTML)
    ),
)
