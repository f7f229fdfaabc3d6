"""Train the deep autoencoder on the digits, in one process or in several."""

import argparse

import torch
from torch.nn.functional import mse_loss

import ae_course as ae

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--batch", type=int, default=512, help="of all together")
parser.add_argument("--rate", type=float, default=0.003)
parser.add_argument("--checkpoint", help="a file to save to, and to go on from")
options = parser.parse_args()

with ae.distributed() as world:
    torch.manual_seed(world.rank)  # rank 0 decides on weights and order
    train_set = ae.load_mnist(limit=ae.full_or_fast(None, 4000))
    test_set = ae.load_mnist(train=False, limit=ae.full_or_fast(None, 1000))
    sizes = [784, 392, 261, 196, 2]
    model = ae.dense_autoencoder(sizes, batch_norm=False)
    share = options.batch // world.size
    batches = ae.batches(ae.AutoEncodeDataset(train_set), share, shuffle=True)
    history = ae.train(
        model,
        mse_loss,
        batches,
        epochs=options.epochs,
        lr=options.rate,
        schedule=ae.one_cycle,
        checkpoint=options.checkpoint,
        resume=options.checkpoint is not None,
    )
    if world.rank == 0:
        test_batches = ae.batches(ae.AutoEncodeDataset(test_set), 1000)
        error = ae.evaluate(model, mse_loss, test_batches)
        seconds = sum(row["seconds"] for row in history) / len(history)
        speed = f"{world.size} processes, {seconds:.2f} s an epoch"
        print(f"{speed}, test error {error:.4f}")
