namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A file of activations to compare a model with.</summary>
internal sealed class ReferenceFile : IDisposable
{
    public const string Mark = "interp_reference";
    public const string Tokens = "tokens";
    public const string Logits = "logits";
    public const string Loss = "loss";

    private readonly SafetensorsFile file;
    private readonly HookName[] names;

    private ReferenceFile(SafetensorsFile file, HookedTransformer model)
    {
        this.file = file;
        if (!file.Contains(Tokens))
            throw Bad($"it holds no '{Tokens}': it is no reference. Make one with eng/make-reference.py");
        var known = model.HookNames.ToList();
        var held = file.Names.Where(name => name is not (Tokens or Logits or Loss)).ToHashSet(StringComparer.Ordinal);
        names = [.. known.Where(name => held.Remove(name.ToString()))];
        if (held.Count > 0)
            throw Bad($"'{held.Order(StringComparer.Ordinal).First()}' and {held.Count - 1} more of its arrays are no hook points of this model.{NearestName.Hint(held.Order(StringComparer.Ordinal).First(), known.Select(name => name.ToString()))} It is of another architecture or depth");
        Input = ReadTokens(model.Config);
        var types = file.Names.Where(name => name is not (Tokens or Loss)).Select(name => file.Entry(name).Type.Torch()).OfType<ScalarType>();
        DType = types.DefaultIfEmpty(ScalarType.Float32).MinBy(Digits);
    }

    /// <summary>The tokens that the reference ran.</summary>
    public RunInput Input { get; }

    /// <summary>The shortest type of its arrays.</summary>
    public ScalarType DType { get; }

    /// <summary>The hook points that it holds.</summary>
    public IEnumerable<Unit> Units => names.Select(name => (Unit)name);

    /// <summary>The file, and the model it is of where it says so.</summary>
    public string Title => $"'{file.Path}'{(file.Metadata.TryGetValue("model", out var model) ? $" of {model}" : "")}";

    public static ReferenceFile Open(string path, HookedTransformer model)
    {
        var file = SafetensorsFile.Open(path);
        try
        {
            return new ReferenceFile(file, model);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Every array of the file against the run's, in the order of the forward pass.</summary>
    public IEnumerable<SiteCheck> Checks(Run run, double tolerance)
    {
        foreach (var name in names)
            yield return Check(name.ToString(), run.Cache[name], tolerance);
        if (file.Contains(Logits))
            yield return Check(Logits, run.Logits, tolerance);
        if (file.Contains(Loss))
            yield return Check(Loss, tensor(run.Loss), tolerance);
    }

    public void Dispose() => file.Dispose();

    private SiteCheck Check(string name, Tensor ours, double tolerance)
    {
        using var scope = NewDisposeScope();
        var expected = file.Read(name);
        if (!expected.shape.SequenceEqual(ours.shape))
            throw Bad($"its '{name}' is [{string.Join(", ", expected.shape)}], and the model's is [{string.Join(", ", ours.shape)}]: it is of another model");
        return ArrayAgreement.Of(name, ours, expected, tolerance);
    }

    private RunInput ReadTokens(TransformerConfig config)
    {
        var entry = file.Entry(Tokens);
        if (entry.Shape is not [var batch, var length] || batch < 1 || length < 1)
            throw Bad($"its '{Tokens}' is [{string.Join(", ", entry.Shape)}], wanted [batch, pos]");
        var ids = entry.Type is SafetensorsType.Int64 or SafetensorsType.Int32 ? file.ReadLongs(Tokens) : throw Bad($"its '{Tokens}' are {entry.Type.WireName()}, wanted I64 or I32");
        foreach (var id in ids)
            if (id < 0 || id >= config.DVocab)
                throw Bad($"it runs the token {id}, and the model has {config.DVocab}: it is of another model");
        return length <= config.Context
            ? RunInput.Of(ids.Select(id => (int)id).Chunk((int)length))
            : throw Bad($"it runs {length} positions, and the model has {config.Context}: make a shorter one");
    }

    private static int Digits(ScalarType type) => type switch { ScalarType.BFloat16 => 8, ScalarType.Float16 => 11, ScalarType.Float32 => 24, _ => 53 };

    private InvalidDataException Bad(string fact) => new($"Reference '{file.Path}': {fact}.");
}
