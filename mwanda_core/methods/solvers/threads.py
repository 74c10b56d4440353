"""Pieces of one matrix on several threads. Arithmetic only; not a part, and in no table."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Piece], Made], pieces: Sequence[Piece], device: torch.device) -> list[Made]:
    """`work` of every piece in their order, on a CPU with each of torch's threads on a piece of its own.

    For work of many small steps, where torch's own threads wait for each other after every step. The result does not depend on the number.
    """
    threads = torch.get_num_threads()
    if device.type != "cpu" or min(threads, len(pieces)) < 2:
        return [work(piece) for piece in pieces]

    def alone(piece: Piece) -> Made:
        with torch.no_grad():  # what a thread is begun with does not reach it
            return work(piece)

    try:
        with ThreadPoolExecutor(min(threads, len(pieces)), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(alone, pieces))
    finally:
        torch.set_num_threads(threads)  # threads that begin later take their number from the last that was set
