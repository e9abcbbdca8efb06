#!/usr/bin/env python3
"""Writes a file of activations of a Hugging Face model, for model.Verify(file) of Interp.

    python make-reference.py gpt2 gpt2-reference.safetensors
    python make-reference.py ./my-model reference.safetensors --text "Any text" --dtype float64 --revision main

Needs torch and transformers. The file is safetensors: `tokens` [batch, pos]; under TransformerLens's names the residual stream before each block
and after the last, what each attention and MLP module gave, attention patterns; `logits`; `loss`. What a model does not show is left out.
"""
import argparse
import json
import struct

import torch

TEXT = "The quick brown fox jumps over the lazy dog. When Mary and John went to the store, John gave a drink to"
ATTENTION = ("self_attn", "attn", "attention")
MLP = ("mlp",)
# Their modules add the residual stream themselves, so that what they give is not what they compute.
WITHOUT_PARTS = ("bloom",)


def layers_of(model):
    """The list of blocks: the one ModuleList that is as long as the model is deep."""
    config = model.config
    depth = next(getattr(config, name) for name in ("num_hidden_layers", "n_layer", "num_layers") if hasattr(config, name))
    found = [m for m in model.modules() if isinstance(m, torch.nn.ModuleList) and len(m) == depth]
    if not found:
        raise SystemExit(f"no list of {depth} blocks in {type(model).__name__}")
    return found[0]


def first(value):
    return value[0] if isinstance(value, (tuple, list)) else value


def record(model, tokens):
    """Runs the model on tokens [batch, pos] and gives its arrays by name."""
    arrays, handles = {}, []

    def keep(name, value):
        arrays.setdefault(name, first(value).detach().cpu())

    layers = layers_of(model)
    for i, layer in enumerate(layers):
        def before(_, args, kwargs, i=i):
            keep(f"blocks.{i}.hook_resid_pre", args[0] if args else kwargs["hidden_states"])
        handles.append(layer.register_forward_pre_hook(before, with_kwargs=True))
        if getattr(model.config, "model_type", "") in WITHOUT_PARTS:
            continue
        for names, ours in ((ATTENTION, "attn.hook_out"), (MLP, "mlp.hook_out")):
            part = next((getattr(layer, name) for name in names if hasattr(layer, name)), None)
            if part is not None:
                handles.append(part.register_forward_hook(lambda _, __, out, name=f"blocks.{i}.{ours}": keep(name, out)))
    last = len(layers) - 1
    handles.append(layers[last].register_forward_hook(lambda _, __, out: keep(f"blocks.{last}.hook_resid_post", out)))
    try:
        with torch.no_grad():
            out = model(tokens, use_cache=False, output_attentions=True)
    finally:
        for handle in handles:
            handle.remove()
    for i, pattern in enumerate(getattr(out, "attentions", None) or ()):
        if pattern is not None:
            keep(f"blocks.{i}.attn.hook_pattern", pattern)
    keep("logits", out.logits)
    wanted = tokens[:, 1:].reshape(-1)
    arrays["loss"] = torch.nn.functional.cross_entropy(out.logits[:, :-1].reshape(wanted.numel(), -1).double(), wanted).detach().cpu()
    arrays["tokens"] = tokens.cpu()
    return arrays


NAMES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def save(path, arrays, metadata):
    """Writes safetensors; the format is a length, a JSON header and the data."""
    header, blobs, place = {"__metadata__": metadata}, [], 0
    for name, array in sorted(arrays.items(), key=lambda item: -item[1].element_size()):
        array = array.contiguous()
        kind = NAMES[array.dtype]
        data = (array.view(torch.int16) if array.dtype == torch.bfloat16 else array).numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [place, place + len(data)]}
        blobs.append(data)
        place += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for data in blobs:
            file.write(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder, or a name on the hub")
    parser.add_argument("out", help="the file to write, NAME.safetensors")
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--tokens", help="token ids instead of a text, as 1,2,3")
    parser.add_argument("--dtype", default="float32", choices=["float64", "float32", "float16", "bfloat16"])
    parser.add_argument("--revision", default="main")
    args = parser.parse_args()

    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(
        args.model, revision=args.revision, torch_dtype=getattr(torch, args.dtype), attn_implementation="eager"
    ).eval()
    if args.tokens:
        tokens = torch.tensor([[int(part) for part in args.tokens.split(",")]])
    else:
        tokens = transformers.AutoTokenizer.from_pretrained(args.model, revision=args.revision)(args.text, return_tensors="pt")["input_ids"]
    arrays = record(model, tokens)
    save(args.out, arrays, {
        "interp_reference": "1", "model": args.model, "revision": args.revision, "dtype": args.dtype,
        "transformers": transformers.__version__, "torch": torch.__version__,
    })
    print(f"{args.out}: {len(arrays)} arrays, {tokens.numel()} tokens")


if __name__ == "__main__":
    main()
