"""Continuations: transformers' own greedy text, whatever the batch; and figures of texts checked by hand."""

import dataclasses
import math

import pandas as pd
import pytest
import tiny
import torch

from mwanda_core.corpora import builtin, builtin_languages
from mwanda_core.errors import Cancelled, InputError, TextError
from mwanda_core.evaluation import share
from mwanda_core.insight import generation as home, langid
from mwanda_core.insight.generation import (
    Continuation,
    Generations,
    GenerationSettings,
    Prompt,
    builtin_prompts,
    choose,
    generate,
    generation_work,
    prompts_from,
)
from mwanda_core.insight.text import distinct, longest_loop, repetition, script_share
from mwanda_core.insight.writing import compare_generations
from mwanda_core.languages import LANGUAGES
from mwanda_core.models import LanguageModel
from mwanda_core.models.decoding import stop_tokens
from mwanda_core.progress import Monitor, Progress

PROMPTS = tuple(Prompt("en", str(i), text) for i, text in enumerate(("abcdefgh", "xy", "hello there", "q", "mwanda")))
GREEDY = GenerationSettings(max_new_tokens=9)
SAMPLED = GenerationSettings(max_new_tokens=9, temperature=1.5, seed=3)

needs_langid = pytest.mark.skipif(not langid.available(), reason="needs py3langid: pip install 'mwanda-explorer[langid]'")


def own_greedy(model: LanguageModel, prompt: Prompt, count: int) -> list[int]:
    """transformers' own loop, one prompt at a time; the token that ends the text included."""
    ids = torch.tensor([[*model.start, *model.encode(prompt.text)]])
    found = model.hf.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=count)
    return found[0, ids.shape[1] :].tolist()


def with_end(item: Continuation) -> list[int]:
    return [*item.tokens, *([tiny.EOS] if item.ended else [])]


def test_greedy_text_is_transformers_own(family: str) -> None:
    model = tiny.language_model(family)
    found = generate(model, PROMPTS, GREEDY, Monitor())
    assert [item.prompt for item in found.items] == list(PROMPTS)
    assert [with_end(item) for item in found.items] == [own_greedy(model, prompt, 9) for prompt in PROMPTS]


@pytest.mark.parametrize("family", ["llama", "gemma3_text", "gpt2", "bloom"])
@pytest.mark.parametrize("settings", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
def test_the_batch_and_its_order_do_not_matter(
    family: str, settings: GenerationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny.language_model(family)
    together = generate(model, PROMPTS, settings, Monitor())
    backward = generate(model, PROMPTS[::-1], settings, Monitor())
    assert backward.items[::-1] == together.items
    for size in (1, 2):
        monkeypatch.setattr(home, "BATCH", size)
        assert generate(model, PROMPTS, settings, Monitor()) == together


def test_a_seed_gives_the_same_text_and_another_seed_another(llama: LanguageModel) -> None:
    first, again = (generate(llama, PROMPTS, SAMPLED, Monitor()) for _ in range(2))
    assert first == again
    other = generate(llama, PROMPTS, dataclasses.replace(SAMPLED, seed=4), Monitor())
    assert [item.tokens for item in other.items] != [item.tokens for item in first.items]
    same_text = (Prompt("en", "a", "abc"), Prompt("en", "b", "abc"))
    left, right = generate(llama, same_text, SAMPLED, Monitor()).items
    assert left.tokens != right.tokens, "two prompts draw numbers of their own"


def test_one_token_to_choose_from_is_greedy(llama: LanguageModel) -> None:
    greedy = generate(llama, PROMPTS, GREEDY, Monitor())
    for changes in ({"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-4}):
        settings = dataclasses.replace(SAMPLED, **changes)
        assert generate(llama, PROMPTS, settings, Monitor()).items == greedy.items


def test_a_draw_is_inverted_by_hand() -> None:
    logits = torch.tensor([0.2, 0.5, 0.3]).log()
    plain = GenerationSettings(temperature=1.0)
    assert [choose(logits, plain, u) for u in (0.0, 0.49, 0.51, 0.79, 0.81, 0.999999)] == [1, 1, 2, 2, 0, 0]
    two = dataclasses.replace(plain, top_k=2)  # 0.5 and 0.3 of 0.8: the border is at 0.625.
    assert [choose(logits, two, u) for u in (0.62, 0.63, 0.999)] == [1, 2, 2]
    for top_p, last in ((0.4, 1), (0.6, 2), (0.85, 0)):
        assert choose(logits, dataclasses.replace(plain, top_p=top_p), 0.999999) == last
    squared = dataclasses.replace(plain, temperature=0.5)  # .25, .09, .04 of .38
    assert [choose(logits, squared, u) for u in (0.65, 0.66, 0.89, 0.9)] == [1, 2, 2, 0]


@pytest.mark.parametrize(("top_k", "top_p"), [(0, 1.0), (7, 1.0), (0, 0.6), (9, 0.5)])
def test_an_even_grid_of_draws_gives_the_softmax(top_k: int, top_p: float) -> None:
    logits = torch.randn(20)
    settings = GenerationSettings(temperature=0.7, top_k=top_k, top_p=top_p)
    count = 2000
    found = torch.tensor([choose(logits, settings, (i + 0.5) / count) for i in range(count)]).bincount(minlength=20) / count
    wanted = (logits.double() / 0.7).softmax(dim=0)
    order = wanted.argsort(descending=True)
    left = wanted.new_zeros(20)
    for place, token in enumerate(order.tolist()):
        inside = (top_k == 0 or place < top_k) and float(left.sum()) < top_p * (
            1.0 if top_k == 0 else float(wanted[order[:top_k]].sum())
        )
        left[token] = wanted[token] if inside else 0.0
    assert torch.allclose(found.double(), left / left.sum(), atol=1.1 / count)


def test_a_text_ends_where_the_model_ends_it(llama: LanguageModel) -> None:
    whole = generate(llama, PROMPTS, GREEDY, Monitor())
    stop = whole.items[0].tokens[3]
    llama.hf.generation_config.eos_token_id = [stop, tiny.EOS]
    assert stop_tokens(llama) == {stop, tiny.EOS}
    found = generate(llama, PROMPTS, GREEDY, Monitor())
    for before, after in zip(whole.items, found.items, strict=True):
        cut = before.tokens.index(stop) if stop in before.tokens else len(before.tokens)
        assert after.tokens == before.tokens[:cut]
        assert after.ended == (before.ended or stop in before.tokens)
    assert found.items[0].ended
    assert len(found.items[0].tokens) <= 3


def test_the_text_is_what_the_tokens_say(llama: LanguageModel) -> None:
    for item in generate(llama, PROMPTS, SAMPLED, Monitor()).items:
        raw = [token for token in item.tokens if token not in (tiny.PAD, tiny.BOS, tiny.EOS, tiny.UNK)]
        assert item.text == llama.tokenizer.decode(raw)


def test_a_cancel_takes_effect_within_a_token_and_leaves_nothing(llama: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    before, weights = generate(llama, PROMPTS, GREEDY, Monitor()), tiny.all_bytes(llama)
    steps = []
    real = home.next_logits
    monkeypatch.setattr(home, "next_logits", lambda *args: (steps.append(len(steps)), real(*args))[1])
    with pytest.raises(Cancelled):
        generate(llama, PROMPTS, GREEDY, Monitor(is_cancelled=lambda: len(steps) == 4))
    assert len(steps) == 4
    assert tiny.all_bytes(llama) == weights
    assert not any("forward" in module.__dict__ for module in llama.hf.modules())
    monkeypatch.undo()
    assert generate(llama, PROMPTS, GREEDY, Monitor()) == before


@pytest.mark.parametrize("settings", [GREEDY, GenerationSettings(max_new_tokens=40, temperature=3.0)])
def test_progress_adds_up_to_the_work_announced(llama: LanguageModel, settings: GenerationSettings) -> None:
    seen: list[Progress] = []
    generate(llama, PROMPTS, settings, Monitor(on_progress=seen.append))
    assert seen[-1].done == generation_work(PROMPTS, settings)


def test_no_prompts_give_no_text(llama: LanguageModel) -> None:
    assert generate(llama, (), GREEDY, Monitor()).items == ()


def test_a_text_must_fit_the_positions() -> None:
    model = tiny.language_model("gpt2", n_positions=16)
    fits = (Prompt("en", "a", "abcdefg"),)  # 1 + 7 tokens, and the last new one is not read.
    found = generate(model, fits, GREEDY, Monitor())
    assert with_end(found.items[0]) == own_greedy(model, fits[0], 9)
    with pytest.raises(InputError, match="at most 16 tokens"):
        generate(model, (Prompt("en", "a", "abcdefgh"),), GREEDY, Monitor())


def test_an_empty_prompt_is_refused(llama: LanguageModel) -> None:
    llama.__dict__["start"] = ()
    with pytest.raises(InputError, match="Swahili is empty"):
        generate(llama, (Prompt("sw", "a", ""),), GREEDY, Monitor())


@pytest.mark.parametrize(
    "changes", [{"max_new_tokens": 0}, {"temperature": -1.0}, {"temperature": math.nan}, {"top_k": -1}, {"top_p": 0.0}]
)
def test_settings_are_checked(changes: dict[str, float]) -> None:
    with pytest.raises(InputError):
        GenerationSettings(**changes)  # type: ignore[arg-type]


def test_built_in_prompts_open_passages_that_nothing_is_calibrated_on() -> None:
    prompts = builtin_prompts(per_language=3)
    assert len(prompts) == 3 * len(builtin_languages())
    half = builtin().evaluation
    for prompt in prompts:
        passage = next(p for p in half.passages[prompt.language] if p.id == prompt.id)
        assert passage.text.startswith(prompt.text)
        if LANGUAGES[prompt.language].spaced:
            assert len(prompt.text.split()) == 12
        else:
            assert len(prompt.text) == 24
    assert [p.language for p in builtin_prompts(["sw", "en"], 1)] == ["sw", "en"]
    with pytest.raises(TextError):
        builtin_prompts(["xx"])
    with pytest.raises(InputError, match="at least one"):
        prompts_from(half, 0)


def test_repetition_by_hand() -> None:
    assert distinct([1, 2, 1, 2], 1) == 0.5
    assert repetition([1, 2, 1, 2], 2) == pytest.approx(1 / 3)
    assert repetition([1, 2, 3], 3) == 0.0
    assert math.isnan(distinct([1, 2], 3))


@pytest.mark.parametrize(
    ("tokens", "loop"),
    [([], 0), ([1], 0), ([1, 2, 3], 0), ([1, 1], 2), ([1, 2, 1], 0), ([1, 2, 1, 2], 4), ([1, 2, 1, 2, 1], 5),
     ([9, 1, 2, 1, 2, 1, 9], 5), ([4, 4, 4, 5, 6, 5, 6], 4), ([1, 2, 3, 1, 2, 4], 0), ([1] * 7, 7)],
)  # fmt: skip
def test_loops_by_hand(tokens: list[int], loop: int) -> None:
    assert longest_loop(tokens) == loop


def test_loops_by_reference() -> None:
    for seed in range(40):
        tokens = torch.randint(0, 2 + seed % 3, (12,), generator=torch.Generator().manual_seed(seed)).tolist()
        best = 0
        for start in range(len(tokens)):
            for end in range(start + 2, len(tokens) + 1):
                piece = tokens[start:end]
                if any(piece[p:] == piece[:-p] for p in range(1, len(piece) // 2 + 1)):
                    best = max(best, len(piece))
        assert longest_loop(tokens) == best


@pytest.mark.parametrize(
    ("text", "code", "wanted"),
    [("abc", "en", 1.0), ("abc где", "ru", 0.5), ("é e\u0301", "fr", 1.0), ("ＡＢ", "en", 1.0), ("日本語ひらがなカタカナー", "ja", 1.0),
     ("中文abc", "zh", 0.4), ("हिन्दी", "hi", 1.0), ("हिन्दी", "sw", 0.0), ("한국", "ko", 1.0), ("ไทย ่", "th", 1.0)],
)  # fmt: skip
def test_script_share_by_hand(text: str, code: str, wanted: float) -> None:
    assert script_share(text, code) == pytest.approx(wanted)


def test_script_share_needs_letters_and_a_script() -> None:
    assert math.isnan(script_share("12 3.", "en"))
    assert math.isnan(script_share("abc", "unknown"))


def test_every_language_s_own_name_is_in_its_script() -> None:
    for code, entry in LANGUAGES.items():
        assert script_share(entry.endonym, code) == 1.0, code
    for code, passages in builtin().evaluation.passages.items():
        assert script_share(" ".join(p.text for p in passages), code) > 0.97, code


def written(texts: dict[str, tuple[str, ...]], tokens: tuple[int, ...] = (1, 2, 3)) -> Generations:
    """Continuations with given texts."""
    items = [
        Continuation(Prompt(code, str(i), "opening"), tokens if text else (), text, not text)
        for code, several in texts.items()
        for i, text in enumerate(several)
    ]
    return Generations(GREEDY, tuple(items))


SWAHILI = "Watoto wanapenda kucheza mpira baada ya shule kila siku mjini"
ENGLISH = "The children like to play football after school every day in town"


@needs_langid
def test_no_longer_answering_in_swahili_is_a_number() -> None:
    dense = written({"sw": (SWAHILI,) * 4, "en": (ENGLISH,) * 4})
    pruned = written({"sw": (ENGLISH, ENGLISH, "", SWAHILI), "en": (ENGLISH,) * 4}, (7, 7, 7))
    tables = compare_generations(dense, pruned, identify=True)
    table = tables["languages"].set_index("language")
    assert list(table.index) == ["sw", "en"]
    row = table.loc["sw"]
    assert (row["prompts"], row["identifiable"], row["on_language_dense"], row["on_language_pruned"]) == (4, 4, 1.0, 0.25)
    wanted = share(1, 4)
    assert (row["on_language_pruned_low"], row["on_language_pruned_high"]) == (wanted.low, wanted.high)
    assert row["on_language_change"] == -0.75
    assert row["p_value"] == pytest.approx(0.25)
    assert table.loc["en", "on_language_change"] == 0.0
    assert table.loc["en", "repetition_dense"] == 0.0
    assert table.loc["en", "loop_pruned"] == 3.0
    assert table.loc["en", "agreement"] == 0.0
    texts = tables["texts"]
    assert texts.loc[0, "identified_pruned"] == "en"
    assert texts.loc[0, "probability_dense"] > 0.9
    assert texts["identified_pruned"].isna().tolist() == [i == 2 for i in range(8)]


def test_equal_texts_change_nothing() -> None:
    one = written({"sw": (SWAHILI, ENGLISH), "zh": ("中文", "12")})
    tables = compare_generations(one, one)
    assert tables["texts"]["same"].all()
    assert (tables["texts"]["agreement"] == 3).all()
    for name in ("script_share", "repetition", "loop", "distinct_1", "distinct_2"):
        pd.testing.assert_series_equal(
            tables["languages"][f"{name}_dense"], tables["languages"][f"{name}_pruned"], check_names=False
        )
    if langid.available():
        assert (tables["languages"]["on_language_change"] == 0.0).all()
        assert (tables["languages"]["p_value"] == 1.0).all()


def test_without_the_identifier_the_script_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    langid._identifier.cache_clear()
    monkeypatch.setattr(langid, "available", lambda: False)
    one, other = written({"hi": ("हिन्दी", "हिन्दी")}), written({"hi": ("हिन्दी", "abcdef")})
    row = compare_generations(one, other)["languages"].iloc[0]
    assert row["identifiable"] == 0
    assert math.isnan(row["on_language_dense"])
    assert (row["script_share_dense"], row["script_share_pruned"]) == (1.0, 0.5)
    with pytest.raises(InputError, match=r"mwanda-explorer\[langid\]"):
        compare_generations(one, other, identify=True)


def test_only_the_same_prompts_and_settings_are_compared() -> None:
    one = written({"sw": (SWAHILI,)})
    with pytest.raises(InputError, match="different prompts"):
        compare_generations(one, written({"en": (SWAHILI,)}))
    with pytest.raises(InputError, match="different settings"):
        compare_generations(one, dataclasses.replace(one, settings=SAMPLED))
    empty = compare_generations(written({}), written({}))
    assert empty["texts"].empty
    assert "on_language_pruned" in empty["languages"]


@needs_langid
def test_the_identifier_knows_the_built_in_languages() -> None:
    assert all(langid.knows(code) for code in LANGUAGES)
    assert not langid.knows("vec")
    prompts = builtin_prompts(per_language=20)
    wrong = [
        (p.language, found.language) for p in prompts if (found := langid.identify(p.text)) and found.language != p.language
    ]
    assert set(wrong) <= {("id", "ms")}
    assert len(wrong) <= 5
    assert langid.identify("1234 ... 5678") is None
