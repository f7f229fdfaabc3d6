"""Figures that a reader can touch: the trained model itself, in the page, without a kernel."""

from ae_course.widgets.attention import attention_map
from ae_course.widgets.axis import drag_axis
from ae_course.widgets.dictionary import word_by_word
from ae_course.widgets.digits import draw_a_digit, outlier_meter
from ae_course.widgets.field import drop_a_point
from ae_course.widgets.figure import InteractiveFigure
from ae_course.widgets.forging import best_judge
from ae_course.widgets.gates import lstm_gates
from ae_course.widgets.hills import walkers
from ae_course.widgets.holes import fill_the_holes
from ae_course.widgets.latent import latent_explorer
from ae_course.widgets.noise import noise_slider
from ae_course.widgets.puzzles import patch_game
from ae_course.widgets.sampler import sampler
from ae_course.widgets.shaking import shake_the_cabinet
from ae_course.widgets.steering import steer_the_writer
from ae_course.widgets.tiles import edit_a_tile
from ae_course.widgets.training import train_in_the_page
from ae_course.widgets.views import two_views
from ae_course.widgets.window import moving_window
from ae_course.widgets.words import word_map
from ae_course.widgets.writing import temperature_by_hand, text_writer

__all__ = [
    "InteractiveFigure",
    "attention_map",
    "best_judge",
    "drag_axis",
    "draw_a_digit",
    "drop_a_point",
    "edit_a_tile",
    "fill_the_holes",
    "latent_explorer",
    "lstm_gates",
    "moving_window",
    "noise_slider",
    "outlier_meter",
    "patch_game",
    "sampler",
    "shake_the_cabinet",
    "steer_the_writer",
    "temperature_by_hand",
    "text_writer",
    "train_in_the_page",
    "two_views",
    "walkers",
    "word_by_word",
    "word_map",
]
