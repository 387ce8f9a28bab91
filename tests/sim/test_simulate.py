"""Whole simulations: the same bytes for the same inputs, whatever the number of processes; the expected shape."""

import doctest
import json

import msgspec
import pytest

from steelyard.sim import page as page_module
from steelyard.sim.output import as_json, load, schema, table, write
from steelyard.sim.page import origin
from steelyard.sim.pictures import figures
from steelyard.sim.scenario import ScenarioIsWrong, read
from steelyard.sim.simulate import simulate
from steelyard.sim.stress import stress

SMALL = """
name = "a small day"
[world]
banks = 12
[data]
trade = "invented"
payments = 1000
[liquidity]
alpha = [-0.5, 0]
[mechanism.bypass]
entry = "bypass"
[mechanism.split]
split = "top1"
batch_minutes = 60
[mechanism.cycles]
entry = "cycle"
cycles_per_day = 4
fund = true
"""


@pytest.fixture(scope="module")
def result():
    """Give the small day's result."""
    return simulate(read(SMALL))[0]


def test_the_same_scenario_gives_the_same_bytes_in_any_number_of_processes(result):
    """Wall times are kept apart; nothing else differs between runs."""
    again, spent = simulate(read(SMALL), jobs=2)

    assert as_json(result) == as_json(again)
    assert set(spent) == {"bypass/-0.5", "bypass/0", "split/-0.5", "split/0", "cycles/-0.5"}


def test_another_seed_is_another_result(result):
    """The digest of the day stands in the result."""
    other, _ = simulate(read(SMALL.replace("banks = 12", "banks = 12\nseed = 2")))

    assert result.day.digest != other.day.digest


def test_the_standard_day_has_the_expected_shape():
    """Smaller than the standard day, same members and banks, so with loose bands."""
    rows = {
        (one.row.mechanism, one.row.alpha): one.row
        for one in simulate(read("""
[data]
payments = 8000
[liquidity]
alpha = [-0.5, 0]
[mechanism.bypass]
[mechanism.bilateral-only]
entry = "fifo"
bilateral = true
[mechanism.multilateral]
multilateral = true
[mechanism.top1]
split = "top1"
batch_minutes = 60
[mechanism.pooled]
pool = true
multilateral = true
[mechanism.net-1]
entry = "cycle"
cycles_per_day = 1
fund = true
[mechanism.net-48]
entry = "cycle"
cycles_per_day = 48
fund = true
"""))[0].outcomes
    }  # fmt: skip
    once, often = rows["net-1", ""], rows["net-48", ""]

    assert rows["pooled", "0"].liquidity_minor < 0.75 * rows["multilateral", "0"].liquidity_minor
    assert rows["pooled", "0"].value_settled_bp == rows["multilateral", "0"].value_settled_bp == 10_000
    assert rows["top1", "-0.5"].value_settled_bp > rows["multilateral", "-0.5"].value_settled_bp + 300
    assert rows["bilateral-only", "-0.5"].value_settled_bp <= rows["bypass", "-0.5"].value_settled_bp
    assert 0.10 < 1 - once.used_minor / often.used_minor < 0.35
    assert once.delay_s > often.delay_s + 3 * 3600


def test_a_day_of_no_payments_gives_zeros(tmp_path):
    """No division by nothing, and every picture can be drawn."""
    empty, spent = simulate(read(SMALL.replace("payments = 1000", "payments = 0")))
    write(empty, spent, tmp_path, plots=False)

    for one in empty.outcomes:
        found = one.row
        assert {0} == {found.settled_minor, found.value_settled_bp, found.delay_index_milli, found.unsettled}
        assert found.turnover_milli is None
    assert ["tradeoff", "mechanisms", "queue", "balances", "members"] == list(figures(empty))


def test_a_file_of_headings_alone_gives_zeros_and_pictures(tmp_path):
    """Nobody is named in it, so there is no bank, no member and no currency."""
    (tmp_path / "day.csv").write_text("payer,payee,currency,amount_minor,at\n")
    file = f'[data]\nsource = "file"\npath = "{tmp_path}/day.csv"\n'
    empty, spent = simulate(read(file + '[mechanism.a]\n[mechanism.b]\npool = true\nsplit = "all"\n'))
    write(empty, spent, tmp_path / "out", plots=True)

    assert {0} == {one.row.value_settled_bp for one in empty.outcomes}
    assert {0} == {one.row.least_delay_index_milli for one in empty.outcomes}
    assert (tmp_path / "out" / "plots" / "members.png").is_file()


def test_a_folder_holds_table_schema_pictures_and_page(result, tmp_path):
    """The result is read back as it was; the page shows table and pictures and runs no script."""
    write(result, {"bypass/0": 0.1}, tmp_path, plots=True)
    page = (tmp_path / "report.html").read_text()
    columns = (tmp_path / "table.csv").read_text().splitlines()[0].split(",")
    queue = (tmp_path / "queue.csv").read_text().splitlines()

    assert result == load(tmp_path)
    for name in ("tradeoff", "mechanisms", "queue", "balances", "members"):
        assert (tmp_path / "plots" / f"{name}.svg").read_text().startswith("<?xml")
        assert (tmp_path / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert f"plots/{name}.png" in page
    assert "<script" not in page
    assert f"<dd>{origin(result.day.source)}</dd>" in page
    assert "drawn with seed 1 from the trade matrix" in page
    assert doctest.testmod(page_module).failed == 0
    assert all(word in page for word in ("delay index", "country residue", result.day.digest))
    assert columns == [column["name"] for column in schema()["table.csv"]]
    assert queue[1].startswith("bypass,-0.5,2030-01-07T08:00:00Z,")


def test_two_writes_give_the_same_bytes(result, tmp_path):
    """But for the file of wall times."""
    for name, seconds in (("one", 0.1), ("two", 0.2)):
        write(result, {"bypass/0": seconds}, tmp_path / name, plots=False)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir() if path.name != "times.json"}
        for name in ("one", "two")
    )

    assert one == two
    assert {"result.json", "table.csv", "table.md", "queue.csv", "schema.json", "report.html"} == set(one)


def test_a_table_has_a_line_for_each_run(result):
    """Mechanisms in the order of the scenario, money ascending as named; paid-in cycles once."""
    lines = table([one.row for one in result.outcomes]).splitlines()[1:]

    assert ["bypass,-0.5", "bypass,0", "split,-0.5", "split,0", "cycles,"] == [
        ",".join(line.split(",")[:2]) for line in lines
    ]


def test_what_was_expected_is_checked():
    """Every row that is meant must hold; an unknown figure is refused."""
    scenario = read(SMALL + """
[[expect]]
key = "value_settled_bp"
op = ">="
value = 5000
mechanism = "bypass"
alpha = 0
[[expect]]
key = "value_settled_bp"
op = "=="
value = 10000
""")  # fmt: skip
    found = simulate(scenario)[0]

    assert [True, False] == [one.held for one in found.expected]
    assert not found.held
    assert len(found.outcomes) == len(found.expected[1].found)
    with pytest.raises(ScenarioIsWrong, match=r"\[\[expect\]\] 1: there is no figure happiness"):
        simulate(read(SMALL + '[[expect]]\nkey = "happiness"\nop = ">"\nvalue = 0\n'))


def test_stress_with_nobody_out_is_the_base():
    """Each row of the case is the base's row, and nobody is hit."""
    found, _ = stress(read(SMALL), largest=0)
    case = found.cases[0]

    assert (1, "outage-0-largest") == (len(found.cases), case.case)
    assert found.base == [change.row for change in case.changes]
    assert all(not change.hit and change.settled_minor == 0 for change in case.changes)


def test_stress_does_not_depend_on_the_number_of_processes():
    """Events of the scenario first, then the largest net payers one by one and together."""
    text = SMALL + '[[event]]\nat = "12:00"\nkind = "member_exits"\nwho = "OST"\n'
    one, two = (stress(read(text), largest=2, jobs=jobs)[0] for jobs in (1, 2))

    assert as_json(one) == as_json(two)
    assert ["1-member_exits-OST", "outage-2-largest"] == [one.cases[0].case, one.cases[-1].case]
    for case in one.cases:
        assert all(change.settled_minor < 0 and change.hit for change in case.changes)


def test_what_is_no_result_is_refused(tmp_path):
    """Missing, not JSON, or of another format."""
    with pytest.raises(
        ScenarioIsWrong, match="cannot be read: no such file or directory; name a folder that sim run wrote"
    ):
        load(tmp_path)
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(ScenarioIsWrong, match="is no result"):
        load(tmp_path)


def test_the_result_names_its_scenario_and_no_place_of_this_machine(tmp_path):
    """A file's folder is not part of what was simulated."""
    (tmp_path / "day.csv").write_text("id,payer,payee,currency,amount_minor,at\n1,A,B,EUR,5,08:00\n")
    scenario = read(f'[data]\nsource = "file"\npath = "{tmp_path}/day.csv"\n[mechanism.bypass]\n')
    text = as_json(simulate(scenario)[0])

    assert str(tmp_path).encode() not in text
    assert "day.csv" == json.loads(text)["scenario"]["data"]["path"]
    assert msgspec.json.decode(text)["day"]["gross_minor"] == 5
