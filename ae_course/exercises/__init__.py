"""Checks that answer back: right, or what is wrong and where to look."""

from ae_course.exercises.answers import check
from ae_course.exercises.saying import NotYet

__all__ = ["NotYet", "check"]
