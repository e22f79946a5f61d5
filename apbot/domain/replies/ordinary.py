"""Ordinary short English words, as a table: a word found here was meant, and is no slip for a name."""

from apbot.domain.replies.words import word_set

ORDINARY = word_set("""
    able ace ache act add ago aid aim air ale all also am an and ant any ape apt arc are area arm army as ash
    ask at ate aunt away axe baby back bad bag bake ball ban band bang bank bar bare bark barn base bat bath bay
    be beam bean bear beat bed bee beef been beer before beg bell belt bench bend best bet better big bike bin
    bird bit bite black blade blame blank bless blind block blood blow blue board boat body boil bold bolt bone
    bonnet book boot bore born boss both bother bottle bottom bowl box boy brain brake bran brave bread break
    brew brick bridle bring broke brook broom brother brown brush bucket bug build bull bump bun bunch burn bus
    bush busy but buy by cab cage cake calf call calm came can cap car card care cart case cash cast cat catch
    cave chain chair chalk chance chat cheap check cheek chest chew chick child chin chip chop clay clean clear
    clip clock close closet cloth cloud club clue clutch coach coal coat code coin cold comb combing come cook
    cool cope copy corn cost cot cough could count cover cow crab crash crawl crew crop cross crow cry cub cup
    cure curl cut dad daily damp dance dare dark dash data date dawn day dead deaf deal dear debt deck deep deer
    den desk did dig dim dip dirt dish ditch dive do dock does dog done door dot down drag drain draw dream
    dress drew drill drink drip drive drop drum dry duck due dug dull dump dust duty each ear earlier early earn
    earth ease east easy eat edge eel egg eight else empty end engine enjoy enter even evening ever evil exam
    exhaust exit extra eye face fact fade fail fair fall false fan far fare farm fast fat fed fee feed feel feet
    fell fence few field fig fight file fill film find fine fire firm first fish fit five fix flag flat flew
    flip float flock floor flow fly foal fog fold folk food foot for forge fork form fort four fox free fresh
    from front fuel full fun funny fur gale game gap gas gate gave gear gearbox get gift girl give glad glass
    glove glue go goal goat goes gold gone good goose got grab grain grass gray great green grey grin grip
    ground group grow guess guest guide gym had hair half hall halt ham hand hang happy hard harm harness hat
    hate have hay he head heap hear heard heart heat heavy hedge heel hello help hem hen her herd here hers hi
    hid hide high hill him hip hire his hit hold hole home hood hoof hook hop hope horn horse hose host hot hour
    hours house how hug huge hung hurry hurt hut ice icy idea if ill in inch iron is it item its jab jam jar jaw
    jet job join joke joy jug juice jump just keen keep kept key kick kid kill kind king kiss kit knee knew
    knife know lab lace lad lady laid lake lamb lame lamp land lane lap large last late latter laugh law lay
    lazy lead leaf leak lean learn least leave left leg lend less lest let level lid lie life lift light like
    limb line link lip list lit live load loaf lock log logs lone long look loose lose loss lost lot loud love
    low luck lump lunch lung mad made mail main make male mall man many map mark mask mass mat match mate may me
    meal mean meat meet melt men mend menu mess met mice mid might mild mile milk mill mind mine mini mint miss
    mission mist mix moan mob mock mood moon moor mop more morning most moth mother mouse mouth move mow much
    mud mug mule mum must my nail name nap near neat neck need nest net never new news next nice night nine no
    nod noise none noon nor nose not note now numb nun nurse nut oak oar oat odd of off oil old ole on once one
    only open or orange others oven over owe owl own pack pad page paid pail pain paint pair pal pale pan pane
    pant paper parents park part pass past paste pat path pause paw pay pea peace peak peg pen per pest pet
    phone pick pie pig pile pill pin pinch pine pink pint pipe pit place plan plant plate play please plot plug
    plum plus pod point pole pond pony pool poor pop pork port pose post pot pour power presents press price
    print prize proof pub puddle pull pump puncture pup push put quick quiet quit race rack rag rail rain raise
    rake ram ran ranch rare rat rate raw ray reach read ready real rear red reed reel reins rest rib rice rich
    ride right ring rip ripe rise risk road roam roar roast rob robe rock rod role roll roof room root rope rose
    rot rough round row rub rude rug ruin rule run rush rust sack sad saddle saddles safe said sail salad sale
    salt same sand sane sat sauce save saw say scan scar scare school scrap sea seal seat see seed seem seen
    sell send sent set seven sew shade shake shall shape share sharp shave she shed sheep shelf shell shift
    shine ship shirt shock shoe shop short shot should show shower shut shy sick side sigh sight sign silly sing
    sink sister sit site six size skin skip sky slap sleep slept slice slide slip slow small smart smell smile
    smoke snack snake snow so soap sock soft soil sold some song soon sore sort soup sour sow space spade
    spanner spare speak speed spell spend spill spin split spoke spoon sport spot spray spring spy stab stable
    staff stage stain stair stall stalls stamp stand star start stay steak steal steam steel steer stem step
    sterile stew stick stiff still sting stir stock stone stood stool stop store storm story stove straw stray
    stream street string strip strong stuck such suit sum sun sunny sure swap sweat sweep sweet swim swing table
    tail take tale talk tall tame tan tank tap tape tar task taste taxi tea teach team tear tease teeth tell ten
    tend tent term test text than that the theft them then there these they thick thin thing think third this
    those three threw throw thumb tick tidy tie tight tile till time tin tiny tip tire to toad toast today toe
    told tone too took tool tooth top torn toss touch tour tow town toy track trade trail train tray tree trick
    tried trim trip trot truck true trust try tub tube tune turf turn twice twig twin two type tyre tyres ugly
    under up upon upset us use van vase veal very vest vet view visit voice vote wade wage wait wake walk wall
    want war ward warm warn was wash wasp watch water wave wax way we weak wear web wed wee weed week weigh
    weird weld welder welding well went were west wet what wheat wheel when where which while whip white who
    whole why wide wife wig wild will win wind wine wing winter wipe wire wise wish with woke wolf woman won
    wood wool word wore work world worm worn worry worse worst would wrap write wrong yard yarn yawn year yell
    yes yet you young your zip zoo
""")  # fmt: skip
