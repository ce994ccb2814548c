"""When a container that has died is started again."""

import unittest

from sentinel.revival import MOST_SECONDS, SETTLED_SECONDS, Revival

SIGKILL, SIGHUP, SIGTERM = 9, 1, 15


class Reviving(unittest.TestCase):
    def test_a_killed_container_at_once(self) -> None:
        revival = Revival()
        revival.on_signal(SIGKILL)
        revival.on_death(5.0)
        self.assertEqual(revival.due, 5.0)

    def test_a_reloaded_one_too(self) -> None:
        revival = Revival()
        revival.on_signal(SIGHUP)
        revival.on_death(5.0)
        self.assertEqual(revival.due, 5.0)

    def test_not_one_that_somebody_stops_even_by_force_at_last(self) -> None:
        revival = Revival()
        revival.on_signal(SIGTERM)
        revival.on_signal(SIGKILL)
        revival.on_death(5.0)
        self.assertIsNone(revival.due)

    def test_one_that_was_stopped_started_and_then_killed(self) -> None:
        revival = Revival()
        revival.on_signal(SIGTERM)
        revival.on_death(5.0)
        revival.on_start(6.0)
        revival.on_death(30.0)
        self.assertEqual(revival.due, 30.0)

    def test_later_each_time_when_it_keeps_dying(self) -> None:
        revival = Revival()
        waits = []
        now = 0.0
        for _ in range(9):
            revival.on_death(now)
            assert revival.due is not None
            waits.append(revival.due - now)
            now = revival.due
            revival.on_start(now)
            now += 1.0
        self.assertEqual(waits, [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, MOST_SECONDS, MOST_SECONDS])

    def test_at_once_again_after_a_settled_run(self) -> None:
        revival = Revival()
        revival.on_death(0.0)
        revival.on_start(0.0)
        revival.on_death(SETTLED_SECONDS)
        self.assertEqual(revival.due, SETTLED_SECONDS)

    def test_not_again_for_the_death_that_it_is_being_started_after(self) -> None:
        revival = Revival(is_being_started=True)
        revival.on_death(5.0)
        self.assertIsNone(revival.due)
        revival.on_start(6.0)
        revival.on_death(7.0)
        self.assertEqual(revival.due, 7.0)

    def test_a_death_that_nobody_saw(self) -> None:
        for exit_code, due in ((137, 7.0), (1, 7.0), (0, None), (143, None)):
            with self.subTest(exit_code=exit_code):
                revival = Revival()
                revival.on_found_dead(exit_code, 7.0)
                self.assertEqual(revival.due, due)


if __name__ == "__main__":
    unittest.main()
