"""The first screen as HTML: a slider, a switch, a figure, a sentence, two texts, and three doors."""

import functools
from collections.abc import Mapping
from html import escape
from typing import Any

from components.i18n import locale, words
from components.i18n.catalogue import translated
from components.i18n.names import language_name, language_names
from components.i18n.numbers import number, percent, separators, together
from components.pages.landing.data import Landing, Measured, landing
from components.pages.shell import Page, page
from mwanda_core.errors import RunError

START, FIRST, FOREIGN = 0.5, "english", "fr"
"""Where the controls stand at first. FOREIGN: the language of the two texts where the visitor's own was not measured."""
LOOKS: Mapping[str, tuple[str, str]] = {
    "english": ("#d9730d", "diamond"), "eight": ("#3b82c4", "circle"), "m-wanda": ("#0f9d76", "square"), "repaired": ("#a855a0", "triangle-up"),
}  # fmt: skip
"""Recipe -> colour and shape (Okabe and Ito's palette, as everywhere)."""
LETTERS = 40
"""Of a continuation that are shown: enough to see whether it makes sense."""
DOORS = {"learn": "./learn?lang={code}", "explore": "./explore?lang={code}", "small": "./explore?lang={code}&section=small"}


@functools.cache
def landing_page(code: str) -> Page:
    """The page in a language."""
    with locale.drawing(code):
        try:
            data = landing()
        except RunError as error:
            story, seen, stored = f"<p>{escape(translated(error))} {escape(words.LANDING_MISSING)}</p>", "", {}
        else:
            story, seen, stored = _story(data), _figure(), _data(data)
        body = (
            f'<main><div class="told"><h1>{escape(words.LANDING_TITLE)}</h1><p class="lead">{escape(words.LANDING_LEAD)}</p>{story}</div>'
            f'{seen}<nav class="doors" aria-label="M-Wanda Explorer">{_doors(code)}</nav></main>'
        )
        return page("M-Wanda Explorer", body, ("figures.js", "landing.js") if stored else (), stored, "landing")


def _doors(code: str) -> str:
    return "".join(
        f'<a href="{escape(address.format(code=code))}"><b>{escape(words.LANDING_DOORS[name][0])}</b>{escape(words.LANDING_DOORS[name][1])}</a>'
        for name, address in DOORS.items()
    )


def _story(data: Landing) -> str:
    low, high = round(100 * data.sparsities[0]), round(100 * data.sparsities[-1])
    step, start = round(100 * (data.sparsities[1] - data.sparsities[0])), round(100 * START)
    picks = "".join(
        f'<label><input type="radio" name="recipe" value="{name}"{" checked" if name == FIRST else ""}>{_mark(name)}{escape(text)}</label>'
        for name, text in words.LANDING_RECIPES.items()
    )
    mine = locale.current() if locale.current() in set(data.languages) - {locale.ENGLISH} else FOREIGN
    options = "".join(
        f'<option value="{entry}"{" selected" if entry == mine else ""}>{escape(name)}</option>'
        for entry, name in zip(data.languages, language_names(data.languages), strict=True)
    )
    first = data.runs[FIRST, START]
    return (
        f'<div class="choices"><div class="control"><label class="label" for="sparsity"><span>{escape(words.LANDING_SPARSITY)}</span>'
        f'<output for="sparsity">{percent(START)}</output></label>'
        f'<input type="range" id="sparsity" min="{low}" max="{high}" step="{step}" value="{start}"></div>'
        f'<fieldset class="control"><legend>{escape(words.LANDING_RECIPE)}</legend><div class="pick">{picks}</div></fieldset></div>'
        f'<p class="reply" aria-live="polite">{escape(sentence(first))}</p>'
        f'<div class="writing"><label class="label">{escape(words.LANDING_WRITES)} <select id="language">{options}</select></label>'
        f'<p class="opening" lang="{mine}">{escape(data.prompts[mine])} …</p>'
        f"{_text(mine, short(data.dense[mine]), words.LANDING_BEFORE, 'dense')}"
        f"{_text(mine, short(first.texts[mine]), words.LANDING_AFTER, 'pruned')}</div>"
    )


def _text(code: str, text: str, label: str, kind: str) -> str:
    return f'<p class="{kind}"><small>{escape(label)}</small><span lang="{code}">{escape(text)}</span></p>'


def _figure() -> str:
    label = escape(words.LANDING_AXIS)
    return f'<div class="seen"><div class="figure" id="figure" data-label="{label}"></div>{_source()}</div>'


def _source() -> str:
    facts = landing().facts
    told = words.LANDING_SOURCE.format(model=facts["model"]["source"])
    return f'<p class="source">{escape(told)}</p>'


def _mark(name: str) -> str:
    colour, symbol = LOOKS[name]
    drawn = {
        "circle": '<circle cx="6" cy="6" r="5"/>', "square": '<rect x="1" y="1" width="10" height="10"/>',
        "diamond": '<path d="M6,0L12,6L6,12L0,6Z"/>', "triangle-up": '<path d="M6,0L12,11L0,11Z"/>',
    }[symbol]  # fmt: skip
    return f'<svg width="12" height="12" fill="{colour}" aria-hidden="true">{drawn}</svg>'


def short(text: str) -> str:
    """A continuation on one line, cut between words (anywhere, where words are not spaced)."""
    line = " ".join(text.split())
    if len(line) <= LETTERS:
        cut = line
    else:
        cut = line[:LETTERS].rpartition(" ")[0] or line[:LETTERS]
    return f"… {cut} …"


def sentence(run: Measured) -> str:
    """What a run did, in words."""
    worst = run.worst
    template = words.LANDING_RESULT_ENGLISH if worst == locale.ENGLISH else words.LANDING_RESULT
    told = template.format(
        percent=percent(run.sparsity), worst=language_name(worst), worst_times=times(run.times(worst)),
        english_times=times(run.times(locale.ENGLISH)),
    )  # fmt: skip
    return together((words.LANDING_HOW[run.recipe], told))


def times(factor: float) -> str:
    """A factor with two or three digits."""
    return number(factor, ".1f") if factor < 20 else number(factor, ",.0f")


def _data(data: Landing) -> dict[str, Any]:
    """What the script shows: by recipe, then by sparsity in per cent."""
    order = sorted(data.languages, key=lambda code: -data.runs[FIRST, START].times(code))
    read = set(data.calibrated["eight"])

    def by_place(value: Any) -> dict[str, dict[int, Any]]:
        return {name: {round(100 * s): value(data.runs[name, s]) for s in data.sparsities} for name in data.calibrated}

    return {
        "languages": order,
        "rows": [language_name(code) + ("" if code in read else " *") for code in order],
        "recipes": {
            name: {"label": words.LANDING_RECIPES[name], "colour": look[0], "symbol": look[1]} for name, look in LOOKS.items()
        },
        "times": by_place(lambda run: [float(f"{run.times(code):.3g}") for code in order]),
        "sentences": by_place(sentence),
        "texts": by_place(lambda run: {code: short(text) for code, text in run.texts.items()}),
        "dense": {code: short(text) for code, text in data.dense.items()},
        "prompts": data.prompts,
        "percent": {round(100 * s): percent(s) for s in data.sparsities},
        "axis": words.LANDING_AXIS + (f"<br>{words.LANDING_UNREAD}" if len(read) < len(order) else ""),
        "separators": separators(),
    }
