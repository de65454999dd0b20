"""A transformer decoder in GPT's form that is fed its own past, written with plain tensor operations.

The caller gives each step's `present_*` as the next step's `past_*`; a first step has a past of length 0.
"""
import math

import torch
from torch import nn

VOCABULARY = 1024
POSITIONS = 1024


class Layer(nn.Module):
    """Causal self-attention over past and new tokens, then a two-layer perceptron; each after a norm."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.perceptron_norm = nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def split(self, x):
        """[batch, sequence, width] -> [batch, heads, sequence, head_width]"""
        return x.view(x.shape[0], x.shape[1], self.heads, self.head_width).permute(0, 2, 1, 3)

    def forward(self, x, bias, past_key, past_value):
        q, k, v = (self.split(part) for part in self.query_key_value(self.attention_norm(x)).chunk(3, dim=-1))
        key, value = torch.cat([past_key, k], dim=2), torch.cat([past_value, v], dim=2)
        scores = torch.matmul(q, key.transpose(-1, -2)) / math.sqrt(self.head_width) + bias
        mixed = torch.matmul(torch.softmax(scores, dim=-1), value).permute(0, 2, 1, 3).contiguous()
        x = x + self.attended(mixed.view(x.shape[0], x.shape[1], self.heads * self.head_width))
        return x + self.down(nn.functional.gelu(self.up(self.perceptron_norm(x)))), key, value


class Decoder(nn.Module):
    """input_ids int64 [batch, sequence], then for each layer a key and a value, f32 [batch, heads, past,
    head_width] -> logits f32 [batch, sequence, VOCABULARY], then each layer's present key and value"""

    def __init__(self, layers, width, heads):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, width)
        self.places = nn.Embedding(POSITIONS, width)
        self.register_buffer("positions", torch.arange(POSITIONS))
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.scores = nn.Linear(width, VOCABULARY, bias=False)

    def forward(self, input_ids, *past):
        known = past[0].shape[2]
        total = known + input_ids.shape[1]
        new = self.positions[known:total]
        x = self.words(input_ids) + self.places(new)
        bias = (self.positions[None, :total] > new[:, None]).to(torch.float32) * -10000.0
        present = []
        for index, layer in enumerate(self.layers):
            x, key, value = layer(x, bias, past[2 * index], past[2 * index + 1])
            present += [key, value]
        return (self.scores(self.norm(x)), *present)
