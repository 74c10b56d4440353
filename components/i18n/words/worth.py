"""The tab that compares the methods: what each costs and what it is worth."""

from components.i18n import words
from components.i18n.catalogue import pgettext

TAB_WORTH = "Methods"
WORTH_HEADING = "### What is each method worth?"
WORTH_HELP = (
    "Every method on the built-in model, with the same calibration texts. **×** says how many times as high perplexity "
    "became, as on the other tabs (1: nothing lost); **nats** is the mean as an increase of the loss per token. "
    "Calibrated languages were seen by the method, unseen ones were not; seconds are processor seconds of pruning, MiB the most "
    "memory held meanwhile. One model, one seed: differences smaller than the intervals say nothing, and another model may order "
    "the methods differently."
)
WORTH_ABSENT = (
    "The comparison of methods is not part of this installation: `assets/methods.json` is missing. "
    "`python -m benchmarks.methods` computes it, `python scripts/publish_methods.py` puts it here."
)
WORTH_NOTHING = "No method was compared in this setting."
WORTH_PARTIAL = "**Not finished:** this comparison is still being computed; rows are missing."
WORTH_SETTING = "Weights removed"
WORTH_SETTINGS = {
    "50%": "50%, anywhere",
    "60%": "60%, anywhere",
    "70%": "70%, anywhere",
    "2:4": "50%, 2 of every 4 kept",
    "4:8": "50%, 4 of every 8 kept",
}
WORTH_MEASURE = "Judge by"
WORTH_MEASURES = {"mean": "Mean of all languages", "worst": "Worst language"}
WORTH_FIGURE_HELP = (
    "Further down is better, further left is faster. The line joins the methods that no other beats in both. Time is processor "
    "seconds of pruning alone, summed over cores, without calibration statistics and scoring. Move over a point for its name."
)
WORTH_COLUMNS = {
    "method": "Method",
    "mean_times": "Mean, ×",
    "mean_interval": "95% interval",
    "mean_nats": "Nats",
    "calibrated": "Calibrated, ×",
    "unseen": "Unseen, ×",
    "worst": "Worst, ×",
    "worst_name": "Worst language",
    "seconds": "Seconds",
    "peak": "MiB",
}
WORTH_AXIS_SECONDS = "Processor seconds of pruning<br>(logarithmic)"
WORTH_AXIS_MEAN = "Perplexity after ÷ before,<br>mean of languages (logarithmic)"
WORTH_AXIS_WORST = "Perplexity after ÷ before,<br>worst language (logarithmic)"
WORTH_LEGEND, WORTH_FRONT = "method", "best for its time"
WORTH_TABLE = "Methods compared"
WORTH_HOVER = "{method}<br>mean {mean} times, worst {worst} times ({language})<br>{seconds} s, {peak} MiB"
WORTH_FACTS_ROWS = {
    "command": "Made by `{value}`",
    "commit": "commit {value}",
    "date": "{value}",
    "seed": "seed {value}",
    "threads": "{value} processor threads",
    "tokens": "{value} calibration tokens in all",
}
WORTH_VERSIONS = "torch {torch}, transformers {transformers}"


def worth_facts(facts: dict[str, object]) -> str:
    """Where the comparison comes from, in one line."""
    rows = words.WORTH_FACTS_ROWS.items()
    told = [text.format(value=facts[name]) for name, text in rows if facts.get(name) not in (None, "")]
    versions = facts.get("versions")
    if isinstance(versions, dict):
        told.append(
            words.WORTH_VERSIONS.format(torch=versions.get("torch", "?"), transformers=versions.get("transformers", "?"))
        )
    return pgettext("facts", "*{facts}.*").format(facts=pgettext("between clauses", ", ").join(told)) if told else ""


GUARD_HEADING = "### What guarding costs and saves"
GUARD_HELP = (
    "Whoever prunes for two languages can let all other built-in ones count a little (**Guard the other languages**). Change of the loss "
    "increase against the same method without guards, by the weight that the guards have together; below 0 is better."
)
GUARD_ABSENT = "This was not measured yet: `python -m benchmarks.guard` does."
GUARD_ROLES = {"chosen": "languages chosen", "guarded": "languages guarded", "neither": "neither chosen nor guarded"}
GUARD_AXIS_SHARE = "Weight of the guards (%)"
GUARD_SHOW = "Measured on"
GUARD_CASE = "{method}, {languages} languages chosen, {text} texts"
GUARD_TEXTS = {"news": "news", "built-in": "built-in"}
GUARD_FACTS = "Made by `{command}`. Bars are 95% intervals over texts."
