"""Texts of the sections that look inside: circuits of small tasks, and what is read of truth."""

TAB_CIRCUITS = "Circuits"
CIRCUITS_HELP = (
    "A few neurons, or a few attention heads, do a small task. They are found in the dense model by layer-wise relevance propagation, in "
    "each language on its own, and asked again in the run shown, from its masks (in a run without masks: in the model pruned as the form "
    "says). So a mask can break one language's circuit and leave another's. Relevance propagation is patented; its authors allow "
    "personal and scientific use."
)
CIRCUITS_TASK = "Task"
CIRCUIT_TASKS = {
    "giving": "Who receives it (indirect objects)",
    "agreement": "One or several (agreement)",
    "capitals": "Capitals of countries",
    "copying": "Copying a list",
}
CIRCUITS_PART = "What is ranked"
CIRCUIT_PARTS = {"neurons": "Neurons", "heads": "Attention heads"}
CIRCUITS_LANGUAGES = "Languages"
CIRCUITS_PROMPTS = "Prompts to find a circuit on, and as many others to judge it by"
CIRCUITS_START = "Find circuits, and ask the run"
CIRCUITS_PRUNED = "The task before and after pruning"
CIRCUITS_SHARE = "Size of the circuit, % of all neurons or heads"
CIRCUITS_SHARE_INFO = "Measured at 1, 2, 5, 10, 20 and 50 %; the nearest is shown."
CIRCUITS_BLOCKS = "Where the circuit of this size is: share of each block"
CIRCUITS_WAYS = "Share right when only a part of this size is at work"
CIRCUITS_APPLICATION = "The circuit of one language (rows), asked in another (columns): share right"
CIRCUITS_OVERLAP = "Overlap of circuits; a language with itself: two halves of its prompts"
CIRCUITS_LOST = "Lost: {names}."
CIRCUITS_KEPT = "Still done: {names}."
CIRCUITS_UNABLE = "Not even the dense model does better than guessing: {names}."
CIRCUITS_FELL = "{name} ({before}, after pruning {after})"
CIRCUIT_MODELS = {"dense_accuracy": "Dense", "accuracy": "Pruned", "alone": "Pruned, the dense circuit alone"}
CIRCUIT_WAYS = {"attnlrp": "Relevance", "wanda": "Wanda", "random": "Random"}
CIRCUIT_VERDICTS = {"kept": "still done", "lost": "lost", "unable": "never done"}
CIRCUIT_COLUMNS = {
    "language": "Language",
    "verdict": "The task is",
    "dense_accuracy": "Right, dense",
    "accuracy": "Right, pruned",
    "alone": "Right, circuit alone",
    "circuit_pruned": "Of the circuit's weights pruned",
    "others_pruned": "Of all other weights pruned",
    "overlap": "Overlap with the circuit found anew",
}

INSIDE_RIGHT, INSIDE_SHARE, INSIDE_APART, INSIDE_LEANING = "Share right", "Share", "Apart", "Towards true"
INSIDE_FOUND, INSIDE_ASKED = "Found in", "Asked in"

TAB_TRUTH = "Truth"
TRUTH_HELP = (
    "Probes read from the states of a block whether a sentence is true. They are fitted on built-in statements in the languages chosen, on the "
    "dense model and on the run shown (from its masks; in a run without masks: on the model pruned as the form says), and asked your sentence. "
    "Needs scikit-learn."
)
TRUTH_STATEMENT = "A sentence that is true or false"
TRUTH_STATEMENT_INFO = "In any language, with its full stop."
TRUTH_LANGUAGES = "Languages of the statements that probes are fitted on"
TRUTH_PROBE = "Probe"
PROBES = {
    "logistic": "Logistic regression",
    "mass-mean": "Difference of means",
    "ttpd": "Truth and polarity apart (TTPD)",
}
TRUTH_ASK = "Ask this sentence"
TRUTH_COMPARE = "Compare the languages"
TRUTH_LEANING = "The sentence, block by block: above 0 it reads as true"
TRUTH_ACCURACY = "How often the probe of each block is right on other statements (one half is guessing)"
TRUTH_BLOCKS_DENSE = "Dense: how far true and false lie apart, language by block"
TRUTH_BLOCKS_PRUNED = "Pruned: how far true and false lie apart, language by block"
TRUTH_TRANSFER_DENSE = "Dense: fitted in one language (rows), right in another (columns)"
TRUTH_TRANSFER_PRUNED = "Pruned: fitted in one language (rows), right in another (columns)"
TRUTH_MODELS = {"dense": "Dense", "old": "Pruned, asked by the dense model's probe"}
TRUTH_TRUE, TRUTH_FALSE = "true", "false"
TRUTH_SAID = (
    "“{statement}” In block {block}, where the dense model's probe is right most often ({dense_right} of other statements), the dense model "
    "takes it as {dense}. Pruned ({run}), a probe fitted anew ({pruned_right} right) takes it as {pruned}; the dense model's own probe, as {old}."
)
TRUTH_COMPARED = "{run} beside the dense model. Languages are asked in each other in block {block}, where the dense model's probe is right most often."
