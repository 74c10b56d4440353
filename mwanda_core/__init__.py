"""See, measure and control what pruning does to a multilingual language model.

    import mwanda_core as mw
    bench = mw.Workbench()
    run = bench.run(mw.Settings(languages=("en", "de", "sw", "hi"), method="m-wanda", sparsity=0.5))
    print(run.report.tables["languages"][["name", "perplexity_ratio"]])

The public names are re-exported here (`__init__.pyi` lists them) and load on first use, so that `import mwanda_core` and
`mwanda --help` stay quick although torch and transformers are slow to import.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
