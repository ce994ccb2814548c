"""Carries the decisions out, one at a time, in the sentinel's main thread."""

import queue
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from .decide import RENEWS_LOCK, freeable
from .docker_api import Container, Docker, DockerError, Event
from .evidence import Cluster, Fence, Instance, StandBack
from .log import log
from .probes import Etcd
from .restraint import Restraint
from .revival import Revival
from .settings import Settings

OWN_PART = "sentinel"
STOPPED_WITHIN_SECONDS = 10.0
TAKEN_WITHIN_SECONDS = 3.0
"""Longer than the others need to agree who takes a lock that is free; then a dead one is started in any case."""


class Keeper:
    def __init__(
        self, settings: Settings, docker: Docker, etcd: Etcd, instances: Mapping[str, Instance]
    ) -> None:
        self.restraint = Restraint()
        self._settings = settings
        self._docker = docker
        self._etcd = etcd
        self._instances = instances
        self._cluster: Cluster | None = None
        self._ids: dict[str, str] = {}
        self._revivals: dict[str, Revival] = {}
        self._told: dict[str, str] = {}
        self._cut_off: set[str] = set()
        """Ids of those that were off one of their networks at the last look around."""
        # Docker takes half a second for each start; when all have died, they start side by side.
        self._starters = ThreadPoolExecutor(max_workers=8)

    def look_around(self) -> None:
        """Takes in what no event has told. Raises DockerError."""
        listed = self._docker.containers()
        for container in listed:
            if container.part == OWN_PART:
                continue
            self._ids[container.part] = container.id
            revival = self._revival(container.id)
            if container.state == "exited" and not revival.is_in_hand():
                self._found_dead(container, revival)
        alive = {container.id for container in listed}
        for gone in self._revivals.keys() - alive:
            del self._revivals[gone]
        self._join_again(listed)

    def _join_again(self, listed: list[Container]) -> None:
        """Whoever has been off one of its networks since the last look: by then a silence has been judged, and what is
        left lives. The sentinel itself, too."""
        cut_off = {
            container.id
            for container in listed
            if container.state == "running"
            and self._settings.missing_networks(container.part, container.networks)
        }
        for container in listed:
            if container.id in cut_off & self._cut_off:
                self._join_living(container.part, container.id)
        self._cut_off = cut_off

    def handle(self, event: Event) -> None:
        if event.part == OWN_PART:
            return
        now = time.monotonic()
        revival = self._revival(event.id)
        match event.action:
            case "start":
                self._ids[event.part] = event.id
                self._forget(event.part)
                revival.on_start(now)
            case "kill":
                revival.on_signal(event.signal)
            case "die":
                self._ids[event.part] = event.id
                self._forget(event.part)
                revival.on_death(now)
                log("died", part=event.part, wanted=revival.is_stopping)
            case "destroy":
                self._revivals.pop(event.id, None)
                if self._ids.get(event.part) == event.id:
                    del self._ids[event.part]

    def start_those_due(self) -> None:
        now = time.monotonic()
        for part, id in list(self._ids.items()):
            revival = self._revivals.get(id)
            if revival is None or revival.due is None or revival.due > now:
                continue
            revival.due = None
            revival.is_being_started = True
            self._starters.submit(self._start_again, part, id)

    def act(self, decisions: list[Fence | StandBack], cluster: Cluster | None) -> None:
        self._cluster = cluster
        told = {decision.part for decision in decisions}
        for part in self._told.keys() - told:
            del self._told[part]
        for decision in decisions:
            match decision:
                case StandBack():
                    is_new = self._tell_once(decision)
                    id = self._ids.get(decision.part)
                    if is_new and id is not None and decision.why == RENEWS_LOCK:
                        # Off the instances' network, and not off etcd's, it would hold its lock for ever.
                        self._join_living(decision.part, id)
                case Fence():
                    self._fence(decision)

    def _fence(self, fence: Fence) -> None:
        cluster = self._cluster
        part, id = fence.part, self._ids.get(fence.part)
        if id is None:
            self._tell_once(StandBack(part, fence.reason, "it has no container on this host"))
            return
        try:
            found = self._docker.inspect(id)
            if not found.is_running:
                return self._forget(part)
            log(
                "fencing",
                part=part,
                reason=fence.reason,
                silentSeconds=round(fence.silent_seconds, 2),
                status=found.status,
                networks=list(found.networks),
                leader=cluster.leader if cluster else None,
                leaseAgeSeconds=cluster.renewed_within if cluster else None,
            )
            self.restraint.on_fence(part, time.monotonic())
            self._docker.kill(id)
            self._wait_until_stopped(id)
            log("fenced", part=part)
            self._forget(part)
            self._connect(part, id, found.networks)
            # Its death by our hand is no sign that it keeps dying.
            self._revival(id).due = time.monotonic()
        except DockerError as error:
            log("gave-up", part=part, why=str(error))

    def _join_living(self, part: str, id: str) -> None:
        """Without a kill: Patroni knows what it may be when it is back."""
        try:
            self._connect(part, id, self._docker.inspect(id).networks)
        except DockerError as error:
            log("gave-up", part=part, why=str(error))

    def _connect(self, part: str, id: str, present: tuple[str, ...]) -> None:
        for network, aliases in self._settings.missing_networks(part, present).items():
            self._docker.connect(network, id, aliases)
            log("reconnected", part=part, network=network)

    def _wait_until_stopped(self, id: str) -> None:
        end = time.monotonic() + STOPPED_WITHIN_SECONDS
        while self._docker.inspect(id).is_running:
            if time.monotonic() > end:
                raise DockerError(f"it still runs {STOPPED_WITHIN_SECONDS:.0f} s after the kill")
            time.sleep(0.02)

    def _start_again(self, part: str, id: str) -> None:
        try:
            self._free_lock(part, id)
        finally:
            # Whatever has become of its lock.
            self._start(part, id)
            self._revival(id).is_being_started = False

    def _start(self, part: str, id: str) -> None:
        try:
            log("starting", part=part)
            if self._docker.start(id):
                log("started", part=part)
        except DockerError as error:
            # Removed, or about to be: whoever does that knows why.
            log("gave-up", part=part, why=str(error))

    def _free_lock(self, part: str, id: str) -> None:
        """So that the others need not wait until the dead one is up again and gives its lock back.

        Returns once another one has it: Docker knows the name of a container that it starts before anybody answers there,
        and whoever is about to take over would wait for that answer.
        """
        if part not in self._instances or self._docker.inspect(id).status != "exited":
            return
        revision = freeable(part, time.monotonic(), self._instances, self._cluster)
        if revision is not None and self._etcd.free_lock(revision):
            log("freed", part=part, revision=revision)
            end = time.monotonic() + TAKEN_WITHIN_SECONDS
            while self._is_left_by(part) and time.monotonic() < end:
                time.sleep(0.05)

    def _is_left_by(self, part: str) -> bool:
        return self._cluster is None or self._cluster.leader in (None, part)

    def _found_dead(self, container: Container, revival: Revival) -> None:
        found = self._docker.inspect(container.id)
        if found.status != "exited":
            return
        revival.on_found_dead(found.exit_code, time.monotonic())
        log("died", part=container.part, wanted=revival.is_stopping, exitCode=found.exit_code)

    def _revival(self, id: str) -> Revival:
        return self._revivals.setdefault(id, Revival())

    def _forget(self, part: str) -> None:
        if part in self._instances:
            self._instances[part].forget()

    def _tell_once(self, decision: StandBack) -> bool:
        """Whether it is news."""
        # Seconds that count down would make a line each time.
        kind = decision.why.split(";")[0]
        if self._told.get(decision.part) == kind:
            return False
        self._told[decision.part] = kind
        log("stands-back", part=decision.part, reason=decision.reason, why=decision.why)
        return True


def drain(events: "queue.Queue[Event]", seconds: float) -> list[Event]:
    """What has come, waiting at most so long for the first."""
    found: list[Event] = []
    try:
        found.append(events.get(timeout=seconds))
        while True:
            found.append(events.get_nowait())
    except queue.Empty:
        return found
