"""Usage: python3 -m sentinel SETTINGS.json — runs until it is stopped."""

import os
import queue
import signal
import ssl
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial

from .decide import decide
from .docker_api import Docker, DockerError, Event
from .evidence import Answer, Cluster, Instance
from .keeper import Keeper, drain
from .log import log
from .probes import Etcd, ask_patroni, ask_postgres, read_again, tls_context
from .settings import Settings, read_settings

TICK_SECONDS = 0.1
PROBE_SECONDS = 0.25
"""From one probe's answer to the next probe."""
ETCD_TIMEOUT_SECONDS = 0.7
LOOK_AROUND_SECONDS = 5.0
OWN_GAP_SECONDS = 1.0
"""A sentinel that was held up for so long knows nothing about the silence of others."""
ALIVE_FILE = "/tmp/alive"
"""Touched with every look around: the container's health check reads its age."""


class Sentinel:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context: ssl.SSLContext = tls_context(settings.ca, settings.identity)
        self._etcd_context: ssl.SSLContext = tls_context(settings.etcd_file, settings.etcd_file)
        self._docker = Docker(settings.stack)
        self._events: queue.Queue[Event] = queue.Queue()
        self._instances = {name: Instance() for name in settings.instances}
        self._cluster: Cluster | None = None
        self._etcd = Etcd(settings, ETCD_TIMEOUT_SECONDS, self._etcd_context)
        self._keeper = Keeper(settings, self._docker, self._etcd, self._instances)

    def run(self) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: self._renew())
        for name in self._instances:
            _in_thread(partial(self._probe, name, self._ask_patroni))
            _in_thread(partial(self._probe, name, self._ask_postgres))
        _in_thread(self._read_etcd)
        _in_thread(self._follow_events)
        log("watching", instances=list(self._instances), patienceSeconds=self._settings.patience_seconds)
        self._work()

    def _renew(self) -> None:
        try:
            read_again(self._context, self._settings.ca, self._settings.identity)
            read_again(self._etcd_context, self._settings.etcd_file, self._settings.etcd_file)
        except OSError as error:
            # One of the files is being written: there is a signal after it, too.
            log("stands-back", part="", why=f"its certificate cannot be read: {error}")

    def _work(self) -> None:
        last_look = float("-inf")
        last_tick = time.monotonic()
        while True:
            for event in drain(self._events, TICK_SECONDS):
                self._keeper.handle(event)
            self._keeper.start_those_due()
            now = time.monotonic()
            if now - last_tick > OWN_GAP_SECONDS:
                for instance in self._instances.values():
                    instance.forget()
            cluster = self._cluster
            self._keeper.restraint.look(self._instances, now)
            decisions = decide(
                now,
                self._instances,
                cluster,
                self._settings.patience_seconds,
                self._keeper.restraint,
            )
            self._keeper.act(decisions, cluster)
            if now - last_look >= LOOK_AROUND_SECONDS:
                last_look = now
                self._look_around()
            last_tick = time.monotonic()

    def _look_around(self) -> None:
        try:
            self._keeper.look_around()
            with open(ALIVE_FILE, "w", encoding="utf-8"):
                pass
        except DockerError as error:
            log("stands-back", part="", why=f"Docker does not answer: {error}")

    def _probe(self, name: str, ask: Callable[[str, Instance], None]) -> None:
        while True:
            ask(name, self._instances[name])
            time.sleep(PROBE_SECONDS)

    def _ask_patroni(self, name: str, instance: Instance) -> None:
        settings = self._settings
        answer, is_fit = ask_patroni(name, settings.patroni_port, settings.patience_seconds, self._context)
        if answer is Answer.OK:
            instance.is_fit = is_fit
        instance.patroni.record(answer, time.monotonic())

    def _ask_postgres(self, name: str, instance: Instance) -> None:
        settings = self._settings
        answer = ask_postgres(name, settings.postgres_port, settings.patience_seconds)
        instance.postgres.record(answer, time.monotonic())

    def _read_etcd(self) -> None:
        while True:
            self._cluster = self._etcd.read(time.monotonic())
            time.sleep(PROBE_SECONDS)

    def _follow_events(self) -> None:
        while True:
            try:
                for event in self._docker.events():
                    self._events.put(event)
            except DockerError as error:
                log("stands-back", part="", why=f"Docker does not answer: {error}")
            time.sleep(1.0)


def _in_thread(work: Callable[[], None]) -> None:
    def guarded() -> None:
        try:
            work()
        finally:
            # A sentinel that has lost one of its senses would decide without it. Docker starts it anew.
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=guarded, daemon=True).start()


def end_on_signals() -> None:
    """SIGHUP too: Docker starts it again, with new settings. A container's first process is not ended by default."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: os._exit(0))


def main() -> None:
    end_on_signals()
    # Its first certificate may just be being replaced.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    Sentinel(read_settings(sys.argv[1])).run()


if __name__ == "__main__":
    main()
