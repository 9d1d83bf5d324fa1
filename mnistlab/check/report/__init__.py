"""What a checker says: reports and findings, and the table of mistakes that they name."""

from mnistlab.check.report.report import (
    CheckFailed,
    Finding,
    Report,
    StopCheck,
    counted,
    finding,
    first_answer,
    make_report,
    stop,
)
