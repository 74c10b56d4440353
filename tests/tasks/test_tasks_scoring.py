"""Scoring choices: by hand, by transformers' own loss, and by the laws that no batching, order or vocabulary may break."""

import dataclasses

import pytest
import tiny
import torch
from hypothesis import given, strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from mwanda_core.evaluation import batching, choices as running, losses
from mwanda_core.evaluation.batching import Choice, bare_batches, batches, by_length, calls_of, rows_of
from mwanda_core.evaluation.choices import Scored, score_groups
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.tasks import Item, Task, accuracy, score_dense_task, score_task, scoring as home
from mwanda_core.tasks.scoring import CHOICE_COLUMNS, answers, encode_choice


def own_likelihood(model: LanguageModel, choice: Choice) -> float:
    """log p of the tokens from `first` on, by the model's own labels argument."""
    labels = torch.tensor([choice.ids]).clone()
    labels[0, : choice.first] = -100
    with torch.no_grad():
        found = model.hf(input_ids=torch.tensor([choice.ids]), labels=labels)
    return -float(found.loss) * (len(choice.ids) - choice.first)


def some_groups() -> list[list[Choice]]:
    """Items of many shapes: shared and unshared openings, one-token choices, scored tokens inside the shared part."""
    ids = [tuple(tiny.random_ids(1, 20, seed=seed)[0].tolist()) for seed in range(8)]
    return [
        [Choice((*ids[0][:9], token), 9) for token in (4, 5, 6, 7)],
        [Choice(ids[0][:9] + ids[1][:5], 9), Choice(ids[0][:9] + ids[2][:2], 9), Choice(ids[0][:9] + ids[3][:11], 9)],
        [Choice(ids[4][:12], 1), Choice(ids[4][:6] + ids[5][:5], 1)],
        [Choice(ids[6][:3], 2), Choice(ids[7][:7], 1)],
        [Choice(ids[5][:14] + ids[6][:3], 15), Choice(ids[5][:14] + ids[7][:3], 16)],
        [Choice(ids[2][:8], 3), Choice(ids[2][:9], 3)],
    ]


def all_scores(model: LanguageModel, groups: list[list[Choice]], greedy: bool = False) -> list[Scored]:
    found = {index: scored for batch in score_groups(model, groups, greedy) for index, scored in batch}
    return [found[index] for index in range(len(groups))]


def test_likelihoods_are_transformers_own(family: str) -> None:
    model = tiny.language_model(family)
    for group, found in zip(some_groups(), all_scores(model, some_groups()), strict=True):
        assert found.loglikelihoods == pytest.approx([own_likelihood(model, choice) for choice in group], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(("tokens", "call"), [(1, 0), (40, 10**6), (10**9, 10**6)])
def test_batching_does_not_matter(llama: LanguageModel, tokens: int, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vars(llama)["packable"] = 0
    expected = [found.loglikelihoods for found in all_scores(llama, some_groups())]
    monkeypatch.setattr(batching, "BATCH_TOKENS", tokens)
    monkeypatch.setattr(batching, "CALL_TOKENS", call)
    sizes = [len(members) for _, members in batches(some_groups())]
    assert sum(sizes) == len(some_groups())
    assert sizes == [6] if tokens == 10**9 else max(sizes) < 6
    for found, wanted in zip(all_scores(llama, some_groups()), expected, strict=True):
        assert found.loglikelihoods == pytest.approx(wanted, rel=1e-4)


def roomy(family: str, **changes: object) -> LanguageModel:
    """A model whose sliding windows, if it has any, hold every sequence here."""
    return tiny.language_model(
        family, **({"sliding_window": 64} if "sliding_window" in tiny.CONFIGS[family] else {}), **changes
    )


@pytest.mark.parametrize(("row", "batch"), [(384, 2048), (30, 1), (50, 100)])
def test_packed_rows_score_as_keys_and_values_kept_do(
    family: str, row: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = roomy(family)
    assert bool(model.packable) == (family != "bloom")
    monkeypatch.setattr(running, "ROW_TOKENS", row)
    monkeypatch.setattr(batching, "BATCH_TOKENS", batch)
    packed = all_scores(model, some_groups(), greedy=True)
    vars(model)["packable"] = 0
    for found, wanted in zip(packed, all_scores(model, some_groups(), greedy=True), strict=True):
        assert found.loglikelihoods == pytest.approx(wanted.loglikelihoods, abs=1e-4)
        assert found.greedy == wanted.greedy


def test_items_too_long_for_a_row_or_a_window_keep_keys_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model("gemma3_text", sliding_window=24)
    calls = []
    work = LanguageModel.hidden_packed
    monkeypatch.setattr(LanguageModel, "hidden_packed", lambda self, rows: calls.append(rows.ids.shape) or work(self, rows))
    ids = tiny.random_ids(1, 60)[0].tolist()
    groups = [[Choice((*ids[:length], token), length) for token in (4, 5, 6)] for length in (24, 25, 10)]
    assert model.packable == 24
    calls.clear()
    found = all_scores(model, groups)
    assert calls == [(1, 34)]  # The trunks alone: every choice is one token, which nothing follows.
    for group, each in zip(groups, found, strict=True):
        assert each.loglikelihoods == pytest.approx([own_likelihood(model, choice) for choice in group], abs=1e-3)


@pytest.mark.parametrize("batch", [2048, 1])
def test_long_items_with_choices_of_one_token_need_no_mask(family: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model(family)
    ids = tiny.random_ids(1, 60)[0].tolist()
    # The last one's choices differ before their last token, so that it cannot be run as it is.
    groups = [[Choice((*ids[:length], token), length) for token in (4, 5, 6)] for length in (24, 40, 10, 39)]
    groups.append([Choice((*ids[:20], token, 7), 20) for token in (4, 5)])
    runs: list[tuple[int, ...]] = []
    work = LanguageModel.hidden
    monkeypatch.setattr(
        LanguageModel, "hidden", lambda self, ids, keep=None: runs.append(tuple(ids.shape)) or work(self, ids, keep)
    )
    monkeypatch.setattr(batching, "BATCH_TOKENS", batch)
    _ = model.packable, model.keeps_rows  # Found by runs of their own.
    runs.clear()
    monkeypatch.setattr(running, "LONG", 10)
    found = all_scores(model, groups, greedy=True)
    assert runs[:3] == ([(1, 40), (1, 39), (1, 24)] if batch == 1 else [(3, 40)])
    for group, each in zip(groups, found, strict=True):
        assert each.loglikelihoods == pytest.approx([own_likelihood(model, choice) for choice in group], abs=1e-3)
    monkeypatch.setattr(running, "LONG", 10_000)
    assert [each.greedy for each in found] == [each.greedy for each in all_scores(model, groups, greedy=True)]


def test_batches_without_a_mask_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    # Padding may cost up to a call: 300 with 280 and 250 wastes 20 + 50, with 250 and 240 it would waste 50 + 60.
    monkeypatch.setattr(batching, "CALL_TOKENS", 100)
    monkeypatch.setattr(batching, "BATCH_TOKENS", 10_000)
    assert bare_batches([250, 300, 280]) == [[1, 2, 0]]
    assert bare_batches([250, 300, 240]) == [[1, 0], [2]]
    monkeypatch.setattr(batching, "BATCH_TOKENS", 600)
    assert bare_batches([250, 300, 280]) == [[1, 2], [0]]
    assert bare_batches([700]) == [[0]]
    assert bare_batches([]) == []


def test_rows_by_hand() -> None:
    # 20 tokens are two rows of 10 at best; least filled first: 9, then 5 + 4, then 2 fits nowhere, so three rows.
    assert sorted(map(sorted, rows_of([5, 9, 4, 2], 10))) == [[0], [1], [2, 3]]
    assert rows_of([3, 3, 3, 3], 6) == [[1, 3], [0, 2]]
    assert rows_of([10], 10) == [[0]]
    assert rows_of([], 10) == []


@given(st.lists(st.integers(0, 30), max_size=40))
def test_rows_hold_every_item_once_and_no_row_is_too_long(sizes: list[int]) -> None:
    rows = rows_of(sizes, 30)
    assert sorted(index for row in rows for index in row) == list(range(len(sizes)))
    assert all(sum(sizes[index] for index in row) <= 30 for row in rows)


def test_calls_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "BATCH_TOKENS", 30)
    rows, sizes = [[0], [1], [2], [3]], [10, 9, 9, 8]
    # Three rows fit a call; four rows are two calls of two.
    assert calls_of(rows, sizes) == [rows[:2], rows[2:]]
    assert calls_of(rows, [40, 1, 1, 1]) == [[row] for row in rows]
    assert calls_of([], []) == []


def test_batches_by_hand() -> None:
    def group(shared: int, rests: list[int]) -> list[Choice]:
        return [Choice(tuple([9] * shared + [10 + i] * rest), shared) for i, rest in enumerate(rests)]

    # Two items of 30 + 2 * 2 tokens and two calls each: together the tokens are as many and the calls half.
    assert batches([group(30, [3, 3]), group(30, [2, 3])]) == [(30, [0, 1])]
    # 300 and 10 shared tokens: together the long context would run once a choice.
    assert batches([group(300, [3, 3]), group(10, [3, 3])]) == [(10, [1]), (300, [0])]
    # One token less shared costs two more (one a choice, less one context): cheaper than a call.
    assert batches([group(31, [3, 3]), group(30, [3, 3])]) == [(30, [1, 0])]


def test_parts_of_similar_lengths_by_hand() -> None:
    # 200, 200, 120 pad 80 tokens, fewer than a call; with the 30 it would be 250.
    assert by_length([30, 200, 120, 200]) == [[1, 3, 2], [0]]
    assert by_length([5, 5, 5]) == [[0, 1, 2]]
    assert by_length([]) == []


def test_greedy_says_whether_the_model_would_write_the_choice(llama: LanguageModel) -> None:
    context = [tiny.BOS, 50, 60, 70]
    written = list(context)
    with torch.no_grad():
        for _ in range(3):
            written.append(int(llama.hf(input_ids=torch.tensor([written])).logits[0, -1].argmax()))
    other = [*written[:-1], (written[-1] + 1) % 256]
    found = all_scores(llama, [[Choice(tuple(written), 4), Choice(tuple(other), 4)]], greedy=True)[0]
    assert found.greedy == (True, False)
    assert all_scores(llama, [[Choice(tuple(written), 4)]])[0].greedy is None


class Largest(TorchDispatchMode):
    """Notes the largest tensor that any operation makes anew, beside the weights."""

    def __init__(self, model: LanguageModel) -> None:
        TorchDispatchMode.__init__(self)
        self.weights = {parameter.untyped_storage().data_ptr() for parameter in model.hf.parameters()}
        self.elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        found = func(*args, **(kwargs or {}))
        if isinstance(found, torch.Tensor) and found.untyped_storage().data_ptr() not in self.weights:
            self.elements = max(self.elements, found.numel())
        return found


def test_memory_does_not_grow_with_the_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "LOSS_CHUNK_ELEMENTS", 60_000)
    peaks = []
    for vocabulary in (2600, 10_000, 30_000):
        model = tiny.language_model("llama", vocab_size=vocabulary)
        assert model.packable  # Found on a row of its own, whatever the vocabulary.
        with Largest(model) as seen:
            all_scores(model, some_groups())
        peaks.append(seen.elements)
    # More than 50 tokens are scored: all logits at once would be 1,500,000 in the last model.
    assert 30_000 < max(peaks) <= 60_000


def item(name: str, answer: int, texts: tuple[str, ...], context: str = "So", code: str = "en") -> Item:
    return Item(name, code, context, texts, answer)


def four_items() -> Task:
    texts = ((" ab", " cde"), (" b", " a", " cc"), (" xy", " z"), (" q", " rs"))
    return Task("own", "Own", tuple(item(str(i), 0 if i != 1 else 2, t, f"word {i}") for i, t in enumerate(texts)))


def test_four_items_by_hand(llama: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = [(-2.0, -3.0), (-2.0, -1.0, -1.5), (-4.0, -4.0), (-1.0, float("nan"))]
    monkeypatch.setattr(home, "score_groups", lambda model, groups: [[(i, Scored(t, None)) for i, t in enumerate(typed)]])
    found = score_task(llama, four_items(), Monitor())
    raw = found.items[found.items["reading"] == "raw"]
    # A tie is not an answer; no number at all loses against a number.
    assert list(raw["correct"]) == [True, False, False, True]
    assert list(raw["picked"]) == [0, 1, 1, 0]
    assert list(raw["margin"])[:3] == [1.0, -0.5, 0.0]
    assert list(raw["chance"]) == [0.5, 1 / 3, 0.5, 0.5]
    byte = found.items[found.items["reading"] == "per byte"]
    # -2/2 against -3/3: alike. -1.5/2 is the best of three. -4/2 beats -4/1.
    # pairs: " ab" 2 bytes, " cde" 3; " cc" 2; " xy" 2, " z" 1.
    assert list(byte["correct"]) == [False, True, True, True]
    assert list(byte["margin"])[:3] == [0.0, 0.25, 2.0]
    assert accuracy(found) == {"en": 0.5}
    assert accuracy(found, "per byte") == {"en": 0.75}
    assert list(found.choices["bytes"]) == [2, 3, 1, 1, 2, 2, 1, 1, 2]
    assert list(found.choices["tokens"]) == [3, 4, 2, 2, 3, 3, 2, 2, 3]


def test_permuting_choices_permutes_the_answer(llama: LanguageModel) -> None:
    task = four_items()
    turned = tuple(dataclasses.replace(i, choices=i.choices[::-1], answer=len(i.choices) - 1 - i.answer) for i in task.items)
    before, after = (score_task(llama, t, Monitor()) for t in (task, dataclasses.replace(task, items=turned)))
    assert list(before.items["correct"]) == list(after.items["correct"])
    assert list(before.items["margin"]) == pytest.approx(list(after.items["margin"]), rel=1e-4)
    sizes = [len(i.choices) for i in task.items] * 2
    assert [n - 1 - p for n, p in zip(sizes, before.items["picked"], strict=True)] == list(after.items["picked"])


def test_an_item_twice_scores_twice_the_same(llama: LanguageModel) -> None:
    task = four_items()
    twice = dataclasses.replace(task, items=task.items + tuple(dataclasses.replace(i, id=f"{i.id}b") for i in task.items))
    found = score_task(llama, twice, Monitor()).choices["loglikelihood"].to_numpy()
    assert found[:9] == pytest.approx(found[9:], rel=1e-5)


def test_a_broken_model_knows_nothing(llama: LanguageModel) -> None:
    with torch.no_grad():
        llama.hf.get_output_embeddings().weight.fill_(float("nan"))
    assert accuracy(score_task(llama, four_items(), Monitor())) == {"en": 0.0}
    with torch.no_grad():
        llama.hf.get_output_embeddings().weight.zero_()
    # Every token is equally likely: of choices of one length none is preferred.
    even = Task("even", "Even", tuple(item(str(i), 0, (" ab", " cd")) for i in range(3)))
    found = score_task(llama, even, Monitor())
    assert accuracy(found) == accuracy(found, "per byte") == {"en": 0.0}


def test_dense_answers_are_kept(llama: LanguageModel, cache: object, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task("own", "Own", (*four_items().items, item("1", 0, (" uno", " dos"), code="es")))
    first = score_dense_task(llama, task, Monitor())
    calls = []
    work = home.score_groups
    monkeypatch.setattr(home, "score_groups", lambda model, groups: calls.append(len(groups)) or work(model, groups))
    again = score_dense_task(llama, task, Monitor())
    assert not calls
    assert again.choices.equals(first.choices)
    assert again.items.equals(first.items)
    more = dataclasses.replace(task, items=(*task.items, item("2", 1, (" un", " des"), code="fr")))
    assert score_dense_task(llama, more, Monitor()).choices[: len(first.choices)].equals(first.choices)
    assert calls == [1]
    renamed = dataclasses.replace(task, name="other", title="Other")
    assert score_dense_task(llama, renamed, Monitor()).choices.equals(first.choices)
    assert calls == [1]


def test_dense_and_pruned_figures_are_bit_for_bit_alike_where_nothing_changed(llama: LanguageModel, cache: object) -> None:
    """Also when only some languages came from the cache: languages share no batch."""
    spanish = Task("own", "Own", tuple(item(str(i), 0, (f" u{i}", " dos"), code="es") for i in range(3)))
    task = dataclasses.replace(spanish, items=spanish.items + four_items().items)
    score_dense_task(llama, spanish, Monitor())
    assert score_dense_task(llama, task, Monitor()).choices.equals(score_task(llama, task, Monitor()).choices)


def test_tokens_of_a_choice(llama: LanguageModel) -> None:
    assert encode_choice(llama, "ab ", "c") == Choice((tiny.BOS, *llama.encode("ab c")), 3)
    assert encode_choice(llama, "", "abc") == Choice((tiny.BOS, *llama.encode("abc")), 1)
    lead = Item("1", "en", "The ", (" ran.", " ran."), 1, ("cat", "dog"))
    found = home.encode_item(llama, lead)
    assert [choice.first for choice in found] == [8, 8]
    assert found[0].ids[1:] == tuple(llama.encode("The cat ran."))


def test_progress_is_planned_and_reached(llama: LanguageModel) -> None:
    monitor = Monitor()
    score_task(llama, four_items(), monitor)
    assert monitor.done == monitor.total > 0


def test_answers_need_no_order_of_items() -> None:
    import pandas as pd

    rows = [("en", "a", 1, 0, 1, 1, -1.0), ("en", "a", 1, 1, 1, 4, -2.0)]
    frame = pd.DataFrame(rows, columns=list(CHOICE_COLUMNS))
    assert list(answers(frame, "raw")["correct"]) == [False]
    assert list(answers(frame, "per byte")["correct"]) == [True]
