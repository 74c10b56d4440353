from .adapter import Adapter as Adapter
from .base import (
    PER_BYTE as PER_BYTE,
    RAW as RAW,
    READINGS as READINGS,
    Item as Item,
    Task as Task,
)
from .compare import (
    LEVEL as LEVEL,
    TABLE_COLUMNS as TABLE_COLUMNS,
    TaskComparison as TaskComparison,
    compare_tasks as compare_tasks,
)
from .files import (
    read_items as read_items,
    write_items as write_items,
)
from .load import (
    HUB as HUB,
    TASKS as TASKS,
    load_task as load_task,
)
from .scoring import (
    TaskScores as TaskScores,
    accuracy as accuracy,
    score_dense_task as score_dense_task,
    score_task as score_task,
)
