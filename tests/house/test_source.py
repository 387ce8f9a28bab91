"""What may not stand in the project: index hosts, absolute paths of a machine, unguarded XML readers."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INDEX_HOSTS = re.compile(r"files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian|crates\.io/api", re.I)
XML_READERS = re.compile(
    r"etree\.(fromstring|parse|iterparse|XML|HTML)\(|lxml\.objectify|xml\.(etree|dom|sax)"
)
MAY_READ_XML = {"src/steelyard/iso20022/parse.py", "src/steelyard/iso20022/bulk.py"}


def tracked():
    """Give every file that git tracks, as (path, text), binary files left out."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in names.splitlines():
        path = ROOT / name
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data[:4096]:
                yield name, data.decode("utf-8", "replace")


def test_no_file_names_a_package_index():
    """Locks pin versions and hashes; where they come from is the user's own setting."""
    here = "tests/house/test_source.py"

    assert [name for name, text in tracked() if name != here and INDEX_HOSTS.search(text)] == []


def test_xml_is_read_in_two_files_only():
    """Every other reader would be a way round the guard."""
    wrong = [
        name
        for name, text in tracked()
        if name.startswith("src/") and name.endswith(".py") and name not in MAY_READ_XML
        for line in text.splitlines()
        if XML_READERS.search(line) and "own text" not in line
    ]

    assert sorted(set(wrong)) == []


def test_no_machine_shows():
    """No absolute path of somebody's machine stands in a file."""
    path_of_a_machine = re.compile(r"(?<![\w/])/(work|home|root|Users)/\w")
    here = "tests/house/test_source.py"

    assert [name for name, text in tracked() if name != here and path_of_a_machine.search(text)] == []


def test_no_test_asserts_how_long_something_took():
    """A loaded machine would fail it; what has to be quick stands in `bench/`."""
    timed = re.compile(r"assert .*(perf_counter|process_time|monotonic)\(\) - \w+ *<")
    here = "tests/house/test_source.py"

    assert [name for name, text in tracked() if name != here and timed.search(text)] == []
