"""The tab that takes a run away: files, link, command, the pruned model, what it costs, and the list of runs."""

from components.i18n import words
from components.i18n.words.common import number, seconds

TAB_TAKE = "Take away"
TAKE_NOTHING = "No run is shown, so there is nothing to take away yet: press **Prune**, or open an earlier run."

TAKE_FILES_HEADING = "### Files of this run"
TAKE_FILES_HELP = "Choose what you need and press **Make the file**; then download it."
TAKE_FILE_KIND = "What"
TAKE_FILE_KINDS = {
    "tables": "All tables, CSV and Parquet (ZIP)",
    "run": "The whole run, to be opened by another M-Wanda Explorer (ZIP)",
    "html": "All figures as one web page, readable without a network (HTML)",
    "png": "All figures as pictures (PNG in a ZIP)",
    "svg": "All figures as drawings (SVG in a ZIP)",
    "card": "The reproducibility card (Markdown)",
}
TAKE_FILE_HELP = {
    "tables": "Every table at full precision, with report.json: settings, versions and model.",
    "run": "Report, tables, masks, new weights where there are any, and statistics. `mwanda runs import FILE` takes it in, and so "
    "does **Take in a run** below on a page of your own.",
    "html": "The file carries its own drawing program, about 5 MB; move over a figure for its values.",
    "png": "Needs the extra `figures` and a Chrome or Chromium on the machine that runs this page; takes some seconds.",
    "svg": "Needs the extra `figures` and a Chrome or Chromium on the machine that runs this page; takes some seconds.",
    "card": "All that repeats this run, and the figures and the hash of the masks that a repetition should give; see **The same again**.",
}
TAKE_MAKE_FILE = "Make the file"
TAKE_DOWNLOAD = "Download"
TAKE_NO_KALEIDO = (
    'Pictures need the package kaleido, which is not installed here: run `pip install "mwanda-explorer[figures]"`, or take the '
    "figures as one web page."
)
TAKE_NO_CHROME = (
    "Pictures are drawn by Chrome or Chromium, and none could be started here: install one (or name it in the variable "
    "BROWSER_PATH), or take the figures as one web page."
)
TAKE_UNKNOWN_FILE = "There is no file of the kind {given}; there are: {known}."

TAKE_SHARE_HEADING = "### Share"
TAKE_LINK = "Link to this run"
TAKE_LINK_LOCAL = (
    "The link works for everyone who can open this page; on your own machine that is you alone. To give the run to someone else, "
    "send them the whole run as a file."
)
TAKE_LINK_SHARED = (
    "Whoever has this link can open the run, and nobody finds it without the link: runs are not listed here. This server keeps "
    "runs of visitors for {days} days, fewer when they take more than {size} together: the oldest go first. Take the whole run as a "
    "file if you will need it again."
)
TAKE_LINK_EXAMPLE = "This is the example that every M-Wanda Explorer carries, so the link opens it for everyone."

TAKE_AGAIN_HEADING = "### The same again"
TAKE_COMMAND = "The command that repeats this run"
TAKE_PYTHON = "The same in Python"
TAKE_CARD = "Reproducibility card"
TAKE_CARD_HELP = (
    "The card holds the command, the versions, the model with the SHA-256 of its weights, the seed, the calibration passages, and the "
    "figures and the hash of the masks that a repetition should give. Download it with **Files of this run** above."
)
TAKE_AGAIN_UNKNOWN = (
    "This run was made by a version whose settings this one does not know, so it cannot be repeated here: {problem}"
)

TAKE_MODEL_HEADING = "### The pruned model"
TAKE_MODEL_HELP = (
    "A folder that plain transformers loads: safetensors, tokenizer, configuration, and a model card. It has the size of the dense "
    "model ({size}), because pruned weights are stored as zeros."
)
TAKE_CARD_PREVIEW = "The model card that goes with it"
TAKE_NO_CARD = "The model card could not be written: {problem}"
TAKE_FOLDER = "Folder on this machine (optional)"
TAKE_FOLDER_INFO = "Empty or not there yet. Without one you get a ZIP file to download."
TAKE_EXPORT = "Export the model"
TAKE_DOWNLOAD_MODEL = "Download the model (ZIP)"
TAKE_LICENCE = "The base model's licence holds for the pruned model, too."
TAKE_SCRATCH = "The ZIP file waits in a scratch folder: the last {count} are kept, for a day at most."
TAKE_NO_MASKS_EXAMPLE = (
    "The examples carry the masks of a few matrices only, so their models cannot be made from them. Press **Prune**: the masks of your own "
    "run are kept, and its model can be exported."
)
TAKE_NO_MASKS = (
    "This run was saved without its masks, so its model cannot be made from it: repeat the run with the command above."
)
TAKE_TOO_LARGE = (
    "The model has {size}, and this shared server hands out at most {most}: take the whole run as a file, and make the model on your "
    "own machine with `mwanda runs import FILE` and `mwanda apply`."
)
TAKE_DISK = "{size} of disk are needed for this and {free} are free: make room, or choose a folder on another disk."
TAKE_SHARED_FOLDER = "This is a shared server: it writes into no folders. Leave the folder empty and download the ZIP file."
TAKE_FOLDER_RELATIVE = "The folder must be a whole path, such as /home/me/model; it was given {given}."

TAKE_PUSH_HEADING = "#### To the Hugging Face Hub"
TAKE_PUSH_HELP = (
    "Uploads the folder with its card. The token goes to the Hub and nowhere else: it is held in memory until the upload begins, is "
    "never written down, and the field is emptied at once."
)
TAKE_PUSH_SIGNED = "Signed in with Hugging Face, you can leave the token empty."
TAKE_PUSH_NAME = "Name on the Hub"
TAKE_PUSH_NAME_INFO = "owner/name"
TAKE_PUSH_TOKEN = "Token with the right to write"
TAKE_PUSH_TOKEN_INFO = "Made on the Hub's settings page."
TAKE_PUSH_PRIVATE = "Private: only you see it"
TAKE_PUSH = "Upload"
TAKE_TOKEN_GONE = "The token is no longer held: it is kept for one upload and one hour at most. Type it again and press Upload."

TAKE_COST_HEADING = "### What it really saves"
TAKE_COST_HELP = (
    "Zeros by themselves save neither bytes nor time. Measure it on the machine that runs this page: bytes of the dense and the "
    "pruned model, packed and unpacked, of the masks alone, and the time of a forward pass of each, in turn."
)
TAKE_COST_TOKENS = "Tokens in the pass"
TAKE_COST_REPEATS = "Passes of each"
TAKE_COST = "Measure"
TAKE_COST_COLUMNS = ("What", "Dense", "Pruned", "Pruned ÷ dense")
TAKE_COST_ROWS = {
    "bytes": "Weights in memory and on disk",
    "zip": "In a ZIP file, {how}",
    "masks": "Masks alone, one bit a weight",
    "updates": "New weights beside the masks",
    "time": "Forward of {tokens} tokens, median of {count} ({device}, {dtype})",
    "spread": "Fastest to slowest",
}
TAKE_COST_PACKED, TAKE_COST_SAMPLED = "packed here", "estimated from {share} of the bytes"
TAKE_COST_SENTENCES = "In sentences"
TAKE_COST_HARDWARE = "What hardware makes of zeros, and who says so"
TAKE_COST_SOURCE = "*Source: {source}; {basis}.*"

TAKE_KEEP_HEADING = "### The runs on this machine"
TAKE_NOTE = "A name of your own for this run"
TAKE_NOTE_INFO = "Shown before the title in the list of earlier runs; empty removes it."
TAKE_NOTE_SAVE = "Save the name"
TAKE_NOTE_SAVED = "Saved."
TAKE_NOTE_LONG = "A name has at most {most} characters; this one has {given}."
TAKE_DELETE = "Delete this run"
TAKE_DELETE_SURE = "Yes, delete this run for good"
TAKE_DELETE_ASK = "Tick the box first: a deleted run cannot be brought back."
TAKE_DELETED = "The run was deleted."
TAKE_DELETE_EXAMPLE = "The example belongs to the installation and cannot be deleted or renamed."
TAKE_IMPORT = "Take in a run (ZIP)"
TAKE_IMPORTED = "Taken in; it is shown now."
TAKE_LOCAL_ONLY = "On a shared server runs are not listed, renamed, deleted or taken in."

TAKE_STAGE_LOAD = "Loading the model"
TAKE_STAGE_APPLY = "Applying the masks"
TAKE_STAGE_WRITE = "Writing the model"
TAKE_STAGE_ZIP = "Packing the ZIP file"
TAKE_STAGE_PUSH = "Uploading (this step cannot be stopped halfway)"
TAKE_JOB = {"export": "Export of {run}", "push": "Upload of {run}", "cost": "Cost of {run}"}
TAKE_CANCELLED = "Stopped; nothing was kept."
TAKE_EXPORTED = "Done in {time}: the ZIP file has {size}."
TAKE_EXPORTED_TO = "Done in {time}: written to {folder}."
TAKE_PUSHED = "Done in {time}: {address}"
TAKE_MEASURED = "Measured in {time}."


def take_size(size: float) -> str:
    """Bytes as a person says them."""
    if size >= 2**30:
        return f"{number(size / 2**30, '.1f')} GiB"
    return f"{number(size / 2**20, '.1f')} MiB" if size >= 2**20 else f"{number(size / 2**10, '.0f')} KiB"


def take_done(result: dict[str, object], elapsed: float) -> str:
    """How a job of this tab ended well."""
    time = seconds(elapsed)
    if "address" in result:
        return words.TAKE_PUSHED.format(time=time, address=result["address"])
    if "file" in result:
        return words.TAKE_EXPORTED.format(time=time, size=take_size(float(str(result["bytes"]))))
    if "folder" in result:
        return words.TAKE_EXPORTED_TO.format(time=time, folder=result["folder"])
    return words.TAKE_MEASURED.format(time=time)


FIGURE_PAGE_MADE = "Made by M-Wanda Explorer from the run {run}. {title}."
FIGURE_TITLES = {
    "perplexity": "Perplexity: how much harder each language became to predict",
    "perplexity-before-after": "Loss before and after pruning",
    "accuracy": "Choice accuracy: change",
    "accuracy-before-after": "Choice accuracy before and after pruning",
    "texts": "Text by text",
    "summary": "All languages at a glance",
    "variance": "How differently the languages use each block",
    "strength": "Strength of the activations",
    "similarity": "Which languages resemble each other inside the model",
    "allocation": "Sparsity of each block",
    "layers": "Sparsity of each weight matrix, as achieved",
    "layers-difference": "Sparsity of each weight matrix, difference from uniform",
    "task": "Benchmark: {name}",
    "task-map": "All benchmarks at a glance",
    "overlap": "Whose weights are pruned alike",
    "overlap-blocks": "Where in the model languages go their own way",
    "neuron-blocks": "Where the language neurons are",
    "neurons": "Pruned weights of language neurons",
    "neuron-drift": "Language neurons before and after",
    "predictors": "What goes along with the loss of a language: {name}",
    "abilities": "Abilities by language",
    "on-language": "Written in the language of the opening",
    "repetition": "Repetition in what the models write",
    "erank": "Effective rank",
    "tau": "Order of the likeliest next words",
    "energy": "Energy",
}

API_NO_OBJECT = 'Settings are an object of names and values, such as {{"languages": ["en", "sw"]}}; they were given as {given}.'
API_LIMIT = "On this shared server {name} is at most {most}; it was given as {given}."
API_NO_JOBS = "On a shared GPU a run ends with the page that started it, so none can be started from a program: use the page."
API_NO_RUNS = "On a shared server runs are not listed: a run opens only through its link."
API_NO_TABLE = "This run has no table {given}; it has {known}."
TOO_MANY_JOBS = "{most} jobs of yours are waiting or running already, which is as many as one visitor may have here: wait for one, or cancel it."
