"""What no row may be, whatever its task."""

import re
from dataclasses import replace

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reason, Reject, Sample

UNSTORABLE = re.compile("[\\0\ud800-\udfff]")


def check_text(sample: Sample, draw: Draw) -> Sample | Reject:  # noqa: ARG001 - the signature of every stage
    """Strip the ends of both texts; refuse an empty target and text that no file can hold."""
    target = (sample.outputs if sample.answer is None else sample.answer).strip()
    inputs = sample.inputs.strip()
    if not target:
        reason = Reason.EMPTY_TEXT if sample.answer is None else Reason.NO_ANSWER
        return Reject(sample.key, "quality", reason, "nothing to answer with")
    for text in (inputs, target):
        if UNSTORABLE.search(text):
            return Reject(sample.key, "quality", Reason.BAD_RECORD, "a NUL or half a surrogate pair in the text")
    if (inputs, target) == (sample.inputs, sample.outputs if sample.answer is None else sample.answer):
        return sample
    if sample.answer is None:
        return replace(sample, inputs=inputs, outputs=target)
    return replace(sample, inputs=inputs, answer=target)
