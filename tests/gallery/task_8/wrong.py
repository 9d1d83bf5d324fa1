"""What Task 8 gives after a mistake."""

from mnistlab import record
from mnistlab.runs import TASK_8

history = record.load(TASK_8).history


# expect: percent-for-fraction
def rounded_percents():
    return history.test_loss[:10], [
        f for f in (round(100 * a, 2) for a in history.test_accuracy[:10])
    ]


# expect: loss-unlike-accuracy
def the_same_list_twice():
    return history.test_loss[:10], history.test_loss[:10]


# expect: list-length
def five_epochs():
    return history.test_loss[:5], history.test_accuracy[:5]
