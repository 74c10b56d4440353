"""Closure under merges: with a token, every symbol that it is built from.

BPE merges the pair of lowest (rank, position) again and again. For a token t let trace(t) be all symbols that appear when the characters
of t alone are merged. Lemma: wherever t is finally emitted inside a word, the merges inside its span are those of trace(t) in the same
order, for no merge ever crossed the span's ends and a choice inside it does not depend on what lies outside. Theorem: if K contains
trace(t) for every t in K and the merges are cut down to {(a, b): a, b and ab in K}, order kept, then every text whose tokens all lie in
K keeps exactly these tokens: each step's original minimum survives and no pair was added.

A token that its own trace does not yield (an orphan: added tokens, whole words under `ignore_merges`) is never made by merging and needs
no other. Unigram picks the best-scored path and a path inside K keeps its score, so it needs no closure. [the project's own proof]
"""

from collections.abc import Mapping


def trace(token: str, ranks: Mapping[tuple[str, str], int]) -> tuple[list[str], set[str]]:
    """What the characters of a token merge to by themselves, and every symbol on the way (the token's length squared steps)."""
    symbols = list(token)
    seen = set(symbols)
    while len(symbols) > 1:
        best = min(
            (
                (rank, place)
                for place in range(len(symbols) - 1)
                if (rank := ranks.get((symbols[place], symbols[place + 1]))) is not None
            ),
            default=None,
        )
        if best is None:
            break
        place = best[1]
        symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]
        seen.add(symbols[place])
    return symbols, seen


def closure(token: str, ranks: Mapping[tuple[str, str], int]) -> set[str]:
    """The token and all that it is built from; the token alone where merging never makes it."""
    symbols, seen = trace(token, ranks)
    return seen if symbols == [token] else {token}
