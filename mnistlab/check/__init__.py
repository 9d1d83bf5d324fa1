"""Checkers for the exercises: each says whether a solution is right, and names the mistake."""

from mnistlab.check._report import CheckFailed, Finding, Report

__all__ = ["CheckFailed", "Finding", "Report"]
