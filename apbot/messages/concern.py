"""A possible safeguarding concern: telephone now. The chat carries no narrative, only who asks and which number."""

from collections.abc import Mapping, Sequence

from apbot.cards import Button, Card, Input, Style, Tone
from apbot.domain.concern import LONGEST
from apbot.domain.priority import Priority
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.messages.kinds import Envelope, MessageKind
from apbot.store.concerns import ANSWERED, ASKED, UNHEARD, Concern, load_concerns
from apbot.store.database import Transaction


def card(concern: Concern, envelope: Envelope) -> Card | None:
    """To those who are asked to telephone; once somebody has said that they do, who it is."""
    who = f"{concern.raised_by} at {concern.provider or concern.school}"
    at = f"{wall(concern.raised_at)} on {spoken_date(local_date(concern.raised_at))}"
    footer = f"{concern.school} · concern {concern.id}"
    about = (f"About {concern.pupil}.",) if concern.pupil else ()
    if concern.acknowledged_at is not None:
        if not envelope.sent_before:
            return None
        heading = f"{concern.acknowledged_by} is telephoning {concern.raised_by}"
        return Card(
            heading=heading,
            tone=Tone.DONE,
            lines=(
                f"{who} asked at {at}. {concern.acknowledged_by} took it at {wall(concern.acknowledged_at)}.",
                *about,
                *([f"In the safeguarding system: {concern.reference}"] if concern.reference else []),
            ),
            buttons=(reference_button(concern),),
            footer=footer,
            news="" if concern.acknowledged_by_id == envelope.person_id else heading,
        )
    again = (f"Asked again: nobody has answered since {at}.",) if envelope.step else (f"Asked at {at}.",)
    return Card(
        heading=f"{who} asks you to telephone now: a possible safeguarding concern",
        tone=Tone.ALERT,
        lines=(
            numbers(concern),
            *about,
            *again,
            "No details are kept here: write them in the safeguarding system only.",
        ),
        buttons=(
            Button(
                "I am telephoning now",
                "concern_acknowledge",
                concern.id,
                style=Style.DANGER,
                describes=concern.raised_by,
            ),
        ),
        footer=footer,
    )


def reference_button(concern: Concern) -> Button:
    """Say under which reference the school's safeguarding system has it."""
    asked = Input(
        "reference",
        "Its reference, such as CPOMS-2026-0142",
        max_length=LONGEST,
        value=concern.reference,
    )
    label = "Change the reference" if concern.reference else "Add the safeguarding system's reference"
    return Button(label, "concern_reference", concern.id, describes=concern.raised_by, inputs=(asked,))


def numbers(concern: Concern) -> str:
    """The numbers under which whoever raised it can be reached."""
    known = [
        f"{name}: {number}"
        for name, number in (
            (concern.raised_by, concern.raised_by_mobile),
            (concern.provider or concern.school, concern.provider_telephone or concern.school_telephone),
        )
        if number
    ]
    return "Telephone " + " or ".join(known) if known else "No telephone number is known: ask in the chat."


def unheard_card(concern: Concern, envelope: Envelope) -> Card | None:
    """To whoever raised it: nobody who could answer can be reached by chat any more, so they must telephone."""
    if concern.acknowledged_at is not None:
        if not envelope.sent_before:
            return None
        return Card(
            f"{concern.acknowledged_by} is telephoning", Tone.DONE, news=f"{concern.acknowledged_by} is telephoning"
        )
    number = concern.school_telephone
    return Card(
        heading=f"Nobody at {concern.school} can be reached by chat: telephone now",
        tone=Tone.ALERT,
        lines=(
            f"Nobody has answered since {wall(concern.raised_at)}, and nobody else can be asked.",
            f"Telephone {concern.school}: {number}." if number else f"No number of {concern.school}'s is recorded.",
        ),
        footer=f"{concern.school} · concern {concern.id}",
    )


def answered_card(concern: Concern, _: Envelope) -> Card | None:
    """To whoever raised it: who telephones."""
    if concern.acknowledged_at is None:
        return None
    school = f" Or ring {concern.school}: {concern.school_telephone}." if concern.school_telephone else ""
    return Card(
        heading=f"{concern.acknowledged_by} at {concern.school} is telephoning you",
        tone=Tone.DONE,
        lines=(f"They took it at {wall(concern.acknowledged_at)}.{school}",),
        footer="If a child is in immediate danger, call 999 first.",
    )


def _load(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, Concern]:
    return load_concerns(transaction, ids)


KIND = MessageKind(ASKED, Priority.CONCERN, _load, card)
ANSWERED_KIND = MessageKind(ANSWERED, Priority.CONCERN, _load, answered_card)
UNHEARD_KIND = MessageKind(UNHEARD, Priority.CONCERN, _load, unheard_card)
