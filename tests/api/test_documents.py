"""What a browser finds: the explorer, where the bare address leads, what an unknown one answers."""

import html
import json
import re
import shlex

from steelyard.api.route import JSON
from steelyard.api.routes.documents import resources
from steelyard.api.shape_examples import asked
from steelyard.api.table import ROUTES


def test_the_bare_address_leads_to_the_explorer(live):
    front, icon = live.ask("GET", "/", key=None), live.ask("GET", "/favicon.ico", key=None)

    assert (307, "/explorer") == (front.status, front.headers["location"])
    assert (200, True) == (icon.status, icon.body.startswith(b"<svg"))


def test_the_explorer_shows_every_route_once_by_what_it_is_about(live):
    page = live.ask("GET", "/explorer", key=None).body.decode()
    groups = resources(ROUTES)

    assert len(ROUTES) == sum(map(len, groups.values())) == len(re.findall("<tr><td>", page))
    assert {"/v1/payments", "/v1/payments/{uetr}/legs"} <= {line.path for line in groups["payments"]}
    assert ["node", *sorted(set(groups) - {"node"})] == list(groups)
    assert list(groups) == re.findall(r'<h2 id="([^"]+)"', page) == re.findall(r'<a href="#([^"]+)"', page)


def test_every_order_has_an_example_that_a_shell_can_send(live):
    """Its body is the one that the API's description has."""
    page = live.ask("GET", "/explorer", key=None).body.decode()
    shown = [
        html.unescape(text) for text in re.findall(r"<summary>example</summary><pre>(.*?)</pre>", page, re.S)
    ]
    words = [shlex.split(text.replace("\\\n", " ")) for text in shown]
    (order,) = (one for one in words if one[3] == "$NODE/v1/orders")

    assert len(shown) == sum(line.asked is not None and JSON in line.asks for line in ROUTES)
    line = next(line for line in ROUTES if (line.method, line.path) == ("POST", "/v1/orders"))
    assert ["curl", "-X", "POST"] == order[:3]
    assert "Idempotency-Key: $(uuidgen)" in order
    assert asked(line, JSON) == json.loads(order[-1])


def test_an_unknown_address_has_a_request_id(live):
    """So that who asks can name the request, as with any other problem."""
    first, second = live.ask("GET", "/nowhere"), live.ask("GET", "/v1/nowhere")

    assert 404 == first.status == second.status
    ids = [answer.headers["steelyard-request-id"] for answer in (first, second)]
    assert [f"urn:steelyard:request:{id}" for id in ids] == [first.json["instance"], second.json["instance"]]
    assert ids[0] != ids[1]
