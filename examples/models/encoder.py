"""A transformer encoder in BERT's form, written with plain tensor operations.

The vocabulary is small: the embedding table is looked up, not multiplied, so its size would only
make the file large.
"""
import math

import torch
from torch import nn

VOCABULARY = 1024
POSITIONS = 512


class Layer(nn.Module):
    """Self-attention and a two-layer perceptron, each with a residual and a norm after it."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.attended = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=1e-12)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.output_norm = nn.LayerNorm(width, eps=1e-12)

    def split(self, x):
        """[batch, sequence, width] -> [batch, heads, sequence, head_width]"""
        batch, sequence = x.shape[0], x.shape[1]
        return x.view(batch, sequence, self.heads, self.head_width).permute(0, 2, 1, 3)

    def forward(self, x, bias):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.head_width) + bias
        mixed = torch.matmul(torch.softmax(scores, dim=-1), v).permute(0, 2, 1, 3).contiguous()
        mixed = mixed.view(mixed.shape[0], mixed.shape[1], self.heads * self.head_width)
        x = self.attention_norm(x + self.attended(mixed))
        hidden = nn.functional.gelu(self.up(x))
        return self.output_norm(x + self.down(hidden))


class Encoder(nn.Module):
    """input_ids, attention_mask: int64 [batch, sequence] -> f32 [batch, sequence, width]"""

    def __init__(self, layers, width, heads):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, width)
        self.places = nn.Embedding(POSITIONS, width)
        self.register_buffer("positions", torch.arange(POSITIONS)[None])
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))

    def forward(self, input_ids, attention_mask):
        places = self.places(self.positions[:, :input_ids.shape[1]])
        x = self.norm(self.words(input_ids) + places)
        bias = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -10000.0
        for layer in self.layers:
            x = layer(x, bias)
        return x
