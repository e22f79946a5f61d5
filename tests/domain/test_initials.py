"""Initials beside a reference: a simple rule that holds for names as they are in England's schools."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.initials import initials_of


@pytest.mark.parametrize(
    ("first", "last", "initials"),
    [
        ("Jay", "Smith", "J.S."),
        ("Joana", "da Silva", "J.S."),
        ("Joana", "Da Silva", "J.S."),
        ("Rafael", "dos Santos e Castro", "R.S."),
        ("Lotte", "van der Berg", "L.B."),
        ("Hamza", "al-Hassan", "H.H."),
        ("Hamza", "Al-Hassan", "H.H."),
        ("Omar", "El Sayed", "O.S."),
        ("Nadia", "bint Yusuf", "N.Y."),
        ("Rhys", "ap Gwilym", "R.G."),
        ("Elodie", "d'Souza", "E.S."),
        ("Elodie", "D'Souza", "E.D."),
        ("Tom", "O'Neil", "T.O."),
        ("Tom", "O’Neil", "T.O."),
        ("Siân", "Okafor-Reid", "S.O."),
        ("Mary-Kate", "St John", "M.S."),
        ("Mary Kate", "McAdam Brown", "M.M."),
        ("An", "Le", "A.L."),
        ("Bo", "de la", "B.L."),
        ("  Jay", "\t da  Silva ", "J.S."),
        ("jay", "smith", "J.S."),
        ("Élodie", "ångström", "É.Å."),
        ("E\u0301lodie", "Moyo", "É.M."),
        ("Łukasz", "Đặng", "Ł.Đ."),
        ("شيماء", "حسن", "ش.ح."),
        ("हिना", "किरण", "हि.कि."),
        ("明", "王", "明.王."),
        ("“Bo”", "(Lee)", "B.L."),
        ("Jay", "", "J."),
        ("", "Smith", "S."),
        ("", "", ""),
        ("-", "12", ""),
        ("ßen", "ŉek", "ß.ŉ."),
    ],
)
def test_initials_of_names_as_they_are(first: str, last: str, initials: str) -> None:
    assert initials_of(first, last) == initials


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gives_at_most_two_and_never_a_whole_name(first: str, last: str) -> None:
    given_back = initials_of(first, last)
    assert given_back.count(".") <= 2
    assert not any(each.isspace() for each in given_back)
