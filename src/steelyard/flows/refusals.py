"""Refusals given at the door of the Machine, and by the node before a command reaches it.

10 to 14 stand in the engine's enum (their numbers are the engine spec's). What is here is never
recorded in the journal: it says nothing about the state, and sending again is allowed.
"""

from steelyard.values.refusal import Refusal


class Admission(Refusal):
    """Why a command was not taken at all. Not recorded; the same bytes may be sent again."""

    NODE_IS_BUSY = 150, "the node has as much waiting as it can hold; try again after the time it names"
    NODE_IS_NOT_LEADER = 151, "another node writes this journal"
    NODE_IS_STOPPING = 152, "the node is shutting down in good order"
    PROJECTION_LAGS = 153, "the tables for questions have not reached the row asked for"
    COMMAND_IS_UNKNOWN = 154, "this release knows no command of that name and version"
    COMMAND_IS_MALFORMED = 155, "the command's fields do not have the shape of its name and version"
    COMMAND_IS_TOO_LARGE = 156, "a command frame holds at most 256 KiB"
