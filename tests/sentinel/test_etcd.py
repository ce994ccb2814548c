"""How the sentinel asks etcd: as a user, once etcd asks for one."""

import base64
import signal
import ssl
import subprocess
import sys
import unittest
from typing import Any
from unittest.mock import patch

from sentinel.probes import Etcd, Refused
from example_settings import settings

SETTINGS = settings(etcd=("etcd-1", "etcd-2"), etcd_password="hunter2")


class FakeEtcd:
    """Stands in for `_post`: what etcd answers to one with the token that is valid just now."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.password = "hunter2"
        self.asked: list[str] = []

    def __call__(self, _: object, path: str, body: Any, token: str | None) -> dict[str, Any]:
        self.asked.append(path)
        if path == "/v3/auth/authenticate":
            if self.token is None or body != {"name": "sentinel", "password": self.password}:
                raise Refused("status 400")
            return {"token": self.token}
        if token != self.token:
            raise Refused("status 401")
        if "compare" in body:
            [compare] = body["compare"]
            return {"succeeded": compare["target"] == "MOD" and compare["mod_revision"] == "7"}
        pg_1 = {"value": base64.b64encode(b"pg-1").decode(), "mod_revision": "7"}
        return {"responses": [{"response_range": {"kvs": [pg_1]}}, {"response_range": {}}]}


class Login(unittest.TestCase):
    def read(self, etcd: Etcd, fake: FakeEtcd) -> str | None:
        with patch("sentinel.probes._post", fake):
            cluster = etcd.read(0.0)
        return None if cluster is None else cluster.leader

    def setUp(self) -> None:
        self.etcd = Etcd(SETTINGS, 0.1, ssl.create_default_context())

    def test_reads_without_a_user_while_etcd_asks_for_none(self) -> None:
        self.assertEqual(self.read(self.etcd, FakeEtcd(None)), "pg-1")

    def test_logs_in_at_the_first_refusal_and_keeps_the_token(self) -> None:
        fake = FakeEtcd("one")
        self.assertEqual(self.read(self.etcd, fake), "pg-1")
        self.assertEqual(self.read(self.etcd, fake), "pg-1")
        self.assertEqual(fake.asked.count("/v3/auth/authenticate"), 1)

    def test_logs_in_again_when_its_token_has_expired(self) -> None:
        fake = FakeEtcd("one")
        self.read(self.etcd, fake)
        fake.token = "two"
        self.assertEqual(self.read(self.etcd, fake), "pg-1")

    def test_knows_nothing_when_its_password_is_wrong(self) -> None:
        fake = FakeEtcd("one")
        fake.password = "other"
        self.assertIsNone(self.read(self.etcd, fake))

    def test_frees_the_lock_that_it_has_read_and_no_later_one(self) -> None:
        fake = FakeEtcd("one")
        with patch("sentinel.probes._post", fake):
            cluster = self.etcd.read(0.0)
            assert cluster is not None and cluster.revision is not None
            self.assertTrue(self.etcd.free_lock(cluster.revision))
            self.assertFalse(self.etcd.free_lock(cluster.revision - 1))

    def test_frees_nothing_while_no_member_answers(self) -> None:
        with patch("sentinel.probes._post", side_effect=TimeoutError):
            self.assertFalse(self.etcd.free_lock(7))

    def test_does_not_show_its_password(self) -> None:
        self.assertNotIn("hunter2", repr(SETTINGS))


class Signals(unittest.TestCase):
    def test_ends_by_itself_on_those_that_docker_starts_it_again_after(self) -> None:
        script = "import os, signal, sys; from sentinel.__main__ import end_on_signals; end_on_signals()"
        for number in (signal.SIGTERM, signal.SIGHUP):
            code = f"{script}; os.kill(os.getpid(), {int(number)}); signal.pause()"
            # By a default it would not have ended in a container, where it is the first process.
            self.assertEqual(subprocess.run([sys.executable, "-B", "-c", code], check=False).returncode, 0)
