namespace Interp;

using static TorchSharp.torch;

/// <summary>The parts of a loss, each as it enters the sum.</summary>
internal sealed class LossTerms
{
    private readonly List<(string Name, Tensor Value)> terms = [];

    /// <summary>The parts by name.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts => terms;

    /// <summary>Their sum.</summary>
    public Tensor Total => terms.Select(t => t.Value).Aggregate((a, b) => a + b);

    public LossTerms Add(string name, Tensor value)
    {
        terms.Add((name, value));
        return this;
    }
}
