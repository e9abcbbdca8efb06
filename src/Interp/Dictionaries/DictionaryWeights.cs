namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The tensors of a sparse dictionary. It owns them.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class DictionaryWeights : IDisposable
{
    /// <summary>W_enc, [d_in, width].</summary>
    public required Tensor Encoder { get; init; }

    /// <summary>b_enc, [width]; of a gated dictionary the gate's bias.</summary>
    public required Tensor EncoderBias { get; init; }

    /// <summary>W_dec, [width, d_out]: each latent's direction.</summary>
    public required Tensor Decoder { get; init; }

    /// <summary>b_dec, [d_out].</summary>
    public required Tensor DecoderBias { get; init; }

    /// <summary>A linear path beside the latents, [d_in, d_out]; null where there is none.</summary>
    public Tensor? Skip { get; init; }

    /// <summary>The activation rule's own weights by name, each [width].</summary>
    public IReadOnlyDictionary<string, Tensor> Latent { get; init; } = new Dictionary<string, Tensor>();

    /// <summary>All weights under SAELens's names: <c>W_enc</c>, <c>b_enc</c>, <c>W_dec</c>, <c>b_dec</c>, <c>W_skip</c>, then the rule's own.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Named()
    {
        yield return ("W_enc", Encoder);
        yield return ("b_enc", EncoderBias);
        yield return ("W_dec", Decoder);
        yield return ("b_dec", DecoderBias);
        if (Skip is not null)
            yield return ("W_skip", Skip);
        foreach (var (name, tensor) in Latent)
            yield return (name, tensor);
    }

    /// <summary>Frees them.</summary>
    public void Dispose()
    {
        foreach (var (_, tensor) in Named())
            tensor.Dispose();
    }

    /// <summary>The widths.</summary>
    public override string ToString() => $"weights {Encoder.shape[0]} -> {Encoder.shape[1]} -> {Decoder.shape[1]}";

    /// <summary>Other weights, each made from one of these by its name; they leave the current scope.</summary>
    internal DictionaryWeights Map(Func<string, Tensor, Tensor> make)
    {
        Tensor Made(string name, Tensor tensor)
        {
            var made = make(name, tensor);
            return (ReferenceEquals(made, tensor) ? made.clone() : made).DetachFromDisposeScope();
        }
        return new DictionaryWeights
        {
            Encoder = Made("W_enc", Encoder), EncoderBias = Made("b_enc", EncoderBias), Decoder = Made("W_dec", Decoder),
            DecoderBias = Made("b_dec", DecoderBias), Skip = Skip is null ? null : Made("W_skip", Skip),
            Latent = Latent.ToDictionary(pair => pair.Key, pair => Made(pair.Key, pair.Value)),
        };
    }

    internal void Check(DictionaryConfig config)
    {
        var shape = new Shape();
        shape.Bind(Encoder, $"{config.DIn} {config.Width}", "W_enc").Bind(EncoderBias, $"{config.Width}", "b_enc");
        shape.Bind(Decoder, $"{config.Width} {config.DOut}", "W_dec").Bind(DecoderBias, $"{config.DOut}", "b_dec");
        if (Skip is not null)
            shape.Bind(Skip, $"{config.DIn} {config.DOut}", "W_skip");
        var wanted = config.Activation.OwnWeights;
        if (!wanted.ToHashSet().SetEquals(Latent.Keys))
            throw new ArgumentException(
                $"A {config.Activation.Name} dictionary has its own weights [{string.Join(", ", wanted)}], given were [{string.Join(", ", Latent.Keys)}].");
        foreach (var (name, tensor) in Latent)
            shape.Bind(tensor, $"{config.Width}", name);
    }
}
