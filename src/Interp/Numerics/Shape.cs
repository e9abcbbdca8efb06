namespace Interp;

using TorchSharp;

/// <summary>Named-shape checks at the public boundary.</summary>
/// <remarks>One instance binds names across several arguments: the same name must have the same length everywhere.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Shape
{
    private readonly Dictionary<string, long> bound = [];

    /// <summary>Checks one tensor against a shape such as <c>batch pos d_model</c>; a number must match exactly.</summary>
    /// <exception cref="ArgumentException">The shape is another one; the message holds both.</exception>
    public static void Check(torch.Tensor tensor, string axes, string name = "tensor") => new Shape().Bind(tensor, axes, name);

    /// <summary>Checks a tensor and remembers the lengths of its named axes.</summary>
    /// <exception cref="ArgumentException">The shape is another one, or a name has another length than before.</exception>
    public Shape Bind(torch.Tensor tensor, string axes, string name = "tensor")
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        var names = axes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var shape = tensor.shape;
        if (shape.Length != names.Length)
            throw new ArgumentException($"{name} has shape [{string.Join(", ", shape)}], wanted [{string.Join(", ", names)}].", name);
        for (var i = 0; i < names.Length; i++)
            BindAxis(names[i], shape[i], shape, names, name);
        return this;
    }

    /// <summary>The names that are bound, with their lengths.</summary>
    public override string ToString() => bound.Count == 0 ? "no names bound" : string.Join(", ", bound.Select(b => $"{b.Key} = {b.Value}"));

    private void BindAxis(string axis, long length, long[] shape, string[] names, string name)
    {
        var wanted = long.TryParse(axis, out var number) ? number : bound.GetValueOrDefault(axis, length);
        if (wanted != length)
            throw new ArgumentException(
                $"{name} has shape [{string.Join(", ", shape)}], wanted [{string.Join(", ", names)}] with {axis} = {wanted}.", name);
        bound[axis] = length;
    }
}
