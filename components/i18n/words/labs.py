"""Texts of the tab that asks studies of a model by themselves."""

TAB_LABS = "Labs"
LABS_HELP = (
    "A study asks one question of the model in the form, on its languages and texts, and of what its method does to it. "
    "Nothing is kept: take the tables that you need."
)
LABS_STUDY = "Study"
LABS_START = "Ask"
LABS_SOURCE = "Source: {source}. Cost: {cost}."

FORGET_TITLE = "Forget this picture"
FORGET_HELP = (
    "A small model paints six pictures that it was shown too often, each from a caption in one language. Prune the weights that a method "
    "finds for a caption, and the picture goes. Then try to get it back: a caption is searched for by gradient descent, beside the same "
    "search for a picture that the model never saw. Sentences of the language model: the study “Memorised pictures and sentences” above, "
    "with “sentences”."
)
FORGET_PICTURE = "Picture (and the language that its caption was trained in)"
FORGET_LANGUAGE = "Language of the caption"
FORGET_METHOD = "How its weights are found"
FORGET_PRUNE = "Prune it away"
FORGET_BACK = "Try to get it back"
FORGET_PICTURES = "Pictures: learnt, painted, pruned"
FORGET_CURVE = "Similarity by steps of the search"
FORGET_OVERLAP = "Overlap of what is removed for captions in two languages"
FORGET_LEARNT = "Learnt"
FORGET_DENSE = "Painted"
FORGET_PRUNED = "After pruning"
FORGET_FOUND = "Found"
FORGET_ITSELF = "This picture"
FORGET_UNSEEN = "Never seen"
FORGET_SAID = (
    "{share:.1%} of the weights looked at were removed. Similarity to the picture: {before:.2f}, after pruning {after:.2f}."
)
FORGET_BACK_SAID = "After {steps} steps: this picture {itself:.2f}, a picture never seen {unseen:.2f}."
