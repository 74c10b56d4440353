"""The tab of possible reasons: masks, neurons, predictors, texts written, and what perplexity does not show."""

from components.i18n.catalogue import gettext, ngettext
from mwanda_core.studies import tables_of

TAB_REASONS = "Possible reasons"
REASONS_HELP = (
    "Studies that look for what goes along with the losses. They show company, not cause: each says what would be seen by "
    "chance alone, and how large it can be at most."
)
ABSENT = "This was not measured in this run. Open **Measure more** on the left, tick **{study}**, and press **Prune**."

# --- Masks ---------------------------------------------------------------------------------------------------------------

OVERLAP_HEADING = "### Would the same weights go for another language?"
OVERLAP_HELP = (
    "Each language alone decides which weights to remove; a cell says how far two such choices agree. **0** is what two random choices of the same "
    "size share, 1 is the same choice. The framed diagonal is the **ceiling**: the same language with other text. Two languages whose cell "
    "comes near their ceilings need the same weights; pruning for one then serves the other."
)
OVERLAP_WHERE = "Part of the model"
OVERLAP_WHOLE = "Whole model"
OVERLAP_MODULE = "Matrix: {name}"
OVERLAP_BLOCK = "Block {block}"
OVERLAP_VIEW = "Show"
OVERLAP_VIEWS = {"corrected": "Overlap beyond chance", "of_ceiling": "As a share of the ceiling"}
OVERLAP_BLOCKS_HEADING = "### Where in the model languages go their own way"
OVERLAP_BLOCKS_HELP = "The mean over pairs of languages in each block, below the mean ceiling. The wider the gap, the more the choice of weights depends on the language."
OVERLAP_ONE = "One calibration language: there is no pair to compare. The ceiling is {value:.3f}."
BAR_OVERLAP, BAR_OF_CEILING = "overlap", "share"
HOVER_OVERLAP = (
    "{a} and {b}<br>beyond chance {corrected:.3f}<br>ceiling {ceiling:.3f}<br>IoU {iou:.3f}, by chance {expected:.3f}"
)
HOVER_CEILING = "{a}, other text of the same language<br>ceiling {corrected:.3f}<br>IoU {iou:.3f}, by chance {expected:.3f}"
LEGEND_PAIRS, LEGEND_CEILING, LEGEND_RANDOM = "two languages (mean)", "same language, other text", "chance"
AXIS_OVERLAP = "Overlap beyond chance"

# --- Neurons -------------------------------------------------------------------------------------------------------------

NEURONS_HEADING = "### Where the language neurons are"
NEURONS_HELP = (
    "Neurons of the dense model that fire for few languages (1% of all neurons, chosen by the entropy of their firing). A neuron may "
    "belong to several languages. Found on calibration text, so only for calibration languages."
)
NEURONS_PRUNED_HEADING = "### Does pruning take more of them than of others?"
NEURONS_PRUNED_HELP = (
    "Mean share of a neuron's outgoing weights (its column of the down matrix) that was removed. The grey bar holds 95% of "
    "random neurons, as many and from the same blocks: inside it, language neurons are treated like any other. A method that "
    "compares weights within a row takes the same share of every row whatever the language, so only columns can tell."
)
NEURONS_DRIFT_HEADING = "### Are they the same neurons afterwards?"
NEURONS_DRIFT_HELP = (
    "Language neurons looked for again in the pruned model. Lost neurons stopped being selective; new ones took their place. "
    "Some drift would be seen on other text without any pruning."
)
NEURONS_NONE = "No language neurons were found."
LEGEND_OWN, LEGEND_CONTROL = "language neurons", "random neurons, same blocks (95%)"
LEGEND_SHARED, LEGEND_LOST, LEGEND_NEW = "still there", "lost", "new"
AXIS_COLUMN = "Outgoing weights removed (%)"
AXIS_NEURONS = "Neurons"
BAR_NEURONS = "neurons"
HOVER_NEURONS = "{name}, block {block}: {neurons} neurons ({share} of the block)"
HOVER_NEURONS_PRUNED = (
    "{name}, {neurons} neurons<br>removed {column:.1f}%<br>random {random:.1f}% ({low:.1f} to {high:.1f})<br>{verdict}"
)
NEURONS_INSIDE, NEURONS_ABOVE, NEURONS_BELOW = "like random neurons", "more than random neurons", "less than random neurons"

# --- Predictors ----------------------------------------------------------------------------------------------------------

PREDICTORS_HEADING = "### What goes along with the loss of a language?"
PREDICTORS_HELP = (
    "One point a language. Upward: it lost more. **Correlation, not cause**: languages differ in many things at once."
)
PREDICTOR_MENU = "Against"
PREDICTORS = {
    "similarity": "Likeness to the calibration mix",
    "cosine": "Likeness to the mix (plain cosine)",
    "fertility": "Tokens per byte",
    "dense_loss": "Loss of the dense model",
    "dense_bits": "Bits per byte of the dense model",
    "log_share": "Share of web text",
    "mask_overlap": "Agreement of its own mask with the mix's",
    "neurons_pruned": "Share of its neurons' weights removed",
}
PREDICTOR_AXES = {
    "similarity": "Likeness of its activations to the<br>calibration mix (log-scale cosine)",
    "cosine": "Likeness of its activations to the<br>calibration mix (cosine)",
    "fertility": "Tokens per byte of text",
    "dense_loss": "Loss of the dense model (nats per token)",
    "dense_bits": "Loss of the dense model (bits per byte)",
    "log_share": "Web text in this language (log of megabytes)",
    "mask_overlap": "Overlap of its own mask with the mix's,<br>beyond chance",
    "neurons_pruned": "Share of its language neurons'<br>outgoing weights removed",
}
HOVER_PREDICTOR = "{name} ({role})<br>{what}: {value:.3g}<br>loss increase {increase:.3f} nats"
PREDICTOR_NONE = "This figure is not known for any language of this run."
CORRELATION_FEW = "{n} languages: too few for a correlation."
CORRELATION = "**r = {r:+.2f}** over {n} languages{interval}; p = {p} from permutations. In ranks: {rho:+.2f}, p = {rho_p}."
CORRELATION_INTERVAL = ", 95% {low:+.2f} to {high:+.2f}"
CORRELATION_NO_INTERVAL = ", too few for an interval"
CORRELATION_WARNING = "Correlation, not cause. {tests} figures were looked at: one in twenty has p below 0.05 by chance."
CORRELATION_GROUPS = {"all": "all", "calibration": "calibrated on", "held-out": "not calibrated on"}
CORRELATION_COLUMNS = {
    "predictor": "Figure", "languages": "Languages", "n": "n", "pearson": "r", "interval": "95% interval", "pearson_p": "p",
    "spearman": "In ranks", "spearman_p": "p of ranks",
}  # fmt: skip

# --- Texts written -------------------------------------------------------------------------------------------------------

WRITING_HEADING = "### What the two models write"
WRITING_HELP = (
    "Both go on from the same opening, always with the likeliest next word. Read the texts before the figures: a loss of a few tenths can be a "
    "fluent text with other facts, or a word repeated for ever."
)
WRITING_LANGUAGE = "Language"
WRITING_BEFORE, WRITING_AFTER = "Dense model", "Pruned model"
WRITING_OPENING = "Opening"
WRITING_EMPTY = "(nothing: the model ended the text at once)"
WRITING_SAME = "Word for word the same."
WRITING_LOOP = "{count} tokens in a loop"
WRITING_REPEATED = "{share} of three-token sequences repeated"
WRITING_IN = "in {name} ({share})"
WRITING_UNKNOWN = "language not told"
WRITING_SCRIPT = "{share} in the script of the language"
WRITING_ENDED = "ended by itself"
ON_LANGUAGE_HEADING = "### Does it still answer in the language of the opening?"
ON_LANGUAGE_HELP = "Share of texts in the language of their opening, with 95% intervals: {count} openings per language, so only large changes can be seen."
SCRIPT_HELP = (
    'No language identifier is installed (`pip install "mwanda-explorer[langid]"`), so this is the share of letters in the '
    "script of the language; Latin-script languages cannot be told apart by it."
)
REPETITION_HEADING = "### Does it repeat itself?"
REPETITION_HELP = "Share of three-token sequences that had occurred before in the same text; 0 is no repetition at all."
AXIS_ON_LANGUAGE, AXIS_SCRIPT = "Texts in the right language (%)", "Letters in the right script (%)"
AXIS_REPETITION = "Repeated three-token sequences (%)"
WRITING_COLUMNS = {
    "name": "Language", "prompts": "Openings", "on_language_dense": "Right language before %", "on_language_pruned": "Right language after %", "p_value": "p",
    "script_share_dense": "Right script before %", "script_share_pruned": "Right script after %", "repetition_dense": "Repeated before %",
    "repetition_pruned": "Repeated after %", "same": "Same text %",
}  # fmt: skip

# --- Beyond perplexity ---------------------------------------------------------------------------------------------------

PROFILE_HEADING = "### Beyond perplexity"
PROFILE_HELP = "Two models may lose the same and differ inside. Three looks at the same texts, before and after pruning; bars are 95% intervals over texts."
PROFILE_LANGUAGE = "Language"
PROFILE_ALL = "All languages (mean)"
ERANK_HEADING = "#### In how many directions do the words of a text differ?"
ERANK_HELP = (
    "Effective rank of a text's hidden states after each block. Lower after pruning: the model tells words apart in fewer "
    "directions. The last point, a star, is after the final norm; the table holds that one."
)
TAU_HEADING = "#### Are the likeliest next words still in the same order?"
TAU_HELP = "Kendall's τ between the dense and the pruned order of the dense model's k likeliest words: 1 the same order, 0 none in common."
ENERGY_HEADING = "#### Is the evidence for any word weaker?"
ENERGY_HELP = (
    "Shift of the centred energy (nats). To the right: the logits stand out less from their mean, so the model is less decided. The "
    "plain energy is not drawn: an offset of all logits moves it and harms nothing."
)
AXIS_ERANK = "Effective rank"
AXIS_TAU = "Kendall's τ (1: same order)"
AXIS_ENERGY = "Shift of centred energy (nats, pruned − dense)"
LEGEND_TOP = "top {k}"
FINAL_NORM = "after the final norm"
HOVER_ERANK = "{place}<br>{side}: {value:.1f}"
HOVER_TAU = "{name}, top {k}: {value:.3f} ({low:.3f} to {high:.3f})<br>{positions} positions"
HOVER_ENERGY = "{name}: {value:+.2f} nats ({low:+.2f} to {high:+.2f})<br>before {before:.1f}, after {after:.1f}<br>told from shuffled text: {sep_before} before, {sep_after} after"
PROFILE_NONE = "There is nothing to draw."
PROFILE_COLUMNS = {
    "name": "Language", "erank_dense": "Rank before", "erank_pruned": "Rank after", "tau_3": "τ top 3", "tau_10": "τ top 10", "tau_20": "τ top 20",
    "shift": "Energy shift", "shift_interval": "95% interval", "separation_dense": "Told apart before", "separation_pruned": "Told apart after",
}  # fmt: skip
OVERLAP_COLUMNS = {
    "name": "Language",
    "other_name": "Other language",
    "corrected": "Beyond chance",
    "ceiling": "Ceiling",
    "of_ceiling": "Share of ceiling",
    "iou": "IoU",
    "expected": "By chance",
}
NEURON_SHARE = "Share of the block %"
NEURON_COLUMNS = {
    "name": "Language", "neurons": "Neurons", "column": "Removed %", "random_column": "Random %", "random_interval": "Random, 95%",
    "shared": "Still there", "lost": "Lost", "new": "New", "jaccard": "Same share %",
}  # fmt: skip

STUDY_TABLE_TITLES = {
    "tasks": "Benchmarks, dense against pruned",
    "task_means": "Benchmarks, mean over languages",
    "task_items": "Benchmarks, every question",
    **{name: spec.title for name, spec in tables_of().items()},
}


def agreement(count: int) -> str:
    """How long two texts are the same."""
    if not count:
        return gettext("They differ from the first token on.")
    return ngettext("The first token is the same.", "The first {count} tokens are the same.", count).format(count=count)


ABILITIES_HEADING = "### What the pruned model can still do"
ABILITIES_HELP = (
    "Change in points by ability and language. Coloured: beyond noise. In brackets: within noise. Grey with a dash: the dense model is at chance, so "
    "nothing can be lost there. Few items per cell show a collapse, not a small loss."
)
ABILITIES = {
    "call-json": "Tool call, JSON",
    "call-text": "Tool call, plain text",
    "call-python": "Tool call, Python",
    "need": "Is a tool needed?",
    "argument": "Language of the argument",
    "workflow": "Order of steps",
    "needle": "Needle in a text",
    "needle-elsewhere": "Needle in another language",
    "world": "Next move in a world",
    "bfcl": "BFCL",
}
ABILITY_KIND = "Ability"
ABILITY_ITEMS_HEADING = "### Questions and answers"
ABILITY_ITEMS_HELP = "Each model's answer is the choice that it finds likeliest. Questions whose answer changed stand first."
ABILITY_ASKED = "Asked"
ABILITY_RIGHT = "right"
ABILITY_NONE = "This ability was not asked for in this language."
