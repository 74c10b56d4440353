"""A world of rooms and things, small enough for a small model: what may be done is said, and only that may be done.

Here: kitchen. Doors: hall, garden. Things: lamp. Action: go hall
"""

import dataclasses
import random
from collections.abc import Mapping

from mwanda_core.corpora.words import words

Action = tuple[str, str]
"""("go", room) or ("take", thing)."""
ROOMS, LENGTH = 6, 10
"""Rooms of a world; steps of a walk."""


@dataclasses.dataclass(frozen=True)
class World:
    """Where one is (`room`), which rooms have doors to which, and which things lie where."""

    code: str
    room: str
    doors: Mapping[str, tuple[str, ...]]
    things: Mapping[str, tuple[str, ...]]

    @classmethod
    def drawn(cls, code: str, draw: random.Random) -> "World":
        """A tree of rooms with one more door, every room a door or three; things in half of the rooms."""
        labels = words("abilities")[code]
        rooms = draw.sample(labels["rooms"], ROOMS)
        pairs = {(place, max(0, place - draw.randrange(1, 3))) for place in range(1, ROOMS)} | {(ROOMS - 1, 0)}
        doors = {
            name: tuple(rooms[b if a == place else a] for a, b in sorted(pairs) if place in (a, b))
            for place, name in enumerate(rooms)
        }
        lying = dict(zip(draw.sample(rooms, 3), draw.sample(labels["objects"], 3), strict=True))
        return cls(code, rooms[0], doors, {room: (lying[room],) if room in lying else () for room in rooms})

    def valid(self) -> list[Action]:
        """Everything that may be done here."""
        return [*(("go", room) for room in self.doors[self.room]), *(("take", thing) for thing in self.things[self.room])]

    def thinkable(self) -> list[Action]:
        """Everything that can be said: to go anywhere else, to take anything."""
        return [
            *(("go", room) for room in self.doors if room != self.room),
            *(("take", thing) for thing in words("abilities")[self.code]["objects"]),
        ]

    def after(self, action: Action) -> "World":
        """The world after a valid action."""
        assert action in self.valid(), action
        if action[0] == "go":
            return dataclasses.replace(self, room=action[1])
        return dataclasses.replace(self, things={**self.things, self.room: ()})

    def seen(self) -> str:
        """What is told of where one is, up to the action."""
        labels = words("abilities")[self.code]
        lying = ", ".join(self.things[self.room]) or labels["nothing"]
        doors = ", ".join(self.doors[self.room])
        return f"{labels['here']}: {self.room}. {labels['things']}: {lying}. {labels['doors']}: {doors}. {labels['action']}:"

    def said(self, action: Action) -> str:
        """An action in words."""
        return f"{words('abilities')[self.code][action[0]]} {action[1]}"
