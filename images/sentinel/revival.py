"""When a container that has died is started again: pure, one object a container."""

from dataclasses import dataclass

STOP_SIGNALS = frozenset({2, 3, 15})
"""Whoever sends one of these wants the container stopped: Docker's stop, Pulumi's, a person."""

ORDERLY_EXIT_CODES = frozenset({0, 143})

SETTLED_SECONDS = 10.0
"""A container that has run for so long is no longer one that keeps dying."""

MOST_SECONDS = 60.0


@dataclass
class Revival:
    is_stopping: bool = False
    """Somebody has asked it to stop since it last started."""
    deaths: int = 0
    """In a row, none of which came after a settled run."""
    started_at: float | None = None
    due: float | None = None
    """When it is to be started; None when it is not."""
    is_being_started: bool = False
    """What is heard of a death meanwhile is the one before."""

    def is_in_hand(self) -> bool:
        """News of its death changes nothing: somebody wanted it, or its start is under way or due."""
        return self.is_stopping or self.is_being_started or self.due is not None

    def on_signal(self, signal: int | None) -> None:
        if signal in STOP_SIGNALS:
            self.is_stopping = True

    def on_start(self, now: float) -> None:
        self.is_stopping = False
        self.started_at = now
        self.due = None
        self.is_being_started = False

    def on_death(self, now: float) -> None:
        """The first start comes at once; each further one waits twice as long as the one before."""
        if self.is_in_hand():
            return
        if self.started_at is not None and now - self.started_at >= SETTLED_SECONDS:
            self.deaths = 0
        self.due = now + (0.0 if self.deaths == 0 else min(2.0 ** (self.deaths - 1), MOST_SECONDS))
        self.deaths += 1

    def on_found_dead(self, exit_code: int, now: float) -> None:
        """Its death was not seen. An orderly end may have been wanted by somebody: it is left alone."""
        if exit_code in ORDERLY_EXIT_CODES:
            self.is_stopping = True
        self.on_death(now)
