"""The tab that puts runs side by side, and the settings of a run back into the form."""

from collections.abc import Mapping, Sequence

from components.i18n.catalogue import ngettext
from components.i18n.words.common import first_of

TAB_COMPARE = "Table and comparison"
RUNS_COLUMNS = {
    "title": "Method",
    "sparsity": "Removed",
    "languages": "Languages",
    "mean": "Perplexity, mean",
    "worst": "Worst language",
    "made": "Made",
    "name": "Name",
    "tags": "Tags",
    "note": "Note",
    "model": "Model",
}
RUNS_CHOOSE, RUNS_OPEN, RUNS_FILTER = "Compare", "Show this run", "Filter: words of any column"
RUNS_NONE = "No run matches."

COMPARE_HELP = (
    "Put two to six runs side by side. Differences are against one of them, the baseline, and are taken on the same texts and "
    "questions; where two runs did not score the same ones, no difference is shown."
)
COMPARE_RUNS = "Runs to compare"
COMPARE_RUNS_INFO = "Two to six. Type to search."
COMPARE_BASELINE = "Baseline"
COMPARE_BASELINE_INFO = "The others are measured against this run."
COMPARE_ADD_SHOWN = "Add the run shown"
COMPARE_PASTE = "Add a run by its link or name"
COMPARE_PASTE_INFO = "For example a link that ends in ?run=..."
COMPARE_ADD = "Add"

COMPARE_NONE = "Choose two runs to compare. **Add the run shown** takes the one that the other tabs show."
COMPARE_ONE = "One run is chosen: choose one more, or add it by its link."
COMPARE_SIX = "Six runs are the most that are compared at once: take one away first."
COMPARE_FIRST_SIX = "{count} runs were named; the first six are compared."
COMPARE_EMPTY_LINK = "No run is named there: paste a link that ends in ?run=..., or the name of a run."
RUN_UNREADABLE = "There is no run {name!r} here, or it is damaged."
COMPARE_UNREADABLE = "There is no run {name!r} here, or it is damaged, so it is left out."
COMPARE_AGAIN = "The run {name!r} is chosen already."
COMPARE_NO_SHOWN = "No run is shown yet, so there is none to add."
COMPARE_MODELS = (
    "**These are runs of different models.** A loss increase is measured against the run's own model and counted in that model's own "
    "tokens: it says how much each model lost, not which model is better."
)
COMPARE_UNPAIRED = "Not compared with the baseline, because not the same texts were scored the same way: {what}."
COMPARE_OF = "{run} in {languages}"

COMPARE_SETTINGS_HEADING = "### What was set differently"
COMPARE_SETTINGS_SAME = "Nothing was set differently: these runs were asked for with the same settings."
COMPARE_SETTINGS_HELP = "Only what differs. An empty cell: the run's method has no such setting."
COMPARE_SETTING = "Setting"

COMPARE_LOSS_HEADING = "### Perplexity of every language"
COMPARE_LOSS_HELP = (
    "Perplexity after pruning divided by perplexity before, on the same texts; further left is better. Bars are "
    "95% intervals over texts. The language that any run damages most is on top."
)
COMPARE_DIFFERENCE_HEADING = "### Difference from {baseline}"
COMPARE_DIFFERENCE_HELP = (
    "Perplexity after pruning divided by the baseline's on the same texts: left of 1 this run is better, right of 1 the baseline. "
    "Open markers: the 95% interval reaches over 1, so the difference is **within noise**. Many languages are looked at here: of "
    "twenty true zeros about one would look like a difference."
)
GAINS_HEADING = "### Who gains and who pays against {baseline}"
GAINS_HELP = (
    "Change of the loss increase in per cent of the baseline's: left of 0 a language loses less than under the baseline. Hatched: "
    "languages that calibration never saw. Grey: the 95% interval reaches over 0. A mean hides who pays for it."
)
GAINS_VERDICTS = {"gains": "gains", "pays": "pays", "noise": "within noise"}
GAINS_AXIS = "Change of the loss increase (% of the baseline's)"
GAINS_AXIS_INCREASE = "Change of the loss increase (%)"
GAINS_HOVER = "{name}, {run}: {value:+.1f}%{interval}"
GAINS_INTERVAL = " ({low:+.1f} to {high:+.1f})"
GAINS_COLUMN = "Change (%)"
GAINS_ROLE = "Calibration"
GAINS_ROLES = {"calibration": "seen", "held-out": "unseen"}
GAINS_LINE = "**{run}**: {gains} gain, {pays} pay, {noise} within noise. {mean}"
GAINS_MEAN = "Mean over languages seen {seen}, unseen {unseen}; worst language {worst}."
GAINS_PAY = "Who pays: {names}."

COMPARE_ACCURACY_HEADING = "### Choice accuracy: difference from {baseline}"
COMPARE_ACCURACY_HELP = (
    "In percentage points, on the questions both runs answered: right of 0 this run is better. Open markers: within noise. A "
    "difference says little in a language in which even the dense model cannot be told from guessing (see the tab Languages)."
)
COMPARE_BLOCKS_HEADING = "### Sparsity of each block"
COMPARE_BLOCKS_HELP = "Share of a block's prunable weights that each run removed."
COMPARE_FRONT_HEADING = "### Mean against worst language"
COMPARE_FRONT_HELP = (
    "Loss increases over the {count} languages that all these runs measured. Nearer to the lower left corner is better; the line joins "
    "the runs that no other run beats in both. Calibrated and unseen languages count alike."
)
COMPARE_FRONT_NONE = "These runs have no measured language in common, so there is no mean to compare."
COMPARE_FRONT_LEGEND = "not beaten in both"

COMPARE_MASKS_HEADING = "### Masks: do the runs remove the same weights?"
COMPARE_MASKS_HELP = (
    "Reads the masks of all runs chosen (one bit a weight) matrix by matrix; on a small model this takes seconds. 0 means as alike as "
    "two masks drawn by chance, 1 the same mask, below 0 that they avoid each other."
)
COMPARE_MASKS_START = "Compare the masks"
COMPARE_MASKS_IDLE = "The masks of these runs were not compared yet."
COMPARE_MASKS_DONE = "The masks of {count} runs are compared."
COMPARE_MASKS_WITHOUT = "Left out, because they were kept without masks: {runs}."
COMPARE_MASKS_CANCELLED = "Stopped; the masks were not compared."
COMPARE_MASKS_FEW = "Two runs with masks are needed. The example and runs from elsewhere may come without; every run that is made here has them."
COMPARE_MASKS_FIRST, COMPARE_MASKS_SECOND = "Masks of", "and of"
COMPARE_MASKS_VIEW = "Show"
COMPARE_MASKS_VIEWS = {"corrected": "In common, corrected for chance", "kept_share": "Kept by both (%)"}
COMPARE_MASKS_VIEWS_HELP = (
    "**In common, corrected for chance**: overlap of the removed weights, 0 by chance and 1 for the same mask. **Kept by both**: of the "
    "weights that at least one run keeps, the share that both keep; two masks drawn by chance at 50% have 33%."
)
COMPARE_MASKS_TWO = "Choose two different runs."
COMPARE_MATRIX_HEADING = "### All masks against all"

COMPARE_DOWNLOAD = "Download the comparison (ZIP)"
COMPARE_LINK = "Link to this comparison"
COMPARE_LINK_INFO = "Opens these runs side by side again, for everyone who can open this page."

CLONE_HEADING = "### The same again, with changes"
CLONE_HELP = "Puts the settings of a run into the form on the left: change what you like, then press Prune."
CLONE_FROM = "Settings of"
CLONE_USE = "Use these settings"
CLONE_NONE = "Choose a run above first."
CLONE_DONE = "The form holds the settings of {title}. Nothing is started before you press Prune."
CLONE_BUT = "The form holds the settings of {title}, except: {what}"
CLONE_MODE = "it was pruned with the walk {mode!r}, which only the command line offers, so the form keeps its own."
CLONE_EVALUATION_TEXTS = "it was scored on texts of another source; the form scores on the other half of the calibration texts."
CLONE_DEVICE = "it asked for the device {device!r} and the number type {dtype!r}; the page chooses both itself."
CLONE_STOPPED = (
    "its measuring was ended after {stop_after} pieces; the form measures until the intervals are as narrow as asked."
)
CLONE_METHOD = "this version does not know its method, so the form keeps its own."
CLONE_KNOBS = "{method} has settings for which the form has no control; they stand at their defaults."
CLONE_LOCAL_MODEL = "its model lies on another machine; the form keeps its own."
CLONE_LOCAL_TEXTS = "its texts lie on another machine; the form keeps its own."
CLONE_RANGE = "{name} was {value}, which the form does not offer, so it stands at {nearest}."
CLONE_MENU = "{name} had choices that this page does not offer ({left}); they are left out."
CLONE_UNREADABLE = "The settings of this run cannot be read by this version, so the form stays as it is."

COMPARE_WITHIN, COMPARE_BETTER, COMPARE_WORSE = "within noise", "better", "worse"
COMPARE_NO_INTERVAL, COMPARE_NOT = "no interval", "not compared"
COMPARE_COLUMNS: Mapping[str, str] = {
    "name": "Language",
    "run": "Run",
    "difference": "Difference (nats)",
    "quotient": "Perplexity, ×",
    "points": "Difference (points)",
    "interval": "95% interval",
    "verdict": "Verdict",
    "paired": "Texts",
    "items": "Questions",
    "block": "Block",
    "module": "Matrix",
    "mean": "Mean (nats)",
    "worst": "Worst (nats)",
    "worst_name": "Worst language",
    "front": "On the line",
    "corrected": "Corrected",
    "kept_share": "Kept by both %",
    "iou": "Overlap",
    "expected": "By chance",
}
COMPARE_AXIS_DIFFERENCE = "Perplexity ÷ the baseline's, same texts<br>(logarithmic scale, no unit)"
COMPARE_AXIS_POINTS = "Accuracy minus the baseline's<br>(percentage points, same questions)"
COMPARE_AXIS_RUN = "Run"
COMPARE_AXIS_OTHER_RUN = "Other run"
COMPARE_BAR_CORRECTED, COMPARE_BAR_KEPT = "corrected", "%"
COMPARE_HOVER_TIMES = "{run}<br>{name}: {value:+.3f} nats per token, perplexity times {times:.3g}{interval}"
COMPARE_HOVER_POINTS = "{run}<br>{name}: {value:+.1f} points{interval}"
COMPARE_HOVER_INTERVAL = "<br>95%: {low:.3g} to {high:.3g}"
COMPARE_HOVER_FRONT = "{run}<br>mean {mean:.3f}, worst {worst:.3f} ({name})"
COMPARE_HOVER_MASKS = "block {block}, {module}<br>corrected {corrected:.3f}, kept by both {kept:.1f}%"
COMPARE_HOVER_PAIR = "{a}<br>{b}<br>corrected {corrected:.3f}"


def compare_files(runs: Sequence[str]) -> str:
    """The title of a job that compares masks."""
    return ngettext("Masks of {count} run", "Masks of {count} runs", len(runs)).format(count=len(runs))


def compare_left_out(names: Sequence[str]) -> str:
    """Choices that a menu does not have."""
    return first_of(names)
