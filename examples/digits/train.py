#!/usr/bin/python3
"""Trains the digits model and writes everything else in this folder.

A small convolutional network on scikit-learn's bundled handwritten digits (1 797 pictures of 8x8
pixels, values 0 to 16), four fifths for training. Writes model.onnx, labels.txt, the test split as
test_data_set_0 (all its pictures as one batch and PyTorch's probabilities for them) with the true
classes in test_labels.txt, and a few pictures of the test split as PNG.

Needs Debian's python3-torch, python3-sklearn, python3-onnx and python3-pil (tests/setup.sh --export).
"""
import argparse
import os

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
PICTURES = [0, 2, 3, 5, 7]  # the classes shown as PNG
PICTURE_SCALE = 16  # one pixel of the data is a square of this many pixels in the PNG


def make_network():
    """[batch, 1, 8, 8] in 0..1 -> [batch, 10] probabilities."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(32 * 4 * 4, 10), nn.Softmax(dim=1))


def train(network, images, labels, epochs):
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    network.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images)).split(64):
            # The last layer gives probabilities, so the loss takes their logarithm.
            loss = torch.nn.functional.nll_loss(torch.log(network(images[batch]) + 1e-9), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss) * len(batch)
        schedule.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    network.eval()


def write_tensor(path, name, array):
    with open(path, "wb") as file:
        file.write(numpy_helper.from_array(np.ascontiguousarray(array), name).SerializeToString())


def write_pictures(folder, images, labels):
    """The first picture of the test split of each chosen class, enlarged for the eye."""
    for digit in PICTURES:
        pixels = images[np.flatnonzero(labels == digit)[0], 0]
        grey = np.rint(pixels * 255).astype(np.uint8)
        large = grey.repeat(PICTURE_SCALE, axis=0).repeat(PICTURE_SCALE, axis=1)
        Image.fromarray(large).save(os.path.join(folder, f"digit_{digit}.png"), optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)), help="folder to write to")
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)  # [1797, 1, 8, 8]
    train_x, test_x, train_y, test_y = train_test_split(
        images, digits.target, test_size=0.2, random_state=0, stratify=digits.target)

    network = make_network()
    train(network, torch.from_numpy(train_x), torch.from_numpy(train_y), options.epochs)
    with torch.no_grad():
        probabilities = network(torch.from_numpy(test_x)).numpy()
    accuracy = float((probabilities.argmax(axis=1) == test_y).mean())
    print(f"PyTorch: {accuracy:.2%} of {len(test_y)} test pictures")

    model_path = os.path.join(options.out, "model.onnx")
    torch.onnx.export(
        network, torch.from_numpy(test_x[:1]), model_path, opset_version=13,
        input_names=["image"], output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}})
    onnx.checker.check_model(model_path)

    data = os.path.join(options.out, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    write_tensor(os.path.join(data, "input_0.pb"), "image", test_x)
    write_tensor(os.path.join(data, "output_0.pb"), "probabilities", probabilities)
    with open(os.path.join(options.out, "test_labels.txt"), "w", encoding="ascii") as file:
        file.writelines(f"{label}\n" for label in test_y)
    with open(os.path.join(options.out, "labels.txt"), "w", encoding="ascii") as file:
        file.writelines(f"{name}\n" for name in NAMES)
    write_pictures(options.out, test_x, test_y)


if __name__ == "__main__":
    main()
