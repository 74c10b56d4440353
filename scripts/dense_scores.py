"""Make the dense scores that come with the package: mwanda_core/evaluation/dense_scores.json.

    python scripts/dense_scores.py                       every built-in language, in both number types of a processor (an hour on two cores)
    python scripts/dense_scores.py --dtype bfloat16      one of them; the other stays as it is
    python scripts/dense_scores.py --languages en,de     some languages; the others stay

To be run again when weights, texts, tokenizer or scorer change; tests/evaluation/test_shipped.py fails until then.
"""

import argparse
import json
import sys

import torch

from mwanda_core.corpora import builtin, builtin_languages
from mwanda_core.evaluation import evaluation_set, measure
from mwanda_core.evaluation.measure import SCORER
from mwanda_core.evaluation.shipped import FILE, entry, known
from mwanda_core.models import EMBEDDED, load
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings

DTYPES = ("bfloat16", "float32")


def main() -> None:
    """Measure, and write after every language."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dtype", choices=DTYPES, help="one number type; without it both")
    parser.add_argument("--languages", default=",".join(builtin_languages()))
    parser.add_argument("--missing", action="store_true", help="only what is not there yet")
    given = parser.parse_args()
    usual = Settings()
    for dtype in [given.dtype] if given.dtype else DTYPES:
        model = load(EMBEDDED, "cpu", dtype)
        known.cache_clear()
        models = dict(known().get("models", {})) if known().get("scorer") == SCORER else {}
        if models.get(dtype, {}).get("fingerprint") != model.fingerprint:
            models[dtype] = {"fingerprint": model.fingerprint, "torch": torch.__version__, "languages": {}}
        scores = models[dtype]["languages"]
        for code in given.languages.split(","):
            if given.missing and code in scores:
                continue
            texts = evaluation_set(
                model, builtin((code,)).evaluation, max_texts=usual.eval_texts, sequence_length=usual.sequence_length,
                with_choices=True, seed=usual.seed,
            )  # fmt: skip
            scores[code] = entry(texts, measure(model, texts, Monitor()))
            models[dtype]["languages"] = scores = dict(sorted(scores.items()))
            lines = json.dumps({"scorer": SCORER, "models": models}, separators=(",", ":")).replace('},"', '},\n"')
            FILE.write_text(lines + "\n", encoding="utf-8")
            sys.stderr.write(f"{dtype} {code}\n")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
