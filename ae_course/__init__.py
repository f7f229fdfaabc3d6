"""Building blocks for a course on autoencoders and self-supervision."""

from ae_course import diagrams, widgets
from ae_course.autoencoders import AutoEncoder, nonlinear_pca, pca_autoencoder
from ae_course.autoregressive import AutoRegressive, sequence_loss
from ae_course.claims import claim, fast_mode, full_or_fast
from ae_course.codes import cluster_homogeneity, linear_probe, retrieval_precision
from ae_course.convolutional import conv_autoencoder
from ae_course.corruptions import CORRUPTIONS, AdditiveGaussNoise, MaskingNoise
from ae_course.curves import plot_curves, plot_history
from ae_course.data import AutoEncodeDataset, batches
from ae_course.dense import dense_autoencoder
from ae_course.devices import fast_bfloat16, resolve_device
from ae_course.evaluation import bits_per_character, encode_dataset, evaluate
from ae_course.generation import generate, tempered
from ae_course.judging import digit_classifier, digit_likeness
from ae_course.layers import Reshape, TransposeLinear, orthogonality_penalty
from ae_course.mnist import load_mnist
from ae_course.ngrams import NGram
from ae_course.pca import (
    equivalent_components,
    fit_pca,
    pca_as_autoencoder,
    pca_errors,
    principal_angles,
)
from ae_course.plotting import plot_codes, plot_reconstructions
from ae_course.robustness import outlier_threshold, reconstruction_errors, robustness_curve
from ae_course.score_matching import (
    ScoreModel,
    annealed_langevin,
    denoising_score_matching,
    langevin,
)
from ae_course.shakespeare import load_shakespeare
from ae_course.sparse import KSparse, kl_sparsity, unit_purity
from ae_course.text import AutoRegressiveDataset, Vocabulary
from ae_course.training import one_cycle, train
from ae_course.transformer import CausalTransformer
from ae_course.unet import UNet
from ae_course.variational import VAE, dense_vae, gaussian_kl, importance_bound, negative_elbo
from ae_course.word_vectors import SkipGram, shifted_pmi, word_pairs

__all__ = [
    "CORRUPTIONS",
    "VAE",
    "AdditiveGaussNoise",
    "AutoEncodeDataset",
    "AutoEncoder",
    "AutoRegressive",
    "AutoRegressiveDataset",
    "CausalTransformer",
    "KSparse",
    "MaskingNoise",
    "NGram",
    "Reshape",
    "ScoreModel",
    "SkipGram",
    "TransposeLinear",
    "UNet",
    "Vocabulary",
    "annealed_langevin",
    "batches",
    "bits_per_character",
    "claim",
    "cluster_homogeneity",
    "conv_autoencoder",
    "denoising_score_matching",
    "dense_autoencoder",
    "dense_vae",
    "diagrams",
    "digit_classifier",
    "digit_likeness",
    "encode_dataset",
    "equivalent_components",
    "evaluate",
    "fast_bfloat16",
    "fast_mode",
    "fit_pca",
    "full_or_fast",
    "gaussian_kl",
    "generate",
    "importance_bound",
    "kl_sparsity",
    "langevin",
    "linear_probe",
    "load_mnist",
    "load_shakespeare",
    "negative_elbo",
    "nonlinear_pca",
    "one_cycle",
    "orthogonality_penalty",
    "outlier_threshold",
    "pca_as_autoencoder",
    "pca_autoencoder",
    "pca_errors",
    "plot_codes",
    "plot_curves",
    "plot_history",
    "plot_reconstructions",
    "principal_angles",
    "reconstruction_errors",
    "resolve_device",
    "retrieval_precision",
    "robustness_curve",
    "sequence_loss",
    "shifted_pmi",
    "tempered",
    "train",
    "unit_purity",
    "widgets",
    "word_pairs",
]
