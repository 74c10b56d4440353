"""The plan carried out: vocabulary, experts, layers, heads, neurons, then one repair; whole or not at all.

In this order because a trimmed vocabulary changes no hidden state on covered text, a missing block changes what enters the others, and
neurons are best made up for when everything else is as it will be. The repair compares with the model that has all its neurons.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from mwanda_core.corpora import Corpus
from mwanda_core.errors import ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import experts, gated, heads, layers, tensors, vocabulary
from mwanda_core.shrink.costs import InBlocks, calibration, cut_in_blocks
from mwanda_core.shrink.folders import ModelFolder, model_folder, whole_folder
from mwanda_core.shrink.gguf_export import check as check_gguf, export
from mwanda_core.shrink.plan import FILE, Plan, digest_of
from mwanda_core.shrink.repair import refitted

Finish = Callable[[Path], None]
"""Given the finished folder before it is put in its place: what else belongs in it."""


def carry_out(
    plan: Plan, folder: ModelFolder, corpus: Corpus, out: Path, monitor: Monitor, gguf: str = "", finish: Finish | None = None
) -> Path:
    """Write the smaller model to `out`: an ordinary folder with its plan, and a GGUF file where a type of numbers is named.

    corpus: calibration text in the plan's languages. Raises ModelError for a plan of another model, InputError for a folder that is
    not empty, and Cancelled; in each case nothing is left behind.
    """
    if digest_of(folder) != plan.digest:
        raise ModelError(
            f"This plan was made for another model than {str(folder.path)!r}: plan again, or give the model it names."
        )
    if gguf:
        check_gguf(folder, gguf)
    with whole_folder(out) as built, tempfile.TemporaryDirectory(prefix=".shrink-", dir=built.parent) as scratch:
        made = _stages(plan, folder, corpus, Path(scratch), monitor)
        for file in sorted(made.path.iterdir()):
            if made.path == folder.path:
                shutil.copyfile(file, built / file.name)
            else:
                file.rename(built / file.name)
        plan.save(built / FILE)
        if gguf:
            monitor.begin("writing GGUF")
            export(model_folder(built), built / f"{Path(out).name}-{gguf}.gguf", gguf, monitor, Path(out).name)
        if finish is not None:
            finish(built)
    return Path(out)


def _stages(plan: Plan, folder: ModelFolder, corpus: Corpus, scratch: Path, monitor: Monitor) -> ModelFolder:
    now = folder

    def stage(name: str) -> Path:
        monitor.begin(name)
        (scratch / name).mkdir()
        return scratch / name

    if plan.vocabulary:
        target = stage("vocabulary")
        vocabulary.trim(now, plan.vocabulary, target, monitor)
        now = model_folder(target)
    if plan.experts:
        target = stage("experts")
        experts.cut(now, plan.experts, target, monitor, plan.masses or None)
        now = model_folder(target)
    if plan.gone:
        target = stage("layers")
        layers.cut(now, plan.gone, target, monitor)
        now = model_folder(target)
    left = None
    if plan.heads is not None:
        left = heads.Attention(plan.heads, plan.groups or plan.heads, heads.attention_of(now).size)
    wanted = InBlocks(left, plan.width, plan.method, plan.by_language)
    return _blocks(plan, wanted, now, corpus, stage, monitor) if wanted else now


def _blocks(
    plan: Plan, wanted: InBlocks, folder: ModelFolder, corpus: Corpus, stage: Callable[[str], Path], monitor: Monitor
) -> ModelFolder:
    wide = gated.model_of(folder)
    packed = calibration(wide, corpus, plan.tokens)
    found, small = cut_in_blocks((folder, wide), packed, wanted, stage, monitor)
    if not plan.repair:
        return found
    repaired = stage("repair")
    monitor.plan(float(len(small.blocks)))
    path = gated.path_of(found)
    pieces = {name: tensors.whole(one) for name, one in found.tensors.items()}
    for (block, part), weight in refitted(wide, small, packed, wanted.weights, monitor, wanted.parts).items():
        name = f"{path}{block}.{part}.weight"
        pieces[name] = tensors.piece_of(weight.to(tensors.read_tensor(found.tensors[name]).dtype))
    vocabulary.copy_without_weights(found, repaired, found.config)
    vocabulary.write_weights(found, pieces, repaired, monitor)
    return model_folder(repaired)


def size_on_disk(folder: Path) -> int:
    """Bytes of a folder's weights and tokenizer; the GGUF file beside them is not part of the model that transformers loads."""
    with contextlib.suppress(FileNotFoundError):
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file() and file.suffix != ".gguf")
    return 0
