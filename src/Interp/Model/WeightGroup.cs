namespace Interp;

using TorchSharp;

/// <summary>Tensors that belong together and are freed together.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public abstract class WeightGroup : IDisposable
{
    /// <summary>Every tensor that is there, with its name inside the group.</summary>
    public abstract IEnumerable<(string Name, torch.Tensor Tensor)> Tensors();

    /// <summary>Frees the tensors. Storage that another model shares lives on.</summary>
    public void Dispose()
    {
        foreach (var (_, tensor) in Tensors())
            tensor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>How many tensors and numbers it holds.</summary>
    public override string ToString() => $"{GetType().Name}: {Tensors().Count()} tensors, {Tensors().Sum(t => t.Tensor.NumberOfElements)} numbers";

    /// <summary>The pairs whose tensor is not null.</summary>
    protected static IEnumerable<(string Name, torch.Tensor Tensor)> Present(params (string Name, torch.Tensor? Tensor)[] entries) =>
        entries.Where(e => e.Tensor is not null).Select(e => (e.Name, e.Tensor!));

    /// <summary>The tensors of a group that may be absent, with a prefix before their names.</summary>
    protected static IEnumerable<(string Name, torch.Tensor Tensor)> Within(string prefix, WeightGroup? group) =>
        group is null ? [] : group.Tensors().Select(t => (prefix + t.Name, t.Tensor));

    /// <summary>Maps a tensor that may be absent.</summary>
    protected static torch.Tensor? Map(torch.Tensor? tensor, Func<torch.Tensor, torch.Tensor> map) => tensor is null ? null : map(tensor);
}
