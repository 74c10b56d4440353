"""What does guarding cost the chosen languages, and what does it save the others? A curve over the weight of the guards.

    python -m benchmarks.guard --calibrate NTREX --evaluate FLORES [--minutes 2] [--device cuda]
    python -m benchmarks.guard --summary

Two or four languages are chosen as by `benchmarks.recommend`, with 1280 tokens each, at 50 %; all languages that could have been
chosen and were not are guarded with 256 built-in tokens each, as `mwanda prune --guard` does. Chosen, guarded, and languages that are
neither are told apart: the last (text "news" alone) show whether guarding twenty saves those that nobody guards. Intervals are of
the paired difference to the same method without guards, over texts.
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mwanda_core as mw
from benchmarks.common import RESULTS, command_of, provenance, table_of, write
from benchmarks.recommend import LENGTH, SCORED, SEEDS, Bench, Cell, against, built_in_text, device_of, facts_of, news_text
from components.sections.methods.table import GUARD_COLUMNS, GUARD_FILE
from mwanda_core.corpora import builtin, builtin_languages, pack
from mwanda_core.engine.measure import measure_model, with_weights
from mwanda_core.insight import side_by_side
from mwanda_core.methods.recipes import recipe
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.run.guarding import GUARD_TOKENS

NAME = "guard"
SHARES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
METHODS = ("wanda", "m-wanda", "m-wanda-measured")
LANGUAGES = (2, 4)
TOKENS = 1280
ROLES = ("chosen", "guarded", "neither")


class Guarding(Bench):
    """Cells whose method is guarded with a share of the weight."""

    def guarded(self, cell: Cell, methods: Sequence[str], shares: Sequence[float]) -> list[dict[str, Any]]:
        """A row a method and share."""
        text = self.texts[cell.text]
        seen, unseen = text.languages(cell.languages, cell.seed)
        neither = text.unseen
        guards = tuple(code for code in builtin_languages() if code not in (*seen, *neither))
        chosen = self.packed(cell, seen)
        corpus = builtin(guards).calibration
        others = pack(corpus, self.model.encode, self.model.start, LENGTH, GUARD_TOKENS, cell.seed)
        stats = side_by_side(self.stats(cell, chosen), measure_model(self.model, others, SUMS, Monitor()))
        # Scored are the guards that the text would have counted as unseen or drawn next, as many as elsewhere.
        scored = {
            "chosen": seen,
            "guarded": unseen if not neither else text.languages(cell.languages + 8, cell.seed)[0][cell.languages :],
        }
        scored |= {"neither": neither}
        scored["guarded"] = tuple(code for code in scored["guarded"] if code in guards)
        codes = tuple(code for role in ROLES for code in scored[role])
        dense, rows = self.dense(cell, codes), []
        for method in methods:
            for share in shares:
                packed = chosen.guarded(others, share)
                known = with_weights(stats, packed.weights) if share else self.stats(cell, chosen)
                started = time.perf_counter()
                result = mw.prune(self.model, packed, recipe(method), cell.sparsity, "one-pass", stats=known)
                seconds = time.perf_counter() - started
                try:
                    pruned = self.losses(cell, codes)
                finally:
                    result.restore()
                increase = {code: np.round(np.subtract(pruned[code], dense[code]), 5).tolist() for code in codes}
                row = dataclasses.asdict(cell) | {
                    "method": method,
                    "share": share,
                    "fresh": text.fresh,
                    "seconds": round(seconds, 3),
                }
                rows.append(row | {**scored, "increase": increase})
        return rows


def summary(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One line a text, number of languages, method, share and role: increase (nats per token), and its change in per cent of the increase
    without guards, with low and high."""
    lines = []
    keys = dict.fromkeys((row["text"], row["languages"], row["method"], row["share"]) for row in rows)
    for text, languages, method, share in keys:
        same = [row for row in rows if (row["text"], row["languages"], row["method"]) == (text, languages, method)]
        ours, base = ([row for row in same if row["share"] == wanted] for wanted in (share, 0.0))
        for role in ROLES:
            if not any(row[role] for row in ours):
                continue
            found = against(ours, base, role)
            increase = float(np.mean([np.mean([row["increase"][code] for code in row[role]]) for row in ours]))
            line = {"text": text, "languages": languages, "method": method, "share": share, "role": role, "increase": increase}
            lines.append(line | {name: found[name] for name in ("change", "low", "high")})
    return pd.DataFrame(lines)


def markdown(frame: pd.DataFrame) -> str:
    """A table a text and number of languages: shares against roles."""
    parts = [
        "Change of the loss increase against the same method without guards, in per cent, with a 95 % interval over texts."
    ]
    for (text, languages), part in frame.groupby(["text", "languages"], sort=False):
        shown = []
        for (method, share), group in part.groupby(["method", "share"], sort=False):
            by_role = {line["role"]: line for line in group.to_dict("records")}
            cells = {
                role: f"{line['increase']:.3f} ({line['change'] + 0.0:+.1f} ± {(line['high'] - line['low']) / 2:.1f} %)"
                for role, line in by_role.items()
            }
            shown.append({"method": method, "weight of the guards": f"{share:.0%}", **cells})
        parts.append(f"## {text}, {languages} languages, 50 %\n\n{table_of(pd.DataFrame(shown).fillna('-'))}")
    return "\n\n".join(parts)


def publish(frame: pd.DataFrame, facts: Mapping[str, Any]) -> None:
    """What the page draws the curve of."""
    rows = json.loads(frame[list(GUARD_COLUMNS)].round(2).to_json(orient="records"))
    known = {name: facts[name] for name in ("command", "commit", "date", "device") if name in facts}
    GUARD_FILE.write_text(json.dumps({"facts": known, "rows": rows}, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calibrate", default="")
    parser.add_argument("--evaluate", default="")
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--shares", default=",".join(map(str, SHARES)))
    parser.add_argument("--languages", default=",".join(map(str, LANGUAGES)))
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--texts", default="", help="news, built-in; empty: all there are.")
    parser.add_argument("--scored", type=int, default=SCORED, help="Texts scored per language and seed.")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--out", type=Path, default=RESULTS / f"{NAME}.partial.jsonl")
    parser.add_argument("--summary", action="store_true", help="Write the results from the rows kept; measure nothing.")
    given = parser.parse_args()
    if given.summary:
        rows = [json.loads(line) for line in given.out.read_text("utf-8").splitlines()]
        frame, facts = summary(rows), json.loads(facts_of(given.out).read_text("utf-8").splitlines()[-1])
        write(NAME, frame.round(4), facts, "What guarding costs the chosen languages and saves the others", markdown(frame))
        publish(frame, facts)
        return
    started = time.perf_counter()
    model = mw.load(given.model, given.device)
    found = [*([news_text(given.calibrate, given.evaluate)] if given.calibrate else []), built_in_text()]
    found = [text for text in found if not given.texts or text.name in given.texts.split(",")]
    bench = Guarding(model, found, given.scored)
    words = {"calibrate": "NTREX", "evaluate": "FLORES", "out": "FILE"}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with facts_of(given.out).open("a", encoding="utf-8") as stream:
        stream.write(
            json.dumps(provenance(command_of(NAME, parser, given, **words), device=device_of(model), model=model.source)) + "\n"
        )
    longest = 0.0
    for seed in map(int, given.seeds.split(",")):
        for languages in map(int, given.languages.split(",")):
            for text in found:
                begun = time.perf_counter()
                if begun - started + longest > 60 * given.minutes:
                    return
                cell = Cell(text.name, languages, TOKENS, seed, "50%")
                rows = bench.guarded(cell, given.methods.split(","), [float(share) for share in given.shares.split(",")])
                with given.out.open("a", encoding="utf-8") as stream:
                    stream.writelines(json.dumps(row) + "\n" for row in rows)
                longest = max(longest, time.perf_counter() - begun)
                print(f"{time.perf_counter() - started:.0f} s: {cell}", flush=True)


if __name__ == "__main__":
    main()
