"""Typed words: an answer to the register or to an alert, a command, or to be asked back. Nothing is guessed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import sqlalchemy as sa

from apbot.cards import Action, Button, Card, Reply, Row, Style, Tone
from apbot.domain.access import Actor
from apbot.domain.marks import Fact
from apbot.domain.register import Statement
from apbot.domain.replies import Expected, Kind, Question, Reading, Said, Unclear, read_reply, sounds_like_concern
from apbot.domain.walltime import instant, local, local_date, spoken_date
from apbot.handlers import answering, commands
from apbot.handlers.concern import offer
from apbot.handlers.marking import Marked, mark
from apbot.handlers.port import Refused, said
from apbot.handlers.register import statement_words
from apbot.messages.register import answer_buttons, correct_button
from apbot.store.concerns import schools_to_ask
from apbot.store.database import Transaction
from apbot.store.registers import Entry, Register, load_registers_by_id, registers_of_day
from apbot.store.tables import messages

EARLY = timedelta(hours=2)
"""How long before a session's start typed words are taken to be about it."""

LONGEST = 20_000
"""Characters of a command that are looked through for a possible concern."""

ASKS = {
    Unclear.WHICH_PUPIL: "Which pupil?",
    Unclear.WHO_IS_THAT: "Nobody on this register fits that name or reference. Who is meant?",
    Unclear.WHAT_HAPPENED: "What should be recorded?",
    Unclear.WHAT_TIME: "That time can't be right. When was it?",
    Unclear.CONTRADICTION: "That says two things. Which is right?",
    Unclear.WHO_ELSE: "Who has not arrived?",
}


def say(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    """Answer what somebody typed."""
    text = action.text.strip()
    if commands.is_command(text):
        _, _, asked = text.partition(" ")
        if sounds_like_concern(commands.words_beyond(asked)[:LONGEST]):
            return Reply(_offer(transaction, sorted(schools_to_ask(transaction, actor)), ()), words_kept=False)
        return commands.run(transaction, actor, text)
    if (helped := commands.help_asked(actor, text, is_to_apbot=action.is_to_apbot)) is not None:
        return helped
    about_call = answering.is_about_call(transaction, actor, action)
    register = None if about_call else _register_meant(transaction, actor, action)
    if register is None:
        return _outside_registers(transaction, actor, action)
    entries = [entry for entry in register.entries if actor.may_mark(entry.provider_id, entry.school_id)]
    reading = _read(transaction, register, entries, text)
    if reading.concern:
        return _with_offer_of_a_call(transaction, actor, register, entries, reading)
    if register.day != local_date(transaction.now) and (reading.said or reading.questions):
        return _about_an_earlier_register(register, entries, reading)
    if reading.kind is Kind.MARKS:
        return _marks(transaction, actor, register, entries, reading)
    if (answer := answering.answer_call(transaction, actor, action)) is not None:
        return answer
    match reading.kind:
        case Kind.QUESTION:
            return said(
                "I can't answer that here, and nothing was recorded",
                "Type /ap help for what I can tell you, or telephone the school.",
                tone=Tone.ASK,
            )
        case Kind.THANKS:
            return Reply()
        case _:
            return _not_understood(register)


def answers_register(transaction: Transaction, action: Action) -> bool:
    """Whether words in a provider's conversation would mark its register, had somebody said them who is linked.

    Whoever said them has to know that nothing was recorded: silence would look like success.
    """
    kind, _, number = action.address.partition(":")
    if action.verb != "say" or kind != "provider" or not number.isdigit():
        return False
    register = _register_now(transaction, frozenset({int(number)}))
    if register is None:
        return False
    reading = _read(transaction, register, register.entries, action.text)
    return reading.kind is Kind.MARKS or reading.concern


def _read(transaction: Transaction, register: Register, entries: Sequence[Entry], text: str) -> Reading:
    return read_reply(
        text,
        [
            Expected(e.reference, e.first_name, e.last_name, e.said.fact if e.said else None)
            for e in entries
            if e.is_expected and (e.starts_at <= max(transaction.now, register.starts_at) or _is_named(e, text))
        ],
        now=local(transaction.now).time(),
        starts=local(register.starts_at).time(),
    )


def _is_named(entry: Entry, text: str) -> bool:
    """ "All in" is not about a pupil whose session has yet to begin; what is said of one by name is."""
    words = text.casefold()
    return any(each.casefold() in words for each in (entry.reference, entry.first_name, entry.last_name))


def _register_meant(transaction: Transaction, actor: Actor, action: Action) -> Register | None:
    """The register that the words are about: of the message replied to, else the one that runs, or ran last."""
    if action.message_id is not None:
        row = transaction.row(
            sa.select(messages.c.kind, messages.c.subject_id).where(messages.c.id == action.message_id)
        )
        if row is not None and row.kind in ("register", "nudge"):
            meant = load_registers_by_id(transaction, [row.subject_id]).get(row.subject_id)
            if meant is not None and meant.provider_id in actor.providers():
                return meant
    kind, _, number = action.address.partition(":")
    providers = actor.providers()
    if kind == "provider" and number.isdigit():
        providers &= {int(number)}
    return _register_now(transaction, providers) if providers else None


def _register_now(transaction: Transaction, providers: frozenset[int]) -> Register | None:
    """The register of one of these providers that runs, or ran last. Raises `Refused` where several have one."""
    today = registers_of_day(transaction, providers, local_date(transaction.now))
    begun = [each for each in today if each.starts_at - EARLY <= transaction.now]
    running = [each for each in begun if transaction.now < each.ends_at]
    candidates = running or begun
    if len({each.provider_id for each in candidates}) > 1:
        raise Refused("You work at more than one provider. Type it in that provider's own conversation.")
    started = [each for each in candidates if each.starts_at <= transaction.now]
    if started:
        return started[-1]
    return candidates[0] if candidates else None


def _outside_registers(transaction: Transaction, actor: Actor, action: Action) -> Reply:
    reading = read_reply(action.text, [], now=local(transaction.now).time(), starts=time(9, 0))
    if reading.concern:
        offer = _offer(transaction, sorted(schools_to_ask(transaction, actor)), ())
        rows = answering.offers_of(transaction, actor, action)  # "in hospital" may be what came of an alert
        return Reply(replace(offer, rows=rows), words_kept=False)
    if (answer := answering.answer_call(transaction, actor, action)) is not None:
        return answer
    if reading.kind is Kind.THANKS:
        return Reply()
    if actor.providers():
        return said("There is no register to answer just now", "Type /ap today to see the day, or /ap help.")
    return said("I did not understand that, and did nothing", "Use the buttons of a message, or type /ap help.")


def _marks(
    transaction: Transaction, actor: Actor, register: Register, entries: Sequence[Entry], reading: Reading
) -> Reply:
    marked = _record(transaction, actor, register, entries, reading.said)
    return Reply(_answer(register, entries, marked, reading.questions))


def _record(
    transaction: Transaction, actor: Actor, register: Register, entries: Sequence[Entry], statements: Sequence[Said]
) -> Marked:
    by_reference = {entry.reference: entry for entry in entries}
    return mark(
        transaction,
        actor,
        [
            (
                by_reference[each.reference],
                Statement(each.fact, instant(register.day, each.at) if each.at else None, each.reason),
            )
            for each in statements
        ],
    )


def _answer(register: Register, entries: Sequence[Entry], marked: Marked, questions: Sequence[Question]) -> Card:
    by_reference = {entry.reference: entry for entry in entries}
    lines = [f"{entry.label}: {statement_words(statement, entry)}" for entry, statement in marked.recorded]
    lines += [f"{entry.label}: recorded already" for entry, _ in marked.known]
    rows = [
        Row(entry.label, "Marked before. To change it, choose why.", Tone.ASK, (correct_button(entry),))
        for entry, _ in marked.needs_reason
    ]
    for question in questions:
        candidates = [by_reference[reference] for reference in question.candidates]
        if not candidates:
            lines.append(ASKS[question.unclear])
        rows += [
            Row(entry.label, ASKS[question.unclear], Tone.ASK, _ways_to_answer(question, entry)) for entry in candidates
        ]
    unsure = bool(rows) or any(not question.candidates for question in questions)
    if not unsure:
        heading = "Recorded"
    elif marked.recorded:
        heading = "Recorded in part: please answer the rest"
    else:
        heading = "Not recorded yet: please answer"
    return Card(
        heading=heading,
        tone=Tone.ASK if unsure else Tone.DONE,
        lines=tuple(lines),
        rows=tuple(rows),
        footer=f"{register.provider}, {register.session.value}",
    )


def _ways_to_answer(question: Question, entry: Entry) -> tuple[Button, ...]:
    if question.unclear is Unclear.WHICH_PUPIL and question.fact is Fact.ARRIVED:
        return (Button("Arrived", "arrived", entry.id, style=Style.PRIMARY, describes=entry.label),)
    return answer_buttons(entry)


def _about_an_earlier_register(register: Register, entries: Sequence[Entry], reading: Reading) -> Reply:
    named = {each.reference for each in reading.said} | {ref for q in reading.questions for ref in q.candidates}
    return Reply(
        Card(
            heading=f"That register is closed: {register.session.value}, {spoken_date(register.day)}",
            tone=Tone.ASK,
            lines=("Nothing was recorded. To correct it, choose the pupil and why. The first mark is kept.",),
            rows=tuple(
                Row(entry.label, buttons=(correct_button(entry) if entry.said else answer_buttons(entry)[0],))
                for entry in entries
                if entry.reference in named
            )[:10],
        )
    )


def _not_understood(register: Register) -> Reply:
    return said(
        "I did not understand that, and recorded nothing",
        f"This is about {register.provider}, {register.session.value}. "
        "Use the buttons, or type like this: “all in except CD34”, “AB12 late 9:50”, “CD34 ill, rest in”.",
        tone=Tone.ASK,
    )


def _with_offer_of_a_call(
    transaction: Transaction, actor: Actor, register: Register, entries: Sequence[Entry], reading: Reading
) -> Reply:
    marked = _record(transaction, actor, register, entries, reading.said)
    recorded = tuple(f"{entry.label}: {statement_words(statement, entry)}" for entry, statement in marked.recorded)
    named = {each.reference for each in reading.said}
    ids = sorted({entry.school_id for entry in entries if not named or entry.reference in named})
    return Reply(_offer(transaction, ids or sorted({e.school_id for e in entries}), recorded), words_kept=False)


def _offer(transaction: Transaction, school_ids: Sequence[int], recorded: tuple[str, ...]) -> Card:
    return offer(
        transaction,
        school_ids,
        "Speak to the school's DSL now. Your words were not kept: write them in the safeguarding system only.",
        *((("Recorded: " + "; ".join(recorded)),) if recorded else ()),
        heading="Is this a safeguarding concern?",
    )
