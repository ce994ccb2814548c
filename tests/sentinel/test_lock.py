"""What a dead primary's lock becomes before it is started, with a Docker and an etcd that note what they are told."""

import contextlib
import io
import threading
import time
import unittest
from unittest.mock import patch

from sentinel import keeper as keeper_module
from sentinel.docker_api import Event, Inspected
from sentinel.evidence import Answer, Cluster, Instance
from sentinel.keeper import Keeper
from example_settings import settings

SETTINGS = settings(instances=("pg-1", "pg-2"))
WITHIN_SECONDS = 5.0


class FakeDocker:
    def __init__(self, done: list[str]) -> None:
        self.done = done
        self.status = "exited"
        self.started = threading.Event()

    def inspect(self, id: str) -> Inspected:
        return Inspected(self.status, self.status == "running", 137, "", ())

    def start(self, id: str) -> bool:
        self.done.append(f"start {id}")
        self.started.set()
        return True


class FakeEtcd:
    def __init__(self, done: list[str]) -> None:
        self.done = done
        self.freed = threading.Event()

    def free_lock(self, revision: int) -> bool:
        self.done.append(f"free {revision}")
        self.freed.set()
        return True


class DeadPrimary(unittest.TestCase):
    def setUp(self) -> None:
        self.done: list[str] = []
        self.docker, self.etcd = FakeDocker(self.done), FakeEtcd(self.done)
        other = Instance(is_fit=True)
        other.patroni.record(Answer.OK, time.monotonic())
        instances = {"pg-1": Instance(), "pg-2": other}
        self.keeper = Keeper(SETTINGS, self.docker, self.etcd, instances)  # type: ignore[arg-type]

    def knows(self, leader: str | None) -> None:
        self.keeper.act([], Cluster(time.monotonic(), leader, 3, None, revision=7))

    def dies(self, part: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            self.keeper.handle(Event("die", part, part, None))
            self.keeper.start_those_due()

    def test_is_started_once_another_has_taken_the_lock(self) -> None:
        self.knows("pg-1")
        self.dies("pg-1")
        self.assertTrue(self.etcd.freed.wait(WITHIN_SECONDS))
        self.assertEqual(self.done, ["free 7"])
        self.knows("pg-2")
        self.assertTrue(self.docker.started.wait(WITHIN_SECONDS))
        self.assertEqual(self.done, ["free 7", "start pg-1"])

    def test_is_started_in_any_case_when_nobody_takes_it(self) -> None:
        self.knows("pg-1")
        with patch.object(keeper_module, "TAKEN_WITHIN_SECONDS", 0.0):
            self.dies("pg-1")
            self.assertTrue(self.docker.started.wait(WITHIN_SECONDS))
        self.assertEqual(self.done, ["free 7", "start pg-1"])

    def test_is_started_once_though_its_death_is_told_again(self) -> None:
        self.knows("pg-1")
        self.dies("pg-1")
        self.assertTrue(self.etcd.freed.wait(WITHIN_SECONDS))
        self.dies("pg-1")
        self.knows("pg-2")
        self.assertTrue(self.docker.started.wait(WITHIN_SECONDS))
        self.assertEqual(self.done, ["free 7", "start pg-1"])

    def test_is_started_though_etcd_says_what_nobody_expects(self) -> None:
        self.knows("pg-1")
        with patch.object(self.etcd, "free_lock", side_effect=TypeError):
            self.dies("pg-1")
            self.assertTrue(self.docker.started.wait(WITHIN_SECONDS))

    def test_keeps_its_lock_when_docker_has_started_it_already(self) -> None:
        self.docker.status = "running"
        self.knows("pg-1")
        self.dies("pg-1")
        self.assertTrue(self.docker.started.wait(WITHIN_SECONDS))
        self.assertEqual(self.done, ["start pg-1"])

    def test_of_a_replica_or_another_part_nothing_is_freed(self) -> None:
        self.knows("pg-2")
        for part in ("pg-1", "proxy-1"):
            self.docker.started.clear()
            self.dies(part)
            self.assertTrue(self.docker.started.wait(WITHIN_SECONDS))
        self.assertEqual(self.done, ["start pg-1", "start proxy-1"])


if __name__ == "__main__":
    unittest.main()
