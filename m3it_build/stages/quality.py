"""What no row may be, whatever its task."""

import re

from m3it_build.core.sample import Reason, Reject, Sample

UNSTORABLE = re.compile("[\\0\ud800-\udfff]")


def check_text(sample: Sample) -> Sample | Reject:
    """Refuse an empty target and text that no file can hold."""
    target = sample.outputs if sample.answer is None else sample.answer
    if not target:
        reason = Reason.EMPTY_TEXT if sample.answer is None else Reason.NO_ANSWER
        return Reject(sample.key, "quality", reason, "nothing to answer with")
    for text in (sample.inputs, target):
        if UNSTORABLE.search(text):
            return Reject(sample.key, "quality", Reason.BAD_RECORD, "a NUL or half a surrogate pair in the text")
    return sample
