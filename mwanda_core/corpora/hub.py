"""Texts streamed from the Hugging Face Hub, through `datasets`. Nothing is downloaded whole.

Loading scripts no longer run in datasets 4 and later, so `mc4`, `facebook/flores` and the like cannot be had; the sources
below are plain data files. FLORES+ is gated: accept its terms on its page and set HF_TOKEN.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from mwanda_core.corpora.base import Corpus, Passage, Texts, split_even_odd
from mwanda_core.errors import TextError, UnknownName

_FLORES_CODES = {
    "am": "amh_Ethi", "ar": "arb_Arab", "bg": "bul_Cyrl", "bn": "ben_Beng", "ca": "cat_Latn", "cs": "ces_Latn", "da": "dan_Latn",
    "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn", "es": "spa_Latn", "et": "ekk_Latn", "eu": "eus_Latn", "fa": "pes_Arab",
    "fi": "fin_Latn", "fr": "fra_Latn", "gu": "guj_Gujr", "ha": "hau_Latn", "he": "heb_Hebr", "hi": "hin_Deva", "hr": "hrv_Latn",
    "ht": "hat_Latn", "hu": "hun_Latn", "id": "ind_Latn", "ig": "ibo_Latn", "it": "ita_Latn", "ja": "jpn_Jpan", "kn": "kan_Knda",
    "ko": "kor_Hang", "lt": "lit_Latn", "lv": "lvs_Latn", "ml": "mal_Mlym", "mr": "mar_Deva", "ms": "zsm_Latn", "my": "mya_Mymr",
    "ne": "npi_Deva", "nl": "nld_Latn", "no": "nob_Latn", "pa": "pan_Guru", "pl": "pol_Latn", "pt": "por_Latn", "qu": "quy_Latn",
    "ro": "ron_Latn", "ru": "rus_Cyrl", "sk": "slk_Latn", "so": "som_Latn", "sr": "srp_Cyrl", "sv": "swe_Latn", "sw": "swh_Latn",
    "ta": "tam_Taml", "te": "tel_Telu", "th": "tha_Thai", "tl": "fil_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab",
    "vi": "vie_Latn", "xh": "xho_Latn", "yo": "yor_Latn", "zh": "cmn_Hans", "zu": "zul_Latn",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class HubSource:
    """One dataset on the Hub: how a language code becomes a configuration, and which column holds the text."""

    repository: str
    config: str
    split: str
    column: str = "text"
    parallel: bool = False
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Codes that the dataset calls otherwise."""

    def configuration(self, code: str) -> str:
        """The dataset's configuration for a language code."""
        code = self.renamed.get(code, code)
        return self.config.format(code=code, flores=_FLORES_CODES.get(code, code))


SOURCES: dict[str, HubSource] = {
    "c4": HubSource("allenai/c4", "{code}", "train", renamed={"he": "iw", "tl": "fil"}),
    "wikipedia": HubSource("wikimedia/wikipedia", "20231101.{code}", "train"),
    "flores+": HubSource("openlanguagedata/flores_plus", "{flores}", "dev", parallel=True),
}


def hub(name: str, languages: Sequence[str], documents: int = 200) -> Corpus:
    """The first `documents` documents per language of a named source ("c4", "wikipedia", "flores+").

    Streaming reads only the start of the first file of each language. Raises UnknownName for a source, and TextError in
    one sentence when a language cannot be had (not in the dataset, gated, offline).
    """
    if name not in SOURCES:
        raise UnknownName("text source", name, SOURCES)
    source = SOURCES[name]
    return Corpus(name, {code: _stream(source, code, documents) for code in languages}, source.parallel)


def hub_split(name: str, languages: Sequence[str], documents: int = 200) -> Texts:
    """As `hub`, every second document to calibrate on and the others to evaluate on."""
    return split_even_odd(hub(name, languages, documents))


def _stream(source: HubSource, code: str, documents: int) -> tuple[Passage, ...]:
    # datasets takes two seconds to import and is only needed here.
    from datasets import load_dataset

    config = source.configuration(code)
    try:
        rows: Any = load_dataset(source.repository, config, split=source.split, streaming=True)
        texts = [str(row[source.column]) for row in rows.take(documents)]
    except Exception as error:  # datasets raises many kinds; every one of them means: this text cannot be had now.
        raise TextError(_plain_words(source.repository, config, error)) from error
    passages = tuple(Passage(f"{config}:{i}", code, (" ".join(t.split()),)) for i, t in enumerate(texts) if t.strip())
    if not passages:
        raise TextError(f"{source.repository} ({config}) gave no text.")
    return passages


def _plain_words(repository: str, config: str, error: Exception) -> str:
    text = " ".join(str(error).split())
    where = f"The texts {repository} ({config}) cannot be had"
    if "script" in text.lower() and "no longer supported" in text.lower():
        return f"{where}: this dataset needs a loading script, which datasets 4 and later no longer run. Choose another source."
    if "gated" in text.lower() or "401" in text or "403" in text:
        return f"{where}: the dataset is gated. Accept its terms on its Hub page and set HF_TOKEN."
    if "BuilderConfig" in text:
        return f"{where}: the dataset has no such language."
    return f"{where}: {text[:200]}. Check the connection, or give a folder of your own texts."
