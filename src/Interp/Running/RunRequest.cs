namespace Interp;

using System.Collections.Immutable;
using TorchSharp;

/// <summary>All that one forward pass needs to know.</summary>
internal sealed record RunRequest
{
    public required HookedTransformer Model { get; init; }

    public required RunInput Input { get; init; }

    /// <summary>Edits on all rows, in order.</summary>
    public ImmutableArray<Edit> Edits { get; init; } = [];

    /// <summary>Variants that share the batch: the rows of each follow those of the one before.</summary>
    public ImmutableArray<Variant> Variants { get; init; } = [];

    /// <summary>What is captured.</summary>
    public ImmutableArray<Unit> Captures { get; init; } = [];

    /// <summary>Where captured activations go.</summary>
    public ICaptureSink? Sink { get; init; }

    /// <summary>Whether captured activations keep their autograd graph.</summary>
    public bool Gradients { get; init; }

    /// <summary>Where logits are read; null when nobody wants any.</summary>
    public Indices? LogitsAt { get; init; } = Indices.All;

    /// <summary>A metric that is wanted in place of logits; one that is not linear in them still gets logits.</summary>
    public Metric? Readout { get; init; }

    /// <summary>First block to run; its input is <see cref="Start"/>.</summary>
    public int StartLayer { get; init; }

    /// <summary>The residual stream before <see cref="StartLayer"/>, [batch, pos, d_model]; null to start at the tokens.</summary>
    public torch.Tensor? Start { get; init; }

    /// <summary>Continuous inputs in place of token embeddings, [batch, pos, d_model].</summary>
    public torch.Tensor? Embeddings { get; init; }

    /// <summary>Runs the blocks before this one only, and gives back the residual stream.</summary>
    public int? StopLayer { get; init; }

    /// <summary>Computes in twice the bits of the weights, which are converted matrix by matrix: for plain passes of models of our own components, which nobody listens to.</summary>
    public bool Wide { get; init; }

    public KeyValueCache? Cache { get; init; }

    public Func<int, torch.Tensor?>? Visibility { get; init; }

    /// <summary>Whether edits may name positions that this pass does not have (generation).</summary>
    public bool Lenient { get; init; }

    public CancellationToken Cancellation { get; init; }
}
