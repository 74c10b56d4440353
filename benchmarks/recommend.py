"""Which method holds? Every method against Wanda on the same tokens and texts: few and many languages, little and much text.

    python -m benchmarks.recommend --calibrate NTREX --evaluate FLORES [--minutes 5] [--device cuda]
    python -m benchmarks.recommend --summary
    python -m benchmarks.recommend --cut FOLDER --calibrate NTREX --evaluate FLORES      the lines that are read, for another machine

A cell is a text, a number of languages, tokens of each, a seed, and a setting ("50%", "2:4"). Every method of a cell sees the same
tokens and is scored on the same texts, on the languages calibrated on (seen) and on others (unseen). The seed draws the languages
(seed 0: as they stand in the list), the calibration passages and the texts scored. Two texts: "news", from folders of <code>.txt
with parallel lines or from a source on the Hub, and "built-in", whose first languages are English and Swahili.

Rows are written as they are finished and are not run again. Cells come in an order in which a run that is stopped has seen every
number of languages under the usual settings before it turns to more seeds, tokens and sparsities. `--cells` takes some of them:
"languages=2,4 settings=50%,2:4".

Intervals are of the paired difference to Wanda, over texts: a text counts once, as the mean over languages (and over seeds that
share it). "surely worse" stands after Holm's correction over all cells of a method; without it one interval in forty lies above zero
by chance.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats as scipy_stats

import mwanda_core as mw
from benchmarks.common import CALIBRATED, HELD_OUT, RESULTS, ROOT, command_of, lines, provenance, scored, table_of, texts, write
from benchmarks.defaults import TUNE_LINES
from benchmarks.methods import Shared
from mwanda_core.corpora import Corpus, Packed, builtin, pack
from mwanda_core.engine import sensitivity
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.evaluation.intervals import CONFIDENCE, holm
from mwanda_core.evaluation.losses import sequence_losses
from mwanda_core.evaluation.sets import EvaluationSet, sorted_batches
from mwanda_core.insight import only, side_by_side
from mwanda_core.methods.advice import FILE as ADVICE_FILE, LEVELS, Worth
from mwanda_core.methods.allocation import Uniform
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.methods.repair import Training
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor
from mwanda_core.run.guarding import learning_texts

NAME = "recommend"
ADVICE = ROOT / "mwanda_core" / "methods" / ADVICE_FILE
BASE = "wanda"
METHODS = (BASE, "m-wanda", "m-wanda-measured", "measured-swaps")
LANGUAGES = (2, 15, 4, 1, 8, 3, 6, 25)
TOKENS = (1280, 256, 4096)
SEEDS = (0, 1, 2)
SETTINGS = ("50%", "2:4", "60%", "30%")
"""Levels of each factor, the most telling first: what is left out by a run that is stopped stands last."""

LENGTH = 128
SCORED = 8
"""Texts scored per language and seed, unless `--scored` says otherwise."""

MORE = ("it", "nl", "pt", "fa", "sv", "ur", "mr", "ro", "cs", "hu")
"""Beside the fifteen, for twenty-five languages."""
FIRST_BUILT_IN = ("en", "sw", "de", "hi", "fr", "zh", "ar", "ja")
MOST_UNSEEN = 8
CALIBRATION_LINES, SLICE = 500, 100
"""Lines read to calibrate on, and lines that the texts of one seed are taken from."""

GPU_TOKENS = 2**14
"""Tokens scored at once on a GPU, where small batches leave it idle."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """What all methods that are compared have in common."""

    text: str
    languages: int
    tokens: int
    seed: int
    setting: str

    @property
    def sparsity(self) -> float:
        """Share of weights removed."""
        if self.setting.endswith("%"):
            return int(self.setting[:-1]) / 100
        n, m = map(int, self.setting.split(":"))
        return 1 - n / m

    def of(self, method: str) -> Recipe:
        """The method under this setting; N:M gives every layer the same sparsity, so layerwise parts of a method fall away."""
        found = recipe(method)
        if self.setting.endswith("%"):
            return found
        n, m = map(int, self.setting.split(":"))
        return found.replace(pattern=NtoM(n, m), allocation=Uniform())


@dataclasses.dataclass(frozen=True)
class Text:
    """calibrate, evaluate: what is read. first: languages in the order in which seed 0 takes them, in parts that are drawn one
    after the other; unseen: never calibrated on (none: languages that a seed draws last). fresh: whether every seed scores other
    passages."""

    name: str
    calibrate: Corpus
    evaluate: Corpus
    parts: tuple[tuple[str, ...], ...]
    unseen: tuple[str, ...]
    fresh: bool

    def languages(self, count: int, seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(seen, unseen) of a cell."""
        order: list[str] = []
        for part in self.parts:
            order += part if seed == 0 else random.Random(seed).sample(part, len(part))
        seen = tuple(order[:count])
        return seen, self.unseen or tuple(order[max(count, len(order) - MOST_UNSEEN) :])

    def passages(self, code: str, seed: int) -> Corpus:
        """What a seed scores of a language."""
        start = TUNE_LINES + SLICE * seed if self.fresh else 0
        return lines(self.evaluate.select([code]), start, start + SLICE)


def built_in_text() -> Text:
    """The built-in passages: one half to calibrate on, the other to score."""
    halves = builtin()
    rest = tuple(code for code in halves.calibration.languages if code not in FIRST_BUILT_IN)
    return Text("built-in", halves.calibration, halves.evaluation, ((*FIRST_BUILT_IN, *rest),), (), fresh=False)


def news_text(calibrate: str, evaluate: str) -> Text:
    """Two sources with the fifteen, ten more and eight unseen languages."""
    seen = (*CALIBRATED, *MORE)
    source = lines(texts(calibrate, seen), 0, CALIBRATION_LINES)
    return Text("news", source, texts(evaluate, (*seen, *HELD_OUT)), (CALIBRATED, MORE), HELD_OUT, fresh=True)


def order(cells: Sequence[Cell]) -> list[Cell]:
    """The usual settings first: few steps away from them before many, and within a step all numbers of languages and all texts."""
    levels: tuple[tuple[str, tuple[Any, ...]], ...] = (("seed", SEEDS), ("tokens", TOKENS), ("setting", SETTINGS))

    def depth(cell: Cell) -> tuple[int, ...]:
        places = [_place(values, getattr(cell, name)) for name, values in levels]
        return (sum(places), *places, _place(LANGUAGES, cell.languages))

    return sorted(cells, key=depth)


def _place(values: Sequence[Any], value: Any) -> int:
    return values.index(value) if value in values else len(values)


def all_cells(names: Sequence[str], wanted: str = "") -> list[Cell]:
    """Every cell of these texts, or those that `wanted` names ("languages=2,4 settings=50%")."""
    levels: dict[str, tuple[Any, ...]] = {
        "texts": tuple(names), "languages": LANGUAGES, "tokens": TOKENS, "seeds": SEEDS, "settings": SETTINGS,
    }  # fmt: skip
    for word in wanted.split():
        name, _, values = word.partition("=")
        if name not in levels:
            raise SystemExit(f"--cells takes {', '.join(levels)}; it was given {word!r}.")
        kind = str if name in ("texts", "settings") else int
        levels[name] = tuple(map(kind, values.split(",")))
    return order([Cell(*found) for found in itertools.product(*levels.values())])


class Bench:
    """What cells share: statistics by language, dense losses, and the sensitivity that several methods of a cell read."""

    def __init__(self, model: LanguageModel, found: Sequence[Text], count: int = SCORED) -> None:
        self.model, self.texts, self.count = model, {text.name: text for text in found}, count
        self._packed: dict[tuple[str, int, int], Packed] = {}
        self._stats: dict[tuple[str, int, int], tuple[BlockStats, ...]] = {}
        self._scored: dict[tuple[str, int, str], EvaluationSet] = {}
        self._dense: dict[tuple[str, int, str], list[float]] = {}

    def packed(self, cell: Cell, seen: Sequence[str]) -> Packed:
        """Calibration tokens in the languages seen.

        Raises InputError where the text is too short for so many.
        """
        key = (cell.text, cell.tokens, cell.seed)
        if key not in self._packed:
            corpus = self.texts[cell.text].calibrate
            self._packed[key] = pack(corpus, self.model.encode, self.model.start, LENGTH, cell.tokens, cell.seed)
        found = self._packed[key]
        if found.notes:
            raise mw.InputError(found.notes[0])
        return found.only(seen)

    def stats(self, cell: Cell, packed: Packed) -> tuple[BlockStats, ...]:
        """Statistics of these languages; each language is measured once for a text, a number of tokens and a seed."""
        key = (cell.text, cell.tokens, cell.seed)
        known = self._stats.get(key)
        have = next(iter(known[0].values())).languages if known else ()
        missing = [code for code in packed.languages if code not in have]
        if missing:
            more = measure_model(self.model, packed.only(missing), SUMS, Monitor())
            self._stats[key] = known = more if known is None else side_by_side(known, more)
        assert known is not None
        return only(known, packed.languages)

    def losses(self, cell: Cell, codes: Sequence[str]) -> dict[str, list[float]]:
        """Nats per token of every text scored, by language, of the model as it stands."""
        text = self.texts[cell.text]
        for code in codes:
            if (key := (cell.text, cell.seed, code)) not in self._scored:
                self._scored[key] = scored(self.model, text.passages(code, cell.seed), self.count, LENGTH)
        return losses(self.model, [self._scored[cell.text, cell.seed, code] for code in codes])

    def dense(self, cell: Cell, codes: Sequence[str]) -> dict[str, list[float]]:
        """As `losses`, of the dense model: call it while the model is dense."""
        missing = [code for code in codes if (cell.text, cell.seed, code) not in self._dense]
        if missing:
            self._dense |= {(cell.text, cell.seed, code): found for code, found in self.losses(cell, missing).items()}
        return {code: self._dense[cell.text, cell.seed, code] for code in codes}

    def run(self, cell: Cell, methods: Sequence[str]) -> Iterator[dict[str, Any]]:
        """A row a method."""
        seen, unseen = self.texts[cell.text].languages(cell.languages, cell.seed)
        packed = self.packed(cell, seen)
        stats, dense = self.stats(cell, packed), self.dense(cell, (*seen, *unseen))
        same: dict[str, dict[str, Any]] = {}
        with shared_sensitivity() as shared:
            for method in methods:
                made = cell.of(method)
                plain = json.dumps({name: part for name, part in made.to_dict().items() if isinstance(part, dict)})
                if plain not in same:
                    shared.key = (made.activation, made.score)
                    same[plain] = self._trial(made, cell, packed, stats, dense, shared)
                yield {
                    **dataclasses.asdict(cell), "method": method, "seen": seen, "unseen": unseen,
                    "fresh": self.texts[cell.text].fresh, **same[plain],
                }  # fmt: skip

    def _trial(
        self, made: Recipe, cell: Cell, packed: Packed, stats: tuple[BlockStats, ...], dense: Mapping[str, Any], shared: "Kept"
    ) -> dict[str, Any]:
        _, unseen = self.texts[cell.text].languages(cell.languages, cell.seed)
        learnt = learning_texts(self.model, packed, unseen, cell.seed) if isinstance(made.repair, Training) else None
        shared.saved, started = 0.0, self._clock()
        result = mw.prune(self.model, packed, made, cell.sparsity, "one-pass", stats=stats, learn_from=learnt)
        seconds = self._clock() - started + shared.saved
        try:
            pruned = self.losses(cell, list(dense))
        finally:
            result.restore()
        increase = {code: np.round(np.subtract(pruned[code], dense[code]), 5).tolist() for code in dense}
        return {
            "increase": increase,
            "seconds": round(seconds, 3),
            "achieved": round(result.achieved, 5),
            "notes": result.notes,
        }

    def _clock(self) -> float:
        if self.model.device.type == "cuda":
            torch.cuda.synchronize(self.model.device)
        return time.perf_counter()


class Kept(Shared):
    """A measurement that is made once for each `key`."""

    def __init__(self, measure: Callable[..., Any]) -> None:
        super().__init__(measure, lambda: self.key, time.perf_counter)
        self.key: Any = None


@contextlib.contextmanager
def shared_sensitivity() -> Iterator[Kept]:
    """Sensitivity is measured once for each way of ranking, while this lasts."""
    measure = sensitivity.measure
    shared = Kept(measure)
    sensitivity.measure = shared  # type: ignore[assignment]
    try:
        yield shared
    finally:
        sensitivity.measure = measure


def losses(model: LanguageModel, sets: Sequence[EvaluationSet]) -> dict[str, list[float]]:
    """Nats per token of each text, by language; all languages go through the model together."""
    found = [text for one in sets for text in one.texts]
    start = max(1, sets[0].num_start)
    size = GPU_TOKENS if model.device.type == "cuda" else 2048
    by_text: dict[tuple[str, str], float] = {}
    for batch in sorted_batches(found, size):
        totals = sequence_losses(model, [list(text.ids) for text in batch], start)
        by_text |= {
            (text.language, text.id): total / (len(text.ids) - start) for text, total in zip(batch, totals, strict=True)
        }
    return {one.languages[0]: [by_text[text.language, text.id] for text in one.texts] for one in sets}


# --- What the rows say ---------------------------------------------------------------------------------------------------------------

Row = Mapping[str, Any]


def units(row: Row, role: str) -> dict[tuple[int, int], float]:
    """(seed where it has texts of its own, text) -> mean increase over the languages seen or unseen."""
    codes = row[role]
    if not codes:
        return {}
    values = np.mean([row["increase"][code] for code in codes], axis=0)
    return {(row["seed"] if row["fresh"] else 0, place): float(value) for place, value in enumerate(values)}


def by_unit(rows: Sequence[Row], role: str) -> dict[tuple[int, int], float]:
    """The mean of each text over the rows (seeds) that share it."""
    gathered: dict[tuple[int, int], list[float]] = {}
    for row in rows:
        for key, value in units(row, role).items():
            gathered.setdefault(key, []).append(value)
    return {key: float(np.mean(values)) for key, values in gathered.items()}


def against(rows: Sequence[Row], base: Sequence[Row], role: str) -> dict[str, float]:
    """Change of the increase against the base's, in per cent of it, with a 95 % interval over texts and its two-sided p-value."""
    ours, theirs = by_unit(rows, role), by_unit(base, role)
    if not theirs:
        return dict.fromkeys(("change", "low", "high", "p"), np.nan)
    change = np.array([ours[key] - theirs[key] for key in theirs])
    level = float(np.mean(list(theirs.values())))
    mean, count = float(change.mean()), len(change)
    se = float(change.std(ddof=1)) / count**0.5 if count > 1 else np.nan
    reach = float(scipy_stats.t.ppf(0.5 + CONFIDENCE / 2, count - 1)) * se
    p = 1.0 if mean == 0 else 2 * float(scipy_stats.t.sf(abs(mean) / se, count - 1))
    # A model that pruning harms not at all may gain by it: the sign is that of the change, whatever the level's.
    scale = 100 / abs(level)
    return {"change": scale * mean, "low": scale * (mean - reach), "high": scale * (mean + reach), "p": p}


def worst(rows: Sequence[Row]) -> float:
    """The mean over seeds of the language that loses most."""
    return float(np.mean([max(np.mean(values) for values in row["increase"].values()) for row in rows]))


FACTORS = ("text", "setting", "languages", "tokens")


def summary(rows: Sequence[Row]) -> pd.DataFrame:
    """One line a cell (its seeds together) and method, against Wanda in the same cell.

    seen, unseen: change of the mean increase in per cent of Wanda's, with _low and _high; _worse: the interval lies above zero;
    _surely: after Holm's correction over the method's cells. worst: the same of the language that loses most, seen or not, without an interval. wanda_seen,
    wanda_unseen: Wanda's increase, nats per token.
    """
    done = {(*(row[name] for name in FACTORS), row["seed"], row["method"]): row for row in rows}
    lines_: list[dict[str, Any]] = []
    for *cell, method in dict.fromkeys((*key[:4], key[5]) for key in done):
        if method == BASE:
            continue
        seeds = [key[4] for key in done if key[:4] == tuple(cell) and key[5] == method and (*key[:5], BASE) in done]
        if not seeds:
            continue
        ours, theirs = ([done[*cell, seed, name] for seed in seeds] for name in (method, BASE))
        line: dict[str, Any] = dict(zip(FACTORS, cell, strict=True)) | {"method": method, "seeds": len(seeds)}
        for role in ("seen", "unseen"):
            found = against(ours, theirs, role)
            line |= {role: found["change"], f"{role}_low": found["low"], f"{role}_high": found["high"], f"{role}_p": found["p"]}
            line[f"{role}_worse"] = bool(found["low"] > 0)
            values = by_unit(theirs, role).values()
            line[f"wanda_{role}"] = float(np.mean(list(values))) if values else np.nan
        line["worst"] = 100 * (worst(ours) / worst(theirs) - 1)
        line["seconds"] = float(np.mean([row["seconds"] for row in ours]))
        lines_.append(line)
    frame = pd.DataFrame(lines_)
    for _, part in frame.groupby("method"):
        p = part[["seen_p", "unseen_p"]].to_numpy(float)
        adjusted = np.ones_like(p)
        adjusted[~np.isnan(p)] = holm(p[~np.isnan(p)])
        for place, role in enumerate(("seen", "unseen")):
            frame.loc[part.index, f"{role}_surely"] = (adjusted[:, place] < 1 - CONFIDENCE) & (part[role].to_numpy() > 0)
    place = frame["setting"].map(lambda setting: _place(SETTINGS, setting))
    ranked = frame.assign(place=place).sort_values(["place", "text", "languages", "tokens"], kind="stable")
    return ranked.drop(columns="place").reset_index(drop=True)


def verdicts(frame: pd.DataFrame) -> pd.DataFrame:
    """One line a method: how often it is better, worse, or neither; seen and unseen each count."""
    found = []
    for method, part in frame.groupby("method", sort=False):
        low, high = (np.concatenate([part[f"{role}_{end}"] for role in ("seen", "unseen")]) for end in ("low", "high"))
        known = ~np.isnan(low)
        surely = int(part["seen_surely"].sum() + part["unseen_surely"].sum())
        found.append(
            {
                "method": method, "cells": int(known.sum()), "better": int((high[known] < 0).sum()),
                "worse": int((low[known] > 0).sum()), "surely worse": surely,
                "seen, mean": f"{part['seen'].mean():+.1f} %", "unseen, mean": f"{part['unseen'].mean():+.1f} %",
                "worst language, mean": f"{part['worst'].mean():+.1f} %", "seconds": round(float(part["seconds"].mean()), 2),
            }
        )  # fmt: skip
    return pd.DataFrame(found)


def markdown(frame: pd.DataFrame) -> str:
    """How often each method is better or worse, and a table a setting: seen / unseen."""
    parts = [
        "Change of the loss increase against Wanda's in the same cell, in per cent of it, with a 95 % interval over texts. **worse**: the "
        "interval lies above zero (by chance one in forty does); **surely worse**: also after Holm's correction over the method's cells.",
        table_of(verdicts(frame)),
    ]
    for setting, part in frame.groupby("setting", sort=False):
        shown = [
            {
                "text": text, "languages": languages, "tokens": tokens,
                **{str(line["method"]): f"{_cell(line, 'seen')} / {_cell(line, 'unseen')}" for line in group.to_dict("records")},
            }
            for (text, languages, tokens), group in part.groupby(["text", "languages", "tokens"], sort=True)
        ]  # fmt: skip
        parts.append(f"## {setting}, seen / unseen\n\n{table_of(pd.DataFrame(shown).fillna(''))}")
    return "\n\n".join(parts)


def _cell(line: Mapping[Any, Any], role: str) -> str:
    if np.isnan(line[role]):
        return "-"
    flag = " **surely worse**" if line[f"{role}_surely"] else " **worse**" if line[f"{role}_worse"] else ""
    return f"{line[role] + 0.0:+.1f} ± {(line[f'{role}_high'] - line[f'{role}_low']) / 2:.1f}{flag}"


# --- The work ------------------------------------------------------------------------------------------------------------------------


def measure(
    bench: Bench, cells: Sequence[Cell], methods: Sequence[str], kept: Path, minutes: float, say: Callable[[str], None] = print
) -> list[Row]:
    """Every cell that is not kept yet, until the time is up; all rows, those kept before among them."""
    started, longest = time.perf_counter(), 0.0
    rows: list[Row] = [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []
    done = {(Cell(*(row[field.name] for field in dataclasses.fields(Cell))), row["method"]) for row in rows}
    for place, cell in enumerate(cells):
        todo = [method for method in methods if (cell, method) not in done]
        begun = time.perf_counter()
        if begun - started + longest > 60 * minutes:
            say(f"{place} of {len(cells)} cells are done; the time is up.")
            break
        if not todo:
            continue
        try:
            found = list(bench.run(cell, todo))
        except mw.InputError as error:
            say(f"{cell}: left out: {error}")
            continue
        rows += found
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("a", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in found)
        longest = max(longest, time.perf_counter() - begun)
        told = ", ".join(f"{row['method']} {row['seconds']:.1f} s" for row in found)
        say(f"{time.perf_counter() - started:6.0f} s  {place + 1}/{len(cells)}  {cell.setting} {cell.text} {cell.languages} x {cell.tokens}, seed {cell.seed}: {told}")  # fmt: skip
    return rows


def cut(target: Path, found: Text) -> None:
    """Those lines of a text that are read, as folders `calibrate` and `evaluate`."""
    for name, corpus, last in (
        ("calibrate", found.calibrate, CALIBRATION_LINES),
        ("evaluate", found.evaluate, TUNE_LINES + SLICE * len(SEEDS)),
    ):
        (target / name).mkdir(parents=True, exist_ok=True)
        for code, passages in corpus.passages.items():
            written = "\n".join(passage.text for passage in passages[:last]) + "\n"
            (target / name / f"{code}.txt").write_text(written, "utf-8")


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", default="", help='A folder of <code>.txt, or a source on the Hub; none: no text "news".')
    parser.add_argument("--evaluate", default="")
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--methods", default=",".join(METHODS), help="Named methods; Wanda is always among them.")
    parser.add_argument("--cells", default="", help="Some of the cells: texts=, languages=, tokens=, seeds=, settings=.")
    parser.add_argument("--scored", type=int, default=SCORED, help="Texts scored per language and seed.")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="No cell is begun that would end later.")
    parser.add_argument("--out", type=Path, default=RESULTS / f"{NAME}.partial.jsonl", help="Where rows are kept.")
    parser.add_argument("--summary", action="store_true", help="Write the results from the rows kept; measure nothing.")
    parser.add_argument("--cut", type=Path, help="Write the lines that are read into a folder; measure nothing.")
    given = parser.parse_args()
    news = [news_text(given.calibrate, given.evaluate)] if given.calibrate and not given.summary else []
    if given.cut:
        cut(given.cut, news[0])
    elif given.summary:
        finish(given.out)
    else:
        started = time.perf_counter()
        model = mw.load(given.model, given.device)
        found = [*news, built_in_text()]
        words = {"calibrate": "NTREX", "evaluate": "FLORES", "out": "FILE"}
        facts = provenance(
            command_of(NAME, parser, given, **words), device=device_of(model), model=model.source, fingerprint=model.fingerprint
        )
        given.out.parent.mkdir(parents=True, exist_ok=True)
        with facts_of(given.out).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(facts) + "\n")
        methods = [BASE, *(name for name in given.methods.split(",") if name != BASE)]
        cells = all_cells([text.name for text in found], given.cells)
        minutes = given.minutes - (time.perf_counter() - started) / 60
        measure(Bench(model, found, given.scored), cells, methods, given.out, minutes, lambda line: print(line, flush=True))


def device_of(model: LanguageModel) -> str:
    """The device by name."""
    return torch.cuda.get_device_name(model.device) if model.device.type == "cuda" else model.device.type


def facts_of(kept: Path) -> Path:
    """Where the facts of every run that added rows stand."""
    return kept.with_name(f"{kept.name.partition('.')[0]}.facts.partial.jsonl")


def finish(kept: Path) -> None:
    """The published table."""
    rows = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    frame = summary(rows)
    numbers = [name for name in frame if frame[name].dtype == float and not str(name).endswith("_p")]
    runs = [json.loads(line) for line in facts_of(kept).read_text("utf-8").splitlines()]
    facts = runs[-1] | {"earlier": [{name: run[name] for name in ("command", "commit", "device")} for run in runs[:-1]]}
    heading = "Which method holds, against Wanda in the same cell"
    write(NAME, frame.round(dict.fromkeys(numbers, 3)), facts, heading, markdown(frame))
    ADVICE.write_text(json.dumps(advice(frame, facts), ensure_ascii=False) + "\n", "utf-8")


def advice(frame: pd.DataFrame, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What `methods.advice` reads: the cells of the methods that a level may take."""
    wanted = {method for level in LEVELS.values() for method in (*level.methods, *level.n_to_m)}
    part = frame[frame["method"].isin(wanted)]
    part = part.assign(worse=part["seen_surely"].astype(bool) | part["unseen_surely"].astype(bool))
    names = ["method", *(field.name for field in dataclasses.fields(Worth))]
    cells = json.loads(part[names].round(1).to_json(orient="records"))
    return {"facts": {name: facts[name] for name in ("command", "commit", "date", "device") if name in facts}, "cells": cells}


if __name__ == "__main__":
    main()
