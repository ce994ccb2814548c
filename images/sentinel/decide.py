"""Whether an instance is to be fenced: a pure function of the evidence."""

from collections.abc import Mapping

from .evidence import FRESH_SECONDS, Answer, Cluster, Fence, Instance, StandBack
from .restraint import Restraint

LEASE_RENEWED_SECONDS = 1.0
"""Whoever has renewed its lock within this time lives, whatever the probes say."""

QUIET_SECONDS = 5.0
"""Between two fences. A second one so soon would be a sign that the sentinel is wrong."""

REPLICA_PATIENCE = 3
"""So many times as long a replica may be silent: it refuses nobody's writes, and is busy when it has just come back."""

HUNG_POSTMASTER = "the postmaster hangs"
RENEWS_LOCK = "it renews its lock"


def decide(
    now: float,
    instances: Mapping[str, Instance],
    cluster: Cluster | None,
    patience: float,
    restraint: Restraint,
) -> list[Fence | StandBack]:
    """What to do about each instance that is silent for longer than `patience`; at most one fence at a time."""
    decisions: list[Fence | StandBack] = []
    for part, instance in instances.items():
        is_replica = cluster is not None and cluster.leader not in (None, part)
        fence = _suspect(part, instance, now, patience * REPLICA_PATIENCE if is_replica else patience)
        if fence is None:
            continue
        why = _doubt(fence, now, instances, cluster, patience, restraint)
        is_first = not any(isinstance(decision, Fence) for decision in decisions)
        if why is None and is_first:
            decisions.append(fence)
        else:
            decisions.append(StandBack(part, fence.reason, why or "another instance is being fenced"))
    return decisions


def _suspect(part: str, instance: Instance, now: float, patience: float) -> Fence | None:
    patroni, postgres = instance.patroni.silent_for(now), instance.postgres.silent_for(now)
    if patroni >= patience:
        both = postgres >= patience
        return Fence(part, "frozen or cut off" if both else "Patroni hangs", patroni)
    if postgres >= patience:
        return Fence(part, HUNG_POSTMASTER, postgres)
    return None


def _doubt(
    fence: Fence,
    now: float,
    instances: Mapping[str, Instance],
    cluster: Cluster | None,
    patience: float,
    restraint: Restraint,
) -> str | None:
    if cluster is None or now - cluster.read_at > FRESH_SECONDS:
        return "etcd has no majority, or the sentinel itself is cut off"
    if cluster.planned is not None:
        return f"planned work is going on: {cluster.planned}"
    if not instances[fence.part].is_fit:
        return "it was not at work before: Patroni rewinds, copies or starts it"
    others = _others(fence.part, now, instances)
    if not others:
        return "no other instance is fit and answers"
    if all(_witnessed_for(other, now) < patience for other in others):
        # Docker's name server, or the network: the one whose answer comes last is no worse than the others.
        return "the others have been silent, too, until a moment ago"
    if fence.reason != HUNG_POSTMASTER and _renews_lock(fence.part, cluster, now):
        return RENEWS_LOCK
    again = restraint.not_before(fence.part)
    if now < again:
        return f"it was fenced lately; again in {again - now:.0f} s"
    if restraint.last_fence is not None and now - restraint.last_fence < QUIET_SECONDS:
        return "another instance was fenced a moment ago"
    return None


def freeable(part: str, now: float, instances: Mapping[str, Instance], cluster: Cluster | None) -> int | None:
    """The revision of the lock that an instance has left behind, for which others wait; `part` is stopped for certain.

    None: it has none, or something is in doubt. Then its lease ends by itself, or it gives it back when it is started.
    """
    if cluster is None or now - cluster.read_at > FRESH_SECONDS or cluster.planned is not None:
        return None
    if cluster.leader != part or len(_others(part, now, instances)) < len(instances) - 1:
        # While a second one is away, nobody may be able to take it, and a former primary could that has missed the last one's WAL.
        return None
    return cluster.revision


def _others(part: str, now: float, instances: Mapping[str, Instance]) -> list[Instance]:
    """Those that are fit and answer."""
    return [other for name, other in instances.items() if name != part and other.is_fit and _answers(other, now)]


def _witnessed_for(instance: Instance, now: float) -> float:
    """For how long its answers have shown that answers come at all."""
    since = instance.patroni.heard_since
    return 0.0 if since is None else now - since


def _answers(instance: Instance, now: float) -> bool:
    heard = instance.patroni.heard_at
    return instance.patroni.last is Answer.OK and heard is not None and now - heard <= FRESH_SECONDS


def _renews_lock(part: str, cluster: Cluster, now: float) -> bool:
    if cluster.leader != part or cluster.renewed_within is None:
        return False
    return cluster.renewed_within + now - cluster.read_at <= LEASE_RENEWED_SECONDS
