"""What the sentinel asks over the stack's networks: each instance, and etcd."""

import base64
import http.client
import json
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

from .evidence import Answer, Cluster
from .settings import Settings

LEADER_KEY = "/service/ecosphere/leader"
PLANNED_KEY = "/ecosphere/planned"

_GSSENC_REQUEST = struct.pack("!ii", 8, 80877104)
"""For encryption by GSSAPI: who asks for TLS and goes away without it is in the server's log, each time."""


def tls_context(ca: str, identity: str) -> ssl.SSLContext:
    """For asking other parts: both sides verify each other."""
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(identity)
    return context


def read_again(context: ssl.SSLContext, ca: str, identity: str) -> None:
    """For new connections: what has been renewed."""
    context.load_verify_locations(ca)
    context.load_cert_chain(identity)


def ask_patroni(host: str, port: int, timeout: float, context: ssl.SSLContext) -> tuple[Answer, bool]:
    """How Patroni's REST interface answers, and whether its PostgreSQL runs."""
    connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    try:
        connection.request("GET", "/patroni")
        response = connection.getresponse()
        state = json.loads(response.read()).get("state")
        return Answer.OK, response.status == 200 and state in ("running", "streaming")
    except (ConnectionError, ssl.SSLError):
        # It is there. A certificate that one of the two does not take is no reason to fence anybody.
        return Answer.REFUSED, False
    except OSError:
        return Answer.SILENT, False
    except (http.client.HTTPException, ValueError):
        return Answer.OK, False
    finally:
        connection.close()


def ask_postgres(host: str, port: int, timeout: float) -> Answer:
    """Asks whether it would encrypt, as every client may before it logs in: the postmaster forks to answer."""
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(_GSSENC_REQUEST)
            connection.recv(1)
            return Answer.OK
    except ConnectionError:
        return Answer.REFUSED
    except OSError:
        return Answer.SILENT


class Etcd:
    """Asks etcd's JSON gateway; each read is linearizable, so an answer proves a majority. For several threads."""

    def __init__(self, settings: Settings, timeout: float, context: ssl.SSLContext) -> None:
        self._members = list(settings.etcd)
        self._port = settings.etcd_port
        self._login = {"name": settings.etcd_user, "password": settings.etcd_password}
        self._timeout = timeout
        self._context = context
        self._token: str | None = None
        """Every member takes it, for a day."""

    def read(self, now: float) -> Cluster | None:
        """None when no member has an answer in time."""
        return self._with_member(lambda connection: self._read(connection, now))

    def free_lock(self, revision: int) -> bool:
        """Removes the leader's lock if it is still the one that was written at this revision, as its lease's end would.

        False: it is not, or no member has an answer in time.
        """
        key = _encoded(LEADER_KEY)
        transaction = {
            "compare": [{"key": key, "target": "MOD", "result": "EQUAL", "mod_revision": str(revision)}],
            "success": [{"request_delete_range": {"key": key}}],
        }
        answer = self._with_member(lambda connection: self._ask(connection, "/v3/kv/txn", transaction))
        return answer is not None and answer.get("succeeded") is True

    def _with_member[T](self, ask: Callable[[http.client.HTTPConnection], T]) -> T | None:
        """What the first member says that has an answer in time."""
        for member in self._members:
            connection = http.client.HTTPSConnection(
                member, self._port, timeout=self._timeout, context=self._context
            )
            try:
                return ask(connection)
            except (OSError, http.client.HTTPException, ValueError, KeyError):
                # The one that does not answer is asked last from now on. Two threads ask: each has a list of its own.
                self._members = [other for other in self._members if other != member] + [member]
            finally:
                connection.close()
        return None

    def _read(self, connection: http.client.HTTPConnection, now: float) -> Cluster:
        found = self._ask(connection, "/v3/kv/txn", {"success": [_range(LEADER_KEY), _range(PLANNED_KEY)]})
        leader, planned = (_first(answer["response_range"]) for answer in found["responses"])
        within: int | None = None
        if leader is not None and leader.get("lease", "0") != "0":
            lease = self._ask(connection, "/v3/lease/timetolive", {"ID": leader["lease"]})
            within = int(lease.get("grantedTTL", 0)) - int(lease.get("TTL", 0))
        revision = None if leader is None else int(leader["mod_revision"])
        return Cluster(now, _value(leader), within, _value(planned), revision)

    def _ask(self, connection: http.client.HTTPConnection, path: str, body: object) -> dict[str, Any]:
        try:
            return _post(connection, path, body, self._token)
        except Refused:
            # No token yet, or one that has expired; until etcd asks for users it knows no log-in either.
            self._token = _post(connection, "/v3/auth/authenticate", self._login, None)["token"]
            return _post(connection, path, body, self._token)


class Refused(ValueError):
    """etcd does not do this for whoever asks."""


def _range(key: str) -> dict[str, Any]:
    return {"request_range": {"key": _encoded(key)}}


def _encoded(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


def _first(answer: dict[str, Any]) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = answer.get("kvs", [])
    return found[0] if found else None


def _value(entry: dict[str, Any] | None) -> str | None:
    return None if entry is None else base64.b64decode(entry.get("value", "")).decode("utf-8", "replace")


def _post(
    connection: http.client.HTTPConnection, path: str, body: object, token: str | None
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({} if token is None else {"Authorization": token})
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    answer: dict[str, Any] = json.loads(response.read())
    if response.status in (400, 401, 403):
        raise Refused(f"status {response.status}")
    if response.status != 200:
        raise ValueError(f"status {response.status}")
    return answer
