r"""A weighted mixture of languages.

    c_j = sqrt( sum_l w_l A_l[j]^2 ),        sum_l w_l = 1

mix: "equal" gives every language the same weight, whatever its number of tokens; "training share" weighs them by their share
of a web corpus, as Multilingual Brain Surgeon draws its calibration text (Zeng et al. 2024: n_l = max(1, round(N p_l)); real
weights need no rounding); "custom" takes `weights_by_language`. The weights hold for Gram matrices as well,
G = sum_l w_l G_l, whose diagonal is c_j^2.
"""

import dataclasses
import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.activation.base import Activation, sum_over_languages
from mwanda_core.parts.knobs import choice, text
from mwanda_core.parts.part import Part
from mwanda_core.parts.statistics import InputStats

MIXES = ("equal", "training share", "custom")

_CC100_MEGABYTES = """
am 133|ar 5400|bg 9300|bn 860|ca 2400|cs 4400|da 12000|de 18000|el 7400|en 82000|es 14000|et 1700|eu 488|fa 20000|fi 15000
fr 14000|gu 242|ha 61|he 6100|hi 2500|hr 5700|ht 9.1|hu 15000|id 36000|ig 6.6|it 7800|ja 15000|kn 360|ko 14000|lt 3400|lv 2100
ml 831|mr 334|ms 2100|my 46|ne 393|nl 7900|no 13000|pa 90|pl 12000|pt 13000|qu 1.5|ro 16000|ru 46000|sk 6100|so 78|sr 1500
sv 21000|sw 332|ta 1300|te 536|th 8700|tl 701|tr 5400|uk 14000|ur 884|vi 28000|xh 25|yo 1.1|zh 19300|zu 4.3
"""

TRAINING_MEGABYTES: dict[str, float] = {
    code: float(size)
    for code, size in (entry.split() for line in _CC100_MEGABYTES.split("\n") if line for entry in line.split("|"))
}
"""Size of each language in CC-100 (Conneau et al. 2020; the released files, compressed, as their index page rounds them; zh is
simplified and traditional together). Compressed, because plain bytes count a Hindi letter three times. An approximation of
what a model was trained on and no more: most models keep their mixture to themselves. Where it is known, use "custom"."""


@dataclasses.dataclass(frozen=True)
class Weighted(Activation):
    """Languages count equally, by their share of web text, or as you say.

    weights_by_language: for the mix "custom", for example "en=2, sw=1"; a language not named counts 1, and 0 leaves one out.
    """

    title = "Weighted languages"
    formula = r"c_j = \sqrt{\textstyle\sum_l w_l\, A_l[j]^2},\quad \sum_l w_l = 1"
    source = "Zeng et al. 2024 (Multilingual Brain Surgeon), as weights instead of text drawn in proportion"
    origin = "paper"

    mix: str = choice("equal", MIXES, "Where the weights come from: all alike, approximate shares of web text, or your own.")
    weights_by_language: str = text(
        "",
        "For example en=1, sw=3. A language not named counts 1, and 0 leaves it out.",
        only_with=("mix", "custom"),
        of="language weights",
    )

    def __post_init__(self) -> None:
        Part.__post_init__(self)
        parse_weights(self.weights_by_language)

    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        weighted = self.weights(stats)[:, None] * (stats.sumsq / stats.tokens[:, None])
        return sum_over_languages(weighted).sqrt().float()

    def weights(self, stats: InputStats) -> Float[Tensor, " languages"]:
        mix = self.language_weights(stats.languages).to(stats.sumsq.device)
        if stats.weights is None:
            return mix
        mix = mix * stats.weights.to(mix)
        return mix / mix.sum()

    def language_weights(self, languages: Sequence[str]) -> Float[Tensor, " languages"]:
        """The weight of each language, float64; sums to 1.

        Raises InputError for a language without a known share, one that is not calibrated on, or when nothing is left.
        """
        if self.mix == "training share":
            raw = training_shares(languages)
        elif self.mix == "custom":
            raw = custom_weights(parse_weights(self.weights_by_language), languages)
        else:
            raw = [1.0] * len(languages)
        weights = torch.tensor(raw, dtype=torch.float64)
        return weights / weights.sum()


def training_shares(languages: Sequence[str]) -> list[float]:
    """CC-100 megabytes of each language.

    Raises InputError for a language that has none.
    """
    unknown = [code for code in languages if code not in TRAINING_MEGABYTES]
    if unknown:
        raise InputError(
            f"No share of web text is known for {', '.join(unknown)}: choose the mix 'custom' and give weights yourself."
        )
    return [TRAINING_MEGABYTES[code] for code in languages]


def custom_weights(given: dict[str, float], languages: Sequence[str]) -> list[float]:
    """The weight given to each language, 1 where none was given.

    Raises InputError for a weight of a language that is not calibrated on, or when all weights are zero.
    """
    strangers = [code for code in given if code not in languages]
    if strangers:
        raise InputError(
            f"A weight was given for {', '.join(strangers)}, but the calibration languages are {', '.join(languages)}."
        )
    raw = [given.get(code, 1.0) for code in languages]
    if not any(raw):
        raise InputError("All language weights are 0: at least one calibration language must count.")
    return raw


def parse_weights(given: str) -> dict[str, float]:
    """Weights by language code from "en=2, sw=1"; empty text gives none.

    Raises InputError for anything that is not a list of code=number with numbers of 0 or more, each code once.
    """
    found: dict[str, float] = {}
    for entry in (word.strip() for word in given.split(",")):
        if not entry:
            continue
        code, equals, number = (piece.strip() for piece in entry.partition("="))
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not (code and equals and math.isfinite(weight) and weight >= 0) or code in found:
            raise InputError(
                "Language weights are written like 'en=2, sw=1', each language once and no weight below 0; "
                f"one given was {entry!r}."
            )
        found[code] = weight
    return found
