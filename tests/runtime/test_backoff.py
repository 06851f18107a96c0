from runtime.backoff import Backoff


def test_pauses_double_up_to_the_longest_and_begin_anew_after_a_success():
    backoff = Backoff(1.0, 30.0, draw=lambda: 0.0)
    assert [backoff.next_s() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert backoff.failures == 7
    backoff.reset()
    assert backoff.next_s() == 1


def test_each_pause_is_shortened_by_a_random_part():
    backoff = Backoff(1.0, 30.0, jitter=0.5, draw=lambda: 1.0)
    assert [backoff.next_s() for _ in range(3)] == [0.5, 1, 2]


def test_a_long_outage_does_not_overflow():
    backoff = Backoff(1.0, 30.0, draw=lambda: 0.0)
    assert max(backoff.next_s() for _ in range(5_000)) == 30
