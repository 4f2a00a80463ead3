"""What a server counts, as Prometheus reads it."""

from __future__ import annotations

from collections import Counter

_HELP = {
    "connections": ("gauge", "Connections that are open."),
    "rooms": ("gauge", "Rooms that are in memory."),
    "accepted_total": ("counter", "Connections that were accepted."),
    "refused_total": ("counter", "Connections that were refused."),
    "edits_total": ("counter", "Updates that were taken."),
    "edits_dropped_total": ("counter", "Updates of clients that may only look."),
    "edits_refused_total": ("counter", "Updates for which there was no place."),
    "limited_total": (
        "counter",
        "Connections and edits that were refused since one token, or address, had what it may.",
    ),
    "strangers_total": (
        "counter",
        "Connections that were cut off for others before they had said who they are.",
    ),
    "malformed_total": ("counter", "Messages that made no sense."),
    "slow_total": ("counter", "Clients that were cut off because they read too slowly."),
    "commits_total": ("counter", "Transactions of the database."),
    "commit_failures_total": ("counter", "Transactions of the database that failed."),
}


class Metrics:
    """Counts by name."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, name: str) -> None:
        """Count one more."""
        self.counts[name] += 1

    def text(self, **gauges: int) -> str:
        """Return all of it as text.

        Args:
            gauges: What is not counted but is there.
        """
        lines = []
        for name, (kind, words) in _HELP.items():
            full = f"tinybase_widget_{name}"
            value = gauges.get(name, self.counts[name])
            lines += [f"# HELP {full} {words}", f"# TYPE {full} {kind}", f"{full} {value}"]
        return "\n".join(lines) + "\n"
