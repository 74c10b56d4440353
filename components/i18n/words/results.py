"""The right column: headline and cards, tabs, axes, table columns."""

from collections.abc import Mapping

from components.i18n.catalogue import gettext, ngettext
from components.i18n.words.common import percent

EARLIER = "Earlier runs"
EARLIER_NONE = "Earlier runs (none yet)"
EXAMPLE, EXAMPLE_BASELINE = "Example run", "Example, English texts alone"
EXAMPLE_BANNER = "**Example, computed beforehand:** {title}"
SO_FAR = "**Still measuring:** {title}. Texts of each language so far: {fewest} to {most}. The intervals narrow as more are read; Enough ends it here."
RUN_BANNER = "**Shown:** {title}. Link to this run: [{link}]({link})"
NO_RUN = "No run to show yet. Press **Prune**: the figures of your run appear here."

GROUP_DAMAGE, GROUP_INSIDE, GROUP_RUNS = "Damage", "Inside", "Runs"
TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "Overview", "Activations", "Sparsity"
TAB_LANGUAGES, TAB_BENCHMARKS, TAB_WRITTEN = "Languages", "Benchmarks", "Texts written"
TAB_TABLES, TAB_ABOUT = "Tables", "About"

CARD_WORST = "Lost most: {name}"
CARD_LEAST = "Lost least: {name}"
CARD_BEYOND = "Languages changed beyond noise"
CARD_BEYOND_MORE = "by perplexity, 95% intervals"
CARD_SPARSITY = "Weights removed"
CARD_ACCURACY = "Choice accuracy changed beyond noise"

COPY_AS, COPY_TEXT = "Copy as", "This table, to copy"
COPY_FORMS = {"markdown": "Markdown", "latex": "LaTeX"}
SAMPLE_HEADING = "What the models write in {name}"
SAMPLE_ABSENT = "No texts were written in this run, so a broken language does not show as broken here: choose Texts written under Advanced, Measure more."

ZEROS = (
    "Zeros save neither bytes nor time by themselves: the pruned model has the same size and speed as before. A gain needs "
    "storage and kernels made for sparse weights, for example 2:4 on some GPUs."
)
NOTES, TIMINGS, AGAIN = "Notes", "Where the time went", "The same run from Python"
TIMING_NAMES = {
    "load": "Loading model and texts",
    "dense scores": "Measuring the dense model",
    "statistics": "Calibration statistics",
    "pruning": "Choosing and removing weights",
    "pruned scores": "Measuring the pruned model",
    "studies": "Benchmarks and studies",
    "total": "All together",
}

KIND = "Input of"
KIND_ALL = "All inputs (mean)"
MEASURE = "Show"
MEASURES = {"deviation": "Distance from the average language", "rms": "Strength of the activations"}
ALL_LANGUAGES = "All (variance)"
ACTIVATION_HEADING = "### How differently the languages use each block"
ACTIVATION_HELP = (
    "Each cell: how far one language's channel strengths are from the average over the calibration languages, relative to "
    "that average (0: exactly like it). The bottom row is the mean over languages: the cross-lingual variance."
)
RMS_HELP = "Each cell: root mean square of the activations that enter these weights, in the model's own units."
SIMILARITY_HEADING = "### Which languages resemble each other inside the model"
SIMILARITY_HELP = (
    "Correlation of the (log) channel strengths of two languages, averaged over blocks. The differences are small because all "
    "languages share the strongest channels; the colours span the range found."
)
ONE_LANGUAGE = "One calibration language: there is nothing to compare it with."

EXPERTS_HEADING = "### Which language uses which experts"
EXPERTS_HELP = (
    "Each cell: the share of one language's calibration tokens that the block's router sends to one expert. Every token counts once for each "
    "expert it is sent to. The blocks in which languages part most come first in the menu."
)
EXPERTS_BLOCK = "Block"
AXIS_EXPERT = "Expert"
BAR_EXPERTS = "% of tokens"

SPARSITY_HEADING = "### Sparsity of each block"
SPARSITY_HELP = (
    "How {method} spreads the sparsity over the blocks. Move the slider: the line follows at once, computed from the importance of "
    "the blocks stored with the run, without running the model again."
)
PREVIEW = "Sparsity to preview (%)"
PREVIEW_INFO = "Moves together with the slider of the next run."
LAYERS_HEADING = "### Sparsity of each weight matrix in this run"
LAYERS_VIEW = "Show"
LAYERS_VIEWS = {"achieved": "As achieved", "allocated": "As allocated", "difference": "Difference from uniform"}
LAYERS_HELP = (
    "Whole weights are removed per output row, so what is achieved lies up to one weight per row below the allocation."
)

LANGUAGES_HEADING = "### Perplexity: how much harder each language became to predict"
LANGUAGES_HELP = (
    "Perplexity after pruning divided by perplexity before, on the same texts; 1 means unchanged. Bars are 95% intervals "
    "over texts. Ratios can be compared between languages, perplexities themselves cannot (tokens differ)."
)
VIEW = "Show"
VIEWS = {"difference": "Difference", "both": "Before and after"}
ACCURACY_HEADING = "### Choice accuracy: does the model still know which continuation belongs?"
ACCURACY_HELP = (
    "{items}, four continuations each, so guessing gives {chance}. Bars are 95% intervals. Open markers: the dense "
    "model itself cannot be told from guessing in this language, so a change there says nothing."
)
ACCURACY_NONE = "Choice accuracy was not measured in this run."
SUMMARY_HEADING = "### All languages at a glance"
SUMMARY_HELP = "Perplexity (Perpl.) and choice accuracy (Acc.) before and after pruning. Darker is worse; in the last column red is a loss of accuracy, blue a gain, and what is in brackets lies within noise (95%) or at chance."
WORST = "worst"
ROLES = {"calibration": "calibrated on", "held-out": "not calibrated on"}

TABLES_HELP = "Every table behind the figures. The whole run, with its settings and versions, is in report.json."
AS_TABLE = "The figure as a table"
DOWNLOAD_CSV = "Download CSV"
DOWNLOAD_ALL = "Download everything (ZIP)"
TABLE_TITLES = {
    "languages": "Languages, dense against pruned",
    "allocation": "Sparsity of each block",
    "layers": "Sparsity of each weight matrix",
    "activations": "Activation statistics",
    "similarity": "Similarity of languages",
    "texts": "Every measured text",
    "choices": "Every choice item",
}

HOVER_POINTS = "%{x:+.0f} points"
HOVER_INTERVAL = "95%: %{customdata[1]:.3g} to %{customdata[2]:.3g}"
AXIS_BLOCK = "Decoder block (0 is nearest to the text)"
AXIS_LANGUAGE = "Language"
AXIS_OTHER = "Other language"
AXIS_MODULE = "Weight matrix"
AXIS_SPARSITY = "Sparsity (% of weights removed)"
AXIS_RATIO = "Perplexity after ÷ before pruning<br>(logarithmic scale, no unit)"
AXIS_BITS = "Loss (bits per byte of text),<br>lower is better"
AXIS_ACCURACY = "Items answered correctly (%)"
AXIS_CHANGE = "Change in accuracy<br>(percentage points)"
AXIS_MEASURE = "Measure"
BAR_DEVIATION = "relative"
BAR_RMS = "RMS"
BAR_CORRELATION = "corr."
BAR_PERCENT = "%"
BAR_POINTS = "points"
LEGEND_UNIFORM, LEGEND_THIS_RUN, LEGEND_ACHIEVED = "uniform", "allocated in this run", "achieved in this run"
LEGEND_PREVIEW = "at {value:.0f}%"
LEGEND_CHANCE = "guessing"
LEGEND_DENSE, LEGEND_PRUNED = "before (dense)", "after (pruned)"
SUMMARY_COLUMNS = (
    "Perpl.<br>before",
    "Perpl.<br>after",
    "Perpl.<br>ratio",
    "Acc.<br>before",
    "Acc.<br>after",
    "Acc.<br>change",
)

COLUMNS: Mapping[str, str] = {
    "name": "Language", "language": "Code", "role": "Role", "texts": "Texts", "tokens": "Tokens", "bytes": "Bytes",
    "dense_perplexity": "Before", "pruned_perplexity": "After", "perplexity_ratio": "Ratio",
    "ratio_interval": "95% interval", "change_interval": "95% interval",
    "increase": "Loss increase (nats)", "items": "Items", "dense_accuracy": "Before %", "pruned_accuracy": "After %",
    "accuracy_change": "Points", "informative": "Above guessing",
    "block": "Block", "input": "Input of", "rms": "RMS", "deviation": "Distance", "variance": "Variance",
    "other_name": "Other language", "correlation": "Correlation", "module": "Matrix", "weights": "Weights",
    "allocated": "Allocated %", "achieved": "Achieved %", "sparsity": "Allocated %",
    "importance": "Importance", "preview": "Preview %", "kept": "Kept", "pruned": "Pruned", "zeros_before": "Zeros before",
}  # fmt: skip


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    if calibrated and held_out:
        text = gettext(
            "**{method} removed {share} of the prunable weights.** Perplexity became {mean} times as high on average over all "
            "languages measured: {calibrated} times in the calibration languages, {held_out} times in languages that calibration "
            "never saw. **{worst}** lost most: {worst_times} times."
        )
    else:
        text = gettext(
            "**{method} removed {share} of the prunable weights.** Perplexity became {mean} times as high on average over all "
            "languages measured. **{worst}** lost most: {worst_times} times."
        )
    return text.format(
        method=method, share=percent(removed, 1), mean=mean, calibrated=calibrated, held_out=held_out, worst=worst, worst_times=worst_times
    )  # fmt: skip


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    text = gettext("of {prunable:/1e6 ,.0f} million prunable; the model has {parameters:/1e6 ,.0f} million")
    return text.format(prunable=float(str(model["prunable"])), parameters=float(str(model["parameters"])))


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    text = gettext("{device}, {dtype}; torch {torch}, transformers {transformers}.")
    return text.format(
        device=device, dtype=dtype, torch=versions.get("torch", "?"), transformers=versions.get("transformers", "?")
    )


def of_all(count: int, total: int) -> str:
    """So many of so many."""
    return gettext("{count} of {total}").format(count=count, total=total)


def beyond_noise(items: str, by_chance: int) -> str:
    """What a count of changed languages rests on, and how many languages can say nothing."""
    if not by_chance:
        return items
    text = ngettext(
        "{items}; one language left out, at chance before pruning",
        "{items}; {count} languages left out, at chance before pruning",
        by_chance,
    )
    return text.format(items=items, count=by_chance)
