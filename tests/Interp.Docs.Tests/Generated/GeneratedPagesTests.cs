namespace Interp.Docs.Tests.Generated;

using Interp.Docs.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>The tables of the docs that the code writes.</summary>
[Trait("Tier", "model")]
public sealed class GeneratedPagesTests
{
    [Fact]
    public void HookPoints_NamedSites_AreThoseOfTheVocabulary() => Check("hook-points.md", "sites", HookPointTables.Named());

    [Fact]
    public void HookPoints_OtherSites_AreThoseOfTheComponents() => Check("hook-points.md", "others", HookPointTables.Others());

    [Fact]
    public void HookPoints_OfDictionaries_AreThoseOfTheSplice() => Check("hook-points.md", "dictionaries", HookPointTables.OfDictionaries());

    [Fact]
    public void Models_Families_AreThoseOfTheRegistry() => Check("models.md", "families", FamilyTable.Rows());

    private static void Check(string page, string part, IEnumerable<string> lines)
    {
        var wanted = lines.ToArray();
        var difference = Record.Exception(() => GeneratedPart.ShouldBe(page, part, wanted));
        Evidence.Record("docs-generated", difference is null, $"{page}, {part}: {wanted.Length - 2} rows");
        difference.ShouldBeNull();
    }
}
