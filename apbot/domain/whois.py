"""Which colleague is meant by a typed name. Nothing is guessed: a near miss is taken only where no other is near."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

SURE = 87.0
"""From this likeness on (of 100) a name counts as typed with a slip."""

APART = 8.0
"""The next best has to be so much less like it."""

POSSIBLE = 60.0
"""From here on somebody is worth asking back about."""


@dataclass(frozen=True)
class Found:
    """Who is meant, or, where that is not sure, who may be: the likeliest first."""

    person_id: int | None
    candidates: tuple[int, ...] = ()


def who_is(typed: str, names: Mapping[int, str]) -> Found:
    """The person of `names` (by id) whom `typed` names: in full, by one of their names, or with a slip."""
    wanted = utils.default_process(typed)
    if not wanted:
        return Found(None)
    full = {person: utils.default_process(name) for person, name in names.items()}
    for same in (
        [person for person, name in full.items() if name == wanted],
        [person for person, name in full.items() if set(wanted.split()) <= set(name.split())],
    ):
        if same:
            return Found(same[0]) if len(same) == 1 else Found(None, tuple(same))
    near = process.extract(wanted, full, scorer=fuzz.token_sort_ratio, score_cutoff=POSSIBLE, limit=5)
    if near and near[0][1] >= SURE and (len(near) == 1 or near[0][1] - near[1][1] >= APART):
        return Found(near[0][2])
    partly = process.extract(wanted, full, scorer=fuzz.partial_ratio, score_cutoff=SURE, limit=5)
    return Found(None, tuple(dict.fromkeys(person for *_, person in (*near, *partly))))
