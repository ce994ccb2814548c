"""The six requests to Docker that the sentinel makes, over the daemon's socket."""

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

SOCKET = "/var/run/docker.sock"
VERSION = "v1.40"
"""Docker 19.03 and later."""


class DockerError(Exception):
    """Docker has refused, or does not answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


@dataclass(frozen=True)
class Container:
    """A container as Docker lists it."""

    id: str
    part: str
    state: str
    """created, running, paused, restarting, removing, exited, dead."""
    networks: tuple[str, ...]


@dataclass(frozen=True)
class Inspected:
    status: str
    is_running: bool
    exit_code: int
    started_at: str
    networks: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that has happened to a container of the stack."""

    action: str
    id: str
    part: str
    signal: int | None


class Docker:
    """Every method raises DockerError; a request is given up after `timeout` seconds."""

    def __init__(self, stack: str, timeout: float = 30.0) -> None:
        self._filter = f"ecosphere.stack={stack}"
        self._timeout = timeout

    def containers(self) -> list[Container]:
        filters = json.dumps({"label": [self._filter]})
        listed = self._json("GET", "/containers/json?" + urlencode({"all": "true", "filters": filters}))
        return [
            Container(
                id=found["Id"],
                part=found["Labels"].get("ecosphere.part", ""),
                state=found["State"],
                networks=tuple(found["NetworkSettings"]["Networks"]),
            )
            for found in listed
        ]

    def inspect(self, id: str) -> Inspected:
        found = self._json("GET", f"/containers/{quote(id)}/json")
        state = found["State"]
        return Inspected(
            status=state["Status"],
            is_running=state["Running"],
            exit_code=state["ExitCode"],
            started_at=state["StartedAt"],
            networks=tuple(found["NetworkSettings"]["Networks"]),
        )

    def kill(self, id: str) -> None:
        """SIGKILL; a paused container is thawed by it and dies."""
        self._request("POST", f"/containers/{quote(id)}/kill?signal=KILL")

    def start(self, id: str) -> bool:
        """Whether it was stopped before: to start what runs already does no harm."""
        return self._request("POST", f"/containers/{quote(id)}/start")[0] != 304

    def connect(self, network: str, id: str, aliases: list[str]) -> None:
        body = {"Container": id, "EndpointConfig": {"Aliases": aliases}}
        self._request("POST", f"/networks/{quote(network)}/connect", body)

    def events(self) -> Iterator[Event]:
        """What happens from now on, for ever."""
        filters = {"type": ["container"], "label": [self._filter], "event": ["kill", "die", "start", "destroy"]}
        connection = _Connection("localhost", timeout=None)
        try:
            connection.request("GET", f"/{VERSION}/events?" + urlencode({"filters": json.dumps(filters)}))
            response = connection.getresponse()
            if response.status != 200:
                raise DockerError(f"events: status {response.status}", response.status)
            while line := response.readline():
                yield _event(json.loads(line))
        except OSError as error:
            raise DockerError(f"events: {error}") from error
        finally:
            connection.close()

    def _json(self, method: str, path: str) -> Any:
        return json.loads(self._request(method, path)[1])

    def _request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        connection = _Connection("localhost", timeout=self._timeout)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, f"/{VERSION}{path}", data, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise DockerError(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if response.status >= 400:
            message = answer.decode("utf-8", "replace").strip()
            raise DockerError(f"{method} {path}: status {response.status} {message}", response.status)
        return response.status, answer


def _event(raw: dict[str, Any]) -> Event:
    attributes = cast(dict[str, str], raw["Actor"]["Attributes"])
    signal = attributes.get("signal", "")
    return Event(
        action=raw["Action"],
        id=raw["Actor"]["ID"],
        part=attributes.get("ecosphere.part", ""),
        signal=int(signal) if signal.isdigit() else None,
    )
