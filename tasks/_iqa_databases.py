"""The rated databases of IQA-Dataset: how their pictures were rated, whose they are, and under which terms.

The ends of a scale are those of the questionnaire, not of the scores that happened to be given: no picture of
KonIQ-10k has a mean of "excellent".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Database:
    """What its scores mean, and its facts."""

    low: float
    """The end of the scale that raters used."""
    high: float
    papers: str
    page: str
    terms: str
    """What its page says of use."""
    categories: bool = False
    """A score is a mean of five categories, numbered 1 to 5."""
    kind: str = "MOS"
    """MOS: more is better; DMOS, the difference from a perfect picture: less is."""
    beyond: float = 0.0
    """How far scores may leave the scale, where they were realigned after the test, or its ends are rounded."""
    referenced: bool = True
    """Whether the pictures are distorted copies of a reference."""


UT_AUSTIN = "Use for any purpose with the notice of the University of Texas at Austin and a citation"

DATABASES = {
    # 30 degradation category ratings each, from 1 "very annoying" to 5 "imperceptible" beside the reference (page).
    # Its file calls the means DMOS, but more is better.
    "KADID-10k": Database(
        1,
        5,
        "Lin, Hosu and Saupe. KADID-10k: A Large-scale Artificially Distorted IQA Database. QoMEX 2019.",
        "database.mmsp-kn.de/kadid-10k-database.html",
        '"Freely available to the research community", without a licence.',
        categories=True,
    ),
    # 5-point absolute category rating, 1 "bad" to 5 "excellent", 120 ratings each (paper).
    "KonIQ-10k": Database(
        1,
        5,
        "Hosu et al. KonIQ-10k: An Ecologically Valid Database for Deep Learning of Blind Image Quality Assessment. "
        "IEEE Transactions on Image Processing 2020.",
        "database.mmsp-kn.de/koniq-10k-database.html",
        '"Freely available to the research community", without a licence; the photos are from Flickr (YFCC100M).',
        categories=True,
        referenced=False,
    ),
    # Points of nine rounds of comparison, each won or lost: 0 to 9 (paper).
    "TID2013": Database(
        0,
        9,
        "Ponomarenko et al. Image Database TID2013: Peculiarities, Results and Perspectives. Signal Processing: Image "
        "Communication 2015.",
        "ponomarenko.info/tid2013.htm",
        "None stated.",
    ),
    # A slider from 0 to 100 with five words, bad to excellent, at equal distances (paper).
    "LIVE_Challenge": Database(
        0,
        100,
        "Ghadiyaram and Bovik. Massive Online Crowdsourced Study of Subjective and Objective Picture Quality. IEEE "
        "Transactions on Image Processing 2016. Ghadiyaram and Bovik. LIVE In the Wild Image Quality Challenge "
        "Database. Online, 2015.",
        "live.ece.utexas.edu/research/ChallengeDB/index.html",
        f"{UT_AUSTIN}; nothing is said of the photographers' rights.",
        referenced=False,
    ),
    # As LIVE_Challenge: 0 to 100 (paper).
    "SPAQ": Database(
        0,
        100,
        "Fang et al. Perceptual Quality Assessment of Smartphone Photography. CVPR 2020.",
        "github.com/h4nwei/SPAQ",
        "Education and research only (Readme.txt of the download).",
        referenced=False,
    ),
    # Elo ratings of pairwise choices: there is no questionnaire, so the ends are those of the list, rounded.
    "PIPAL": Database(
        917,
        1836,
        "Gu et al. PIPAL: A Large-Scale Image Quality Assessment Dataset for Perceptual Image Restoration. ECCV 2020.",
        "github.com/HaomingCai/PIPAL-dataset",
        "None stated.",
        beyond=1,
    ),
    # Continuous, 1 to 100; differences from the reference, realigned between sessions: -2.64 to 111.78 (release 2).
    "LIVE": Database(
        0,
        100,
        "Sheikh et al. LIVE Image Quality Assessment Database Release 2. Sheikh, Sabir and Bovik. A Statistical "
        "Evaluation of Recent Full Reference Image Quality Assessment Algorithms. IEEE Transactions on Image "
        "Processing 2006.",
        "live.ece.utexas.edu/research/quality/subjective.htm",
        f"{UT_AUSTIN}; some photos of third parties may not be used outside the database.",
        kind="DMOS",
        beyond=12,
    ),
    # Places on a line, not a questionnaire; "normalized to span the range [0, 1]", 1 the worst (page).
    "CSIQ": Database(
        0,
        1,
        "Larson and Chandler. Most Apparent Distortion: Full-Reference Image Quality Assessment and the Role of "
        "Strategy. Journal of Electronic Imaging 2010.",
        "s2.smu.edu/~eclarson/csiq.html",
        "None stated.",
        kind="DMOS",
    ),
    # Continuous, 0 to 100, with the reference hidden among the pictures (paper).
    "LIVE_MD": Database(
        0,
        100,
        "Jayaraman et al. Objective Quality Assessment of Multiply Distorted Images. Asilomar 2012.",
        "live.ece.utexas.edu/research/quality/live_multidistortedimage.html",
        f"{UT_AUSTIN}.",
        kind="DMOS",
    ),
}
"""Those with scores that IQA-Dataset lists; the first is the default."""
