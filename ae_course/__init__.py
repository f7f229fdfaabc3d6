"""Building blocks for a course on autoencoders and self-supervision."""

# The rooms of the package; every public name of theirs is below, so that a lesson writes ae.train.
from ae_course import widgets
from ae_course.claims import claim, full_or_fast
from ae_course.data.chunks import AutoRegressiveDataset
from ae_course.data.datasets import AutoEncodeDataset, batches
from ae_course.data.images import load_images, load_mnist
from ae_course.data.shakespeare import load_shakespeare
from ae_course.data.vocabulary import Vocabulary
from ae_course.evaluation.encoding import encode_dataset
from ae_course.evaluation.features import label_units
from ae_course.evaluation.language import bits_per_character
from ae_course.evaluation.loss import evaluate
from ae_course.evaluation.neighbours import precision_and_recall
from ae_course.evaluation.pca import (
    equivalent_components,
    fit_pca,
    pca_as_autoencoder,
    pca_errors,
    principal_angles,
)
from ae_course.evaluation.probe import fit_probe, linear_probe
from ae_course.evaluation.representations import (
    cluster_homogeneity,
    retrieval_precision,
    unit_purity,
)
from ae_course.evaluation.robustness import (
    outlier_threshold,
    reconstruction_errors,
    robustness_curve,
)
from ae_course.evaluation.samples import sample_quality
from ae_course.evaluation.spectrum import effective_rank
from ae_course.models.adversarial import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from ae_course.models.autoencoder import AutoEncoder, nonlinear_pca, pca_autoencoder
from ae_course.models.classifier import digit_classifier
from ae_course.models.convolutional import conv_autoencoder
from ae_course.models.denoiser import CodeDenoiser
from ae_course.models.dense import dense_autoencoder
from ae_course.models.dictionary import SparseDictionary
from ae_course.models.masked import (
    MaskedAutoencoder,
    from_patches,
    hide_patches,
    take_patches,
    to_patches,
)
from ae_course.models.ngram import NGram
from ae_course.models.recurrent import AutoRegressive, sequence_loss
from ae_course.models.score import ScoreModel, denoising_score_matching
from ae_course.models.skipgram import SkipGram, shifted_pmi, word_pairs
from ae_course.models.transformer import CausalTransformer
from ae_course.models.unet import UNet
from ae_course.models.variational import (
    VAE,
    dense_vae,
    gaussian_kl,
    importance_bound,
    negative_elbo,
    reparameterize,
)
from ae_course.nn.batch import BatchSpread
from ae_course.nn.contrastive import info_nce
from ae_course.nn.corruptions import (
    CORRUPTIONS,
    AdditiveGaussNoise,
    MaskingNoise,
    add_gaussian,
    mask_pixels,
    occlude,
    rotate,
    salt_and_pepper,
)
from ae_course.nn.layers import TransposeLinear, linear_layer, orthogonality_penalty
from ae_course.nn.quantize import VectorQuantizer
from ae_course.nn.sparse import KSparse, kl_sparsity
from ae_course.nn.views import random_affine
from ae_course.plotting import diagrams
from ae_course.plotting.curves import plot_curves, plot_history
from ae_course.plotting.images import plot_reconstructions
from ae_course.plotting.paths import plot_path
from ae_course.plotting.points import plot_codes, plot_words
from ae_course.plotting.text import plot_text
from ae_course.sampling.diffusion import alpha_bars, ddim
from ae_course.sampling.langevin import annealed_langevin, langevin
from ae_course.sampling.text import beam_search, filter_logits, generate
from ae_course.training.dictionary import fit_dictionary
from ae_course.training.distributed import distributed
from ae_course.training.loop import train, train_epoch
from ae_course.training.schedule import one_cycle
from ae_course.utils.devices import device_of, fast_bfloat16, resolve_device

__all__ = [  # noqa: RUF022  grouped by room, in the order in which they build on one another
    # data
    "load_images",
    "load_mnist",
    "load_shakespeare",
    "Vocabulary",
    "AutoEncodeDataset",
    "AutoRegressiveDataset",
    "batches",
    # nn: layers
    "TransposeLinear",
    "linear_layer",
    "orthogonality_penalty",
    "KSparse",
    "kl_sparsity",
    "VectorQuantizer",
    "BatchSpread",
    "info_nce",
    # nn: corruptions
    "CORRUPTIONS",
    "AdditiveGaussNoise",
    "MaskingNoise",
    "add_gaussian",
    "mask_pixels",
    "occlude",
    "rotate",
    "salt_and_pepper",
    "random_affine",
    # models of images
    "AutoEncoder",
    "pca_autoencoder",
    "nonlinear_pca",
    "dense_autoencoder",
    "conv_autoencoder",
    "VAE",
    "dense_vae",
    "reparameterize",
    "gaussian_kl",
    "negative_elbo",
    "importance_bound",
    "ScoreModel",
    "denoising_score_matching",
    "CodeDenoiser",
    "UNet",
    "discriminator_loss",
    "generator_loss",
    "gradient_penalty",
    "MaskedAutoencoder",
    "to_patches",
    "from_patches",
    "hide_patches",
    "take_patches",
    "digit_classifier",
    # models of text
    "NGram",
    "AutoRegressive",
    "CausalTransformer",
    "sequence_loss",
    "SkipGram",
    "word_pairs",
    "shifted_pmi",
    "SparseDictionary",
    # training
    "train",
    "train_epoch",
    "one_cycle",
    "fit_dictionary",
    "distributed",
    # evaluation
    "evaluate",
    "bits_per_character",
    "encode_dataset",
    "linear_probe",
    "fit_probe",
    "retrieval_precision",
    "cluster_homogeneity",
    "unit_purity",
    "effective_rank",
    "label_units",
    "fit_pca",
    "pca_as_autoencoder",
    "pca_errors",
    "equivalent_components",
    "principal_angles",
    "reconstruction_errors",
    "robustness_curve",
    "outlier_threshold",
    "sample_quality",
    "precision_and_recall",
    # sampling
    "generate",
    "beam_search",
    "filter_logits",
    "langevin",
    "annealed_langevin",
    "alpha_bars",
    "ddim",
    # plotting
    "diagrams",
    "plot_codes",
    "plot_curves",
    "plot_history",
    "plot_path",
    "plot_reconstructions",
    "plot_text",
    "plot_words",
    # widgets
    "widgets",
    # claims and devices
    "claim",
    "full_or_fast",
    "resolve_device",
    "device_of",
    "fast_bfloat16",
]
