"""The sheet for teachers as Markdown and as a page to print, from the lesson's own texts, numbers and worked example."""

from collections.abc import Sequence
from html import escape

from components.i18n import locale
from components.i18n.numbers import number
from components.pages.learn import toy
from components.pages.learn.data import Lesson
from components.pages.learn.numbers import joined, numbers
from components.pages.learn.steps import steps
from components.pages.learn.texts import say

STRENGTH = toy.START
"""Strength of the moved input in the exercise: where the slider of step 2 stands at first, so that the class can compare."""
PLAN_ROWS = 8

STYLE = """
@page { size: A4; margin: 11mm 14mm; }
body { font: 8.9pt/1.27 system-ui, sans-serif; max-width: 182mm; margin: 0 auto; color: #111; }
h1 { font-size: 14pt; margin: 0 0 4pt; } h2 { font-size: 11pt; margin: 7pt 0 3pt; break-after: avoid; }
p, ul, ol { margin: 3pt 0; } ul, ol { padding-left: 16pt; } table { border-collapse: collapse; margin: 4pt 0; break-inside: avoid; }
td, th { border: 1px solid #777; padding: 1.5pt 7pt; } td:not(:first-child) { text-align: left; }
h2.page { break-before: page; }
"""


def markdown(data: Lesson) -> str:
    """The sheet: aims, plan, exercise; then solution and the eight questions with answers."""
    parts = [
        f"# {say('handout.title')}",
        say("handout.about", **numbers(data)),
        f"## {say('handout.aims')}",
        _bullets([say(f"handout.aim{i}") for i in range(1, 5)]),
        f"## {say('handout.plan')}",
        _table(
            [say("handout.minutes"), say("handout.what")],
            [[say(f"handout.minutes{i}"), say(f"handout.what{i}")] for i in range(1, PLAN_ROWS + 1)],
        ),
        f"## {say('handout.exercise')}",
        say("handout.task"),
        _weights(),
        "\n".join(f"{i}. {say(f'handout.task{i}')}" for i in range(1, 5)),
        f"## {say('handout.solution')}",
        *_solution(),
        f"## {say('handout.questions')}",
        *(f"**{step.key}. {step.title()}** *{step.question(data)}*\n\n{step.answer(data)}" for step in steps(data)),
        f"*{say('facts.text', **numbers(data))}*",
    ]
    return "\n\n".join(parts) + "\n"


def page(text: str) -> str:
    """The Markdown as one HTML page for a printer."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    solution = f"<h2>{escape(say('handout.solution'))}</h2>"
    body = body.replace(solution, solution.replace("<h2>", '<h2 class="page">'))
    return (
        f'<!doctype html>\n<html lang="{locale.current()}" dir="{"rtl" if locale.current() in locale.RIGHT_TO_LEFT else "ltr"}">\n<meta charset="utf-8"><meta name="viewport" content="width=device-width">\n<title>{escape(say("handout.title"))}</title>\n'
        f"<style>{STYLE}</style>\n{body}</html>\n"
    )


def outputs(kept: toy.Mask | None = None) -> tuple[float, ...]:
    """What each row gives when every input is at its strength; `kept` None: with all weights."""
    inputs = toy.norms(STRENGTH)
    return tuple(
        sum(
            weight * x
            for column, (weight, x) in enumerate(zip(row, inputs, strict=True))
            if kept is None or kept[place][column]
        )
        for place, row in enumerate(toy.WEIGHTS)
    )


def distance(kept: toy.Mask) -> float:
    """Sum over the rows of how far a pruned output lies from the whole one."""
    return sum(abs(whole - part) for whole, part in zip(outputs(), outputs(kept), strict=True))


def _weights() -> str:
    head = ["", *toy.INPUTS]
    rows = [[say("handout.strength"), *(number(v, "g") for v in toy.norms(STRENGTH))]]
    rows += [[say("2.row", row=i), *(signed(v) for v in row)] for i, row in enumerate(toy.WEIGHTS, start=1)]
    return _table(head, rows)


def _solution() -> list[str]:
    plain, scored = toy.magnitude(), toy.wanda(toy.norms(STRENGTH))
    by_size, by_wanda = toy.keep(plain), toy.keep(scored)
    whole, size, wanda = outputs(), outputs(by_size), outputs(by_wanda)
    head = ["", say("handout.kept_magnitude"), say("handout.scores"), say("handout.kept_wanda"), say("handout.outputs")]
    rows = [
        [
            say("2.row", row=i + 1), _kept(i, by_size), "; ".join(number(v, ".1f") for v in scored[i]), _kept(i, by_wanda),
            "; ".join(signed(v[i]) for v in (whole, size, wanda)),
        ]
        for i in range(len(plain))
    ]  # fmt: skip
    differ = joined([say("2.row", row=row + 1) for row in toy.changed(by_size, by_wanda)])
    text = say(
        "handout.result", rows=differ, magnitude=number(distance(by_size), ".1f"), wanda=number(distance(by_wanda), ".1f")
    )
    return [_table(head, rows), text]


def _kept(row: int, mask: toy.Mask) -> str:
    return "; ".join(signed(weight) for weight, stays in zip(toy.WEIGHTS[row], mask[row], strict=True) if stays)


def signed(value: float) -> str:
    """One decimal, with a minus sign as printers set it."""
    return number(value, ".1f").replace("-", "−")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
