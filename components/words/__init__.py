"""Every text a visitor sees, in one folder, so that it can be checked and translated in one place. One file a panel.

The names are one flat list: panels say `words.PRUNE` and need not know which file it stands in.
"""

from components.words.about import *  # noqa: F403
from components.words.common import *  # noqa: F403
from components.words.cost import *  # noqa: F403
from components.words.form import *  # noqa: F403
from components.words.measure import *  # noqa: F403
from components.words.method import *  # noqa: F403
from components.words.reasons import *  # noqa: F403
from components.words.results import *  # noqa: F403
from components.words.running import *  # noqa: F403
from components.words.tasks import *  # noqa: F403
from components.words.worth import *  # noqa: F403
