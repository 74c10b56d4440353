"""A quick part of `python -m benchmarks.families`: a family of each kind goes through all of its checks."""

import pytest

from benchmarks.families import one

KINDS = {
    "bart": "the decoder of an encoder-decoder family",
    "gpt_oss": "experts stored [in, out], with biases",
    "jamba": "experts and a recurrent part",
    "llama4_text": "all experts in one batched product",
    "llava": "a language model that also sees pictures",
    "zamba2": "numbered layers of different widths, which are no experts",
}


@pytest.mark.parametrize("family", KINDS)
def test_right(family: str) -> None:
    found = one(family)
    assert found["verdict"] == "right", found["said"]


def test_what_reads_no_text_alone_is_refused() -> None:
    found = one("blip")
    assert (found["verdict"], "does not run on a text alone" in found["said"]) == ("refused", True)
