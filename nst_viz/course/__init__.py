"""From the lessons' scripts to what a student runs, reads and looks at."""

from nst_viz.course.lesson import Lesson as Lesson
