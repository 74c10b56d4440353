"""UniPruning: does one calibration with feedback from the task serve every sparsity better than a local saliency made anew?"""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from benchmarks.common import RESULTS
from benchmarks.replications.ground import LANGUAGES, Ground, ground
from benchmarks.replications.section import Section, Sources, Tables
from mwanda_core.engine.gates import Gates, learn
from mwanda_core.engine.mirror import descend
from mwanda_core.insight.overlap import pruned_together
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores import Leap
from mwanda_core.methods.scores.unipruning import UniPruning
from mwanda_core.parts.masks import pack
from mwanda_core.parts.patterns import NtoM, Pattern, Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_to, masks_from
from mwanda_core.studies.one_calibration.files import load_states, save_states
from mwanda_core.studies.one_calibration.reading import Mix, masks_at, nested
from mwanda_core.studies.one_calibration.weighing import kindest, weigh
from mwanda_core.studies.prompts.protocols import against, increases
from mwanda_core.studies.texts import loss_from, windows

MODES = {
    "objective": UniPruning(),
    "released": UniPruning(mode="released"),
    "learning rate 0": UniPruning(learning_rate=0.0),
}
SETTINGS: dict[str, tuple[float, Pattern]] = {
    "50%": (0.5, Unstructured("layer")),
    "60%": (0.6, Unstructured("layer")),
    "2:4": (0.5, NtoM(2, 4)),
}
SAMPLES = 24


FOLDER = RESULTS / "replications" / "states.partial"
"""States of the modes, 400 MB each; not kept with the results."""


def walk(name: str) -> Callable[[Sources, Tables], Tables]:
    """A stage: one mode's walk over the samples, then its masks at every setting scored."""

    def stage(sources: Sources, done: Tables) -> Tables:
        base, started = ground(sources), time.process_time()
        packed = base.packed.part(SAMPLES / len(base.packed.ids))
        state = descend(base.model, packed, MODES[name], Monitor())
        spent = time.process_time() - started
        save_states(FOLDER / name.replace(" ", "-"), state, base.model.fingerprint)
        started = time.process_time()
        masks_at(state, 0.55)
        costs = [(name, len(packed.ids), spent), (f"{name}: another sparsity from the state", 0, time.process_time() - started)]
        found = {setting: masks_at(state, *SETTINGS[setting]) for setting in SETTINGS}
        return {
            f"losses {name}": scored(base, {(setting, name): masks for setting, masks in found.items()}),
            f"seconds {name}": pd.DataFrame(costs, columns=["what", "samples", "seconds"]),
        }

    return stage


def anew(sources: Sources, done: Tables) -> Tables:
    """Wanda and RIA, cut for each setting anew."""
    base = ground(sources)
    masks = {
        (setting, name): masks_from(base.model, recipe(name).replace(pattern=pattern), base.stats, sparsity)
        for setting, (sparsity, pattern) in SETTINGS.items()
        for name in ("wanda", "ria")
    }
    return {"losses anew": scored(base, masks)}


def scored(base: Ground, masks: dict[tuple[str, str], dict[str, torch.Tensor]]) -> pd.DataFrame:
    """Losses of the texts reported under every set of masks, and of the dense model."""
    texts = windows(base.model, base.reported, 2, 128)
    rows = [(t.language, t.name, "", "dense", 0, len(t.ids) - 1, loss_from(base.model, t.ids, 1)) for t in texts]
    for (setting, name), found in masks.items():
        with cut_to(base.model, found):
            rows += [(t.language, t.name, setting, name, 0, len(t.ids) - 1, loss_from(base.model, t.ids, 1)) for t in texts]
    return pd.DataFrame(rows, columns=["language", "window", "active", "condition", "prefix", "tokens", "nll"])


def overlaps(sources: Sources, done: Tables) -> Tables:
    """How alike the masks are to those of the control, and whether masks of one state are nested."""
    base = ground(sources)
    states = {name: load_states(FOLDER / name.replace(" ", "-"), base.model.fingerprint) for name in MODES}
    rows = []
    for setting, (sparsity, pattern) in SETTINGS.items():
        control = masks_at(states["learning rate 0"], sparsity, pattern)
        others = {name: masks_at(state, sparsity, pattern) for name, state in states.items() if name != "learning rate 0"}
        others["ria"] = masks_from(base.model, recipe("ria").replace(pattern=pattern), base.stats, sparsity)
        rows += [(setting, name, overlap(base, masks, control)) for name, masks in others.items()]
    return {
        "overlap with learning rate 0": pd.DataFrame(rows, columns=["setting", "method", "corrected"]),
        "nested": nested(states["released"], (0.5, 0.6, 0.7)),
    }


LEARNED = ("learned gates", "learned gates, unsure at the start")


def derived(done: Tables) -> Tables:
    """Increases and paired differences from the rows of losses."""
    rows = [table for name, table in done.items() if name.startswith("losses ")]
    if not rows:
        return {}
    table = pd.concat(rows, ignore_index=True)
    table = table[(table["condition"] != "dense") | ~table.duplicated(["window", "condition"])]
    pairs = [
        found
        for pair in (
            ("objective", "learning rate 0"),
            ("released", "learning rate 0"),
            ("learning rate 0", "ria"),
            ("objective", "ria"),
            ("released", "ria"),
            ("released", "wanda"),
            ("released, pulled to 2:4", "released"),
            *((name, other) for name in LEARNED for other in ("objective", "wanda")),
        )
        if len(found := against(table[table["condition"] != "dense"], *pair))
    ]
    costs = [made for name, made in done.items() if name.startswith("seconds ")]
    return {
        "methods": increases(table).rename(columns={"active": "setting", "condition": "method"}),
        "paired": pd.concat(pairs).rename(columns={"active": "setting"}) if pairs else pd.DataFrame(),
        "processor seconds": pd.concat(costs) if costs else pd.DataFrame(),
    }


def overlap(base: Ground, left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> float:
    """Overlap of pruned weights over the model, corrected for chance."""
    both = one = two = expected = 0.0
    for block in base.model.blocks:
        for linear in block.linears:
            name, size = block.full_name(linear), linear.weight.numel()
            found = pruned_together(torch.stack([left[name], right[name]]), size)
            a, b = float(found[0, 0]), float(found[1, 1])
            both, one, two, expected = both + float(found[0, 1]), one + a, two + b, expected + a * b / size
    iou, chance = both / (one + two - both), expected / (one + two - expected)
    return (iou - chance) / (1 - chance)


def languages(sources: Sources, done: Tables) -> Tables:
    """One state a language: a mix costs no forward pass. Does a language's own state serve it, and whom does a mix serve?"""
    base = ground(sources)
    state = descend(
        base.model, base.packed.part(SAMPLES / len(base.packed.ids)), MODES["learning rate 0"], Monitor(), by_language=True
    )
    texts = windows(base.model, base.reported, 1, 128)
    dense = {t.name: loss_from(base.model, t.ids, 1) for t in texts}
    rows = []
    for name, mix in {**{code: {code: 1.0} for code in LANGUAGES}, "all alike": None, "most needed by any": "max"}.items():
        with cut_to(base.model, masks_at(state, 0.5, mix=mix)):
            damage = {t.language: (loss_from(base.model, t.ids, 1) - dense[t.name]) / (len(t.ids) - 1) for t in texts}
        rows.append({"state of": name, **damage, "mean": sum(damage.values()) / len(damage), "worst": max(damage.values())})
    return {"states of languages": pd.DataFrame(rows)}


def weights(sources: Sources, done: Tables) -> Tables:
    """A second descent, over the weights of languages: chosen on NTREX lines, told on FLORES, beside equal weights and "most needed by any"."""
    base = ground(sources)
    state = descend(
        base.model, base.packed.part(SAMPLES / len(base.packed.ids)), MODES["learning rate 0"], Monitor(), by_language=True
    )
    path = weigh(base.model, state, windows(base.model, base.tuning, 2, 128), 0.5, rounds=6)
    mixes: dict[str, Mix] = {"equal": None, "found": kindest(path), "most needed by any": "max"}
    texts = windows(base.model, base.reported, 2, 128)
    dense = {t.name: loss_from(base.model, t.ids, 1) for t in texts}
    rows = []
    for name, mix in mixes.items():
        with cut_to(base.model, masks_at(state, 0.5, mix=mix)):
            lost = [(t.language, (loss_from(base.model, t.ids, 1) - dense[t.name]) / (len(t.ids) - 1)) for t in texts]
        damage = pd.DataFrame(lost, columns=["language", "increase"]).groupby("language", sort=False)["increase"].mean()
        rows.append({"weights": name, **damage, "mean": damage.mean(), "worst": damage.max()})
    return {"weights of languages": pd.DataFrame(rows), "path of the weights": path}


def pulled(sources: Sources, done: Tables) -> Tables:
    """2:4 with the pull towards it, as the released code's 2:4 run has it (lambda2 0.001)."""
    base = ground(sources)
    packed = base.packed.part(SAMPLES / len(base.packed.ids))
    started = time.process_time()
    state = descend(base.model, packed, dataclasses.replace(MODES["released"], two_four=0.001), Monitor())
    spent = time.process_time() - started
    return {
        "losses released, pulled to 2:4": scored(base, {("2:4", "released, pulled to 2:4"): masks_at(state, *SETTINGS["2:4"])}),
        "seconds pulled": pd.DataFrame(
            [("released, pulled to 2:4", len(packed.ids), spent)], columns=["what", "samples", "seconds"]
        ),
    }


GATES = ("phi", "first", "second")
SURE = Leap()
UNSURE = Leap(rounds=4, certainty=2.0)
"""Gates as they were first tried."""


def gates(setting: str, what: str = LEARNED[0], settings: Leap = SURE) -> Callable[[Sources, Tables], Tables]:
    """A stage: meant as the upper reference, gates learned on the loss, from Wanda's mask on. Each round is kept: a call that was cut off is gone on with."""

    def stage(sources: Sources, done: Tables) -> Tables:
        base, path = ground(sources), FOLDER / f"{what}-{setting}".replace(":", "-").replace(" ", "-")
        packed, (sparsity, pattern) = base.packed.part(SAMPLES / len(base.packed.ids)), SETTINGS[setting]
        chosen = pattern if isinstance(pattern, NtoM) else Unstructured()
        begun, spent = read_gates(path, settings)
        while begun is None or begun.steps < settings.rounds * len(packed.ids):
            started = time.process_time()
            begun = learn(base.model, packed, settings, sparsity, Monitor(), pattern=chosen, begun=begun, most=len(packed.ids))
            spent += time.process_time() - started
            keep_gates(path, begun, spent, settings)
        masks = {name: pack(chosen.keep(found, sparsity)) for name, found in begun.phi.items()}
        cost = (f"{what}, {setting}", begun.steps, spent)
        return {
            f"losses {what} {setting}": scored(base, {(setting, what): masks}),
            f"seconds {what} {setting}": pd.DataFrame([cost], columns=["what", "samples", "seconds"]),
        }

    return stage


def certainty(sources: Sources, done: Tables) -> Tables:
    """How gates begin and move, on lines that nothing is reported of: the loss at 60 % after one round, beside Wanda's mask, where they start."""
    base, sparsity, pattern = ground(sources), SETTINGS["60%"][0], Unstructured()
    packed, texts = base.packed.part(SAMPLES / len(base.packed.ids)), windows(base.model, base.tuning, 2, 128)
    tried = [dataclasses.replace(SURE, rounds=1, certainty=c, rate=r) for c, r in ((8.0, 0.05), (8.0, 0.2), (2.0, 0.05))]
    rows = []
    for settings in (dataclasses.replace(SURE, rounds=1, rate=0.0), *tried):
        most = 1 if settings.rate == 0.0 else len(packed.ids)  # Without a rate the mask stays the score's.
        phi = learn(base.model, packed, settings, sparsity, Monitor(), pattern=pattern, most=most).phi
        with cut_to(base.model, {name: pack(pattern.keep(found, sparsity)) for name, found in phi.items()}):
            lost = [loss_from(base.model, text.ids, 1) / (len(text.ids) - 1) for text in texts]
        rows.append((settings.certainty, settings.rate, most, sum(lost) / len(lost)))
    return {"certainty of gates": pd.DataFrame(rows, columns=["certainty", "rate", "steps", "loss"])}


def keep_gates(path: Path, gates: Gates, seconds: float, settings: Leap) -> None:
    """Gates between two calls, with the processor seconds that they took; the file before is there until this one is whole."""
    tensors = {f"{kind} {name}": t for kind in GATES for name, t in getattr(gates, kind).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path.with_suffix(".new"), {"steps": str(gates.steps), "seconds": str(seconds), "of": str(settings)})
    path.with_suffix(".new").replace(path.with_suffix(".safetensors"))


def read_gates(path: Path, settings: Leap) -> tuple[Gates | None, float]:
    """What `keep_gates` kept, if anything of these settings."""
    path = path.with_suffix(".safetensors")
    if not path.exists():
        return None, 0.0
    parts: dict[str, dict[str, torch.Tensor]] = {kind: {} for kind in GATES}
    with safe_open(path, "pt") as file:
        facts = file.metadata()
        if facts.get("of") != str(settings):
            return None, 0.0
        for key in file.keys():  # noqa: SIM118 - no mapping
            kind, _, name = key.partition(" ")
            parts[kind][name] = file.get_tensor(key)
    return Gates(**parts, steps=int(facts["steps"])), float(facts["seconds"])


def verdict(done: Tables) -> list[str]:
    """Sentences computed from the tables."""
    pairs = done["paired"].set_index(["setting", "condition", "other"])
    found = []
    for mode in ("objective", "released"):
        said = []
        for setting in SETTINGS:
            row = pairs.loc[(setting, mode, "learning rate 0")]
            word = "better" if row["high"] < 0 else "worse" if row["low"] > 0 else "not told apart"
            said.append(f"{setting} {row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f}: {word})")
        found.append(
            f"Feedback from the task ({mode}) against the same state without it (learning rate 0), nats per token: {'; '.join(said)}."
        )
    same = done["overlap with learning rate 0"].set_index(["setting", "method"])["corrected"]
    least = min(float(same[setting, mode]) for setting in SETTINGS for mode in ("objective", "released"))
    found.append(
        f"Its masks overlap with those of the control by {least:.3f} or more (corrected for chance; RIA's at 50%: {same['50%', 'ria']:.3f})."
    )
    table = done["methods"].set_index(["setting", "method"])["increase"]
    best = {setting: str(table[setting].idxmin()) for setting in SETTINGS}
    found.append("Least damage: " + ", ".join(f"{setting} {name}" for setting, name in best.items()) + ".")
    for name in LEARNED:
        rows = pairs[pairs.index.get_level_values("condition") == name].reset_index()
        if len(rows):
            found.append(
                f"{name[0].upper()}{name[1:]}, nats per token: "
                + "; ".join(
                    f"{row.setting} {row.difference:+.3f} against {row.other} ({row.low:+.3f} to {row.high:+.3f})"
                    for row in rows.itertuples()
                )
                + "."
            )
    if ("2:4", "released, pulled to 2:4", "released") in pairs.index:
        row = pairs.loc[("2:4", "released, pulled to 2:4", "released")]
        found.append(
            f"The pull towards 2:4 changes the loss at 2:4 by {row['difference']:+.3f} nats per token ({row['low']:+.3f} to {row['high']:+.3f})."
        )
    if "weights of languages" in done:
        rows = done["weights of languages"].set_index("weights")
        found.append(
            f"Weights of languages by a second descent, on other texts: the worst language loses {rows.loc['found', 'worst']:.3f} nats per token, with "
            f"equal weights {rows.loc['equal', 'worst']:.3f} (means {rows.loc['found', 'mean']:.3f} and {rows.loc['equal', 'mean']:.3f})."
        )
    found.append(f"Masks of one state are nested (share inside {done['nested']['share_inside'].min():.3f}).")
    return found


SECTION = Section(
    "one_calibration",
    "UniPruning: one calibration, any sparsity",
    "Ding et al. 2025 (arXiv 2510.03291), withdrawn from ICLR 2026; README tables of its repository.",
    "A state that mirror descent ties to a local saliency and, through the weights, to the task's loss gives masks for every sparsity and N:M, "
    "better than local saliencies at 2:4 and 60 %.",
    "LLaMA2-13B, 60 %, WikiText perplexity: Wanda 11.90, RIA 7.57, UniPruning 7.82 (worse than RIA); 2:4: Wanda 8.37, RIA 7.85, UniPruning 6.87.",
    "Learning rate 0 (the same state without any feedback), the decisive one; the released code's mode beside the objective's; RIA and Wanda made "
    f"anew per matrix. About {SAMPLES} samples of 128 tokens of NTREX in four languages, loss at 64 positions, FLORES losses of two texts a language.",
    {
        "anew": anew,
        **{name: walk(name) for name in ("learning rate 0", "released", "objective")},
        "overlaps": overlaps,
        "languages": languages,
        "weights": weights,
        "pulled": pulled,
        "certainty": certainty,
        **{f"gates {setting}": gates(setting) for setting in ("60%", "2:4")},
        "unsure gates 60%": gates("60%", LEARNED[1], UNSURE),
    },
    verdict,
    (
        "methods",
        "paired",
        "overlap with learning rate 0",
        "nested",
        "processor seconds",
        "states of languages",
        "certainty of gates",
        "weights of languages",
        "path of the weights",
    ),
    derived,
    ("anew", "learning rate 0", "released", "objective", "overlaps"),
)
