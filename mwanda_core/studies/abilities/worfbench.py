"""WorfBench's workflows, written by the model and compared with the true graph by what its nodes say; from a folder with the set's
graph_eval.json files (MIT), which are read and never run. Qiao et al. 2025 (WorfBench, arXiv 2410.07869).

The set's own scorer matches nodes by sentence embeddings and compares edges by the numbers of nodes. Here a node is its text without case,
blanks at the ends and full stops, and an edge is its two nodes: F1 is lower than the set's own, and a right graph in another order is right.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mwanda_core.errors import TextError
from mwanda_core.files import read_whole
from mwanda_core.insight.generation import GenerationSettings, Prompt, generate
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.abilities.graphs import Edge, score

NAME, FILE, MOST_BYTES = "worfbench", "graph_eval.json", 64 * 2**20
WRITTEN = 256
"""Tokens that the model writes."""
_NODE = re.compile(r"^\s*(\d+)\s*[:.]\s*(\S.*?)\s*$", re.MULTILINE)
_EDGE = re.compile(r"\(\s*(START|\d+)\s*,\s*(END|\d+)\s*\)")


class Graph(NamedTuple):
    """Nodes by their texts; edges between them, "START" and "END"."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]


class Workflow(NamedTuple):
    """What is asked, another item of the same source with its answer before it, and the true graph."""

    id: str
    prompt: str
    graph: Graph


def parsed(text: str) -> Graph:
    """A graph as the set writes it: numbered nodes, then pairs of numbers. A number that no node has stands for a node that is nowhere right."""
    head, _, tail = text.partition("Edge")
    names = {number: " ".join(said.casefold().strip(" .").split()) for number, said in _NODE.findall(head)}
    named = names | {"START": "START", "END": "END"}
    edges = ((named.get(a, f"no node {a}"), named.get(b, f"no node {b}")) for a, b in _EDGE.findall(tail))
    return Graph(tuple(names.values()), tuple(dict.fromkeys(edges)))


def workflows(folder: str, count: int, seed: int = 0) -> tuple[Workflow, ...]:
    """At most `count` workflows, chosen by `seed`.

    Raises TextError for a folder without the set's files, or with files of another form.
    """
    files = sorted(Path(folder).expanduser().rglob(FILE))
    found = [one for file in files for one in _of(file)]
    if not found:
        raise TextError(f"The folder {str(folder)!r} has no workflows of WorfBench: give one that holds its {FILE} files.")
    return tuple(random.Random(f"{NAME} {seed}").sample(found, min(count, len(found))))


def _of(file: Path) -> Iterator[Workflow]:
    try:
        rows = [_said(row) for row in json.loads(read_whole(file, MOST_BYTES, TextError))]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(
            f"{file.parent.name}/{file.name} is not as WorfBench publishes it ({type(error).__name__}: {error})."
        ) from error
    for number, (id, system, user, answer) in enumerate(rows):
        _, _, before, shown = rows[number - 1]
        graph = parsed(answer)
        if len(rows) > 1 and graph.nodes and graph.edges:
            yield Workflow(id, f"{system}\n\n{before}\n{shown}\n\n{user}\n", graph)


def _said(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    turns = {turn["role"]: str(turn["content"]).strip() for turn in row["conversations"]}
    return str(row["id"]), turns.get("system", ""), turns["user"], turns["assistant"]


def written(model: LanguageModel, asked: Sequence[Workflow], monitor: Monitor) -> pd.DataFrame:
    """Node and edge F1 of every workflow that the model writes: rows of `steps.COLUMNS`.

    Raises InputError for a prompt too long for the model, Cancelled when stopped.
    """
    prompts = [Prompt("en", one.id, one.prompt) for one in asked]
    rows: list[tuple[object, ...]] = []
    for one, found in zip(asked, generate(model, prompts, GenerationSettings(WRITTEN), monitor).items, strict=True):
        # What follows an answer is another question of the model's own.
        first, _, rest = found.text.partition("Node")
        graph = parsed((rest or first).split("\n\n")[0])
        values = score(one.graph.nodes, one.graph.edges, graph.nodes, graph.edges)._asdict()
        rows += [(NAME, "en", one.id, f"{NAME} {name}", value) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["kind", "language", "item", "measure", "value"])
