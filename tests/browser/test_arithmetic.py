"""The scripts compute what torch computes, on the same weights, in a browser."""

import math

import pytest
import torch
from torch.nn.functional import avg_pool2d
from trained import READ, alarm, arrows, denoisers, digits, planes, reader, ring, writer

import ae_course as ae
from ae_course import widgets

COUNT = 200
of = pytest.mark.xdist_group  # the figure, whose models one process trains


def largest_difference(found, expected):
    return (torch.tensor(found) - expected.flatten(1)).abs().max().item()


@of("latent_explorer")
@pytest.mark.parametrize("number", range(3))
@torch.no_grad()
def test_decoders_of_the_plane(compute, number):
    name, model = list(planes().items())[number]
    codes = model.encode(digits()[0][:COUNT])
    codes = codes + 0.3 * codes.std(0) * torch.randn(COUNT, 2)
    decoder = f"latentExplorer(config, buffer).models[{number}].decoder"
    found = compute(
        "latent_explorer", f"given.map((code) => Array.from(run({decoder}, code)))", codes
    )
    assert largest_difference(found, model.decode(codes)) < 0.02, name


@of("latent_explorer")
@torch.no_grad()
def test_codes_and_pictures_of_the_plane_are_the_model_s(compute):
    images, labels = digits()
    found = compute("latent_explorer", "latentExplorer(config, buffer).models.map((m) => m.points)")
    for points, model in zip(found, planes().values(), strict=True):
        torch.testing.assert_close(torch.tensor(points), model.encode(images[:200]))
    pictures = compute(
        "latent_explorer", "latentExplorer(config, buffer).digits.map((d) => [...d])"
    )
    assert largest_difference(pictures, images[:200]) < 1e-6
    assert compute("latent_explorer", "config.labels") == labels[:200].tolist()


@of("draw_a_digit")
@pytest.mark.parametrize("number", range(3))
@torch.no_grad()
def test_networks_that_denoise(compute, number):
    name, model = list(denoisers().items())[number]
    x = avg_pool2d(digits()[0][:COUNT], 2)
    x = x + 0.5 * torch.randn_like(x)
    layers = f"drawADigit(config, buffer).models[{number}].layers"
    found = compute("draw_a_digit", f"given.map((x) => Array.from(run({layers}, x)))", x.flatten(1))
    assert largest_difference(found, model(x)) < 0.02, name


@of("outlier_meter")
@torch.no_grad()
def test_the_network_with_the_alarm(compute):
    x = torch.cat([digits()[0][:COUNT], torch.rand(COUNT, 1, 28, 28)])
    expression = "given.map((x) => Array.from(run(outlierMeter(config, buffer).layers, x)))"
    found = compute("outlier_meter", expression, x.flatten(1))
    assert largest_difference(found, alarm()(x)) < 0.02


@of("text_writer")
@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
@torch.no_grad()
def test_the_next_character(compute, cell):
    model, vocab = writer(cell)
    figure = widgets.text_writer(model, vocab, prompt="romeo:\n")
    held_out = ae.load_shakespeare()[READ:]
    texts = [held_out[100 * i : 100 * i + 80] for i in range(400)]
    known = [text for text in texts if set(text) <= set(vocab.characters)][:COUNT]
    assert len(known) == COUNT
    tokens = torch.stack([vocab.encode(text) for text in known])
    expression = "given.map((t) => Array.from(read(textWriter(config, buffer).network, t)[0]))"
    found = torch.tensor(compute("text_writer", expression, tokens, figure)).softmax(1)
    expected = model(tokens)[:, -1].softmax(1)
    variation = (found - expected).abs().sum(1) / 2
    assert variation.max() < 0.02


@of("attention_map")
@torch.no_grad()
def test_what_a_character_looks_back_at(compute):
    """Texts longer than the context, so that its edge is tried too."""
    model, vocab = reader()
    text = ae.load_shakespeare()[: 60 * 20]
    tokens = torch.stack([vocab.encode(text[60 * i :][:60]) for i in range(20)])
    expression = """(() => { const { network } = attentionMap(config, buffer);
        return given.map((tokens) => readAll(network, tokens).map(({ layers, scores }) =>
            [layers.map(({ weights }) => weights), Array.from(scores)])); })()"""
    read = compute("attention_map", expression, tokens)
    scores = torch.tensor([[place[1] for place in one] for one in read])
    variation = (scores.softmax(-1) - model(tokens).softmax(-1)).abs().sum(-1) / 2
    assert variation.max() < 0.01
    weights = torch.zeros(2, 20, 4, 60, 60)
    for b, one in enumerate(read):
        for t, (layers, _) in enumerate(one):
            weights[:, b, :, t, : t + 1] = torch.tensor(layers)
    assert (weights - model.attention_weights(tokens)).abs().max() < 0.01


@of("drop_a_point")
@pytest.mark.parametrize("number", range(2))
@torch.no_grad()
def test_the_arrows_of_the_plane(compute, number):
    sigma = (0.2, 0.5)[number]
    places = 1.5 * torch.randn(COUNT, 2)
    sent = "given.map((x) => denoised(parts.models[{}], WAYS[{}], parts.points, x))"
    begin = "(() => {{ const parts = dropAPoint(config, buffer); return {}; }})()"
    network, best = (
        torch.tensor(compute("drop_a_point", begin.format(sent.format(number, way)), places))
        for way in (0, 1)
    )
    assert (network - arrows(sigma)(places)).abs().max() < 2e-3
    weights = (-torch.cdist(places, ring()).square() / (2 * sigma**2)).softmax(1)
    assert (best - weights @ ring()).abs().max() < 1e-5


@of("drop_a_point")
def test_the_density_and_the_distance_on_the_plane(compute):
    places = 1.5 * torch.randn(COUNT, 2)
    expression = (
        "given.map((x) => { const found = origins(dropAPoint(config, buffer).points, 0.2, x);"
        "return [found.logDensity, found.distance]; })"
    )
    density, distance = torch.tensor(compute("drop_a_point", expression, places)).T
    distances = torch.cdist(places, ring())
    expected = torch.logsumexp(-distances.square() / (2 * 0.2**2), dim=1)
    torch.testing.assert_close(density, expected, atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(distance, distances.min(1).values, atol=1e-4, rtol=1e-4)


@of("draw_a_digit")
@pytest.mark.parametrize("bits", [8, 16])
@torch.no_grad()
def test_what_rounding_costs(compute, bits, record_property):
    """Eight bits suffice for a decoder of two numbers; a noisy picture needs sixteen."""
    from ae_course.widgets.packing import Pack

    model = denoisers()["overcomplete"]
    pack = Pack(bits)
    layers = pack.layers(model.encoder) + pack.layers(model.decoder)
    figure = widgets.draw_a_digit({"x": model}, *(part[:1] for part in digits()), pool=2)
    figure.config, figure.data = {"layers": layers}, bytes(pack)
    x = avg_pool2d(digits()[0][:COUNT], 2)
    x = x + 0.5 * torch.randn_like(x)
    expression = "given.map((x) => Array.from(run(layersOf(buffer, config.layers), x)))"
    found = compute("draw_a_digit", expression, x.flatten(1), figure)
    cost = largest_difference(found, model(x))
    record_property("largest difference of a pixel", cost)
    assert cost < (0.2 if bits == 8 else 0.002)


# ---------------------------------------------------------------- pictures and noise


@of("draw_a_digit")
def test_noise_has_the_moments_it_should(compute):
    flat, count = torch.full((1, 20_000), 0.5), 20_000

    def spoiled(kind, amount):
        return torch.tensor(
            compute("draw_a_digit", f'Array.from(corrupt(given[0], "{kind}", {amount}, 5))', flat)
        )

    noise = spoiled("Gaussian", 0.3) - 0.5
    assert abs(noise.mean()) < 5 * 0.3 / math.sqrt(count)
    assert abs(noise.std() / 0.3 - 1) < 5 / math.sqrt(2 * count)
    error = 5 * math.sqrt(0.25 / count)
    assert abs((spoiled("masking", 0.4) == 0).float().mean() - 0.4) < error
    salted = spoiled("salt and pepper", 0.4)
    assert abs((salted == 0).float().mean() - 0.2) < error
    assert abs((salted == 1).float().mean() - 0.2) < error
    assert (spoiled("Gaussian", 0) == 0.5).all()


@of("draw_a_digit")
def test_pooling_is_torch_s(compute):
    images = digits()[0][:COUNT]
    found = compute(
        "draw_a_digit", "given.map((x) => Array.from(pooled(x, 28, 2)))", images.flatten(1)
    )
    assert largest_difference(found, avg_pool2d(images, 2)) < 1e-6


@of("draw_a_digit")
def test_mnist_s_own_digits_are_centred_already(compute):
    """Their makers' rule, applied again, should hardly move them."""
    images = digits()[0][:COUNT]
    found = compute(
        "draw_a_digit",
        "given.map((x) => Array.from(centred(Float32Array.from(x))))",
        images.flatten(1),
    )
    centred = torch.tensor(found).view(-1, 28, 28)
    place = torch.arange(28.0)
    for axis in (1, 2):
        middle = (centred.sum(3 - axis) * place).sum(1) / centred.sum((1, 2))
        assert (middle - 13.5).abs().max() < 0.5
    moved = (centred - images[:, 0]).square().mean()
    assert moved < images.var() / 4


@of("draw_a_digit")
def test_a_drawing_anywhere_and_of_any_size_is_centred(compute):
    expression = (
        "given.map(([x, y, size]) => { const page = new Float32Array(784);"
        "stroke(page, [x, y], [x + size, y]); stroke(page, [x + size, y], [x, y + size]);"
        "return Array.from(centred(page)); })"
    )
    drawings = compute("draw_a_digit", expression, [[4, 4, 8], [14, 14, 8], [6, 6, 16]])
    a, b, c = (torch.tensor(drawing).view(28, 28) for drawing in drawings)
    assert (a - b).abs().max() < 0.05  # moving it makes no difference
    for drawing in (a, c):
        inked = (drawing > 0.1).nonzero()
        height, width = (inked.max(0).values - inked.min(0).values + 1).tolist()
        assert 18 <= max(height, width) <= 23
    assert compute("draw_a_digit", "centred(new Float32Array(784)).every((x) => x === 0)")


@of("outlier_meter")
def test_the_outlier_meter_ranks_as_numpy_does(compute):
    errors = sorted(torch.rand(300).tolist())
    asked = torch.rand(COUNT).tolist()
    expression = "given[1].map((error) => shareBelow(given[0], error))"
    found = compute("outlier_meter", expression, [errors, asked])
    expected = [sum(error < one for error in errors) / 300 for one in asked]
    assert found == pytest.approx(expected)


@of("outlier_meter")
def test_the_outlier_meter_finds_the_threshold_that_the_package_finds(compute):
    errors = sorted(torch.rand(300).tolist())
    shares = [0.001, 0.01, 0.07, 0.1, 0.2]
    expression = "given[1].map((share) => thresholdFor(given[0], share))"
    found = compute("outlier_meter", expression, [errors, shares])
    assert found == [ae.outlier_threshold(errors, share) for share in shares]
