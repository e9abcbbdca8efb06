namespace Interp.Surface.Api;

using System.Text;
using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

/// <summary>Writes what an assembly offers to its users as text: types in order of their names, under each its members, one a line.</summary>
/// <remarks>
/// Left out is what follows from the rest: accessors, overrides, and the members that the compiler writes for records.
/// </remarks>
internal static class PublicApi
{
    private const SymbolDisplayMiscellaneousOptions Words =
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes
        | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
        | SymbolDisplayMiscellaneousOptions.AllowDefaultLiteral
        | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier;

    private static readonly SymbolDisplayFormat TypeName = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeVariance,
        miscellaneousOptions: Words
    );

    private static readonly SymbolDisplayFormat DeclaredType = TypeName
        .WithGenericsOptions(
            SymbolDisplayGenericsOptions.IncludeTypeParameters
                | SymbolDisplayGenericsOptions.IncludeVariance
                | SymbolDisplayGenericsOptions.IncludeTypeConstraints
        )
        .WithParameterOptions(Parameters)
        .AddMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType);

    private static readonly SymbolDisplayFormat Member = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeConstantValue
            | SymbolDisplayMemberOptions.IncludeRef,
        parameterOptions: Parameters,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: SymbolDisplayKindOptions.IncludeMemberKeyword,
        miscellaneousOptions: Words
    );

    private const SymbolDisplayParameterOptions Parameters =
        SymbolDisplayParameterOptions.IncludeType
        | SymbolDisplayParameterOptions.IncludeName
        | SymbolDisplayParameterOptions.IncludeDefaultValue
        | SymbolDisplayParameterOptions.IncludeParamsRefOut
        | SymbolDisplayParameterOptions.IncludeExtensionThis;

    /// <summary>The public API of a built assembly that stands beside this one.</summary>
    public static string Of(string assembly)
    {
        var reference = MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        var torch = MetadataReference.CreateFromFile(LibraryCompilation.InterpTorch);
        var references = LibraryCompilation.Framework.Append(reference).Append(assembly == "Interp.Torch" ? reference : torch).Distinct();
        var compilation = CSharpCompilation.Create("Reader", references: references);
        var symbol = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!;
        var text = new StringBuilder();
        foreach (var type in Types(symbol.GlobalNamespace).OrderBy(FullName, StringComparer.Ordinal))
            Write(type, text);
        return text.ToString();
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container) =>
        container
            .GetMembers()
            .OfType<INamespaceOrTypeSymbol>()
            .Where(member => member is INamespaceSymbol || Visible(member))
            .SelectMany(member => member is INamedTypeSymbol type ? Types(type).Prepend(type) : Types(member));

    private static string FullName(INamedTypeSymbol type) => $"{type.ContainingNamespace.ToDisplayString()}.{type.ToDisplayString(TypeName)}";

    private static void Write(INamedTypeSymbol type, StringBuilder text)
    {
        text.Append(text.Length == 0 ? "" : "\n").Append(Obsolete(type)).Append(Declaration(type)).Append('\n');
        if (type.TypeKind == TypeKind.Delegate)
            return;
        var members = type.GetMembers().Where(member => member is not ITypeSymbol && Visible(member) && Declared(member));
        var lines = members.Select(member => (member.Name, Line: Obsolete(member) + Display(member)));
        // an enum's members by value, the others by name
        var ordered =
            type.TypeKind == TypeKind.Enum
                ? lines.ToArray()
                : [.. lines.OrderBy(entry => entry.Name, StringComparer.Ordinal).ThenBy(entry => entry.Line, StringComparer.Ordinal)];
        foreach (var (_, line) in ordered)
            text.Append("  ").Append(line).Append('\n');
    }

    private static bool Visible(ISymbol symbol) =>
        symbol.DeclaredAccessibility
            is Accessibility.Public
                or Accessibility.Protected
                or Accessibility.ProtectedOrInternal;

    private static bool Declared(ISymbol member) =>
        !member.IsOverride
        && !member.IsImplicitlyDeclared
        && member
            is not IMethodSymbol
            {
                MethodKind: MethodKind.PropertyGet
                    or MethodKind.PropertySet
                    or MethodKind.EventAdd
                    or MethodKind.EventRemove
                    or MethodKind.Destructor
                    or MethodKind.StaticConstructor
            }
        && !Has(member is IPropertySymbol { GetMethod: { } get, Name: "EqualityContract" } ? get : member, "CompilerGeneratedAttribute")
        && member is not IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum, HasConstantValue: false };

    private static string Display(ISymbol member)
    {
        var display = member switch
        {
            IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } field => $"{field.Name} = {field.ConstantValue}",
            _ => member.ToDisplayString(Member),
        };
        var access = member.DeclaredAccessibility == Accessibility.Public ? "" : "protected ";
        return access + display;
    }

    private static string Declaration(INamedTypeSymbol type)
    {
        var name = $"{type.ContainingNamespace.ToDisplayString()}.{type.ToDisplayString(TypeName)}";
        var access = type.DeclaredAccessibility == Accessibility.Public ? "" : "protected ";
        if (type.TypeKind == TypeKind.Delegate)
            return $"{access}delegate {type.DelegateInvokeMethod!.ReturnType.ToDisplayString(TypeName)} {name}({ParametersOf(type)})";
        return $"{access}{Kind(type)} {name}{Bases(type)}{Constraints(type)}";
    }

    private static string ParametersOf(INamedTypeSymbol type) =>
        string.Join(", ", type.DelegateInvokeMethod!.Parameters.Select(parameter => parameter.ToDisplayString(Member)));

    private static string Kind(INamedTypeSymbol type) =>
        type.TypeKind switch
        {
            TypeKind.Enum => Has(type, "FlagsAttribute") ? "flags enum" : "enum",
            TypeKind.Interface => "interface",
            TypeKind.Struct => (type.IsReadOnly ? "readonly " : "") + (type.IsRefLikeType ? "ref " : "") + "struct",
            _ when type.IsStatic => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (type.IsRecord ? "record" : "class"),
        };

    private static string Bases(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum)
            return type.EnumUnderlyingType!.SpecialType == SpecialType.System_Int32 ? "" : $" : {type.EnumUnderlyingType}";
        var bases = type
            .Interfaces.Where(Visible)
            .Select(contract => contract.ToDisplayString(TypeName))
            .Where(contract => !type.IsRecord || !contract.StartsWith("IEquatable<", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (type.TypeKind == TypeKind.Class && type.BaseType is { SpecialType: not SpecialType.System_Object } parent)
            bases.Insert(0, parent.ToDisplayString(TypeName));
        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    // The compiler's own wording, which stands behind the name when the type is displayed with its constraints.
    private static string Constraints(INamedTypeSymbol type)
    {
        var display = type.ToDisplayString(DeclaredType);
        var at = display.IndexOf(" where ", StringComparison.Ordinal);
        return at < 0 ? "" : display[at..];
    }

    private static string Obsolete(ISymbol symbol) => Has(symbol, "ObsoleteAttribute") ? "[Obsolete] " : "";

    private static bool Has(ISymbol symbol, string attribute) => symbol.GetAttributes().Any(data => data.AttributeClass?.Name == attribute);
}
