"""Recordings, photos and files that people send to apbot: nothing of them is fetched or kept, and they are told why."""

from dataclasses import replace

from apbot.cards import Card, Reply, Tone

NO_FILES = Card(
    "I keep no recordings, photos or files",
    Tone.ASK,
    (
        "Nothing of it was stored, and nobody was told of it.",
        "A worry about a child belongs in the school's safeguarding system: telephone the DSL, or type /ap concern.",
        "Anything else belongs in the school's own record: send it there, as you have agreed with the school.",
    ),
)

NOT_KEPT = "The recording, photo or file with it was not kept. " + NO_FILES.lines[1]


def without_the_file(reply: Reply) -> Reply:
    """The answer to words that came with a file: that the words alone were heeded."""
    if reply.card is None:
        return replace(reply, card=NO_FILES)
    return replace(reply, card=replace(reply.card, lines=(*reply.card.lines, NOT_KEPT)))
