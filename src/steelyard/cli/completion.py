"""`steelyard completion`: complete commands and options with the tab key; the answer starts no program."""

import os
from pathlib import Path
from typing import Literal

from cyclopts import App

from steelyard.cli.session import USAGE, end

app = App(name="completion", help="Complete commands in bash, zsh and fish.", version_flags=())

Shell = Literal["bash", "zsh", "fish"]


@app.command
def show(shell: Shell | None = None, /) -> int:
    """Print the script that completes.

    Parameters
    ----------
    shell
        The shell; without it, the one that runs.
    """
    print(_tree().generate_completion(prog_name="steelyard", shell=_shell(shell)))
    return 0


@app.command
def install(shell: Shell | None = None, /, *, out: Path | None = None) -> int:
    """Write the script to where the shell finds it by itself, and say what to do where it does not.

    Parameters
    ----------
    shell
        The shell; without it, the one that runs.
    out
        Another place to write it to.
    """
    which = _shell(shell)
    try:
        place = _tree().install_completion(shell=which, output=out, add_to_startup=False)
    except OSError as error:
        end(f"{error.filename} cannot be written: {error.strerror}", USAGE)
    print(place)
    if which == "zsh" and out is None:
        print(f"In ~/.zshrc, before compinit: fpath+=({place.parent})")
    return 0


def _tree() -> App:
    from steelyard.cli.__main__ import build

    return build()


def _shell(given: Shell | None) -> Shell:
    """Give the shell that was named, else the user's own."""
    name = given or Path(os.environ.get("SHELL", "")).name
    if name == "bash":
        return "bash"
    if name == "zsh":
        return "zsh"
    if name == "fish":
        return "fish"
    return end(f"which shell? bash, zsh or fish ({name or 'none'} is not known)", USAGE)
