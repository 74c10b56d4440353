r"""One target language: its root mean square alone decides.

    c_j = A_t[j] = sqrt( sumsq_t[j] / tokens_t )

The calibration of Kurz et al. (2024), who prune for one language by calibrating on it alone: best for that language's
perplexity, and no gain to rely on in its tasks. Statistics of the other languages may be there; they play no part, also not
in a Gram matrix.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.activation.base import Activation
from mwanda_core.parts.knobs import text
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Target(Activation):
    """Calibrates for one language and ignores the others.

    language: code of the target, for example "sw"; empty takes the first calibration language.
    """

    title = "One target language"
    formula = r"c_j = A_t[j]"
    source = "Kurz et al. 2024: calibration on the target language"
    origin = "paper"

    language: str = text(
        "",
        "One of the calibration languages; the others are measured but play no part. Empty: the first of them.",
        of="languages",
    )

    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        return stats.rms()[self._row(stats.languages)].float()

    def weights(self, stats: InputStats) -> Float[Tensor, " languages"]:
        return self.language_weights(stats.languages).to(stats.sumsq.device)

    def language_weights(self, languages: Sequence[str]) -> Float[Tensor, " languages"]:
        """1 for the target, 0 for the others, float64.

        Raises InputError when the target is not among the languages.
        """
        one_hot = torch.zeros(len(languages), dtype=torch.float64)
        one_hot[self._row(languages)] = 1.0
        return one_hot

    def _row(self, languages: Sequence[str]) -> int:
        wanted = self.language or languages[0]
        if wanted not in languages:
            raise InputError(
                f"The target language {wanted!r} is not among the calibration languages ({', '.join(languages)}): add it to "
                "them, or choose one of them."
            )
        return list(languages).index(wanted)
