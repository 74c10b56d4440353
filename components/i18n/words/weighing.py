"""The tab of single weights: where the zeros of a matrix lie, and why one weight was kept."""

from collections.abc import Sequence

from components.i18n import numbers

TAB_WEIGHTS = "Weights"

WEIGHTS_HEADING = "### Which weights stayed?"
WEIGHTS_HELP = (
    "Each cell is one weight matrix of this run, coloured by the share of it that was removed. **Click a cell**, or choose block and "
    "matrix below, to see where its zeros lie and why a weight stayed or went."
)
WEIGHTS_BLOCK, WEIGHTS_MATRIX = "Block", "Matrix"
WEIGHTS_MAP = "Sparsity of each weight matrix. Click a cell to open that matrix; the menus below do the same"
WEIGHTS_NO_MASKS = (
    "This run was kept without its masks, so single weights cannot be looked at. Press **Prune**: your own run has them."
)
WEIGHTS_OPENING = "Opening the matrix ..."
CLICK_FAILED = "This picture could not be drawn in this browser; the menus and fields below do the same as clicking."

ANEW_TITLE = "Any sparsity from this run's state"
ANEW_HELP = (
    "UniPruning keeps a state, from which masks of every sparsity and pattern follow without another look at any text: they are nested, so what "
    "stays at 70% stays at 60%. Move the slider to see what the masks would keep; the button makes a run of them and measures it."
)
ANEW_NO_STATES = (
    "This run keeps no state, so it has its own sparsity only. Choose the method **UniPruning** and press **Prune**; with a state for each "
    "language a mix can be chosen here, too."
)
ANEW_SPARSITY, ANEW_PATTERN, ANEW_MIX = "Share of weights removed", "Weights compared", "Mix of languages"
ANEW_MIX_INFO = "Needs a state for each language. Weights of your own: such as sw=2,en=1."
ANEW_PATTERNS = {"row": "within each output row", "layer": "within each matrix", "global": "in the whole model"}
ANEW_MIXES = {"": "As the run had it", "max": "What any language needs most"}
ANEW_SAID = "{removed} of the weights go. Of those that stay, the run that is shown keeps {inside}, too. Losses are not known before it is made a run."
ANEW_BLOCKS = "Share removed from each block"
ANEW_LANGUAGES = "Share of each language's own state that stays"
ANEW_KEPT = "Stays"
ANEW_START = "Make it a run"
ANEW_JOB = "Another sparsity from {run}"

PICTURE_TITLE = "#### {module}, block {block}: {outputs} outputs × {inputs} inputs, {share} removed"
PICTURE_REGULAR = "Of every {m} neighbouring inputs exactly {n} stay: the {n}:{m} pattern."
DENSITY_HEADING = "#### The whole matrix from afar"
DENSITY_HELP = "Each cell is a patch of the matrix, coloured by the share of its weights that was removed. Click one to move the window below to it."
DENSITY_LABEL = (
    "The matrix from afar: share removed in each patch. Click a patch to move the window there; the sliders do the same"
)
WINDOW_HEADING = "#### A window of single weights"
WINDOW_HELP = "Blue weights stayed, pale ones were removed. **Click a weight** to ask why, or type its output and input below."
WINDOW_LABEL = "A window of single weights, kept or removed. Click one to ask why; the fields below do the same"
WINDOW_ROW, WINDOW_COLUMN = "First output shown", "First input shown"
SHARES_HEADING = "#### Are some outputs or inputs cut more than others?"
SHARES_HELP = (
    "Share of each output's weights (a row) and of each input channel's weights (a column) that was removed. A method that compares "
    "weights within a row removes as many from every row; how uneven the columns are is what calibration decides."
)
SHARES_ORDER = "Order"
SHARES_ORDERS = {"sorted": "Sorted", "placed": "As they lie in the matrix"}
SHARES_ROWS, SHARES_COLUMNS = "Share removed, by output", "Share removed, by input channel"
AXIS_OUTPUT, AXIS_INPUT = "Output (row)", "Input channel (column)"
AXIS_OUTPUT_SORTED, AXIS_INPUT_SORTED = "Outputs, most removed first", "Input channels, most removed first"
AXIS_REMOVED = "Removed (%)"
HOVER_PATCH = "outputs {rows}, inputs {columns}"
HOVER_KEPT, HOVER_REMOVED = "kept", "removed"
HOVER_CELL = "output %{y}, input %{x}: %{text}<extra></extra>"
HOVER_SHARE = "%{x}: %{y:.1f} % removed<extra></extra>"
SHARE_COLUMNS = {"part": "Of all", "row": "Outputs lose at most %", "column": "Inputs lose at most %"}
SHARE_PARTS = {0.0: "lowest", 0.05: "5%", 0.25: "a quarter", 0.5: "half", 0.75: "three quarters", 0.95: "95%", 1.0: "all"}
SHARE_TABLE = "Shares removed by output and by input channel"

WHY_HEADING = "#### Why this weight?"
WHY_ROW, WHY_COLUMN, WHY_ASK = "Output (row)", "Input (column)", "Why?"
WHY_EMPTY = "Click a weight in the window, or type its place and press **Why?**."
WHY_FIGURE = "Activation of the input channel, by language"
WHY_KEPT, WHY_REMOVED = "**Kept.**", "**Removed.**"
WHY_WEIGHT = "Weight {value} reads input {column} and feeds output {row} of `{module}` in block {block}."
WHY_NEW = "The method then gave it a new value: {value}."
WHY_NO_STATISTICS = "This run was kept without the statistics of its calibration, so neither its score nor what each language thought of it can be told."
WHY_SCORE = "Its score is {score}: place {place} of {size} {group}, counted from the highest, and {kept} of them stay"
WHY_THRESHOLD = "; the lowest score kept there is {threshold}."
WHY_NOTHING_KEPT = "; nothing there is kept."
WHY_GROUPS = {
    "row": "weights of its output",
    "layer": "weights of its matrix",
    "global": "weights of its matrix (the whole model shares one threshold)",
    "n:m": "neighbours",
}
WHY_GOES = "It would go as soon as {share} or more of {group} are removed, with the activations measured in this run."
WHY_STAYS = "It would stay as long as less than {share} of {group} is removed, with the activations measured in this run."
WHY_WHOLE = {"row": "its output's weights", "layer": "its matrix", "global": "its matrix"}
WHY_PLACE = "It stays under every pattern that keeps {place} or more of {size} neighbours."
WHY_BLIND = "This method's score does not look at activations, so every language alone would decide the same."
WHY_ALL = "**Every calibration language alone** would have kept it, too."
WHY_NONE = "**No calibration language alone** would have kept it."
WHY_SOME = "**{keep}** alone would have kept it; **{drop}** alone would not."
WHY_ONE_LANGUAGE = "Calibrated on {name} only, so there is no other opinion."
WHY_MISSING = "{method} also used {gone}, which no run keeps; the scores shown are Wanda's (weight times activation) instead."
WHY_GONE = {
    "full_gradient": "the gradient of the loss",
    "relevance": "the derivative under LRP rules",
    "regional_gradient": "the gradient through the block",
    "repair": "the weights as the repair had left them before the cut",
}
WHY_SOLVER = "{solver} searches for the mask itself, so the score is not the last word."
WHY_SPARED = "This run kept weights of neurons of {names} before all others, whatever their score."
WHY_NOT_WALKED = "The run measured each block again behind the pruned ones before it; it kept only the dense model's activations, shown here."
WHY_DIFFERS = "Keeping the highest of these scores would not give exactly the choice that was made here."
WHY_CHANGED = "The reason may be another machine's rounding, or that the model's files are not those of the run any more."
WHY_COLUMNS = {
    "name": "Language", "rms": "Activation (RMS)", "score": "Score", "threshold": "Lowest kept", "place": "Place", "keeps": "Alone",
}  # fmt: skip
WHY_TABLE = "What each language alone makes of this weight"
WHY_KEEPS, WHY_DROPS = "keeps it", "removes it"
WHY_AXIS = "Root mean square of the input channel"
WHY_HOVER = "{name}: {rms}<br>score {score}, {verdict}"

DENSE_NEEDED = (
    "The dense weights of this model do not lie ready on this disk: they must be fetched or unpacked once (up to a minute for the "
    "built-in model)."
)
DENSE_READ = "Read the dense weights"
DENSE_JOB = "Reading the dense weights"
DENSE_LOADING = "Loading the model"
DENSE_SHARED = "On this shared server the dense weights of a model in a folder cannot be read."
DENSE_OTHER = "The model {source!r} has changed since the run: its weights are not those that were pruned."


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them."""
    return numbers.listed(names)
