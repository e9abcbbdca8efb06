namespace Interp.Surface.Torch;

/// <summary>A type that listed signatures name but the listing does not describe.</summary>
/// <param name="Container">The full name of the type it is nested in, or empty.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arity">The number of its type parameters.</param>
internal sealed record Stub(string Container, string Namespace, string Name, int Arity)
{
    /// <summary>An empty type of that name; an enum when <paramref name="enums"/> knows members of it.</summary>
    public string Write(IReadOnlyDictionary<string, string[]> enums)
    {
        var outer = Container.Length == 0 ? [] : Brackets.Split(Container[(Namespace.Length + 1)..], '.');
        var parameters = Arity == 0 ? "" : $"<{string.Join(", ", Enumerable.Range(1, Arity).Select(i => $"T{i}"))}>";
        return $"namespace {Namespace} {{ {string.Concat(outer.Select(name => $"partial class {name} {{ "))}"
            + Declaration(parameters, enums)
            + new string('}', outer.Count + 1)
            + "\n";
    }

    private string Declaration(string parameters, IReadOnlyDictionary<string, string[]> enums)
    {
        if (enums.TryGetValue(Name, out var members))
            return $"public enum {Name} {{ {string.Join(", ", members.Select(member => "@" + member))} }} ";
        if (Name.Length > 1 && Name[0] == 'I' && char.IsUpper(Name[1]))
            return $"public partial interface {Name}{parameters} {{ }} ";
        // options of optimisers stand as type arguments that must derive from the common ones
        var bases = Name == "Options" ? " : TorchSharp.Modules.OptimizerOptions" : "";
        return $"public partial class {Name}{parameters}{bases} {{ internal {Name}() {{ }} }} ";
    }
}
