"""`steelyard iso`: the JSON line, its order, exit codes, and a second run that is byte-equal."""

import json
import subprocess
import sys

import pytest

from steelyard.cli.iso import app
from tests.iso20022.contexts import DATA, HERE
from tests.iso20022.messages import document, header, message, transaction

PROFILE = str(HERE / "profiles" / "rules.toml")
KEYS = ["file", "message", "outcome", "answer", "reason_codes", "errors", "status", "transactions"]


def run(capfdbinary, *tokens: str) -> tuple[int, list[dict], bytes]:
    """Run a command; give its exit code, the JSON lines it printed, and what it said on stderr."""
    with pytest.raises(SystemExit) as ended:
        app(list(tokens))
    out, err = capfdbinary.readouterr()
    code = ended.value.code
    return int(code or 0), [json.loads(row) for row in out.splitlines() if row.startswith(b"{")], err


@pytest.fixture
def files(tmp_path):
    """Give three files: accepted, rejected, refused."""
    bad = message(document(transaction()), head=header(receiver="YYYYRUMMXXX"))
    for name, raw in (("good", message()), ("bad", bad), ("broken", b"<a>")):
        (tmp_path / f"{name}.xml").write_bytes(raw)
    return [str(tmp_path / f"{name}.xml") for name in ("good", "bad", "broken")]


def test_one_line_per_file_in_the_given_order_whatever_the_verdicts(files, capfdbinary):
    """Six keys are the contract, the others come after them; exit 0."""
    code, rows, err = run(capfdbinary, "check", *files, "--profile", PROFILE)

    assert (code, err, [row["file"] for row in rows]) == (0, b"", files)
    assert all(list(row) == KEYS for row in rows)
    assert [row["outcome"] for row in rows] == ["accepted", "rejected", "refused"]
    assert [row["answer"] for row in rows] == ["pacs.002", "pacs.002", "admi.002"]
    assert [row["reason_codes"] for row in rows] == [[], ["AGNT"], ["XML01"]]
    assert [row["message"] for row in rows] == ["pacs.008.001.08", "pacs.008.001.08", None]
    assert rows[1]["errors"] == [
        {
            "code": "AGNT",
            "path": "/AppHdr/To/FIId/FinInstnId/BICFI",
            "text": "YYYYRUMMXXX is neither the hub nor the instructed agent",
            "rule": "to_is_hub_or_instructed_agent",
        }
    ]
    assert (rows[1]["status"], rows[1]["transactions"]) == ("RJCT", {"accepted": 0, "rejected": 1})


def test_schema_level_needs_no_profile_and_gives_no_answer(files, capfdbinary):
    """A part alone suffices."""
    code, rows, _ = run(capfdbinary, "check", *files, "--level", "schema")

    assert (code, [row["answer"] for row in rows]) == (0, [None, None, "admi.002"])
    assert [row["outcome"] for row in rows] == ["accepted", "accepted", "refused"]


@pytest.mark.parametrize(
    "tokens",
    [
        ("check", "--level", "deep", "x.xml"),
        ("check", "--nonsense", "x.xml"),
        ("check",),
        ("check", "x.xml", "--profile", "no-such-profile"),
        ("check", "x.xml", "--schema-dir", "no-such-folder"),
        ("convert", "x.xml", "--to", "yaml"),
        ("schema", "pacs.008.001.99"),
        ("answer", "no-such-file.xml"),
    ],
)
def test_wrong_options_and_what_cannot_be_read_are_one_line_and_exit_2(tokens, capfdbinary):
    """Never a stack trace."""
    code, rows, err = run(capfdbinary, *tokens)

    assert (code, rows) == (2, [])
    assert err.startswith(b"steelyard iso")
    assert err.count(b"\n") == 1


def test_an_unreadable_file_does_not_hide_the_others(files, capfdbinary):
    """Exit 2, the others are reported."""
    code, rows, err = run(capfdbinary, "check", files[0], "absent.xml", files[2], "--profile", PROFILE)

    assert (code, len(rows), err.count(b"\n")) == (2, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense = 1",
        "base = 'other'",
        "clock = 'noon'",
        "[[participant]]\nbic = 'x'",
        "not toml",
        "scripts = 7",
    ],
)
def test_a_profile_with_something_wrong_in_it_is_refused(text, tmp_path, files, capfdbinary):
    """Unknown keys too: a misspelt rule is not a rule left out."""
    path = tmp_path / "wrong.toml"
    path.write_text(text)

    code, rows, err = run(capfdbinary, "check", files[0], "--profile", str(path))

    assert (code, rows, err.count(b"\n")) == (2, [], 1)


def test_files_of_one_call_know_each_other_only_if_asked(files, tmp_path, capfdbinary):
    """The same again has the same answer; other content under the id DU01; the same payment DU03."""
    good = files[0]
    changed, again = tmp_path / "changed.xml", tmp_path / "again.xml"
    changed.write_bytes(message().replace(b"Invoice 7", b"Invoice 8"))
    again.write_bytes(message(document(transaction(), message_id="M2"), head=header(message_id="M2")))
    names = [good, good, str(changed), str(again)]

    _, apart, _ = run(capfdbinary, "check", *names, "--profile", PROFILE)
    _, together, _ = run(capfdbinary, "check", *names, "--profile", PROFILE, "--stateful")

    assert [row["reason_codes"] for row in apart] == [[], [], [], []]
    assert [row["reason_codes"] for row in together] == [[], [], ["DU01"], ["DU03"]]


def test_a_file_of_many_payments_is_judged_by_the_file_route(tmp_path, capfdbinary):
    """More transactions than a message may hold: AM18 by one route, accepted by the other."""
    many = "".join(transaction(number=n) for n in range(1, 1_102))
    name = _written(tmp_path, message(document(many, count=1_101)))

    _, by_message, _ = run(capfdbinary, "check", name, "--profile", PROFILE)
    _, by_file, _ = run(capfdbinary, "check", name, "--profile", PROFILE, "--file-route")

    assert by_message[0]["reason_codes"] == ["AM18"]
    assert (by_file[0]["outcome"], by_file[0]["transactions"]["accepted"]) == ("accepted", 1_101)


def test_answers_are_written_and_byte_equal_in_a_second_run(files, tmp_path, capfdbinary):
    """ACTC, RJCT and admi.002; time and ids come from the profile's clock and the bytes."""
    for name, mark in zip(files, (b"ACTC", b"RJCT", b"admi.002.001.01"), strict=True):
        first, second = tmp_path / "first.xml", tmp_path / "second.xml"
        for out in (first, second):
            assert run(capfdbinary, "answer", name, "--profile", PROFILE, "--out", str(out))[0] == 0

        assert first.read_bytes() == second.read_bytes()
        assert mark in first.read_bytes()


def test_no_answer_is_due_for_a_report(tmp_path, capfdbinary):
    """Exit 3, nothing written."""
    report = tmp_path / "report.xml"
    run(capfdbinary, "answer", _written(tmp_path, message()), "--profile", PROFILE, "--out", str(report))
    turned = report.read_bytes().replace(b"HUBXZAJJXXX", b"x").replace(b"AAAABRSPXXX", b"HUBXZAJJXXX")
    report.write_bytes(turned.replace(b"x</BICFI>", b"AAAABRSPXXX</BICFI>").replace(b">x<", b">AAAABRSPXXX<"))
    out = tmp_path / "none.xml"

    code, _, err = run(capfdbinary, "answer", str(report), "--profile", PROFILE, "--out", str(out))

    assert (code, err, out.exists()) == (3, b"", False)


def test_a_message_survives_the_way_to_json_and_back(tmp_path, capfdbinary):
    """XML to JSON to XML: the payments are the same."""
    xml, data, back = _written(tmp_path, message()), tmp_path / "m.json", tmp_path / "back.xml"
    again = tmp_path / "again.json"
    assert run(capfdbinary, "convert", xml, "--to", "json", "--profile", PROFILE, "--out", str(data))[0] == 0
    assert (
        run(capfdbinary, "convert", str(data), "--to", "xml", "--profile", PROFILE, "--out", str(back))[0]
        == 0
    )
    assert (
        run(capfdbinary, "convert", str(back), "--to", "json", "--profile", PROFILE, "--out", str(again))[0]
        == 0
    )

    assert json.loads(data.read_text())["payments"] == json.loads(again.read_text())["payments"]
    assert run(capfdbinary, "check", str(back), "--profile", PROFILE)[1][0]["outcome"] == "accepted"


def test_another_version_is_written_or_refused_by_name(tmp_path, capfdbinary):
    """pacs.008 of 2023 takes all of it; a status report is no version of it."""
    xml, out = _written(tmp_path, message()), tmp_path / "out.xml"

    code, _, _ = run(capfdbinary, "convert", xml, "--to", "xml:pacs.008.001.12", "--out", str(out))
    wrong, _, err = run(capfdbinary, "convert", xml, "--to", "xml:pacs.002.001.10")

    assert (code, b"pacs.008.001.12" in out.read_bytes()) == (0, True)
    assert (wrong, err.count(b"\n")) == (2, 1)


def test_schema_and_list_say_what_there_is(capfdbinary):
    """The schema as text; profiles, versions and what is carried unread."""
    with pytest.raises(SystemExit):
        app(["schema", "pacs.008.001.08"])
    text, _ = capfdbinary.readouterr()
    with pytest.raises(SystemExit):
        app(["list"])
    listed, _ = capfdbinary.readouterr()

    assert b'targetNamespace="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"' in text
    assert b"profile hub: " in listed
    assert b"SplmtryData" in listed


def test_standard_input_is_read_as_a_file():
    """In a process of its own, as people use it."""
    program = "from steelyard.cli.iso import app; app()"
    root = HERE.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "-", "--profile", PROFILE],
        input=message(),
        capture_output=True,
        cwd=root,
        env={"PYTHONPATH": f"{root / 'src'}", "PATH": ""},
        check=True,
    )

    assert json.loads(done.stdout)["outcome"] == "accepted"


@pytest.mark.skipif(DATA is None, reason="shared data absent")
def test_the_rule_cases_give_the_same_bytes_twice(capfdbinary):
    """74 lines, no clock but the profile's."""
    names = sorted(str(path) for path in (DATA / "rules").glob("*.xml"))
    outputs = []
    for _ in range(2):
        with pytest.raises(SystemExit):
            app(["check", *names, "--profile", PROFILE])
        outputs.append(capfdbinary.readouterr()[0])

    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == 74


def _written(folder, raw: bytes) -> str:
    path = folder / "message.xml"
    path.write_bytes(raw)
    return str(path)


def test_an_instant_that_is_given_is_the_clock_and_the_business_date(files, tmp_path, capfdbinary):
    """Before that of a profile, and where there is none; a second run is byte-equal."""
    then, codes = "2031-05-05T10:00:00Z", []
    for at in ((), ("--at", then), ("--at", then)):
        code, rows, _ = run(capfdbinary, "check", files[0], "--profile", PROFILE, *at)
        codes.append((code, tuple(rows[0]["reason_codes"])))
    written = []
    for name in ("one", "two"):
        out = tmp_path / f"{name}.xml"
        assert 0 == run(capfdbinary, "answer", files[0], "--at", then, "--out", str(out))[0]
        written.append(out.read_bytes())
    wrong, _, err = run(capfdbinary, "check", files[0], "--at", "noon")

    assert (0, ()) == codes[0]
    assert codes[1] == codes[2] != codes[0]
    assert b"2031-05-05T10:00:00Z" in written[0]
    assert written[0] == written[1]
    assert (2, True) == (wrong, b"--at 'noon' is no instant" in err)


def test_help_promises_what_is_so(capfdbinary):
    """No command that is not there, no exit code of a verdict."""
    with pytest.raises(SystemExit):
        app(["--help"])
    said = b" ".join(capfdbinary.readouterr().out.split())

    assert b"explain" not in said
    assert b"0 done, whatever the verdicts" in said
