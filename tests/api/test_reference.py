"""The documents say what the node does: OpenAPI, problems, addresses, examples, pages."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from steelyard.api import openapi, problems, reference, refusals, shape
from steelyard.api.app import exists
from steelyard.api.examples import EXAMPLES
from steelyard.api.route import JSON, PUBLIC
from steelyard.api.table import ROUTES

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"
BY_NAME = {f"{line.method} {line.path}": line for line in ROUTES}
ASKED = [(name, parts["asked"]) for name, parts in EXAMPLES.items() if "asked" in parts]
DOCUMENT = msgspec.json.decode(openapi.encoded(ROUTES))


def test_the_committed_pages_are_those_of_the_code(tmp_path):
    """Run `python -m steelyard.api.reference docs/reference` after a change."""
    reference.write(tmp_path)
    for page in sorted(tmp_path.iterdir()):
        assert page.read_bytes() == (DOCS / page.name).read_bytes(), page.name


def test_a_node_gives_the_document_of_its_own_routes(live):
    document = live.ask("GET", "/openapi.json", key=None).json

    assert document == msgspec.json.decode(openapi.encoded([line for line in ROUTES if exists(line, "test")]))
    assert "3.1.0" == document["openapi"]


def test_every_reference_within_the_document_is_there():
    found = set(re.findall(r'"#(/[^"]+)"', json.dumps(DOCUMENT)))
    missing = []
    for one in sorted(found):
        place = DOCUMENT
        for step in one.strip("/").split("/"):
            place = place.get(step, {})
        missing += [] if place else [one]

    assert len(found) > 100
    assert [] == missing


def test_every_route_is_in_the_document_with_its_right():
    for line in ROUTES:
        operation = DOCUMENT["paths"][line.path][line.method.lower()]

        assert line.run.__name__ == operation["operationId"] or operation["operationId"].startswith("act")
        assert (line.action == PUBLIC) == (operation.get("security") == [])
        assert str(line.status) in operation["responses"]


def test_operations_have_names_of_their_own():
    names = [one["operationId"] for methods in DOCUMENT["paths"].values() for one in methods.values()]

    assert sorted(set(names)) == sorted(names)


def test_every_example_has_the_shape_of_its_route():
    for name, body in ASKED:
        assert shape.read(msgspec.json.encode(body), BY_NAME[name].asked) is not None, name


@pytest.mark.parametrize("line", [line for line in ROUTES if line.asked is not None and JSON in line.asks],
                         ids=lambda line: f"{line.method} {line.path}")  # fmt: skip
def test_what_has_required_fields_has_an_example_or_says_so_by_its_shape(line):
    """An example is there for every route whose body is more than a few words."""
    needs = [field for field in msgspec.structs.fields(line.asked) if field.required]

    assert len(needs) <= 3 or f"{line.method} {line.path}" in EXAMPLES


# problems


@pytest.mark.parametrize("kind", problems.KINDS, ids=lambda kind: kind.slug)
def test_every_kind_of_problem_answers_under_its_address(live, kind):
    about = live.ask("GET", f"/problems/{kind.slug}", key=None).json
    page = live.ask("GET", f"/problems/{kind.slug}", key=None, headers={"accept": "text/html"})

    assert (kind.slug, kind.status) == (about["type"].rpartition("/")[2], about["status"])
    assert kind.explanation == about["explanation"]
    assert page.headers["content-type"].startswith("text/html")
    assert f"### {kind.slug}\n" in (DOCS / "problems.md").read_text()


def test_every_refusal_answers_under_its_address(live):
    for refusal in refusals.BY_CODE.values():
        about = live.ask("GET", f"/problems/refusals/{refusal.name}", key=None).json

        assert (refusal.code, refusal.name, refusal.rule) == (about["number"], about["code"], about["rule"])


def test_every_problem_that_code_raises_is_of_a_kind():
    source = Path(problems.__file__).parent
    raised = set()
    for path in source.rglob("*.py"):
        raised |= set(re.findall(r'(?:ProblemError|[^_]problem)\(\s*"([a-z-]+)"', path.read_text()))

    assert raised <= set(problems.BY_SLUG)
    assert len(raised) > 20


def test_every_code_of_one_who_is_not_let_in_is_explained():
    source = Path(problems.__file__).parent
    raised = set()
    for path in source.rglob("*.py"):
        raised |= set(re.findall(r'refused\("([a-z-]+)"\)', path.read_text()))

    assert raised == set(reference.CODES)


def test_problems_of_every_status_carry_their_own_status(live):
    for kind in problems.KINDS:
        made = problems.problem(kind.slug)

        assert kind.status == made.status


def test_a_thousand_faults_are_a_hundred_and_a_word(live):
    answer = live.post("/v1/fund", {f"f{n}": 1 for n in range(1000)} | {"amount": None})

    assert 100 == len(answer.json["errors"])
    assert "more are not listed" in answer.json["detail"]


# pages


class Page(HTMLParser):
    """What a page loads."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("script", "img", "iframe", "link", "object", "embed", "video"):
            self.loads += [found[name] for name in ("src", "href", "data") if name in found]
        if tag == "a":
            self.links.append(found["href"])


def test_the_explorer_loads_nothing_and_lists_everything(live):
    answer = live.ask("GET", "/explorer", key=None)
    page = Page(answer.body.decode())

    assert all(place.startswith("/") and not place.startswith("//") for place in page.loads)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    for line in ROUTES:
        if exists(line, "test"):
            assert line.path in answer.body.decode()


def test_what_the_explorer_links_to_is_there(live):
    page = Page(live.ask("GET", "/explorer", key=None).body.decode())

    for place in {link for link in page.links if "{" not in link and link.startswith("/")}:
        answer = live.ask("GET", place, key="operator", headers={"accept": "*/*"})

        assert answer.status in (200, 307, 403, 404, 422), (place, answer)
        assert 404 != answer.status or place == "/v1/sessions/current", place
