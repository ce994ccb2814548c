"""What becomes of a part that is off a network of its own, with a Docker that does nothing."""

import contextlib
import io
import unittest

from sentinel.decide import RENEWS_LOCK
from sentinel.docker_api import Container, DockerError, Inspected
from sentinel.evidence import Fence, Instance, StandBack
from sentinel.keeper import Keeper
from example_settings import settings

SETTINGS = settings(
    networks={"pg": ("instances", "etcd"), "etcd": ("etcd",), "sentinel": ("instances", "etcd")},
    instances=("pg-1", "pg-2"),
)


class FakeDocker:
    def __init__(self, networks: dict[str, list[str]]) -> None:
        self.networks = networks
        self.done: list[tuple[object, ...]] = []
        self.is_running = True
        self.refuses = ""

    def containers(self) -> list[Container]:
        return [Container(part, part, "running", tuple(found)) for part, found in self.networks.items()]

    def inspect(self, id: str) -> Inspected:
        return Inspected("running", self.is_running, 0, "", tuple(self.networks[id]))

    def kill(self, id: str) -> None:
        self.done.append(("kill", id))
        self.is_running = False

    def connect(self, network: str, id: str, aliases: list[str]) -> None:
        if network == self.refuses:
            raise DockerError("no such network")
        self.done.append(("connect", network, id, aliases))
        self.networks[id].append(network)


def keeper_of(docker: FakeDocker) -> Keeper:
    instances = {name: Instance() for name in SETTINGS.instances}
    keeper = Keeper(SETTINGS, docker, None, instances)  # type: ignore[arg-type]
    look(keeper)
    return keeper


def look(keeper: Keeper) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        keeper.look_around()


def act(keeper: Keeper, decision: Fence | StandBack) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        keeper.act([decision], None)


class OffItsNetworks(unittest.TestCase):
    def test_who_lacks_nothing_is_left_alone(self) -> None:
        docker = FakeDocker({"pg-1": ["instances", "etcd"], "etcd-1": ["etcd", "somebody-elses"], "other": []})
        look(keeper_of(docker))
        self.assertEqual(docker.done, [])

    def test_who_lacks_one_at_two_looks_is_connected_by_its_name_where_it_has_one(self) -> None:
        docker = FakeDocker({"pg-1": ["instances"], "etcd-1": [], "sentinel": ["etcd"]})
        keeper = keeper_of(docker)
        self.assertEqual(docker.done, [])
        look(keeper)
        expected = [
            ("connect", "etcd", "pg-1", []),
            ("connect", "etcd", "etcd-1", ["etcd-1"]),
            ("connect", "instances", "sentinel", ["sentinel"]),
        ]
        self.assertEqual(docker.done, expected)
        look(keeper)
        look(keeper)
        self.assertEqual(docker.done, expected)

    def test_one_that_docker_does_not_connect_keeps_nobody_else_away(self) -> None:
        docker = FakeDocker({"pg-1": ["etcd"], "etcd-1": []})
        docker.refuses = "instances"
        look(keeper_of(docker))
        self.assertEqual(docker.done, [("connect", "etcd", "etcd-1", ["etcd-1"])])

    def test_silent_one_that_is_cut_off_is_killed_before_it_is_connected(self) -> None:
        docker = FakeDocker({"pg-1": [], "pg-2": ["instances", "etcd"]})
        act(keeper_of(docker), Fence("pg-1", "frozen or cut off", 2.1))
        self.assertEqual(
            docker.done,
            [("kill", "pg-1"), ("connect", "instances", "pg-1", ["pg-1"]), ("connect", "etcd", "pg-1", [])],
        )

    def test_silent_one_that_renews_its_lock_is_connected_at_once_and_not_killed(self) -> None:
        docker = FakeDocker({"pg-1": ["etcd"]})
        act(keeper_of(docker), StandBack("pg-1", "frozen or cut off", RENEWS_LOCK))
        self.assertEqual(docker.done, [("connect", "instances", "pg-1", ["pg-1"])])

    def test_silent_one_about_which_there_is_another_doubt_is_not_connected_at_once(self) -> None:
        docker = FakeDocker({"pg-1": ["etcd"]})
        act(keeper_of(docker), StandBack("pg-1", "frozen or cut off", "planned work is going on"))
        self.assertEqual(docker.done, [])


if __name__ == "__main__":
    unittest.main()
