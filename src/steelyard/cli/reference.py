"""The page docs/reference/cli.md, made from the commands themselves: `python -m steelyard.cli.reference`."""

import re

from steelyard.cli.__main__ import build

HEAD = """# Command line

Made from the commands by `python -m steelyard.cli.reference`; a test compares.
`--help` after any command says the same.

**Exit codes**: 0 done · 1 refused by a rule, or an expectation failed · 2 usage or bad input · 3 nothing due · 4 proof not verified · 5 outcome unknown · 6 node not reached, or not allowed · 70 to 73 of `steelyard node` · 130 interrupted.

**Output**: a table on a terminal, tab-separated text with a line of headings in a pipe, JSON with `--json` (one object, or one a line for lists).
Results alone go to standard output; what goes wrong is one line on standard error, with the code of the problem and a hint.
Progress is a bar on a terminal and a line a minute elsewhere.

**Outcomes**: a change ends done, refused or unknown.
Unknown is no failure: the same command again with the `--idempotency-key` that the line names is always safe, and so is asking for the thing by its id.

## Node and output

Every command that talks to a node has these options.
A flag goes before the environment, the environment before a profile.

{common}

A profile is a table of `~/.config/steelyard/profiles.toml`; `STEELYARD_USE` names the one to use, `default` is used where there is one.

```toml
[ghaf]
url = "https://node.example"
key_file = "ghaf.key"        # relative to this file; readable by its owner alone
```

"""  # noqa: E501  a sentence a line
_COMMON = re.compile(r"\n\*\*Node and output\*\*:\n\n((?:\* .*\n)+)")
_USAGE = re.compile(r"^(#+) (steelyard.*)\n\n```console\n[a-z][^\n]*?((?: (?:\[|--|[A-Z]).*)?)\n```", re.M)
"""A heading and the usage below it, of which the name of the program may be whatever runs us"""
_ENVIRONMENT = {
    "--url": "STEELYARD_URL",
    "--key": "STEELYARD_KEY",
    "--key-file": "STEELYARD_KEY_FILE",
    "--profile": "STEELYARD_USE",
}


def page() -> str:
    """Write the page."""
    text = build().generate_docs(output_format="markdown", recursive=True, usage_name="steelyard")
    found = _COMMON.search(text)
    common = [_with_variable(line) for line in found[1].splitlines()] if found else []
    text = text.replace(" *[default: False]*", "")
    commands = _COMMON.sub("\nAnd the options of [node and output](#node-and-output).\n", text)
    commands = commands[commands.index("\n## ") + 1 :]
    commands = _USAGE.sub(r"\1 \2\n\n```text\n\2\3\n```", commands)
    tidy = re.sub(r"\n{3,}", "\n\n", commands).rstrip()
    return HEAD.format(common="\n".join(common)) + tidy + "\n"


def _with_variable(line: str) -> str:
    """Name the variable that an option may come from."""
    name = line.split("`")[1].split()[0].rstrip(",")
    variable = _ENVIRONMENT.get(name)
    return line.replace(" *[default: False]*", "") + (f" Environment: `{variable}`." if variable else "")


if __name__ == "__main__":
    print(page(), end="")
