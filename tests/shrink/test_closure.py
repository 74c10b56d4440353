"""The theorem behind trimming: cut to a closed set, merges give covered text exactly the tokens it had."""

from hypothesis import given, strategies as st
from tokenizers import Tokenizer, models

from mwanda_core.shrink.closure import closure, trace

MERGES = [("a", "b"), ("ab", "c"), ("b", "c"), ("a", "bc")]


def ranks_of(merges: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for rank, pair in enumerate(merges):
        found.setdefault(pair, rank)
    return found


def test_a_trace_by_hand() -> None:
    """ "abc": a b is merged first (rank 0), then ab c; bc never appears."""
    assert trace("abc", ranks_of(MERGES)) == (["abc"], {"a", "b", "c", "ab", "abc"})
    assert closure("bc", ranks_of(MERGES)) == {"b", "c", "bc"}


def test_the_leftmost_of_equal_ranks_is_merged_first() -> None:
    assert trace("aaa", {("a", "a"): 0})[0] == ["aa", "a"]


def test_an_orphan_needs_no_other() -> None:
    """The only merge that makes "abc" needs "bc", which never appears because a b comes first."""
    merges = [("a", "b"), ("b", "c"), ("a", "bc")]
    assert trace("abc", ranks_of(merges))[0] == ["ab", "c"]
    assert closure("abc", ranks_of(merges)) == {"abc"}


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Merges of which each joins two symbols that are there already, in any order of rank."""
    symbols = ["a", "b", "c"]
    merges: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(1, 12))):
        pair = draw(st.sampled_from(symbols)), draw(st.sampled_from(symbols))
        if len("".join(pair)) <= 6 and pair not in merges:
            merges.append(pair)
            symbols = list(dict.fromkeys([*symbols, "".join(pair)]))
    return draw(st.permutations(merges))


def bpe(symbols: list[str], merges: list[tuple[str, str]]) -> Tokenizer:
    return Tokenizer(models.BPE(vocab={symbol: number for number, symbol in enumerate(symbols)}, merges=merges))


@given(tables(), st.data())
def test_covered_text_keeps_its_tokens(merges: list[tuple[str, str]], data: st.DataObject) -> None:
    symbols = list(dict.fromkeys(["a", "b", "c", *(a + b for a, b in merges)]))
    before, ranks = bpe(symbols, merges), ranks_of(merges)
    kept = {"a", "b", "c"}
    for symbol in data.draw(st.lists(st.sampled_from(symbols), max_size=4)):
        kept |= closure(symbol, ranks)
    after = bpe(sorted(kept), [(a, b) for a, b in merges if {a, b, a + b} <= kept])
    for text in data.draw(st.lists(st.text("abc", min_size=1, max_size=16), min_size=5, max_size=5)):
        old, new = before.encode(text).tokens, after.encode(text).tokens
        assert "".join(new) == text
        if set(old) <= kept:
            assert new == old


@given(tables(), st.text("abc", min_size=1, max_size=12))
def test_a_trace_is_what_the_tokenizer_does(merges: list[tuple[str, str]], text: str) -> None:
    symbols = list(dict.fromkeys(["a", "b", "c", *(a + b for a, b in merges)]))
    assert trace(text, ranks_of(merges))[0] == bpe(symbols, merges).encode(text).tokens
