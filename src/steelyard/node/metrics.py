"""Prometheus figures of the node process: no label holds party data, and there are few series.

The gateways serve `/metrics`; what belongs to the node they read over the link (`metrics`), as text.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from steelyard.node.group import Group
from steelyard.node.sequencer import Sequencer
from steelyard.node.solver import SolverDesk

_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 5, 30)
_COMMANDS = (1, 2, 4, 8, 16, 32, 64, 125, 250, 500, 1000, 2000, 4000, 8000)


class Metrics:
    """The figures of one sequencer."""

    def __init__(self, sequencer: Sequencer) -> None:
        self.registry = CollectorRegistry()
        self._sequencer = sequencer
        registry = self.registry
        self._commands = Counter("steelyard_commands", "Commands made durable", registry=registry)
        self._payments = Counter(
            "steelyard_payments", "Payment commands made durable", ["outcome"], registry=registry
        )
        self._legs = Counter("steelyard_legs", "Leg records made durable", registry=registry)
        self._commit = Histogram(
            "steelyard_commit_seconds", "Flush of one group", buckets=_SECONDS, registry=registry
        )
        self._group = Histogram(
            "steelyard_group_commands", "Commands of one group", buckets=_COMMANDS, registry=registry
        )
        world = sequencer.machine.world
        gauges = (
            ("steelyard_accounts", "Accounts", lambda: len(world.engine.accounts) - 1),
            ("steelyard_open_reservations", "Open reservations", lambda: len(world.engine.reservations)),
            ("steelyard_live_payments", "Payments under way", lambda: len(world.payments.live)),
            ("steelyard_known_ids", "Ids in the window", lambda: len(world.ids)),
            ("steelyard_timers", "Deadlines that wait", lambda: len(world.timers)),
            ("steelyard_watermark_seq", "Last durable row", lambda: sequencer.watermark),
            ("steelyard_waiting_commands", "Commands that wait", lambda: sequencer.waiting),
            ("steelyard_projection_lag_rows", "Rows the projection lacks", self._lag_rows),
            (
                "steelyard_projection_lag_legs",
                "Leg records the projection lacks",
                lambda: sequencer.pace.legs,
            ),
        )
        for name, words, value in gauges:
            Gauge(name, words, registry=registry).set_function(value)
        sequencer.on_durable.append(self._on_durable)

    def text(self) -> str:
        """Give all figures in the text form of Prometheus."""
        return generate_latest(self.registry).decode()

    def watch_solver(self, desk: SolverDesk) -> None:
        """Show the figures of a solver too."""
        batches = self._sequencer.machine.world.batches
        for name, words, value in (
            (
                "steelyard_batches_open",
                "Batches that wait for a proposal",
                lambda: len(list(batches.each_open())),
            ),
            ("steelyard_solver_starts", "Times the solver's process was started", lambda: desk.starts),
            ("steelyard_solver_answers", "Proposals the solver has made", lambda: desk.answers),
            (
                "steelyard_solver_failures",
                "Proposals refused, and failures of the solver",
                lambda: desk.failures,
            ),
            ("steelyard_solver_ms", "Time the last proposal took", lambda: desk.last_ms),
            ("steelyard_snapshot_pause_ms", "Time taking the last snapshot took", lambda: desk.pause_ms),
        ):
            Gauge(name, words, registry=self.registry).set_function(value)

    def _on_durable(self, group: Group) -> None:
        self._commands.inc(group.count)
        self._payments.labels("done").inc(group.payments - group.payments_refused)
        self._payments.labels("refused").inc(group.payments_refused)
        self._legs.inc(group.legs)
        self._commit.observe(self._sequencer.last_flush_ms / 1000)
        self._group.observe(group.count)

    def _lag_rows(self) -> int:
        return self._sequencer.watermark - self._sequencer.pace.applied_seq
