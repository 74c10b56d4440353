"""Questions from templates: the same small tasks in many languages.

    giving      "When Mary and John went to the market, Mary gave a book to"      John, not Mary      (indirect object)
    agreement   "The keys near the window"                                        are, not is
    capitals    "Germany – Berlin, Japan – Tokyo, France –"                       Paris, not another capital
    copying     "dog, sun, tree, fish; dog, sun, tree,"                           fish, not another word of the list

Giving is the task of Wang et al. 2022 (IOI), with the roles in both orders; frames are worded so that the name to be given needs no
ending of its own. In every task right and wrong endings come from the same list, so that no preference for a word decides.
"""

import random
from collections.abc import Callable, Mapping

from mwanda_core.corpora.words import words
from mwanda_core.errors import InputError, UnknownName
from mwanda_core.studies.circuits.prompts import Question
from mwanda_core.studies.circuits.study import LISTS

UNSPACED = ("zh", "ja")
LISTED = 4
"""Words in a list that is copied, and countries before the one that is asked for, less one."""


def giving(code: str, draw: random.Random) -> Question:
    """Who received it?"""
    told = words("giving")[code]
    first, second = draw.sample(told["names"], 2)
    giver = draw.choice((first, second))
    taker = second if giver == first else first
    text = draw.choice(told["frames"]).format(A=first, B=second, S=giver, p=draw.choice(told["places"]))
    blank = " " if told["space"] else ""
    return Question("giving", code, text, blank + taker, blank + giver)


def agreement(code: str, draw: random.Random) -> Question:
    """One or several? What stands between subject and verb has the other number half of the time."""
    told = words("agreement")[code]
    number = draw.randrange(2)
    subject, beside, verbs = (draw.choice(told[part]) for part in ("subjects", "beside", "verbs"))
    text = f"{subject[number]} {draw.choice(beside)}"
    return Question("agreement", code, text, f" {verbs[number]}", f" {verbs[1 - number]}")


def capitals(code: str, draw: random.Random) -> Question:
    """Which is the capital?"""
    countries, cities = words("countries")[code], words("capitals")[code]
    *shown, asked, other = draw.sample(range(len(countries)), LISTED)
    blank = "" if code in UNSPACED else " "
    told = "".join(f"{countries[i]}{blank}–{blank}{cities[i]}{'、' if code in UNSPACED else ', '}" for i in shown)
    return Question("capitals", code, f"{told}{countries[asked]}{blank}–", blank + cities[asked], blank + cities[other])


def copying(code: str, draw: random.Random) -> Question:
    """What came next the first time?"""
    chosen = draw.sample(list(words("nouns")[code]), LISTED)
    comma, stop, blank = ("、", "。", "") if code in UNSPACED else (",", ";", " ")
    place = draw.randrange(1, LISTED)
    again = f"{comma}{blank}".join(chosen[:place])
    text = f"{comma}{blank}".join(chosen) + f"{stop}{blank}{again}{comma}"
    wrong = draw.choice([word for word in chosen if word != chosen[place]])
    return Question("copying", code, text, blank + chosen[place], blank + wrong)


TEMPLATES: Mapping[str, Callable[[str, random.Random], Question]] = {
    "giving": giving,
    "agreement": agreement,
    "capitals": capitals,
    "copying": copying,
}
"""Task -> what draws one question. Which languages it has: `study.LISTS`."""


def languages_of(task: str) -> tuple[str, ...]:
    """Languages that a task has templates in.

    Raises UnknownName for a task that there is not.
    """
    if task not in TEMPLATES:
        raise UnknownName("circuit task", task, TEMPLATES)
    return tuple(words(LISTS[task]))


def questions(task: str, code: str, count: int, seed: int = 0) -> tuple[Question, ...]:
    """`count` different questions of one language, the same ones for a seed.

    Raises UnknownName for a task that there is not, InputError for a language that it has not or more than its templates give.
    """
    known = languages_of(task)
    if code not in known:
        raise InputError(f"The task {task!r} has no templates in {code!r}; it has {', '.join(known)}.")
    draw, make = random.Random(f"{task} {seed}"), TEMPLATES[task]
    found: dict[str, Question] = {}
    for _ in range(50 * count):
        question = make(code, draw)
        found.setdefault(question.text, question)
        if len(found) == count:
            return tuple(found.values())
    raise InputError(f"The task {task!r} has only {len(found)} different questions in {code!r}; {count} were asked for.")
