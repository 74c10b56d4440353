"""Chunks in step: the order of events, one at a time, and what happens when one fails."""

import threading

import pytest
import torch

from mwanda_core.engine.relay import Relay


def test_every_chunk_pauses_before_any_goes_on() -> None:
    events: list[str] = []
    with Relay(2) as relay:

        def work(index: int) -> None:
            events.append(f"{index}a")
            relay.pause()
            events.append(f"{index}b")
            relay.pause()
            events.append(f"{index}c")

        relay.run(work, lambda: events.append("|"))
    assert events == ["0a", "1a", "|", "0b", "1b", "|", "0c", "1c"]


def test_chunks_of_different_length_finish_on_their_own() -> None:
    events: list[object] = []
    with Relay(3) as relay:

        def work(index: int) -> None:
            for _ in range(index):
                relay.pause()
            events.append(index)

        relay.run(work, lambda: events.append(f"{relay.num_open} open"))
        relay.run(lambda index: events.append(index + 10), lambda: None)
    assert events == [0, "2 open", 1, "1 open", 2, 10, 11, 12]


def test_exactly_one_runs_at_any_time_and_without_gradients() -> None:
    running: list[int] = []
    most: list[int] = []
    with Relay(5) as relay:

        def work(index: int) -> None:
            for _ in range(20):
                running.append(index)
                most.append(len(running))
                assert not torch.is_grad_enabled()
                running.pop()
                relay.pause()

        relay.run(work, lambda: None)
    assert max(most) == 1
    assert len(most) == 100


@pytest.mark.parametrize("place", ["chunk", "between"])
def test_an_error_stops_all_chunks_and_comes_out(place: str) -> None:
    unwound: list[int] = []
    before = threading.active_count()

    def work(index: int) -> None:
        try:
            relay.pause()
            if place == "chunk" and index == 1:
                raise ValueError("broken")
            relay.pause()
        finally:
            unwound.append(index)

    def between() -> None:
        if place == "between":
            raise ValueError("broken")

    with Relay(3) as relay:
        with pytest.raises(ValueError, match="broken"):
            relay.run(work, between)
        assert sorted(unwound) == [0, 1, 2]
        again: list[int] = []
        relay.run(again.append, lambda: None)
        assert again == [0, 1, 2]
    assert threading.active_count() == before
