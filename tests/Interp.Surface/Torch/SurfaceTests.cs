namespace Interp.Surface.Torch;

using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shouldly;
using Xunit;

/// <summary>The torch seam: the binding stays inside TorchSharp 0.106.0's surface, and the library compiles against all of it.</summary>
/// <remarks>The listing of that surface is optional data beside the checkout.</remarks>
[Trait("Tier", "unit")]
public sealed partial class SurfaceTests
{
    private static readonly Lazy<(IReadOnlyList<ListedType> Listed, CSharpCompilation Compiled)> Surface = new(() =>
    {
        var listed = Listing.Read(Checkout.Shared("reference", "torchsharp-api.txt"));
        return (listed, ReferenceAssembly.Compile(listed));
    });

    [SkippableFact]
    public void Reference_FromTheListing_CompilesWithEveryListedMember()
    {
        var (listed, compiled) = Reference();
        LibraryCompilation.Errors(compiled).ShouldBeEmpty();
        foreach (var type in listed)
        {
            var symbol = compiled.GetTypeByMetadataName(MetadataName(type)).ShouldNotBeNull(type.Key);
            // destructors count with the members here: the listing shows them
            var members = symbol
                .GetMembers()
                .Count(member =>
                    member is not INamedTypeSymbol
                    && !member.IsImplicitlyDeclared
                    && member.DeclaredAccessibility is not (Accessibility.Private or Accessibility.Internal)
                    && member
                        is not IMethodSymbol
                        {
                            MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.ExplicitInterfaceImplementation
                        }
                    && member.DeclaringSyntaxReferences.Any(reference => reference.SyntaxTree.FilePath == "TorchSharp.cs")
                );
            members.ShouldBe(type.Members.Count, type.Key);
        }
    }

    [SkippableFact]
    public void Binding_EveryPublicMember_IsInTheListing()
    {
        var (_, compiled) = Reference();
        var library = CSharpCompilation.Create(
            "reader",
            references: [.. LibraryCompilation.Framework, MetadataReference.CreateFromFile(LibraryCompilation.InterpTorch)]
        );
        var binding = (IAssemblySymbol)library.GetAssemblyOrModuleSymbol(library.References.Last())!;
        var theirs = SurfaceComparison.VisibleTypes(compiled.Assembly.GlobalNamespace).ToDictionary(type => type.ToDisplayString());
        var ours = SurfaceComparison.VisibleTypes(binding.GlobalNamespace).Where(InTorchSharp).ToArray();
        var outside = ours.SelectMany(type => SurfaceComparison.Outside(type, theirs.GetValueOrDefault(type.ToDisplayString()))).ToArray();
        var members = ours.Sum(type => SurfaceComparison.VisibleMembers(type).Count());
        Evidence.Record(
            "surface-subset",
            outside.Length == 0 && members > 0,
            $"{members} members of {ours.Length} types, {outside.Length} outside the listing"
        );
        outside.ShouldBeEmpty();
    }

    [SkippableFact]
    public void Library_OverTheWholeSurface_Compiles()
    {
        var (listed, compiled) = Reference();
        var library = LibraryCompilation.Create([compiled.ToMetadataReference()], "TORCH_PACKAGE");
        // an obsolete member is an error in the library's own build
        var errors = library
            .GetDiagnostics()
            .Where(d => d.Severity == DiagnosticSeverity.Error || d.Id is "CS0612" or "CS0618")
            .Select(LibraryCompilation.Describe)
            .ToArray();
        var files = Checkout.Sources(Checkout.Library).Count;
        Evidence.Record(
            "surface-compile",
            errors.Length == 0,
            $"{files} files against {listed.Sum(type => type.Members.Count)} signatures, {errors.Length} errors"
        );
        errors.ShouldBeEmpty();
    }

    private static (IReadOnlyList<ListedType> Listed, CSharpCompilation Compiled) Reference()
    {
        Checkout.Shared("reference", "torchsharp-api.txt");
        return Surface.Value;
    }

    private static bool InTorchSharp(INamedTypeSymbol type) =>
        type.ContainingNamespace.ToDisplayString() is var space
        && (space == "TorchSharp" || space.StartsWith("TorchSharp.", StringComparison.Ordinal));

    private static string MetadataName(ListedType type) =>
        type.Namespace
        + "."
        + string.Join('+', type.Path.Select(name => name.Contains('<') ? $"{name.Split('<')[0]}`{name.Count(c => c == ',') + 1}" : name));
}
