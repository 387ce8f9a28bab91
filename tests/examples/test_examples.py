"""Every example runs and prints what lies beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", FOLDERS)
def test_the_recorded_output_is_what_it_prints(name: str):
    """Byte for byte; the README quotes the same text."""
    script = EXAMPLES / name / f"{name}.py"
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    run = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        env=clean,
        umask=0o022,
        check=False,
    )

    assert (run.returncode, run.stderr[-2000:]) == (0, "")
    assert (EXAMPLES / name / "output.txt").read_text("utf-8") == run.stdout


def test_the_readme_quotes_the_first_payment():
    """The sample in the README is what the command really prints."""
    readme = (EXAMPLES.parent / "README.md").read_text("utf-8")

    assert (EXAMPLES / "first_payment" / "output.txt").read_text("utf-8") in readme
