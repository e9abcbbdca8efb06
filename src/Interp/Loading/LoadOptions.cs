namespace Interp;

using System.Collections.Immutable;
using Interp.Extending;
using static TorchSharp.torch;

/// <summary>How a model is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>The type of the weights; null for float32, or float64 where the checkpoint stores it.</summary>
    public ScalarType? DType { get; init; }

    /// <summary>Where the weights go; null for the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>The tokenizer; null for the one in the model's folder, where there is one.</summary>
    public ITokenizer? Tokenizer { get; init; }

    /// <summary>Whether the folder's tokenizer is read; without it the model takes token ids only.</summary>
    public bool ReadTokenizer { get; init; } = true;

    /// <summary>What is done to the weights after reading; <see cref="WeightProcessing.None"/> leaves them as they were trained.</summary>
    public WeightProcessing Processing { get; init; } = WeightProcessing.None;

    /// <summary>
    /// Whether <c>pytorch_model.bin</c> (or its shards) is taken where there is no safetensors file. It is read by <see cref="PickledTensors"/>, which runs nothing
    /// of it; other programs that open the same file may.
    /// </summary>
    public bool AllowPickle { get; init; }

    /// <summary>Server, cache, token and progress for repositories of the hub; null for what the environment says.</summary>
    public HubOptions? Hub { get; init; }

    /// <summary>Families of your own, asked before the built-in ones.</summary>
    public ImmutableArray<IModelFamily> Families { get; init; } = [];
}
