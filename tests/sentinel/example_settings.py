"""What a sentinel of a small cluster is told; a test says what else matters to it."""

import dataclasses
from typing import Any

from sentinel.settings import Settings

_SETTINGS = Settings(
    stack="shop",
    networks={},
    instances=("pg-1",),
    etcd=("etcd-1",),
    patience_seconds=2.0,
    etcd_port=2379,
    patroni_port=8008,
    postgres_port=5432,
    ca="",
    identity="",
    etcd_file="",
    etcd_user="sentinel",
    etcd_password="",
)


def settings(**changes: Any) -> Settings:
    return dataclasses.replace(_SETTINGS, **changes)
