"""The story of a weight in plain sentences, and its languages as a table. Pure functions."""

from typing import TYPE_CHECKING

import pandas as pd

from components.engine import importing
from components.i18n import words
from components.i18n.names import language_name, language_names, renamed
from mwanda_core.languages import language

if TYPE_CHECKING:
    from mwanda_core.after.explain import Weighed


def story(found: "Weighed") -> str:
    """Why this weight was kept or removed, as Markdown."""
    paragraphs = [_headline(found), _score(found), _opinions(found), *(f"*{note}*" for note in _notes(found))]
    return "\n\n".join(text for text in paragraphs if text)


def _headline(found: "Weighed") -> str:
    story, matrix = found.story, found.matrix
    first = words.WHY_WEIGHT.format(
        value=words.number(story.weight, ".4g"), row=story.row, column=story.column, module=matrix.module, block=matrix.block
    )
    new = [] if found.new is None or not story.kept else [words.WHY_NEW.format(value=words.number(found.new, ".4g"))]
    return " ".join([words.WHY_KEPT if story.kept else words.WHY_REMOVED, first, *new])


def _score(found: "Weighed") -> str:
    story = found.story
    if story.together is None or story.goes_at is None or story.place is None:
        return words.WHY_NO_STATISTICS
    mine, left = story.together, story.size - story.pruned
    text = words.WHY_SCORE.format(
        score=words.number(mine.score, ".4g"),
        place=words.number(story.place, ","),
        size=words.number(story.size, ","),
        group=words.WHY_GROUPS[story.scope],
        kept=words.number(left, ","),
    )
    if mine.threshold is None:
        text += words.WHY_NOTHING_KEPT
    else:
        text += words.WHY_THRESHOLD.format(threshold=words.number(mine.threshold, ".4g"))
    if not found.by_score:
        return text
    if story.scope == "n:m":
        return f"{text} {words.WHY_PLACE.format(place=story.place, size=story.size)}"
    form = words.WHY_GOES if story.kept else words.WHY_STAYS
    digits = 1 if story.size < 2000 else 2
    return f"{text} {form.format(share=words.percent(story.goes_at, digits), group=words.WHY_WHOLE[story.scope])}"


def _opinions(found: "Weighed") -> str:
    with importing():
        from mwanda_core.methods.scores import Magnitude

    views = found.story.languages
    if not views:
        return ""
    if isinstance(found.recipe.score, Magnitude):
        return words.WHY_BLIND
    names = {view.language: language_name(view.language) for view in views}
    if len(views) == 1:
        return words.WHY_ONE_LANGUAGE.format(name=names[views[0].language])
    keep, drop = ([names[view.language] for view in views if view.standing.kept == kept] for kept in (True, False))
    if keep and drop:
        return words.WHY_SOME.format(keep=words.listed(keep), drop=words.listed(drop))
    return words.WHY_ALL if keep else words.WHY_NONE


def _notes(found: "Weighed") -> list[str]:
    with importing():
        from mwanda_core.methods.solvers import KeepTop

    story, recipe, notes = found.story, found.recipe, []
    if story.together is None:
        return []
    if found.missing:
        gone = words.listed([words.WHY_GONE.get(name, name) for name in found.missing])
        notes.append(words.WHY_MISSING.format(method=words.library(recipe.title), gone=gone))
    solves = not isinstance(recipe.solver, KeepTop)
    if solves:
        notes.append(words.WHY_SOLVER.format(solver=words.library(recipe.solver.title)))
    if found.spared:
        notes.append(words.WHY_SPARED.format(names=words.listed(language_names(found.spared))))
    if not found.walked:
        notes.append(words.WHY_NOT_WALKED)
    if not story.agrees:
        known = found.missing or solves or found.spared or not found.walked
        notes.append(words.WHY_DIFFERS if known else f"{words.WHY_DIFFERS} {words.WHY_CHANGED}")
    return notes


def views_of(found: "Weighed") -> pd.DataFrame:
    """language, name, rms, score, threshold, place, keeps: one row a calibration language."""
    size = found.story.size
    rows = [
        (
            view.language, language(view.language).name, view.rms, view.standing.score, view.standing.threshold,
            size - view.standing.rank, view.standing.kept,
        )
        for view in found.story.languages
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["language", "name", "rms", "score", "threshold", "place", "keeps"])


def readable(views: pd.DataFrame) -> pd.DataFrame:
    """The table as a visitor reads it."""
    titles, views = words.WHY_COLUMNS, renamed(views)
    shown = {
        titles[column]: [None if pd.isna(v) else float(f"{v:.4g}") for v in views[column]]
        if column in ("rms", "score", "threshold")
        else [words.WHY_KEEPS if v else words.WHY_DROPS for v in views[column]]
        if column == "keeps"
        else list(views[column])
        for column in titles
    }
    return pd.DataFrame(shown)
