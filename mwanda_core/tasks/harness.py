"""Any task of lm-evaluation-harness that is scored by likelihood, for the model in memory, dense and pruned.

The harness makes the requests and the metrics; the likelihoods are those of `evaluation.choices`, and the answers become
the same tables as the tasks of this library. Comes with the extra "harness" (lm-eval). Tasks that generate text are refused.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mwanda_core.errors import InputError
from mwanda_core.evaluation import dense_cache
from mwanda_core.evaluation.choices import Choice, score_groups
from mwanda_core.languages import LANGUAGES
from mwanda_core.models import LanguageModel
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
    InputError without lm-eval, for an unknown name, and for a task that is not scored by likelihood.
    """
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
    parts: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {}
    for name, samples in found["samples"].items():
        base, code = split_name(name)
        parts.setdefault(base, []).append((code, samples))
    return [_scores(base, by_language) for base, by_language in parts.items()]


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
            raise InputError(
                "This harness task asks for generated text; only tasks that are scored by likelihood are supported."
            )

    return Bridge()


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
            likely = [float(response[0][0]) for response in sample["resps"]]
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
    raise InputError(f"The harness task {base!r} gives no right or wrong by item; only tasks with an accuracy are supported.")
