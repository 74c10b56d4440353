"""Every text a visitor sees, in one folder, so that it can be checked and translated in one place. One file a panel.

The names are one flat list: panels say `words.PRUNE` and need not know which file it stands in. They are read anew every time, in
the language of the visitor (`components.i18n.locale`), so no text may be kept in a constant elsewhere. Here they are English;
translations are catalogues (`components.i18n.catalogue`). A function puts its sentence together from `gettext` templates.
"""

from typing import TYPE_CHECKING, Any

from components.i18n.book import Book

if TYPE_CHECKING:  # For type checkers and editors; at run time every file of the folder is read.
    from components.i18n.words.about import *  # noqa: F403
    from components.i18n.words.common import *  # noqa: F403
    from components.i18n.words.comparing import *  # noqa: F403
    from components.i18n.words.cost import *  # noqa: F403
    from components.i18n.words.form import *  # noqa: F403
    from components.i18n.words.inside import *  # noqa: F403
    from components.i18n.words.labs import *  # noqa: F403
    from components.i18n.words.landing import *  # noqa: F403
    from components.i18n.words.measure import *  # noqa: F403
    from components.i18n.words.method import *  # noqa: F403
    from components.i18n.words.reasons import *  # noqa: F403
    from components.i18n.words.results import *  # noqa: F403
    from components.i18n.words.running import *  # noqa: F403
    from components.i18n.words.small import *  # noqa: F403
    from components.i18n.words.sweeping import *  # noqa: F403
    from components.i18n.words.taking import *  # noqa: F403
    from components.i18n.words.tasks import *  # noqa: F403
    from components.i18n.words.weighing import *  # noqa: F403
    from components.i18n.words.worth import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        return BOOK.read(name)


BOOK = Book(__name__)
