"""Rules for rows, one a file; those of text run when the plan is made, in order: Sample -> Sample | Reject."""

from collections.abc import Callable
from functools import partial

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reject, Sample
from m3it_build.stages.options import letter_options
from m3it_build.stages.spaces import tidy_texts
from m3it_build.stages.texts import check_text
from m3it_build.stages.variants import choose_variant

Stage = Callable[[Sample], Sample | Reject]


def stages(draw: Draw, language: str) -> tuple[Stage, ...]:
    """Those that every task's samples go through, in order.

    Args:
        draw: The task's choices.
        language: The task's first, which heads its options.
    """
    return (
        partial(choose_variant, draw=draw),
        tidy_texts,
        partial(letter_options, draw=draw, language=language),
        check_text,
    )


def run_stages(sample: Sample, draw: Draw, language: str = "en") -> Sample | Reject:
    """Apply every stage, up to the first that rejects."""
    for stage in stages(draw, language):
        result = stage(sample)
        if isinstance(result, Reject):
            return result
        sample = result
    return sample
