"""Items made from templates, the same kinds in every language; the first choice is always the right one, for order does not count.

    call-json, call-text, call-python   right call | wrong function | wrong value | missing argument
    need        is a tool needed at all?                                       yes | no
    argument    value in the tool's language (English) | in the user's | another value
    workflow    order of steps that keeps every rule | one that breaks exactly one
    needle      number of the name asked for | numbers of three other names in the same text
    world       valid action | two rooms without a door | a thing that is not there

Everything here is ours, after the kinds of Dong et al. 2025 (ACBench) and, for `argument`, of MLCL (arXiv 2601.05366): no score is ACBench's.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mwanda_core.corpora import builtin, builtin_languages
from mwanda_core.corpora.words import words
from mwanda_core.errors import InputError, UnknownName
from mwanda_core.studies.abilities.graphs import Edge
from mwanda_core.studies.abilities.world import World
from mwanda_core.tasks import Item

UNSPACED = ("zh", "ja")
TOOLS = {"get_weather": ("city", "days"), "book_hotel": ("city", "nights"), "reserve_table": ("city", "people")}
ROLES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("call-json", "call-text", "call-python"), ("right call", "wrong function", "wrong value", "missing argument")
    ),
    "need": ("right", "wrong"),
    "argument": ("tool's language", "user's language", "another value"),
    "workflow": ("keeps every rule", "breaks one"),
    "needle": ("number asked for", "another's", "another's", "another's"),
    "world": ("valid", "no door", "no door", "not there"),
}
"""Kind -> what each choice is."""
KINDS = tuple(ROLES)
DEPTHS = (0.0, 1 / 3, 2 / 3, 1.0)
STEPS = 4
"""Steps of a workflow."""
Draw = random.Random


def languages() -> tuple[str, ...]:
    """Languages that there are templates in."""
    return tuple(words("abilities"))


def items(kind: str, code: str, count: int, seed: int = 0) -> tuple[Item, ...]:
    """`count` items of a kind other than needle in a language; the same templates' slots are drawn for every language.

    Raises UnknownName for a kind that there is not, InputError for a language without templates, and for arguments in English, where
    the user's language is the tool's.
    """
    if kind not in _MAKERS:
        raise UnknownName("kind of ability", kind, KINDS)
    _has(code)
    if kind == "argument" and code == "en":
        raise InputError("In English the user's language is the tool's: 'argument' asks nothing there.")
    draw = random.Random(f"{kind.split('-', maxsplit=1)[0]} {seed}")
    return tuple(
        Item(str(number), code, context, choices, 0, group=kind)
        for number, (context, choices) in enumerate(_MAKERS[kind](code, draw, number, kind) for number in range(count))
    )


def _has(code: str) -> None:
    if code not in words("abilities"):
        raise InputError(f"The abilities have no templates in {code!r}; they have {', '.join(languages())}.")


# --- Tool calls ----------------------------------------------------------------------------------------------------------


def written(kind: str, name: str, values: Mapping[str, Any]) -> str:
    """A call in one of three forms."""
    if kind == "call-json":
        return json.dumps({"name": name, "arguments": dict(values)}, ensure_ascii=False)
    if kind == "call-python":
        return f"{name}({', '.join(f'{key}={json.dumps(value, ensure_ascii=False)}' for key, value in values.items())})"
    return f"{name}, {', '.join(f'{key} {value}' for key, value in values.items())}."


def _request(code: str, draw: Draw) -> tuple[str, str, dict[str, Any]]:
    """(what the user asks, tool, arguments)"""
    name = draw.choice(list(TOOLS))
    city, number = draw.choice(words("capitals")[code]), draw.randrange(2, 10)
    return (
        words("abilities")[code][name].format(city=city, number=number),
        name,
        dict(zip(TOOLS[name], (city, number), strict=True)),
    )


def _signatures() -> str:
    return "; ".join(f"{name}({', '.join(arguments)})" for name, arguments in TOOLS.items()) + "\n"


def _call(code: str, draw: Draw, number: int, kind: str) -> tuple[str, tuple[str, ...]]:
    labels = words("abilities")[code]
    shown = [_request(code, draw) for _ in range(2)]
    text, name, values = _request(code, draw)
    while values["city"] in (values_["city"] for _, _, values_ in shown):
        text, name, values = _request(code, draw)
    told = "".join(f"{labels['request']}: {t}\n{labels['call']}: {written(kind, n, v)}\n" for t, n, v in shown)
    other = draw.choice([tool for tool in TOOLS if tool != name])
    calls = (
        (name, values), (other, dict(zip(TOOLS[other], values.values(), strict=True))),
        # A city that the examples hold, so that having been mentioned does not tell it from the right one.
        (name, values | {"city": draw.choice(shown)[2]["city"]}), (name, {"city": values["city"]}),
    )  # fmt: skip
    context = f"{_signatures()}{told}{labels['request']}: {text}\n{labels['call']}:"
    return context, tuple(" " + written(kind, *call) for call in calls)


def _need(code: str, draw: Draw, number: int, kind: str) -> tuple[str, tuple[str, ...]]:
    labels = words("abilities")[code]
    idle = draw.sample(labels["none"], 3)
    shown = [(_request(code, draw)[0], "yes"), (idle[0], "no"), (_request(code, draw)[0], "yes"), (idle[1], "no")]
    draw.shuffle(shown)
    text, answer = (_request(code, draw)[0], "yes") if number % 2 else (idle[2], "no")
    told = "".join(f"{labels['request']}: {t}\n{labels['call']}: {a}\n" for t, a in shown)
    return f"{_signatures()}{told}{labels['request']}: {text}\n{labels['call']}:", (
        f" {answer}",
        " no" if answer == "yes" else " yes",
    )


def _argument(code: str, draw: Draw, number: int, kind: str) -> tuple[str, tuple[str, ...]]:
    labels, own, english = words("abilities")[code], words("countries")[code], words("countries")["en"]
    *shown, asked = draw.sample([i for i in range(len(own)) if own[i] != english[i]], 3)

    def line(place: int) -> str:
        return f"{labels['request']}: {labels['country'].format(country=own[place])}\n{labels['call']}: get_population(country="

    told = "".join(f'{line(i)}"{english[i]}")\n' for i in shown)
    values = (english[asked], own[asked], english[shown[-1]])
    return f"get_population(country)\n{told}{line(asked)}", tuple(f'"{value}")' for value in values)


# --- Workflow ------------------------------------------------------------------------------------------------------------


def workflow(code: str, draw: Draw) -> tuple[str, tuple[str, ...], tuple[Edge, ...], int]:
    """(rules and label, steps in a right order, rules as edges, a place whose step has an edge to the next): every step but the
    first has one step before it, so that an order is often but not always forced."""
    labels = words("abilities")[code]
    steps = tuple(draw.sample(labels["steps"], STEPS))
    place = draw.randrange(STEPS - 1)
    edges = [(steps[place] if i == place + 1 else steps[draw.randrange(i)], steps[i]) for i in range(1, STEPS)]
    draw.shuffle(edges)
    blank = "" if code in UNSPACED else " "
    rules = blank.join(labels["rule"].format(a=a, b=b) for a, b in edges)
    return f"{rules}\n{labels['order']}:", steps, tuple(edges), place


def _workflow(code: str, draw: Draw, number: int, kind: str) -> tuple[str, tuple[str, ...]]:
    told, steps, _, _ = workflow(code, draw)
    text, right, _, place = workflow(code, draw)
    # Next to each other, so no rule but theirs can break.
    wrong = (*right[:place], right[place + 1], right[place], *right[place + 2 :])
    return f"{told} {', '.join(steps)}.\n\n{text}", tuple(f" {', '.join(order)}." for order in (right, wrong))


# --- World ---------------------------------------------------------------------------------------------------------------


def _world(code: str, draw: Draw, number: int, kind: str) -> tuple[str, tuple[str, ...]]:
    world = World.drawn(code, draw)
    past = []
    for _ in range(3):
        seen = world.seen()
        action = draw.choice(world.valid())
        past.append(f"{seen} {world.said(action)}\n")
        world = world.after(action)
    doors = world.doors[world.room]
    away = [room for room in world.doors if room not in doors and room != world.room]
    gone = [thing for thing in words("abilities")[code]["objects"] if ("take", thing) not in world.valid()]
    right = (
        ("take", draw.choice(world.things[world.room]))
        if number % 2 and world.things[world.room]
        else ("go", draw.choice(doors))
    )
    wrong = (*(("go", room) for room in draw.sample(away, 2)), ("take", draw.choice(gone)))
    return "".join(past) + world.seen(), tuple(f" {world.said(action)}" for action in (right, *wrong))


_MAKERS: Mapping[str, Callable[[str, Draw, int, str], tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(("call-json", "call-text", "call-python"), _call),
    "need": _need, "argument": _argument, "workflow": _workflow, "world": _world,
}  # fmt: skip


# --- Needle --------------------------------------------------------------------------------------------------------------


def needles(
    code: str, haystack: str, length: int, count: Callable[[str], int], texts: int = 1, seed: int = 0
) -> tuple[Item, ...]:
    """`texts` haystacks in the language `haystack` of about `length` tokens (`count` counts them), each with four needles in `code` at
    the depths `DEPTHS` and a question for every one. group: depth|length|haystack.

    Raises InputError for a language without templates or without built-in passages.
    """
    _has(code)
    if haystack not in builtin_languages():
        raise InputError(f"There are no built-in passages in {haystack!r} to hide a needle in.")
    halves = builtin([haystack])
    made: list[Item] = []
    passages = [*halves.calibration.passages[haystack], *halves.evaluation.passages[haystack]]
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    names, label, blank = words("giving")[code]["names"], words("abilities")[code]["code"], "" if haystack in UNSPACED else " "
    sizes = [count(sentence) for sentence in sentences]
    for text in range(texts):
        draw = random.Random(f"needle {seed} {text} {length}")
        first = draw.randrange(len(sentences))
        body: list[str] = []
        asked, numbers = draw.sample(range(len(names)), 4), draw.sample(range(1000, 10000), 4)
        hidden = [label.format(name=names[name]) + f"{value}." for name, value in zip(asked, numbers, strict=True)]
        room = length - sum(map(count, hidden)) - count(hidden[0])
        while room > 0 and len(body) < len(sentences):
            place = (first + len(body)) % len(sentences)
            body.append(sentences[place])
            room -= sizes[place]
        for depth, needle in reversed(list(zip(DEPTHS, hidden, strict=True))):
            body.insert(round(depth * len(body)) if depth < 1.0 else len(body), needle)
        for place, depth in enumerate(DEPTHS):
            stem = label.format(name=names[asked[place]])
            gap = stem[len(stem.rstrip()) :]
            choices = [numbers[place], *(n for n in numbers if n != numbers[place])]
            made.append(
                Item(
                    f"{text}-{place}-{length}-{haystack}", code, f"{blank.join(body)}\n{stem.rstrip()}",
                    tuple(f"{gap}{value}" for value in choices), 0, group=f"{depth:.2f}|{length}|{haystack}",
                )
            )  # fmt: skip
    return tuple(made)


def roles(item: Item, kind: str) -> Sequence[str]:
    """What each choice of an item is."""
    return ROLES.get(kind, ROLES["call-python"])
