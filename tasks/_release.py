"""What the released dataset has beside the configs whose rows are built here.

Of its configs `<task>-rephrased` (October 2023) those of clevr and shapes turn short answers into sentences, which is
what is built of these tasks, once a question: they are names of the tasks. The others reword whole answers.
"""

REPHRASED = (
    "in the release it holds each row several times in other words, which m3it does not write; build the task itself."
)
"""Of `<task>-rephrased`, where the task keeps the answers of its source; the files are two to four times as big."""
