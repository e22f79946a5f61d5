"""What the board's template is given: groups, counts and words, for one reader."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from urllib.parse import quote

from apbot.domain.duties.model import Owner
from apbot.domain.escalation import Kind, State
from apbot.domain.marks import Session
from apbot.domain.presence import Presence
from apbot.domain.walltime import local, local_date, spoken_date, wall
from apbot.handlers.commands.where import now_or_next
from apbot.messages.duties import standing_words
from apbot.messages.escalation import SOCIAL_WORKER
from apbot.messages.register import describe
from apbot.messages.sessions import expected_words, how_long, sentence
from apbot.store.board import Board, NoSession
from apbot.store.boardcounts import Waiting
from apbot.store.counts import Counts
from apbot.store.duties.reading import Duty
from apbot.store.escalations import Escalation
from apbot.store.labels import initials_in, label_in
from apbot.store.pupilsessions import PupilSession
from apbot.store.registers import Entry
from apbot.web.boardparts import (
    AlertView,
    DutyView,
    Member,
    ProviderView,
    PupilRow,
    SchoolLine,
    Whereabouts,
    Who,
)
from apbot.web.signs import Mark, Standing, standing

MOST_WAITING = 30
"""So many registers that wait for an answer are shown; how many there are is said in any case."""


@dataclass
class BoardView:
    """The whole board, for one reader. `with_names` is whether full names may be shown and are wanted."""

    board: Board
    with_names: bool
    base: str
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Work out how each pupil stands, once."""
        self.now = self.board.now
        self._standing = {each.entry.id: standing(each, self.now) for each in self.board.sessions}

    @property
    def may_name(self) -> bool:
        """Whether there is anybody whose full name the reader may see here."""
        return any(self._may_name(each.entry.school_id, each.entry.key_worker_id) for each in self.board.sessions)

    @property
    def owes(self) -> bool:
        """Whether the reader is somebody whom duties concern."""
        return self.board.over_all is None and bool(self.board.schools or self.board.sessions)

    @property
    def summary(self) -> list[SchoolLine]:
        """A line for each school, those with an open alert first."""
        over_all = self.board.over_all
        if over_all is None:
            return []
        lines = [
            SchoolLine(
                each.school,
                each.ref,
                each.alerts,
                tuple(_counts_words(each, session) for session in Session),
                over_all.overdue.get(each.ref, 0),
            )
            for each in over_all.schools
        ]
        return sorted(lines, key=lambda each: (-each.alerts, each.name))

    @property
    def alerts(self) -> int:
        """How many alerts are open, shown or not."""
        return self.board.over_all.alerts if self.board.over_all else len(self.board.escalations)

    @property
    def more_alerts(self) -> int:
        """How many of them are not shown: the schools' own boards show them."""
        return self.alerts - len(self.board.escalations)

    @property
    def title(self) -> str:
        """Whose board it is."""
        if self.board.school is not None:
            return self.board.school.name
        names = {each.name for each in self.board.schools} or {each.provider for each in self.board.sessions}
        if self.board.over_all is not None:
            return "All schools"
        return " and ".join(sorted(names)) if 0 < len(names) < 4 else "Your pupils"

    @property
    def day(self) -> str:
        """Today in words."""
        return spoken_date(self.board.day)

    @property
    def clock(self) -> str:
        """When this was so."""
        return wall(self.now)

    @property
    def moment(self) -> str:
        """The same for a script."""
        return local(self.now).isoformat(timespec="seconds")

    @property
    def escalations(self) -> list[AlertView]:
        """The open ones."""
        return [self._alert(each) for each in self.board.escalations]

    @property
    def tally(self) -> list[tuple[Mark, str, int]]:
        """How many of the sessions of today that have begun, and of those to come, stand how."""
        words = {
            Mark.ALERT: "not accounted for",
            Mark.ASK: "no answer yet",
            Mark.DONE: "arrived",
            Mark.SAFE: "safe elsewhere",
            Mark.PLANNED: "excused",
            Mark.AHEAD: "still to begin",
        }
        counts = Counter(each.mark for each in self._now_marks())
        return [(mark, words[mark], counts[mark]) for mark in Mark if counts[mark]]

    @property
    def verdict(self) -> tuple[Mark, str, str]:
        """The board in one sign and one sentence, and what to do about it."""
        board = self.board
        alerted = {pupil.entry.pupil_id for each in board.escalations for pupil in each.unsettled}
        sessions = (now_or_next(each, self.now)[0] for each in self._by_pupil().values())
        known = alerted | {each.entry.pupil_id for each in sessions if self._standing[each.entry.id].mark is Mark.ALERT}
        lost = len(known) if board.over_all is None else board.over_all.lost
        asked = sum(each.count for each in board.waiting)
        if lost:
            whose = "1 pupil is" if lost == 1 else f"{lost} pupils are"
            return Mark.ALERT, f"{whose} not accounted for", self._taken_on()
        if asked:
            first = wall(board.waiting[0].alert_at)
            return Mark.ASK, f"{_pupils(asked)} without an answer yet", f"The first becomes an alert at {first}."
        if not board.is_opened:
            closed = "; ".join(f"{name}: {because}" for name, because in board.closed)
            return Mark.AHEAD, "No registers yet today", closed or "They are made early in the morning."
        expected = len({each.entry.pupil_id for each in board.sessions})
        if not expected and board.over_all is None:
            return Mark.AHEAD, "Nobody is expected at a provider today", ""
        begun = any(mark.mark is not Mark.AHEAD for mark in self._now_marks()) or board.over_all is not None
        if not begun:
            return Mark.AHEAD, f"{_pupils(expected)} expected today", "No session has begun yet."
        return Mark.DONE, "Every pupil is accounted for", ""

    def _taken_on(self) -> str:
        """Whether somebody is on each open alert."""
        untaken = sum(each.state is State.OPEN for each in self.board.escalations)
        if self.board.over_all is not None:
            untaken = self.board.over_all.untaken
        if untaken:
            whose = "One alert has" if untaken == 1 else f"{untaken} alerts have"
            return f"{whose} not been acknowledged by anybody."
        return "Somebody is on each alert." if self.board.escalations else "No alert has gone out yet."

    def _now_marks(self) -> list[Standing]:
        """How each pupil stands in the session that counts now."""
        return [self._standing[now_or_next(each, self.now)[0].entry.id] for each in self._by_pupil().values()]

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Registers that nobody has answered in full, the most urgent first; not more than anybody reads."""
        return self.board.waiting[:MOST_WAITING]

    @property
    def providers(self) -> list[ProviderView]:
        """Each provider's registers of today; those with something to do first."""
        groups: dict[int, list[PupilSession]] = {}
        for each in self.board.sessions:
            groups.setdefault(each.entry.provider_id, []).append(each)
        views = [self._provider(provider_id, group) for provider_id, group in groups.items()]
        return sorted(views, key=lambda each: (list(Mark).index(each.mark) > 1, each.name))

    @property
    def whereabouts(self) -> list[Whereabouts]:
        """Every placed pupil and where they are now, those not accounted for first."""
        found = []
        for sessions in self._by_pupil().values():
            now = now_or_next(sessions, self.now)
            worst = min(now, key=lambda each: list(Mark).index(self._standing[each.entry.id].mark))
            found.append(Whereabouts(self.who(worst.entry), self._standing[worst.entry.id], self._where(worst)))
        found.sort(key=lambda each: (list(Mark).index(each.standing.mark) > 1, each.who.reference))
        return [*found, *map(self._elsewhere, self.board.no_session)]

    @property
    def duties(self) -> list[DutyView]:
        """What is due this week, overdue first: what is due on the same day of many pupils together."""
        groups: dict[tuple[str, str], list[Duty]] = {}
        for each in self.board.duties:
            what = f"{each.kind.label}: {each.about}" if each.about else each.kind.label
            groups.setdefault((what, sentence(standing_words(each, self.board.day))), []).append(each)
        return [self._duties(what, when, group) for (what, when), group in groups.items()]

    @property
    def several_schools(self) -> bool:
        """Whether a school has to be named beside each pupil."""
        return len({each.entry.school_id for each in self.board.sessions}) > 1

    def who(self, entry: Entry) -> Who:
        """The pupil of an entry."""
        full = f"{entry.first_name} {entry.last_name}"
        name = full if self._is_named(entry) else initials_in(entry.label, entry.reference)
        return Who(entry.reference, name, self.placement(entry.placement_id))

    def _is_named(self, entry: Entry) -> bool:
        """Whether the reader sees whose entry it is, and wants to: on a screen that others see they may not."""
        return self.with_names and self._may_name(entry.school_id, entry.key_worker_id)

    def _may_name(self, school_id: int, key_worker_id: int | None) -> bool:
        """The pupil's own school and key worker see the name; a provider's staff the reference, as in their chat."""
        return self.board.actor.may_see(school_id, None, key_worker_id)

    def minutes_left(self, at: datetime) -> str:
        """How long until `at`, for who has no script that counts: "12 min"."""
        minutes = ceil((at - self.now).total_seconds() / 60)
        return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"

    def placement(self, placement_id: int) -> str:
        """The path of a placement's page."""
        return f"{self.base}/placements/{quote(self.board.placement_refs[placement_id], safe='')}"

    def provider(self, ref: str) -> str:
        """The path of a provider's page."""
        return f"{self.base}/providers/{quote(ref, safe='')}"

    def _by_pupil(self) -> dict[int, list[PupilSession]]:
        found: dict[int, list[PupilSession]] = {}
        for each in self.board.sessions:
            found.setdefault(each.entry.pupil_id, []).append(each)
        return found

    def _alert(self, each: Escalation) -> AlertView:
        register = each.register
        day = "" if register.day == self.board.day else f", {spoken_date(register.day)}"
        policy = self.board.policies[each.id]
        steps = len(policy.steps)
        told = ", ".join(role.value for role in policy.roles_at(each.step))
        again = f", for the {_nth(each.round + 1)} time" if each.round else ""
        return AlertView(
            key=f"alert-{each.id}",
            kind=_KINDS[each.kind],
            place=f"{register.provider}, {register.session.value} from {wall(register.starts_at)}{day}",
            school=each.school if len(self.board.schools) > 1 or not self.board.schools else "",
            since=_when(each.opened_at, self.board.day),
            moment=local(each.opened_at).isoformat(timespec="seconds"),
            age=how_long(each.opened_at, self.now),
            step=f"Step {min(each.step + 1, steps)} of {steps}{again}: {told}",
            taken_on=(
                f"{each.acknowledged_by} has had it since {_when(each.acknowledged_at, self.board.day)}"
                if each.state is State.ACKNOWLEDGED and each.acknowledged_at
                else ""
            ),
            next_at=each.next_at if each.state is State.OPEN else None,
            members=tuple(
                Member(
                    self.who(pupil.entry),
                    describe(pupil.entry),
                    SOCIAL_WORKER if pupil.entry.social_worker and self._is_named(pupil.entry) else "",
                    f"{sentence(pupil.outcome.value)} ({pupil.outcome_by})" if pupil.outcome else "",
                    pupil.is_settled,
                )
                for pupil in each.pupils
            ),
            telephone="" if register.provider_id in self.board.actor.providers() else register.provider_telephone,
        )

    def _provider(self, provider_id: int, group: Sequence[PupilSession]) -> ProviderView:
        starts = {
            session: min(each.entry.starts_at for each in group if each.session is session)
            for session in Session
            if any(each.session is session for each in group)
        }
        pupils: dict[int, list[PupilSession]] = {}
        for each in group:
            pupils.setdefault(each.entry.pupil_id, []).append(each)
        rows = [
            PupilRow(
                self.who(sessions[0].entry),
                sessions[0].school,
                {each.session.value: self._standing[each.entry.id] for each in sessions},
                min((self._standing[each.entry.id].mark for each in sessions), key=list(Mark).index),
            )
            for sessions in pupils.values()
        ]
        rows.sort(key=lambda row: row.who.reference)
        return ProviderView(
            key=f"provider-{provider_id}",
            name=group[0].provider,
            path=self.provider(self.board.provider_refs[provider_id]),
            sessions=tuple((session.value, wall(at)) for session, at in starts.items()),
            rows=tuple(rows),
            tally=self._tally(group),
            mark=min((row.mark for row in rows), key=list(Mark).index),
        )

    def _tally(self, group: Sequence[PupilSession]) -> str:
        begun = [each for each in group if each.entry.starts_at <= self.now and each.entry.is_expected]
        latest = [each for each in begun if each.session is max(one.session for one in begun)]
        if not latest:
            return f"{_pupils(len({each.entry.pupil_id for each in group}))} expected"
        there = sum(self._standing[each.entry.id].mark is Mark.DONE for each in latest)
        return f"{there} of {len(latest)} arrived, {latest[0].session.value}"

    def _where(self, each: PupilSession) -> str:
        entry, at = each.entry, self._standing[each.entry.id]
        match at.mark:
            case Mark.DONE if self.now < entry.ends_at:
                return f"At {each.provider}, until {wall(entry.ends_at)}"
            case Mark.DONE:
                return f"Was at {each.provider} until {wall(entry.ends_at)}; no more sessions today"
            case Mark.SAFE | Mark.PLANNED:
                return f"{sentence(at.detail)} ({each.provider}, {each.session.value})"
        return expected_words(each, self.now)

    def _elsewhere(self, each: NoSession) -> Whereabouts:
        own = self._may_name(each.school_id, each.key_worker_id)
        full = own and self.with_names
        label = label_in(each, each.reference)
        name = f"{each.first_name} {each.last_name}" if full else initials_in(label, each.reference)
        words = "In school today: no session is expected" if own else "No session with you today"
        return Whereabouts(Who(each.reference, name), Standing(Mark.AHEAD, "No session"), words)

    def _duties(self, what: str, when: str, group: Sequence[Duty]) -> DutyView:
        by_owner: dict[str, list[Who]] = {}
        for each in group:
            twice = sum(each.reference == other.reference for other in group) > 1
            by_owner.setdefault(self._owner(each), []).append(self._about(each, twice=twice))
        return DutyView(
            key=f"{what} {when}",
            what=what,
            when=when,
            is_overdue=group[0].standing.is_overdue(self.board.day),
            by_owner=tuple((owner, tuple(whom)) for owner, whom in sorted(by_owner.items())),
        )

    def _about(self, each: Duty, *, twice: bool) -> Who:
        if each.placement_id is None:
            return Who(each.provider, "", self.provider(self.board.provider_refs[each.provider_id]))
        initials = initials_in(each.label, each.reference)
        name = f"{initials} ({each.provider})".strip() if twice else initials
        return Who(each.reference, name, self.placement(each.placement_id))

    def _owner(self, each: Duty) -> str:
        if each.handed_to_id is not None:
            return self.board.owners[each.handed_to_id]
        if each.kind.owner is Owner.KEY_WORKER:
            return self.board.owners[each.key_worker_id] if each.key_worker_id is not None else "No key worker"
        return each.provider if each.kind.owner is Owner.PROVIDER else "Named lead"


_KINDS = {Kind.NOT_ARRIVED: "Not arrived", Kind.LEFT_SITE: "Left site", Kind.NOT_RUNNING: "Session not running"}


def _counts_words(counts: Counts, session: Session) -> str:
    """ "12 arrived, 1 unanswered" of one school's session."""
    by_presence = counts.sessions.get(session, {})
    words = [f"{count} {each.value}" for each in Presence if (count := by_presence.get(each, 0))]
    return ", ".join(words) or (f"closed: {counts.closed}" if counts.closed else "no session")


def _pupils(count: int) -> str:
    return "1 pupil" if count == 1 else f"{count} pupils"


def _when(at: datetime, today: date) -> str:
    return wall(at) if local_date(at) == today else f"{wall(at)} on {spoken_date(local_date(at))}"


def _nth(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
