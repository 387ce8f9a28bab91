"""Health: what the node says of itself, and why it stopped when it has.

The same words go to `GET /health` (through the link) and into the health file, which is replaced whole, so
that a reader never sees half of it and an operator finds the reason of a stop after the process has gone.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from steelyard.node.exits import Stop
from steelyard.node.pace import BULK_SECONDS_MAX
from steelyard.node.sequencer import Sequencer
from steelyard.node.solver import SolverDesk

SWEEP_AGE_SECONDS_MAX = 300
CLOCK_ALARM_SECONDS = 600


class Health:
    """Gathers the node's health and writes it down."""

    def __init__(self, sequencer: Sequencer, file: Path, *, epoch: int, network_id: str) -> None:
        self._sequencer = sequencer
        self._file = file
        self.epoch = epoch
        self._network_id = network_id
        self.swept_at = time.monotonic()
        self.alarms: dict[str, str] = {}
        self.ended = False
        self.solver: SolverDesk | None = None
        self._clock_alarm_at = 0.0
        self._stepped = 0

    def report(self) -> dict[str, Any]:
        """Give the node's health; `faults` is empty where all is well."""
        sequencer = self._sequencer
        faults = self._faults()
        over = self.ended or sequencer.stopped is not None
        state = "stopped" if over else "stopping" if sequencer.stopping else "serving"
        return {
            "state": state,
            "role": "none" if over else "leader",
            "degraded": bool(faults),
            "faults": faults,
            "network_id": self._network_id,
            "epoch": self.epoch,
            "head_seq": sequencer.head_seq,
            "watermark": sequencer.watermark,
            "applied_seq": sequencer.pace.applied_seq,
            "lag_rows": sequencer.watermark - sequencer.pace.applied_seq,
            "lag_legs": sequencer.pace.legs,
            "lag_s": round(sequencer.pace.seconds, 3),
            "waiting_commands": sequencer.waiting,
            "last_group_commands": sequencer.last_group,
            "last_flush_ms": round(sequencer.last_flush_ms, 3),
            "clock": sequencer.clock.kind,
            "clock_skew_s": round(self._skew() / 1e9, 3),
            "sweep_age_s": round(time.monotonic() - self.swept_at, 1),
            "solver": "off" if self.solver is None else self.solver.state,
            "pid": os.getpid(),
        }

    def ready(self) -> list[str]:
        """Say why the node is not ready for new commands; empty where it is."""
        sequencer, why = self._sequencer, []
        if sequencer.stopping and not self.ended:
            why.append("the node is stopping")
        if sequencer.pace.seconds > BULK_SECONDS_MAX:
            why.append("the projection lags")
        if time.monotonic() - self.swept_at > SWEEP_AGE_SECONDS_MAX:
            why.append("the invariants have not been checked for long")
        return why

    def watch(self) -> None:
        """Look at the clock; a step stays an alarm for ten minutes, a clock that is behind while it is."""
        skew = self._sequencer.clock.skew(self._sequencer.last_at)
        fault = self._sequencer.clock.fault(self._sequencer.last_at)
        now = time.monotonic()
        if fault is not None:
            self.alarms["clock"] = fault
            self._clock_alarm_at = now
            self._stepped = skew
        elif now - self._clock_alarm_at > CLOCK_ALARM_SECONDS:
            self.alarms.pop("clock", None)
            self._stepped = 0

    def write(self) -> None:
        """Replace the health file."""
        _replace(self._file, self.report())

    def _skew(self) -> int:
        """Give by how many ns the clock is wrong now, or was at the alarm that still stands; 0 where all is well."""
        return self._sequencer.clock.skew(self._sequencer.last_at) or self._stepped

    def _faults(self) -> list[str]:
        return [*self.alarms.values(), *self.ready()]


def write_stop(file: Path, stop: Stop) -> None:
    """Leave the reason of a stop in the health file, beside what it said last."""
    try:
        last = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        last = {}
    why = {"state": "stopped", "role": "none", "exit_code": stop.exit_code, "why": stop.why}
    try:
        _replace(file, {**last, **why})
    except OSError:
        return  # a full disk may be the very reason: the log line has to do


def _replace(file: Path, content: dict[str, Any]) -> None:
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    beside.replace(file)
