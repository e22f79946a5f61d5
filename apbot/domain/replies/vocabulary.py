"""The words and phrases of a reply, and what part each plays: tables of data, read by `lexer`.

A phrase stands once, as people say it, and the longest phrase that fits wins. Contractions and usual
misspellings are put right before the tables are read, so 'is not' here also covers "isn't" and 'isnt'.
Reasons have a table of their own, in `reasons`.
"""

from apbot.domain.replies.parts import Part

_SINGLE: dict[Part, str] = {
    # --- who ---
    Part.ALL: """
        all of em; all; everyone; everybody; every one; every 1; evry 1; every body; every single one
        every pupil; the lot; the whole lot; all of them; them all; they all; they are all; all of us
        all of the group; all of our lot; each of them; whole group; the whole group; whole class
        the whole class; whole crew; the whole crew; whole gang; the whole gang; everyone on the list
        everyone on the register; all on it; all on the register; all on register; all on the list; all on list
        all are; 100 percent
    """,
    Part.REST: """
        rest; the rest; rest of them; the rest of them; rest of the group; the rest of the group; rest all
        the rest all; rest are all; the rest are all; all the rest; all of the rest; others; the others
        others all; the others all; others are all; the others are all; all others; all the others
        all of the others; other; the other; all other; all the other; other ones; the other ones; everyone else
        everybody else; every one else; remaining; the remaining; remainder; the remainder
    """,
    Part.NOBODY: """
        nobody; no one; no body; no 1; none; none of them; none at all; none of the group; not one
        not one of them; not a single one; not a soul; not any of them; not anyone; not anybody; nil; zero
        no kids; no pupils; no children; no students; no learners; no young people; any no
    """,
    Part.NOBODY_ELSE: """
        nobody else; no one else; no body else; not anyone else; none of the others; none of the other
        none of the rest; no others; no other pupils
    """,
    Part.SOME: """
        some; some of them; any; anyone; anybody; most; most of them; half; half of them; few; a few; couple
        a couple; several; many; majority; not all; not all of them; not quite all; not everyone; not everybody
        not every one; not quite everyone; nearly all; nearly everyone; nearly the lot; almost all
        almost everyone; the regulars; the usual; boys; girls; lads; lasses; the boys; the girls; the lads
        the lasses; all boys; all girls; all lads; all the boys; all the girls; all the lads; all the lasses
        all of the boys; all of the girls; all my boys; all my girls; year 9s; year 10s; year 11s
    """,
    Part.BOTH: "both; both of them; the two of them; both of the",
    Part.KIDS: """
        kids; kid; children; pupils; pupil; students; student; learners; learner; young people; yp; yps; people
        group; class; of them; of us; guys
    """,
    Part.THEY: "he; she; they; him; them",
    # --- what happened ---
    Part.HERE: """
        in; here; present; on site; onsite; on the premises; in the building; with us; with me; attending
        in attendance; accounted for; present and accounted for; back; back in; in safe; safe and sound
        in person; in full; in good spirits; in a good mood; in great form; in good form
    """,
    Part.CAME: """
        returned; has returned; have returned; arrived; came; came in; come in; has come; have come; got here
        got in; got to us; made it; made it in; made it here; turned up; turnt up; turned in; showed; showed up
        shown up; rocked up; rolled up; rolled in; pulled up; walked in; strolled in; wandered in; sauntered in
        through the door; walked through the door; came through the door; signed in; been signed in; checked in
        clocked in; dropped off; been dropped off; got dropped off; landed; appeared; joined us; come back
        came back; has appeared
    """,
    Part.COME: """
        come; arrive; turn up; show; show up; make it; make it in; get here; get in; attend; attended; appear
        come to
    """,
    Part.COMING: """
        coming; coming in; on way; on the way; on his way; on her way; on their way; on my way; on route
        en route; arriving; arrives; running late; running behind; running a bit late; running a little late
        late running; later; later on; shortly; soon; due; due in; expected; expecting; any minute; any second
        in a minute; in a bit; in a sec; in a mo; in an hour; in half an hour; held up; delayed; on the bus
        on a bus; on bus; on the train; in the taxi; in a taxi; in taxi; in the car; travelling; setting off
        set off; on the road; away now; round the corner; around the corner; nearly here; nearly there
        almost here; almost there; pulling up; behind; outside; at the gate; in the car park; at the bus stop
        at bus stop; missed the bus; missed his bus; missed her bus; missed bus; slept in; overslept; left home
        left the house; left school; left for here; just leaving; leaving home; leaving now; being dropped off
        walking in
    """,
    Part.LATE: "bit late; a bit late; little late; a little late; slightly late; late; late by; l 8; tardy",
    Part.ABSENT: """
        to come; to arrive; left to come; left to arrive; absent; absence; absences; absentee; absentees; abs
        no show; no shows; non attendance; non attender; non arrival; dna; fta; no sign of; no sign; no signs of
        nowhere to be seen; not seen; not been seen; have not seen; has not been seen; awol; gone awol
        unaccounted for; waiting for; waiting on; waiting; awaiting; skiving; skived; bunking; bunking off
        bunked off; truanting; truant; wagging it; wagging; wagged it; at home; in bed; asleep; stayed home
        staying home; home today; kept home; kept off; being kept off; stayed off; staying off; day off
        study leave; on study leave; a no show
    """,
    Part.AWAY: "away; off; out; missing; crossmark",
    Part.LEFT: """
        sent back home; gone back home; went back home; gone home; went home; walked home; sent home
        been sent home; taken home; been taken home; home early; walked out; stormed out; walked off site
        stormed off site; ran off site; run off site; gone off site; went off site; absconded; abscond
        done a runner; did a runner; doing a runner; done a bunk; ran off; run off; ran away; run away
        legged it; scarpered; went awol; left site; left the site; left the premises; left premises
        left the building; left the farm; left the unit; left the garage; left for the day; left for home
        gone for the day; disappeared; vanished; gone missing; went missing; gone walkabout; collected early
        picked up early; been collected
    """,
    Part.GONE: """
        left; gone; went; went off; walked off; wandered off; stormed off; off site; offsite; collected; bolted
        over the fence; jumped the fence; climbed the fence; out the gate; out of the gate
    """,
    Part.LEAVING: """
        leaving; leaves; leave; leaving early; going home; going early; has to leave; have to leave; has to go
        needs to leave; needs to go; got to go; wants to go home; being picked up; getting picked up
        being collected; finishing; finishing early; finishes; finish
    """,
    Part.CLOSED: """
        closed; shut; no session; no sessions; no provision; no lessons; no classes; nothing running
        not running; not open; not opening; not operating; unable to open; unable to run; not able to open
        not able to run; can not open; can not run; session off; sessions off; session is off; session cancelled
        sessions cancelled; session canceled; session is cancelled; session called off; session closed
        had to close; had to shut; having to close; having to shut; forced to close
    """,
    Part.TICK: "tickmark; tick; ticked",
    Part.YES: "yes; yup; yep; aye; affirmative",
    Part.NO: "no",
    Part.SAME: """
        same; ditto; too; as well; also; likewise; so is; so are; so has; same with; same for; same goes for
    """,
    Part.UNSURE: """
        there; absent minded; all in all; all in one; all in a; all in good time; in theory; in spirit
        here in spirit; in name; here comes; here we go; there is; presents; in the mood; not in the mood
        off the wall; off his head; off her head; off on one; left handed; left his; left her; left their
        left a; left it; left to; gone quiet; sick of; there are; missing his; missing her; missing a
        missing the; missing their; no word; no word from; no news; no news from; no contact; no contact from
        heard nothing; heard nothing from; nothing from; not heard; not heard from; have not heard
        have not heard from; no response from; no reply from; no answer from; late night; late finish; down as
        picked up; been picked up; cancelled; canceled; called off; refuses to be; running away; runs away
    """,
    # --- how it is meant ---
    Part.NOT: "not; can not; never; no longer; failed to; yet to; still to; unable to; without; far from",
    Part.NEITHER: "neither; neither of",
    Part.MAYBE: """
        can; maybe; perhaps; might; may; probably; possibly; should; could; would; think; thinks; thought
        reckon; guess; guessing; assume; assuming; presume; presuming; presumably; suppose; supposed; supposedly
        hope; hopefully; hoping; believe; unsure; unknown; not known; not sure; not certain; not confirmed
        unconfirmed; likely; unlikely; looks like; looking like; seems; seem; seemingly; apparently; sounds like
        allegedly; if; unless; whether; when; once; nearly; almost; kinda; sorta; kind of; sort of; ish; roughly
        tbc; dunno; do not know; do not think; no idea; can not tell; can not see; can not be sure; can not say
        not seen yet; more or less; as good as; give or take; fingers crossed; touch wood; praying; pending
        trying; tried to; imagine; suspect; as far as i know; far as i know; as far as i can tell; afaik
        ought to be; ought; better be; meant to be; supposed to be; planning; ready for; mind you
    """,
    Part.DOUBT: """
        scrap; scratch; ignore; disregard; forget; undo; delete; remove; wait; oops; whoops; meant; mean
        instead; wrong; mixed up; muddled; swap; swapped; vice versa; the other way round; other way round
        joking; false; untrue; only joking; jk; kidding; only kidding; not really; as if; psych; typo; test
        testing; example; for example; pretend; hang on; hold on; change; amend; untick; unmark; cancel
        tell a lie; lol not; should say; tomorrows; yesterdays
    """,
    Part.WAS: "was; were; been; used to be; had been; had",
    Part.WILL: "will; shall; going to; gonna; about to; is due; are due; to be; due to be",
    Part.JUST: "just; only just; literally; literally just; has just; have just; have only just; has only just",
    Part.NOW: "now; right now; just now; at last; finally; eventually; this minute; just this minute; in the end",
    Part.ONLY: "only; only one; only 1; the only one; only ones; the only ones",
    Part.UNTIL: "until; till; til; untill; not before; before",
    Part.BY: "by",
    Part.TODAY: "today; 2 day; this week; at the moment; at the mo; currently; atm; at present; so far; for now",
    Part.OTHER_DAY: """
        tomorrow; yesterday; tonight; monday; tuesday; wednesday; thursday; friday; saturday; sunday; mon; tue
        tues; wed; weds; thurs; thur; fri; mondays; tuesdays; wednesdays; thursdays; fridays; next week
        last week; next time; last time; next month; last month; last night; all night; overnight; next term
        last term; next session; last session; the other day; the weekend; weekend; from now on; in future
        usually; normally; always; every day; every week; every time; often; sometimes; most days; rarely
        earlier this week; no longer attends; no longer attending; left us; left the programme; left the course
        finished with us; moved to; off roll; not on our list; not on the list; not on our register
        not on the register; not one of ours; in a row; again next
    """,
    # --- how it hangs together ---
    Part.AND: "so; and; plus; along with; together with; as well as; then; and then; and also; nor; with",
    Part.OR: "or",
    Part.BUT: "but; though; although; however; while; whereas; whilst",
    Part.EXCEPT: """
        except; except for; excepting; excepted; with the exception of; the exception of; exception; bar
        bar for; barring; but for; apart from; aside from; other than; minus; excluding; excl; not including
        not counting; save for; besides; less; the only exception is; only exception is; only exception
    """,
    Part.WHO: "who; which; whom",
    Part.ASK: """
        what; what time; where; why; how; which one; who else; any news; any sign; any sign of; any idea
        any update; any word; any chance; do you know; let me know; please advise; can you tell; can you confirm
        could you confirm; please confirm; wondering; need to know; can someone; could someone; can somebody
        can anyone; does anyone; anyone know; anybody know; what about; how about; how come; tell me; remind me
        should i; shall i; do i; can i; can we; do we; is it ok; help; what if; have you; did you; are you
        do you; is this right; is that right; will you
    """,
    Part.AUXILIARY: "is; are; has; have; does; do; did; am; be; being",
    # --- everything else ---
    Part.POSSESSIVE: "'s",
    Part.ARTICLE: "the; a; an; his; her; their; our; my; your; this; that; it",
    Part.HAVE_GOT: """
        we have; we have got; we got; i have got; have got; got; we do have; have in; we have in; we have here
    """,
    Part.TRANSPORT: "taxi; bus; school bus; transport; driver; taxi driver; escort; tram",
    Part.PERSON: """
        mum; dad; nan; nana; gran; grandma; grandad; aunt; auntie; aunty; uncle; brother; sister; cousin; twin
        parent; parents; stepdad; step dad; stepmum; step mum; carer; foster carer; foster mum; foster dad
        family; social worker; guardian; friend; mate; boyfriend; girlfriend; school; college; office; staff
        teacher; mentor; tutor; manager; worker; key worker; keyworker; youth worker; colleague; volunteer
        visitor; visitors; inspector; police; someone; somebody; mr; mrs; miss; ms; sir; i; me; you; lad; girl
        boy; new lad; new girl; new boy; new kid; new one; new starter; someone else; somebody else; home
    """,
    Part.SAYS: """
        says; say; said; saying; tells; told; reports; reported; informed; claims; heard; according to; rang
        rung; called; phoned; texted; messaged; emailed; text; message; let us know; rang in; phoned in
        called in; rung in; phoned up; rang up; in touch; been in touch
    """,
    Part.CAUSE: """
        flooded; flood; flooding; power; no power; power cut; power out; power off; no electric; no electricity
        no water; water off; no heating; heating; boiler; burst pipe; gas leak; leak; snow; snowed; storm; ice
        icy; staff sickness; no staff; short staffed; bad weather; weather; training; training day
        staff training; inset; inset day; broken; broken down; due to; because of; because; cos; owing to
        thanks to; tree down; fire; health and safety; building work; farm under water; under water
    """,
    Part.PLACE: """
        workshop; yard; barn; classroom; lesson; lessons; kitchen; field; fields; polytunnel; stables; stable
        reception; art; art room; maths; english; science; music; pottery; woodwork; mechanics; construction
        tutorial; canteen; hall; gym; studio; salon; shed; garden; greenhouse; tack room; paddock; arena
        common room; room; bay; bike shed; allotment; breakfast club; breakfast; registration; feed room
        pig pen; group work
    """,
    Part.SITE: """
        we; us; farm; unit; site; whole site; centre; center; garage; session; sessions; provision; building
        place; setting
    """,
    Part.THANKS: """
        thanks; thank you; thankyou; thank u; thanks for that; thanks so much; many thanks; much appreciated
        appreciated; hi; hello; hiya; hey; hi there; morning; good morning; gm; afternoon; good afternoon
        evening; good evening; bye; goodbye; see you; see ya; see you tomorrow; see you monday
        see you next week; see you later; see you soon; see you then; ok; okay; k; great; brilliant; lovely
        perfect; fab; cool; sound; smashing; nice; nice one; excellent; super; magic; sweet; no problem
        no probs; no worries; no bother; np; welcome; you are welcome; got it; understood; noted; received
        will do; have a good day; have a nice day; have a good one; all the best; regards; kind regards
        speak soon; roger; lol; haha; ha; alright; righto; right then; right; boss; m 8; love; pal; bud
        fantastic; wonderful; awesome; good
    """,
    Part.PLAIN: """
        since; by mum; by dad; by his mum; by her mum; by his dad; by her dad; with mum; with dad; with his mum
        with her mum; with his dad; with her dad; at; to; of; on; for; from; as; please; pls; plz; sorry; yet
        still; again; already; actually; really; very; ever; even; anymore; any more; at all; after all; all day
        all morning; all afternoon; all right; all week; all being well thanks; that is all; that is it
        that is everyone thanks; this morning; this afternoon; this session; pm; register; registers; reg
        attendance; list; for the register; for today; fyi; btw; update; quick update; no issues; no problems
        nothing to report; no change; no changes; not long ago; not to worry; not a problem; my mistake; my bad
        our mistake; correction; put; mark; marked; put down; can you mark; could you mark; can you put
        could you put; please mark; please put; mark as; put down as; down; up; safely; safe; well; fine
        happily; definitely; def; confirmed; for definite; for sure; certainly; indeed; early; too early
        promptly; on time; bright and early; nice and early; settled; ready; sat; thank god; thank goodness
        of course; obviously; unfortunately; sadly; afraid; surprisingly; just to say; just to let you know
        to let you know; letting you know; just letting you know; just so you know; heads up; to say; to report
        to confirm; can confirm; i can confirm; happy to confirm; confirmed in; there you go; here you go
        here you are; hope you are well; hope you are ok; hope all is well; hope all well; x; xx; xxx; reason
        no reason; no reason given; reason unknown; unknown reason; no explanation; not sure why
        do not know why; no idea why; unsure why; why unknown; by taxi; by bus; by car; off the bus; off his bus
        off her bus; off the taxi; respectively; each; one of them; himself; herself; had to; mini
        back to normal; done; complete; completed; on his own; on her own; on their own; late reply; late reg
        late register; late response; register late; reg late; apologies; only just seen this; just seen this
        only just seen; for the delay
    """,
    Part.ALL_FINE: """
        all good; all fine; all ok; all okay; all well; all happy; all set; all ready; all done; all sorted
        all smiles; all quiet; all good here; everything ok; everything fine; everything good; everyone is fine
        everyone ok; everyone fine; everyone good; all tickety boo
    """,
    Part.REMARK: """
        happy; quiet; tired; grumpy; bit; little; working; busy; cheerful; chatty; hard; sleepy; keen; moody
        energetic; lively; loud; noisy; hyper; miserable; sulking; not happy; not great; not himself
        not herself; not bothered; not talking; not much; raining; rain; sunny; hot; warm; cold; freezing; wet
        muddy; windy; chilly; lovely day; nice day; good day; great day; wet day; day; good start; great start
        good session; cracking on; cracking; getting on; getting on with it; straight to work; straight into it
        getting started; started; starting; doing well; doing great; good as gold; behaving; being good
        enjoying; smiling; laughing; helping; great work; feeding; mucking; mucking out; horses; horse; pigs
        pig; goats; goat; hens; chickens; sheep; lambs; donkeys; donkey; ponies; pony; animals; dogs; dog; bikes
        bike; engine; engines; tractor; tea; coffee; toast; lunch; kettle; brew; cleaning; painting; digging
        planting; cooking; work; coat; boots; kit; ring; call; chase; chasing; ringing; calling; answering
        answer; reply; no answer; no reply; voicemail; left message; left a message; left voicemail; try
        tried calling; tried ringing; tried phoning; will ring; will call; will chase; will try again
        will update; will let you know; will let u know; keep you posted; will keep you posted; i will
        no dramas; no drama; no update; no updates; nothing else; nothing; details; detail; follow; attitude
        smile; weather is; hungover
    """,
}  # fmt: skip

_COMPOUND: dict[tuple[Part, ...], str] = {
    (Part.ALL, Part.HERE): """
        present n correct; all present n correct; full house; full register; full attendance; full complement
        full group; full class; full set; full team; full crew; 100 percent attendance; complete register
        clean sweep; full turn out; full turnout; full show; present and correct; all present and correct
        everyone accounted for; no absentees; no absences; no absence; nil absences; nil absent; no no shows
    """,
    (Part.MAYBE, Part.CLOSED): "have to close; have to shut; need to close; need to shut; might close; may close",
    (Part.NOBODY, Part.HERE): "empty register; nobody about; no takers; empty house",
}  # fmt: skip

PHRASES: dict[tuple[Part, ...], str] = {(part,): table for part, table in _SINGLE.items()} | _COMPOUND
