"""What is known at one moment: plain data for `decide`. Times are seconds of one monotonic clock."""

from dataclasses import dataclass, field
from enum import Enum

FRESH_SECONDS = 1.0
"""Older evidence counts for nothing."""


class Answer(Enum):
    """How a probe ended."""

    OK = "ok"
    REFUSED = "refused"
    """Its host is there and nobody listens: Patroni is about to do something about it, or just starts."""
    SILENT = "silent"
    """No answer in time, or its name is gone: frozen, hung or cut off."""


@dataclass
class Line:
    """One probe of one instance over time."""

    last: Answer | None = None
    heard_at: float | None = None
    """When it last answered, if only by refusing."""
    heard_since: float | None = None
    """Since when it has answered again and again."""

    def record(self, answer: Answer, now: float) -> None:
        self.last = answer
        if answer is not Answer.SILENT:
            if self.heard_at is None or now - self.heard_at > FRESH_SECONDS:
                self.heard_since = now
            self.heard_at = now

    def silent_for(self, now: float) -> float:
        """0 for one that has not answered since it started: there is nothing that it has stopped doing."""
        return 0.0 if self.heard_at is None else now - self.heard_at


@dataclass
class Instance:
    """An instance as the probes see it."""

    patroni: Line = field(default_factory=Line)
    postgres: Line = field(default_factory=Line)
    is_fit: bool = False
    """What Patroni's last answer said, however long ago: its PostgreSQL runs."""

    def is_well(self) -> bool:
        return self.is_fit and self.patroni.last is Answer.OK and self.postgres.last is Answer.OK

    def forget(self) -> None:
        """Its container has stopped, or the sentinel has slept: the silence until now means nothing."""
        self.patroni, self.postgres, self.is_fit = Line(), Line(), False


@dataclass(frozen=True)
class Cluster:
    """The leader lock as etcd shows it. Reading it needs a majority of etcd's members."""

    read_at: float
    leader: str | None
    renewed_within: int | None
    """The lock's lease was renewed at most so many seconds before `read_at`; etcd tells no finer. None: no lock."""
    planned: str | None
    """What stands in the key of planned work, while there is any."""
    revision: int | None = None
    """Of etcd, when the lock was last written: another one when it was taken anew, the same when it was renewed."""


@dataclass(frozen=True)
class Fence:
    """An instance is to be killed, and started again once it has stopped."""

    part: str
    reason: str
    silent_seconds: float


@dataclass(frozen=True)
class StandBack:
    """An instance is silent, and nothing is done about it."""

    part: str
    reason: str
    why: str
