"""A masked autoencoder: encode the patches that are left, and draw those that were taken away."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ae_course.utils.random import uniform
from ae_course.utils.validation import check_positive_integers

SIDE, PATCH = 28, 4  # of an image and of a patch, in pixels
GRID = SIDE // PATCH
MEAN, STD = 0.1307, 0.3081  # of a pixel, over the training images of MNIST


def to_patches(images: Tensor) -> Tensor:
    """Cut images (B, 1, 28, 28) into 49 patches of 4 × 4 pixels each: (B, 49, 16).

    Patches are counted row by row, and so are the pixels of each.

    Raises
    ------
    ValueError
        If `images` have another shape.
    """
    if images.shape[1:] != (1, SIDE, SIDE):
        raise ValueError(f"`images` must have shape (B, 1, 28, 28), got {tuple(images.shape)}")
    grid = images.reshape(-1, GRID, PATCH, GRID, PATCH)
    return grid.permute(0, 1, 3, 2, 4).reshape(-1, GRID**2, PATCH**2)


def from_patches(patches: Tensor) -> Tensor:
    """Put patches (B, 49, 16) together again: (B, 1, 28, 28).

    Raises
    ------
    ValueError
        If `patches` have another shape.
    """
    if patches.shape[1:] != (GRID**2, PATCH**2):
        raise ValueError(f"`patches` must have shape (B, 49, 16), got {tuple(patches.shape)}")
    grid = patches.reshape(-1, GRID, GRID, PATCH, PATCH)
    return grid.permute(0, 1, 3, 2, 4).reshape(-1, 1, SIDE, SIDE)


def hide_patches(
    count: int, ratio: float, *, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Draw for each image which of the 49 patches stay visible, and which are hidden.

    Parameters
    ----------
    count : int
        B, the number of images. Each has a choice of its own.
    ratio : float
        The share that is hidden, rounded to whole patches; at least one stays, and one goes.
    generator : torch.Generator, optional

    Returns
    -------
    tuple of Tensor
        The places of the visible patches, int64 of shape (B, V) and in random order, and those of
        the hidden ones, (B, 49 - V).

    Raises
    ------
    ValueError
        If `count` is not a positive integer, or `ratio` is not between 0 and 1.
    """
    check_positive_integers(count=count)
    if not 0 < ratio < 1:
        raise ValueError(f"`ratio` must be between 0 and 1, got {ratio!r}")
    visible = min(GRID**2 - 1, max(1, round(GRID**2 * (1 - ratio))))
    order = uniform((count, GRID**2), torch.empty(0), generator).argsort(dim=1)
    return order[:, :visible], order[:, visible:]


def take_patches(x: Tensor, places: Tensor) -> Tensor:
    """Take from each image of x (B, 49, D) the patches at its own places (B, V): (B, V, D)."""
    return x.gather(1, places[..., None].expand(-1, -1, x.shape[2]))


def grid_positions(width: int) -> Tensor:
    """Give each place of the 7 × 7 grid a vector of sines and cosines: (49, width).

    The first half tells the row and the second half the column, at `width` / 4 frequencies from
    1 to 1/20 a place.
    """
    frequency = 20 ** -torch.linspace(0, 1, width // 4)
    angle = torch.arange(GRID)[:, None] * frequency  # (7, width / 4)
    wave = torch.cat([angle.sin(), angle.cos()], dim=1)  # (7, width / 2)
    row, column = wave[:, None].expand(-1, GRID, -1), wave[None].expand(GRID, -1, -1)
    return torch.cat([row, column], dim=2).flatten(0, 1)


def transformer_blocks(width: int, layers: int, heads: int) -> nn.Sequential:
    """Stack PyTorch's Transformer layers, each with a hidden layer of 2 `width`, and a norm."""
    blocks = [
        nn.TransformerEncoderLayer(
            width, heads, 2 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        for _ in range(layers)
    ]
    return nn.Sequential(*blocks, nn.LayerNorm(width))


class MaskedAutoencoder(nn.Module):
    """Encode the visible patches alone, and let a lighter decoder draw all patches.

    The encoder never sees a hidden place: neither a patch nor a token that stands for one. The
    decoder gets the encoder's outputs at the visible places and one learned vector, the mask token,
    at all others.

    Parameters
    ----------
    width : int, default=48
        H, the numbers that the encoder passes on for a patch.
    layers : int, default=2
    heads : int, default=4
    decoder_width : int, default=32
    decoder_layers : int, default=1

    Raises
    ------
    ValueError
        If a size is not a positive integer, or a width is not a multiple of 4 and of `heads`.

    References
    ----------
    He et al. (2022), Masked autoencoders are scalable vision learners, CVPR.

    Examples
    --------
    >>> model = MaskedAutoencoder()
    >>> visible, hidden = hide_patches(5, 0.75)
    >>> model(torch.rand(5, 49, 16), visible).shape
    torch.Size([5, 49, 16])
    >>> model.encode(torch.rand(5, 49, 16), visible).shape
    torch.Size([5, 12, 48])
    """

    def __init__(
        self,
        width: int = 48,
        layers: int = 2,
        heads: int = 4,
        *,
        decoder_width: int = 32,
        decoder_layers: int = 1,
    ) -> None:
        super().__init__()
        check_positive_integers(
            width=width,
            layers=layers,
            heads=heads,
            decoder_width=decoder_width,
            decoder_layers=decoder_layers,
        )
        for name, size in (("width", width), ("decoder_width", decoder_width)):
            if size % 4 or size % heads:
                raise ValueError(f"`{name}` must be a multiple of 4 and of `heads`, got {size}")
        self.embed = nn.Linear(PATCH**2, width)
        self.positions = nn.Parameter(grid_positions(width))
        self.encoder = transformer_blocks(width, layers, heads)
        self.narrow = nn.Linear(width, decoder_width)
        self.mask_token = nn.Parameter(torch.zeros(decoder_width))
        self.decoder_positions = nn.Parameter(grid_positions(decoder_width))
        self.decoder = transformer_blocks(decoder_width, decoder_layers, heads)
        self.draw = nn.Linear(decoder_width, PATCH**2)

    def encode(self, patches: Tensor, visible: Tensor | None = None) -> Tensor:
        """Map the visible ones of patches (B, 49, 16) to vectors (B, V, H); by default all.

        `visible` (B, V) has their places. What stands at other places changes nothing.
        """
        x = self.embed((patches - MEAN) / STD) + self.positions
        encoded: Tensor = self.encoder(x if visible is None else take_patches(x, visible))
        return encoded

    def forward(self, patches: Tensor, visible: Tensor) -> Tensor:
        """Draw all patches (B, 49, 16), in the unit of a pixel, from the visible ones."""
        z = self.narrow(self.encode(patches, visible))  # (B, V, H')
        full = self.mask_token.expand(len(patches), GRID**2, -1)
        full = full.scatter(1, visible[..., None].expand(-1, -1, z.shape[2]), z)
        drawn: Tensor = self.draw(self.decoder(full + self.decoder_positions))
        return MEAN + STD * drawn
