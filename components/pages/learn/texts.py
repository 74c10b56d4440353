"""Every sentence of the lesson, of its glossary and of the handout, by name, so that it can be translated in one place.

`{name}` in a text is filled in by `say`; all numbers come from the stored data (`numbers.py`) or the control. Translations are
catalogues (`components.i18n.catalogue`). Formulas are not language and stand apart, in `FORMULAS`.
"""

import dataclasses
import string
from collections.abc import Iterator, Mapping

from components.i18n.book import Book
from components.i18n.catalogue import LESSON, gettext, pgettext

BOOK = Book("components.pages.learn", ("texts",), LESSON)
SEPARATOR = " | "
WORD_AND_FORMS = "word of the glossary | its other forms"

_S, _W = (f"<msub><mi>{letter}</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub>" for letter in "SW")
_W = f"<mrow><mo>|</mo>{_W}<mo>|</mo></mrow>"

FORMULAS: Mapping[str, str] = {
    "1": f"<mrow>{_S}<mo>=</mo>{_W}</mrow>",
    "2": f"<mrow>{_S}<mo>=</mo>{_W}<mo>·</mo><msub><mrow><mo>‖</mo><msub><mi>x</mi><mi>j</mi></msub><mo>‖</mo></mrow><mn>2</mn></msub></mrow>",
    "3": (
        "<mrow><msub><mi>A</mi><mi>l</mi></msub><mo>[</mo><mi>j</mi><mo>]</mo><mo>=</mo><msqrt><mfrac><mn>1</mn><msub><mi>n</mi><mi>l</mi></msub></mfrac>"
        "<munder><mo>∑</mo><mrow><mi>t</mi><mo>∈</mo><mi>l</mi></mrow></munder><msubsup><mi>x</mi><mrow><mi>t</mi><mi>j</mi></mrow><mn>2</mn></msubsup></msqrt></mrow>"
    ),
    "4": (
        "<mrow><mfrac><mn>1</mn><mi>K</mi></mfrac><munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>K</mi></munderover>"
        "<msub><mi>s</mi><mi>k</mi></msub><mo>=</mo><mi>s</mi></mrow>"
    ),
    "5": "<mrow><mtext>perplexity</mtext><mo>=</mo><msup><mi>e</mi><mtext>loss</mtext></msup></mrow>",
}
"""MathML, shown below the text of a step; steps that are not here have none."""

TEXTS: Mapping[str, str] = {
    "tab": "Lesson",
    "teachers": "Sheet for teachers",
    "print": "Print",
    "progress": "{done} of {all} questions answered",
    "unreachable": "The server does not answer: is it still running?",
    "intro": (
        "### Pruning in eight steps\n"
        "From one weight to the languages that nobody thought of. Every number here was measured beforehand on a real model, so "
        "nothing has to be loaded or computed: move the controls and look. Words with a dotted line are explained when you point "
        "at them, tap them, or reach them with the tab key."
    ),
    "missing": "Start the page from the project's own folder, or make the data with `python scripts/make_lesson.py --scratch FOLDER`.",
    "question": "Question",
    "show": "Show the answer",
    "figure": "Figure of step {step}, {title}. The line below it says the result in words",
    "losses.language": "a language",
    "losses.worst": "worst language",
    "losses.mean": "mean of all languages",
    "losses.axis": "Perplexity after ÷ before pruning<br>(logarithmic scale, 1 = unchanged)",
    "losses.interval": "95%: {low} to {high}",
    # --- 1 -------------------------------------------------------------------------------------------------------------
    "1.short": "Weight",
    "1.title": "What is a weight worth?",
    "1.text": (
        "A language model is mostly a pile of numbers, its weights. Each says how strongly one number that enters a layer acts on "
        "one that leaves it. Pruning sets some of them to zero. The oldest rule is magnitude: the nearer a weight is to "
        "zero, the less it is worth. The figure shows all {count} weights of one matrix of a real model ({zeros}% of them are zero from the start, because this "
        "model was once stored in 4 bits)."
    ),
    "1.control": "Share of weights removed (%)",
    "1.x": "Value of the weight",
    "1.y": "Number of weights (thousands)",
    "1.kept": "stay",
    "1.gone": "go",
    "1.reply": (
        "**{share}% of the weights go:** none is farther from zero than {threshold}. Together they hold {squares}% of the matrix's sum of squares."
    ),
    "1.zeros": "**{share}% of the weights go,** and nothing changes: these are exactly zero already.",
    "1.none": "**Nothing is removed yet.** Move the slider: the smallest weights go first.",
    "1.question": (
        "The smaller half of the weights holds only {half_squares}% of the sum of squares. Does a model that loses it lose only "
        "{half_squares}% of what it can do?"
    ),
    "1.answer": (
        "No. When half of the weights of every matrix was removed by magnitude, this model's perplexity became {magnitude_times} "
        "times as high on average over {languages} languages. A small weight may read an input that is always strong, and a large "
        "one an input that is almost always silent. Size alone does not tell what a weight does."
    ),
    # --- 2 -------------------------------------------------------------------------------------------------------------
    "2.short": "Input",
    "2.title": "The input matters",
    "2.text": (
        "What a weight adds to the output is weight times input. So Wanda multiplies the size of a weight by the strength of the "
        "input it reads, measured on sample texts (the calibration), and compares the weights of one row. **The tables are "
        "a made-up example:** in each of the four rows the two highest scores stay. Orange frames mark where the two methods "
        "disagree."
    ),
    "2.control": "Strength of input x₃ (the others have strength 1)",
    "2.left": "Magnitude",
    "2.right": "Wanda",
    "2.x": "Input; below it, on the right, its strength",
    "2.row": "row {row}",
    "2.reply": "**Wanda decides otherwise than magnitude in {rows}.** Magnitude does not look at the inputs: its table never changes.",
    "2.same": "**Both keep the same eight weights.** Magnitude does not look at the inputs: its table never changes.",
    "2.question": (
        "Set the slider to 0: in all sample texts input x₃ was silent. The largest weight of the whole table, −1.2, goes. Is that a mistake?"
    ),
    "2.answer": (
        "Not on those texts: zero times anything is zero, so nothing is lost. But a text of another kind, or in another language, may "
        "use x₃. The choice is only as good as the sample. In the real model, with half of the weights removed, perplexity became "
        "{magnitude_times} times as high with magnitude and {wanda_times} times with Wanda and texts in four languages."
    ),
    # --- 3 -------------------------------------------------------------------------------------------------------------
    "3.short": "Channels",
    "3.title": "Languages use different channels",
    "3.text": (
        "How strong an input is depends on the text, and so on the language. Each dot is one of the {width} channels that "
        "enter the last matrix of block {block}: its place tells how strong the channel is in two languages (the root mean square "
        "over {stats_tokens} tokens of each). On the dashed line both use it alike."
    ),
    "3.control": "One language",
    "3.control2": "Another language",
    "3.near": "alike",
    "3.far": "twice as strong in one, or more",
    "3.equal": "equal",
    "3.axis": "Strength in {language}",
    "3.reply": (
        "**{far} of {width} channels are at least twice as strong in one of the two.** If this block is pruned to half for {one} "
        "alone, {share}% of the weights that {other} alone would keep are lost."
    ),
    "3.same": "**A language and itself:** every dot lies on the line. Choose two different languages.",
    "3.question": (
        "Which two of the {languages} languages agree most on the weights to keep, and which two least? Guess, then try."
    ),
    "3.answer": (
        "Most: {near_one} and {near_other}, which disagree on {near_share}% of the weights to keep in this block. Least: {far_one} and "
        "{far_other}, with {far_share}%. Any two languages agree on most weights, and no two on all of them."
    ),
    # --- 4 -------------------------------------------------------------------------------------------------------------
    "4.short": "Blocks",
    "4.title": "One block is not like another",
    "4.text": (
        "The model is a stack of {blocks} blocks. Above: prune one block alone to half, and see how much the loss rises. Below: "
        "how many weights each block loses. An allocation may spare some blocks and take more from others, as long as the "
        "mean stays at 50%."
    ),
    "4.control": "How the 50% are spread",
    "4.wanda": "Every block alike",
    "4.cwl": "Spare blocks where languages differ",
    "4.measured": "Spare blocks that hurt",
    "4.damage": "Loss increase,<br>block alone (nats)",
    "4.sparsity": "Sparsity (%)",
    "4.reply": (
        "**{choice}:** perplexity became {mean} times as high on average over {languages} languages, and {worst_times} times in {worst}."
    ),
    "4.question": "Block {hurt} hurts at least {factor} times as much as block {harmless}. Why not take all weights from harmless blocks and none from the others?",
    "4.answer": (
        "Because damage is not a straight line. It was measured with one block pruned by half and all others whole; the next weights "
        "of the same block are worth more than the first, as the next step shows, and a block without weights is gone altogether. So "
        "the allocations here keep all blocks within {span} points of sparsity. Sparing blocks that hurt brought the mean from "
        "{uniform_times} to {measured_times} times, at the same number of weights; but English alone went from {english_four} to "
        "{english_measured} times. No choice is free."
    ),
    # --- 5 -------------------------------------------------------------------------------------------------------------
    "5.short": "How much",
    "5.title": "How much to prune?",
    "5.text": (
        "Perplexity tells between how many tokens the model wavers at each step; lower is better. The figure shows by how many "
        "times it grew in each language after Wanda with calibration texts in English, German, Hindi and Swahili. The "
        "bars are 95% intervals over {texts} texts."
    ),
    "5.control": "Sparsity (% of weights removed)",
    "5.reply": "**At {sparsity}%:** {mean} times as high on average, from {best_times} times in {best} to {worst_times} times in {worst}.",
    "5.question": "From 30 to 40%, and from 60 to 70%, equally many weights go. Do both steps cost the same?",
    "5.answer": (
        "No. From 30 to 40% the loss rises by {early} nats per token on average, from 60 to 70% by {late}. The weights that go "
        "first are worth least; those that go last were holding the model together."
    ),
    # --- 6 -------------------------------------------------------------------------------------------------------------
    "6.short": "Average",
    "6.title": "Average or worst language?",
    "6.text": (
        "All these models lost half of their weights, by the same method, Wanda. Only the language of the calibration texts "
        "differs; all together are {tokens} tokens each time. The dashed line is the mean of the {languages} languages."
    ),
    "6.control": "Calibrated on texts in",
    "6.english": "English",
    "6.german": "German",
    "6.hindi": "Hindi",
    "6.swahili": "Swahili",
    "6.four": "all four languages",
    "6.reply": "**Mean {mean} times; worst {worst}, {worst_times} times.** {one}: {one_times} times, {other}: {other_times} times.",
    "6.question": "Calibrated on {first} or on {second}, the mean is nearly the same. Are the two models equally good?",
    "6.answer": (
        "It depends on who asks. The mean is {first_mean} times with {first} and {second_mean} times with {second}. But in {winner} "
        "it is {winner_first} against {winner_second} times, and in {loser} the other way round, {loser_first} against "
        "{loser_second} times. An average does not say who pays: look at every language, and at the worst one. With English "
        "alone, the mean is {english_mean} times, and in {english_worst} it is {english_worst_times} times."
    ),
    # --- 7 -------------------------------------------------------------------------------------------------------------
    "7.short": "Forgotten",
    "7.title": "Whom did we forget?",
    "7.text": (
        "Held-out languages were never calibrated on: no text in them had a say in which weights went. The number of tokens is "
        "the same each time, {tokens}, shared equally by the calibration languages. Half of the weights are removed, by Wanda."
    ),
    "7.control": "Calibrated on",
    "7.english": "1 language: English",
    "7.four": "4 languages",
    "7.eight": "8 languages",
    "7.calibrated": "calibrated on",
    "7.held": "never calibrated on",
    "7.reply": (
        "**Calibrated on: {calibrated} times as high on average. Never calibrated on: {held} times.** Worst: {worst}, {worst_times} times."
    ),
    "7.question": (
        "{forgotten} are never calibrated on here, whatever you choose. There are thousands of languages, and texts in a few hundred "
        "are easy to find. What would you do?"
    ),
    "7.answer": (
        "There is no single right answer. Some things to weigh:\n"
        "- **More languages help those that are not among them.** In {forgotten}, which no choice here includes, perplexity became "
        "{forgotten_english} times as high with English texts, {forgotten_four} with four languages and {forgotten_eight} with eight.\n"
        "- **It costs the favourite a little.** English: {english_english}, {english_four} and {english_eight} times.\n"
        "- **Prune less.** At 30% instead of 50%, with four languages, the worst language is at {mild_worst} instead of {four_worst_times} times.\n"
        "- **Measure and say so.** A model that was measured in three languages should not be called multilingual in thirty. Ask "
        "people who speak the others."
    ),
    # --- 8 -------------------------------------------------------------------------------------------------------------
    "8.short": "Smaller",
    "8.title": "Why do zeros save nothing?",
    "8.text": (
        "Pruning sets weights to zero. Is the model's file smaller then? The bars show what the weights of {model} take in "
        "megabytes (MB, a million bytes). Zeros lie in the layers only. For the last two bars, the vocabulary was trimmed to the "
        "{trimmed_tokens} tokens most needed for {trimmed_languages}, out of {vocabulary}."
    ),
    "8.control": "Share of the layers' weights that is zero (%)",
    "8.dense": "dense",
    "8.zeros": "with zeros",
    "8.packed": "mask and values",
    "8.trimmed": "vocabulary trimmed",
    "8.rounded": "trimmed, 8 bits (Q8_0)",
    "8.table": "table of tokens",
    "8.rest": "layers",
    "8.axis": "Size of the weights (MB)",
    "8.reply": (
        "**With {share}% zeros: {zeros_mb} MB, dense: {dense_mb} MB.** As mask and values: {packed_mb} MB, on disk only. With a trimmed "
        "vocabulary: {trimmed_mb} MB, in 8 bits {rounded_mb} MB."
    ),
    "8.question": "Why does a model with many zeros take as much room as before, and why does a smaller vocabulary help?",
    "8.answer": (
        "A file holds {bits} bits for every weight, and zero is a number like any other: it is stored, loaded and multiplied.\n"
        "- **Leaving the zeros out** takes a mask, one bit a weight, that says where they were. At 50% zeros that makes {packed_mb} MB "
        "of {dense_mb} MB. But the model must be unpacked before it can run: this saves download and disk, not memory or time.\n"
        "- **Fewer numbers** save everywhere. {table_share}% of this model is one table with a row for each of its {vocabulary} tokens. "
        "With {trimmed_tokens} rows {trimmed_mb} MB are left, and the model wrote {trimmed_speed} times as fast.\n"
        "- **Fewer bits** for each number: in 8 bits these are {rounded_mb} MB, computed from the shapes of the tables. What the rounding costs was "
        "not measured here.\n"
        "- **Nothing is free.** Rare words now fall into more pieces: on unseen texts, bits per byte rose by {trimmed_increase}% in "
        "{trimmed_worst}, the worst of the languages kept. Whose words were taken out?\n\n"
        "Measured on {small_date} by `{small_command}`."
    ),
    # --- Handout -------------------------------------------------------------------------------------------------------
    "handout.title": "What does a language model lose? A lesson on pruning and languages",
    "handout.about": (
        "For teachers of pupils from about 16 years or of beginners at university; no programming. It follows the page Lesson of "
        "M-Wanda Explorer, whose numbers were measured on {model}, a small model that knows many languages. Needed: the page "
        "on a screen (it loads no model, and on a machine that serves the page itself it needs no network), paper, and the first page "
        "of this sheet."
    ),
    "handout.aims": "Aims",
    "handout.aim1": "Explain what a weight is, and why a small weight is not always an unimportant one.",
    "handout.aim2": "Carry out magnitude pruning and Wanda by hand on a table of 16 numbers.",
    "handout.aim3": "Read a figure with one value per language, and tell an average from a worst case.",
    "handout.aim4": "Say who decides, by choosing calibration texts, which languages a model keeps; and discuss what would be fair.",
    "handout.plan": "Plan for 45 minutes",
    "handout.minutes": "Minutes",
    "handout.what": "What happens",
    "handout.minutes1": "0 to 5",
    "handout.what1": "Opening: which languages are spoken in this room? Who would notice if a translator got worse in one of them?",
    "handout.minutes2": "5 to 10",
    "handout.what2": "Step 1 on the screen. The class guesses before the slider moves.",
    "handout.minutes3": "10 to 20",
    "handout.what3": "Exercise on paper, in pairs. Step 2 checks it: the slider of x₃ stands at 3 when the page opens.",
    "handout.minutes4": "20 to 27",
    "handout.what4": "Steps 3 and 4. Each pair bets on the two languages that agree most, then looks.",
    "handout.minutes5": "27 to 32",
    "handout.what5": "Step 5. Where would you stop? Vote before the answer is shown.",
    "handout.minutes6": "32 to 38",
    "handout.what6": "Step 6. Half of the class argues for one calibration, half for the other; their averages are nearly the same.",
    "handout.minutes7": "38 to 45",
    "handout.what7": "Step 7 as a discussion. Everyone writes one sentence: what would you measure before you call a model multilingual?",
    "handout.minutes8": "At home",
    "handout.what8": "Step 8. Sketch how long the five bars will be, then look. Which ways of storing help a phone with little memory?",
    "handout.exercise": "Exercise without a computer",
    "handout.task": (
        "The table holds made-up weights: each row makes one output, each column reads one input. The second line says how strong "
        "each input usually is. Half of the weights must go, two in every row."
    ),
    "handout.strength": "strength",
    "handout.task1": "Magnitude: in every row, cross out the two weights nearest to zero. The sign does not count.",
    "handout.task2": "Wanda: on a second copy, multiply every weight without its sign by the strength of its column, and cross out the two smallest of each row.",
    "handout.task3": "In which rows do the two methods disagree, and why there?",
    "handout.task4": (
        "Let every input be as large as its strength. Add up weight times input in each row: with all weights, with those magnitude "
        "keeps, with those Wanda keeps. Which comes nearer to the whole?"
    ),
    "handout.solution": "Solution of the exercise",
    "handout.kept_magnitude": "Magnitude keeps",
    "handout.scores": "Wanda's scores",
    "handout.kept_wanda": "Wanda keeps",
    "handout.outputs": "Output: all; magnitude; Wanda",
    "handout.result": (
        "They disagree in {rows}, where a small weight reads the strong input x₃. Over the four rows the outputs are off by "
        "{magnitude} in all with magnitude and by {wanda} with Wanda. Had x₃ been silent in the sample texts, Wanda would have "
        "removed its whole column."
    ),
    "handout.questions": "The eight questions, with answers",
    # --- End -----------------------------------------------------------------------------------------------------------
    "glossary": "Glossary: all words in one place",
    "facts": "Where these numbers come from",
    "facts.text": (
        "Measured on {date} with {model} ({parameters} million parameters, of which {prunable} million can be pruned), "
        "{corpus}, {texts} texts measured per language, {tokens} calibration tokens in all, one-pass statistics, seed {seed}; torch "
        "{torch}, transformers {transformers}. The step on channels uses {stats_tokens} tokens of each language; damage of single "
        "blocks, {damage_tokens} tokens of each of four languages, where what lies below a tenth of the median block is drawn as that tenth. Means are taken over losses, so a mean of ratios is the geometric one. One small model, one seed, few texts: enough to learn from, not to "
        "rank methods. The tables of step 2 are made up. Made by `{command}`."
    ),
}


@dataclasses.dataclass(frozen=True)
class Term:
    """A word of the glossary, its meaning in one plain sentence, and other forms it is found in (plural, synonym)."""

    word: str
    meaning: str
    also: tuple[str, ...] = ()


GLOSSARY: tuple[Term, ...] = (
    Term("2:4", "A pattern in which two of every four neighbouring weights are kept, which some graphics processors can compute faster."),
    Term("4:8", "A pattern in which four of every eight neighbouring weights are kept."),
    Term("95% interval", "The range in which the true value would lie for 95 of 100 such samples of texts.", ("95% intervals",)),
    Term("activation", "A number that passes through the model while it reads a text.", ("activations",)),
    Term("allocation", "How the sparsity is spread over the blocks; its weighted mean is the sparsity chosen.", ("allocations",)),
    Term("bits per byte", "Loss per byte of text, which does not depend on how a tokenizer cuts a language."),
    Term("block", "One of the equal storeys that a language model is stacked from, each with several weight matrices.", ("blocks", "decoder block", "decoder blocks")),
    Term("block by block", "Statistics are measured again behind every pruned block: slower than one-pass, and what Wanda's authors do.", ("sequential",)),
    Term("calibration", "Running sample texts through the model, before pruning, to see how strongly its inputs are used.", ("calibrate", "calibrated")),
    Term("channel", "One column of a matrix: one number that enters it for every token.", ("channels", "input channel", "input channels")),
    Term("choice accuracy", "How often the model finds, of four endings, the one that belongs to a text."),
    Term("correlation", "How well two series of numbers rise and fall together, from −1 through 0 to 1.", ("correlations",)),
    Term("cross-lingual variance", "How much the strength of a channel differs between languages.", ("activation variance",)),
    Term("dense", "Before pruning: all weights are there."),
    Term("embeddings", "The table that turns tokens into numbers; it is not pruned here.", ("embedding",)),
    Term("held-out language", "A language that is measured but was not calibrated on.", ("held-out languages", "held out", "held-out")),
    Term("lambda", "How much weight M-Wanda gives to differences between languages; 0 gives Wanda.", ("λ",)),
    Term("loss", "How surprised the model is by the next token, on average; lower is better.", ("losses",)),
    Term("M-Wanda", "Wanda that also looks at how the languages differ, in the score of a weight and in the sparsity of a block."),
    Term("magnitude", "The size of a weight without its sign; also the method that removes the smallest."),
    Term("mask", "A table of yes and no that says which weights are kept.", ("masks",)),
    Term("matrix", "A table of weights; a block holds several, such as q, k, v, o, gate, up and down.", ("matrices",)),
    Term("nat", "The unit of loss when natural logarithms are used; one nat more makes perplexity 2.72 times as high.", ("nats",)),
    Term("norm", "The length of a list of numbers: the root of the sum of their squares.", ("norms",)),
    Term("one-pass", "Statistics are measured once, on the dense model.", ("one pass",)),
    Term("one-shot", "Pruning without any training afterwards.", ("one shot",)),
    Term("output head", "The last matrix, which turns numbers back into tokens; it is not pruned here."),
    Term("perplexity", "Between how many tokens the model wavers at each step, on average; 1 would be perfect.", ("perplexities",)),
    Term("perplexity ratio", "Perplexity after pruning divided by perplexity before, on the same texts."),
    Term("pruning", "Setting the least important weights of a model to zero.", ("prune", "pruned", "prunes")),
    Term("Q8_0", "A way of storing weights in 8 bits each, where 32 neighbours share one scale."),
    Term("root mean square", "The root of the mean of the squares: how strong a number typically is, whatever its sign.", ("RMS",)),
    Term("score", "The number by which weights are compared; the lowest are removed.", ("scores",)),
    Term("seed", "The number from which all random choices follow, so that a run can be repeated."),
    Term("sparsity", "The share of weights that are removed.", ("sparsities",)),
    Term("sum of squares", "Every number multiplied by itself, and all added up: a measure of total size."),
    Term("token", "A piece of text, a word or part of one, that the model reads and writes as a unit.", ("tokens",)),
    Term("unstructured", "Zeros may lie anywhere."),
    Term("vocabulary", "All tokens that a model knows; each has a row of its own in the embeddings.", ("vocabularies",)),
    Term("Wanda", "The method that scores a weight by its size times the strength of the input it reads."),
    Term("weight", "A number that the model learned in training and multiplies its input with.", ("weights",)),
    Term("worst language", "The language whose perplexity grew most."),
)  # fmt: skip


def say(name: str, **values: object) -> str:
    """The text of a name in the visitor's language, with its places filled; in English where it was not translated."""
    text = BOOK.read("TEXTS")[name]
    return str(text.format_map(values) if values else text)


def glossary() -> tuple[Term, ...]:
    """The glossary in the visitor's language."""
    return tuple(_term(term) for term in GLOSSARY)


def _term(term: Term) -> Term:
    word, *also = pgettext(WORD_AND_FORMS, forms(term), LESSON).split(SEPARATOR)
    return Term(word, gettext(term.meaning, LESSON), tuple(also))


def forms(term: Term) -> str:
    """A word and its other forms as one entry of a catalogue: other languages have more or fewer of them."""
    return SEPARATOR.join((term.word, *term.also))


def places(text: str) -> set[str]:
    """The names of the places to fill in a text."""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def messages() -> Iterator[tuple[str, str, str]]:
    """(context, English text, name) of every entry of the lesson's catalogues."""
    for name, text in TEXTS.items():
        yield "", text, name
    for term in GLOSSARY:
        yield WORD_AND_FORMS, forms(term), term.word
        yield "", term.meaning, term.word
