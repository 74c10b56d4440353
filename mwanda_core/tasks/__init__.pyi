from .adapter import Adapter as Adapter
from .base import (
    PER_BYTE as PER_BYTE,
)
from .base import (
    RAW as RAW,
)
from .base import (
    READINGS as READINGS,
)
from .base import (
    Item as Item,
)
from .base import (
    Task as Task,
)
from .compare import (
    LEVEL as LEVEL,
)
from .compare import (
    TABLE_COLUMNS as TABLE_COLUMNS,
)
from .compare import (
    TaskComparison as TaskComparison,
)
from .compare import (
    compare_tasks as compare_tasks,
)
from .files import (
    read_items as read_items,
)
from .files import (
    write_items as write_items,
)
from .load import (
    HUB as HUB,
)
from .load import (
    TASKS as TASKS,
)
from .load import (
    load_task as load_task,
)
from .scoring import (
    TaskScores as TaskScores,
)
from .scoring import (
    accuracy as accuracy,
)
from .scoring import (
    score_dense_task as score_dense_task,
)
from .scoring import (
    score_task as score_task,
)
