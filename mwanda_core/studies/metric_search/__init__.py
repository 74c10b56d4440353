"""OptiShear (Liu et al. 2025): the pruning metric itself is searched, then how sparse each block is; here the languages are the objectives.

space       the 2401 points of the metric, and which of them give different masks
bench       a trial: cut on cached statistics, and the divergence from the dense model by language and position
divergence  KL and Jensen-Shannon per position; the released code's raw-logit norm beside them
search      NSGA-III, NSGA-II, TPE, random (Optuna): seeded, resumable, cancellable; or everything
journal     what was measured, in a file: a search that was stopped goes on
ratios      the second search: each block's sparsity, exact in sum; NSGA-III or EvoPress, whose children are selected in steps
languages   front, hypervolume, equal damage, and the transfer matrix
"""
