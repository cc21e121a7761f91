"""Sample -> Sample | Reject, one rule a file. The rules of text run when the plan is made, in this order."""

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reject, Sample
from m3it_build.stages.options import letter_options
from m3it_build.stages.quality import check_text
from m3it_build.stages.spaces import tidy_texts
from m3it_build.stages.variants import choose_variant


def run_stages(sample: Sample, draw: Draw, language: str = "en") -> Sample | Reject:
    """Apply every stage, up to the first that rejects.

    Args:
        sample: As the task converted it.
        draw: The task's choices.
        language: The task's first, which heads its options.
    """
    result = letter_options(tidy_texts(choose_variant(sample, draw)), draw, language)
    return result if isinstance(result, Reject) else check_text(result)
