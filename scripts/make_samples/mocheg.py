"""MOCHEG: claims, texts and pictures about a town that does not exist, and verdicts of a site that does not either.

In it: several text evidences for a claim, out of order and once twice; HTML, line breaks and an emoji in a text; no
text at all; several pictures for a claim, as JPEG, PNG, GIF and WebP; a picture that is a web page and one of no bytes
beside others that can be seen; verdict words in the article and the ruling; numbers padded in file names only.
Rejected on purpose (train): claim 108, of which no picture is there.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples._photos import Photo, Thing, save_photo

COLUMNS = (
    "claim_id", "evidence_id", "Snopes URL", "Category", "SubCategory", "Headline", "Description", "Source", "Claim",
    "Truthfulness", "cleaned_truthfulness", "Evidence", "Origin", "ruling_outline", "fact_checkor_website",
)  # fmt: skip
RAW = {"supported": "true", "refuted": "false", "NEI": "unproven"}


class Proof(NamedTuple):
    """An evidence picture."""

    background: str
    things: tuple[Thing, ...]
    suffix: str = "jpg"
    broken: bytes | None = None
    """What was downloaded instead of it."""


class Claim(NamedTuple):
    """A claim, its verdict, its texts and pictures."""

    text: str
    verdict: str
    texts: tuple[str, ...]
    proofs: tuple[Proof, ...]


BUS = ("bus", "red", (15, 40, 130, 135))
MIDDLE = (50, 30, 150, 140)
CLAIMS = {
    "train": (
        Claim("A red bus of the town of Lower Millbrook was used as a library in 2019.", "supported",
              ("<p>Since spring 2019 the red bus stops here on Fridays; it has 800 books on board 📚</p>",
               "<p>Lower Millbrook's library on wheels, opened in 2019,\nlends books &amp; games.</p>"),
              (Proof("street", (BUS, ("book", "blue", (145, 60, 190, 120)))),)),
        Claim("The library bus of Lower Millbrook is green.", "refuted",
              ("<p>The bus was painted red before it became a library, and it still is.</p>",),
              (Proof("street", (BUS,), "png"), Proof("meadow", (BUS,), "png"))),
        Claim("The driver of Lower Millbrook's library bus has read all its books.", "NEI",
              ("<p>\"Some weeks I read three books\", says the driver.</p>",),
              (Proof("street", (BUS, ("person", "blue", (145, 45, 190, 140)))),)),
        Claim("A horse walked into the bakery of Lower Millbrook in May 2021.", "refuted",
              ("<p>The horse stood outside all morning. It did not go into the shop.</p>",
               "<p>A customer's photo shows the animal in front of the house.</p>"),
              (Proof("street", (("house", "white", (100, 40, 190, 140)), ("horse", "brown", (15, 60, 90, 140))),
                     "gif"),)),
        Claim("The town hall clock of Lower Millbrook has stood still since 2015.", "NEI",
              ("",), (Proof("room", (("clock", "gray", MIDDLE),), "webp"),)),
        Claim("A kite festival took place on the beach near Lower Millbrook.", "supported",
              ("<p>Forty kites were in the air at the <b>same</b> time.</p>",),
              (Proof("", (), "jpg", b"<!DOCTYPE html><html><body>404 Not Found</body></html>"),
               Proof("beach", (("kite", "purple", (20, 10, 90, 120)), ("kite", "red", (110, 20, 180, 130)))))),
        Claim("Fishermen of Lower Millbrook caught a fish as long as a boat.", "refuted",
              ("<p>The photo was made of two pictures. In one the fish is 30 cm long.</p>",),
              (Proof("sea", (("boat", "red", (10, 25, 100, 130)), ("fish", "orange", (105, 70, 190, 115)))),
               Proof("", (), "png", b""))),
        Claim("The mayor of Lower Millbrook promised free cake for everybody.", "NEI",
              ("<p>\"There will be cake\", the mayor said, but not for whom.</p>",), ()),
        Claim("A cat lives in the waiting room of Lower Millbrook's station.", "supported",
              ("<p>Passengers feed the gray cat, which moved in two winters ago.</p>",),
              (Proof("room", (("cat", "gray", (20, 55, 100, 140)), ("chair", "brown", (120, 40, 180, 140)))),)),
    ),
    "val": (
        Claim("The lighthouse keeper of Upper Millbrook sails to work.", "supported",
              ("<p>He takes his sailing boat each morning, unless there is no wind.</p>",),
              (Proof("sea", (("boat", "blue", MIDDLE),)),)),
        Claim("Upper Millbrook has a pink train.", "refuted",
              ("<p>All engines of the line are green.</p>", "<p>None was painted anew in the last ten years.</p>"),
              (Proof("meadow", (("train", "green", (20, 40, 180, 135)),), "png"),)),
        Claim("The oldest tree of Upper Millbrook is 400 years old.", "NEI",
              ("<p>Nobody has counted its rings, because it stands.</p>",),
              (Proof("meadow", (("tree", "green", MIDDLE),)),)),
        Claim("Apples from Upper Millbrook were sold as red tomatoes.", "refuted",
              ("<p>The market's crates hold apples, and the signs say apples.</p>",),
              (Proof("white", (("apple", "red", (20, 40, 95, 120)), ("apple", "red", (105, 40, 180, 120)))),)),
        Claim("A flower shop in Upper Millbrook sells only yellow flowers.", "supported",
              ("<p>\"Yellow is what people want\", the owner explains.</p>",),
              (Proof("room", (("flower", "yellow", (30, 30, 90, 140)), ("flower", "yellow", (110, 30, 170, 140)))),)),
        Claim("Upper Millbrook's football team plays with a ball from 1950.", "NEI",
              ("<p>Its age is not written on the ball.</p>",), (Proof("meadow", (("ball", "brown", MIDDLE),)),)),
        Claim("Bicycles are forbidden in Upper Millbrook.", "refuted",
              ("<p>The council built new bicycle lanes last year.</p>",),
              (Proof("street", (("bicycle", "red", (30, 40, 165, 140)),)),)),
        Claim("The moonlight run of Upper Millbrook passes the white house.", "supported",
              ("<p>The map of the run shows it between the white house and the lamp.</p>",),
              (Proof("night", (("house", "white", (20, 40, 110, 140)), ("lamp", "yellow", (140, 40, 185, 140)))),)),
    ),
    "test": (
        Claim("A plane landed on the main street of Middle Millbrook.", "refuted",
              ("<p>It flew low over the town and landed at the airport.</p>",),
              (Proof("skyblue", (("plane", "white", (20, 30, 180, 120)),)),)),
        Claim("Middle Millbrook's baker sells pizza on Mondays.", "supported",
              ("<p>Monday is pizza day, says the notice on the door.</p>",),
              (Proof("room", (("pizza", "yellow", (55, 30, 150, 125)),), "png"),)),
        Claim("The dog of Middle Millbrook's mayor can swim.", "NEI",
              ("<p>It likes to sit by the river.</p>",), (Proof("meadow", (("dog", "brown", MIDDLE),)),)),
        Claim("All umbrellas on Middle Millbrook's beach are orange.", "supported",
              ("<p>The town bought one kind only: orange.</p>",
               "<p>Sixty orange umbrellas were delivered in June.</p>"),
              (Proof("beach",
                     (("umbrella", "orange", (10, 30, 95, 140)), ("umbrella", "orange", (105, 30, 190, 140)))),)),
        Claim("The traffic light of Middle Millbrook has no green lamp.", "refuted",
              ("<p>A photo of Tuesday shows it lit.</p>",),
              (Proof("street", (("traffic light", "green", (60, 10, 140, 142)),)),)),
        Claim("Birds have learnt to open bottles in Middle Millbrook.", "NEI",
              ("",),
              (Proof("room", (("bird", "white", (15, 70, 85, 138)), ("bottle", "green", (120, 30, 160, 140)))),)),
        Claim("Middle Millbrook's school has a blue sofa in each room.", "refuted",
              ("<p>There is one sofa in the whole school. It is green.</p>",),
              (Proof("room", (("sofa", "green", (25, 50, 175, 140)),)),)),
        Claim("A car was left on the beach of Middle Millbrook overnight.", "supported",
              ("<p>The red car was still there in the morning.</p>",),
              (Proof("beach", (("car", "red", (30, 60, 170, 135)),)),)),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """A table and a folder of pictures for each split."""
    number, evidence = 100, 0
    for split, claims in CLAIMS.items():
        lines = []
        for claim in claims:
            number += 1
            for text in claim.texts:
                evidence += 1
                lines.append(line(number, evidence, claim, text))
            for place, proof in enumerate(claim.proofs, 1):
                slug = "-".join(claim.text.lower().rstrip(".").replace("'", "-").split()[:5])
                path = folder / split / "images" / f"{number:05d}-proof-{place:02d}-{slug}.{proof.suffix}"
                save_photo(Photo(number, proof.background or "white", proof.things), path)
                if proof.broken is not None:
                    path.write_bytes(proof.broken)
        if split == "train":
            lines = [lines[1], *lines, *lines[:1]]
        with (folder / split / "Corpus2.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(lines)


def line(number: int, evidence: int, claim: Claim, text: str) -> dict[str, str]:
    """A row of the table: one text evidence of a claim."""
    raw = RAW[claim.verdict]
    return {
        "claim_id": str(number),
        "evidence_id": str(evidence),
        "Snopes URL": f"https://checks.example/{number}/",
        "Category": "Fact Check",
        "Headline": claim.text[:60],
        "Claim": claim.text,
        "Truthfulness": raw,
        "cleaned_truthfulness": claim.verdict,
        "Evidence": text,
        "Origin": f"We looked into this claim.\nIn the end we rate it {raw}, that is: {claim.verdict}.",
        "ruling_outline": f"Our ruling: {raw}.",
        "fact_checkor_website": "checks.example",
    }
