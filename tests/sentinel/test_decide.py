"""Whether the sentinel fences: a silent instance, and each doubt that holds it back."""

import unittest

from sentinel.decide import HUNG_POSTMASTER, QUIET_SECONDS, decide, freeable
from sentinel.evidence import Answer, Cluster, Fence, Instance, StandBack
from sentinel.restraint import FIRST_PAUSE_SECONDS, HELPED_SECONDS, Restraint

NOW = 1000.0
PATIENCE = 2.0


def instance(patroni: float = 0.1, postgres: float = 0.1, is_fit: bool = True) -> Instance:
    """Heard so many seconds ago."""
    made = Instance(is_fit=is_fit)
    for line, heard in ((made.patroni, patroni), (made.postgres, postgres)):
        for ago in (3.0, 2.0, 1.0, 0.0):
            line.record(Answer.OK, NOW - heard - ago)
    return made


def cluster(leader: str | None = "pg-1", renewed: int | None = 3, planned: str | None = None, age: float = 0.1) -> Cluster:
    return Cluster(NOW - age, leader, renewed, planned, revision=7)


def decided(instances: dict[str, Instance], known: Cluster | None, restraint: Restraint | None = None) -> list[Fence | StandBack]:
    return decide(NOW, instances, known, PATIENCE, restraint or Restraint())


def frozen_primary() -> dict[str, Instance]:
    return {"pg-1": instance(2.1, 2.1), "pg-2": instance(), "pg-3": instance()}


class Fencing(unittest.TestCase):
    def test_all_well(self) -> None:
        self.assertEqual(decided({"pg-1": instance(), "pg-2": instance()}, cluster()), [])

    def test_frozen_primary_is_fenced(self) -> None:
        [decision] = decided(frozen_primary(), cluster())
        self.assertIsInstance(decision, Fence)
        self.assertEqual(decision.reason, "frozen or cut off")

    def test_frozen_replica_is_fenced(self) -> None:
        instances = {"pg-1": instance(), "pg-2": instance(6.1, 6.1), "pg-3": instance()}
        [decision] = decided(instances, cluster(renewed=1))
        self.assertIsInstance(decision, Fence)
        self.assertEqual(decision.part, "pg-2")

    def test_replica_may_be_silent_for_longer_than_the_primary(self) -> None:
        instances = {"pg-1": instance(), "pg-2": instance(5.9, 5.9), "pg-3": instance()}
        self.assertEqual(decided(instances, cluster(renewed=1)), [])

    def test_without_a_leader_everybody_is_asked_as_strictly(self) -> None:
        [decision] = decided(frozen_primary(), cluster(leader=None, renewed=None))
        self.assertIsInstance(decision, Fence)

    def test_shorter_silence_is_nothing(self) -> None:
        self.assertEqual(decided({"pg-1": instance(1.9, 1.9), "pg-2": instance()}, cluster()), [])

    def test_refusing_is_no_silence(self) -> None:
        refusing = instance(5.0, 5.0)
        refusing.patroni.record(Answer.REFUSED, NOW)
        refusing.postgres.record(Answer.REFUSED, NOW)
        self.assertEqual(decided({"pg-1": refusing, "pg-2": instance()}, cluster()), [])

    def test_never_heard_is_no_silence(self) -> None:
        self.assertEqual(decided({"pg-1": Instance(), "pg-2": instance()}, cluster()), [])

    def test_silence_before_a_stop_is_forgotten(self) -> None:
        instances = frozen_primary()
        instances["pg-1"].forget()
        self.assertEqual(decided(instances, cluster()), [])

    def test_hung_postmaster_is_fenced_though_patroni_renews_the_lock(self) -> None:
        [decision] = decided({"pg-1": instance(0.1, 2.1), "pg-2": instance()}, cluster(renewed=1))
        self.assertIsInstance(decision, Fence)
        self.assertEqual(decision.reason, HUNG_POSTMASTER)

    def test_one_at_a_time(self) -> None:
        instances = {"pg-1": instance(7, 7), "pg-2": instance(7, 7), "pg-3": instance()}
        first, second = decided(instances, cluster())
        self.assertIsInstance(first, Fence)
        self.assertIsInstance(second, StandBack)


class Doubt(unittest.TestCase):
    def assert_stands_back(self, decisions: list[Fence | StandBack], why: str) -> None:
        self.assertTrue(decisions)
        for decision in decisions:
            self.assertIsInstance(decision, StandBack)
            self.assertIn(why, decision.why)

    def test_etcd_without_majority(self) -> None:
        self.assert_stands_back(decided(frozen_primary(), None), "etcd has no majority")

    def test_old_news_of_etcd(self) -> None:
        self.assert_stands_back(decided(frozen_primary(), cluster(age=1.5)), "etcd has no majority")

    def test_planned_work(self) -> None:
        self.assert_stands_back(decided(frozen_primary(), cluster(planned="switchover")), "planned work")

    def test_no_other_instance(self) -> None:
        instances = {"pg-1": instance(7, 7), "pg-2": instance(7, 7), "pg-3": instance(7, 7)}
        self.assert_stands_back(decided(instances, cluster()), "no other instance")

    def test_others_not_fit(self) -> None:
        instances = {"pg-1": instance(3, 3), "pg-2": instance(is_fit=False)}
        self.assert_stands_back(decided(instances, cluster()), "no other instance")

    def test_others_heard_too_long_ago(self) -> None:
        instances = {"pg-1": instance(3, 3), "pg-2": instance(1.2, 0.1)}
        self.assert_stands_back(decided(instances, cluster()), "no other instance")

    def test_others_were_silent_too(self) -> None:
        instances = frozen_primary()
        for other in ("pg-2", "pg-3"):
            instances[other] = instance(4.0, 4.0)
            instances[other].patroni.record(Answer.OK, NOW - 0.1)
        self.assert_stands_back(decided(instances, cluster()), "the others have been silent, too")
        instances["pg-2"] = instance()
        [decision] = decided(instances, cluster())
        self.assertIsInstance(decision, Fence)

    def test_busy_with_its_return(self) -> None:
        instances = {"pg-1": instance(), "pg-2": instance(7, 7, is_fit=False), "pg-3": instance()}
        self.assert_stands_back(decided(instances, cluster(renewed=1)), "not at work before")

    def test_lock_is_renewed(self) -> None:
        self.assert_stands_back(decided(frozen_primary(), cluster(renewed=0)), "renews its lock")

    def test_fenced_lately(self) -> None:
        restraint = Restraint()
        restraint.on_fence("pg-1", NOW - 6)
        self.assert_stands_back(decided(frozen_primary(), cluster(), restraint), "fenced lately")

    def test_another_fenced_a_moment_ago(self) -> None:
        restraint = Restraint()
        restraint.on_fence("pg-3", NOW - QUIET_SECONDS + 1)
        self.assert_stands_back(decided(frozen_primary(), cluster(), restraint), "a moment ago")


class Lock(unittest.TestCase):
    """Of a stopped instance, by `freeable`."""

    def setUp(self) -> None:
        self.instances = {"pg-1": Instance(), "pg-2": instance(), "pg-3": instance()}

    def test_of_the_dead_primary(self) -> None:
        self.assertEqual(freeable("pg-1", NOW, self.instances, cluster()), 7)

    def test_of_another_is_not_touched(self) -> None:
        for leader in ("pg-2", None):
            self.assertIsNone(freeable("pg-1", NOW, self.instances, cluster(leader=leader)))

    def test_is_left_during_planned_work(self) -> None:
        self.assertIsNone(freeable("pg-1", NOW, self.instances, cluster(planned="roll")))

    def test_is_left_when_etcd_has_not_answered_lately(self) -> None:
        for known in (None, cluster(age=1.5)):
            self.assertIsNone(freeable("pg-1", NOW, self.instances, known))

    def test_is_left_while_another_is_away_or_not_fit(self) -> None:
        for other in (Instance(), instance(is_fit=False), instance(1.2)):
            instances = {"pg-1": Instance(), "pg-2": instance(), "pg-3": other}
            self.assertIsNone(freeable("pg-1", NOW, instances, cluster()))


class Pauses(unittest.TestCase):
    def test_double_while_nothing_helps(self) -> None:
        restraint = Restraint()
        restraint.on_fence("pg-1", 0.0)
        self.assertEqual(restraint.not_before("pg-1"), FIRST_PAUSE_SECONDS)
        restraint.on_fence("pg-1", 20.0)
        self.assertEqual(restraint.not_before("pg-1"), 20.0 + 2 * FIRST_PAUSE_SECONDS)

    def test_end_when_it_has_helped(self) -> None:
        restraint = Restraint()
        restraint.on_fence("pg-1", NOW - 5)
        instances = {"pg-1": instance()}
        restraint.look(instances, NOW)
        self.assertGreater(restraint.not_before("pg-1"), NOW)
        restraint.look(instances, NOW + HELPED_SECONDS)
        self.assertEqual(restraint.not_before("pg-1"), 0.0)

    def test_go_on_when_it_was_well_for_a_moment_only(self) -> None:
        restraint = Restraint()
        restraint.on_fence("pg-1", NOW - 5)
        restraint.look({"pg-1": instance()}, NOW)
        restraint.look({"pg-1": instance(is_fit=False)}, NOW + 1)
        restraint.look({"pg-1": instance()}, NOW + HELPED_SECONDS)
        self.assertGreater(restraint.not_before("pg-1"), NOW)


if __name__ == "__main__":
    unittest.main()
