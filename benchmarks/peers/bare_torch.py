"""Bare PyTorch: GPT-2 small's shape written out as operators, and the work of an experiment around it by hand.

Needs torch (Debian's python3-torch will do). How to run it: peer.py.
"""
import math

import torch

import peer
from peer import CONTEXT, HEAD, HEADS, HIDDEN, LAYERS, POSITIONS, PROMPTS, VOCABULARY, WIDTH


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


def run_block(w, x, mask, past=None, heads=None):
    """One block. past: [keys, values] of earlier positions, extended. heads: a list that z is put on, [batch, pos, head, width]."""
    batch, positions, _ = x.shape
    h = layer_norm(x, w["g1"], w["b1"]).view(-1, WIDTH)
    qkv = torch.addmm(w["qkv_bias"], h, w["qkv"]).view(batch, positions, 3 * HEADS, HEAD)
    q, k, v = qkv[:, :, :HEADS], qkv[:, :, HEADS:2 * HEADS], qkv[:, :, 2 * HEADS:]
    if past is not None:
        if past:
            k, v = torch.cat([past[0], k], 1), torch.cat([past[1], v], 1)
        past[:] = [k, v]
    keys = k.shape[1]
    rows = q.transpose(1, 2).reshape(batch * HEADS, positions, HEAD)
    turned = k.transpose(1, 2).reshape(batch * HEADS, keys, HEAD).transpose(1, 2)
    scores = torch.bmm(rows, turned).view(batch, HEADS, positions, keys) / math.sqrt(HEAD) + mask
    z = torch.matmul(scores.softmax(-1), v.transpose(1, 2)).transpose(1, 2)  # [batch, pos, head, width]
    if heads is not None:
        heads.append(z)
    mid = x + torch.addmm(w["out_bias"], z.reshape(batch * positions, WIDTH), w["out"]).view(batch, positions, WIDTH)
    hidden = torch.addmm(w["up_bias"], layer_norm(mid, w["g2"], w["b2"]).view(-1, WIDTH), w["up"])
    active = torch._C._nn.gelu(hidden, approximate="tanh")
    return mid + torch.addmm(w["down_bias"], active, w["down"]).view(batch, positions, WIDTH)


class Model:
    def __init__(self):
        self.embedding, self.places = normal(VOCABULARY, WIDTH, inputs=WIDTH), normal(CONTEXT, WIDTH, inputs=WIDTH)
        self.blocks = [make_block() for _ in range(LAYERS)]
        self.gain, self.bias = torch.ones(WIDTH), torch.zeros(WIDTH)
        self.unembedding, self.unembedding_bias = normal(WIDTH, VOCABULARY, inputs=WIDTH), torch.zeros(VOCABULARY)

    def embed(self, tokens, first=0):
        return torch.nn.functional.embedding(tokens, self.embedding) + self.places[first:first + tokens.shape[1]]

    def final(self, x):
        return layer_norm(x, self.gain, self.bias)

    def logits(self, x):
        return torch.addmm(self.unembedding_bias, self.final(x).view(-1, WIDTH), self.unembedding).view(*x.shape[:2], VOCABULARY)

    def forward(self, tokens, streams=None):
        mask = torch.full((tokens.shape[1],) * 2, -math.inf).triu(1)
        x = self.embed(tokens)
        for w in self.blocks:
            if streams is not None:
                streams.append(x)
            x = run_block(w, x, mask)
        if streams is not None:
            streams.append(x)
        return self.logits(x)


class Experiment:
    """Eight prompts of fifteen tokens, their corruptions, and two answers each."""

    def __init__(self, model):
        self.model = model
        self.clean, self.corrupted = (torch.randint(0, VOCABULARY, (PROMPTS, POSITIONS)) for _ in range(2))
        answers = torch.randint(0, VOCABULARY, (PROMPTS, 2))
        self.answers = answers
        self.directions = (model.unembedding[:, answers[:, 0]] - model.unembedding[:, answers[:, 1]]).t().contiguous()  # [prompt, width]
        self.mask = torch.full((POSITIONS,) * 2, -math.inf).triu(1)

    def difference(self, logits):
        last = logits[:, -1]
        return (last.gather(1, self.answers[:, :1]) - last.gather(1, self.answers[:, 1:])).mean()

    def streams(self, tokens):
        streams = []
        self.model.forward(tokens, streams)
        return streams

    def sweep(self):
        """One whole forward pass with all logits for each patch."""
        clean = self.streams(self.clean)
        result = torch.zeros(len(peer.SWEPT), POSITIONS)
        for i, layer in enumerate(peer.SWEPT):
            for position in range(POSITIONS):
                x = self.model.embed(self.corrupted)
                for number, w in enumerate(self.model.blocks):
                    if number == layer:
                        x = x.clone()
                        x[:, position] = clean[layer][:, position]
                    x = run_block(w, x, self.mask)
                result[i, position] = self.difference(self.model.logits(x))
        return result

    def sweep_batched(self):
        """From the patched layer on, all positions in one batch, the metric by two logit directions at the last position."""
        clean, base = self.streams(self.clean), self.streams(self.corrupted)
        result = torch.zeros(len(peer.SWEPT), POSITIONS)
        for i, layer in enumerate(peer.SWEPT):
            x = base[layer].unsqueeze(0).repeat(POSITIONS, 1, 1, 1)  # [patch, prompt, pos, width]
            for position in range(POSITIONS):
                x[position, :, position] = clean[layer][:, position]
            x = x.view(-1, POSITIONS, WIDTH)
            for w in self.model.blocks[layer:]:
                x = run_block(w, x, self.mask)
            final = self.model.final(x[:, -1]).view(POSITIONS, PROMPTS, WIDTH)
            result[i] = (final * self.directions).sum(-1).mean(-1)
        return result

    def attribution(self):
        """Gradient times difference of every head's z: a forward pass, and a forward and a backward pass."""
        def heads(tokens, needed):
            kept, x = [], self.model.embed(tokens).requires_grad_(needed)
            for w in self.model.blocks:
                x = run_block(w, x, self.mask, heads=kept)
            return kept, ((self.model.final(x[:, -1]) * self.directions).sum(-1)).mean()

        source, _ = heads(self.clean, False)
        with torch.enable_grad():
            base, metric = heads(self.corrupted, True)
            gradients = torch.autograd.grad(metric, base)
        return torch.stack([(g * (s - b.detach())).sum((0, 1, 3)) for g, s, b in zip(gradients, source, base)])  # [layer, head]


def generate(model, tokens, count):
    pasts = [[] for _ in model.blocks]
    for step in range(count):
        fresh = tokens if step == 0 else tokens[:, -1:]
        first = tokens.shape[1] - fresh.shape[1]
        mask = torch.full((fresh.shape[1],) * 2, -math.inf).triu(1) if step == 0 else 0.0
        x = model.embed(fresh, first)
        for w, past in zip(model.blocks, pasts):
            x = run_block(w, x, mask, past)
        tokens = torch.cat([tokens, model.logits(x[:, -1:])[:, -1].argmax(-1, keepdim=True)], 1)
    return tokens


class Dictionary:
    """A TopK autoencoder as dense operators, its gradients by autograd, unit rows of the decoder, Adam."""

    def __init__(self):
        self.encoder = torch.nn.Parameter(normal(WIDTH, peer.DICTIONARY, inputs=WIDTH))
        self.decoder = torch.nn.Parameter(torch.nn.functional.normalize(self.encoder.detach().t().clone(), dim=1))
        self.before, self.hidden = torch.nn.Parameter(torch.zeros(WIDTH)), torch.nn.Parameter(torch.zeros(peer.DICTIONARY))
        self.optimizer = torch.optim.Adam([self.encoder, self.decoder, self.before, self.hidden], lr=2e-4)
        self.batch = torch.randn(peer.ROWS, WIDTH)

    def step(self):
        with torch.enable_grad():
            pre = torch.addmm(self.hidden, self.batch - self.before, self.encoder)
            chosen = pre.topk(peer.CHOSEN, dim=-1, sorted=False)
            latents = torch.zeros_like(pre).scatter(1, chosen.indices, chosen.values.relu())
            output = torch.addmm(self.before, latents, self.decoder)
            loss = (output - self.batch).square().sum(-1).mean()
            self.optimizer.zero_grad()
            loss.backward()
        gradient = self.decoder.grad
        gradient -= (gradient * self.decoder.detach()).sum(1, keepdim=True) * self.decoder.detach()
        self.optimizer.step()
        self.decoder.data = torch.nn.functional.normalize(self.decoder.data, dim=1)
        return loss.item()


def main():
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    kept = {}

    def made(kind, *given):  # made when first asked for
        if kind not in kept:
            kept[kind] = kind(*given)
        return kept[kind]

    def model():
        return made(Model)

    def experiment():
        return made(Experiment, model())

    def random_tokens(batch, positions):
        return torch.randint(0, VOCABULARY, (batch, positions))

    def forward(batch, positions):
        return model().forward(random_tokens(batch, positions))

    def clean_streams():
        return experiment().streams(experiment().clean)

    def lens():
        return torch.stack([model().logits(x) for x in made(clean_streams)])

    peer.main("PyTorch", torch.__version__, {
        peer.FORWARD_8: lambda: forward(8, 64),
        peer.FORWARD_1: lambda: forward(1, 64),
        peer.CAPTURE: lambda: model().forward(random_tokens(8, 64), []),
        peer.SWEEP: lambda: experiment().sweep(),
        peer.SWEEP_BATCHED: lambda: experiment().sweep_batched(),
        peer.ATTRIBUTION: lambda: experiment().attribution(),
        peer.LENS: lens,
        peer.GENERATE: lambda: generate(model(), random_tokens(1, 16), 32),
        peer.DICTIONARY_STEP: lambda: made(Dictionary).step(),
    }, rounds={peer.FORWARD_1: 21, peer.SWEEP: 1, peer.SWEEP_BATCHED: 3, peer.DICTIONARY_STEP: 3, peer.LENS: 3})


if __name__ == "__main__":
    main()
