"""The first screen."""

LANDING_TITLE = "Whom does pruning forget?"
LANDING_LEAD = "Pruning removes the numbers (weights) that a language model seems to need least while it reads sample texts. Their language matters."
LANDING_SPARSITY = "Weights removed"
LANDING_RECIPE = "Who decides?"
LANDING_RECIPES = {
    "english": "English texts",
    "eight": "8 languages",
    "m-wanda": "M-Wanda",
    "repaired": "+ SparseGPT",
}
LANDING_HOW = {
    "english": "English texts alone decide.",
    "eight": "Texts in eight languages decide.",
    "m-wanda": "M-Wanda also looks at how languages differ.",
    "repaired": "M-Wanda chooses, then SparseGPT adjusts what is left.",
}
LANDING_RESULT = "At {percent}, {worst} becomes {worst_times} times as hard to predict, English {english_times} times."
LANDING_RESULT_ENGLISH = "At {percent}, English becomes {worst_times} times as hard to predict, more than any other language."
LANDING_AXIS = "Times as hard to predict as before (perplexity)"
LANDING_UNREAD = "* not sampled"
LANDING_WRITES = "It writes on in"
LANDING_BEFORE, LANDING_AFTER = "before", "after"
LANDING_DOORS = {
    "learn": ("Learn", "Eight steps"),
    "explore": ("Explore", "Prune, look inside"),
    "small": ("Make it small", "For your languages"),
}
LANDING_SOURCE = "{model}: a picture, not a ranking."
LANDING_MISSING = "Its figure did not come with this installation."
