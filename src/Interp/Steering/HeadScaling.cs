namespace Interp;

using System.Collections.Immutable;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>For some attention heads, a vector that their output z is multiplied by, channel by channel. An immutable value without native memory.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class HeadScaling
{
    private const string Format = "interp.head-scaling/1";
    private readonly ImmutableSortedDictionary<(int Layer, int Head), ImmutableArray<double>> vectors;

    private HeadScaling(ImmutableSortedDictionary<(int Layer, int Head), ImmutableArray<double>> vectors) => this.vectors = vectors;

    /// <summary>The heads that are scaled.</summary>
    public IReadOnlyList<(int Layer, int Head)> Heads => [.. vectors.Keys];

    /// <summary>A head's vector, [d_head]; ones for a head that is not scaled would change nothing.</summary>
    /// <exception cref="KeyNotFoundException">The head is not scaled.</exception>
    public ImmutableArray<double> this[int layer, int head] => vectors.TryGetValue((layer, head), out var vector)
        ? vector
        : throw new KeyNotFoundException($"Head {head} of layer {layer} is not scaled. Scaled are: {string.Join(", ", vectors.Keys.Select(k => $"{k.Layer}.{k.Head}"))}.");

    /// <summary>Vectors of one number for some heads; 1 is where training starts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="heads">Units of z narrowed to heads, such as <c>Z[2].Head(6)</c>.</param>
    /// <param name="value">The number in every channel.</param>
    /// <exception cref="ArgumentException">A unit is not of z, or is narrowed along another axis; a head or layer does not exist.</exception>
    public static HeadScaling Of(HookedTransformer model, IEnumerable<Unit> heads, double value = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        var scaling = new HeadScaling(ImmutableSortedDictionary<(int, int), ImmutableArray<double>>.Empty);
        foreach (var unit in heads)
        {
            if (unit.Site != Sites.Z || !unit.Along("pos").IsAll || !unit.Along("d_head").IsAll)
                throw new ArgumentException($"{unit} is no set of heads: give units like Z[2].Head(6), with all positions and channels.", nameof(heads));
            foreach (var name in HookBinding.Names(model, unit))
                foreach (var head in unit.Along("head").Resolve(model.Config.Heads, "head"))
                    scaling = scaling.With(name.Layer, head, Enumerable.Repeat(value, model.Config.DHead));
        }
        return scaling.vectors.IsEmpty ? throw new ArgumentException("There is no head to scale.", nameof(heads)) : scaling;
    }

    /// <summary>The same vectors with one set.</summary>
    /// <param name="layer">The block.</param>
    /// <param name="head">The query head.</param>
    /// <param name="values">[d_head].</param>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public HeadScaling With(int layer, int head, IEnumerable<double> values)
    {
        ImmutableArray<double> vector = [.. values];
        return vector.All(double.IsFinite)
            ? new HeadScaling(vectors.SetItem((layer, head), vector))
            : throw new ArgumentException($"The vector of head {head} of layer {layer} holds NaN or infinite values.", nameof(values));
    }

    /// <summary>Writes the vectors to a safetensors file; <see cref="Load"/> gives them back bit for bit.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var scope = NewDisposeScope();
        var named = vectors.Select(v => (string.Create(CultureInfo.InvariantCulture, $"{v.Key.Layer}.{v.Key.Head}"), tensor(v.Value.ToArray(), dtype: ScalarType.Float64)));
        Safetensors.Write(path, named, new Dictionary<string, string> { ["format"] = Format });
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file holds no scaling vectors.</exception>
    public static HeadScaling Load(string path)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new InvalidDataException($"'{path}' holds no scaling vectors: its format is '{file.Metadata.GetValueOrDefault("format")}', expected '{Format}'.");
        var scaling = new HeadScaling(ImmutableSortedDictionary<(int, int), ImmutableArray<double>>.Empty);
        foreach (var name in file.Names)
            scaling = name.Split('.') is [var layer, var head] && int.TryParse(layer, out var l) && int.TryParse(head, out var h)
                ? scaling.With(l, h, file.Read(name).Doubles())
                : throw new InvalidDataException($"'{path}' holds '{name}', expected names like 2.6 for layer 2, head 6.");
        return scaling;
    }

    /// <summary>Which heads are scaled.</summary>
    public override string ToString() => $"scaling of heads {string.Join(", ", vectors.Keys.Select(k => $"{k.Layer}.{k.Head}"))}";

    /// <summary>What z is multiplied by in each layer that has scaled heads, [head, d_head] flat, ones where nothing changes.</summary>
    /// <exception cref="ArgumentException">A head does not exist in the model, or its vector has another length.</exception>
    internal IEnumerable<(int Layer, double[] Factors)> ByLayer(TransformerConfig config)
    {
        foreach (var layer in vectors.GroupBy(v => v.Key.Layer))
        {
            var factors = Enumerable.Repeat(1.0, config.Heads * config.DHead).ToArray();
            foreach (var ((l, head), vector) in layer)
            {
                if (l < 0 || l >= config.Layers || head < 0 || head >= config.Heads || vector.Length != config.DHead)
                    throw new ArgumentException(
                        $"{config.ModelName} has {config.Layers} layers of {config.Heads} heads of {config.DHead} channels: there is no head {head} in layer {l} for a vector of {vector.Length}.");
                vector.CopyTo(factors, head * config.DHead);
            }
            yield return (layer.Key, factors);
        }
    }
}
