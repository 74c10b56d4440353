from .after.comparison import compare_runs as compare_runs
from .after.export import export_model as export_model
from .after.reapply import apply_masks as apply_masks
from .corpora import (
    Corpus as Corpus,
    Packed as Packed,
    Passage as Passage,
    Texts as Texts,
    builtin as builtin,
    builtin_languages as builtin_languages,
    folder as folder,
    hub as hub,
    pack as pack,
)
from .engine.outcome import PruneResult as PruneResult
from .engine.pruning import prune as prune
from .errors import (
    Cancelled as Cancelled,
    InputError as InputError,
    ModelError as ModelError,
    MwandaError as MwandaError,
)
from .evaluation import (
    compare as compare,
    evaluation_set as evaluation_set,
    measure as measure,
    measure_dense as measure_dense,
)
from .languages import (
    LANGUAGES as LANGUAGES,
    language as language,
)
from .methods.recipes import (
    RECIPES as RECIPES,
    Recipe as Recipe,
    recipe as recipe,
)
from .models import (
    LanguageModel as LanguageModel,
    estimate_memory as estimate_memory,
    load as load,
)
from .parts.patterns import (
    NtoM as NtoM,
    Unstructured as Unstructured,
)
from .progress import (
    Monitor as Monitor,
    Progress as Progress,
)
from .run.experiment import (
    Run as Run,
    Settings as Settings,
    Workbench as Workbench,
)
from .store.report import (
    RunReport as RunReport,
    load_report as load_report,
)
from .store.run_store import RunStore as RunStore
from .sweeps.protect import protect as protect
from .sweeps.sweep import (
    plan_sweep as plan_sweep,
    run_sweep as run_sweep,
)
from .tasks import (
    compare_tasks as compare_tasks,
    load_task as load_task,
    score_dense_task as score_dense_task,
    score_task as score_task,
)
