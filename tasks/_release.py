"""What the released dataset has beside the configs whose rows are built here."""

REPHRASED = (
    "in the release it holds each row several times in other words, which m3it does not write; build the task itself."
)
"""Of `<task>-rephrased`, where the task keeps the answers of its source: those files are two to five times as big."""
