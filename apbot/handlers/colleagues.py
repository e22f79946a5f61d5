"""Which colleague is meant by a name that somebody typed."""

from collections.abc import Mapping

from apbot.domain.access import Actor
from apbot.domain.covers import ME
from apbot.domain.whois import who_is
from apbot.handlers.port import Refused
from apbot.store.cover import Colleague


def called(name: str, actor: Actor, colleagues: Mapping[int, Colleague]) -> Colleague:
    """The colleague with this name. Raises `Refused` where that is nobody, or not certain."""
    if name == ME:
        if actor.person_id is not None and actor.person_id in colleagues:
            return colleagues[actor.person_id]
        raise Refused("You are nobody who could be away there. Write a name.")
    found = who_is(name, {each.id: each.name for each in colleagues.values()})
    if found.person_id is not None:
        return colleagues[found.person_id]
    if not found.candidates:
        raise Refused(f"Nobody you work with is called “{name[:40]}”. Nothing recorded. Write the whole name.")
    likely = " or ".join(f"{colleagues[each].name} ({colleagues[each].part})" for each in found.candidates[:5])
    raise Refused(f"Who is “{name[:40]}”: {likely}? Nothing recorded yet. Write the whole name.")
