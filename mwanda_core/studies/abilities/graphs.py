"""Graphs of steps, compared by what their nodes are, never by the place at which they stand in a list.

    precision = |said and true| / |said|     recall = |said and true| / |true|     F1 = 2 P R / (P + R), 0 where both are 0

The released code of ACBench (after WorfBench) compares edges by index without mapping the nodes of one graph to those of the other, so that
a right graph whose nodes stand in another order scores low, and divides by zero where nothing is right.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

Node = TypeVar("Node", bound=Hashable)
Edge = tuple[str, str]


class Score(NamedTuple):
    """Of nodes and of edges."""

    node_f1: float
    edge_f1: float


def f1(true: set[Node], found: set[Node]) -> float:
    """F1 of two sets; 1 where both are empty."""
    return 2 * len(true & found) / (len(true) + len(found)) if true or found else 1.0


def score(nodes: Sequence[str], edges: Sequence[Edge], found_nodes: Sequence[str], found_edges: Sequence[Edge]) -> Score:
    """A graph that was found against the true one."""
    return Score(f1(set(nodes), set(found_nodes)), f1(set(edges), set(found_edges)))


def keeps(order: Sequence[str], edges: Sequence[Edge]) -> bool:
    """Whether an order has every step of every rule, the earlier one first."""
    place = {step: i for i, step in enumerate(order)}
    return all(a in place and b in place and place[a] < place[b] for a, b in edges)


def broken(order: Sequence[str], edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The rules that an order breaks."""
    return tuple(edge for edge in edges if not keeps(order, (edge,)))


def kept_edges(order: Sequence[str], edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """What an order says of the pairs that rules speak of: each as it stands in the order. Pairs that no rule mentions are free."""
    place = {step: i for i, step in enumerate(order)}
    both = [(a, b) for a, b in edges if a in place and b in place]
    return tuple((a, b) if place[a] < place[b] else (b, a) for a, b in both)


def orders(nodes: Sequence[str], edges: Sequence[Edge]) -> Iterator[tuple[str, ...]]:
    """Every order that keeps all rules, all of them: a node without anything before it first, then the rest."""
    if not nodes:
        yield ()
    for node in nodes:
        if not any(b == node and a in nodes for a, b in edges):
            rest = [other for other in nodes if other != node]
            yield from ((node, *more) for more in orders(rest, edges))
