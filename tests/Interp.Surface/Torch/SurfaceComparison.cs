namespace Interp.Surface.Torch;

using Microsoft.CodeAnalysis;

/// <summary>Compares the visible types and members of one assembly with those of another, signature for signature.</summary>
/// <remarks>Compared: names, parameter names, types and defaults, tuple names, return types, protected, static, abstract, virtual,
/// accessors, constants, bases.
/// Not compared: nullability of reference types, attributes, and overrides of members that are themselves compared.</remarks>
internal static class SurfaceComparison
{
    private static readonly SymbolDisplayFormat Format = new(
        globalNamespaceStyle: SymbolDisplayGlobalNamespaceStyle.Omitted,
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeRef
            | SymbolDisplayMemberOptions.IncludeConstantValue,
        parameterOptions: SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeType
            | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.NameOnly,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
    );

    /// <summary>The visible types of a namespace and everything in it, nested ones too.</summary>
    public static IEnumerable<INamedTypeSymbol> VisibleTypes(INamespaceSymbol space) =>
        space.GetTypeMembers().SelectMany(VisibleTypes).Concat(space.GetNamespaceMembers().SelectMany(VisibleTypes));

    /// <summary>The visible members of a type, types left out.</summary>
    public static IEnumerable<ISymbol> VisibleMembers(INamedTypeSymbol type) =>
        type.GetMembers().Where(member => IsVisible(member) && member is not INamedTypeSymbol && !IsPart(member));

    /// <summary>What <paramref name="ours"/> has and <paramref name="theirs"/> has not, one line each.</summary>
    public static IEnumerable<string> Outside(INamedTypeSymbol ours, INamedTypeSymbol? theirs)
    {
        var name = ours.ToDisplayString(Format);
        if (theirs is null)
            return [$"{name}: no such type"];
        var differences = new List<string>();
        if (Kind(ours) != Kind(theirs))
            differences.Add($"{name}: {Kind(ours)} instead of {Kind(theirs)}");
        if (ours.BaseType?.ToDisplayString(Format) != theirs.BaseType?.ToDisplayString(Format))
            differences.Add($"{name}: derives from {ours.BaseType} instead of {theirs.BaseType}");
        var contracts = theirs.AllInterfaces.Select(contract => contract.ToDisplayString(Format)).ToHashSet();
        differences.AddRange(
            ours.AllInterfaces.Select(contract => contract.ToDisplayString(Format))
                .Where(contract => !contracts.Contains(contract))
                .Select(contract => $"{name}: implements {contract}")
        );
        var listed = VisibleMembers(theirs).SelectMany(Signatures).ToHashSet();
        differences.AddRange(
            VisibleMembers(ours)
                .Where(member => !IsInheritedAnyway(member))
                .SelectMany(Signatures)
                .Where(signature => !listed.Contains(signature))
                .Select(signature => $"{name}: {signature}")
        );
        return differences;
    }

    private static IEnumerable<INamedTypeSymbol> VisibleTypes(INamedTypeSymbol type) =>
        IsVisible(type) ? type.GetTypeMembers().SelectMany(VisibleTypes).Prepend(type) : [];

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public
        || (
            symbol.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal
            && symbol.ContainingType?.IsSealed == false
        );

    // Accessors belong to their property; destructors and the constructor every struct has are no choice of anybody's.
    private static bool IsPart(ISymbol member) =>
        member switch
        {
            IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.Destructor } => true,
            IMethodSymbol { MethodKind: MethodKind.Constructor, IsImplicitlyDeclared: true, ContainingType.IsValueType: true } => true,
            IFieldSymbol { Name: "value__" } => true,
            _ => false,
        };

    // An override adds nothing to what can be called.
    private static bool IsInheritedAnyway(ISymbol member) => member.IsOverride;

    private static string Kind(INamedTypeSymbol type) =>
        (
            type.IsStatic ? "static "
            : type.IsSealed && type.TypeKind == TypeKind.Class ? "sealed "
            : type.IsAbstract && type.TypeKind == TypeKind.Class ? "abstract "
            : ""
        )
        + type.TypeKind.ToString().ToLowerInvariant()
        + (type.EnumUnderlyingType is { } underlying ? " of " + underlying : "");

    private static IEnumerable<string> Signatures(ISymbol member)
    {
        var text =
            (member.DeclaredAccessibility == Accessibility.Public ? "" : "protected ")
            + (member.IsStatic ? "static " : "")
            + (
                member.IsAbstract ? "abstract "
                : member.IsVirtual ? "virtual "
                : ""
            )
            + member.ToDisplayString(Format);
        if (member is not IPropertySymbol property)
            return [text];
        var accessors = new List<string>();
        if (property.GetMethod is { } get && IsVisible(get))
            accessors.Add(text + " { get }");
        if (property.SetMethod is { } set && IsVisible(set))
            accessors.Add(text + (set.IsInitOnly ? " { init }" : " { set }"));
        return accessors;
    }
}
