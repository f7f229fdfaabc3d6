"""The denoiser of codes: what it is told counts, and guidance is its definition."""

import pytest
import torch

from ae_course import CodeDenoiser


def given(count=6):
    torch.manual_seed(0)
    return torch.randn(count, 4), torch.linspace(-3, 3, count), torch.arange(count) % 3


def test_level_and_class_change_the_answer():
    model = CodeDenoiser(4, classes=3, width=16, blocks=2)
    x, level, labels = given()
    answer = model(x, level, labels)
    assert answer.shape == x.shape
    assert not torch.allclose(model(x, level + 1, labels), answer)
    assert not torch.allclose(model(x, level, torch.full_like(labels, 3)), answer)


def test_the_same_layers_by_hand():
    model = CodeDenoiser(4, classes=3, width=8, blocks=1)
    x, level, labels = given()
    told = torch.zeros(6, 5)
    told[:, 0] = level
    told[torch.arange(6), 1 + labels] = 1
    h, block = model.first(x), model.blocks[0]
    inner = block.enter(h) + block.told(told)
    h = h + block.leave(inner * inner.sigmoid())
    torch.testing.assert_close(model(x, level, labels), model.last(h * h.sigmoid()))


def test_guidance_by_its_definition():
    model, (x, level, labels) = CodeDenoiser(4, classes=3, width=8), given()
    asked, nothing = model(x, level, labels), model(x, level, torch.full_like(labels, 3))
    torch.testing.assert_close(model.guided(x, level, labels, 0), asked)
    torch.testing.assert_close(model.guided(x, level, labels, -1), nothing)
    torch.testing.assert_close(model.guided(x, level, labels, 2), 3 * asked - 2 * nothing)


@pytest.mark.parametrize("size", ["latent_dim", "classes", "width", "blocks"])
def test_a_size_that_is_none_is_refused(size):
    sizes = {"latent_dim": 4, "classes": 3, "width": 8, "blocks": 1} | {size: 0}
    with pytest.raises(ValueError, match=f"`{size}` must be a positive integer, got 0"):
        CodeDenoiser(sizes.pop("latent_dim"), **sizes)
