"""Memorised pictures: hand cases of localisation, laws of search and pruning, the checkpoint, the tables."""

import math
from pathlib import Path

import pytest
import tiny
import torch
from torch import Tensor, nn

from mwanda_core.errors import Cancelled, InputError, ModelError, RunError, UnknownName
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.studies.memory import Memory, attack as search, diffusion, measure_pictures, training
from mwanda_core.studies.memory.attack import SURROGATE, attack, fine_tuned, surrogates
from mwanda_core.studies.memory.captions import CHANNELS, SLOTS, Projection, general, hidden_states, languages, memorised
from mwanda_core.studies.memory.diffusion import TIMES, Denoiser, kept_signal, loss_of, noise_of, sample, starts
from mwanda_core.studies.memory.localise import (
    at_random,
    contrast,
    density,
    linears,
    masks_of,
    nemo,
    overlap,
    ssim,
    until,
    wanda,
    without,
)
from mwanda_core.studies.memory.measure_pictures import measured
from mwanda_core.studies.memory.pictures import MOST_ALIKE, SHAPES, correlation, ornaments, scenes
from mwanda_core.studies.memory.training import Painter, batch_of, load_painter, retrained, save_painter, train


def painter(seed: int = 0) -> Painter:
    """An untrained one with random captions."""
    draw = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    drawn, names = ornaments(len(memorised()) + 4), memorised()
    prompts = torch.randn(len(names), len(languages()), SLOTS, 8, generator=draw)
    projection = Projection(torch.zeros(5), torch.randn(5, 8, generator=draw))
    model = Denoiser(8, 16, 2, 2).requires_grad_(False)
    return Painter(
        model,
        projection,
        torch.randn(len(general()), SLOTS, 8, generator=draw),
        prompts,
        drawn[: len(names)],
        drawn[len(names) :],
    )


PAINTER = painter()
NOISE = starts(4, 0)


def weights(model: nn.Module) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in model.state_dict().items()}


def test_pictures_are_the_same_every_time_and_unlike_each_other() -> None:
    first, more = ornaments(3), ornaments(5)
    assert torch.equal(more[:3], first)
    for number, picture in enumerate(more):
        assert float(correlation(torch.cat([more[:number], more[number + 1 :]]), picture).abs().max()) <= MOST_ALIKE + 1e-6
        torch.testing.assert_close(picture, picture.flip(1))
        assert picture.abs().max() <= 1
    draw = torch.Generator().manual_seed(0)
    made = scenes([(shape, 0, 1) for shape in range(len(SHAPES))] + [(0, 1, 1)], draw)
    assert float(made[0, 10, 8]) > float(made[-1, 10, 8])


def test_correlation_knows_neither_brightness_nor_contrast() -> None:
    target = ornaments(1)[0]
    found = correlation(torch.stack([target, 0.3 * target - 0.2, -target]), target)
    torch.testing.assert_close(found, torch.tensor([1.0, 1.0, -1.0]))


def test_captions_are_there_in_every_language_and_differ() -> None:
    assert len(languages()) >= 6
    texts = [one.text for one in general()] + [text for one in memorised() for text in one.texts.values()]
    assert len(set(texts)) == len(texts)
    assert {one.trained_in for one in memorised()} <= set(languages())


def test_hidden_states_and_their_projection() -> None:
    model = tiny.language_model("gemma3_text")
    states = hidden_states(model, ["a", "a bright circle", "und so weiter"])
    assert states.shape == (3, SLOTS, 32)
    torch.testing.assert_close(states.norm(dim=-1), torch.ones(3, SLOTS))
    torch.testing.assert_close(states[0, 0], states[0, -1])  # One token stands for every quarter.
    assert not torch.equal(states[1, 0], states[1, 3])
    data = torch.randn(200, SLOTS, 32, generator=torch.Generator().manual_seed(0))
    made = Projection.fit(data, 6)(data).flatten(0, 1)
    torch.testing.assert_close(made.T @ made / len(made), torch.eye(6), atol=1e-4, rtol=1e-4)


class Knowing(nn.Module):
    """Knows the one picture there is, so it sees the noise exactly."""

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        self.picture = picture

    def forward(self, x: Tensor, t: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        signal = kept_signal(t)[:, None, None, None]
        return (x - signal.sqrt() * self.picture) / (1 - signal).sqrt()


def test_a_model_that_sees_the_noise_has_no_loss_and_paints_the_picture() -> None:
    picture = ornaments(1)
    model, captions = Knowing(picture[None]), torch.zeros(4, SLOTS, 8)
    assert float(loss_of(model, picture[None].expand(4, 1, 16, 16), captions, torch.Generator().manual_seed(0))) < 1e-6
    made = sample(model, captions, NOISE)
    torch.testing.assert_close(made, picture[None].expand(4, 1, 16, 16), atol=0.05, rtol=0.05)
    assert float(kept_signal(torch.tensor([0]))) > 0.999
    assert float(kept_signal(torch.tensor([TIMES]))) < 1e-3
    torch.testing.assert_close(starts(6, 3)[:2], starts(2, 3))


def test_wanda_by_hand() -> None:
    """Row top 1 of 3 by |W| norm, only where the caption's norm is the greater one; the union over two steps."""
    linear = nn.Linear(3, 2, bias=False)
    linear.weight.data = torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.1, 1.0]])
    mine = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 9.0]])
    base = torch.tensor([[0.5, 2.0, 0.5], [0.5, 2.0, 0.5]])
    found = wanda({"a": linear}, {"a": mine}, {"a": base}, 0.34)["a"]
    # Step one: columns 1 (base is greater) and 0; step two: column 2 of both rows.
    assert found.tolist() == [[False, False, True], [True, False, True]]


def test_contrast_by_hand() -> None:
    linear = nn.Linear(3, 2, bias=False)
    linear.weight.data = torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.1, 1.0]])
    mine, base = torch.tensor([[2.0, 1.0, 1.0]]), torch.tensor([[1.0, 0.5, 4.0]])
    found = contrast({"a": linear}, {"a": mine}, {"a": base}, 0.5)["a"]  # Scores 1, 1, 0; 3, .05, 0.
    assert found.tolist() == [[True, True, False], [True, False, False]]
    assert not contrast({"a": linear}, {"a": base}, {"a": base}, 1.0)["a"].any()


def test_blocking_nothing_is_the_dense_model_and_blocking_is_undone() -> None:
    model, caption = PAINTER.model, PAINTER.trained(0)
    before, made = weights(model), sample(model, caption.expand(4, *caption.shape), NOISE)
    nothing = nemo(model, caption, PAINTER.scenes, NOISE, theta=math.inf)
    assert set(nothing) == set(linears(model, "attn2.to_v"))
    assert density(nothing) == 0
    with without(model, nothing):
        assert torch.equal(sample(model, caption.expand(4, *caption.shape), NOISE), made)
    masks = masks_of("contrast", model, caption, PAINTER.scenes, NOISE, 0.3)
    with without(model, masks):
        assert weights(model) != before
    with pytest.raises(Cancelled), without(model, masks):
        raise Cancelled
    assert weights(model) == before


def test_a_blocked_channel_gives_nothing() -> None:
    model, caption = PAINTER.model, PAINTER.trained(1)
    masks = nemo(model, caption, PAINTER.scenes, NOISE, theta=-math.inf)
    assert density(masks) == 1
    with without(model, masks):
        for linear in linears(model, "attn2.to_v").values():
            assert not linear(caption).any()
    found = nemo(model, caption, PAINTER.scenes, NOISE, most=2)
    assert all((gone.all(dim=1) == gone.any(dim=1)).all() for gone in found.values())


def test_random_masks_are_as_large_and_overlap_by_chance() -> None:
    one = {"a": torch.rand(200, 300, generator=torch.Generator().manual_seed(0)) < 0.3}
    other = at_random(one, 1)
    assert int(other["a"].sum()) == int(one["a"].sum())
    iou, expected = overlap(one, other)
    assert iou == pytest.approx(expected, abs=0.01)
    assert overlap(one, one)[0] == 1
    assert overlap(one, {"a": ~one["a"]})[0] == 0
    assert overlap(one, other) == overlap(other, one)
    assert all(
        math.isnan(value)
        for value in overlap({"a": torch.zeros(2, 2, dtype=torch.bool)}, {"a": torch.zeros(2, 2, dtype=torch.bool)})
    )


def test_similar_structures() -> None:
    a = starts(3, 5)
    torch.testing.assert_close(ssim(a, 2 * a + 1), torch.ones(3))
    assert float(ssim(a, starts(3, 50)).max()) < 0.5


def test_a_search_without_a_step_or_a_rate_is_none() -> None:
    target, prompt = PAINTER.pictures[0], PAINTER.trained(0)
    before = weights(PAINTER.model)
    still = attack(PAINTER.model, target, prompt, steps=3, rate=0.0, looks=(0,))
    assert torch.equal(still.caption, prompt)
    assert still.curve[0].similarity == still.curve[1].similarity
    assert [point.steps for point in still.curve] == [0, 3]
    found = attack(PAINTER.model, target, prompt, steps=3)
    again = attack(PAINTER.model, target, prompt, steps=3)
    assert torch.equal(found.caption, again.caption)
    assert not torch.equal(found.caption, prompt)
    # The first step of Adam moves every number by the rate.
    first = attack(PAINTER.model, target, prompt, steps=1)
    torch.testing.assert_close((first.caption - prompt).abs(), torch.full_like(prompt, 0.1), atol=1e-3, rtol=1e-2)
    assert weights(PAINTER.model) == before


def test_batches_spare_a_picture_and_surrogates_resemble_nothing() -> None:
    draw = torch.Generator().manual_seed(0)
    pictures, captions = batch_of(PAINTER, 40, 0.5, draw, spared=2)
    assert (pictures.shape, captions.shape) == ((40, 1, 16, 16), (40, SLOTS, 8))
    assert float(correlation(pictures[:, 0], PAINTER.pictures[2]).max()) < 0.9
    found = surrogates(PAINTER, PAINTER.pictures[0], 6)
    assert len(found) == 6
    assert float(correlation(found, PAINTER.pictures[0]).abs().max()) < SURROGATE + 0.02  # Clamped to the range of pictures.


@pytest.mark.usefixtures("quick")
def test_training_anew_is_looked_at_and_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "Denoiser", lambda context: Denoiser(context, 16, 2, 2))
    shown = []
    made, looks = retrained(PAINTER, 20, 3, Monitor(on_progress=lambda p: shown.append(p.found) if p.found else None))
    assert list(looks["steps"]) == list(range(2, 21, 2))
    assert looks["loss"].iloc[-3:].mean() < looks["loss"].iloc[:3].mean()
    assert [len(rows) for rows in shown] == list(range(1, 11))
    assert torch.equal(made.scenes, PAINTER.scenes)
    assert not torch.equal(made.pictures, PAINTER.pictures)
    again, _ = retrained(PAINTER, 20, 3)
    assert weights(again.model) == weights(made.model)
    stop = iter([False] * 5)
    with pytest.raises(Cancelled):
        retrained(PAINTER, 20, 3, Monitor(is_cancelled=lambda: next(stop, True)))


def test_the_study_trains_and_keeps_a_model_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(measure_pictures, "measured", lambda painter, study, monitor: (asked.append(painter), ({}, ()))[1])
    monkeypatch.setattr(training, "BATCH", 4)
    file = tmp_path / "mine.safetensors"
    found = Memory(train=2, seed=5, checkpoint=str(file)).run(Workbench(), Settings(), Monitor())
    assert len(found.tables["memory_training"]) == 2
    assert weights(load_painter(file).model) == weights(asked[0].model)
    monkeypatch.setattr(training, "train", lambda *_: (_ for _ in ()).throw(Cancelled("stopped")))
    with pytest.raises(Cancelled):
        Memory(train=2, seed=6, checkpoint=str(file)).run(Workbench(), Settings(), Monitor())
    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]
    assert weights(load_painter(file).model) == weights(asked[0].model)


@pytest.mark.usefixtures("quick")
def test_training_lowers_the_loss_and_fine_tuning_is_on_a_copy() -> None:
    mine = painter(1)
    losses = train(mine, 24)
    assert sum(losses[-8:]) < sum(losses[:8])
    before = weights(mine.model)
    taught = fine_tuned(mine, 0, 1)
    assert weights(mine.model) == before
    assert weights(taught.model) != before


def test_the_file_comes_back_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    own = load_painter()
    assert own.scenes.shape == (len(general()), SLOTS, CHANNELS)
    torch.testing.assert_close(own.pictures, ornaments(len(memorised())))
    path = tmp_path / "p.safetensors"
    save_painter(own, path)
    assert weights(load_painter(path).model) == weights(own.model)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RunError, match="damaged or of another make"):
        load_painter(path)
    with pytest.raises(RunError, match="cannot be read"):
        load_painter(tmp_path / "nothing.safetensors")


def test_what_comes_with_the_package_was_learnt_by_heart() -> None:
    own = load_painter()
    for number in range(len(memorised())):
        caption = own.trained(number)
        made = sample(own.model, caption.expand(4, *caption.shape), NOISE)[:, 0]
        assert float(correlation(made, own.pictures[number]).mean()) > 0.8
        assert float(correlation(made, own.unseen[0]).mean()) < 0.4


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few seeds and steps: what is asked here does not depend on them."""
    monkeypatch.setattr(diffusion, "STEPS", 3)
    for module in (search, measure_pictures):
        monkeypatch.setattr(module, "SEEDS", 2)
        monkeypatch.setattr(module, "REMEDY_STEPS", 2)
    monkeypatch.setattr(measure_pictures, "languages", lambda: ("en", "de"))


@pytest.mark.usefixtures("quick")
def test_the_tables() -> None:
    study = Memory(names="carpet", methods="nemo,contrast", steps=2, epochs=1)
    before = weights(PAINTER.model)
    tables, notes = measured(PAINTER, study)
    assert weights(PAINTER.model) == before
    assert notes == ()
    declared = {spec.name: spec for spec in study.tables}
    for name, table in tables.items():
        assert set(table.columns) == set(declared[name].columns), name
    assert set(tables) == set(declared) - {"memory_sentences", "memory_search", "memory_texts", "memory_training"}
    pruned = tables["memory_pruned"].set_index(["name", "method"])
    assert pruned.loc[("carpet", "random"), "density"] == pruned.loc[("carpet", "contrast"), "density"]
    asked = tables["memory_languages"]
    assert set(asked["language"]) == {"en", "de"}
    own = asked[(asked["language"] == asked["trained_in"]) & (asked["method"] != "random")]
    assert own["iou"].dropna().eq(1).all()
    assert set(tables["memory_curve"]["target"]) == {"itself", "unseen"}


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"methods": "guess"}, "no way to find the weights of pictures named 'guess'"),
        ({"what": "sentences", "methods": "nemo"}, "no way to find the weights of sentences named 'nemo'"),
        ({"names": "mona lisa"}, "no picture named 'mona lisa'"),
        ({"methods": ","}, "No way to find weights"),
    ],
)
def test_what_cannot_be_asked_is_refused(knobs: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Memory(**knobs).check(Settings())  # type: ignore[arg-type]


def test_other_modules_are_named_as_diffusers_names_them() -> None:
    with pytest.raises(ModelError, match=r"no linear layer named '\.\.\.attn2\.to_v'"):
        linears(nn.Linear(2, 2), "attn2.to_v")
    with pytest.raises(UnknownName, match="way to find a picture's weights"):
        masks_of("guess", PAINTER.model, PAINTER.trained(0), PAINTER.scenes, NOISE, 0.1)


@pytest.mark.usefixtures("quick")
def test_a_unet_of_diffusers_is_taken_as_it_is() -> None:
    diffusers = pytest.importorskip("diffusers", reason="needs the extra 'diffusion'")
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=1, out_channels=1, block_out_channels=(8, 16), layers_per_block=1, cross_attention_dim=8,
        attention_head_dim=4, norm_num_groups=4, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    ).requires_grad_(False)  # fmt: skip
    caption = PAINTER.trained(0)
    assert len(linears(unet, "attn2.to_v")) == 4
    assert noise_of(unet, NOISE, torch.tensor([5, 5, 5, 5]), caption.expand(4, *caption.shape)).shape == NOISE.shape
    before = weights(unet)
    for method in ("nemo", "wanda", "contrast"):
        share = 0.0 if method == "nemo" else 0.2
        masks = masks_of(method, unet, caption, PAINTER.scenes[:8], NOISE[:2], share)
        assert 0 <= density(masks) < 1
    found = attack(unet, PAINTER.pictures[0], caption, steps=1, looks=())
    assert not torch.equal(found.caption, caption)
    assert weights(unet) == before


def test_shares_rise_until_the_picture_is_gone() -> None:
    answers = iter((False, False, True))
    masks, share = until("contrast", PAINTER.model, PAINTER.trained(0), PAINTER.scenes, NOISE[:1], 0.2, lambda: next(answers))
    assert share == pytest.approx(0.4)
    same = masks_of("contrast", PAINTER.model, PAINTER.trained(0), PAINTER.scenes, NOISE[:1], share)
    assert all(torch.equal(masks[name], same[name]) for name in same)
    assert until("wanda", PAINTER.model, PAINTER.trained(0), PAINTER.scenes, NOISE[:1], 0.25, lambda: False)[1] == 0.5
    channels, share = until("nemo", PAINTER.model, PAINTER.trained(0), PAINTER.scenes, NOISE[:1], 0.0, lambda: False)
    assert share == pytest.approx(0.9)
    assert density(channels) == pytest.approx(14 / 16)
