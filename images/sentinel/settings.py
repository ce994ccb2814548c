"""What the sentinel is told, from /etc/ecosphere/sentinel.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    stack: str
    """The containers with this value of the label ecosphere.stack are its own, and no others."""
    networks: Mapping[str, tuple[str, ...]]
    """By kind of part (`pg`), the Docker networks that it is connected to again when it was cut off; in the first one it
    has its name."""
    instances: tuple[str, ...]
    """`pg-1` and on."""
    etcd: tuple[str, ...]
    patience_seconds: float
    """How long an instance may be silent before it is fenced."""
    etcd_port: int
    patroni_port: int
    postgres_port: int
    ca: str
    """The file with the authorities that the other parts are verified by."""
    identity: str
    """The file with its own certificate and key, for those whom it asks."""
    etcd_file: str
    """The same for etcd alone, in one file."""
    etcd_user: str
    etcd_password: str = field(repr=False)

    def missing_networks(self, part: str, present: tuple[str, ...]) -> dict[str, list[str]]:
        """The networks of a part that it is not in, with its names there."""
        networks = self.networks.get(re.sub(r"-\d+$", "", part), ())
        return {
            network: [part] if at == 0 else [] for at, network in enumerate(networks) if network not in present
        }


def read_settings(path: str) -> Settings:
    """Raises KeyError or TypeError for a file that the project did not write."""
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    return Settings(
        stack=raw["stack"],
        networks={kind: tuple(names) for kind, names in raw["networks"].items()},
        instances=tuple(raw["instances"]),
        etcd=tuple(raw["etcd"]),
        patience_seconds=float(raw["patienceSeconds"]),
        etcd_port=int(raw["etcdPort"]),
        patroni_port=int(raw["patroniPort"]),
        postgres_port=int(raw["postgresPort"]),
        ca=raw["tls"]["ca"],
        identity=raw["tls"]["identity"],
        etcd_file=raw["etcdLogin"]["file"],
        etcd_user=raw["etcdLogin"]["username"],
        etcd_password=raw["etcdLogin"]["password"],
    )
