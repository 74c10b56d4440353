"""What the library says to visitors: entries of the page's catalogues that stand in `mwanda_core`, not in the page's own files.

The library speaks plain English and knows of no catalogue. Its sentences are read from its source: every text or f-string that is
raised as an error, begins a stage of a job, or becomes a note is an entry, `f"Pruning block {block.index + 1} of {len(blocks)}"` as
"Pruning block {index} of {blocks}". `recognition` finds the entry again from the finished English sentence, so that errors, progress
and notes can be said in another language wherever they come from: another process, or a run that was stored long ago.

What parts, recipes, studies and knobs say of themselves is asked of them.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER = "mwanda_core"
LEFT_OUT = (
    "cli", "engine/distributed", "engine/onload", "engine/per_linear.py", "insight/neuron_damage.py", "insight/neuron_effects.py",
    "insight/profile_tables.py", "shrink/packing.py", "sweeps/ray.py", "tasks/compare.py", "tasks/harness.py",
)  # fmt: skip
"""What no visitor of the page reads: the command line's, Ray's, the harness's, and what only Python reaches."""
ONLY_PYTHON = (
    "evaluation", "insight", "parts/evidence.py", "parts/masks.py", "parts/statistics.py", "tasks/base.py", "tasks/scoring.py",
    "engine/sensitivity.py", "after/reapply.py", "shrink/plan.py", "shrink/repair.py", "shrink/tensors.py", "__init__.py",
)  # fmt: skip
"""Rooms whose stages visitors see, but whose errors the page's own checks leave to those who call them from Python."""
ERRORS = frozenset({"MwandaError", "InputError", "ModelError", "DoesNotFit", "TextError", "RunError", "Cancelled"})
"""Those of `mwanda_core.errors`; others never reach a visitor in their own words."""
SPEAKERS = ("sentence", "sentences", "notes", "_notes", "_plain_words", "words")
"""Functions that return sentences for people."""
NOUNS = ("model", "dense model", "pruned model", "a text", "true or false", "task", "method", "text source")
"""Words that fill the places of its sentences."""


def sentences(root: Path) -> Iterator[tuple[str, str]]:
    """(English template, file) of every sentence in the library's source."""
    home = root / FOLDER
    for file in sorted(home.rglob("*.py")):
        if not any(file.is_relative_to(home / place) for place in LEFT_OUT):
            raised = not any(file.is_relative_to(home / place) for place in ONLY_PYTHON)
            for text in sentences_of(ast.parse(file.read_text("utf-8")), raised):
                yield text, file.relative_to(root).as_posix()
    yield from ((noun, "") for noun in NOUNS)


def sentences_of(tree: ast.AST, raised: bool = True) -> Iterator[str]:
    """The templates in one file, in their order; errors only where wanted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and not raised:
            continue
        for spoken in _spoken(node):
            for text in _templates(spoken):
                if any(letter.isalpha() for letter in text):
                    yield text


def _spoken(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions that people read: what is raised, what a stage is called, what is noted."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _name(node.exc.func) in ERRORS:
        yield from node.exc.args[:1]
    elif isinstance(node, ast.Call) and _name(node.func) == "begin":
        yield from node.args[:1]
    elif isinstance(node, ast.Call) and _name(node.func) == "append" and isinstance(node.func, ast.Attribute):
        if _name(node.func.value) == "notes":
            yield from node.args[:1]
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and any(_name(target) == "notes" for target in targets):
            yield node.value
    elif isinstance(node, ast.FunctionDef) and node.name in SPEAKERS:
        yield from (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value is not None)
    elif isinstance(node, ast.ClassDef) and node.name == "UnknownName":
        yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.JoinedStr))


def _templates(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be; a choice between two gives both."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.replace("{", "{{").replace("}", "}}")
    elif isinstance(node, ast.JoinedStr):
        yield _template(node)
    elif isinstance(node, ast.IfExp):
        yield from (*_templates(node.body), *_templates(node.orelse))
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _templates(item)


def _template(node: ast.JoinedStr) -> str:
    """An f-string as a template with named places; equal expressions share a place."""
    text, names = "", dict[str, str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value).replace("{", "{{").replace("}", "}}")
        elif isinstance(part, ast.FormattedValue):
            name = names.setdefault(ast.dump(part.value), _free(_noun(part.value), names.values()))
            conversion = "!r" if part.conversion == ord("r") else ""
            form = _template(part.format_spec) if isinstance(part.format_spec, ast.JoinedStr) else ""
            text += f"{{{name}{conversion}{':' + form if form else ''}}}"
    return text


def _noun(node: ast.expr) -> str:
    """What an expression is about: the last name in it that is neither a function nor `name`."""
    named = [
        inner.attr if isinstance(inner, ast.Attribute) else inner.id
        for inner in _ordered(node)
        if isinstance(inner, ast.Attribute | ast.Name)
    ]
    called = {_name(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)}
    keys = [str(inner.value) for inner in ast.walk(node) if isinstance(inner, ast.Constant) and str(inner.value).isidentifier()]
    nouns = [name.strip("_").lower() for name in named if name not in called and name not in ("name", "self", "__name__")]
    return next(reversed(nouns), next(iter(keys), next(iter(sorted(called)), "value").strip("_")))


def _ordered(node: ast.expr) -> Iterable[ast.expr]:
    """Names from the inside out, so that of `a.b.c` the last is `c`."""
    found = [inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute | ast.Name)]
    return sorted(found, key=lambda inner: (inner.end_lineno or 0, inner.end_col_offset or 0))


def _free(name: str, taken: Iterable[str]) -> str:
    number, found = 2, name
    while found in set(taken):
        found, number = f"{name}{number}", number + 1
    return found


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def labels() -> Iterator[tuple[str, str, str]]:
    """(context, English text, what it names) of every knob, and of every word that one can be, as the page shows them."""
    from components.i18n.words.method import CHOICE_LABELS, KNOB_LABELS, plain
    from mwanda_core.methods.knob_list import knob_list
    from mwanda_core.studies import STUDIES
    from mwanda_core.studies.base import describe

    own = {" ".join(owner): knobs for owner, knobs in knob_list().items()}
    asked = {f"study {name}": describe(study).knobs for name, study in STUDIES.items()}
    for where, knobs in (own | asked).items():
        for knob in knobs:
            if knob.name not in KNOB_LABELS:
                yield "setting", plain(knob.name), where
            yield from (("choice", choice, f"{where}, {knob.name}") for choice in knob.choices if choice not in CHOICE_LABELS)


def descriptions() -> Iterator[tuple[str, str]]:
    """(English text, what it describes) of every part, recipe, study and knob, and of what hardware makes of zeros."""
    from mwanda_core.after.costs import BASES, HARDWARE
    from mwanda_core.methods.catalogue import CHOICES
    from mwanda_core.methods.recipes import RECIPES
    from mwanda_core.parts.needs import Need
    from mwanda_core.parts.part import describe
    from mwanda_core.studies import STUDIES
    from mwanda_core.studies.base import describe as described

    for choice, table in CHOICES.items():
        for name, part in table.items():
            told = describe(name, part)
            where = f"{choice} {name}"
            yield from ((text, where) for text in (told.title, told.summary, part.alone) if text)
            for knob in told.knobs:
                yield from ((text, f"{where}, {knob.name}") for text in (knob.help, knob.unit) if text)
    for name, recipe in RECIPES.items():
        yield from ((text, f"method {name}") for text in (recipe.title, recipe.summary) if text)
    for name, study in STUDIES.items():
        asked = described(study)
        yield from ((text, f"study {name}") for text in (asked.title, asked.question, asked.summary, asked.cost))
        for spec in asked.tables:
            yield from ((text, f"study {name}, {spec.name}") for text in (spec.title, *spec.columns.values()))
        yield from ((text, f"study {name}, {knob.name}") for knob in asked.knobs for text in (knob.help, knob.unit) if text)
    yield from ((need.words, f"need {need.value}") for need in Need)
    yield from ((text, "after.costs") for text in (*BASES.values(), *(statement.text for statement in HARDWARE)))
