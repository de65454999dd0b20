"""Networks exported by PyTorch with seeded random weights.

Batch-norm statistics come from a few passes in training mode and its scales and shifts are random
too, so that a mistake in a channel's order or in a layout shows in the result.
"""
import warnings

import torch
import torchvision
from torchvision.models import resnet

import data_sets
import decoder
import encoder


def settle(network, make_inputs, passes):
    """Random scales, then running statistics that fit the weights."""
    for module in network.modules():
        if isinstance(module, (torch.nn.BatchNorm2d, torch.nn.LayerNorm)):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # plain average of the passes, nothing left of the initial values
    # The last norm of a residual branch is small, as training leaves it: else rounding errors grow with depth.
    for module in network.modules():
        if isinstance(module, (resnet.BasicBlock, resnet.Bottleneck)):
            last = module.bn3 if isinstance(module, resnet.Bottleneck) else module.bn2
            torch.nn.init.uniform_(last.weight, 0.1, 0.3)
    network.train()
    with torch.no_grad():
        for _ in range(passes):
            network(*make_inputs(4))
    network.eval()


def export(folder, network, make_inputs, names, dynamic_axes, opset, cases=(1, 3)):
    """make_inputs(case) -> tuple of tensors; a data set per entry of `cases`, the first of which is traced."""
    inputs, outputs = names
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's remarks on shapes that Python saw
        torch.onnx.export(
            network, make_inputs(cases[0]), f"{folder}/model.onnx", opset_version=opset,
            input_names=inputs, output_names=outputs, dynamic_axes=dynamic_axes)
    for index, case in enumerate(cases):
        values = make_inputs(case)
        with torch.no_grad():
            results = network(*values)
        results = results if isinstance(results, tuple) else (results,)
        data_sets.write(folder, index, list(zip(inputs, (v.numpy() for v in values))),
                        list(zip(outputs, (r.numpy() for r in results))))


def image_network(build, opset):
    """A torchvision classifier on [batch, 3, 224, 224]."""
    def write(folder):
        torch.manual_seed(0)
        network = build(weights=None)

        def make_inputs(batch):
            return (torch.randn(batch, 3, 224, 224),)

        settle(network, make_inputs, passes=4)
        export(folder, network, make_inputs, (["image"], ["scores"]),
               {"image": {0: "batch"}, "scores": {0: "batch"}}, opset)
    return write


def text_encoder(layers, width, heads, opset):
    """A BERT-like encoder on token ids [batch, sequence]; 128 tokens in the data sets."""
    def write(folder):
        torch.manual_seed(0)
        network = encoder.Encoder(layers, width, heads)

        def make_inputs(batch):
            tokens = torch.randint(0, encoder.VOCABULARY, (batch, 128))
            mask = torch.ones(batch, 128, dtype=torch.int64)
            for row in range(1, batch):  # later rows are padded at their ends
                mask[row, 128 - 20 * row:] = 0
            return tokens, mask

        settle(network, make_inputs, passes=0)
        axes = {0: "batch", 1: "sequence"}
        export(folder, network, make_inputs, (["input_ids", "attention_mask"], ["hidden"]),
               {"input_ids": axes, "attention_mask": axes, "hidden": axes}, opset, cases=(1, 2))
    return write


def text_decoder(layers, width, heads, opset):
    """A GPT-like decoder with past keys and values; a step of one token on a past of 64, and a first step of 8."""
    def write(folder):
        torch.manual_seed(0)
        network = decoder.Decoder(layers, width, heads)

        def make_inputs(case):
            batch, sequence, known = case
            past = (torch.randn(batch, heads, known, width // heads) for _ in range(2 * layers))
            return (torch.randint(0, decoder.VOCABULARY, (batch, sequence)), *past)

        settle(network, make_inputs, passes=0)
        states = [f"{kind}_{index}" for index in range(layers) for kind in ("key", "value")]
        inputs = ["input_ids"] + [f"past_{state}" for state in states]
        outputs = ["logits"] + [f"present_{state}" for state in states]
        axes = {name: {0: "batch", 1: "sequence"} for name in ("input_ids", "logits")}
        axes.update({name: {0: "batch", 2: "past"} for name in inputs[1:]})
        axes.update({name: {0: "batch", 2: "total"} for name in outputs[1:]})
        export(folder, network, make_inputs, (inputs, outputs), axes, opset, cases=((1, 1, 64), (2, 8, 0)))
    return write


def recipes():
    models = torchvision.models
    return {
        "resnet18": image_network(models.resnet18, 17),
        "resnet50": image_network(models.resnet50, 13),  # v1.5: the stride sits in the 3x3
        "mobilenet_v2": image_network(models.mobilenet_v2, 13),
        "encoder_6x384": text_encoder(6, 384, 12, 13),  # MiniLM's shape; LayerNorm as nine nodes
        "encoder_6x384_op17": text_encoder(6, 384, 12, 17),  # the same with LayerNormalization
        "encoder_12x768": text_encoder(12, 768, 12, 13),  # BERT-base's shape
        "decoder_6x512": text_decoder(6, 512, 8, 17),
    }
