"""Languages by ISO 639-1 code: English name, own name, script and region, for menus, axes and messages."""

import dataclasses
import re
from collections.abc import Iterable

from mwanda_core.errors import InputError


@dataclasses.dataclass(frozen=True)
class Language:
    """One language. `spaced` is False where words are not separated by spaces."""

    code: str
    name: str
    endonym: str
    script: str
    region: str
    spaced: bool = True


_ROWS = """
am|Amharic|አማርኛ|Ethiopic|Africa
ar|Arabic|العربية|Arabic|Middle East
bg|Bulgarian|български|Cyrillic|Europe
bn|Bengali|বাংলা|Bengali|South Asia
ca|Catalan|català|Latin|Europe
cs|Czech|čeština|Latin|Europe
da|Danish|dansk|Latin|Europe
de|German|Deutsch|Latin|Europe
el|Greek|ελληνικά|Greek|Europe
en|English|English|Latin|Europe
es|Spanish|español|Latin|Europe
et|Estonian|eesti|Latin|Europe
eu|Basque|euskara|Latin|Europe
fa|Persian|فارسی|Arabic|Middle East
fi|Finnish|suomi|Latin|Europe
fr|French|français|Latin|Europe
gu|Gujarati|ગુજરાતી|Gujarati|South Asia
ha|Hausa|Hausa|Latin|Africa
he|Hebrew|עברית|Hebrew|Middle East
hi|Hindi|हिन्दी|Devanagari|South Asia
hr|Croatian|hrvatski|Latin|Europe
ht|Haitian Creole|Kreyòl ayisyen|Latin|Americas
hu|Hungarian|magyar|Latin|Europe
id|Indonesian|Bahasa Indonesia|Latin|Southeast Asia
ig|Igbo|Igbo|Latin|Africa
it|Italian|italiano|Latin|Europe
ja|Japanese|日本語|Japanese|East Asia
kn|Kannada|ಕನ್ನಡ|Kannada|South Asia
ko|Korean|한국어|Hangul|East Asia
lt|Lithuanian|lietuvių|Latin|Europe
lv|Latvian|latviešu|Latin|Europe
ml|Malayalam|മലയാളം|Malayalam|South Asia
mr|Marathi|मराठी|Devanagari|South Asia
ms|Malay|Bahasa Melayu|Latin|Southeast Asia
my|Burmese|မြန်မာ|Burmese|Southeast Asia
ne|Nepali|नेपाली|Devanagari|South Asia
nl|Dutch|Nederlands|Latin|Europe
no|Norwegian|norsk|Latin|Europe
pa|Punjabi|ਪੰਜਾਬੀ|Gurmukhi|South Asia
pl|Polish|polski|Latin|Europe
pt|Portuguese|português|Latin|Europe
qu|Quechua|Runa Simi|Latin|Americas
ro|Romanian|română|Latin|Europe
ru|Russian|русский|Cyrillic|Europe
sk|Slovak|slovenčina|Latin|Europe
so|Somali|Soomaali|Latin|Africa
sr|Serbian|српски|Cyrillic|Europe
sv|Swedish|svenska|Latin|Europe
sw|Swahili|Kiswahili|Latin|Africa
ta|Tamil|தமிழ்|Tamil|South Asia
te|Telugu|తెలుగు|Telugu|South Asia
th|Thai|ไทย|Thai|Southeast Asia
tl|Tagalog|Tagalog|Latin|Southeast Asia
tr|Turkish|Türkçe|Latin|Middle East
uk|Ukrainian|українська|Cyrillic|Europe
ur|Urdu|اردو|Arabic|South Asia
vi|Vietnamese|Tiếng Việt|Latin|Southeast Asia
xh|Xhosa|isiXhosa|Latin|Africa
yo|Yoruba|Yorùbá|Latin|Africa
zh|Chinese|中文|Han|East Asia
zu|Zulu|isiZulu|Latin|Africa
"""

_UNSPACED = {"ja", "my", "th", "zh"}

LANGUAGES: dict[str, Language] = {
    code: Language(code, name, endonym, script, region, code not in _UNSPACED)
    for code, name, endonym, script, region in (row.split("|") for row in _ROWS.split("\n") if row)
}


def language(code: str) -> Language:
    """The language of a code; an unknown code is shown as itself, so that a user's own texts are never refused."""
    return LANGUAGES.get(code) or Language(code, code, code, "other", "other")


def canonical(code: str) -> str:
    """The code that this project uses for a tag in any usual form: `iw`, `zho`, `zh-Hans`, `swh_Latn`, `EN`, `nb`, `pt_BR`.

    A tag that names a script in which the language is not usually written (`hi-Latn`), or a language that is not in the table, is
    returned as it was given. Two- and three-letter aliases are CLDR's (Babel); a region, a variant (`de-1996`) and what systems add
    (`en_US.UTF-8`) are dropped.
    """
    if code in LANGUAGES:
        return code
    base, *rest = _SYSTEM.sub("", code).replace("_", "-").split("-")
    base = _OWN_ALIASES.get(base.lower(), base.lower())
    if base not in LANGUAGES:
        from babel.core import get_global  # The tables take a while to read, and most codes do without.

        aliased, *more = get_global("language_aliases").get(base, base).split("_")
        base, rest = _OWN_ALIASES.get(aliased, aliased), [*more, *rest]
    if base not in LANGUAGES or not all(_SUBTAG.fullmatch(part) for part in rest):
        return code
    scripts = {part.title() for part in rest if len(part) == 4 and part.isalpha()}
    return base if scripts <= _SCRIPT_CODES.get(LANGUAGES[base].script, set()) else code


def usual(code: str) -> str:
    """The code of a tag's language in the script that it is usually written in: `zh` of `zh-Hant`; of another code, itself."""
    return canonical(code.replace("_", "-").split("-")[0])


_SUBTAG = re.compile(r"[A-Za-z]{4}|[A-Za-z]{2}|[0-9]{3}|[0-9][A-Za-z0-9]{3}|valencia")
_SYSTEM = re.compile(r"[.@][A-Za-z0-9-]+$")
"""A script, a region or a variant, and what a system's locale ends in: anything else behind a code is a name of somebody's own (`my_own` is not Burmese)."""

_OWN_ALIASES = {"nb": "no", "nob": "no", "nn": "no", "fil": "tl", "quy": "qu", "quz": "qu", "mo": "ro"}
"""Beside CLDR's: where this table has one code for what CLDR has two for."""

_SCRIPT_CODES = {
    "Latin": {"Latn"}, "Cyrillic": {"Cyrl"}, "Arabic": {"Arab"}, "Devanagari": {"Deva"}, "Han": {"Hans", "Hani"},
    "Japanese": {"Jpan"}, "Hangul": {"Kore", "Hang"}, "Greek": {"Grek"}, "Hebrew": {"Hebr"}, "Thai": {"Thai"}, "Tamil": {"Taml"},
    "Telugu": {"Telu"}, "Bengali": {"Beng"}, "Gujarati": {"Gujr"}, "Gurmukhi": {"Guru"}, "Kannada": {"Knda"},
    "Malayalam": {"Mlym"}, "Burmese": {"Mymr"}, "Ethiopic": {"Ethi"},
}  # fmt: skip
"""Our name of a script -> its ISO 15924 codes."""


def code_of(word: str) -> str:
    """As `canonical`, and for a language's name in English or in itself (`German`, `Deutsch`)."""
    names = {name.casefold(): entry.code for entry in LANGUAGES.values() for name in (entry.endonym, entry.name)}
    return canonical(names.get(word.strip().casefold(), word))


def parse_codes(given: str | Iterable[str]) -> tuple[str, ...]:
    """Language codes from `"en,de,sw"` or any iterable of codes, English names or own names, in order, without repeats.

    Raises InputError when nothing is left or a code has characters that no code or file name has.
    """
    words = given.split(",") if isinstance(given, str) else list(given)
    codes: list[str] = []
    for word in (w.strip() for w in words):
        code = code_of(word)
        if not word:
            continue
        if not all(ch.isalnum() or ch in "-_" for ch in code):
            raise InputError(f"A language code has only letters, digits, '-' and '_'; one given was {word!r}.")
        if code not in codes:
            codes.append(code)
    if not codes:
        raise InputError(f"At least one language is needed; what was given was {given!r}.")
    return tuple(codes)
