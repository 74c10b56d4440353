"""The left column: model, languages, texts and measuring."""

from components.i18n.catalogue import gettext

TITLE = "M-Wanda Explorer"
INTRO = """# M-Wanda Explorer
Choose a model and your languages, press **Prune**, and see what each language loses."""
MORE_SETTINGS = "Advanced"
DRAWER = "Settings"

MODEL = "Model"
MODEL_INFO = "Choose one, or type a Hugging Face Hub id or a folder on this machine."
ESTIMATE = "Estimate memory"
ESTIMATING = "Reading the model's sizes ..."

LANGUAGES = "Calibration languages"
LANGUAGES_INFO = "The method decides on texts in these. Type to search."
GUARD = "Guard the other languages (% of the weight)"
GUARD_INFO = "All other built-in languages count a little, so that they are not forgotten. Costs the chosen languages something; 0 switches it off."
GUARD_LANGUAGES = "Languages to guard"
GUARD_LANGUAGES_INFO = "Empty: all built-in ones that are neither calibrated on nor measured as unseen."
HELD_OUT = "Languages to measure as well"
HELD_OUT_INFO = "Never calibrated on: what happens to languages nobody chose?"
GROUP = "Choose a whole group"
GROUP_REGION = "Region: {name} ({count})"
GROUP_SCRIPT = "Script: {name} ({count})"
WORLD_MIX, ENGLISH_ONLY, ALL = "World mix", "English only", "All"
REGIONS = {
    "Africa": "Africa",
    "Americas": "Americas",
    "East Asia": "East Asia",
    "Europe": "Europe",
    "Middle East": "Middle East",
    "South Asia": "South Asia",
    "Southeast Asia": "Southeast Asia",
}
SCRIPTS = {"Arabic": "Arabic", "Cyrillic": "Cyrillic", "Devanagari": "Devanagari", "Latin": "Latin"}
"""Names of the scripts that two or more languages share."""

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
    "statements": "Built-in passages and statements, true and false",
    "folder": "A folder of my own texts",
    "c4": "C4, from the Hub",
    "wikipedia": "Wikipedia, from the Hub",
    "flores+": "FLORES+, from the Hub (terms to accept first)",
}
TEXTS_INFO = "Half of the texts calibrate, the other half is measured; no passage does both."
FOLDER = "Folder"
FOLDER_INFO = "One UTF-8 text file per language, named by its code: sw.txt, yo.txt. Blank lines separate passages."
UPLOAD_TEXTS = "Upload my own texts"
UPLOAD_INFO = (
    "One UTF-8 file a language (sw.txt), a ZIP of them, or a table (CSV, TSV, JSONL) with the columns language and text."
)
UPLOADED_TEXTS = "The texts that I uploaded"
UPLOAD_FOUND = "Found texts in: {names}. A wrong language? Name the file by another code and upload it again."
UPLOAD_LARGE = (
    "The texts are larger than {most} MB or of too many languages: calibration needs a few hundred kilobytes a language."
)
UPLOAD_EMPTY = "Nothing to read was uploaded: give one text file a language, such as sw.txt."
UPLOAD_KIND = "{name} is no kind of file that texts are read from; these are: {known}."
UPLOAD_DAMAGED = "{name} is damaged or not what its name says: save it again and upload it once more."
UPLOAD_COLUMNS = "{name} lacks a column of languages (one of {language}) or of texts (one of {text}): name its columns so."
UPLOAD_UTF8 = "{name} is not UTF-8 text: save it as UTF-8 and upload it once more."
UPLOAD_LANGUAGE = "{name} names no language that is known here ({given}): name it by a language's code, such as sw."
EVAL_TEXTS = "Texts measured per language"
EVAL_TEXTS_INFO = "More texts give narrower intervals and take longer; the built-in passages have up to 20."
PRECISION = "Enough texts when half the interval is at most (nats a token)"
PRECISION_INFO = "0.2 is about 20% of perplexity. Few texts of every language come first, more follow only where the interval is still wide. 0: all texts at once."
CHOICES = "Also measure choice accuracy"
CHOICES_INFO = "Which of four continuations belongs to a text? Takes about half of the measuring time."
SEED = "Seed"

EMPTY_MODEL = "No model is chosen: pick the built-in one, or type a Hub id such as Qwen/Qwen2.5-0.5B."
EMPTY_LANGUAGES = "No calibration language is chosen: pick at least one."
EMPTY_FOLDER = "The texts are to come from a folder, but no folder is named: type its path, or choose the built-in passages."
SPARSITY_RANGE = "Sparsity must lie between 0 and 99%; it was given {given}."

SHARED_FOLDER = "This is a shared server: it does not read folders or files of its own. Choose a model of the Hub and built-in or Hub texts."


def memory(sentence: str, device: str) -> str:
    """The memory estimate with the device it would run on."""
    return gettext("Needs {sentence}. Runs on the {device}.").format(sentence=sentence, device=device)
