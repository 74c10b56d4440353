"""Any task of lm-evaluation-harness, for the model in memory, dense and pruned.

The harness makes the requests and the metrics; the likelihoods are those of `evaluation.choices`, and the answers become
the same tables as the tasks of this library. Comes with the extra "harness" (lm-eval).

Tasks that ask for text (LongBench among them) are answered greedily, a prompt at a time; where their metric is no right or wrong (F1, ROUGE),
`harness_values` gives it item by item, and `compare_values` its change.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from mwanda_core.errors import InputError
from mwanda_core.evaluation import dense_cache, paired_bootstrap
from mwanda_core.evaluation.choices import Choice, score_groups
from mwanda_core.languages import LANGUAGES
from mwanda_core.models import LanguageModel
from mwanda_core.models.decoding import next_logits, stop_tokens
from mwanda_core.progress import Monitor
from mwanda_core.tasks.base import RAW, READINGS
from mwanda_core.tasks.minimal_pairs import MULTIBLIMP_CODES
from mwanda_core.tasks.questions import BELEBELE_CODES
from mwanda_core.tasks.scoring import CHOICE_COLUMNS, ITEM_COLUMNS, TaskScores, answers, encode_choice

SCORER = "harness 3"
_COLUMNS = ("loglikelihood", "greedy")
_NAMED = {code: code for code in LANGUAGES} | {"jp": "ja"}
_NAMED |= {other: code for codes in (MULTIBLIMP_CODES, BELEBELE_CODES) for code, other in codes.items()}
UNKNOWN_LANGUAGE = "und"
VALUE_COLUMNS = ("task", "language", "item", "metric", "value")
MOST_WRITTEN = 256
"""Tokens of an answer where a task does not say."""


def available() -> bool:
    """Whether lm-eval is installed."""
    return importlib.util.find_spec("lm_eval") is not None


def harness_scores(
    model: LanguageModel,
    tasks: Sequence[Any],
    monitor: Monitor,
    *,
    limit: int | None = None,
    num_fewshot: int | None = None,
    dense: bool = False,
) -> list[TaskScores]:
    """The model's answers to harness tasks, by name ("xcopa_sw", a group such as "xcopa") or as task configurations.

    Tasks whose names end in a language ("_sw", "_deu_Latn") are put together as one task in several languages. With `dense`
    the likelihoods are kept, and taken from the cache where the same weights answered the same requests before. Raises
    InputError without lm-eval, for an unknown name, for a task without right and wrong, and for one that asks for sampled text.
    """
    parts: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {}
    for name, samples in _samples(model, tasks, monitor, limit, num_fewshot, dense).items():
        base, code = split_name(name)
        parts.setdefault(base, []).append((code, samples))
    return [_scores(base, by_language) for base, by_language in parts.items()]


def harness_values(
    model: LanguageModel, tasks: Sequence[Any], monitor: Monitor, *, limit: int | None = None, num_fewshot: int | None = None
) -> pd.DataFrame:
    """Every metric that is a number, item by item: `VALUE_COLUMNS`. For tasks that grade what was written.

    Raises InputError as `harness_scores`, but for no kind of metric.
    """
    rows = []
    for name, samples in _samples(model, tasks, monitor, limit, num_fewshot, False).items():
        base, code = split_name(name)
        for sample in samples:
            values = {metric: sample[metric] for metric in sample["metrics"] if metric in sample}
            rows += [
                (base, code, str(sample["doc_id"]), metric, float(value))
                for metric, value in values.items()
                if isinstance(value, int | float | np.number)
            ]
    return pd.DataFrame(rows, columns=list(VALUE_COLUMNS))


def compare_values(dense: pd.DataFrame, pruned: pd.DataFrame) -> pd.DataFrame:
    """task, language, metric, items, dense, pruned, change (pruned - dense) and its interval over items (`paired_bootstrap`).

    Raises InputError where the two sides did not answer the same items.
    """
    keys = ["task", "language", "item", "metric"]
    both = dense.merge(pruned, on=keys, suffixes=("_dense", "_pruned"))
    if not len(both) == len(dense) == len(pruned):
        raise InputError("The dense and the pruned model did not answer the same items: score both on the same tasks.")
    rows = []
    for (task, code, metric), part in both.groupby(["task", "language", "metric"], sort=False):
        change = paired_bootstrap((part["value_pruned"] - part["value_dense"]).to_numpy())
        means = (float(part[f"value_{side}"].mean()) for side in ("dense", "pruned"))
        rows.append((task, code, metric, len(part), *means, change.value, change.low, change.high))
    return pd.DataFrame(rows, columns=["task", "language", "metric", "items", "dense", "pruned", "change", "low", "high"])


def _samples(
    model: LanguageModel, tasks: Sequence[Any], monitor: Monitor, limit: int | None, num_fewshot: int | None, dense: bool
) -> dict[str, list[dict[str, Any]]]:
    """Name of a harness task -> what was asked, answered and found of each item."""
    if not available():
        raise InputError('lm-evaluation-harness is not installed: run pip install "mwanda-explorer[harness]".')
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    # Reading the harness's thousands of task files takes a while and is only needed for names.
    manager = TaskManager(include_defaults=any(isinstance(task, str) for task in tasks))
    try:
        found: Any = simple_evaluate(
            bridge(model, monitor, dense),
            tasks=list(tasks),
            task_manager=manager,
            limit=limit,
            num_fewshot=num_fewshot,
            bootstrap_iters=0,
            log_samples=True,
        )
    except (KeyError, ConnectionError, FileNotFoundError) as error:
        names = ", ".join(str(task) for task in tasks)[:200]
        raise InputError(f"The harness cannot run {names}: {' '.join(str(error).split())[:160]}.") from error
    samples: dict[str, list[dict[str, Any]]] = found["samples"]
    return samples


def split_name(name: str) -> tuple[str, str]:
    """A harness task's name without its language, and the language: "xcopa_sw" -> ("xcopa", "sw"); "und" where none is named."""
    for pattern in (r"(.+)_([a-z]{3}_[A-Z][a-z]{3})", r"(.+)_([a-z]{2,3})"):
        match = re.fullmatch(pattern, name)
        if match and match[2] in _NAMED:
            return match[1], _NAMED[match[2]]
    return name, UNKNOWN_LANGUAGE


def bridge(model: LanguageModel, monitor: Monitor, dense: bool = False) -> Any:
    """The model as the harness wants it: an `lm_eval.api.model.LM` whose likelihoods are ours."""
    from lm_eval.api.model import LM

    class Bridge(LM):
        """One model, as it stands when asked."""

        def loglikelihood(self, requests: Any, disable_tqdm: bool = False) -> list[tuple[float, bool]]:
            return _answered(model, [(_question(request), *request.args) for request in requests], monitor, dense)

        def loglikelihood_rolling(self, requests: Any, disable_tqdm: bool = False) -> list[float]:
            asked = [(str(i), "", request.args[0]) for i, request in enumerate(requests)]
            return [value for value, _ in _answered(model, asked, monitor, dense)]

        def generate_until(self, requests: Any, disable_tqdm: bool = False) -> list[str]:
            settings = [_settings(request.args[1]) for request in requests]
            monitor.plan(float(sum(most for most, _ in settings)))
            monitor.begin("Writing the harness's answers")
            pairs = zip(requests, settings, strict=True)
            return [_written(model, request.args[0], *asked, monitor) for request, asked in pairs]

    return Bridge()


def _settings(given: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """(most tokens, texts that end an answer) of a request."""
    if given.get("do_sample") or (given.get("do_sample") is None and float(given.get("temperature") or 0.0) > 0):
        raise InputError(
            "This harness task asks for sampled text; only greedy answers are given, which are the same every time."
        )
    most = next(
        (given[name] for name in ("max_gen_toks", "max_new_tokens", "max_tokens") if given.get(name) is not None), MOST_WRITTEN
    )
    until = given.get("until") or ()
    return int(most), tuple(text for text in ([until] if isinstance(until, str) else until) if text)


def _written(model: LanguageModel, context: str, most: int, until: Sequence[str], monitor: Monitor) -> str:
    """The greedy answer, up to the first text that ends it; of a context too long the end is read, as the harness does."""
    ids = [*model.start, *model.encode(context)]
    if model.longest is not None:
        ids = ids[-max(1, model.longest - most) :]
    stops, text, cache = stop_tokens(model), "", None
    written: list[int] = []
    fed, row = torch.tensor([ids]), torch.zeros(1, dtype=torch.long)
    while len(written) < most and not any(stop in text for stop in until):
        logits, cache = next_logits(model, fed, row, cache)
        token = int(logits[0].argmax())
        monitor.advance(1.0)
        if token in stops:
            break
        written.append(token)
        text = str(model.tokenizer.decode(written, skip_special_tokens=True))
        fed = torch.tensor([[token]])
    monitor.advance(float(most - len(written)))
    for stop in until:
        text = text.split(stop)[0]
    return text


def _question(request: Any) -> str:
    return f"{request.task_name}:{request.doc_id}"


def _answered(
    model: LanguageModel, asked: list[tuple[str, str, str]], monitor: Monitor, dense: bool
) -> list[tuple[float, bool]]:
    """(question, context, continuation) each -> log-likelihood and greediness, those of one question together."""
    digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    path = dense_cache.entry(model, SCORER, digest) if dense else None
    known = None if path is None else dense_cache.read(path, {"answers": list(_COLUMNS)})
    if known is not None:
        return [(float(value), bool(greedy)) for value, greedy in known["answers"].itertuples(index=False)]
    groups: dict[str, list[int]] = {}
    for index, (question, _, _) in enumerate(asked):
        groups.setdefault(question, []).append(index)
    members = list(groups.values())
    encoded: list[list[Choice]] = [[encode_choice(model, *asked[index][1:]) for index in group] for group in members]
    sizes = [sum(len(choice.ids) for choice in group) for group in encoded]
    monitor.plan(sum(sizes))
    monitor.begin("Scoring the harness's requests")
    found: dict[int, tuple[float, bool]] = {}
    for batch in score_groups(model, encoded, greedy=True):
        for number, scored in batch:
            assert scored.greedy is not None
            pairs = zip(scored.loglikelihoods, scored.greedy, strict=True)
            found |= dict(zip(members[number], pairs, strict=True))
        monitor.advance(sum(sizes[number] for number, _ in batch))
    result = [found[index] for index in range(len(asked))]
    if path is not None:
        dense_cache.write(path, {"answers": pd.DataFrame(result, columns=list(_COLUMNS))})
    return result


def _scores(base: str, by_language: list[tuple[str, list[dict[str, Any]]]]) -> TaskScores:
    choices: list[tuple[object, ...]] = []
    plain: list[tuple[object, ...]] = []
    for code, samples in by_language:
        for sample in samples:
            likely = [] if isinstance(sample["resps"][0][0], str) else [float(response[0][0]) for response in sample["resps"]]
            answer = _answer(sample, likely) if len(likely) > 1 else None
            name = str(sample["doc_id"])
            if answer is None:
                plain.append((code, name, RAW, 0.0, 0, int(not _right(base, sample)), _right(base, sample), np.nan))
                continue
            for number, value in enumerate(likely):
                text = str(_arguments(sample)[number][1])
                choices.append((code, name, answer, number, 0, max(1, len(text.strip().encode())), value))
    frame = pd.DataFrame(choices, columns=list(CHOICE_COLUMNS))
    items = [answers(frame, reading) for reading in READINGS] if choices else []
    items += [pd.DataFrame(plain, columns=list(ITEM_COLUMNS))] if plain else []
    return TaskScores(base, f"{base} (harness)", False, RAW, frame, pd.concat(items, ignore_index=True))


def _arguments(sample: dict[str, Any]) -> list[Any]:
    given = sample["arguments"]
    if isinstance(given, dict):  # Stored samples name their arguments: {"gen_args_0": {"arg_0": ..., "arg_1": ...}, ...}.
        return [(entry["arg_0"], entry["arg_1"]) for entry in given.values()]
    return list(given)


def _answer(sample: dict[str, Any], likely: list[float]) -> int | None:
    """The number of the right choice: the harness gives it as a number, as the choice's text, or (two choices whose
    contexts differ) only through whether the likelier one was right. None where it cannot be known."""
    target = str(sample["target"]).strip()
    if target.lstrip("-").isdigit() and 0 <= int(target) < len(likely):
        return int(target)
    texts = [str(argument[1]).strip() for argument in _arguments(sample)]
    if texts.count(target) == 1:
        return texts.index(target)
    if len(likely) == 2 and "acc" in sample:
        best = int(likely[1] > likely[0])
        return best if sample["acc"] else 1 - best
    return None


def _right(base: str, sample: dict[str, Any]) -> bool:
    for metric in ("acc", "exact_match"):
        if metric in sample:
            return bool(sample[metric])
    raise InputError(f"The harness task {base!r} gives no right or wrong by item: ask for its values (`harness_values`).")
