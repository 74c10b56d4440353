"""What both sections share: they ask of the run that is shown, from its masks, or of the model pruned anew as the form says where that run has
none; and their figures, which are those of the studies' tables, under the page's names."""

from typing import Any

import plotly.graph_objects as go

from components.context import PageContext, Updates
from components.engine import importing
from components.form.form import make_request, to_settings
from components.jobs.pruned import why_not
from components.jobs.study import KIND
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.studies import Study, text_of


def request(context: PageContext, wanted: Study, values: Updates) -> dict[str, Any]:
    """A job that asks a study of the run shown. values: the form's, and the run shown.

    Raises InputError for what cannot be asked.
    """
    shown = str(values[context.shown] or "")
    report = context.quiet_report(shown)
    kept = report is not None and not why_not(report, shown, context.store)
    settings: Settings = (
        settings_from(report.facts["settings"])
        if report is not None and kept
        else to_settings(make_request(context.form.read(values)))
    )
    with importing():
        wanted.check(settings)
    return {"kind": KIND.name, "study": text_of(wanted), "settings": settings.to_dict(), "run": shown if kept else ""}


def labelled(
    figure: go.Figure, x: str, y: str, value: str = "", low: float | None = None, high: float | None = None
) -> go.Figure:
    """The figure with the page's names on its axes and on its colours, which reach from `low` to `high` where that is said."""
    figure.update_xaxes(title_text=x).update_yaxes(title_text=y)
    return figure.update_traces(colorbar_title_text=value, zmin=low, zmax=high, selector={"type": "heatmap"})
