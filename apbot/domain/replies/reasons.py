"""What providers are told about why a pupil is not there: tables of data, read by `lexer`."""

from apbot.domain.marks import Reason

ABSENT_BECAUSE: dict[Reason, str] = {
    Reason.ILL: """
        ill; poorly; sick; unwell; illness; sickness; not well; not very well; not too well; not so well
        under the weather; off sick; off ill; off poorly; bug; has a bug; got a bug; sick bug; sickness bug
        tummy bug; stomach bug; norovirus; d and v; dv; diarrhoea; sickness and diarrhoea; flu; the flu; covid
        virus; viral; infection; chest infection; ear infection; tonsillitis; chickenpox; chicken pox
        food poisoning; conjunctivitis; impetigo; scarlet fever; in hospital; a and e; in a and e; at a and e
        medical reasons
    """,
    Reason.MEDICAL: """
        dentist; dental; orthodontist; doctor; optician; opticians; physio; camhs; clinic; appointment
        medical appointment; dentist appointment; dental appointment; doctor appointment; hospital appointment
        hospital visit; camhs appointment; at hospital; at the hospital; blood test; blood tests; x ray; xray
        scan; eye test; hearing test; check up; checkup; operation; surgery; jab; jabs; vaccination; braces
        medical
    """,
    Reason.TRANSPORT: """
        no transport; no taxi; no bus; no lift; no driver; no escort; transport issue; transport issues
        transport problem; transport problems; taxi issue; taxi issues; taxi problem; taxi problems
        taxi cancelled; taxi broken down; taxi broke down; taxi no show; taxi forgot; let down by taxi
        taxi let down; bus cancelled; bus broken down; bus broke down; bus no show; transport cancelled
        transport no show; transport failed; transport let down; not been picked up; not picked up
        never picked up; no way of getting here; no way to get here; taxi absent
    """,
    Reason.TRAVEL: """
        road closed; roads closed; road is closed; roads are closed; road shut; road blocked; roads blocked
        train strike; rail strike; bus strike; train cancelled; trains cancelled; trains off; no trains
        trains not running; buses not running; buses off; travel disruption; travel problems; travel issues
    """,
    Reason.REFUSED: """
        refused; refusing; refuses; refusal; school refusal; refused to come; refusing to come; refuses to come
        refused to come in; refusing to come in; refuses to come in; refused to attend; refusing to attend
        refused taxi; refused the taxi; refusing taxi; refused transport; refused to get in the taxi
        refusing to get in the taxi; refused to get in taxi; refused to get up; refusing to get up
        refused to get out of bed; refusing to get out of bed; refused to leave the house
        refusing to leave the house; will not come; will not come in; would not come; would not come in
        will not attend; would not attend; will not get up; would not get up; will not get out of bed
        would not get out of bed; will not get in the taxi; would not get in the taxi; will not get in taxi
        would not get in taxi; would not get in the car; will not get in the car; will not leave the house
        would not leave the house; did not want to come; does not want to come; did not want to come in
        does not want to come in; did not want to attend; does not want to attend; could not be bothered
        can not be bothered
    """,
    Reason.IN_SCHOOL: """
        in school; in school today; at school; at the school; in the school; at main school; in main school
        at his school; at her school; in college; at college; back in school; back at school; kept in school
        kept at school; with school; at mainstream; in mainstream
    """,
    Reason.INTERVIEW: "interview; at interview; at an interview; job interview; college interview",
    Reason.FAMILY: """
        funeral; bereavement; wedding; christening; family emergency; family reason; family reasons
        family issue; family issues; family problem; family problems; family matter; family matters
        family bereavement; death in the family; family wedding; family funeral; moving house; babysitting
        looking after siblings; looking after his brother; looking after her brother; looking after his sister
        looking after her sister; caring for mum; caring for his mum; caring for her mum
    """,
    Reason.HOLIDAY: """
        holiday; holidays; on holiday; on holidays; on his holidays; on her holidays; on hols; hols; abroad
        gone abroad; away on holiday; gone on holiday; on vacation
    """,
    Reason.RELIGIOUS: """
        eid; diwali; yom kippur; rosh hashanah; vaisakhi; passover; religious observance; religious festival
        religious holiday; religious reasons
    """,
    Reason.OTHER: """
        court; in court; suspended; on suspension; excluded; in custody; work experience; driving test
        theory test; school trip; solicitor; yot; yot appointment; yot meeting
    """,
}  # fmt: skip
"""Each of these on its own says that the pupil has not arrived."""

PERHAPS_BECAUSE: dict[Reason, str] = {
    Reason.ILL: """
        not feeling well; not feeling very well; not feeling great; not feeling good; not feeling too good
        feeling ill; feeling sick; feeling poorly; feeling unwell; feeling rough; feels ill; feels sick
        feels poorly; feels unwell; feels rough; rough; taken ill; been sick; being sick; vomiting; vomited
        throwing up; thrown up; a cold; got a cold; has a cold; bad cold; heavy cold; full of cold; headache
        bad head; migraine; temperature; temp; fever; sore throat; hay fever; asthma; tummy ache; stomach ache
        belly ache; bad tummy; bad belly; bad stomach; dodgy tummy; dodgy stomach; upset tummy; upset stomach
        toothache; tooth ache; earache; ear ache
    """,
}  # fmt: skip
"""Each of these may also be said of a pupil who is there, so that on its own it has to be asked about."""

HELD_UP_BY: dict[Reason, str] = {
    Reason.TRAVEL: """
        traffic; in traffic; stuck in traffic; hit traffic; bad traffic; train delayed; trains delayed
        train late
    """,
    Reason.TRANSPORT: """
        taxi late; late taxi; taxi running late; taxi is late; taxi delayed; taxi held up; bus late; late bus
        bus is late; transport late; taxi on way; transport delayed
    """,
}  # fmt: skip
"""Each of these says only that the pupil is not there yet."""
