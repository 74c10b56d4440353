"""The Languages tab: losses text by text, and benchmarks before and after pruning."""

from components.i18n.catalogue import gettext, ngettext
from components.i18n.words.common import number

MULTIPLES_HEADING = "### Text by text"
MULTIPLES_HELP = (
    "One panel a language, the worst first, languages that were not calibrated on after the others. Each thin line is one measured text, "
    "the thick one all of them together. Upward means harder to predict. Where all lines rise alike, the language itself became "
    "harder; where a few rise steeply, single texts did."
)
MULTIPLES_NONE = "No text was measured in this run."
AXIS_BITS_SHORT = "bits per byte"
MULTIPLES_TICKS = ("before", "after")
MULTIPLES_TITLE = "{name} ×{ratio}"
MULTIPLES_HOVER = "{name}, {text}<br>before {before:.3f}, after {after:.3f} bits per byte"
MULTIPLES_ALL = "all texts"

TASKS_HEADING = "### Benchmarks: what can the model still do?"
TASKS_HELP = (
    "{title}: the share of questions answered correctly, {items}. Grey squares are the dense model, coloured marks the pruned "
    "one, bars are 95% intervals, the short upright line in each row is guessing, and the number on the right is the change in points. A **solid** line between the two is a difference that stands after "
    "correction for the number of languages (Holm, 5%); a **dotted grey** line, and brackets, mean within the noise of so few questions."
)
TASKS_UNINFORMATIVE = (
    "**Says nothing in {names}:** there the dense model itself cannot be told from guessing, so nothing can be lost and no "
    "loss can be seen. Hollow grey marks."
)
TASKS_ALL_UNINFORMATIVE = (
    "**This benchmark says nothing about this model:** the dense model is at chance in every language. Choose an easier one "
    "(MultiBLiMP asks for grammar alone) or a larger model."
)
TASKS_ABSENT = "No benchmark was measured in this run. Open **Measure more** on the left, choose one (MultiBLiMP suits small models), and press **Prune**."
TASKS_NOTHING = "There is nothing to draw for this benchmark and reading."
TASK_MENU = "Benchmark"
READING = "How answers are read"
READINGS = {"customary": "As customary", "raw": "Likelihood", "per byte": "Likelihood per byte"}
TASK_MAP_HEADING = "### All benchmarks at a glance"
TASK_MAP_HELP = (
    "Change in points, each benchmark read as customary. Coloured: beyond noise. In brackets: within noise. Grey with a dash: the dense model is "
    "at chance, so the benchmark says nothing there. Empty: not asked in this language."
)

VERDICTS = {"worse": "worse", "better": "better", "within noise": "within noise", "uninformative": "says nothing"}
NOT_INFORMATIVE_TICK = "{name} (at chance)"
LEGEND_NOISE = "within noise"
LEGEND_BEYOND = "beyond noise"
LEGEND_UNINFORMATIVE = "says nothing (dense at chance)"
AXIS_TASK_ACCURACY = "Answered correctly<br>(% of questions)"
AXIS_BENCHMARK = "Benchmark"
BAR_CHANGE = "points"
MAP_NONE = "–"
MAP_NOISE = "({value})"
HOVER_TASK = (
    "{name}, {items} questions<br>before {before:.1f}% ({before_low:.0f} to {before_high:.0f})<br>after {after:.1f}% "
    "({after_low:.0f} to {after_high:.0f})<br>change {change:+.1f} points ({low:+.0f} to {high:+.0f})<br>{lost} lost, {gained} gained; p = {p}, "
    "corrected {p_holm}<br>guessing {chance:.1f}%<br><b>{verdict}</b>"
)
VERDICT_SENTENCES = {
    "worse": "Worse, beyond noise",
    "better": "Better, beyond noise",
    "within noise": "Within the noise of so few questions",
    "uninformative": "The dense model is at chance: this says nothing",
}
TASK_COLUMNS = {
    "name": "Language", "items": "Questions", "chance": "Guessing %", "dense_accuracy": "Before %", "pruned_accuracy": "After %", "change": "Points",
    "interval": "95% interval", "p": "p", "p_holm": "p, Holm", "verdict": "Verdict",
}  # fmt: skip


def questions(low: int, high: int) -> str:
    """How many questions a figure rests on."""
    if low == high:
        return ngettext("{low} question per language", "{low} questions per language", low).format(low=low)
    text = ngettext("{low} to {high} questions per language", "{low} to {high} questions per language", high)
    return text.format(low=low, high=high)


def p_value(value: float) -> str:
    """A p-value without false precision."""
    if value < 0.001:
        return gettext("< {bound:.3f}").format(bound=0.001)
    return number(value, ".3f" if value < 0.1 else ".2f")
