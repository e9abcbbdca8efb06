namespace Interp.Surface.House;

using System.Text.RegularExpressions;
using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Shouldly;
using Xunit;

/// <summary>What every source file of the library keeps to.</summary>
[Trait("Tier", "unit")]
public sealed partial class SourcesTests
{
    private const int LongestFile = 500;
    private static readonly string Seam = Path.Combine("Numerics", "TorchSeam.cs");

    [Fact]
    public void Files_UnderSrc_HaveAtMost500Lines() =>
        Checkout
            .Sources(Path.Combine(Checkout.Root, "src"))
            .Select(file => (file, lines: File.ReadLines(file).Count()))
            .Where(entry => entry.lines > LongestFile)
            .Select(entry => $"{Path.GetRelativePath(Checkout.Root, entry.file)}: {entry.lines} lines")
            .ShouldBeEmpty();

    [Fact]
    public void ConditionalCompilation_InTheLibrary_StandsInTheSeamOnly() =>
        LibraryLines((file, line) => file != Seam && Conditional().IsMatch(line)).ShouldBeEmpty();

    [Fact]
    public void Sources_OfTheLibrary_HoldNoUnfinishedWork() => LibraryLines((_, line) => Unfinished().IsMatch(line)).ShouldBeEmpty();

    [Fact]
    public void PublicTypes_OfTheLibrary_AreInItsTwoNamespaces() =>
        PublicTypes(LibraryCompilation.OverSystemTorch.Assembly.GlobalNamespace)
            .Where(type => type.ContainingNamespace.ToDisplayString() is not ("Interp" or "Interp.Extending"))
            .Select(type => type.ToDisplayString())
            .ShouldBeEmpty();

    [Fact]
    public void PublicClasses_OfTheLibrary_AreAbstractOrSealed() =>
        PublicTypes(LibraryCompilation.OverSystemTorch.Assembly.GlobalNamespace)
            .Where(type => type is { TypeKind: TypeKind.Class, IsAbstract: false, IsSealed: false, IsStatic: false })
            .Select(type => type.ToDisplayString())
            .ShouldBeEmpty();

    [Fact]
    public void Files_OfTheLibrary_DeclareAtMostOnePublicType() =>
        PublicTypes(LibraryCompilation.OverSystemTorch.Assembly.GlobalNamespace)
            .SelectMany(type =>
                type.DeclaringSyntaxReferences.Select(reference => (file: reference.SyntaxTree.FilePath, type: type.ToDisplayString()))
            )
            .Distinct()
            .GroupBy(entry => entry.file)
            .Where(group => group.Count() > 1)
            .Select(group => $"{Path.GetRelativePath(Checkout.Library, group.Key)}: {string.Join(", ", group.Select(entry => entry.type))}")
            .ShouldBeEmpty();

    private static IEnumerable<string> LibraryLines(Func<string, string, bool> matches) =>
        from path in Checkout.Sources(Checkout.Library)
        let file = Path.GetRelativePath(Checkout.Library, path)
        from entry in File.ReadLines(path).Select((text, index) => (text, number: index + 1))
        where matches(file, entry.text)
        select $"{file}({entry.number}): {entry.text.Trim()}";

    private static IEnumerable<INamedTypeSymbol> PublicTypes(INamespaceSymbol space) =>
        space
            .GetTypeMembers()
            .Where(type => type.DeclaredAccessibility == Accessibility.Public)
            .Concat(space.GetNamespaceMembers().SelectMany(PublicTypes));

    [GeneratedRegex(@"^\s*#\s*(if|elif)\b")]
    private static partial Regex Conditional();

    [GeneratedRegex(@"\b(TODO|FIXME|NotImplementedException)\b")]
    private static partial Regex Unfinished();
}
