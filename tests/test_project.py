"""The project's own papers agree with each other: README, CI, requirements, constraints, benchmark results."""

import json
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def readme_commands() -> list[str]:
    """The one-line set-up commands: indented lines of the README that start with pip install."""
    return [line.strip() for line in README.split("\n") if re.match(r" {4}pip install ", line)]


def test_readme_gives_exactly_two_commands_and_ci_runs_the_second_word_for_word() -> None:
    start, check = readme_commands()
    assert start.endswith("&& python app.py")
    ci_lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").split("\n")]
    assert check in ci_lines
    assert start not in ci_lines


def test_extras_that_the_commands_name_exist() -> None:
    for command in readme_commands():
        for extra in re.findall(r"\[([a-z,]+)\]", command)[0].split(","):
            assert extra in PROJECT["optional-dependencies"]


def requirement_lines(path: str) -> list[str]:
    """Lines of a requirements file that are not comments."""
    return [line for line in (ROOT / path).read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]


def test_requirements_are_the_core_and_the_extras_of_a_space() -> None:
    extras = PROJECT["optional-dependencies"]
    assert requirement_lines("requirements.txt") == PROJECT["dependencies"] + extras["demo"] + extras["spaces"]


def test_constraints_pin_every_dependency_exactly() -> None:
    pins = dict(line.split("==") for line in requirement_lines("constraints.txt"))
    assert pins["torch"] == "2.13.0"
    pinned = {name.lower().replace("_", "-") for name in pins}
    wanted = PROJECT["dependencies"] + [r for extra in ("demo", "dev") for r in PROJECT["optional-dependencies"][extra]]
    for requirement in wanted:
        assert re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-") in pinned, requirement  # type: ignore[index]


def test_front_matter_serves_a_space() -> None:
    _, front, _ = README.split("---\n", 2)
    keys = dict(line.split(": ", 1) for line in front.split("\n") if ": " in line)
    assert keys["sdk"] == "gradio"
    assert (ROOT / keys["app_file"]).is_file()
    assert keys["license"] == PROJECT["license"].lower()
    pins = dict(line.split("==") for line in requirement_lines("constraints.txt"))
    assert keys["sdk_version"] == pins["gradio"]
    assert tuple(map(int, keys["python_version"].split("."))) >= (3, 11)


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "results").glob("*.json")), ids=lambda p: p.stem)
def test_results_name_the_command_that_made_them(path: Path) -> None:
    facts = json.loads(path.read_text(encoding="utf-8"))["facts"]
    module = re.match(r"python -m (benchmarks\.\w+)", facts["command"])
    assert module, facts["command"]
    assert (ROOT / (module[1].replace(".", "/") + ".py")).is_file()
    assert facts["versions"]["torch"].startswith("2.")


def test_the_readme_table_of_methods_is_the_results() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "publish_methods.py"))
    rows = json.loads((ROOT / "benchmarks" / "results" / "methods.json").read_text(encoding="utf-8"))["rows"]
    assert set(script["IN_README"]) <= {row["method"] for row in rows}
    assert README.split(script["START"])[1].split(script["END"])[0] == script["readme_table"](rows)


def test_the_page_shows_the_published_rows() -> None:
    published = json.loads((ROOT / "assets" / "methods.json").read_text(encoding="utf-8"))
    results = json.loads((ROOT / "benchmarks" / "results" / "methods.json").read_text(encoding="utf-8"))
    assert published["facts"] == results["facts"]
    assert [(row["setting"], row["method"]) for row in published["rows"]] == [
        (row["setting"], row["method"]) for row in results["rows"]
    ]


def test_modules_named_in_the_reading_order_exist() -> None:
    section = README.split("## Files, in reading order")[1].split("\n## ")[0]
    paths = re.findall(r"^ {4}(\S+)", section, flags=re.MULTILINE)
    assert len(paths) > 10
    for path in paths:
        assert (ROOT / path).exists(), path


def test_help_imports_no_torch() -> None:
    """`mwanda --help` and `import mwanda_core` stay quick because they load nothing heavy."""
    code = (
        "import sys, mwanda_core, mwanda_core.cli.app\n"
        "heavy = {'torch', 'transformers', 'gradio', 'plotly', 'pandas', 'datasets'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_public_names_are_importable_and_listed() -> None:
    import mwanda_core

    for name in mwanda_core.__all__:
        assert getattr(mwanda_core, name) is not None
    with pytest.raises(AttributeError, match="No mwanda_core attribute nothing"):
        _ = mwanda_core.nothing
