"""Benchmarks in many languages, scored by likelihood: dense against pruned, item by item."""

from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import PER_BYTE, RAW, READINGS, Item, Task
from mwanda_core.tasks.compare import LEVEL, TABLE_COLUMNS, TaskComparison, compare_tasks
from mwanda_core.tasks.files import read_items, write_items
from mwanda_core.tasks.load import HUB, TASKS, load_task
from mwanda_core.tasks.scoring import TaskScores, accuracy, score_dense_task, score_task

__all__ = [
    "HUB",
    "LEVEL",
    "PER_BYTE",
    "RAW",
    "READINGS",
    "TABLE_COLUMNS",
    "TASKS",
    "Adapter",
    "Item",
    "Task",
    "TaskComparison",
    "TaskScores",
    "accuracy",
    "compare_tasks",
    "load_task",
    "read_items",
    "score_dense_task",
    "score_task",
    "write_items",
]
