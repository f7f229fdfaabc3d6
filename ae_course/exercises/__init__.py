"""Checks that answer back: right, or what is wrong and where to look."""

from ae_course.exercises.check import check
from ae_course.exercises.feedback import NotYet

__all__ = ["NotYet", "check"]
