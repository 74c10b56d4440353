"""The tab that explains the page."""

ABOUT = """### What this page does
A language model is a stack of decoder blocks, and each block holds a few large weight matrices. *Pruning* sets the least
important weights of these matrices to zero, without any training afterwards. Which weights count as important depends on
the texts the method looks at: the *calibration* languages. This page shows what the choice does to every language.

*Languages* has the losses, and the benchmarks if some were chosen under *Measure more*; *Possible reasons* what goes along with them;
*Methods* what each method is worth on one model; *Lesson* eight steps for a class, which need no model.

### Limits
- **Zeros save neither bytes nor time by themselves.** The pruned model is as large and as fast as before unless storage and
  kernels made for sparse weights are used.
- **The built-in model** is Gemma 3 270M (base). Its weights were stored in 4 bits and expanded to 16, so it starts
  a little worse than the original, and about 4.5% of its matrix weights are zero before any pruning. Gemma is provided
  under and subject to the [Gemma Terms of Use](https://ai.google.dev/gemma/terms).
- **Formulas marked as reconstructions** are our reading of a paper whose exact formula could not be checked. M-Wanda's
  components (cross-lingual variance, activation probability, layerwise sparsity by cross-lingual correlation) are named in
  Choenni & Titov (2025); how they are combined here is ours, and every reading stands behind a setting.
- **The intervals** cover the choice of texts, not other topics or styles. A dozen texts per language give a first impression.
- **The built-in passages** were written for this project (CC0), the same topics in every language.

### Words
| Word | Meaning |
|---|---|
| Sparsity | Share of weights that are removed (set to zero). |
| Dense, pruned | The model before and after. |
| Perplexity | How many tokens the model wavers between at each step; lower is better. Comparable before and after, not between languages. |
| Perplexity ratio | Perplexity after pruning divided by perplexity before, on the same texts. |
| Bits per byte | Loss per byte of text, which does not depend on how a tokenizer cuts a language. |
| Block, matrix | A model is a stack of blocks; each block has matrices such as q, k, v, o (attention) and gate, up, down (feed-forward). |
| Channel | One column of a matrix: one number that enters it for each token. |
| Activation variance | How much the strength of a channel differs between languages. |
| Allocation | How the sparsity is spread over the blocks; its weighted mean is the sparsity chosen. |
| Held out | A language that is measured but was not calibrated on. |
| 95% interval | Range in which the true value would lie for 95 of 100 such samples of texts. |

### Privacy
The page sends nothing anywhere. Only models and texts that you choose from the Hugging Face Hub are fetched from there.
"""
