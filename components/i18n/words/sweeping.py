"""The tab of many runs: sweeps, protected languages, and runs that were cut off."""

from collections.abc import Mapping, Sequence

from components.i18n import words
from components.i18n.catalogue import gettext, ngettext, pgettext, translated
from components.i18n.numbers import capital, together
from components.i18n.words.common import enumerated, percent, seconds

SWEEP_TAB, PROTECT_TAB, UNFINISHED_TAB = "Sweep", "Protect a language", "Runs cut off"

# --- Sweep: what is wanted ---------------------------------------------------------------------------------------------

SWEEP_HELP = (
    "A sweep is many runs from one plan: every sparsity with every method, every mix of languages and every seed. "
    "Everything that is not asked here (model, texts, parts of the method, what is measured) is as set on the left."
)
SWEEP_SPARSITIES = "Sparsities (%)"
SWEEP_SPARSITIES_INFO = "Per cent of the weights to remove, separated by commas."
SWEEP_METHODS = "Methods"
SWEEP_METHODS_INFO = "Named methods at their own settings, and the one you put together on the left."
SWEEP_LEFT = "The method on the left, as it is set"
SWEEP_MIXES = "Mixes of calibration languages"
SWEEP_MIXES_INFO = "One mix a line, languages by name or code. Empty: the languages on the left."
SWEEP_MIXES_EXAMPLE = "en\nen, de, hi, sw\nHindi, Bengali, Tamil"
SWEEP_SEEDS = "Seeds"
SWEEP_SEEDS_INFO = "Whole numbers: each is another choice of calibration passages."
SWEEP_NAME = "Name"
SWEEP_NAME_INFO = "To find the sweep again. Empty: the time of its start."
SWEEP_START, SWEEP_RESUME, SWEEP_FORGET = "Start the sweep", "Resume", "Forget the plan"
SWEEP_STACKED = "Perplexity of every language, stacked"
SWEEP_STACK_AXIS = "Perplexity after pruning,<br>languages on top of each other"
SWEEP_KEPT = "Sweeps so far"
SWEEP_KEPT_NONE = "Sweeps so far (none yet)"
SWEEP_FORGOTTEN = "The plan {name} is forgotten. Its runs stay."
SWEEP_WAITING = "The plan is being counted ..."
SWEEP_LOG = "Log of the sweep"

SWEEP_NO_SPARSITY = "No sparsity is named: give per cent, such as 30, 50, 70."
SWEEP_BAD_SPARSITY = "Sparsities are per cent from 1 to 99, separated by commas; one given was {given}."
SWEEP_NO_METHOD = "No method is chosen: take the one on the left, or named ones from the menu."
SWEEP_BAD_LANGUAGE = "There are no texts in {given}: choose other texts on the left, or leave it out of the mix."
SWEEP_NO_SEED = "No seed is named: give at least one whole number, such as 0."
SWEEP_BAD_SEED = "Seeds are whole numbers from 0, separated by commas; one given was {given}."
SWEEP_TOO_MANY = "This plan has {runs} runs; at most {most} are allowed: leave some out."
SWEEP_TOO_MANY_SHARED = (
    "This plan has {runs} runs, and on this shared server a sweep has at most {most}: leave some out, or run the program on a "
    "computer of your own."
)
SWEEP_TAKEN = (
    "There is another sweep named {name} already: choose another name, or choose it under Sweeps so far and resume it."
)
SWEEP_ALL_KEPT = "All {runs} runs of this plan are kept already: starting it shows their results at once."
SWEEP_LONG = "**That is long**: start with fewer runs, or less to measure. A sweep can be cancelled and resumed at any time."
SWEEP_UNKNOWN_TIME = "How long they take is not known before the first run of this model."
SWEEP_LEFT_OUT = "Left out, because it cannot be run: {title}. {why}"
SWEEP_LEFT_OUT_MORE = "{count} more combinations are left out, for reasons of their own."
SWEEP_FIXED = "The pattern {pattern} has one sparsity only, so the others are left out."

# --- Sweep: results ----------------------------------------------------------------------------------------------------

SWEEP_EMPTY = "No sweep to show yet. Its figures appear here after the first run, and grow while it goes on."
SWEEP_CURVES = "### Perplexity against sparsity"
SWEEP_CURVES_HELP = (
    "Perplexity after pruning divided by perplexity before, on the same texts: 1 is unharmed. One "
    "line a method and mix of languages. Bars: 95% intervals over texts; with several seeds the lowest and highest of them, and "
    "the line is their mean."
)
SWEEP_VIEW = "Show"
SWEEP_MEAN, SWEEP_WORST = "Mean of all languages", "Worst language of each run"
SWEEP_MULTIPLES = "### Every language"
SWEEP_MULTIPLES_HELP = "The same lines for each language, on one scale: where a line rises early, the language breaks early."
SWEEP_MULTIPLES_CAP = "Only the {count} languages with the highest losses are drawn; the file has all of them."
SWEEP_FRONT = "### Mean against worst"
SWEEP_FRONT_HELP = (
    "One point a run; to the left it is better on average, further down for the language that loses most. No other run is better in both than "
    "the runs on the line (the Pareto front)."
)
SWEEP_TABLE = "### All runs"
SWEEP_TABLE_HELP = "Press a row, or choose a run below, to open it on this page: the other tabs then show it."
SWEEP_OPEN = "Run to open"
SWEEP_OPEN_BUTTON = "Open"
SWEEP_UNEQUAL = (
    "Not every run measured the same languages, so means and worst languages cannot be compared between all of them."
)
SWEEP_UNSCORED = "These runs measured no losses: allow at least one text per language on the left."
SWEEP_COLUMNS = {
    "method": "Method", "sparsity": "Sparsity %", "mix": "Calibrated on", "seed": "Seed", "mean_increase": "Mean increase",
    "worst": "Worst language", "worst_increase": "Its increase", "front": "On the front", "id": "Run",
}  # fmt: skip
SWEEP_CURVE_COLUMNS = {
    "line": "Line",
    "sparsity": "Sparsity %",
    "value": "Increase",
    "low": "Low",
    "high": "High",
    "runs": "Runs",
}
SWEEP_LINE = "{method} · {mix}"
SWEEP_LEGEND_FRONT = "Pareto front"
AXIS_SWEEP_SPARSITY = "Sparsity (%)"
AXIS_SWEEP_SHORT = "after ÷ before"
HOVER_SWEEP = "{line}<br>{language} at {sparsity}: {value:+.3f} nats{bounds}<br>perplexity times {times:.3g}"
HOVER_SWEEP_BOUNDS = " ({low:+.3f} to {high:+.3f})"
HOVER_SWEEP_FRONT = "{line}, {sparsity}{seed}<br>mean {mean:+.3f}, worst {worst:+.3f} ({language})"
HOVER_SWEEP_SEED = ", seed {seed}"

# --- Jobs ----------------------------------------------------------------------------------------------------------------

SWEEP_CANCELLED = "Cancelled. Runs that were finished are kept; Resume goes on with the others."
SWEEP_BUSY_QUEUE = "A sweep takes its turn like any run."
PROTECT_CANCELLED = "Cancelled; the tries so far are not kept."

# --- Protect ---------------------------------------------------------------------------------------------------------------

PROTECT_HELP = (
    "Searches weights of the calibration languages, and other knobs of the method on the left, for a setting under which the languages you "
    "choose lose at most so much, and the others as little as possible. Tries are judged on calibration texts; the verdict is "
    "on texts that the search never saw."
)
PROTECT_LANGUAGES = "Languages to protect"
PROTECT_LANGUAGES_INFO = "Among the calibration languages on the left."
PROTECT_PERCENT = "Perplexity may rise by at most (%)"
PROTECT_PERCENT_INFO = "For every language to protect: how far its perplexity may rise."
PROTECT_OWN = "Other limits for single languages"
PROTECT_OWN_INFO = "One a line, such as sw: 20. Languages named here are protected, too."
PROTECT_TRIES = "Settings to try"
PROTECT_TRIES_INFO = "Each is one quick pruning and a short measurement."
PROTECT_GOAL = "What counts for the others"
PROTECT_GOALS = {"worst": "The language that loses most", "mean": "The mean of all languages"}
PROTECT_KIND = "How to search"
PROTECT_KINDS = {
    "coordinate": "Step by step from the method on the left",
    "random": "At random",
    "optuna": "Guided by what was found so far (Optuna)",
}
PROTECT_SEED = "Seed of the search"
PROTECT_START = "Search"
PROTECT_KEPT = "Searches so far"
PROTECT_KEPT_NONE = "Searches so far (none yet)"
PROTECT_LOG = "Log of the search"
PROTECT_NONE = "No language to protect is chosen: choose at least one of the calibration languages."
PROTECT_BAD_PERCENT = "The limit is a rise in per cent from 0 to 10000; it was given {given}."
PROTECT_BAD_LINE = "Limits for single languages are lines such as sw: 20; one given was {given}."
PROTECT_STRANGER = "{given} is not a calibration language on the left, and only those can be protected."
PROTECT_TRIES_RANGE = "The number of settings to try must be from 1 to {most}; it was given {given}."
PROTECT_SEED_RANGE = "The seed of the search is a whole number from 0; it was given {given}."
PROTECT_MODE = "The search and both runs prune in one pass, whatever is set on the left."
PROTECT_EMPTY = "No search to show yet."

PROTECT_KEPT_LIMITS = "**The limits are kept** on texts that the search never saw."
PROTECT_NOT_KEPT = "**No setting met the limits.** Below is the one that comes nearest. Allow a higher rise, remove fewer weights, or try more settings."
PROTECT_NOT_KEPT_AFTER = (
    "**The limits are not kept on new texts**, though they were on the texts of the search. Below is the setting found. Allow more calibration "
    "texts, or set the limits a little lower than needed."
)
PROTECT_KEPT_AFTER = (
    "**The limits are kept** on new texts, though no try kept them on the texts of the search: take it with care."
)
PROTECT_SAME = "No setting tried was better than the one on the left, so both runs are the same."
PROTECT_TRIED = "{tries} settings were tried; {within} of them kept the limits on the texts of the search."
PROTECT_OPEN_AFTER, PROTECT_OPEN_BEFORE = "Open the run with the setting found", "Open the run as set on the left"
PROTECT_FRONT = "### What protection costs"
PROTECT_FRONT_HELP = (
    "One point a setting tried, on the texts of the search. Left of the dashed line the limit is kept; lower is better for the other "
    "languages. No other setting is better for both than those on the line."
)
PROTECT_SETTINGS = "### The setting found"
PROTECT_COST = "### Language by language"
PROTECT_COST_HELP = "On texts that the search never saw. Bars are 95% intervals; a vertical mark is a limit."
PROTECT_COLUMNS = {
    "name": "Language", "limit": "Limit", "before": "As on the left", "after": "Found", "interval": "95% interval", "change": "Change (nats)",
    "change_interval": "Its 95% interval", "kept": "Limit kept",
}  # fmt: skip
PROTECT_SETTING_COLUMNS = {"setting": "Setting", "before": "As on the left", "after": "Found"}
PROTECT_TRY_COLUMNS = {
    "protected": "Worst protected", "others": "Mean of the others", "worst": "Worst of all", "mean": "Mean of all", "over": "Above the limit", "front": "On the front",
}  # fmt: skip
PROTECT_ACTIVATION = "Channel importance"
PROTECT_WEIGHT = "Weight of {name}"
PROTECT_FACTOR = "Weight of {name} (power of 2)"
PROTECT_BLOCKS = "Sparsity of the blocks"
PROTECT_LIMIT_LINE = "limit"
PROTECT_LEGEND_TRIES, PROTECT_LEGEND_FRONT, PROTECT_LEGEND_START = "settings tried", "not beaten", "as on the left"
PROTECT_LEGEND_FOUND, PROTECT_LEGEND_NEAREST = "found", "nearest miss"
AXIS_PROTECTED = "Perplexity after ÷ before,<br>worst protected language (logarithmic)"
AXIS_PROTECTED_OVER = "Perplexity ÷ its limit,<br>worst protected language (up to 1: kept)"
AXIS_OTHERS = "Perplexity after ÷ before,<br>mean of the others (logarithmic)"
HOVER_TRY = "{activation}{knobs}<br>protected {protected:+.3f}, others {others:+.3f}"
HOVER_PROTECTED = "{name}, {which}: perplexity times {value:.3f} ({low:.3f} to {high:.3f})"

# --- Runs cut off ------------------------------------------------------------------------------------------------------------

UNFINISHED_HELP = (
    "Runs whose program ended before they did: it was closed, it crashed, or the memory ran out. Starting one again measures and prunes "
    "anew; what the dense model scored in languages that were finished is taken from the cache. Runs of a sweep go on with **Resume** under "
    "Sweep."
)
UNFINISHED_NONE = "Nothing was cut off."
UNFINISHED_SHARED = "On a shared server runs that were cut off are not listed."
UNFINISHED_CHOOSE = "Run that was cut off"
UNFINISHED_AGAIN, UNFINISHED_DISCARD = "Start again", "Discard"
UNFINISHED_COLUMNS = ("Run", "Started (UTC)", "How it ended")
UNFINISHED_KILLED = "The program ended"
UNFINISHED_CHOICE = "Choose a run that was cut off first."
UNFINISHED_STARTED = "It is running: see the status under Prune."
UNFINISHED_DISCARDED = "Discarded."


def sweep_forecast(runs: int, kept: int, time: float | None) -> str:
    """How much a plan is, before it is started."""
    if kept == runs:
        return words.SWEEP_ALL_KEPT.format(runs=runs)
    told = [pgettext("forecast", "{what}.").format(what=f"**{capital(_runs(runs))}**")]
    if kept:
        text = ngettext("**{runs}**, {kept} of them kept already.", "**{runs}**, {kept} of them kept already.", kept)
        told = [text.format(runs=capital(_runs(runs)), kept=kept)]
    if time is None:
        told.append(words.SWEEP_UNKNOWN_TIME)
    else:
        text = ngettext("About **{time}** for the {count} to do.", "About **{time}** for the {count} to do.", runs - kept)
        told.append(text.format(time=seconds(time), count=runs - kept))
    return together(told)


def _runs(count: int) -> str:
    return ngettext("{count} run", "{count} runs", count).format(count=count)


def _settings(count: int) -> str:
    return ngettext("{count} setting", "{count} settings", count).format(count=count)


def sweep_title(name: str, runs: int) -> str:
    """One line for the job."""
    return gettext("sweep {name}, {runs}").format(name=name, runs=_runs(runs))


def sweep_progress(name: str, done: int, wanted: int, refused: Mapping[str, str]) -> str:
    """How far a sweep is, and what of it could not be run."""
    told = ngettext(
        "**{name}**: {done} of {wanted} runs are finished.", "**{name}**: {done} of {wanted} runs are finished.", done
    )
    one = gettext("Could not be run: {title}. {why}")
    failed = [one.format(title=title, why=translated(why)) for title, why in list(refused.items())[:5]]
    return "\n\n".join([told.format(name=name, done=done, wanted=wanted), *failed])


def sweep_choice(name: str, done: int, wanted: int, changed: str) -> str:
    """A sweep in the menu."""
    text = ngettext("{name} · {done} of {wanted} run · {when} UTC", "{name} · {done} of {wanted} runs · {when} UTC", wanted)
    return text.format(name=name, done=done, wanted=wanted, when=changed[:16])


def protect_title(languages: Sequence[str], tries: int) -> str:
    """One line for the job."""
    return gettext("protection of {languages}, {settings}").format(languages=enumerated(languages), settings=_settings(tries))


def protect_forecast(tries: int, time: float | None) -> str:
    """How much a search is, before it is started."""
    told = gettext("**{settings}** and two whole runs.").format(settings=capital(_settings(tries)))
    about = words.SWEEP_UNKNOWN_TIME if time is None else gettext("About **{time}**.").format(time=seconds(time))
    return together([told, about])


def at_sparsity(share: float) -> str:
    """A sparsity in a hover text."""
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)
