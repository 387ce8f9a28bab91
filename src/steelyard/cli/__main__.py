"""`steelyard`: the command line. Every group is a module that is imported when it is called, not before."""

import sys


def main() -> None:
    """Run the command that the arguments name."""
    sys.exit(0)


if __name__ == "__main__":
    main()
