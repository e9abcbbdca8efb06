namespace Interp.Notebooks.Tests.Rendering;

using System.Reflection;
using System.Runtime.CompilerServices;
using Shouldly;
using Xunit;

/// <summary>What every public type says of itself.</summary>
[Trait("Tier", "unit")]
public sealed class PublicTypesTests
{
    /// <summary>As many numbers and names are read at a glance; a record of more, or of anything else, needs words of its own.</summary>
    private const int Glance = 8;

    private static IEnumerable<Type> Types => typeof(LabelledArray).Assembly.GetExportedTypes()
        .Where(type => !type.IsEnum && !type.IsInterface && !(type.IsAbstract && type.IsSealed) && !type.IsSubclassOf(typeof(Exception)) && !type.IsSubclassOf(typeof(Delegate)));

    [Fact]
    public void Types_OfTheLibrary_HaveWordsOfTheirOwn() =>
        Types.Where(type => !type.Name.EndsWith("Options", StringComparison.Ordinal) && !HasWords(type) && !IsShortRecord(type))
            .Select(type => type.Name).ShouldBeEmpty();

    [Fact]
    public void Types_WithWordsOfTheirOwn_ShowThemInNotebooks() =>
        Types.Where(type => type.Namespace == "Interp" && !type.Name.EndsWith("Options", StringComparison.Ordinal) && HasWords(type))
            .Where(type => !type.GetCustomAttributes(inherit: true).Any(a => a.GetType().Name == "TypeFormatterSourceAttribute"))
            .Select(type => type.Name).ShouldBeEmpty();

    [Fact]
    public void Words_OfEveryResult_AreShort()
    {
        using var results = new Results();
        foreach (var (name, value, _) in results.All().Where(r => r.Value is not (LabelledArray or LensTable or DirectionTokens)))
        {
            var words = value.ToString()!;
            words.Length.ShouldBeLessThan(400, $"{name}: {words}");
            words.ShouldNotContain("`1[", Case.Sensitive, name);
            words.ShouldNotContain("Interp.", Case.Sensitive, name);
        }
    }

    private static bool HasWords(Type type) => Words(type) is { } words && words.DeclaringType!.Assembly == typeof(LabelledArray).Assembly && !IsGenerated(words);

    private static bool IsShortRecord(Type type) => Words(type) is { } words && IsGenerated(words)
        && type.GetProperties(BindingFlags.Public | BindingFlags.Instance) is { Length: <= Glance } properties && properties.All(p => IsPlain(p.PropertyType));

    private static bool IsPlain(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain.IsPrimitive || plain.IsEnum || plain == typeof(string) || HasWords(plain));

    // Of an interface there are none.
    private static MethodInfo? Words(Type type) => type.GetMethod(nameof(ToString), Type.EmptyTypes);

    private static bool IsGenerated(MethodInfo method) => method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
