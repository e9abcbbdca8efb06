namespace Interp.Surface.House;

using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

/// <summary>Folders of <c>src/Interp</c> are floors: each uses those above it in the list, never those below.</summary>
[Trait("Tier", "unit")]
public sealed class FloorsTests
{
    private static readonly string[] Floors =
    [
        "Numerics",
        "Hooks",
        "Text",
        "Figures",
        "Model",
        "Loading",
        "Running",
        "Training",
        "Patching",
        "Attribution",
        "Circuits",
        "Lenses",
        "Analysis",
        "Probing",
        "Steering",
        "Dictionaries",
        "Tasks",
    ];

    [Fact]
    public void Library_Compiled_HasNoErrors() => LibraryCompilation.Errors(LibraryCompilation.OverSystemTorch).ShouldBeEmpty();

    [Fact]
    public void Folders_AllSources_AreFloors() =>
        Checkout
            .Sources(Checkout.Library)
            .Select(FolderOf)
            .Where(folder => folder.Length > 0 && !Floors.Contains(folder))
            .Distinct()
            .ShouldBeEmpty();

    [Fact]
    public void Uses_EveryFile_GoUpwardsOnly()
    {
        var compilation = LibraryCompilation.OverSystemTorch;
        var violations = compilation
            .SyntaxTrees.Where(tree => FloorOf(tree) >= 0)
            .SelectMany(tree => DownwardUses(tree, compilation.GetSemanticModel(tree)))
            .Distinct();
        violations.ShouldBeEmpty();
    }

    [Fact]
    public void PartialTypes_AllDeclarations_StandInOneFolder() =>
        Types(LibraryCompilation.OverSystemTorch.Assembly.GlobalNamespace)
            .Select(type => (type, folders: Folders(type).Distinct().ToArray()))
            .Where(entry => entry.folders.Length > 1)
            .Select(entry => $"{entry.type.Name} is declared in {string.Join(" and ", entry.folders)}")
            .ShouldBeEmpty();

    private static IEnumerable<string> DownwardUses(SyntaxTree tree, SemanticModel model)
    {
        var own = FloorOf(tree);
        foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (model.GetSymbolInfo(name).Symbol is not { } symbol || symbol is INamespaceSymbol)
                continue;
            var below = symbol
                .OriginalDefinition.DeclaringSyntaxReferences.Select(r => r.SyntaxTree)
                .Where(t => FloorOf(t) > own)
                .ToArray();
            if (below.Length > 0)
            {
                var line = name.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                var file = Path.GetRelativePath(Checkout.Library, tree.FilePath);
                yield return $"{file}({line}): {name} belongs to {FolderOf(below[0].FilePath)}, a floor below";
            }
        }
    }

    private static int FloorOf(SyntaxTree tree) => Array.IndexOf(Floors, FolderOf(tree.FilePath));

    // The first folder under src/Interp; empty for generated trees and for files that stand in src/Interp itself.
    private static string FolderOf(string file)
    {
        if (!file.StartsWith(Checkout.Library, StringComparison.Ordinal))
            return "";
        var parts = Path.GetRelativePath(Checkout.Library, file).Split('/', '\\');
        return parts.Length > 1 ? parts[0] : "";
    }

    private static IEnumerable<string> Folders(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Select(reference => FolderOf(reference.SyntaxTree.FilePath)).Where(folder => folder.Length > 0);

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceSymbol space) =>
        space.GetTypeMembers().Concat(space.GetNamespaceMembers().SelectMany(Types));
}
