"""Checks of the *Build* exercises at the end of lessons; each has the number of its lesson."""

from ae_course.exercises.builds import part1, part2, part3, part4, part5, part6

CHECKS = part1.CHECKS | part2.CHECKS | part3.CHECKS | part4.CHECKS | part5.CHECKS | part6.CHECKS
