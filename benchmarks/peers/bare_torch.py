"""The forward pass of GPT-2 small's shape as bare torch operators: the peer of the benchmark `forward`.

Reads requests `BATCH POS` from standard input, a line each, and answers each with the milliseconds of one forward pass.
Needs torch (Debian's python3-torch will do); `bare_torch.py --check` only says which one answers.
"""
import math
import sys
import time

import torch

LAYERS, WIDTH, HEADS, HIDDEN, VOCABULARY, CONTEXT = 12, 768, 12, 3072, 50257, 1024
HEAD = WIDTH // HEADS


def normal(*shape, inputs):
    return torch.randn(*shape) / math.sqrt(inputs)


def make_block():
    return dict(
        g1=torch.ones(WIDTH), b1=torch.zeros(WIDTH), g2=torch.ones(WIDTH), b2=torch.zeros(WIDTH),
        qkv=normal(WIDTH, 3 * WIDTH, inputs=WIDTH), qkv_bias=torch.zeros(3 * WIDTH),
        out=normal(WIDTH, WIDTH, inputs=24 * WIDTH), out_bias=torch.zeros(WIDTH),
        up=normal(WIDTH, HIDDEN, inputs=WIDTH), up_bias=torch.zeros(HIDDEN),
        down=normal(HIDDEN, WIDTH, inputs=24 * HIDDEN), down_bias=torch.zeros(WIDTH))


def layer_norm(x, gain, bias):
    return torch.nn.functional.layer_norm(x, (WIDTH,), gain, bias, 1e-5)


def run_block(w, x, mask):
    batch, positions, _ = x.shape
    h = layer_norm(x, w["g1"], w["b1"]).view(-1, WIDTH)
    qkv = torch.addmm(w["qkv_bias"], h, w["qkv"]).view(batch, positions, 3 * HEADS, HEAD)
    q, k, v = qkv[:, :, :HEADS], qkv[:, :, HEADS:2 * HEADS], qkv[:, :, 2 * HEADS:]
    rows = q.transpose(1, 2).reshape(batch * HEADS, positions, HEAD)
    turned = k.transpose(1, 2).reshape(batch * HEADS, positions, HEAD).transpose(1, 2)
    scores = torch.bmm(rows, turned).view(batch, HEADS, positions, positions).div_(math.sqrt(HEAD)).add_(mask)
    z = torch.matmul(scores.softmax(-1), v.transpose(1, 2)).transpose(1, 2).reshape(batch * positions, WIDTH)
    mid = x + torch.addmm(w["out_bias"], z, w["out"]).view(batch, positions, WIDTH)
    hidden = torch.addmm(w["up_bias"], layer_norm(mid, w["g2"], w["b2"]).view(-1, WIDTH), w["up"])
    active = torch._C._nn.gelu(hidden, approximate="tanh")
    return mid + torch.addmm(w["down_bias"], active, w["down"]).view(batch, positions, WIDTH)


def main():
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    if "--check" in sys.argv:
        print(f"torch {torch.__version__}")
        return
    torch.manual_seed(0)
    embedding, places = normal(VOCABULARY, WIDTH, inputs=WIDTH), normal(CONTEXT, WIDTH, inputs=WIDTH)
    blocks = [make_block() for _ in range(LAYERS)]
    gain, bias = torch.ones(WIDTH), torch.zeros(WIDTH)
    unembedding, unembedding_bias = normal(WIDTH, VOCABULARY, inputs=WIDTH), torch.zeros(VOCABULARY)
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        batch, positions = map(int, line.split())
        tokens = torch.randint(0, VOCABULARY, (batch, positions))
        start = time.perf_counter()
        mask = torch.full((positions, positions), -math.inf).triu(1)
        x = torch.nn.functional.embedding(tokens, embedding) + places[:positions]
        for w in blocks:
            x = run_block(w, x, mask)
        logits = torch.addmm(unembedding_bias, layer_norm(x, gain, bias).view(-1, WIDTH), unembedding).view(batch, positions, VOCABULARY)
        elapsed = time.perf_counter() - start
        del x, logits
        print(1e3 * elapsed, flush=True)


if __name__ == "__main__":
    main()
