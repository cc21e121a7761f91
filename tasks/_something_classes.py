"""Which of the 174 classes of Something-Something V2 are right where another is: read one by one.

Without what fills their brackets classes overlap: a table is "a surface" and "something", and so is the camera.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import product

TOGETHER = """
Putting something on a surface | Putting something onto something: Putting * onto *; Putting * on *; Putting * behind *;
Putting * in front of *; Putting * next to *; Putting something underneath *; Stacking *; Piling *;
Putting something similar *; Laying *; Attaching *; Covering *; Putting number *
Putting something onto something: Pushing something onto *; Pulling something onto *; Dropping something onto *;
Spreading *; Sprinkling *; Plugging *
Putting something on a flat surface without *: Laying *; Putting something upright *; Putting * next to *;
Putting * behind *; Putting * in front of *; Putting something similar *; Putting something* and something on *
Putting something into something: Burying *; Stuffing *; Plugging *; Dropping something into something
Putting number *: Stacking *; Piling *; Putting something* and something on *
Putting something and something on the table: Putting something, something and something on the table
Putting something next to something: Putting something* and something on *; Putting something similar *
Putting something onto a slanted surface but *: Putting something that can't * stays *
Putting something on the edge *: Putting * cannot support it *
Putting something similar *: Stacking *; Piling *
Stacking *: Piling *
Moving something down: Putting *; Laying *
Attaching something to something: Plugging *
Covering *: Burying *; Spreading *
Pretending to put something on a surface | Pretending to put something onto something: Pretending to put something on*;
Pretending to put * behind *; Pretending to put * next to *; Pretending to put * underneath *
Pretending to take something from somewhere: Pretending to take *
Pretending to take something *: Pretending to pick *; Pretending to scoop *
Pretending to pick something up: Pretending to scoop *
Pretending to be tearing *: Pulling two ends of something but nothing happens
Taking something from somewhere: Taking *; Pulling something out *; Pulling something from behind *; Digging *;
Removing *; Uncovering *; Picking *; Moving something up; Lifting something up completely *; Scooping *
Taking something out of something: Pulling something out *; Digging *; Scooping *; Plugging * pulling it right out *;
Picking *; Moving something up; Lifting something up completely *
Taking one of *: Picking *; Moving something up; Lifting something up completely *; Moving something away *
Pulling something out of something: Digging *; Plugging * pulling it right out *; Moving something up
Picking something up: Lifting something up completely *; Lifting * with something on it*; Moving something up;
Scooping *
Moving something up: Lifting *; Scooping *; Uncovering *; Throwing something in the air *
Lifting something up completely *: Lifting something with *; Scooping *
Lifting a surface *: Lifting something with *; Lifting up one end *; Tilting *
Tilting *: Lifting something with *; Lifting up one end *
Uncovering something: Removing *; Digging *; Opening *; Picking *; Lifting something up completely *
Removing *: Moving something away *; Picking *
Opening something: Unfolding *; Moving part *
Closing something: Folding *; Moving part *
Moving part *: Lifting up one end *; Poking something so it slightly moves; Pushing * slightly moves; Folding *;
Unfolding *
Folding something: Bending something so that it deforms
Holding something: Showing something *; Showing a photo *; Lifting something *; Squeezing *; Tilting *;
Pretending to squeeze *
Holding something next to *: Showing something next to *
Holding something behind *: Showing something behind *
Holding something in front of *: Showing something behind *
Showing something to the camera: Showing *; Holding *; Moving something towards *
Showing a photo *: Holding *; Moving something towards *
Showing that something is empty: Pretending to pour *
Showing that something is inside *: Opening *; Uncovering *
Something falling like a *: Dropping *; Throwing * letting it fall; Throwing something against *;
Lifting something up completely, then *; Pushing something off *; Moving * falls *; Putting * cannot support *;
Putting something on the edge *; Pushing * falls off the table; Tilting * falls off; Tipping * in it *
Dropping something onto something: Dropping *; Throwing something onto *; Sprinkling *;
Lifting something up completely, then *
Lifting something up completely, then *: Dropping *
Spilling something onto something: Spilling *; Pouring * onto *; Pouring * overflows; Trying to pour *;
Tipping * in it *; Sprinkling *
Spilling something next to *: Trying to pour *; Pouring * overflows; Pouring * onto *
Pouring something onto something: Trying to pour *; Sprinkling *; Spilling *
Pouring something out of something: Pouring *; Trying to pour *; Spilling *; Tipping * in it *;
Turning something upside *
Pretending to pour *: Turning something upside *; Pretending to turn *
Tipping something over: Tipping *; Poking something so that it falls over; Turning something upside *
Tipping * in it *: Poking something so that it falls over; Turning something upside *
Pushing something from *: Pushing *; Rolling *; Letting something roll along *; Moving something away *;
Moving something across *; Moving something closer *; Moving something and something *;
Poking something so it slightly *
Pulling something from * to *: Pulling something *; Moving something away *; Moving something across *;
Moving something closer *; Moving something and something *
Pushing something with something: Pushing *; Moving something across *; Hitting *; Moving something and something *
Pushing something off *: Pushing * falls off the table; Moving * falls *
Pushing * falls off the table: Moving * falls *
Pushing * slightly moves: Poking something so it slightly *; Poking a stack * without *;
Moving something across * without *
Pushing * almost falls *: Moving something across * without *
Pushing something onto *: Moving something across * without *
Pushing * spins: Poking * spins *; Spinning *
Poking * spins *: Spinning *
Poking a hole into some substance: Poking a hole into something soft
Poking a stack * collapses: Poking something so that it falls over
Poking a stack * without *: Poking something so it slightly *; Poking something so lightly *; Touching *
Poking something so lightly *: Touching *
Rolling *: Letting something roll along *; Moving something across * without *
Letting something roll down *: Letting something roll up *
Letting something roll along *: Moving something across * without *
Moving something away from something: Moving something away from the camera; Moving * away from each other;
Moving something and something so they pass *; Removing *; Taking *; Picking *; Pulling something *;
Lifting something up completely *
Moving something closer to something: Moving something towards *; Moving * closer to each other; Moving * collide *;
Moving something and something so they pass *; Pulling *onto *; Pushing *onto *; Putting *
Moving something across * without *: Moving something away *; Moving something closer *; Moving something towards *;
Moving something and something *; Poking something so it slightly *; Pulling something onto *
Moving * closer to each other: Moving * collide *; Moving * pass *
Moving * away from each other: Moving * pass *
Moving * collide *: Something colliding *; Hitting *; Throwing something against *
Something being deflected *: Something colliding *; Throwing something against *
Something colliding *: Throwing something against *; Hitting *
Hitting something with something: Throwing something against *; Touching *; Poking something *
Throwing something onto *: Throwing something against *
Tearing something into two pieces: Pulling two ends * two pieces
Bending something until it breaks: Pulling two ends * two pieces
Squeezing something: Twisting (wringing) *; Bending something so that it deforms
Twisting something: Twisting *; Opening *; Closing *
Approaching *: Moving something towards *
Moving away from something with your camera: Moving something away from the camera
"""
"""A line: a class, or each of several, and those that are right where it is, or it where they are; `*` is any words.

A line goes on after a semicolon. What one name on the left stands for is told apart: left to right, right to left.
"""
LINES = tuple(
    (wide, narrow)
    for line in TOGETHER.replace(";\n", "; ").strip().splitlines()
    for left, right in [line.split(": ")]
    for wide in left.split(" | ")
    for narrow in right.split("; ")
)


def pairs(classes: Iterable[str]) -> frozenset[frozenset[str]]:
    """The pairs of these classes that never stand together."""
    names = tuple(classes)
    found = set()
    for wide, narrow in LINES:
        left, right = ([name for name in names if fnmatchcase(name, pattern)] for pattern in (wide, narrow))
        found |= {frozenset(pair) for pair in product(left, right) if pair[1] not in left}
    return frozenset(found)
