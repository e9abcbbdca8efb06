"""TransformerLens: the same shape with random weights, and the same work by its own functions.

Needs transformer_lens 2 or 3 (pip install transformer-lens); written from its documented calls. How to run it: peer.py.
"""
from importlib.metadata import version

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig

import peer
from peer import POSITIONS, PROMPTS, VOCABULARY


class Experiment:
    def __init__(self, model):
        self.model = model
        self.clean, self.corrupted = (torch.randint(0, VOCABULARY, (PROMPTS, POSITIONS)) for _ in range(2))
        self.answers = torch.randint(0, VOCABULARY, (PROMPTS, 2))

    def difference(self, logits):
        last = logits[:, -1]
        return (last.gather(1, self.answers[:, :1]) - last.gather(1, self.answers[:, 1:])).mean()

    def streams(self, tokens):
        _, cache = self.model.run_with_cache(tokens, names_filter=lambda name: name.endswith("hook_resid_pre") or name.endswith("hook_resid_post"))
        return cache

    def sweep(self):
        """transformer_lens.patching does the same for all layers: one run with a hook for each patch."""
        cache = self.streams(self.clean)
        result = torch.zeros(len(peer.SWEPT), POSITIONS)
        for i, layer in enumerate(peer.SWEPT):
            name = f"blocks.{layer}.hook_resid_pre"
            for position in range(POSITIONS):
                def put(stream, hook, position=position, name=name):
                    stream[:, position] = cache[name][:, position]
                    return stream

                result[i, position] = self.difference(self.model.run_with_hooks(self.corrupted, fwd_hooks=[(name, put)]))
        return result

    def attribution(self):
        wanted = lambda name: name.endswith("hook_z")
        _, source = self.model.run_with_cache(self.clean, names_filter=wanted)
        values, gradients = {}, {}

        def keep(activation, hook):
            values[hook.name] = activation.detach()

        def keep_gradient(gradient, hook):
            gradients[hook.name] = gradient.detach()

        with torch.enable_grad(), self.model.hooks(fwd_hooks=[(wanted, keep)], bwd_hooks=[(wanted, keep_gradient)]):
            self.difference(self.model(self.corrupted)).backward()
        self.model.zero_grad()
        return torch.stack([(gradients[name] * (source[name] - values[name])).sum((0, 1, 3)) for name in sorted(values)])


def main():
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    model = HookedTransformer(HookedTransformerConfig(
        n_layers=peer.LAYERS, d_model=peer.WIDTH, n_heads=peer.HEADS, d_head=peer.HEAD, d_mlp=peer.HIDDEN, d_vocab=VOCABULARY, n_ctx=peer.CONTEXT,
        act_fn="gelu_new", normalization_type="LN", device="cpu", seed=0))
    experiment = Experiment(model)
    kept = {}

    def random_tokens(batch, positions):
        return torch.randint(0, VOCABULARY, (batch, positions))

    def lens():
        if "cache" not in kept:
            kept["cache"] = experiment.streams(experiment.clean)
        streams, _ = kept["cache"].accumulated_resid(layer=-1, return_labels=True)  # [stream, batch, pos, d_model]
        return torch.stack([model.unembed(model.ln_final(x)) for x in streams])

    peer.main("TransformerLens", version("transformer-lens"), {
        peer.FORWARD_8: lambda: model(random_tokens(8, 64)),
        peer.FORWARD_1: lambda: model(random_tokens(1, 64)),
        peer.CAPTURE: lambda: model.run_with_cache(random_tokens(8, 64), names_filter=lambda name: name.endswith("hook_resid_pre") or name.endswith("hook_resid_post")),
        peer.SWEEP: experiment.sweep,
        peer.ATTRIBUTION: experiment.attribution,
        peer.LENS: lens,
        peer.GENERATE: lambda: model.generate(random_tokens(1, 16), max_new_tokens=32, do_sample=False, stop_at_eos=False, verbose=False),
    }, rounds={peer.FORWARD_1: 21, peer.SWEEP: 1, peer.LENS: 3})


if __name__ == "__main__":
    main()
