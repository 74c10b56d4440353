"""Options that commands have because a run has a setting: one a field of `Settings`, and those that put a method together.

A command takes one parameter `given`; the options stand in its place, and `given.settings()` makes of them what was asked for.
"""

import dataclasses
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mwanda_core.cli.combining import combined
from mwanda_core.cli.options import names
from mwanda_core.methods.advice import LEVELS, advise
from mwanda_core.run.settings import Setting, Settings, all_settings

if TYPE_CHECKING:
    from mwanda_core.methods.advice import Advice
    from mwanda_core.methods.recipes import Recipe

PARTS = ("activation", "score", "allocation", "rows", "repair", "solver")
"""What a method chooses, in the order of options; the pattern has an option of its own."""

OF_RUNS = (
    "mode",
    "precision",
    "stop_after",
    "allocation_share",
    "tasks",
    "task_texts",
    "task_items",
    "studies",
    "spare_neurons",
)
"""Settings for which only a run has a use, and neither a search nor a study by itself."""

_TYPES: dict[str, type] = {"number": float, "whole": int, "switch": bool}
"""Kind of a setting -> type of its option; all others are typed as text."""


@dataclasses.dataclass(frozen=True)
class Given:
    """What was typed, by setting, part, "pattern" and "set_"."""

    typed: Mapping[str, Any]

    @property
    def changes_method(self) -> bool:
        """Whether an option for a part, the pattern or a knob was given."""
        return any(self.typed[name] for name in (*PARTS, "pattern", "set_"))

    def method(self, start: str = "") -> "Recipe":
        """The method (`start` where a command asks for it in its own way) with the parts, pattern and knobs that options put in.

        Raises InputError, or UnknownName, for what cannot be.
        """
        parts = {choice: self.typed[choice] for choice in PARTS}
        return combined(start or self._named(), parts, self.typed["pattern"], self.typed["set_"] or [])

    @property
    def advice(self) -> "Advice | None":
        """What the level that was typed in place of a method comes to; None for a method, and where parts or knobs are put together."""
        if self.typed.get("method") not in LEVELS or any(self.typed.get(name) for name in (*PARTS, "set_")):
            return None
        count = len(_read(all_settings()["languages"], self.typed["languages"]))
        tokens, sparsity = self.typed["tokens_per_language"], self.typed["sparsity"]
        return advise(self.typed["method"], count, tokens, sparsity, self.typed.get("pattern") or "unstructured")

    def _named(self) -> str:
        """The method that was typed, or that a level stands for."""
        typed = self.typed["method"]
        return self.advice.method if self.advice else Settings.method if typed in LEVELS else typed  # type: ignore[return-value]

    def settings(self, **instead: Any) -> Settings:
        """The settings asked for; `instead` are those that the command itself decides.

        Raises InputError for what cannot be.
        """
        known = all_settings()
        values = {name: _read(known[name], text) for name, text in self.typed.items() if name in known and name not in instead}
        values |= instead
        if "method" in values and "method" not in instead:
            values["method"] = self._named()
        if "method" not in instead and "pattern" in self.typed:
            values["method"] = self.method(values.get("method", "")).to_dict()
        if values.get("held_out") == known["held_out"].unset:
            values["held_out"] = default_held_out(values["languages"], values.get("texts", Settings.texts))
        return Settings(**values)


def default_held_out(languages: Collection[str], texts: str) -> tuple[str, ...]:
    """Two built-in languages beside those calibrated on; none where the texts are not the built-in ones."""
    from mwanda_core.run.experiment import default_held_out as others

    return others(tuple(languages)) if texts in ("built-in", "statements") else ()


def _read(setting: Setting, typed: Any) -> Any:
    """An option's text as the setting's value; what stands for "as usual" stays."""
    if setting.knob.kind != "list" or typed == setting.unset:
        return typed
    if setting.knob.of.endswith("languages"):
        from mwanda_core.languages import parse_codes

        empty = not setting.knob.default and typed.strip() in ("", "none")
        return () if empty else parse_codes(typed)
    if setting.knob.of == "studies" and typed.strip() == "all":
        from mwanda_core.studies import STUDIES, Beside

        return tuple(name for name, study in STUDIES.items() if issubclass(study, Beside))
    return names(typed)


def with_settings(
    *, but: Collection[str] = (), names_model: bool = True, combines: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Put options in the place of a command's parameter `given`: every setting but those named, then parts, pattern and knobs.

    names_model: whether the model is an option; else it is the command's argument. combines: whether there are options for parts,
    pattern and knobs.
    """

    def derive(command: Callable[..., None]) -> Callable[..., None]:
        derived = [*_of_settings(but, names_model), *(_of_method() if combines else ())]
        own = list(inspect.signature(command, eval_str=True).parameters.values())
        at = next(place for place, parameter in enumerate(own) if parameter.name == "given")

        def run(**typed: Any) -> None:
            given = Given({parameter.name: typed.pop(parameter.name) for parameter in derived})
            command(given=given, **typed)

        everything = [*own[:at], *derived, *own[at + 1 :]]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        # Typer reads a command from its signature and its annotations.
        run.__signature__ = inspect.Signature([p.replace(kind=p.KEYWORD_ONLY) for p in everything])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in everything}
        return run

    return derive


def _of_settings(but: Collection[str], names_model: bool) -> Iterator[inspect.Parameter]:
    for name, setting in all_settings().items():
        if name not in but:
            as_argument = setting.widget == "model" and not names_model
            help = setting.knob.help + (" Separated by commas." if setting.knob.kind == "list" else "")
            kind = _TYPES.get(setting.knob.kind, str)
            yield _parameter(name, kind, _default(setting), help, setting.option, argument=as_argument)


def _of_method() -> Iterator[inspect.Parameter]:
    for choice in PARTS:
        yield _parameter(choice, str, "", "A part in place of the method's own: see `mwanda parts`.", choice)
    yield _parameter(
        "pattern",
        str,
        "",
        "unstructured, layer, global, or N:M such as 2:4 (and --set mixed=true); empty: the method's own.",
        "pattern",
    )
    yield _parameter(
        "set_", list[str] | None, None, "A knob, name=value, or choice.name=value (solver.alpha=0.5); may be repeated.", "set"
    )


def _default(setting: Setting) -> Any:
    if setting.unset is not None:
        return setting.unset
    if setting.start is not None:
        return setting.start
    return ",".join(setting.knob.default) if setting.knob.kind == "list" else setting.knob.default


def _parameter(name: str, kind: Any, default: Any, help: str, option: str, argument: bool = False) -> inspect.Parameter:
    switches = f"--{option}/--no-{option}" if kind is bool else f"--{option}"
    info = typer.Argument(help=help) if argument else typer.Option(switches, help=help)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info])
