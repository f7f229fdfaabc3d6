"""Building blocks for a course on autoencoders and self-supervision."""

from ae_course.autoencoders import AutoEncoder, dense_autoencoder, nonlinear_pca, pca_autoencoder
from ae_course.claims import claim, fast_mode, full_or_fast
from ae_course.data import AutoEncodeDataset, batches
from ae_course.evaluation import encode_dataset, evaluate, linear_probe
from ae_course.layers import Reshape, TransposeLinear, orthogonality_penalty
from ae_course.mnist import load_mnist
from ae_course.pca import equivalent_components, fit_pca, pca_errors, principal_angles
from ae_course.plotting import plot_codes, plot_history, plot_reconstructions
from ae_course.training import one_cycle, resolve_device, train

__all__ = [
    "AutoEncodeDataset",
    "AutoEncoder",
    "Reshape",
    "TransposeLinear",
    "batches",
    "claim",
    "dense_autoencoder",
    "encode_dataset",
    "equivalent_components",
    "evaluate",
    "fast_mode",
    "fit_pca",
    "full_or_fast",
    "linear_probe",
    "load_mnist",
    "nonlinear_pca",
    "one_cycle",
    "orthogonality_penalty",
    "pca_autoencoder",
    "pca_errors",
    "plot_codes",
    "plot_history",
    "plot_reconstructions",
    "principal_angles",
    "resolve_device",
    "train",
]
