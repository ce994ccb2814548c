"""How soon an instance may be fenced again: pure."""

from collections.abc import Mapping

from .evidence import Instance

FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 10.0, 300.0
HELPED_SECONDS = 3.0
"""Whoever has been well for so long after a fence was helped by it."""


class Restraint:
    """A fence that did not help is followed by a pause, twice as long each time."""

    def __init__(self) -> None:
        self.last_fence: float | None = None
        self._not_before: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._well_since: dict[str, float] = {}

    def not_before(self, part: str) -> float:
        return self._not_before.get(part, 0.0)

    def on_fence(self, part: str, now: float) -> None:
        pause = min(self._pauses.get(part, FIRST_PAUSE_SECONDS / 2) * 2, MOST_PAUSE_SECONDS)
        self.last_fence = now
        self._pauses[part] = pause
        self._not_before[part] = now + pause
        self._well_since.pop(part, None)

    def look(self, instances: Mapping[str, Instance], now: float) -> None:
        """Forgets the pause of those that are well again."""
        for part, instance in instances.items():
            if not instance.is_well():
                self._well_since.pop(part, None)
            elif now - self._well_since.setdefault(part, now) >= HELPED_SECONDS:
                self._not_before.pop(part, None)
                self._pauses.pop(part, None)
