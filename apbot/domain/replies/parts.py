"""The part that a word or a phrase plays in a reply."""

from enum import StrEnum


class Part(StrEnum):
    """What a word or a phrase does; the value says so in words."""

    # who
    PUPIL = "a pupil, or somebody meant to be one"
    THEY = "whoever was just spoken of"
    ALL = "everyone"
    REST = "everyone not named"
    NOBODY = "no one"
    NOBODY_ELSE = "no one who is not named"
    SOME = "some of them, without saying which"
    BOTH = "both"
    NUMBER = "a number"
    SHARE = "so many out of so many"
    KIDS = "pupils, as a word"

    # what happened
    HERE = "is here"
    CAME = "came"
    COME = "come: on its own still to happen, and with 'not' it did not"
    COMING = "has yet to come"
    LATE = "late"
    ABSENT = "is not here"
    AWAY = "is not here, unless more follows ('out', 'out in the yard')"
    LEFT = "left the site"
    GONE = "left the site, unless more follows ('gone', 'gone quiet')"
    LEAVING = "is going to leave"
    CLOSED = "the session is not running"
    REASON = "a reason for not being here"
    SYMPTOM = "a reason for not being here, or something about a pupil who is"
    TICK = "a tick"
    YES = "yes"
    NO = "no"
    SAME = "the same again"
    UNSURE = "looks like a fact and is none"

    # how it is meant
    NOT = "not"
    NEITHER = "neither"
    MAYBE = "perhaps"
    DOUBT = "something is taken back"
    WAS = "was"
    WILL = "will"
    JUST = "just"
    NOW = "now"
    ONLY = "only"
    UNTIL = "until"
    BY = "by"
    TODAY = "today"
    OTHER_DAY = "another day or session"
    TIME = "a time"

    # how it hangs together
    STOP = "full stop or new line"
    QUERY = "question mark"
    COMMA = "comma"
    DASH = "dash or colon"
    SLASH = "slash"
    AND = "and"
    OR = "or"
    BUT = "but"
    EXCEPT = "except"
    WHO = "who"
    ASK = "the start of a question"
    AUXILIARY = "is, has, does: a question when it comes first"

    # everything else
    POSSESSIVE = "'s"
    ARTICLE = "the, his"
    HAVE_GOT = "we have, before whom we have"
    TRANSPORT = "taxi or bus"
    PERSON = "somebody who is no pupil"
    SAYS = "somebody told us"
    CAUSE = "why a session might not run"
    PLACE = "a place on the site"
    SITE = "the provider"
    THANKS = "thanks, hello"
    PLAIN = "changes nothing"
    ALL_FINE = "all is well, which may or may not mean that all are here"
    REMARK = "small talk that changes nothing"
    UNKNOWN = "in no table"


JOINTS = frozenset({Part.STOP, Part.QUERY, Part.COMMA, Part.DASH, Part.SLASH, Part.AND, Part.OR, Part.BUT, Part.EXCEPT})
"""What stands between two things said."""

SEPARATORS = frozenset({Part.COMMA, Part.DASH, Part.SLASH, Part.AND, Part.OR, Part.BUT})
"""What stands between two things said in one sentence."""

GROUPS = frozenset({Part.ALL, Part.REST, Part.NOBODY, Part.NOBODY_ELSE, Part.SOME, Part.SHARE})
"""Several pupils at once, without their names."""

SUBJECTS = GROUPS | {Part.PUPIL, Part.THEY, Part.BOTH, Part.NUMBER}
"""Whom something is said about."""

PREDICATES = frozenset(
    {
        Part.HERE,
        Part.CAME,
        Part.COME,
        Part.COMING,
        Part.LATE,
        Part.ABSENT,
        Part.AWAY,
        Part.LEFT,
        Part.GONE,
        Part.LEAVING,
        Part.CLOSED,
        Part.REASON,
        Part.SYMPTOM,
        Part.TICK,
        Part.YES,
        Part.NO,
        Part.SAME,
        Part.UNSURE,
    }
)
"""What is said about them."""

HARMLESS = frozenset(
    {
        Part.PLAIN,
        Part.THANKS,
        Part.REMARK,
        Part.ALL_FINE,
        Part.ARTICLE,
        Part.AUXILIARY,
        Part.POSSESSIVE,
        Part.TODAY,
        Part.KIDS,
    }
)
"""What changes nothing about what is said."""

CHATTER = HARMLESS | {Part.PLACE, Part.SITE, Part.NOW, Part.CAUSE, Part.TICK, Part.YES}
"""What may stand beside a statement, as a fragment of its own, without touching it."""

HEADS = PREDICATES | {Part.HAVE_GOT}
"""What opens the part of a clause that says something."""
