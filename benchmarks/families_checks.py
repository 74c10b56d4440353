"""What "right" means for a family: each check is plain torch on transformers' own model, held against what the engine says."""

import functools
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerFast

import mwanda_core as mw
from mwanda_core.corpora import builtin, pack
from mwanda_core.engine.onload import OnloadSettings, prune_onloading
from mwanda_core.errors import InputError
from mwanda_core.evaluation import evaluation_set, measure
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel, TokenBatch, load
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor

SETTINGS = mw.Settings(
    languages=("en", "sw"), tokens_per_language=256, sequence_length=32, eval_texts=4, choices=True, device="cpu"
)


@functools.cache
def tokenizer() -> PreTrainedTokenizerFast:
    """A token for each byte, after four special ones; a text opens with <bos>."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<bos>", "<eos>", "<unk>", *alphabet])}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    backend.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    )


def all_of(hf: PreTrainedModel, scratch: Path) -> str:
    """Every check; what can be said of a family that passed. Raises AssertionError naming the check, InputError for a refusal."""
    _randomise(hf)
    hf.save_pretrained(str(scratch / "dense"))
    tokenizer().save_pretrained(str(scratch / "dense"))
    source = str(scratch / "dense")
    model = load(source, "cpu", "float32")
    _walk_is_forward(model)
    _loss_is_cross_entropy(model)
    dense = _bytes(model)
    _wanda_from_hooks(model)
    for mode, method in (
        ("sequential", "wanda"),
        ("per-linear", "wanda"),
        ("one-pass", "m-wanda"),
        ("sequential", "sparsegpt"),
    ):
        _prune(model, mode, method)
        assert _bytes(model) == dense, f"{method}, {mode}: the weights did not come back"
    bench = mw.Workbench()
    bench.adopt(model, source, "cpu")
    with bench.pruned(_settings(source)) as run:
        first = run.report.tables["languages"]
        model.save(scratch / "pruned")
        _zeros_are_there(model, run.result.masks, scratch / "pruned")
    assert _bytes(model) == dense, "the run's weights did not come back"
    again = bench.run(_settings(source)).report.tables["languages"]
    assert first["perplexity_ratio"].equals(again["perplexity_ratio"]), "a second run on the same workbench differs"
    disk = _from_disk(model, scratch)
    assert _bytes(model) == dense, "the weights did not come back after the comparison with the disk"
    pruned = sum(linear.weight.numel() for block in model.blocks for linear in block.linears)
    return f"{len(model.blocks)} blocks, {pruned / max(1, model.num_parameters):.0%} of the weights prunable; " + " ".join(
        (*model.skipped[1:3], disk)
    )


def _from_disk(model: LanguageModel, scratch: Path) -> str:
    """Pruning one block at a time from the folder gives what pruning in memory gives, bit for bit; or a sentence why it is refused."""
    packed = _packed(model)
    settings = OnloadSettings("cpu", "float32")
    try:
        prune_onloading(scratch / "dense", scratch / "onloaded", packed, recipe("wanda"), 0.5, settings)
    except InputError as error:
        return f"From disk: {error}"
    result = mw.prune(model, packed, recipe("wanda"), 0.5)
    found = type(model.hf).from_pretrained(str(scratch / "onloaded"), dtype=torch.float32).state_dict()
    try:
        for name, tensor in model.hf.state_dict().items():
            assert torch.equal(found[name], tensor), f"{name} differs when pruned from disk"
    finally:
        result.restore()
    return ""


def _settings(source: str) -> mw.Settings:
    import dataclasses

    return dataclasses.replace(SETTINGS, model=source, method="wanda")


def _randomise(hf: PreTrainedModel) -> None:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in hf.parameters():
            if parameter.dim() >= 2 and parameter.is_floating_point():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * parameter.shape[-1] ** -0.5)


def _ids() -> Tensor:
    return torch.randint(4, 260, (2, 24), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def _walk_is_forward(model: LanguageModel) -> None:
    model.check_walks()  # What the engine itself refuses; the rest is held to more than a short trial.
    ids = _ids()
    recording = model.record(TokenBatch(ids, torch.zeros(len(ids), dtype=torch.long)))
    hidden = recording.hidden
    for block in model.blocks:
        hidden = model.replay(block, recording, hidden)
    with model.head() as head:
        walked = head(model.leave_blocks(recording, hidden)[0])
    own = model.hf(input_ids=ids, use_cache=False).logits[0]
    gap = float((walked - own).abs().max())
    assert gap <= 1e-4 * float(own.abs().max()), f"walk and forward differ by {gap:.2g}"


@torch.no_grad()
def _loss_is_cross_entropy(model: LanguageModel) -> None:
    scored = evaluation_set(model, builtin(("en",)).evaluation, max_texts=2, sequence_length=32, with_choices=False)
    table = measure(model, scored, Monitor()).losses.set_index("text")["nll"]
    for text in scored.texts:
        ids = torch.tensor([text.ids])
        logits = model.hf(input_ids=ids, use_cache=False).logits[0, :-1].float()
        wanted = nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")[
            scored.num_start - 1 if scored.num_start else 0 :
        ].sum()
        assert abs(float(wanted) - table[text.id]) <= 1e-3 * float(wanted), (
            f"a text's loss is {table[text.id]:.4f} instead of {float(wanted):.4f}"
        )


def _packed(model: LanguageModel) -> Any:
    return pack(builtin(("en", "sw")).calibration, model.encode, model.start, 32, 256)


def _prune(model: LanguageModel, mode: str, method: str) -> None:
    result = mw.prune(model, _packed(model), recipe(method), 0.5, mode)  # type: ignore[arg-type]
    linears = _linears(model)
    assert linears.keys() == result.masks.keys(), f"{method}, {mode}: {len(result.masks)} masks for {len(linears)} linears"
    for name, mask in result.masks.items():
        weight = linears[name]
        zeros, wanted = int((weight == 0).sum()), int((~unpack(mask, tuple(weight.shape))).sum())
        assert zeros >= wanted, f"{method}, {mode}: {name} has {zeros} zeros, its mask {wanted}"
    result.restore()


def _linears(model: LanguageModel) -> dict[str, Tensor]:
    """Full name -> live weight [out, in], each parameter once."""
    found = {block.full_name(linear): linear.weight for block in model.blocks for linear in block.linears}
    assert len({weight.data_ptr() for weight in found.values()}) == len(found), "a parameter is counted twice"
    return found


@torch.no_grad()
def _wanda_from_hooks(model: LanguageModel) -> None:
    """Wanda's masks of two blocks, and of all that several layers share, from hooks on transformers' own forward pass: |W| times the root of
    the mean square of each input, over every call of every module that has the parameter."""
    packed, sums, counts, handles = _packed(model), {}, {}, []
    users: dict[int, list[nn.Module]] = {}
    for module in model.hf.modules():
        users.setdefault(id(getattr(module, "weight", None)), []).append(module)
    for block in model.blocks:
        for linear in block.called:
            modules = users[id(linear.module.weight)]
            if block.index > 1 and len(modules) == 1:
                continue

            def add(module: nn.Module, args: tuple[Tensor, ...], name: str = block.full_name(linear)) -> None:
                sums[name] = sums.get(name, 0) + args[0].double().flatten(0, -2).square().sum(0)
                counts[name] = counts.get(name, 0) + args[0][..., 0].numel()

            handles += [module.register_forward_pre_hook(add) for module in modules]
    model.hf(input_ids=packed.ids, use_cache=False)
    for handle in handles:
        handle.remove()
    result = mw.prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    result.restore()
    weights = _linears(model)
    for name, total in sums.items():
        if counts[name] < packed.num_tokens:
            continue  # A module that a router sends some tokens: `moe_checks` looks at those.
        weight = weights[name]
        score = weight.abs().double() * total.sqrt()
        keep = unpack(result.masks[name], tuple(weight.shape))
        cut = score.masked_fill(keep, -1).amax(1)
        kept = score.masked_fill(~keep, float("inf")).amin(1)
        assert bool((cut <= kept * (1 + 1e-4) + 1e-12).all()), (
            f"{name}: a weight was cut that scores higher than one that was kept"
        )
        assert int((~keep).sum()) == weight.shape[0] * (weight.shape[1] // 2), f"{name}: not half of every row"


def _zeros_are_there(model: LanguageModel, masks: Any, folder: Path) -> None:
    """The exported folder, read by plain transformers, holds what is in memory; and that has a zero for each weight a mask removes."""
    again = type(model.hf).from_pretrained(str(folder), dtype=torch.float32).state_dict()
    for name, tensor in model.hf.state_dict().items():
        assert torch.equal(again[name], tensor), f"{name} differs in the exported folder"
    for name, weight in _linears(model).items():
        assert int((weight == 0).sum()) >= int((~unpack(masks[name], tuple(weight.shape))).sum()), f"{name} is not pruned"


def _bytes(model: LanguageModel) -> bytes:
    return b"".join(p.detach().contiguous().view(torch.uint8).numpy().tobytes() for p in model.hf.parameters())
