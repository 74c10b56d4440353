from .after.comparison import compare_runs as compare_runs
from .after.export import export_model as export_model
from .after.reapply import apply_masks as apply_masks
from .corpora import (
    Corpus as Corpus,
)
from .corpora import (
    Packed as Packed,
)
from .corpora import (
    Passage as Passage,
)
from .corpora import (
    Texts as Texts,
)
from .corpora import (
    builtin as builtin,
)
from .corpora import (
    builtin_languages as builtin_languages,
)
from .corpora import (
    folder as folder,
)
from .corpora import (
    hub as hub,
)
from .corpora import (
    pack as pack,
)
from .engine.outcome import PruneResult as PruneResult
from .engine.pruning import prune as prune
from .errors import (
    Cancelled as Cancelled,
)
from .errors import (
    InputError as InputError,
)
from .errors import (
    ModelError as ModelError,
)
from .errors import (
    MwandaError as MwandaError,
)
from .evaluation import (
    compare as compare,
)
from .evaluation import (
    evaluation_set as evaluation_set,
)
from .evaluation import (
    measure as measure,
)
from .evaluation import (
    measure_dense as measure_dense,
)
from .languages import (
    LANGUAGES as LANGUAGES,
)
from .languages import (
    language as language,
)
from .methods.recipes import (
    RECIPES as RECIPES,
)
from .methods.recipes import (
    Recipe as Recipe,
)
from .methods.recipes import (
    recipe as recipe,
)
from .models import (
    LanguageModel as LanguageModel,
)
from .models import (
    estimate_memory as estimate_memory,
)
from .models import (
    load as load,
)
from .parts.patterns import (
    NtoM as NtoM,
)
from .parts.patterns import (
    Unstructured as Unstructured,
)
from .progress import (
    Monitor as Monitor,
)
from .progress import (
    Progress as Progress,
)
from .run.experiment import (
    Run as Run,
)
from .run.experiment import (
    Settings as Settings,
)
from .run.experiment import (
    Workbench as Workbench,
)
from .store.report import (
    RunReport as RunReport,
)
from .store.report import (
    load_report as load_report,
)
from .store.run_store import RunStore as RunStore
from .sweeps.protect import protect as protect
from .sweeps.sweep import (
    plan_sweep as plan_sweep,
)
from .sweeps.sweep import (
    run_sweep as run_sweep,
)
from .tasks import (
    compare_tasks as compare_tasks,
)
from .tasks import (
    load_task as load_task,
)
from .tasks import (
    score_dense_task as score_dense_task,
)
from .tasks import (
    score_task as score_task,
)
