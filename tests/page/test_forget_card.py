"""The card "Forget this picture": pruned away, searched for again, and the model of the package never changed."""

from typing import Any

import pytest

from components.figures.pictures import grey_pictures
from components.i18n import words
from components.sections.labs import forget
from mwanda_core.studies.memory import Memory, attack, diffusion

CARD = forget.ForgetCard(*(name for name in forget.ForgetCard.__dataclass_fields__))  # type: ignore[arg-type]


def test_pictures_stand_side_by_side() -> None:
    fig = grey_pictures([("one", [[0.0, 1.0], [-1.0, 0.0]]), ("two", [[0.0]])])
    assert [trace.name for trace in fig.data] == ["one", "two"]
    assert fig.data[0].z[1][0] == -1.0


def test_a_picture_is_pruned_away_and_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attack, "SEEDS", 2)
    monkeypatch.setattr(forget, "STEPS", 10)
    monkeypatch.setattr(diffusion, "STEPS", 3)
    monkeypatch.setattr(Memory, "until", 1.0)  # The first share is enough.
    before = [tensor.clone() for tensor in forget._painter().model.state_dict().values()]
    found: dict[Any, Any] = forget.forget(CARD, "letter", "de", "wanda")
    assert set(found) == {"said", "pictures", "curve", "overlap"}
    assert len(found["pictures"].data) == 3
    assert found["overlap"].data[0].z.diagonal() == pytest.approx(1.0)
    looks: list[dict[Any, Any]] = list(forget.bring_back(CARD, "letter", "de", "wanda"))
    assert [len(look["curve"].data[0].x) for look in looks] == [1, 2]
    assert {trace.name for trace in looks[-1]["curve"].data} == {words.FORGET_ITSELF, words.FORGET_UNSEEN}
    after = forget._painter().model.state_dict().values()
    assert all(one.equal(other) for one, other in zip(before, after, strict=True))
