"""Texts of the tab that asks studies of a model by themselves."""

TAB_LABS = "Labs"
LABS_HELP = (
    "A study asks one question of the model in the form, on its languages and texts, and of what its method does to it. "
    "Nothing is kept: take the tables that you need."
)
LABS_STUDY = "Study"
LABS_START = "Ask"
LABS_SOURCE = "Source: {source}. Cost: {cost}."
