"""Sample -> Sample | Reject, one rule a file. The rules of text run when the plan is made, in this order."""

from collections.abc import Callable

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reject, Sample
from m3it_build.stages.options import letter_options
from m3it_build.stages.quality import check_text
from m3it_build.stages.variants import choose_variant

Stage = Callable[[Sample, Draw], Sample | Reject]

TEXT_STAGES: tuple[Stage, ...] = (choose_variant, letter_options, check_text)


def run_stages(sample: Sample, draw: Draw) -> Sample | Reject:
    """Apply every stage, up to the first that rejects."""
    for stage in TEXT_STAGES:
        result = stage(sample, draw)
        if isinstance(result, Reject):
            return result
        sample = result
    return sample
