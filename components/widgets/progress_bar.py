"""A job as a visitor sees it: a bar, a sentence, a log. Pure functions from snapshots to HTML."""

from html import escape

from components.i18n import words
from mwanda_core.run.jobs import JobView


def bar(view: JobView | None) -> str:
    """Progress bar with stage, per cent and time left; for a finished job, how it ended in one sentence."""
    if view is None:
        return sentence(words.IDLE, "idle")
    if view.state == "failed":
        return sentence(view.error, "bad")
    if view.state == "cancelled":
        return sentence(words.CANCELLED, "info")
    if view.state == "done":
        return sentence(words.finished(view.title, view.elapsed), "good")
    if view.state == "queued":
        return _bar(0.0, words.queued(view.ahead), view.title)
    # While a model loads there is no share of the work yet: its tensors are counted.
    counted = f" ({view.detail})" if view.detail and not view.fraction else ""
    stage = words.CANCELLING if view.cancelling else f"{words.library(view.stage)}{counted}" if view.stage else words.STARTING
    return _bar(view.fraction, stage, words.time_left(view.left, view.elapsed))


def sentence(text: str, kind: str = "") -> str:
    """One line of status; `kind` is "", "good", "bad", "info" or "idle"."""
    role = "alert" if kind == "bad" else "status"
    return f'<div class="mw-status {kind}" role="{role}">{escape(words.library(text))}</div>'


def log_text(view: JobView | None) -> str:
    """The log, one line each, with minutes and seconds."""
    return "\n".join(f"{words.clock(line.seconds)}  {words.library(line.text)}" for line in view.log) if view else ""


def _bar(fraction: float, stage: str, times: str) -> str:
    percent = round(100 * fraction)
    return (
        f'<div class="mw-progress" role="progressbar" aria-label="{escape(words.PROGRESS)}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><div class="mw-line"><span class="mw-stage">{escape(words.library(stage))}</span>'
        f'<span class="mw-percent">{words.percent(percent / 100)}</span></div><div class="mw-track"><div class="mw-fill" style="width:{percent}%">'
        f'</div></div><div class="mw-times">{escape(times)}</div></div>'
    )
