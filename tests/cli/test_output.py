"""How things are printed: columns by one line of words, a thing with its lists, what a batch came to."""

import json
from types import SimpleNamespace

import pytest

from steelyard.cli.batch import said
from steelyard.cli.output import Output, columns


def test_columns_are_read_from_one_line():
    assert (
        ("kg", "kg"),
        ("valid until", "valid_until"),
        ("by whom", "next_by"),
        ("paid", "pays.value"),
    ) == columns("kg, valid_until, by whom=next_by, paid=pays.value")


def test_a_thing_is_printed_with_the_lists_that_have_lines(capsys):
    found = {"id": 7, "moves": [{"at": "noon"}], "costs": []}
    lists = ((found["moves"], columns("at")), (found["costs"], columns("cost")))
    Output().whole(found, columns("number=id"), *lists)
    assert "number\t7\nat\nnoon\n" == capsys.readouterr().out

    Output(json=True).whole(found, columns("number=id"), *lists)
    assert found == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("state", "bound", "distance", "words"),
    [
        ("open", None, None, "is being worked out"),
        ("applied", "0", 0, "nothing could settle yet"),
        ("applied", "500", 0, "all that could settle did"),
        ("applied", "500", 10_000, "what waits could settle in parts only"),
        ("applied", "500", 125, "98.75 % of the bound"),
    ],
)
def test_a_batch_says_what_it_came_to(state, bound, distance, words):
    """One in which nobody had money did not fail."""
    assert words == said(SimpleNamespace(state=state, bound=bound, distance_bp=distance))
