"""Words explained where they stand: `gloss` marks the first use of each term of the glossary in a text.

A marked word is a `<dfn>` that the keyboard can reach, with its meaning in an element that the style sheet shows while the
word is pointed at, tapped or focused. No script. Formulas, code, links, headings and HTML that is already there stay as they are.
"""

import re
import zlib
from collections.abc import Iterable
from html import escape

from components.pages.learn.texts import Term, glossary, say

_PROTECTED = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|\[[^\]]*\]\([^)]*\)|<(dfn|a|code|math|h[1-6])\b.*?</\1>|<[^>]+>|^#[^\n]*$",
    re.DOTALL | re.MULTILINE,
)


def gloss(text: str, terms: Iterable[Term] | None = None) -> str:
    """The Markdown with the first use of every term marked; longer terms come before shorter ones in them."""
    known = {form.lower(): term for term in (glossary() if terms is None else terms) for form in (term.word, *term.also)}
    if not known:
        return text
    # Longest first, so that "held-out language" is found before "held-out".
    forms = "|".join(_bounded(form) for form in sorted(known, key=len, reverse=True))
    words = re.compile(forms, re.IGNORECASE)
    seen: set[str] = set()
    mark = f"{zlib.crc32(text.encode()):08x}"

    def replace(match: re.Match[str]) -> str:
        term = known[match[0].lower()]
        if term.word in seen:
            return match[0]
        seen.add(term.word)
        return marked(match[0], term, mark)

    pieces, place = [], 0
    for kept in _PROTECTED.finditer(text):
        pieces += [words.sub(replace, text[place : kept.start()]), kept[0]]
        place = kept.end()
    return "".join([*pieces, words.sub(replace, text[place:])])


def _bounded(form: str) -> str:
    """No letter, digit or hyphen may touch a term, except in a script that writes without spaces (Han)."""
    text = re.escape(form)
    return text if all("\u4e00" <= letter <= "\u9fff" for letter in form) else rf"(?<![\w:-]){text}(?![\w:-]\w|\w)"


def marked(shown: str, term: Term, mark: str) -> str:
    """One word with its meaning; `mark` keeps the ids of several texts apart."""
    # Words of any script: letters outside a to z have no place in an id, so the word's checksum stands for it.
    tip = f"term-{mark}-{zlib.crc32(term.word.lower().encode()):08x}"
    return (
        f'<dfn class="mw-term" tabindex="0" aria-describedby="{tip}">{escape(shown)}'
        f'<span class="mw-tip" role="tooltip" id="{tip}">{escape(term.meaning)}</span></dfn>'
    )


def glossary_list(terms: Iterable[Term] | None = None) -> str:
    """All terms as a definition list, in the order of the alphabet."""
    ordered = sorted(glossary() if terms is None else terms, key=lambda term: term.word.lower())
    rows = "".join(f"<dt>{escape(term.word)}</dt><dd>{escape(term.meaning)}</dd>" for term in ordered)
    return f'<dl class="mw-glossary" aria-label="{escape(say("glossary"))}">{rows}</dl>'
