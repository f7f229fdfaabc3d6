"""Figures that a reader can touch: the trained model itself, in the page, without a kernel."""

from ae_course.widgets.digits import draw_a_digit, outlier_meter
from ae_course.widgets.field import drop_a_point
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.latent import latent_explorer
from ae_course.widgets.writing import temperature_by_hand, text_writer

__all__ = [
    "InteractiveFigure",
    "draw_a_digit",
    "drop_a_point",
    "latent_explorer",
    "outlier_meter",
    "temperature_by_hand",
    "text_writer",
]
