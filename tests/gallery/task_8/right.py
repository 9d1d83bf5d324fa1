"""What Task 8 gives."""

from mnistlab import record
from mnistlab.runs import TASK_7, TASK_8


# expect: passed
def of_the_record():
    history = record.load(TASK_8).history
    return history.test_loss[:10], history.test_accuracy[:10]


# expect: passed
# note: unlike-the-record
def network_a_again():
    history = record.load(TASK_7).history
    return history.test_loss[:10], history.test_accuracy[:10]
