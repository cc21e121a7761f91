"""Token patterns of real records, and what an English reader expects of them.

Short stretches around a mention, with the record they come from: VCR's own val (`val-N`, those of VCR-CS among them)
and train, and GD-VCR (`gd val-N`, `gd+ val-N` of its second file), which has VCR's answers with other references.
P is a person, others are objects of the class named; the numbers are those of the test, not of the record.
"""

from typing import Any

import pytest

from m3it_build.registry import load_registry

OBJECTS = load_registry()["vcr"].module.Objects
NAMES = ["person", "person", "person", "dog", "cup", "car", "chair"]
COLOURS = {0: "red", 1: "blue", 2: "green", 3: "yellow", 4: "white", 5: "black", 6: "pink"}
P, Q, R = [0], [1], [2]
DOG, CUP, CAR, CHAIR = [3], [4], [5], [6]
WORDS = {
    "@P": "the person in the red box",
    "@Q": "the person in the blue box",
    "@R": "the person in the green box",
    "@DOG": "dog in the yellow box",
    "@CUP": "cup in the white box",
    "@CAR": "car in the black box",
    "@CHAIR": "chair in the pink box",
    "@PQR": "the people in the red, blue and green boxes",
    "@PQ": "the people in the red and blue boxes",
}

REAL = [
    ("train-0", "Does|@P|feel|comfortable|?", "Does @P feel comfortable?"),
    ("train-0", "@P|is|laying|in|bed|but|not|sleeping|.", "^@P is laying in bed but not sleeping."),
    ("val-0", "How|is|@P|feeling|?", "How is @P feeling?"),
    ("val-0", "feeling|uncomfortable|with|@Q|.", "feeling uncomfortable with @Q."),
    ("val-0", "@P|'|s|mouth|has|wide|eyes", "^@P's mouth has wide eyes"),
    ("val-1", "Does|@P|live|in|this|house|?", "Does @P live in this house?"),
    ("val-1", "No|@Q|does|not|belong|here|.", "No, @Q does not belong here."),
    ("val-1", "No|,|@P|lives|nowhere|close|.", "No, @P lives nowhere close."),
    ("val-1", "Yes|,|@P|works|there|.", "Yes, @P works there."),
    ("val-1", "while|it|seems|@P|has|just|arrived", "while it seems @P has just arrived"),
    ("val-35", "wants|@P|to|sit|back|in|@CHAIR|and", "wants @P to sit back in the @CHAIR and"),
    ("val-35", "wondering|if|@Q|is|going|to|kiss|her|.", "wondering if @Q is going to kiss her."),
    ("val-37", "Do|you|think|@P|will|sit|down|on|@CHAIR|?", "Do you think @P will sit down on the @CHAIR?"),
    ("val-37", "it|is|on|the|bench|near|@Q|.", "it is on the bench near @Q."),
    ("val-37", "a|young|man|like|@Q|to|ask|her|to|dance", "a young man like @Q to ask her to dance"),
    ("val-41", "What|would|happen|if|@P|bought|@Q|a|drink|?", "What would happen if @P bought @Q a drink?"),
    ("val-41", ",|so|@Q|is|the|housekeeper", ", so @Q is the housekeeper"),
    ("val-41", "because|@Q|is|the|mother|of|@P|and|parents", "because @Q is the mother of @P and parents"),
    ("val-55", "What|is|@Q|staring|at|?", "What is @Q staring at?"),
    ("val-72", "and|@P|is|comforting|him|.", "and @P is comforting him."),
    ("val-72", "on|his|face|while|@Q|reaches|for|a|box|.", "on his face while @Q reaches for a box."),
    ("val-103", "Would|@P|hurt|@Q|?", "Would @P hurt @Q?"),
    ("val-103", "No|@P|will|not|slap|@Q|.", "No, @P will not slap @Q."),
    ("val-103", "and|@P|is|aiming|a|weapon|at|@Q|so|they", "and @P is aiming a weapon at @Q so they"),
    ("val-111", "find|out|what|happened|to|@P|and|she", "find out what happened to @P and she"),
    ("val-121", "in|the|direction|of|@P|,|indicating|that|he", "in the direction of @P, indicating that he"),
    ("val-121", "is|bent|forward|in|@CHAIR|and|is|facing", "is bent forward in the @CHAIR and is facing"),
    ("val-126", "Yes|@P|is|with|his|family|.", "Yes, @P is with his family."),
    ("val-126", "far|away|from|@PQ|or|@R|and|seems", "far away from @PQ or @R and seems"),
    ("val-211", "Are|@PQ|friends|with|each|other|?", "Are @PQ friends with each other?"),
    ("val-211", "No|@PQ|are|not|comrades|.", "No, @PQ are not comrades."),
    ("val-211", "Yes|,|@PQ|know|each|other|well|.", "Yes, @PQ know each other well."),
    ("val-227", "Yes|@Q|did|.", "Yes, @Q did."),
    ("val-227", "No|@P|was|not|expected|.", "No, @P was not expected."),
    ("val-228", "a|wide|smile|such|as|@P|'|s|.", "a wide smile such as @P's."),
    ("val-289", "in|her|hand|with|@P|right|behind|her", "in her hand with @P right behind her"),
    ("val-334", "Is|@P|eating|@CUP|?", "Is @P eating the @CUP?"),
    ("val-334", "is|eating|at|@CHAIR|with|@CUP|that|appears", "is eating at the @CHAIR with the @CUP that appears"),
    ("val-337", "in|front|of|@P|is|being|protective|.", "in front of @P is being protective."),
    ("val-337", "to|listen|to|what|@Q|has|to|say|.", "to listen to what @Q has to say."),
    ("val-377", "thinking|that|it|is|rude|for|@Q|to|be", "thinking that it is rude for @Q to be"),
    ("val-377", "@Q|has|cut|off|@P|to|take|the|phone", "^@Q has cut off @P to take the phone"),
    ("val-1869", "who|will|be|sitting|in|@PQ|to|get|there", "who will be sitting in @PQ to get there"),
    ("val-1962", "No|@P|is|with|the|group|of|people", "No, @P is with the group of people"),
    ("val-1962", "at|the|front|of|a|crowd|.|@PQ|,|and|@R|as|well", "at the front of a crowd. ^@PQ, and @R as well"),
    ("val-5006", "will|chase|persons|@PQ|in|the|car|.", "will chase @PQ in the car."),
    ("val-5006", "to|what|@P|has|said|.", "to what @P has said."),
    ("val-5052", "Both|@PQ|have|their|mouths|closed", "Both @PQ have their mouths closed"),
    ("val-5068", "is|waiting|on|@Q|to|get|out|of|@CAR|.", "is waiting on @Q to get out of the @CAR."),
    ("val-5115", "jumping|onto|the|back|of|@P|.", "jumping onto the back of @P."),
    ("val-8072", "Yes|,|this|is|@P|'|s|office|.", "Yes, this is @P's office."),
    ("val-8072", "The|door|@P|walked|in|is|still|open|.", "The door @P walked in is still open."),
    ("val-8072", "disarray|in|the|office|@P|is|looking|into", "disarray in the office @P is looking into"),
    ("val-8688", "How|come|@P|has|that|expression", "How come @P has that expression"),
    ("val-8708", "Yes|@P|does|want|to|kiss|@Q|.", "Yes, @P does want to kiss @Q."),
    ("val-8708", "Does|@P|feel|the|same|about|@Q|?", "Does @P feel the same about @Q?"),
    ("gd val-2", "Why|is|@P|'s|face|here|?", "Why is @P's face here?"),
    ("gd val-4", "the|relationship|between|@PQ|?", "the relationship between @PQ?"),
    ("gd val-4", "@Q|is|@P|'s|husband|.", "^@Q is @P's husband."),
    ("gd val-7", "It|can|bring|luck|to|@PQ|.", "It can bring luck to @PQ."),
    ("gd val-9", ",|making|sure|@Q|has|enough|time", ", making sure @Q has enough time"),
    ("gd val-10", "That|@P|just|can|'|t|die", "That @P just can't die"),
    ("gd val-10", "@P|wants|@P|to|stop|talking|.", "^@P wants @P to stop talking."),
    ("gd val-304", "a|dress|for|@P|.", "a dress for @P."),
    ("gd val-306", "will|drive|@CAR|.", "will drive the @CAR."),
    ("gd val-307", "not|know|where|to|find|@P|.", "not know where to find @P."),
    ("gd val-307", "Because|@P|'|s|cold|.", "Because @P's cold."),
    ("gd val-308", "next|if|@P|offended|@Q|?", "next if @P offended @Q?"),
    ("gd val-310", "What|are|@PQR|attending|?", "What are @PQR attending?"),
    ("gd val-312", "held|by|@PQ|'s|family|.", "held by @PQ' family."),
    ("gd val-313", "One|of|@P|may|blame|the|other", "One of @P may blame the other"),
    ("gd+ val-7", "hiding|from|@P|horse|,|and|@Q|.", "hiding from @P horse, and @Q."),
    ("gd+ val-12", "Nervous|about|what|@P|is|giving|@Q|.", "Nervous about what @P is giving @Q."),
]

WRITTEN = [
    # conjunction, relative or pronoun: the object needs its article
    ("knows|that|@Q|is|late|.", "knows that @Q is late."),
    ("afraid|that|@CAR|will|hit|him|.", "afraid that the @CAR will hit him."),
    ("So|that|@P|can|see|.", "So that @P can see."),
    ("Now|that|@P|left|,", "Now that @P left,"),
    ("the|hat|that|@P|wears", "the hat that @P wears"),
    ("Is|this|@P|'|s|house|?", "Is this @P's house?"),
    ("Is|that|@Q|?", "Is that @Q?"),
    ("At|parties|like|this|@P|drinks|.", "At parties like this @P drinks."),
    ("afraid|of|this|@P|will|run|.", "afraid of this @P will run."),
    ("She|gives|her|@Q|.", "She gives her @Q."),
    ("hands|her|@CUP|.", "hands her the @CUP."),
    ("tells|her|@P|left", "tells her @P left"),
    ("next|to|her|@P|is|smiling|.", "next to her @P is smiling."),
    ("behind|her|@DOG|is|asleep|.", "behind her the @DOG is asleep."),
    ("a|friend|of|his|@Q|waits", "a friend of his @Q waits"),
    ("They|hate|one|another|@P|knows", "They hate one another @P knows"),
    ("looking|at|each|other|@P|is|angry", "looking at each other @P is angry"),
    ("the|one|@P|is|holding", "the one @P is holding"),
    ("Because|,|no|@P|left", "Because, no, @P left"),
    ("all|@PQR|laugh", "all @PQR laugh"),
    ("one|of|the|two|is|@P|.", "one of the two is @P."),
    # determiners: no second article
    ("Is|@P|able|to|ride|the|@DOG|?", "Is @P able to ride the @DOG?"),
    ("There|are|plates|and|a|@CUP|on|the|@CHAIR|.", "There are plates and a @CUP on the @CHAIR."),
    ("walks|his|@DOG|.", "walks his @DOG."),
    ("sits|in|her|@CHAIR|.", "sits in her @CHAIR."),
    ("feeding|their|@DOG|and|my|@CUP", "feeding their @DOG and my @CUP"),
    ("sits|in|this|@CAR|.", "sits in this @CAR."),
    ("looks|at|that|@DOG|.", "looks at that @DOG."),
    ("There|is|no|@DOG|.", "There is no @DOG."),
    ("drinks|without|any|@CUP|.", "drinks without any @CUP."),
    ("the|other|@DOG|and|his|black|@CAR", "the other @DOG and his black @CAR"),
    ("Are|the|two|@PQ|friends|?", "Are the two people in the red and blue boxes friends?"),
    ("@PQ|stand|near|the|@P|.", "^@PQ stand near the person in the red box."),
]


def tokens(pattern: str) -> list[Any]:
    """A pattern as the source writes it."""
    numbers = {"@P": P, "@Q": Q, "@R": R, "@PQ": [0, 1], "@PQR": [0, 1, 2]}
    numbers |= {"@DOG": DOG, "@CUP": CUP, "@CAR": CAR, "@CHAIR": CHAIR}
    return [numbers.get(part, part) for part in pattern.split("|")]


def spelled(text: str) -> str:
    """What is expected, its mentions in words; ^ is a capital."""
    for name in sorted(WORDS, key=len, reverse=True):
        text = text.replace(f"^{name}", WORDS[name].capitalize()).replace(name, WORDS[name])
    return text


@pytest.mark.parametrize(("record", "pattern", "text"), REAL)
def test_real_records_read_well(record: str, pattern: str, text: str) -> None:
    assert OBJECTS(NAMES, COLOURS).text(tokens(pattern)) == spelled(text), record


@pytest.mark.parametrize(("pattern", "text"), WRITTEN)
def test_a_word_is_judged_by_its_role(pattern: str, text: str) -> None:
    assert OBJECTS(NAMES, COLOURS).text(tokens(pattern)) == spelled(text)


def test_there_are_enough_real_patterns() -> None:
    assert len(REAL) >= 60
