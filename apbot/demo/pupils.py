"""The forty invented pupils: who places them, where they are on a Thursday morning, and where else in the week."""

from dataclasses import dataclass

WEEKS = {
    "whole week": tuple(f"{day} {session}" for day in ("mon", "tue", "wed", "thu", "fri") for session in ("am", "pm")),
    "mid-week": ("tue am", "tue pm", "wed am", "wed pm", "thu am", "thu pm"),
    "thursdays and fridays": ("thu am", "thu pm", "fri am", "fri pm"),
    "thursdays": ("thu am", "thu pm"),
    "mornings": ("mon am", "tue am", "wed am", "thu am", "fri am"),
    "mondays and tuesdays": ("mon am", "mon pm", "tue am", "tue pm"),
    "mondays": ("mon am", "mon pm"),
    "": (),
}
"""Which sessions of the week a placement expects. Every pupil is somewhere on a Thursday morning."""

KIT, ROSA, OWEN, SIMRAN = "HILL-KL", "HILL-RJ", "MARSH-OR", "TARN-SG"


@dataclass(frozen=True)
class Placed:
    """One pupil with the place they are at on Thursdays, and the other one of those who have two."""

    ref: str
    first_name: str
    last_name: str
    year: str
    school: str
    key_worker: str
    here: tuple[str, str]
    elsewhere: tuple[str, str] = ("", "")
    transport: str = ""
    calls_home: str = ""
    social_worker: bool = False


PLACED = (
    Placed("AB12", "Jay", "Ward", "10", "HILL", KIT, ("OAK", "mid-week"), transport="taxi, 01632 960301"),
    Placed("EF56", "Mo", "Hassan", "10", "HILL", KIT, ("OAK", "mid-week"), transport="taxi, 01632 960301"),
    Placed("KT20", "Niamh", "Doyle", "9", "HILL", ROSA, ("OAK", "thursdays")),
    Placed("VR63", "Callum", "Pryce", "11", "HILL", ROSA, ("OAK", "thursdays and fridays")),
    Placed("LB77", "Ellie", "Dunn", "10", "MARSH", OWEN, ("OAK", "mid-week"), transport="a parent’s car"),
    Placed("GW31", "Arjun", "Bhatt", "9", "MARSH", OWEN, ("OAK", "mornings")),
    Placed("PN45", "Zofia", "Kowal", "8", "MARSH", OWEN, ("OAK", "thursdays")),
    Placed("TC19", "Tyrone", "Bell", "11", "TARN", SIMRAN, ("OAK", "whole week")),
    Placed("YD84", "Hana", "Aziz", "9", "TARN", SIMRAN, ("OAK", "thursdays")),
    Placed(
        "CD34",
        "Joana",
        "Silva",
        "11",
        "HILL",
        KIT,
        ("GARAGE", "thursdays and fridays"),
        ("OAK", "mondays and tuesdays"),
        transport="bus 12",
    ),
    Placed("HM52", "Kofi", "Mensah", "11", "HILL", ROSA, ("GARAGE", "thursdays and fridays")),
    Placed("BX90", "Liam", "Carter", "10", "HILL", ROSA, ("GARAGE", "mid-week"), ("YARD", "mondays")),
    Placed("RS26", "Dylan", "Hughes", "10", "MARSH", OWEN, ("GARAGE", "mid-week")),
    Placed("WK73", "Ibrahim", "Khan", "11", "MARSH", OWEN, ("GARAGE", "whole week")),
    Placed("FJ14", "Lacey", "Booth", "10", "MARSH", OWEN, ("GARAGE", "thursdays")),
    Placed("ZN68", "Marek", "Hora", "11", "TARN", SIMRAN, ("GARAGE", "thursdays and fridays")),
    Placed("QG37", "Reece", "Tait", "10", "TARN", SIMRAN, ("GARAGE", "mid-week"), transport="taxi, 01632 960302"),
    Placed("GH78", "Aisha", "Rahman", "9", "HILL", KIT, ("STUDIO", "thursdays"), transport="bicycle"),
    Placed(
        "JK29",
        "Toby",
        "Marlow",
        "10",
        "HILL",
        KIT,
        ("STUDIO", "thursdays and fridays"),
        transport="taxi, 01632 960301",
        calls_home="Kit Lowry",
        social_worker=True,
    ),
    Placed("LM41", "Chidi", "Eze", "9", "HILL", ROSA, ("STUDIO", "thursdays"), transport="bicycle"),
    Placed("NP65", "Megan", "Shaw", "8", "HILL", ROSA, ("STUDIO", "thursdays"), transport="a parent’s car"),
    Placed("DV17", "Siân", "Morgan", "10", "HILL", ROSA, ("KITCHEN", "thursdays")),
    Placed("MW82", "Luca", "Romano", "11", "HILL", KIT, ("KITCHEN", "thursdays and fridays")),
    Placed("SB36", "Amina", "Yusuf", "9", "MARSH", OWEN, ("KITCHEN", "thursdays")),
    Placed("CT93", "Jack", "Hobbs", "10", "MARSH", OWEN, ("KITCHEN", "mid-week")),
    Placed("XL50", "Anjali", "Rao", "9", "TARN", SIMRAN, ("KITCHEN", "thursdays")),
    Placed("HR24", "Connor", "Flynn", "11", "TARN", SIMRAN, ("KITCHEN", "whole week")),
    Placed("VA71", "Grace", "Obi", "10", "TARN", SIMRAN, ("KITCHEN", "mornings")),
    Placed("BN85", "Tariq", "Saleh", "10", "HILL", ROSA, ("YARD", "mid-week")),
    Placed("DK43", "Mason", "Lacey", "11", "HILL", KIT, ("YARD", "whole week")),
    Placed("FT58", "Ruby", "Lennox", "9", "MARSH", OWEN, ("YARD", "thursdays")),
    Placed("RH62", "Kyle", "Denham", "10", "MARSH", OWEN, ("YARD", "mid-week")),
    Placed("CP16", "Ahmed", "Noor", "11", "TARN", SIMRAN, ("YARD", "whole week")),
    Placed("LX49", "Jodie", "Pike", "10", "TARN", SIMRAN, ("YARD", "thursdays and fridays")),
    Placed("TB95", "Samir", "Patel", "9", "TARN", SIMRAN, ("YARD", "thursdays")),
    Placed("KW38", "Freya", "Lund", "10", "HILL", KIT, ("BOATS", "thursdays")),
    Placed("GD27", "Emeka", "Ude", "11", "MARSH", OWEN, ("BOATS", "thursdays and fridays")),
    Placed("NT61", "Rhys", "Bowen", "10", "MARSH", OWEN, ("BOATS", "mid-week")),
    Placed("JV53", "Leila", "Haddad", "9", "TARN", SIMRAN, ("BOATS", "thursdays")),
    Placed("XB74", "Harry", "Cobb", "11", "TARN", SIMRAN, ("BOATS", "thursdays and fridays")),
)
