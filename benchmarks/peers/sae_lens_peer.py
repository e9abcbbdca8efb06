"""SAELens: one training step of a TopK dictionary, 768 to 24,576, 2,048 rows.

Needs sae_lens 6 (pip install sae-lens); written from its documented calls. How to run it: peer.py.
"""
from dataclasses import fields
from importlib.metadata import version

import torch
from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.saes.sae import TrainStepInput

import peer


class Step:
    def __init__(self):
        self.sae = TopKTrainingSAE(TopKTrainingSAEConfig(d_in=peer.WIDTH, d_sae=peer.DICTIONARY, k=peer.CHOSEN, dtype="float32", device="cpu"))
        self.optimizer = torch.optim.Adam(self.sae.parameters(), lr=2e-4, betas=(0.9, 0.999))
        self.batch = torch.randn(peer.ROWS, peer.WIDTH)
        given = dict(sae_in=self.batch, coefficients={}, dead_neuron_mask=None, n_training_steps=0)
        self.input = TrainStepInput(**{field.name: given[field.name] for field in fields(TrainStepInput) if field.name in given})

    def __call__(self):
        self.optimizer.zero_grad()
        output = self.sae.training_forward_pass(step_input=self.input)
        output.loss.backward()
        torch.nn.utils.clip_grad_norm_(self.sae.parameters(), 1.0)
        self.optimizer.step()
        return output.loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    peer.main("SAELens", version("sae-lens"), {peer.DICTIONARY_STEP: Step()}, rounds={peer.DICTIONARY_STEP: 3})
