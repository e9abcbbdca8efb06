namespace Interp.Surface.Torch;

using Microsoft.CodeAnalysis;

/// <summary>Writes members into a further part of a type, however deeply it is nested.</summary>
internal static class Nesting
{
    public static string Wrap(INamedTypeSymbol type, string members)
    {
        var path = new Stack<INamedTypeSymbol>();
        for (var at = type; at is not null; at = at.ContainingType)
            path.Push(at);
        var open = string.Concat(path.Select(at => $"partial {(at.TypeKind == TypeKind.Struct ? "struct" : "class")} {Name(at)} {{\n"));
        return $"namespace {type.ContainingNamespace.ToDisplayString()} {{\n{open}{members}{new string('}', path.Count + 1)}\n";
    }

    private static string Name(INamedTypeSymbol type) =>
        type.TypeParameters.Length == 0 ? type.Name : $"{type.Name}<{string.Join(", ", type.TypeParameters.Select(p => p.Name))}>";
}
