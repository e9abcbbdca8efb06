namespace Interp.Surface.Torch;

using System.Text;
using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

/// <summary>Compiles the listing into a reference assembly of TorchSharp: every signature, bodies that throw.</summary>
/// <remarks>
/// 1. Write the listed types (<see cref="ReferenceSource"/>).
/// 2. Compile; for each type name that does not resolve, add an empty type of that name and arity; repeat until all resolve.
/// 3. Add explicit implementations of the interface and abstract members that the listing does not show, because they are not public.
/// </remarks>
internal static class ReferenceAssembly
{
    private static readonly string[] Unresolved = ["CS0246", "CS0234", "CS0426", "CS0305", "CS0308"];

    public static CSharpCompilation Compile(IReadOnlyList<ListedType> types)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary).WithAllowUnsafe(true);
        var compilation = CSharpCompilation.Create(
            "TorchSharp",
            [CSharpSyntaxTree.ParseText(ReferenceSource.Write(types), parse, "TorchSharp.cs")],
            LibraryCompilation.Framework,
            options
        );
        var enums = ReferenceSource.UnlistedEnums(types);
        var stubs = new HashSet<Stub>();
        for (var round = 0; round < 8; round++)
        {
            var missing = MissingTypes(compilation).Where(stubs.Add).ToArray();
            if (missing.Length == 0)
                break;
            var source = string.Concat(missing.Select(stub => stub.Write(enums)));
            compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, parse, $"Stubs{round}.cs"));
        }
        return compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(Unlisted(compilation), parse, "Unlisted.cs"));
    }

    private static IEnumerable<Stub> MissingTypes(CSharpCompilation compilation)
    {
        foreach (var diagnostic in compilation.GetDeclarationDiagnostics().Where(d => Unresolved.Contains(d.Id)))
        {
            var tree = diagnostic.Location.SourceTree!;
            var node = tree.GetRoot().FindNode(diagnostic.Location.SourceSpan);
            if (node.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().FirstOrDefault() is not { } name)
                continue;
            var container =
                name.Parent is QualifiedNameSyntax qualified && qualified.Right == name
                    ? compilation.GetSemanticModel(tree).GetSymbolInfo(qualified.Left).Symbol as INamedTypeSymbol
                    : null;
            yield return new Stub(
                container?.ToDisplayString() ?? "",
                container?.ContainingNamespace.ToDisplayString() ?? "TorchSharp.Modules",
                name.Identifier.ValueText,
                name.Arity
            );
        }
    }

    // Interface members are often implemented explicitly, and so are not in a listing of public signatures.
    private static string Unlisted(CSharpCompilation compilation)
    {
        var source = new StringBuilder("#nullable enable annotations\n");
        foreach (var type in Types(compilation.Assembly.GlobalNamespace).Where(type => type.TypeKind is TypeKind.Class or TypeKind.Struct))
        {
            var members = type
                .AllInterfaces.Where(contract => type.BaseType?.AllInterfaces.Contains(contract, SymbolEqualityComparer.Default) != true)
                .SelectMany(contract => contract.GetMembers())
                .Where(member => member.IsAbstract && member is not IMethodSymbol { MethodKind: not MethodKind.Ordinary })
                .Where(member => type.FindImplementationForInterfaceMember(member) is null)
                .Select(Explicit)
                .Concat(UnimplementedAbstract(type).Select(Override));
            if (string.Concat(members.Distinct()) is { Length: > 0 } text)
                source.Append(Nesting.Wrap(type, text));
        }
        return source.ToString();
    }

    private static IEnumerable<ISymbol> UnimplementedAbstract(INamedTypeSymbol type)
    {
        if (type.IsAbstract)
            yield break;
        var overridden = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        for (var at = type; at is not null; at = at.BaseType)
            foreach (var member in at.GetMembers())
            {
                if (member is IMethodSymbol { OverriddenMethod: { } method })
                    overridden.Add(method.OriginalDefinition);
                if (member is IPropertySymbol { OverriddenProperty: { } property })
                    overridden.Add(property.OriginalDefinition);
                if (
                    member.IsAbstract
                    && member is IMethodSymbol { MethodKind: MethodKind.Ordinary } or IPropertySymbol { IsAbstract: true }
                    && !overridden.Contains(member.OriginalDefinition)
                )
                    yield return member;
            }
    }

    private static readonly SymbolDisplayFormat Signature = SymbolDisplayFormat
        .FullyQualifiedFormat.WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters)
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters)
        .WithParameterOptions(
            SymbolDisplayParameterOptions.IncludeName
                | SymbolDisplayParameterOptions.IncludeType
                | SymbolDisplayParameterOptions.IncludeParamsRefOut
        );

    private static string Explicit(ISymbol member)
    {
        var contract = member.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return member switch
        {
            IPropertySymbol { IsIndexer: true } p => $"{TypeOf(p.Type)} {contract}.this[{Parameters(p.Parameters)}] {Accessors(p)}\n",
            IPropertySymbol p => $"{TypeOf(p.Type)} {contract}.@{p.Name} {Accessors(p)}\n",
            IMethodSymbol m => $"{TypeOf(m.ReturnType)} {contract}.@{m.Name}({Parameters(m.Parameters)}) => throw null!;\n",
            _ => throw new InvalidDataException($"unexpected interface member {member}"),
        };
    }

    private static string Override(ISymbol member) =>
        member switch
        {
            IPropertySymbol p => $"public override {TypeOf(p.Type)} @{p.Name} {Accessors(p)}\n",
            IMethodSymbol m => $"public override {TypeOf(m.ReturnType)} @{m.Name}({Parameters(m.Parameters)}) => throw null!;\n",
            _ => throw new InvalidDataException($"unexpected abstract member {member}"),
        };

    private static string TypeOf(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    private static string Parameters(IEnumerable<IParameterSymbol> parameters) =>
        string.Join(", ", parameters.Select(parameter => parameter.ToDisplayString(Signature)));

    private static string Accessors(IPropertySymbol property) =>
        "{ "
        + (property.GetMethod is null ? "" : "get => throw null!; ")
        + (property.SetMethod is null ? "" : "set => throw null!; ")
        + "}";

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceSymbol space) =>
        space.GetTypeMembers().SelectMany(Nested).Concat(space.GetNamespaceMembers().SelectMany(Types));

    private static IEnumerable<INamedTypeSymbol> Nested(INamedTypeSymbol type) => type.GetTypeMembers().SelectMany(Nested).Prepend(type);
}
