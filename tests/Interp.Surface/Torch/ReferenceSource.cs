namespace Interp.Surface.Torch;

using System.Text;
using System.Text.RegularExpressions;

/// <summary>The C# source of a reference assembly with every listed signature.</summary>
internal static class ReferenceSource
{
    private const string Usings = """
        #nullable enable annotations
        using System; using System.Collections; using System.Collections.Generic; using System.Globalization; using System.IO;
        using System.Numerics; using System.Threading; using System.Threading.Tasks;
        using TorchSharp; using TorchSharp.Modules; using TorchSharp.Utils;
        namespace TorchSharp.Modules { } namespace TorchSharp.Utils { }

        """;

    // Types that the listing leaves out but derives listed ones from.
    private const string Bases = """
        namespace TorchSharp.Modules
        {
            public abstract class Loss<T1, T2, TResult> : torch.nn.Module<T1, T2, TResult> { internal Loss() { } }
            public abstract class WeightedLoss<T1, T2, TResult> : Loss<T1, T2, TResult> { internal WeightedLoss() { } }
        }
        namespace TorchSharp
        {
            partial class torch { partial class nn {
                public abstract class Module<T1, T2, T3, T4, T5, T6, TResult> : torch.nn.Module
                {
                    internal Module() { }
                    public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6);
                }
            } }
        }

        """;

    public static string Write(IReadOnlyList<ListedType> types)
    {
        var source = new StringBuilder(Usings).Append(Bases);
        var listed = types.Select(type => type.Key).ToHashSet();
        foreach (var type in types)
            Append(source, type with { Members = [.. type.Members.Select(member => Unshadow(member, type, types))] }, listed);
        return source.ToString();
    }

    // The listing leaves TorchSharp.Modules out; where a nested type has the same name (Adam.ParamGroup), the plain one must say it.
    private static string Unshadow(string member, ListedType type, IReadOnlyList<ListedType> types)
    {
        foreach (
            var nested in types.Where(other =>
                other.Path.Count == type.Path.Count + 1 && other.Key.StartsWith(type.Key + ".", StringComparison.Ordinal)
            )
        )
            if (types.Any(other => other.Key == "TorchSharp.Modules." + nested.Path[^1]))
                member = Regex.Replace(member, $@"(?<![\w.]){nested.SimpleName}(?![\w(])", "TorchSharp.Modules." + nested.SimpleName);
        return member;
    }

    /// <summary>Enums that signatures name but the listing does not have, with the members that stand as defaults.</summary>
    public static IReadOnlyDictionary<string, string[]> UnlistedEnums(IReadOnlyList<ListedType> types) =>
        types
            .SelectMany(type => type.Members)
            .SelectMany(MemberWriter.EnumDefaults)
            .Distinct()
            .GroupBy(pair => pair.Type.Split('.')[^1], pair => pair.Member)
            .Where(group => !types.Any(type => type.IsEnum && type.SimpleName == group.Key))
            .ToDictionary(group => group.Key, group => group.ToArray());

    private static void Append(StringBuilder source, ListedType type, HashSet<string> listed)
    {
        source.Append($"namespace {type.Namespace}\n{{\n");
        for (var i = 0; i < type.Path.Count - 1; i++)
        {
            var outer = type.Namespace + "." + string.Join('.', type.Path.Take(i + 1));
            source.Append(listed.Contains(outer) ? "partial class " : "public static partial class ").Append(type.Path[i]).Append(" {\n");
        }
        AppendType(source, type);
        source.Append('}', type.Path.Count).Append("\n\n");
    }

    private static void AppendType(StringBuilder source, ListedType type)
    {
        var words = type.Modifiers.Split(' ');
        var modifiers = type.IsEnum ? type.Modifiers : $"{string.Join(' ', words[..^1])} partial {words[^1]}";
        source.Append($"{modifiers} {type.Path[^1]}");
        if (type.Bases.Length > 0)
            source.Append($" : {type.Bases}");
        if (type.Constraints.Length > 0)
            source.Append($" {type.Constraints}");
        source.Append("\n{\n");
        foreach (var member in type.Members)
            source
                .Append("    ")
                .Append(type.IsEnum ? MemberWriter.WriteEnum(member) + "," : MemberWriter.Write(member, type))
                .Append('\n');
        // no public constructor unless the listing has one
        if (type.IsClass && !type.IsStatic && !type.Members.Any(member => MemberWriter.IsDefaultConstructor(member, type)))
            source.Append($"    internal {type.SimpleName}() {{ }}\n");
        source.Append("}\n");
    }
}
