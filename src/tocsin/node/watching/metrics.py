"""What a node counts and measures, as Prometheus reads it. Each node has a registry of its own.

- No label is of a stranger's making: circles and members stand in charters, codes in our own classes.
- How long a confirmation takes is measured by samples: for each member, from the first write after its last
  confirmation until that write is confirmed.
- What happens for every record is counted in plain integers, which cost next to nothing.
"""

import math
from collections import Counter as Tally
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tocsin.circles.events import Arrived, Confirmed, Event, Lost, RefusedHere, RefusedThere, ToldLater, Wrote
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.node.watching.room import Room

_CONFIRMATION_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 600)
_COMMIT_S = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """All metrics of one node."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._registry = registry = CollectorRegistry()
        self._arrived: Tally[str] = Tally()
        self._awaited: dict[tuple[str, str], tuple[int, float]] = {}
        self._latency_s: dict[tuple[str, str], float] = {}

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(f"tocsin_{name}", words, labels, registry=registry)

        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"tocsin_{name}", words, labels, registry=registry)

        self._entries = gauge("log_entries", "Entries of a member's log that are here.", "circle", "member")
        self._known = gauge("log_entries_known", "Entries that its log is known to have.", "circle", "member")
        self._incomplete = gauge(
            "log_incomplete", "1: records of entries here are missing.", "circle", "member"
        )
        self._stopped = gauge("log_stopped", "1: there are two versions of the log.", "circle", "member")
        self._confirmed = gauge("confirmed_entries", "Our entries that a member holds.", "circle", "member")
        self._reached = gauge("member_reached", "1: the member answers.", "circle", "member")
        self._halted = gauge("writes_halted", "1: our own log is not written any more.", "circle")
        self._records = gauge("records_arrived", "Records of others that came since the start.", "circle")
        self._clock_ahead = gauge(
            "clock_ahead_seconds", "This machine's clock before those of other organisations, if known."
        )
        self._wal = gauge("wal_bytes", "Size of the database's write-ahead log.")
        self._disk = gauge("disk_free_bytes", "Room on the disk of the data folder.")
        self._reserve = gauge("disk_reserve_bytes", "Room on that disk that others' records may not take.")
        self._written = counter("writes", "Writes to our own log.", "circle")
        self._refused_here = counter("refused_here", "What others sent and we refused.", "circle", "code")
        self._refused_there = counter(
            "refused_there", "What we sent and others refused.", "circle", "member", "code"
        )
        self._told_later = counter(
            "told_later",
            "How often a member had to wait: `limit` of its log, no `room`, or `busy`.",
            *("circle", "member", "why"),
        )
        self._lost = counter("member_lost", "How often a member ceased to answer.", "circle", "member")
        self._faults = counter("faults", "Errors that are this node's own.")
        self._confirmation = Histogram(
            "tocsin_confirmation_seconds",
            "From a write to a member's confirmation of it.",
            ("circle", "member"),
            buckets=_CONFIRMATION_S,
            registry=registry,
        )
        self._commit = Histogram(
            "tocsin_commit_seconds", "Durable commits.", buckets=_COMMIT_S, registry=registry
        )

    def heard(self, line: Line, event: Event) -> None:
        """Something happened on a line."""
        circle = line.circle.id
        match event:
            case Arrived(readings=readings):
                self._arrived[circle] += len(readings)
            case Wrote(size=size):
                self._written.labels(circle).inc()
                now_s = self._clock.monotonic_s()
                for member in line.senders:
                    self._awaited.setdefault((circle, member), (size, now_s))
            case Confirmed(member, size):
                self._observe(circle, member, size)
            case RefusedHere(code=code):
                self._refused_here.labels(circle, code).inc()
            case RefusedThere(member=member, code=code):
                self._refused_there.labels(circle, member, code).inc()
            case ToldLater(member=member, why=why):
                self._told_later.labels(circle, member, why).inc()
            case Lost(member=member):
                self._lost.labels(circle, member).inc()

    def committed(self, duration_s: float) -> None:
        """A commit took that long."""
        self._commit.observe(duration_s)

    def fault(self) -> None:
        """Something went wrong that is this node's own."""
        self._faults.inc()

    def latency_ms(self, circle: str, member: str) -> int | None:
        """The last sample of how long a member's confirmation took."""
        latency_s = self._latency_s.get((circle, member))
        return None if latency_s is None else round(latency_s * 1000)

    def render(self, lines: Iterable[Line], database: Path, room: Room, clock_ahead_ms: int | None) -> bytes:
        """All metrics as text. `clock_ahead_ms`: our clock before the others', if that is known."""
        self._clock_ahead.set(math.nan if clock_ahead_ms is None else clock_ahead_ms / 1000)
        for line in lines:
            self._measure(line)
        wal = database.with_name(database.name + "-wal")
        self._wal.set(wal.stat().st_size if wal.exists() else 0)
        self._disk.set(room.free_bytes())
        self._reserve.set(room.reserve_bytes)
        return generate_latest(self._registry)

    def _observe(self, circle: str, member: str, size: int) -> None:
        awaited = self._awaited.get((circle, member))
        if awaited and awaited[0] <= size:
            del self._awaited[circle, member]
            latency_s = self._clock.monotonic_s() - awaited[1]
            self._latency_s[circle, member] = latency_s
            self._confirmation.labels(circle, member).observe(latency_s)

    def _measure(self, line: Line) -> None:
        status, circle = line.status(), line.circle.id
        self._entries.labels(circle, line.own.member.slug).set(status.size)
        self._halted.labels(circle).set(status.halted is not None)
        self._records.labels(circle).set(self._arrived[circle])
        for member in status.members:
            labels = (circle, member.member.slug)
            self._entries.labels(*labels).set(member.held_here)
            self._known.labels(*labels).set(member.known_here)
            self._incomplete.labels(*labels).set(member.missing_here)
            self._stopped.labels(*labels).set(member.stopped)
            self._confirmed.labels(*labels).set(member.held_by_them.size if member.held_by_them else 0)
            self._reached.labels(*labels).set(member.trouble is None)
