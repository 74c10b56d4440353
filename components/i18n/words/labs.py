"""Texts of the tab that asks studies of a model by themselves."""

TAB_LABS = "Labs"
LABS_HELP = (
    "A study asks one question of the model in the form, on its languages and texts, and of what its method does to it. "
    "Nothing is kept: take the tables that you need."
)
LABS_STUDY = "Study"
LABS_START = "Ask"
STUDY_ABOUT = "About {time} from here on"
LABS_SOURCE = "Source: {source}. Cost: {cost}."

FORGET_TITLE = "Forget this picture"
FORGET_HELP = (
    "A small model paints six pictures that it was shown too often, each from a caption in one language. Prune the weights that a method "
    "finds for a caption, and the picture goes. Then try to get it back: a caption is searched for by gradient descent, beside the same "
    "search for a picture that the model never saw."
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

FORGET_JOBS = {
    "forget-picture": "Pruning the picture away",
    "seek-picture": "Searching for the picture",
    "forget-sentence": "Pruning the sentence away",
    "seek-sentence": "Searching for the sentence",
    "train-pictures": "Training a picture model",
}
FORGET_TRAIN = "Train the picture model anew"
FORGET_TRAIN_HELP = (
    "From nothing, on other pictures: half of what it is shown are the six of them, again and again, the rest is never the same. A few "
    "minutes on one processor core. Afterwards the card above asks the new model, until the page is loaded again."
)
FORGET_TRAIN_STEPS = "Steps of training"
FORGET_TRAIN_SEED = "Seed of weights and pictures"
FORGET_TRAIN_START = "Train"
FORGET_TRAIN_WAY = "Similarity of what captions paint, by steps of training"
FORGET_TRAIN_FILE = "Download the model"
FORGET_TRAIN_STEPS_REFUSED = "A training here takes 1 to {most} steps; {given} were asked for."

SENTENCE_TITLE = "Forget this sentence"
SENTENCE_HELP = (
    "The model of the form knows some sentences by heart; three of this project's are put into it first, and taken out again. Prune the weights "
    "that a method finds for a sentence, and see what the model writes then. Then try to get it back: other beginnings, a translation, one "
    "steering vector, and a beginning searched for by gradient descent, beside the same for an ending that the model never saw. The "
    "model is as it was afterwards, bit for bit."
)
SENTENCE_WHICH = "Beginning of the sentence"
SENTENCE_PUT_IN = "put in"
SENTENCE_SHARE_LABEL = "Share of the down projections that is removed"
SENTENCE_LADDER = "Matched share of the ending by way to begin"
SENTENCE_CURVE = "Matched share of the ending by steps of the search"
SENTENCE_TEXTS = "What other text loses, nats a token"
SENTENCE_OVERLAP = "Overlap of what is removed for two ways to begin"
SENTENCE_BEGINNING, SENTENCE_ENDING = "Beginning", "True ending:"
SENTENCE_DENSE, SENTENCE_RANDOM = "Before", "As many by chance"
SENTENCE_ITSELF, SENTENCE_UNSEEN = "This ending", "Never seen (steering: another sentence's vector)"
SENTENCE_TRIGGERS = {
    "same": "Same beginning",
    "longer": "Longer",
    "paraphrase": "Paraphrase",
    "translation": "Translation",
    "steering": "Steering vector",
    "soft prefix": "Searched for",
}
SENTENCE_SAID = (
    "{share:.2%} of the weights of the down projections were removed. Of the ending's tokens the model knew {dense:.0%} before and {pruned:.0%} "
    "afterwards; with as many weights removed by chance, {random:.0%}."
)
SENTENCE_BACK_SAID = "After {steps} steps: {itself:.0%} of this ending's tokens, {unseen:.0%} of one never seen."
