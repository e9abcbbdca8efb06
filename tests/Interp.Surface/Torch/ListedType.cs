namespace Interp.Surface.Torch;

/// <summary>One type of the listing: its header taken apart, and its member lines without their tags.</summary>
/// <param name="Modifiers">Everything before the name, e.g. <c>public static class</c>.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Path">Names from the outermost type to this one, type parameters included.</param>
/// <param name="Constraints">The <c>where</c> clause, or empty.</param>
/// <param name="Bases">Base class and interfaces as listed, or empty.</param>
/// <param name="Members">One signature a line.</param>
internal sealed record ListedType(
    string Modifiers,
    string Namespace,
    IReadOnlyList<string> Path,
    string Constraints,
    string Bases,
    List<string> Members
)
{
    /// <summary>The name of constructors: the type's own, without type parameters.</summary>
    public string SimpleName => Path[^1].Split('<')[0];

    /// <summary>The path as one key, e.g. <c>TorchSharp.torch.nn.Module&lt;T, TResult&gt;</c>.</summary>
    public string Key => Namespace + "." + string.Join('.', Path);

    public bool IsEnum => Modifiers.EndsWith("enum", StringComparison.Ordinal);

    public bool IsInterface => Modifiers.EndsWith("interface", StringComparison.Ordinal);

    public bool IsClass => Modifiers.EndsWith("class", StringComparison.Ordinal);

    public bool IsStatic => Modifiers.Contains("static", StringComparison.Ordinal);
}
