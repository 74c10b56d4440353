"""Who imports whom. Downward only: a row may name rooms above it, and nothing else of this library.

The rooms of formulas never see each other, nor a model, nor a text. To add a room, add a row.
"""

import ast
import functools
import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mwanda_core.errors import UnknownName
from mwanda_core.methods import activation, allocation, repair, rows, scores, solvers
from mwanda_core.parts.part import Part, build, describe, plain

_PARTS = "errors plugins parts.knobs parts.needs parts.part parts"
_METHODS = "methods.activation methods.scores methods.allocation methods.rows methods.repair methods.solvers"
_ENGINE = f"{_PARTS} {_METHODS} methods progress files languages corpora models evaluation engine"
_FOLDER = "files holding store.format store.integrity store.leftovers store.whole store.report"
_RUN = f"{_ENGINE} run.settings tasks insight {_FOLDER} studies store"

ROOMS: dict[str, str] = {
    # room: a folder, or a file that stands deeper than the rest of its folder
    "errors": "",
    "plugins": "",
    "parts.knobs": "errors",
    "parts.needs": "",
    "parts.part": "errors parts.knobs parts.needs",
    "parts": "errors parts.knobs parts.needs parts.part",
    "progress": "errors",
    "files": "errors",
    "holding": "errors files",
    "languages": "errors",
    "spreadsheet": "",
    "run.settings": "errors parts.knobs",
    "corpora": "errors files languages",
    "models": "errors files holding",
    "attribution": "errors models",
    "methods.activation": _PARTS,
    "methods.scores": _PARTS,
    "methods.allocation": _PARTS,
    "methods.solvers": _PARTS,
    "methods.rows": _PARTS,
    "methods.repair": _PARTS,
    "methods": f"{_PARTS} {_METHODS}",
    "evaluation": "errors files corpora languages models progress",
    "tasks": "errors plugins files corpora evaluation languages models progress",
    "engine": f"{_PARTS} {_METHODS} methods progress files languages corpora models attribution evaluation",
    "insight": f"{_PARTS} {_METHODS} methods progress languages corpora models evaluation engine",
    "shrink": "errors files holding spreadsheet progress languages corpora models evaluation parts methods methods.activation engine insight",
    "store.format": "holding",
    "store.integrity": "errors files store.format",
    "store.leftovers": "errors holding store.format store.integrity",
    "store.whole": "errors holding store.format store.integrity store.leftovers",
    "store.report": "errors store.format store.integrity store.leftovers store.whole",
    "studies": f"{_ENGINE} attribution run.settings tasks insight {_FOLDER}",
    "store": f"{_ENGINE} run.settings {_FOLDER}",
    "run": _RUN,
    "after": f"{_RUN} run spreadsheet",
    "sweeps": f"{_RUN} run after",
    "cli": "*",
    "__init__": "*",
    "__main__": "cli",
}

_GROUND = "environment engine i18n"
_SHOWN = f"{_GROUND} scratch run_names store figures widgets report"
_SECTIONS = f"{_SHOWN} form jobs cards context"

PAGE_ROOMS: dict[str, str] = {
    # room of the page: a folder, or a loose file; what a row does not name it may not import
    "environment": "",
    "engine": "",
    "i18n": "environment",
    "run_names": "i18n",
    "scratch": "environment i18n",
    "store": "environment engine i18n run_names",
    "figures": "i18n",
    "widgets": "i18n",
    "report": f"{_GROUND} scratch figures",
    "pages": f"{_GROUND} figures",
    "form": f"{_GROUND} store widgets",
    "jobs": f"{_GROUND} scratch store widgets form",
    "cards.spec": "i18n",
    "cards.draw": f"{_SHOWN} cards.spec",
    "cards.export": f"{_SHOWN} cards.spec cards.draw",
    "context": f"{_SHOWN} form jobs cards.spec",
    "cards": f"{_SHOWN} cards.spec cards.draw context",
    "sections": f"{_SECTIONS} cards.spec cards.draw cards.export",
    "app": "*",
}
MOST_PAGE_ROOMS = 22

OUTSIDERS: dict[str, tuple[str, ...]] = {
    # package        the only places that may import it
    "transformers": ("mwanda_core/models",),
    "accelerate": ("mwanda_core/models",),
    "huggingface_hub": ("mwanda_core/models", "mwanda_core/after/hub.py"),
    "datasets": ("mwanda_core/corpora/hub.py", "mwanda_core/tasks/hub.py"),
    "lm_eval": ("mwanda_core/tasks/harness.py",),
    "gradio": ("app.py", "components"),
    "plotly": ("components",),
    "typer": ("mwanda_core/cli",),
    "py3langid": ("mwanda_core/insight/langid.py",),
    "babel": ("components/i18n", "mwanda_core/languages.py"),
    "components": ("app.py", "components", "mwanda_core/cli/app.py"),
}

LIGHT = (
    "errors.py",
    "plugins.py",
    "progress.py",
    "languages.py",
    "parts/knobs.py",
    "parts/needs.py",
    "parts/part.py",
    "methods/knob_list.py",
    "run/settings.py",
    "run/settings_list.py",
    "run/jobs.py",
    "store/report.py",
    "store/format.py",
    "store/integrity.py",
    "store/leftovers.py",
    "store/whole.py",
)
"""Files that the page and `--help` need at once: they must not wait for torch."""

FOLDERS: dict[str, tuple[Any, dict[str, type[Part]]]] = {
    "activation": (activation, activation.ACTIVATIONS), "scores": (scores, scores.SCORES),
    "allocation": (allocation, allocation.ALLOCATIONS), "rows": (rows, rows.ROWS),
    "repair": (repair, repair.REPAIRS), "solvers": (solvers, solvers.SOLVERS),
}  # fmt: skip

SHARED_ARITHMETIC = {"solvers.quadratic", "solvers.swap_windows", "solvers.threads"}
"""Files beside the parts that hold no part."""

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "mwanda_core").rglob("*.py"), *(ROOT / "components").rglob("*.py"), *ROOT.glob("app.py")])


@functools.cache
def imports(file: Path) -> tuple[str, ...]:
    """Full names of everything a file imports, wherever in the file."""
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(file: Path) -> str:
    """The longest row that the file stands in."""
    dotted = ".".join(file.relative_to(ROOT / "mwanda_core").with_suffix("").parts)
    return _longest(dotted, ROOMS) or dotted


def _longest(dotted: str, rooms: Iterable[str]) -> str:
    return max((room for room in rooms if dotted == room or dotted.startswith(f"{room}.")), key=len, default="")


def files_of(room: str) -> list[Path]:
    return [file for file in SOURCES if file.is_relative_to(ROOT / "mwanda_core") and room_of(file) == room]


def test_every_room_has_a_row() -> None:
    found = {room_of(file) for file in SOURCES if file.is_relative_to(ROOT / "mwanda_core")}
    assert found == set(ROOMS)


def test_the_table_leads_downward() -> None:
    above: set[str] = set()
    for room, allowed in ROOMS.items():
        assert allowed == "*" or set(allowed.split()) <= above or room == "__main__", room
        above.add(room)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_its_row_names(room: str) -> None:
    allowed = set(ROOMS) if ROOMS[room] == "*" else {room, *ROOMS[room].split()}
    for file in files_of(room):
        for name in imports(file):
            package, _, rest = name.partition(".")
            if package == "mwanda_core":
                assert _longest(rest, ROOMS) in allowed, f"{file.relative_to(ROOT)} imports {name}"


PAGE = ROOT / "components"
PAGE_SOURCES = [file for file in SOURCES if file.is_relative_to(PAGE) and file != PAGE / "__init__.py"]


def page_room_of(file: Path) -> str:
    """The row that a file of the page stands in."""
    return _longest(".".join(file.relative_to(PAGE).with_suffix("").parts), PAGE_ROOMS)


def test_every_room_of_the_page_has_a_row_and_the_rows_lead_downward() -> None:
    assert {page_room_of(file) for file in PAGE_SOURCES} == set(PAGE_ROOMS)
    above: set[str] = set()
    for room, allowed in PAGE_ROOMS.items():
        assert allowed == "*" or set(allowed.split()) <= above, room
        above.add(room)


def test_the_page_has_few_rooms() -> None:
    rooms = [entry for entry in PAGE.iterdir() if entry.suffix == ".py" or any(entry.glob("*.py"))]
    assert len(rooms) <= MOST_PAGE_ROOMS


@pytest.mark.parametrize("room", PAGE_ROOMS)
def test_a_room_of_the_page_imports_only_what_its_row_names(room: str) -> None:
    allowed = set(PAGE_ROOMS) if PAGE_ROOMS[room] == "*" else {room, *PAGE_ROOMS[room].split()}
    for file in (file for file in PAGE_SOURCES if page_room_of(file) == room):
        for name in imports(file):
            package, _, rest = name.partition(".")
            if package == "components" and _longest(rest, PAGE_ROOMS):
                assert _longest(rest, PAGE_ROOMS) in allowed, f"{file.relative_to(ROOT)} imports {name}"


def test_no_section_knows_another() -> None:
    sections = PAGE / "sections"
    for file in (file for file in PAGE_SOURCES if file.is_relative_to(sections)):
        own = file.relative_to(sections).with_suffix("").parts[0]
        for name in imports(file):
            if name.startswith("components.sections."):
                assert name.split(".")[2] == own, f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("package", OUTSIDERS)
def test_outsiders_come_in_only_where_they_belong(package: str) -> None:
    places = OUTSIDERS[package]
    for file in SOURCES:
        if any(name.split(".")[0] == package for name in imports(file)):
            where = file.relative_to(ROOT).as_posix()
            assert any(where == place or where.startswith(f"{place}/") for place in places), f"{where} imports {package}"


def test_figures_know_neither_gradio_nor_torch() -> None:
    for file in (ROOT / "components" / "figures").rglob("*.py"):
        assert not {name.split(".")[0] for name in imports(file)} & {"gradio", "torch"}, file.name


@pytest.mark.parametrize("name", LIGHT)
def test_light_files_do_not_wait_for_torch(name: str) -> None:
    file = ROOT / "mwanda_core" / name
    assert not {name.split(".")[0] for name in imports(file)} & {"torch", "jaxtyping", "scipy"}


def test_no_stringised_annotations_hide_from_the_checker() -> None:
    for file in SOURCES:
        assert "__future__.annotations" not in set(imports(file)), file.name


def test_importing_the_library_is_quick_and_lazy() -> None:
    """Nothing heavy is imported by `import mwanda_core` itself."""
    top = ast.parse((ROOT / "mwanda_core" / "__init__.py").read_text(encoding="utf-8")).body
    at_once = [node for node in top if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) or node.names[0].name for node in at_once} <= {"lazy_loader"}


def test_every_public_name_can_be_had() -> None:
    library = importlib.import_module("mwanda_core")
    assert len(library.__all__) == len(set(library.__all__)) > 30
    for name in library.__all__:
        assert getattr(library, name) is not None
    with pytest.raises(AttributeError, match="No mwanda_core attribute nothing"):
        _ = library.nothing


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_table_is_the_folder(folder: str) -> None:
    module, table = FOLDERS[folder]
    names = {file.stem for file in (ROOT / "mwanda_core" / "methods" / folder).glob("*.py")} - {"__init__", "base"}
    registered = []
    for name in sorted(names):
        if f"{folder}.{name}" in SHARED_ARITHMETIC:
            continue
        home = importlib.import_module(f"mwanda_core.methods.{folder}.{name}")
        parts = [cls for cls in vars(home).values() if _is_part(cls) and cls.__module__ == home.__name__]
        assert len(parts) == 1, f"{folder}/{name}.py holds {len(parts)} parts"
        registered += parts
    assert set(registered) == set(table.values())
    assert len(table) == len(registered), "one part stands in the table twice"
    assert all(cls.__name__ in module.__all__ for cls in registered)


def _is_part(cls: object) -> bool:
    return inspect.isclass(cls) and issubclass(cls, Part) and not inspect.isabstract(cls)


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_unknown_name_lists_the_known_ones(folder: str) -> None:
    _, table = FOLDERS[folder]
    with pytest.raises(UnknownName) as caught:
        build(folder, table, "no-such-thing")
    assert str(caught.value) == f"There is no {folder} named 'no-such-thing'. Choose one of: {', '.join(table)}."


ENTRIES = [(folder, name) for folder, (_, table) in FOLDERS.items() for name in table]


@pytest.mark.parametrize(("folder", "name"), ENTRIES)
def test_a_part_describes_itself(folder: str, name: str) -> None:
    cls = FOLDERS[folder][1][name]
    found = describe(name, cls)
    assert found.title
    assert found.formula
    assert found.source
    assert found.origin in ("paper", "reconstruction", "own")
    assert found.summary.endswith("."), "the docstring's first paragraph is the help text"
    assert inspect.getdoc(cls) is not None
    assert inspect.getdoc(sys.modules[cls.__module__])


@pytest.mark.parametrize(("folder", "name"), ENTRIES)
def test_a_part_is_final_frozen_and_plain_data(folder: str, name: str) -> None:
    _, table = FOLDERS[folder]
    part = build(folder, table, name)
    # A test may make one of its own.
    assert not [cls for cls in type(part).__subclasses__() if cls.__module__.startswith("mwanda_core")]
    assert type(part).__dataclass_params__.frozen  # type: ignore[attr-defined]
    data = plain(table, part)
    assert data["name"] == name
    assert build(folder, table, data) == part
    assert hash(part) == hash(build(folder, table, data))
