"""What the released dataset has beside the configs whose rows are built here.

Its configs `<task>-rephrased` are of October 2023. Those of clevr and shapes write short answers out as sentences, as
m3it does for these tasks, so they are other names of the tasks. What the others hold is judged by the sizes of their
files, two to four times those of the task: each row several times, in other words.
"""

REPHRASED = (
    "the release seems to have each row several times in it, in other words, which m3it does not write; build the task."
)
"""Of `<task>-rephrased`, where the task keeps the answers of its source."""
