"""Every text a visitor sees, in one place, so that it can be checked and translated in one place."""

from collections.abc import Mapping, Sequence

TITLE = "M-Wanda Explorer"
INTRO = """# M-Wanda Explorer
Remove part of a multilingual language model's weights and see what each language loses. Choose languages to calibrate on,
press **Prune**, and read the figures of your own run."""

# --- Left column -------------------------------------------------------------------------------------------------------

MODEL = "Model"
MODEL_INFO = "Choose one, or type a Hugging Face Hub id or a folder on this machine."
ESTIMATE = "Estimate memory"
ESTIMATING = "Reading the model's sizes ..."
DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

LANGUAGES = "Calibration languages"
LANGUAGES_INFO = "The method decides on texts in these. Type to search."
HELD_OUT = "Languages to measure as well"
HELD_OUT_INFO = "Never calibrated on: what happens to languages nobody chose?"
GROUP = "Choose a whole group"
GROUP_REGION = "Region: {name} ({count})"
GROUP_SCRIPT = "Script: {name} ({count})"
WORLD_MIX, ENGLISH_ONLY, ALL = "World mix", "English only", "All"

METHOD = "Method"
SPARSITY = "Sparsity (% of weights removed)"
SPARSITY_INFO = "Embeddings and output head stay whole."
PATTERN = "Where zeros may lie"
PATTERNS = {
    "unstructured": "Anywhere, compared within each output row",
    "layer": "Anywhere, compared within each matrix",
    "2:4": "2 of every 4 kept (50%)",
    "4:8": "4 of every 8 kept (50%)",
}
PATTERN_FIXED = "{pattern} removes exactly 50% in every block, so sparsity is 50% and blocks are treated alike."
METHOD_DETAILS = "Formulas of this method"
HAS_RECONSTRUCTION = "*Not all of its formulas could be checked against the paper: see below.*"
METHOD_LOADING = "The methods are being read ..."
KNOBS = "Settings of this method"
NO_KNOBS = "This method has no settings."
MORE_KNOBS = "{count} further settings keep their defaults here; Python and the command line can set them."
PART_NAMES = {
    "activation": "Importance of an input channel",
    "score": "Score of a weight",
    "allocation": "Sparsity of each block",
    "solver": "From scores to weights",
    "rows": "Sparsity of each output row",
    "repair": "Repair of the weights that stay",
}
ORIGINS = {
    "paper": "formula as published",
    "reconstruction": "our reconstruction: the paper's exact formula could not be checked",
    "own": "this project's own formula",
}
KNOB_LABELS = {
    "lam": "λ (lambda)",
    "gamma": "γ (gamma)",
    "spread": "Spread",
    "strength": "Layerwise strength Λ",
    "protect": "Which blocks keep more weights",
    "power": "Exponent a",
    "outlier": "Outlier threshold M",
    "mapping": "What decides a block's sparsity",
    "aggregate": "Damage over languages",
    "transform": "Scale of damage",
    "mix": "Weights of the languages",
    "eps": "ε (epsilon)",
    "alpha": "α (alpha)",
    "max_rate": "Largest learning rate",
    "max_swaps": "Most swaps",
    "blocksize": "Columns at once",
}
CHOICE_LABELS = {
    "std": "standard deviation",
    "cv": "coefficient of variation",
    "different": "where languages differ",
    "shared": "where languages agree",
    "rank": "its place among the blocks",
    "linear": "its correlation itself",
}

TOKENS = "Calibration tokens per language"
TOKENS_INFO = "Every language gets the same number. Counted in the model's own tokens."
ADVANCED = "Texts and measuring"
MODE = "How statistics are taken"
MODES = {"one-pass": "Once, on the dense model (fast)", "sequential": "Block by block, behind pruned blocks (Wanda's walk)"}
ALLOCATION_SHARE = "Share of tokens for the layerwise step"
ALLOCATION_SHARE_INFO = "Block by block only: the sparsity of the blocks is decided on this share of the calibration tokens."
SEQUENCE = "Tokens in a sequence"
SEQUENCE_INFO = "128 to 256 suits a CPU; a GPU can take 2048."
TEXTS = "Texts"
TEXT_SOURCES = {
    "built-in": "Built-in parallel passages",
    "folder": "A folder of my own texts",
    "c4": "C4, from the Hub",
    "wikipedia": "Wikipedia, from the Hub",
    "flores+": "FLORES+, from the Hub (terms to accept first)",
}
TEXTS_INFO = "Half of the texts calibrate, the other half is measured; no passage does both."
FOLDER = "Folder"
FOLDER_INFO = "One UTF-8 text file per language, named by its code: sw.txt, yo.txt. Blank lines separate passages."
EVAL_TEXTS = "Texts measured per language"
EVAL_TEXTS_INFO = "More texts give narrower intervals and take longer; the built-in passages have up to 20."
CHOICES = "Also measure choice accuracy"
CHOICES_INFO = "Which of four continuations belongs to a text? Takes about half of the measuring time."
SEED = "Seed"

PRUNE, CANCEL = "Prune", "Cancel"
LOG = "Log"

# --- While a job runs --------------------------------------------------------------------------------------------------

IDLE = "Nothing is running."
STARTING = "Starting"
CANCELLING = "Stopping at the end of this step ..."
CANCELLED = "Cancelled. The figures below are those of the run shown before."
PROGRESS = "Progress of the run"
LOST_JOB = "The run of this page is not known here any more: the server was restarted."
GPU_TAB_CLOSED = "On this shared GPU a run ends with the page that started it. Press Prune to start again."
SHARED_FOLDER = "This is a shared server: it does not read folders or files of its own. Choose a model of the Hub and built-in or Hub texts."
EMPTY_MODEL = "No model is chosen: pick the built-in one, or type a Hub id such as Qwen/Qwen2.5-0.5B."
EMPTY_LANGUAGES = "No calibration language is chosen: pick at least one."
EMPTY_FOLDER = "The texts are to come from a folder, but no folder is named: type its path, or choose the built-in passages."
SPARSITY_RANGE = "Sparsity must lie between 0 and 99%; it was given {given}."


def queued(ahead: int) -> str:
    """How many runs come first."""
    return "Waiting for one run before this one." if ahead == 1 else f"Waiting for {ahead} runs before this one."


def seconds(value: float) -> str:
    """A duration as a person says it."""
    whole = max(0, round(value))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def clock(value: float) -> str:
    """Minutes and seconds, for a log."""
    whole = max(0, int(value))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"{seconds(elapsed)} so far" + ("" if left is None else f", about {seconds(left)} left")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    names = ", ".join(languages[:4]) + (f" and {len(languages) - 4} more" if len(languages) > 4 else "")
    return f"{method}, {percent(sparsity)}, {model} ({names})"


# --- Right column ------------------------------------------------------------------------------------------------------

EARLIER = "Earlier runs"
EARLIER_NONE = "Earlier runs (none yet)"
EXAMPLE = "Example run"
EXAMPLE_BANNER = "**Example, computed beforehand:** {title}. Press Prune to compute your own run; its figures replace these."
RUN_BANNER = "**Shown:** {title}. Link to this run: [{link}]({link})"
NO_RUN = "No run to show yet. Press **Prune**: the figures of your run appear here."

TAB_OVERVIEW, TAB_ACTIVATION, TAB_SPARSITY = "Overview", "Activations", "Sparsity"
TAB_LANGUAGES, TAB_TABLES, TAB_ABOUT = "Languages", "Tables", "About"

CARD_MEAN = "Perplexity, mean of all languages"
CARD_CALIBRATED = "Calibration languages"
CARD_HELD_OUT = "Languages not calibrated on"
CARD_WORST = "Worst language: {name}"
CARD_SPARSITY = "Weights removed"
CARD_ACCURACY = "Choice accuracy, mean change"
TIMES = "{value} times"
POINTS = "{value} points"
UNCHANGED = "unchanged"
NOT_MEASURED = "not measured"
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
SUMMARY_HELP = "Perplexity (Perpl.) and choice accuracy (Acc.) before and after pruning. Darker is worse; in the last column red is a loss of accuracy and blue a gain."
WORST = "worst"
ROLES = {"calibration": "calibrated on", "held-out": "not calibrated on"}

TABLES_HELP = "Every table behind the figures. The whole run, with its settings and versions, is in report.json."
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
YES, NO = "yes", "no"

ABOUT = """### What this page does
A language model is a stack of decoder blocks, and each block holds a few large weight matrices. *Pruning* sets the least
important weights of these matrices to zero, without any training afterwards. Which weights count as important depends on
the texts the method looks at: the *calibration* languages. This page shows what the choice does to every language.

### Limits
- **Zeros save neither bytes nor time by themselves.** The pruned model is as large and as fast as before unless storage and
  kernels made for sparse weights are used.
- **The built-in model** is Gemma 3 270M (base). Its weights were stored in 4 bits and expanded to 16, so it starts
  a little worse than the original, and about 4.5% of its matrix weights are zero before any pruning. Gemma is provided
  under and subject to the [Gemma Terms of Use](https://ai.google.dev/gemma/terms).
- **Formulas marked as reconstructions** are our reading of a paper whose exact formula could not be checked. M-Wanda's
  components (cross-lingual variance, activation probability, layerwise sparsity by cross-lingual correlation) are named in
  Choenni & Titov (2025); how they are combined here is ours, and every reading stands behind a setting.
- **The intervals** cover the choice of texts, not other topics or styles. A dozen texts per language give a first impression.
- **The built-in passages** were written for this project (CC0), the same topics in every language.

### Words
| Word | Meaning |
|---|---|
| Sparsity | Share of weights that are removed (set to zero). |
| Dense, pruned | The model before and after. |
| Perplexity | How many tokens the model wavers between at each step; lower is better. Comparable before and after, not between languages. |
| Perplexity ratio | Perplexity after pruning divided by perplexity before, on the same texts. |
| Bits per byte | Loss per byte of text, which does not depend on how a tokenizer cuts a language. |
| Block, matrix | A model is a stack of blocks; each block has matrices such as q, k, v, o (attention) and gate, up, down (feed-forward). |
| Channel | One column of a matrix: one number that enters it for each token. |
| Activation variance | How much the strength of a channel differs between languages. |
| Allocation | How the sparsity is spread over the blocks; its weighted mean is the sparsity chosen. |
| Held out | A language that is measured but was not calibrated on. |
| 95% interval | Range in which the true value would lie for 95 of 100 such samples of texts. |

### Privacy
The page sends nothing anywhere. Only models and texts that you choose from the Hugging Face Hub are fetched from there.
"""


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"Done in {seconds(elapsed)}: {title}."


def headline(method: str, removed: float, mean: str, calibrated: str, held_out: str, worst: str, worst_times: str) -> str:
    """What a run did, for someone who reads nothing else. `calibrated` or `held_out` is empty where there was none."""
    text = (
        f"**{method} removed {percent(removed, 1)} of the prunable weights.** Perplexity became {mean} times as high on average over all "
        f"languages measured"
    )
    if calibrated and held_out:
        text += f": {calibrated} times in the calibration languages, {held_out} times in languages that calibration never saw"
    return f"{text}. **{worst}** lost most: {worst_times} times."


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return f"95%: {low} to {high}"


def of_model(model: Mapping[str, object]) -> str:
    """How much of the model can be pruned at all."""
    prunable, everything = float(str(model["prunable"])), float(str(model["parameters"]))
    return f"of {prunable / 1e6:,.0f} million prunable; the model has {everything / 1e6:,.0f} million"


def made_on(device: str, dtype: str, versions: Mapping[str, str]) -> str:
    """Under which circumstances a run was made."""
    return f"{device}, {dtype}; torch {versions.get('torch', '?')}, transformers {versions.get('transformers', '?')}."


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return f"Needs {sentence}. Runs on the {device}."


def knob_label(name: str, unit: str) -> str:
    """A setting by its symbol or plain name."""
    label = KNOB_LABELS.get(name, name.replace("_", " ").capitalize())
    return f"{label} ({unit})" if unit else label


def part_name(choice: str) -> str:
    """What a part of a method decides."""
    return PART_NAMES.get(choice, choice.replace("_", " ").capitalize())


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{100 * share:.{digits}f}%"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    return f"{low} items per language" if low == high else f"{low} to {high} items per language"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}. The table beside the figure holds the same numbers."
